//! Who may log in, and the forms with which an administrator invites people and changes what they may do.

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, Kind, summary};
use crate::parts::text::{facts, foreign};
use crate::parts::time::{ago_or, stamp, until};

pub mod fields {
    pub const NAME: &str = "name";
    pub const ROLE: &str = "role";
    pub const ORDER: &str = "order";
}

/// Roles with what they may do.
pub const ROLES: [(&str, &str); 4] = [
    ("viewer", "sees the mesh"),
    ("operator", "also acts on devices"),
    ("admin", "also decides who may do what"),
    (
        "auditor",
        "sees all, the audit log included, and changes nothing",
    ),
];

#[derive(Debug, Clone)]
pub struct PeopleView {
    pub people: Vec<PersonRow>,
}

#[derive(Debug, Clone)]
pub struct PersonRow {
    pub name: String,
    pub role: String,
    pub state: PersonState,
    pub second_factor: bool,
    pub sessions: usize,
    pub last_seen_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    Active,
    Disabled,
    Invited,
}

#[derive(Debug, Clone, Default)]
pub struct InviteView {
    pub name: Field,
    pub role: Field,
}

/// A link that is shown this once.
#[derive(Debug, Clone)]
pub struct LinkView {
    pub name: String,
    /// The role of the account that it makes; nothing where it opens one that is there.
    pub role: Option<String>,
    pub url: String,
    pub expires_ms: u64,
}

impl PersonState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Disabled => "Disabled",
            Self::Invited => "Invited, link not used yet",
        }
    }
}

fn head(title: &str) -> Head<'_> {
    Head {
        title,
        nav: None,
        liveness: Liveness::Still,
    }
}

pub fn page(shell: &Shell, view: &PeopleView) -> Markup {
    let actions = html! {
        @if shell.may_govern() { a.button.primary href=(links::person_new()) { "Invite" } }
    };
    let body = html! {
        (heading(&html! { "People" }, &actions))
        section.card {
            div.table-scroll tabindex="0" role="region" aria-label="People" {
                table.cards {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "State" } th scope="col" { "Code" }
                        th scope="col" { "Sessions" } th scope="col" { "Last seen" }
                        @if shell.may_govern() { th scope="col" { "Change" } } } }
                    tbody { @for (number, person) in view.people.iter().enumerate() { (row(shell, number, person)) } }
                }
            }
            p.quiet { "Whoever gets another role logs in again. An account that is disabled or removed is out at once, with its tokens." }
        }
        (roles())
    };
    shell_page(shell, &head("People"), &body)
}

fn row(shell: &Shell, number: usize, person: &PersonRow) -> Markup {
    html! {
        tr {
            th scope="row" { (foreign(&person.name)) }
            td data-label="Role" { (person.role) }
            td data-label="State" { (person.state.word()) }
            td data-label="Code" { @if person.second_factor { "asked for" } @else { span.quiet { "not asked for" } } }
            td data-label="Sessions" { (person.sessions) }
            td data-label="Last seen" { (ago_or(shell.now_ms, person.last_seen_ms, "never")) }
            @if shell.may_govern() { td data-label="Change" { (orders(number, person)) } }
        }
    }
}

fn orders(number: usize, person: &PersonRow) -> Markup {
    let to = links::person(&person.name);
    let order = |word: &str, label: &str, bad: bool| {
        html! { button.danger[bad] name=(fields::ORDER) value=(word) { (label) } }
    };
    html! {
        details {
            summary { "Change " (foreign(&person.name)) }
            @if person.state == PersonState::Invited {
                form method="post" action=(to) { (order("uninvite", "Take the invitation back", true)) }
            } @else {
                form.steps-form method="post" action=(to) {
                    @let id = format!("role-{number}");
                    div.field {
                        label for=(id) { "Role" }
                        select id=(id) name=(fields::ROLE) {
                            @for (role, _) in ROLES { option value=(role) selected[role == person.role] { (role) } }
                        }
                    }
                    (order("role", "Change role", false))
                }
                form method="post" action=(to) {
                    (order("reset", "New password by link", false))
                    @if person.second_factor { (order("forget-code", "Ask for no code", false)) }
                    @if person.state == PersonState::Disabled { (order("enable", "Enable", false)) }
                    @else { (order("disable", "Disable", true)) }
                    (order("remove", "Remove", true))
                }
            }
        }
    }
}

fn roles() -> Markup {
    html! {
        section.card {
            h2 { "Roles" }
            (facts(ROLES.map(|(role, may)| (role, html! { (may) }))))
        }
    }
}

pub fn invite_page(shell: &Shell, view: &InviteView) -> Markup {
    let name = Input::text(fields::NAME, "Name")
        .hint("The name to log in with. It cannot be changed later.");
    let body = html! {
        section.card.narrow {
            h1 { "Invite somebody" }
            p { "You get a link to hand over. It works once, for three days; whoever opens it chooses a password." }
            (summary(&[(fields::NAME, &view.name), (fields::ROLE, &view.role)]))
            form method="post" action=(links::people()) {
                (name.render(&view.name))
                div.field {
                    label for=(fields::ROLE) { "Role" }
                    select id=(fields::ROLE) name=(fields::ROLE) {
                        @for (role, may) in ROLES { option value=(role) selected[role == view.role.value] { (role) ": " (may) } }
                    }
                    @if let Some(error) = &view.role.error { p.error { (error) } }
                }
                button.primary.wide { "Make the link" }
            }
        }
    };
    shell_page(shell, &head("Invite somebody"), &body)
}

pub fn link_page(shell: &Shell, view: &LinkView) -> Markup {
    let body = html! {
        section.card {
            h1 { "Link for " (foreign(&view.name)) }
            @match &view.role {
                Some(role) => p { "Hand it over yourself: whoever opens it first becomes " (foreign(&view.name)) ", " (role) "." },
                None => p { "Hand it over yourself: whoever opens it first chooses the password of " (foreign(&view.name)) "." },
            }
            div.copy {
                pre #link tabindex="0" aria-label="Link" { code { (view.url) } }
                button type="button" data-copy="link" hidden { "Copy" }
            }
            p.quiet { "It is shown this once, works once, and expires " (until(shell.now_ms, view.expires_ms)) ", at " (stamp(view.expires_ms)) " UTC." }
            p { a.button href=(links::people()) { "People" } }
        }
    };
    shell_page(shell, &head("Link"), &body)
}

/// The password field that several pages share.
pub(crate) fn new_password(name: &'static str, label: &'static str) -> Input<'static> {
    Input::text(name, label)
        .kind(Kind::NewPassword {
            min_length: super::setup::MIN_PASSWORD_LENGTH,
        })
        .hint("At least 15 characters. A few unrelated words work well; pasting is fine.")
}
