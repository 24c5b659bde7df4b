//! One's own account: password, sessions, tokens, and whether a code is asked for.

use language::{Language, count, say};
use maud::{Markup, html};

use super::people::{new_password, role_word, roles};
use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, Kind, summary};
use crate::parts::sentence::{among, sentence};
use crate::parts::text::{empty, foreign, or_dash};
use crate::parts::time::{ago, ago_or, until};

pub mod fields {
    pub const CURRENT: &str = "current";
    pub const PASSWORD: &str = "password";
    pub const SESSION: &str = "session";
    pub const NAME: &str = "name";
    pub const ROLE: &str = "role";
    pub const REACH: &str = "reach";
    pub const AREA: &str = "area";
    pub const DAYS: &str = "days";
    pub const ORDER: &str = "order";
    /// The value of [`SESSION`] that means all but the present one.
    pub const OTHERS: &str = "others";
    pub const LANGUAGE: &str = "language";
    pub const READING: &str = "reading";
}

/// Areas that a token can be restricted to.
pub const AREAS: [&str; 9] = [
    "overview", "devices", "alerts", "findings", "updates", "mesh", "audit", "people", "own",
];

#[derive(Debug, Clone, Default)]
pub struct AccountView {
    pub lacking: Lacking,
    pub current: Field,
    pub password: Field,
    pub code: CodeState,
    pub passkeys: usize,
    /// The one that was chosen; nothing where the browser is asked.
    pub language: Option<Language>,
    pub sessions: Vec<SessionRow>,
    pub tokens: Vec<TokenRow>,
    pub new_token: NewToken,
    /// Roles that a token may have: no more than one's own.
    pub roles: Vec<String>,
}

/// What keeps the account from every page but its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lacking {
    #[default]
    Nothing,
    SecondFactor,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CodeState {
    #[default]
    NotAsked,
    Asked {
        recovery_left: usize,
    },
}

#[derive(Debug, Clone)]
pub struct SessionRow {
    pub id: String,
    pub kind: SessionKind,
    pub address: Option<String>,
    pub agent: Option<String>,
    pub began_ms: u64,
    pub seen_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// The one with which the page is read.
    This,
    Browser,
    /// A program that logged in with a password.
    Program,
}

#[derive(Debug, Clone)]
pub struct TokenRow {
    pub id: String,
    pub name: String,
    pub by: String,
    pub allows: String,
    pub used_ms: Option<u64>,
    pub expires_ms: Option<u64>,
}

#[derive(Debug, Clone, Default)]
pub struct NewToken {
    pub name: Field,
    pub days: Field,
    /// What was wrong with the rest.
    pub error: Option<String>,
}

/// A token that is shown this once.
#[derive(Debug, Clone)]
pub struct TokenView {
    pub name: String,
    pub token: String,
    pub allows: String,
    pub expires_ms: Option<u64>,
}

fn head(title: &str) -> Head<'_> {
    Head {
        title,
        nav: None,
        liveness: Liveness::Still,
    }
}

pub fn page(shell: &Shell, view: &AccountView) -> Markup {
    let new = &view.new_token;
    let body = html! {
        (heading(&html! { (say!("Account")) }, &html! {}))
        (summary(&[(fields::CURRENT, &view.current), (fields::PASSWORD, &view.password), (fields::NAME, &new.name), (fields::DAYS, &new.days)]))
        @if view.lacking == Lacking::SecondFactor {
            p.notice.notable role="alert" { (say!("Your account needs a second factor here: add a passkey, or set up an authenticator. Until then only this page opens.")) }
        }
        (language(view.language))
        (password(view))
        (passkeys(view.passkeys))
        (code(view.code))
        (sessions(shell, &view.sessions))
        (tokens(shell, &view.tokens))
        (new_token(view))
    };
    shell_page(shell, &head(say!("Account")), &body)
}

