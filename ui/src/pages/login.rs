//! The login form.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Shell, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, Kind};
use crate::parts::sentence::sentence;

pub mod fields {
    pub const NAME: &str = "name";
    pub const PASSWORD: &str = "password";
    pub const CODE: &str = "code";
    pub const NEXT: &str = "next";
}

#[derive(Debug, Clone, Default)]
pub struct LoginView {
    pub name: String,
    /// Why the last attempt failed; the same words for an unknown name and a wrong password.
    pub error: Option<String>,
    /// Local path to return to.
    pub next: Option<String>,
    /// Whether one can log in with an identity provider as well.
    pub provider: Provider,
    /// Whether passkeys work at the address where the page was opened.
    pub passkeys: Passkeys,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Passkeys {
    #[default]
    NotHere,
    Offered,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Provider {
    #[default]
    None,
    Offered,
}

pub fn page(shell: &Shell, view: &LoginView) -> Markup {
    let head = Head {
        title: say!("Log in"),
        nav: None,
        liveness: Liveness::Still,
    };
    let body = html! {
        section.card.narrow {
            h1 { (say!("Log in")) }
            p.quiet { (say!("to {mesh}", mesh = shell.mesh_name)) }
            @if let Some(error) = &view.error { p.notice.bad role="alert" { (error) } }
            form method="post" action=(links::login(None)) {
                @if let Some(next) = &view.next { input type="hidden" name=(fields::NEXT) value=(next); }
                (Input::text(fields::NAME, say!("Name")).kind(Kind::Username).render(&Field::new(&view.name)))
                (Input::text(fields::PASSWORD, say!("Password")).kind(Kind::CurrentPassword).render(&Field::default()))
                (Input::text(fields::CODE, say!("Code")).kind(Kind::OneTimeCode).optional()
                    .hint(say!("From your authenticator, or a recovery code, if your account asks for one.")).render(&Field::default()))
                button.primary.wide { (say!("Log in")) }
            }
            @if view.passkeys == Passkeys::Offered {
                p { (sentence!("Or {link}.", link = html! { a href=(links::login_passkey(view.next.as_deref())) { (say!("log in with a passkey")) } })) }
            }
            // A link and no form: a policy on forms would hold for the whole way through the provider.
            @if view.provider == Provider::Offered {
                p { (sentence!("Or {link}.", link = html! { a href=(links::oidc(view.next.as_deref())) { (say!("log in with your organisation")) } })) }
            }
        }
    };
    shell_page(shell, &head, &body)
}

/// Somebody who comes back from a provider goes on from here: the browser would keep the session's cookie from a redirect
/// that another site began.
pub fn entered_page(shell: &Shell, next: &str) -> Markup {
    let head = Head {
        title: say!("Logged in"),
        nav: None,
        liveness: Liveness::Still,
    };
    let body = html! {
        section.card.narrow {
            h1 { (say!("You are logged in")) }
            p { a.button.primary.wide href=(next) { (say!("Go on")) } }
        }
    };
    shell_page(shell, &head, &body)
}
