//! One's own passkeys, and whether they alone open the account.

use language::say;
use maud::{Markup, html};

use super::login_passkey::{Asked, SHOW, said, script};
use super::people::new_password;
use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, Kind, summary};
use crate::parts::text::{code, empty, foreign, with_commands};
use crate::parts::time::{ago, ago_or};

pub mod fields {
    pub const ORDER: &str = "order";
    pub const PASSKEY: &str = "passkey";
    pub const NAME: &str = "name";
    pub const PASSWORD: &str = "password";
    pub const CHOSEN: &str = "chosen";
    pub const ANSWER: &str = "answer";
    pub const MADE: &str = "made";
}

/// What a form orders.
pub mod orders {
    pub const ADD: &str = "add";
    pub const RENAME: &str = "rename";
    pub const REMOVE: &str = "remove";
    /// Asks for no password any more.
    pub const ALONE: &str = "alone";
    /// Chooses a password again.
    pub const PASSWORD: &str = "password";
}

#[derive(Debug, Clone, Default)]
pub struct PasskeysView {
    pub opening: Opening,
    pub place: Place,
    pub rows: Vec<PasskeyRow>,
    pub error: Option<String>,
    pub name: Field,
    /// Another name for one that is there.
    pub called: Field,
    /// A password that is chosen again.
    pub chosen: Field,
}

/// What opens the account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Opening {
    #[default]
    Password,
    PasskeysAlone,
    /// An identity provider; passkeys would go past it.
    Provider,
}

/// Whether a passkey can be made or used at the address where the page was opened.
#[derive(Debug, Clone)]
pub enum Place {
    Here(Making),
    /// The names under which it could be.
    Elsewhere(Vec<String>),
}

/// What a browser needs to make one.
#[derive(Debug, Clone, Default)]
pub struct Making {
    pub challenge: String,
    /// By what the authenticator knows the account.
    pub user: String,
    pub account: String,
    /// The question for one that is there.
    pub prove: Asked,
}

#[derive(Debug, Clone)]
pub struct PasskeyRow {
    pub id: String,
    pub name: String,
    pub site: String,
    pub created_ms: u64,
    pub used_ms: Option<u64>,
}

impl Default for Place {
    fn default() -> Self {
        Self::Elsewhere(Vec::new())
    }
}

pub fn page(shell: &Shell, view: &PasskeysView) -> Markup {
    let head = Head {
        title: say!("Passkeys"),
        nav: None,
        liveness: Liveness::Still,
    };
    let back = html! { a.button href=(links::account()) { (say!("Account")) } };
    let body = html! {
        (heading(&html! { (say!("Passkeys")) }, &back))
        (summary(&[(fields::NAME, &view.name), ("called", &view.called), (fields::CHOSEN, &view.chosen)]))
        @if let Some(error) = &view.error { p.notice.bad role="alert" { (error) } }
        (said())
        @if view.opening == Opening::Provider {
            section.card { p { (say!("Your organisation's identity provider decides how you log in: passkeys are made there.")) } }
        } @else {
            (list(shell, view))
            (place(view))
            @if !view.rows.is_empty() { (change(view)) }
        }
        (script())
    };
    shell_page(shell, &head, &body)
}

fn list(shell: &Shell, view: &PasskeysView) -> Markup {
    html! {
        section.card {
            @if view.rows.is_empty() {
                (empty(say!("None yet"), say!("A passkey opens the account with a finger, a face or a PIN. It stands for a password and a code at once, and no other site can have it."), &html! {}))
            } @else {
                div.table-scroll tabindex="0" role="region" aria-label=(say!("Passkeys")) {
                    table.cards {
                        thead { tr { th scope="col" { (say!("Name")) } th scope="col" { (say!("Works at")) } th scope="col" { (say!("passkey|Made")) } th scope="col" { (say!("Last used")) } } }
                        tbody { @for row in &view.rows { tr {
                            th scope="row" { (foreign(&row.name)) }
                            td data-label=(say!("Works at")) { (code(&row.site)) }
                            td data-label=(say!("passkey|Made")) { (ago(shell.now_ms, row.created_ms)) }
                            td data-label=(say!("Last used")) { (ago_or(shell.now_ms, row.used_ms, say!("never"))) }
                        } } }
                    }
                }
                @if view.opening == Opening::PasskeysAlone { p { (say!("No password opens this account: the last passkey stays until one is chosen.")) } }
            }
        }
    }
}

/// One is made; or one that is there is shown first.
const MAKE: &str = "make";
const SHOW_AND_MAKE: &str = "both";