/// Each language is named in itself, for whoever reads no other.
fn language(chosen: Option<Language>) -> Markup {
    let each = Language::ALL.into_iter();
    let each = each.map(|language| (Some(language), language.tag(), language.own_name()));
    let asked = (None, "", say!("As the browser asks"));
    html! {
        section.card {
            h2 #language-title { (say!("Language")) }
            form method="post" action=(links::account_language()) {
                fieldset.segments aria-labelledby="language-title" {
                    @for (language, tag, name) in each.chain([asked]) {
                        button name=(fields::LANGUAGE) value=(tag) lang=[language.map(Language::tag)]
                            aria-pressed=(if language == chosen { "true" } else { "false" }) { (name) }
                    }
                }
            }
        }
    }
}

fn password(view: &AccountView) -> Markup {
    let current =
        Input::text(fields::CURRENT, say!("Password until now")).kind(Kind::CurrentPassword);
    html! {
        section.card {
            h2 { (say!("Password")) }
            form.steps-form method="post" action=(links::account_password()) {
                (current.render(&view.current))
                (new_password(fields::PASSWORD, say!("New password")).render(&view.password))
                button.primary { (say!("Change password")) }
                p.quiet { (say!("Every other session ends.")) }
            }
        }
    }
}

fn passkeys(count: usize) -> Markup {
    html! {
        section.card {
            h2 { (say!("Passkeys")) }
            p { @if count == 0 { (say!("No passkey opens this account yet.")) } @else { (count!(count, "{n} passkey opens this account.", "{n} passkeys open this account.")) } }
            p { a.button href=(links::account_passkeys()) { (say!("Passkeys of this account")) } }
        }
    }
}

fn code(state: CodeState) -> Markup {
    html! {
        section.card {
            h2 { (say!("Authenticator")) }
            @match state {
                CodeState::NotAsked => {
                    p { (say!("Only the password is asked for.")) }
                    p { a.button href=(links::account_code()) { (say!("Set up an authenticator")) } }
                }
                CodeState::Asked { recovery_left } => {
                    p { (say!("A code is asked for at each login.")) " " (count!(recovery_left, "{n} recovery code is left.", "{n} recovery codes are left.")) }
                    p { a.button href=(links::account_code()) { (say!("verb|Change")) } }
                }
            }
        }
    }
}

fn sessions(shell: &Shell, rows: &[SessionRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("Sessions")) }
            div.table-scroll tabindex="0" role="region" aria-label=(say!("Sessions")) {
                table.cards {
                    thead { tr { th scope="col" { (say!("From")) } th scope="col" { (say!("With")) } th scope="col" { (say!("Begun")) } th scope="col" { (say!("Last seen")) } th scope="col" { (say!("End it")) } } }
                    tbody { @for row in rows { tr {
                        th scope="row" { (or_dash(row.address.as_deref())) }
                        td data-label=(say!("With")) {
                            @if row.kind == SessionKind::Program {
                                (sentence!("A program: {name}", name = or_dash(row.agent.as_deref())))
                            } @else {
                                (or_dash(row.agent.as_deref()))
                            }
                        }
                        td data-label=(say!("Begun")) { (ago(shell.now_ms, row.began_ms)) }
                        td data-label=(say!("Last seen")) { (ago(shell.now_ms, row.seen_ms)) }
                        td data-label=(say!("End it")) {
                            @if row.kind == SessionKind::This { strong { (say!("This one")) } }
                            @else {
                                form method="post" action=(links::account_sessions()) {
                                    button name=(fields::SESSION) value=(row.id) { (say!("End")) }
                                }
                            }
                        }
                    } } }
                }
            }
            @if rows.len() > 1 {
                form method="post" action=(links::account_sessions()) {
                    button.danger name=(fields::SESSION) value=(fields::OTHERS) { (say!("End all others")) }
                }
            }
        }
    }
}

