//! The form with which a rollout is asked for.

use language::say;
use maud::{Markup, html};

use super::head;
use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, summary};

pub mod fields {
    pub const RELEASE: &str = "release";
    pub const CANARY: &str = "canary";
    pub const SHARES: &str = "shares";
    pub const SUCCESS: &str = "success";
    pub const SOAK: &str = "soak";
    pub const SECOND: &str = "second_person";
}

#[derive(Debug, Clone, Default)]
pub struct NewRolloutView {
    /// What may be rolled out, as the field takes it.
    pub releases: Vec<String>,
    pub release: Field,
    pub canary: Field,
    pub shares: Field,
    pub success: Field,
    pub soak: Field,
    pub second_person: bool,
}

pub fn page(shell: &Shell, view: &NewRolloutView) -> Markup {
    let head = Head {
        liveness: Liveness::Still,
        ..head(say!("New rollout"))
    };
    let body = html! {
        (heading(&html! { (say!("New rollout")) }, &html! { a.button href=(links::rollouts()) { (say!("Rollouts")) } }))
        (summary(&[(fields::RELEASE, &view.release), (fields::CANARY, &view.canary), (fields::SHARES, &view.shares),
            (fields::SUCCESS, &view.success), (fields::SOAK, &view.soak)]))
        section.card { (form(view)) }
    };
    shell_page(shell, &head, &body)
}

fn form(view: &NewRolloutView) -> Markup {
    let release = Input::text(fields::RELEASE, say!("Release"))
        .hint(say!("Product and version, as Firmware lists them."))
        .choices(&view.releases);
    let canary = Input::text(fields::CANARY, say!("Canary")).hint(say!(
        "How many devices are drawn, or their names or ids with commas between them."
    ));
    let shares = Input::text(fields::SHARES, say!("Shares after it, in percent"))
        .hint(say!("Of all devices that match, growing: 10, 50, 100."));
    let success = Input::text(fields::SUCCESS, say!("Percent that must commit")).hint(say!(
        "Of those in a ring that tried it, before the next ring begins."
    ));
    let soak = Input::text(fields::SOAK, say!("Minutes to look on"))
        .hint(say!("After the last device of a ring has ended."));
    html! {
        form.steps-form method="post" action=(links::rollouts()) {
            (release.render(&view.release))
            (canary.render(&view.canary))
            (shares.render(&view.shares))
            (success.render(&view.success))
            (soak.render(&view.soak))
            div.field {
                label { input type="checkbox" name=(fields::SECOND) value="yes" checked[view.second_person]; " " (say!("Another person has to agree before it starts")) }
            }
            button.primary { (say!("Ask for it")) }
            p.quiet { (say!("It starts when you, or somebody else, says so on its page.")) }
        }
    }
}