/// What can be done with a browser that knows passkeys.
fn place(view: &PasskeysView) -> Markup {
    html! {
        @match &view.place {
            Place::Elsewhere(names) => section.card {
                h2 { (say!("Not at this address")) }
                p { (with_commands(say!("Browsers bind a passkey to a name and to no address, and only to names that this coordinator goes by. Open the page under one of them, or add yours to `people_names`."))) }
                @if !names.is_empty() { ul { @for name in names { li { (code(name)) } } } }
            },
            Place::Here(making) => {
                section.card data-without-passkeys { p { (say!("Making a passkey needs scripts, and a browser that knows passkeys. The password works without.")) } }
                div data-with-passkeys hidden {
                    (add(view, making))
                    @if view.opening == Opening::Password && !view.rows.is_empty() { (alone(making)) }
                    @if view.opening == Opening::PasskeysAlone { (choose(view, making)) }
                }
            },
        }
    }
}

fn add(view: &PasskeysView, making: &Making) -> Markup {
    let asked = &making.prove;
    let first = match view.opening {
        Opening::PasskeysAlone => SHOW_AND_MAKE,
        Opening::Password | Opening::Provider => MAKE,
    };
    html! {
        section.card {
            h2 { (say!("Add a passkey")) }
            form.steps-form method="post" action=(links::account_passkeys()) data-passkey=(first) data-site=(asked.site) data-prove=(asked.challenge)
                data-known=(asked.known.join(" ")) data-challenge=(making.challenge) data-user=(making.user) data-account=(making.account) {
                (hidden(orders::ADD))
                input type="hidden" name=(fields::MADE);
                (Input::text(fields::NAME, say!("Name")).hint(say!("What holds it, such as “Phone”.")).render(&view.name))
                @if view.opening == Opening::Password { (Input::text(fields::PASSWORD, say!("Your password")).kind(Kind::CurrentPassword).render(&Field::default())) }
                @else { p.quiet { (say!("First a passkey that you have is asked for.")) } }
                button.primary { (say!("Add a passkey")) }
            }
        }
    }
}

fn hidden(order: &str) -> Markup {
    html! {
        input type="hidden" name=(fields::ORDER) value=(order);
        input type="hidden" name=(fields::ANSWER);
    }
}

fn alone(making: &Making) -> Markup {
    html! {
        section.card {
            h2 { (say!("Passkeys alone")) }
            p { (say!("No password opens the account any more, so none can be guessed or given away. Have two passkeys on two devices first; an administrator can hand out a link for a password.")) }
            (shown(making, orders::ALONE, &html! { button { (say!("Ask for no password")) } }))
        }
    }
}

fn choose(view: &PasskeysView, making: &Making) -> Markup {
    let input = html! {
        (new_password(fields::CHOSEN, say!("New password")).render(&view.chosen))
        button { (say!("Choose a password")) }
    };
    html! {
        section.card {
            h2 { (say!("Password")) }
            p { (say!("Only passkeys open this account. A password can be chosen beside them.")) }
            (shown(making, orders::PASSWORD, &input))
        }
    }
}

/// A form that goes with the answer of a passkey.
fn shown(making: &Making, order: &str, inside: &Markup) -> Markup {
    let asked = &making.prove;
    html! {
        form.steps-form method="post" action=(links::account_passkeys()) data-passkey=(SHOW) data-site=(asked.site) data-prove=(asked.challenge)
            data-known=(asked.known.join(" ")) data-user=(making.user) {
            (hidden(order))
            (inside)
        }
    }
}

/// Names and removals need no passkey of the browser, but where a passkey stands for the password.
fn change(view: &PasskeysView) -> Markup {
    html! {
        section.card {
            h2 { (say!("Change a passkey")) }
            form.steps-form method="post" action=(links::account_passkeys()) {
                input type="hidden" name=(fields::ORDER) value=(orders::RENAME);
                (choice(view, "renamed"))
                div.field {
                    label for="called" { (say!("New name")) }
                    input #called name=(fields::NAME) type="text" value=(view.called.value) autocomplete="off" required spellcheck="false"
                        aria-invalid=[view.called.error.as_ref().map(|_| "true")];
                    @if let Some(error) = &view.called.error { p.error { (error) } }
                }
                button { (say!("Rename")) }
            }
            @match (view.opening, &view.place) {
                (Opening::PasskeysAlone, Place::Here(making)) => {
                    div data-with-passkeys hidden { (shown(making, orders::REMOVE, &html! {
                        (choice(view, "removed"))
                        button.danger { (say!("Remove")) }
                    })) }
                }
                (Opening::PasskeysAlone | Opening::Provider, _) => {}
                (Opening::Password, _) => form.steps-form method="post" action=(links::account_passkeys()) {
                    input type="hidden" name=(fields::ORDER) value=(orders::REMOVE);
                    (choice(view, "removed"))
                    div.field {
                        label for="removed-password" { (say!("Your password")) }
                        input #removed-password name=(fields::PASSWORD) type="password" autocomplete="current-password" required;
                    }
                    button.danger { (say!("Remove")) }
                },
            }
        }
    }
}

fn choice(view: &PasskeysView, id: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (say!("Passkey")) }
            select id=(id) name=(fields::PASSKEY) { @for row in &view.rows { option value=(row.id) { (row.name) } } }
        }
    }
}
