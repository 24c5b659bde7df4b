//! After the first administrator was made: whether word of alerts reaches anybody. It can be left out.

use language::say;
use maud::{Markup, html};

use super::delivery::ChannelRow;
use crate::layout::{Head, Liveness, Shell, page as shell_page};
use crate::links;
use crate::parts::sentence::sentence;
use crate::parts::text::{foreign, in_english, told_or_dash, with_commands};
use crate::parts::time::ago_or;

/// The least that brings mail, to be written beside the coordinator's settings.
const EXAMPLE: &str = r#"[[channel]]
name = "ops"
[channel.mail]
server = "mail.example:587"
tls = "starttls"
user = "palisade"
password_file = "smtp.password"
from = "Palisade <palisade@example>"
to = ["you@example"]

[[route]]
name = "all"
to = ["ops"]
severity = "medium""#;

#[derive(Debug, Clone, Default)]
pub struct WelcomeView {
    /// Why the settings as they are now are not used.
    pub error: Option<String>,
    pub channels: Vec<ChannelRow>,
}

pub fn page(shell: &Shell, view: &WelcomeView) -> Markup {
    let head = Head {
        title: say!("Does word reach you?"),
        nav: None,
        liveness: Liveness::Still,
    };
    let body = html! {
        section.card.narrow {
            h1 { (say!("Does word reach you?")) }
            p { (say!("You are the administrator of {mesh}. An alert that nobody reads helps nobody: try whether one would reach you. This can wait.", mesh = shell.mesh_name)) }
            @if let Some(error) = &view.error {
                div.notice.bad role="alert" { p { strong { (say!("The settings as they are now are not used.")) } " " (in_english(error)) } }
            }
            @if view.channels.is_empty() { (none()) } @else { (channels(shell, &view.channels)) }
            p { a.button href=(links::overview()) { (say!("On to the overview")) } }
            p.quiet { (sentence!("Later, all of this stands on {page}.", page = html! { a href=(links::delivery()) { (say!("Delivery")) } })) }
        }
    };
    shell_page(shell, &head, &body)
}

fn none() -> Markup {
    html! {
        p { (with_commands(say!("Nobody is told yet. Write `delivery.toml` beside the coordinator’s settings, with a file for the password that only the coordinator reads:"))) }
        pre tabindex="0" { code { (EXAMPLE) } }
        p { (sentence!("It is taken up within seconds; then {look}.", look = html! { a href=(links::welcome()) { (say!("look again")) } })) }
    }
}

fn channels(shell: &Shell, rows: &[ChannelRow]) -> Markup {
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("Channel")) } th scope="col" { (say!("delivery|To")) } th scope="col" { (say!("Last delivery")) }
                th scope="col" { (say!("Last error")) } th scope="col" { span.unseen { (say!("verb|Test")) } } } }
            tbody { @for row in rows { tr {
                th scope="row" { (foreign(&row.name)) " (" (row.kind) ")" }
                td data-label=(say!("delivery|To")) { (foreign(&row.to)) }
                td data-label=(say!("Last delivery")) { (ago_or(shell.now_ms, row.last_ms, say!("never"))) }
                td data-label=(say!("Last error")) { (told_or_dash(row.error.as_deref())) }
                td data-label=(say!("verb|Test")) {
                    @if shell.may_change() {
                        form method="post" action=(links::welcome_test(&row.name)) { button.primary { (say!("Send a test")) } }
                    }
                }
            } } }
        }
    }
}
