//! One's own account: password, sessions, tokens, and whether a code is asked for.

use maud::{Markup, html};

use super::people::{ROLES, new_password};
use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, Kind, summary};
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
    pub const READING: &str = "reading";
}

/// Areas that a token can be restricted to.
pub const AREAS: [&str; 9] = [
    "overview", "devices", "alerts", "findings", "updates", "mesh", "audit", "people", "own",
];

#[derive(Debug, Clone, Default)]
pub struct AccountView {
    pub current: Field,
    pub password: Field,
    pub code: CodeState,
    pub sessions: Vec<SessionRow>,
    pub tokens: Vec<TokenRow>,
    pub new_token: NewToken,
    /// Roles that a token may have: no more than one's own.
    pub roles: Vec<String>,
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
        (heading(&html! { "Account" }, &html! {}))
        (summary(&[(fields::CURRENT, &view.current), (fields::PASSWORD, &view.password), (fields::NAME, &new.name), (fields::DAYS, &new.days)]))
        (password(view))
        (code(view.code))
        (sessions(shell, &view.sessions))
        (tokens(shell, &view.tokens))
        (new_token(view))
    };
    shell_page(shell, &head("Account"), &body)
}

fn password(view: &AccountView) -> Markup {
    let current = Input::text(fields::CURRENT, "Password until now").kind(Kind::CurrentPassword);
    html! {
        section.card {
            h2 { "Password" }
            form.steps-form method="post" action=(links::account_password()) {
                (current.render(&view.current))
                (new_password(fields::PASSWORD, "New password").render(&view.password))
                button.primary { "Change password" }
                p.quiet { "Every other session ends." }
            }
        }
    }
}

fn code(state: CodeState) -> Markup {
    html! {
        section.card {
            h2 { "Authenticator" }
            @match state {
                CodeState::NotAsked => {
                    p { "Only the password is asked for." }
                    p { a.button href=(links::account_code()) { "Set up an authenticator" } }
                }
                CodeState::Asked { recovery_left } => {
                    p { "A code is asked for at each login. " (recovery_left) " recovery codes are left." }
                    p { a.button href=(links::account_code()) { "Change" } }
                }
            }
        }
    }
}

fn sessions(shell: &Shell, rows: &[SessionRow]) -> Markup {
    html! {
        section.card {
            h2 { "Sessions" }
            div.table-scroll tabindex="0" role="region" aria-label="Sessions" {
                table.cards {
                    thead { tr { th scope="col" { "From" } th scope="col" { "With" } th scope="col" { "Begun" } th scope="col" { "Last seen" } th scope="col" { "End it" } } }
                    tbody { @for row in rows { tr {
                        th scope="row" { (or_dash(row.address.as_deref())) }
                        td data-label="With" {
                            @if row.kind == SessionKind::Program { "A program: " }
                            (or_dash(row.agent.as_deref()))
                        }
                        td data-label="Begun" { (ago(shell.now_ms, row.began_ms)) }
                        td data-label="Last seen" { (ago(shell.now_ms, row.seen_ms)) }
                        td data-label="End it" {
                            @if row.kind == SessionKind::This { strong { "This one" } }
                            @else {
                                form method="post" action=(links::account_sessions()) {
                                    button name=(fields::SESSION) value=(row.id) { "End" }
                                }
                            }
                        }
                    } } }
                }
            }
            @if rows.len() > 1 {
                form method="post" action=(links::account_sessions()) {
                    button.danger name=(fields::SESSION) value=(fields::OTHERS) { "End all others" }
                }
            }
        }
    }
}

fn tokens(shell: &Shell, rows: &[TokenRow]) -> Markup {
    html! {
        section.card {
            h2 { "Tokens" }
            @if rows.is_empty() {
                (empty("None yet", "A token lets a program use the interface. It never does more than you may.", &html! {}))
            } @else {
                div.table-scroll tabindex="0" role="region" aria-label="Tokens" {
                    table.cards {
                        thead { tr { th scope="col" { "Name" } th scope="col" { "Made by" } th scope="col" { "Allows" } th scope="col" { "Last used" }
                            th scope="col" { "Expires" } th scope="col" { "Change" } } }
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
            td data-label="Made by" { (foreign(&row.by)) }
            td data-label="Allows" { (row.allows) }
            td data-label="Last used" { (ago_or(shell.now_ms, row.used_ms, "never")) }
            td data-label="Expires" { @match row.expires_ms { Some(at) => (until(shell.now_ms, at)), None => span.quiet { "never" } } }
            td data-label="Change" {
                form method="post" action=(links::account_token(&row.id)) {
                    button name=(fields::ORDER) value="rotate" { "Rotate" }
                    button.danger name=(fields::ORDER) value="revoke" { "Revoke" }
                }
            }
        }
    }
}

fn new_token(view: &AccountView) -> Markup {
    let days = Input::text(fields::DAYS, "Days")
        .optional()
        .hint("1 to 400; 90 where it is left empty.");
    html! {
        section.card {
            h2 { "New token" }
            @if let Some(error) = &view.new_token.error { p.notice.bad role="alert" { (error) } }
            form.steps-form method="post" action=(links::account_tokens()) {
                (Input::text(fields::NAME, "Name").hint("What uses it, such as \u{201c}Grafana\u{201d}.").render(&view.new_token.name))
                div.field {
                    label for=(fields::ROLE) { "Role" }
                    select id=(fields::ROLE) name=(fields::ROLE) {
                        @for (role, may) in ROLES {
                            @if view.roles.iter().any(|own| own == role) { option value=(role) { (role) ": " (may) } }
                        }
                    }
                }
                div.field {
                    label for=(fields::REACH) { "Reach" }
                    select id=(fields::REACH) name=(fields::REACH) {
                        option value="" { "all that the role may" }
                        option value=(fields::READING) { "reading only" }
                    }
                }
                div.field {
                    label for=(fields::AREA) { "Area" }
                    select id=(fields::AREA) name=(fields::AREA) {
                        option value="" { "everywhere" }
                        @for area in AREAS { option value=(area) { (area) } }
                    }
                }
                (days.render(&view.new_token.days))
                button.primary { "Make token" }
            }
        }
    }
}

pub fn token_page(shell: &Shell, view: &TokenView) -> Markup {
    let body = html! {
        section.card {
            h1 { "Token " (foreign(&view.name)) }
            p { "It is shown this once. It allows: " (view.allows) "." }
            div.copy {
                pre #token tabindex="0" aria-label="Token" { code { (view.token) } }
                button type="button" data-copy="token" hidden { "Copy" }
            }
            @if let Some(at) = view.expires_ms { p.quiet { "It expires " (until(shell.now_ms, at)) "." } }
            p { a.button href=(links::account()) { "Account" } }
        }
    };
    shell_page(shell, &head("Token"), &body)
}
