//! The first administrator, made through a one-time link; never a default password.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Shell, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, Kind, summary};
use crate::parts::sentence::sentence;

pub mod fields {
    pub const NAME: &str = "name";
    pub const PASSWORD: &str = "password";
    pub const MESH: &str = "mesh";
}

pub const MIN_PASSWORD_LENGTH: usize = 15;

/// Makes a new setup link; run where the coordinator runs.
pub const SETUP_COMMAND: &str = "palisade-coordinator setup-token";

#[derive(Debug, Clone)]
pub enum SetupView {
    Form {
        token: String,
        name: Field,
        password: Field,
        mesh: Field,
    },
    /// Used before, too old, or never valid: the page does not say which.
    Expired,
}

pub fn page(shell: &Shell, view: &SetupView) -> Markup {
    let head = Head {
        title: say!("Set up"),
        nav: None,
        liveness: Liveness::Still,
    };
    let body = match view {
        SetupView::Form {
            token,
            name,
            password,
            mesh,
        } => form(shell, token, [name, password, mesh]),
        SetupView::Expired => expired(),
    };
    shell_page(shell, &head, &html! { section.card.narrow { (body) } })
}

fn form(shell: &Shell, token: &str, [name, password, mesh]: [&Field; 3]) -> Markup {
    let password_input = Input::text(fields::PASSWORD, say!("Password"))
        .kind(Kind::NewPassword {
            min_length: MIN_PASSWORD_LENGTH,
        })
        .hint(say!(
            "At least 15 characters. A few unrelated words work well; pasting is fine."
        ));
    let mesh_input = Input::text(fields::MESH, say!("Name of the mesh"))
        .hint(say!("Such as the site that it guards. It stands on every page and report, and can be changed later."));
    html! {
        h1 { (say!("Set up {mesh}", mesh = shell.mesh_name)) }
        p { (say!("This link makes the first administrator and works once.")) }
        (summary(&[(fields::NAME, name), (fields::PASSWORD, password), (fields::MESH, mesh)]))
        form method="post" action=(links::setup(token)) {
            (Input::text(fields::NAME, say!("Your name")).kind(Kind::Username).render(name))
            (password_input.render(password))
            (mesh_input.render(mesh))
            button.primary.wide { (say!("Create administrator")) }
        }
    }
}

fn expired() -> Markup {
    html! {
        h1 { (say!("This link is no longer valid")) }
        p { (say!("A setup link works once and for a short time. On the machine that runs the coordinator, make a new one:")) }
        pre { code { (SETUP_COMMAND) } }
        p { (sentence!("Already set up? {link}.", link = html! { a href=(links::login(None)) { (say!("Log in")) } })) }
    }
}
