//! Setting an authenticator up, and the recovery codes that are shown once.

use language::{count, say};
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Shell, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, Kind, summary};
use crate::parts::qr::qr;
use crate::parts::sentence::sentence;
use crate::parts::text::code;

pub mod fields {
    pub const ORDER: &str = "order";
    pub const CODE: &str = "code";
    pub const PASSWORD: &str = "password";
}

#[derive(Debug, Clone)]
pub enum CodeView {
    /// Nothing is asked for yet, or something is that can be given up.
    Begin {
        asked: Option<usize>,
        password: Field,
    },
    /// Shown this once, until a code of it is typed.
    Offer {
        uri: String,
        secret: String,
        recovery: Vec<String>,
        code: Field,
    },
    /// The secret was shown, and a wrong code typed: neither it nor the recovery codes are shown again.
    Confirm { code: Field },
}

pub fn page(shell: &Shell, view: &CodeView) -> Markup {
    let head = Head {
        title: say!("Authenticator"),
        nav: None,
        liveness: Liveness::Still,
    };
    let body = match view {
        CodeView::Begin { asked, password } => begin(*asked, password),
        CodeView::Offer {
            uri,
            secret,
            recovery,
            code,
        } => offer((uri, secret), recovery, code),
        CodeView::Confirm { code } => html! {
            h1 { (say!("Type a code")) }
            (summary(&[(fields::CODE, code)]))
            (confirm(code))
        },
    };
    shell_page(shell, &head, &html! { section.card.narrow { (body) } })
}

fn begin(asked: Option<usize>, password: &Field) -> Markup {
    let input = Input::text(fields::PASSWORD, say!("Your password")).kind(Kind::CurrentPassword);
    html! {
        h1 { (say!("Authenticator")) }
        @match asked {
            None => p { (say!("An app on your phone shows six digits that change every half minute. They are asked for beside your password.")) },
            Some(left) => p { (say!("A code is asked for at each login.")) " " (count!(left, "{n} recovery code is left.", "{n} recovery codes are left.")) },
        }
        (summary(&[(fields::PASSWORD, password)]))
        form method="post" action=(links::account_code()) {
            (input.render(password))
            @if asked.is_some() {
                button name=(fields::ORDER) value="begin" { (say!("Set up another one")) }
                button.danger name=(fields::ORDER) value="forget" { (say!("Ask for no code")) }
            } @else {
                button.primary name=(fields::ORDER) value="begin" { (say!("Set up")) }
            }
        }
        p { a href=(links::account()) { (say!("Account")) } }
    }
}

fn offer((uri, secret): (&str, &str), recovery: &[String], typed: &Field) -> Markup {
    html! {
        h1 { (say!("Scan this")) }
        div.scan {
            (qr(uri, say!("QR code for an authenticator")))
            div { p { (sentence!("Or type it: {secret}", secret = code(secret))) } p.quiet { (say!("SHA-1, six digits, thirty seconds: what every authenticator expects.")) } }
        }
        h2 { (say!("Keep these")) }
        p { (say!("Each opens the account once when the authenticator is lost. They are shown this once.")) }
        pre tabindex="0" aria-label=(say!("Recovery codes")) { code { @for code in recovery { (code) "\n" } } }
        (confirm(typed))
    }
}

fn confirm(typed: &Field) -> Markup {
    let input = Input::text(fields::CODE, say!("Code that it shows now")).kind(Kind::OneTimeCode);
    html! {
        form method="post" action=(links::account_code()) {
            (input.render(typed))
            button.primary name=(fields::ORDER) value="confirm" { (say!("Ask for codes from now on")) }
        }
        p { a href=(links::account_code()) { (say!("Begin again")) } }
    }
}