fn tokens(shell: &Shell, rows: &[TokenRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("Tokens")) }
            @if rows.is_empty() {
                (empty(say!("None yet"), say!("A token lets a program use the interface. It never does more than you may."), &html! {}))
            } @else {
                div.table-scroll tabindex="0" role="region" aria-label=(say!("Tokens")) {
                    table.cards {
                        thead { tr { th scope="col" { (say!("Name")) } th scope="col" { (say!("Made by")) } th scope="col" { (say!("Allows")) } th scope="col" { (say!("Last used")) }
                            th scope="col" { (say!("Expires")) } th scope="col" { (say!("Change")) } } }
                        tbody { @for row in rows { (token_row(shell, row)) } }
                    }
                }
            }
        }
    }
}

fn token_row(shell: &Shell, row: &TokenRow) -> Markup {
    html! {
        tr {
            th scope="row" { (foreign(&row.name)) }
            td data-label=(say!("Made by")) { (foreign(&row.by)) }
            td data-label=(say!("Allows")) { (row.allows) }
            td data-label=(say!("Last used")) { (ago_or(shell.now_ms, row.used_ms, say!("never"))) }
            td data-label=(say!("Expires")) { @match row.expires_ms { Some(at) => (until(shell.now_ms, at)), None => span.quiet { (say!("never")) } } }
            td data-label=(say!("Change")) {
                form method="post" action=(links::account_token(&row.id)) {
                    button name=(fields::ORDER) value="rotate" { (say!("Rotate")) }
                    button.danger name=(fields::ORDER) value="revoke" { (say!("Revoke")) }
                }
            }
        }
    }
}

fn new_token(view: &AccountView) -> Markup {
    let days = Input::text(fields::DAYS, say!("Days"))
        .optional()
        .hint(say!("1 to 400; 90 where it is left empty."));
    html! {
        section.card {
            h2 { (say!("New token")) }
            @if let Some(error) = &view.new_token.error { p.notice.bad role="alert" { (error) } }
            form.steps-form method="post" action=(links::account_tokens()) {
                (Input::text(fields::NAME, say!("Name")).hint(say!("What uses it, such as “Grafana”.")).render(&view.new_token.name))
                div.field {
                    label for=(fields::ROLE) { (say!("Role")) }
                    select id=(fields::ROLE) name=(fields::ROLE) {
                        @for (role, may) in roles() {
                            @if view.roles.iter().any(|own| own == role) { option value=(role) { (say!("{role}: {may}", role = role_word(role), may)) } }
                        }
                    }
                }
                div.field {
                    label for=(fields::REACH) { (say!("Reach")) }
                    select id=(fields::REACH) name=(fields::REACH) {
                        option value="" { (say!("all that the role may")) }
                        option value=(fields::READING) { (say!("reading only")) }
                    }
                }
                div.field {
                    label for=(fields::AREA) { (say!("Area")) }
                    select id=(fields::AREA) name=(fields::AREA) {
                        option value="" { (say!("everywhere")) }
                        @for area in AREAS { option value=(area) { (area_word(area)) } }
                    }
                }
                (days.render(&view.new_token.days))
                button.primary { (say!("Make token")) }
            }
        }
    }
}

/// What people call an area of the table of permissions.
pub fn area_word(area: &str) -> &str {
    among!(area;
        "overview" as "area|overview", "devices" as "area|devices", "alerts" as "area|alerts", "findings" as "area|findings",
        "updates" as "area|updates", "mesh" as "area|mesh", "audit" as "area|audit", "people" as "area|people", "own" as "area|own",
    )
}

pub fn token_page(shell: &Shell, view: &TokenView) -> Markup {
    let body = html! {
        section.card {
            h1 { (sentence!("Token {name}", name = foreign(&view.name))) }
            p { (say!("It is shown this once. It allows: {what}.", what = view.allows)) }
            div.copy {
                pre #token tabindex="0" aria-label=(say!("Token")) { code { (view.token) } }
                button type="button" data-copy="token" data-copied=(say!("Copied")) hidden { (say!("Copy")) }
            }
            @if let Some(at) = view.expires_ms { p.quiet { (sentence!("It expires {when}.", when = until(shell.now_ms, at))) } }
            p { a.button href=(links::account()) { (say!("Account")) } }
        }
    };
    shell_page(shell, &head(say!("Token")), &body)
}
