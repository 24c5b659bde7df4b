//! Logging in with a passkey alone.

use language::say;
use maud::{Markup, html};

use crate::assets;
use crate::layout::{Head, Liveness, Shell, page as shell_page};
use crate::links;
use crate::parts::sentence::sentence;

pub mod fields {
    pub const ANSWER: &str = "answer";
    pub const NEXT: &str = "next";
}

#[derive(Debug, Clone, Default)]
pub struct PasskeyLoginView {
    pub asked: Asked,
    /// Why the last attempt failed; the same words whatever was wrong.
    pub error: Option<String>,
    /// Local path to return to.
    pub next: Option<String>,
    pub manner: Manner,
}

/// A question that a passkey answers, once and soon.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The host name for which the passkey was made.
    pub site: String,
    pub challenge: String,
    /// Passkeys that may answer; any one may where none is named.
    pub known: Vec<String>,
}

/// When the browser is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Manner {
    /// As soon as the page is there.
    AtOnce,
    #[default]
    WhenPressed,
}

/// What the script does for a form: a passkey that is there is shown.
pub(super) const SHOW: &str = "show";

pub fn page(shell: &Shell, view: &PasskeyLoginView) -> Markup {
    let head = Head {
        title: say!("Log in with a passkey"),
        nav: None,
        liveness: Liveness::Still,
    };
    let asked = &view.asked;
    let body = html! {
        section.card.narrow {
            h1 { (say!("Log in with a passkey")) }
            p.quiet { (say!("to {mesh}", mesh = shell.mesh_name)) }
            @if let Some(error) = &view.error { p.notice.bad role="alert" { (error) } }
            (said())
            p data-without-passkeys { (say!("This page needs scripts, and a browser that knows passkeys. The password works without.")) }
            div data-with-passkeys hidden {
                p { (say!("Your browser asks for the finger, the face or the PIN that opens your passkey. No name, no password and no code are asked for.")) }
                form method="post" action=(links::login_passkey(None)) data-passkey=(SHOW) data-at-once[view.manner == Manner::AtOnce]
                    data-site=(asked.site) data-prove=(asked.challenge) data-known=(asked.known.join(" ")) {
                    @if let Some(next) = &view.next { input type="hidden" name=(fields::NEXT) value=(next); }
                    input type="hidden" name=(fields::ANSWER);
                    button.primary.wide { (say!("Use a passkey")) }
                }
            }
            p { (sentence!("Or {link}.", link = html! { a href=(links::login(view.next.as_deref())) { (say!("log in with a password")) } })) }
        }
        (script())
    };
    shell_page(shell, &head, &body)
}

/// Where the script says what became of it, in the words of the page.
pub(super) fn said() -> Markup {
    html! {
        p.notice.bad #passkey-said role="alert" hidden
            data-cancelled=(say!("No passkey was used: it was broken off, or took too long."))
            data-twice=(say!("This device holds a passkey of this account already."))
            data-elsewhere=(say!("The browser uses no passkey at this address."))
            data-failed=(say!("The browser could not use a passkey.")) {}
    }
}

pub(super) fn script() -> Markup {
    html! { script src=(assets::url(assets::PASSKEYS_JS)) {} }
}
