//! Who may log in, and the forms with which an administrator invites people and changes what they may do.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, Kind, summary};
use crate::parts::sentence::{among, sentence};
use crate::parts::text::{facts, foreign};
use crate::parts::time::{ago_or, stamp, until};

pub mod fields {
    pub const NAME: &str = "name";
    pub const ROLE: &str = "role";
    pub const ORDER: &str = "order";
}

/// Roles with what they may do.
pub fn roles() -> [(&'static str, &'static str); 4] {
    [
        ("viewer", say!("sees the mesh")),
        ("operator", say!("also acts on devices")),
        ("admin", say!("also decides who may do what")),
        (
            "auditor",
            say!("sees all, the audit log included, and changes nothing"),
        ),
    ]
}

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
    pub passkeys: usize,
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
            Self::Active => say!("account|Active"),
            Self::Disabled => say!("account|Disabled"),
            Self::Invited => say!("Invited, link not used yet"),
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
        @if shell.may_govern() { a.button.primary href=(links::person_new()) { (say!("Invite")) } }
    };
    let body = html! {
        (heading(&html! { (say!("People")) }, &actions))
        section.card {
            div.table-scroll tabindex="0" role="region" aria-label=(say!("People")) {
                table.cards {
                    thead { tr { th scope="col" { (say!("Name")) } th scope="col" { (say!("Role")) } th scope="col" { (say!("State")) } th scope="col" { (say!("Code")) } th scope="col" { (say!("Passkeys")) }
                        th scope="col" { (say!("Sessions")) } th scope="col" { (say!("Last seen")) }
                        @if shell.may_govern() { th scope="col" { (say!("people|Change")) } } } }
                    tbody { @for (number, person) in view.people.iter().enumerate() { (row(shell, number, person)) } }
                }
            }
            p.quiet { (say!("Whoever gets another role logs in again. An account that is disabled or removed is out at once, with its tokens.")) }
        }
        (explained())
    };
    shell_page(shell, &head(say!("People")), &body)
}

fn row(shell: &Shell, number: usize, person: &PersonRow) -> Markup {
    html! {
        tr {
            th scope="row" { (foreign(&person.name)) }
            td data-label=(say!("Role")) { (role_word(&person.role)) }
            td data-label=(say!("State")) { (person.state.word()) }
            td data-label=(say!("Code")) { @if person.second_factor { (say!("code|asked for")) } @else { span.quiet { (say!("code|not asked for")) } } }
            td data-label=(say!("Passkeys")) { (person.passkeys) }
            td data-label=(say!("Sessions")) { (person.sessions) }
            td data-label=(say!("Last seen")) { (ago_or(shell.now_ms, person.last_seen_ms, say!("never"))) }
            @if shell.may_govern() { td data-label=(say!("people|Change")) { (orders(number, person)) } }
        }
    }
}

/// A role, as forms and programs name it.
pub fn role_word(word: &str) -> &str {
    among!(word; "viewer" as "role|viewer", "operator" as "role|operator", "admin" as "role|admin", "auditor" as "role|auditor")
}

fn orders(number: usize, person: &PersonRow) -> Markup {
    let to = links::person(&person.name);
    let order = |word: &str, label: &str, bad: bool| {
        html! { button.danger[bad] name=(fields::ORDER) value=(word) { (label) } }
    };
    html! {
        details {
            summary { (sentence!("Change {name}", name = foreign(&person.name))) }
            @if person.state == PersonState::Invited {
                form method="post" action=(to) { (order("uninvite", say!("Take the invitation back"), true)) }
            } @else {
                form.steps-form method="post" action=(to) {
                    @let id = format!("role-{number}");
                    div.field {
                        label for=(id) { (say!("Role")) }
                        select id=(id) name=(fields::ROLE) {
                            @for (role, _) in roles() { option value=(role) selected[role == person.role] { (role_word(role)) } }
                        }
                    }
                    (order("role", say!("Change role"), false))
                }
                form method="post" action=(to) {
                    (order("reset", say!("New password by link"), false))
                    @if person.second_factor { (order("forget-code", say!("Ask for no code"), false)) }
                    @if person.passkeys > 0 { (order("forget-passkeys", say!("Remove its passkeys"), true)) }
                    @if person.state == PersonState::Disabled { (order("enable", say!("account|Enable"), false)) }
                    @else { (order("disable", say!("account|Disable"), true)) }
                    (order("remove", say!("Remove"), true))
                }
            }
        }
    }
}

fn explained() -> Markup {
    html! {
        section.card {
            h2 { (say!("Roles")) }
            (facts(roles().map(|(role, may)| (role_word(role), html! { (may) }))))
        }
    }
}

pub fn invite_page(shell: &Shell, view: &InviteView) -> Markup {
    let name = Input::text(fields::NAME, say!("Name"))
        .hint(say!("The name to log in with. It cannot be changed later."));
    let body = html! {
        section.card.narrow {
            h1 { (say!("Invite somebody")) }
            p { (say!("You get a link to hand over. It works once, for three days; whoever opens it chooses a password.")) }
            (summary(&[(fields::NAME, &view.name), (fields::ROLE, &view.role)]))
            form method="post" action=(links::people()) {
                (name.render(&view.name))
                div.field {
                    label for=(fields::ROLE) { (say!("Role")) }
                    select id=(fields::ROLE) name=(fields::ROLE) {
                        @for (role, may) in roles() { option value=(role) selected[role == view.role.value] { (role_word(role)) (say!(": ")) (may) } }
                    }
                    @if let Some(error) = &view.role.error { p.error { (error) } }
                }
                button.primary.wide { (say!("Make the link")) }
            }
        }
    };
    shell_page(shell, &head(say!("Invite somebody")), &body)
}

pub fn link_page(shell: &Shell, view: &LinkView) -> Markup {
    let body = html! {
        section.card {
            h1 { (sentence!("Link for {name}", name = foreign(&view.name))) }
            @match &view.role {
                Some(role) => p { (sentence!("Hand it over yourself: whoever opens it first becomes {name}, {role}.", name = foreign(&view.name), role = html! { (role_word(role)) })) },
                None => p { (sentence!("Hand it over yourself: whoever opens it first chooses the password of {name}.", name = foreign(&view.name))) },
            }
            div.copy {
                pre #link tabindex="0" aria-label=(say!("Link")) { code { (view.url) } }
                button type="button" data-copy="link" data-copied=(say!("Copied")) hidden { (say!("Copy")) }
            }
            p.quiet { (sentence!("It is shown this once, works once, and expires {when}, at {stamp} UTC.", when = until(shell.now_ms, view.expires_ms), stamp = stamp(view.expires_ms))) }
            p { a.button href=(links::people()) { (say!("People")) } }
        }
    };
    shell_page(shell, &head(say!("Link")), &body)
}

/// The password field that several pages share.
pub(crate) fn new_password(name: &'static str, label: &'static str) -> Input<'static> {
    Input::text(name, label)
        .kind(Kind::NewPassword {
            min_length: super::setup::MIN_PASSWORD_LENGTH,
        })
        .hint(say!(
            "At least 15 characters. A few unrelated words work well; pasting is fine."
        ))
}
