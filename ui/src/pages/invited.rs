//! What somebody sees who opens an invitation, or a link for another password.

use language::say;
use maud::{Markup, html};

use super::people::new_password;
use crate::layout::{Head, Liveness, Shell, page as shell_page};
use crate::links;
use crate::parts::form::{Field, summary};
use crate::parts::sentence::sentence;
use crate::parts::text::foreign;

pub mod fields {
    pub const PASSWORD: &str = "password";
}

#[derive(Debug, Clone)]
pub enum InvitedView {
    Form {
        token: String,
        name: String,
        /// The role of the account that is made; nothing where one is opened that is there.
        role: Option<String>,
        password: Field,
    },
    /// Used before, too old, or never made: the page does not say which.
    Over,
}

pub fn page(shell: &Shell, view: &InvitedView) -> Markup {
    let head = Head {
        title: say!("Choose a password"),
        nav: None,
        liveness: Liveness::Still,
    };
    let body = match view {
        InvitedView::Form {
            token,
            name,
            role,
            password,
        } => form(shell, token, (name, role.as_deref()), password),
        InvitedView::Over => over(),
    };
    shell_page(shell, &head, &html! { section.card.narrow { (body) } })
}

fn form(
    shell: &Shell,
    token: &str,
    (name, role): (&str, Option<&str>),
    password: &Field,
) -> Markup {
    html! {
        h1 { (sentence!("Welcome, {name}", name = foreign(name))) }
        @match role {
            Some(role) => p { (sentence!("You are invited to {mesh} as {role}. Choose a password; this link works once.", mesh = foreign(&shell.mesh_name), role)) },
            None => p { (sentence!("Choose another password for {mesh}. This link works once, and ends your sessions.", mesh = foreign(&shell.mesh_name))) },
        }
        (summary(&[(fields::PASSWORD, password)]))
        form method="post" action=(links::invited(token)) {
            (new_password(fields::PASSWORD, say!("Password")).render(password))
            button.primary.wide { (say!("Log in with it")) }
        }
    }
}

fn over() -> Markup {
    html! {
        h1 { (say!("This link is no longer valid")) }
        p { (say!("A link works once and for a short time. Ask an administrator for another one.")) }
        p { (sentence!("Already in? {link}.", link = html! { a href=(links::login(None)) { (say!("Log in")) } })) }
    }
}
