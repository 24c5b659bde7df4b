//! Links whose two ends do not agree on what crossed them. It names both and accuses neither.

use language::say;
use maud::{Markup, html};

use crate::layout::Shell;
use crate::parts::quantity::count;
use crate::parts::text::{DeviceRef, device_link};
use crate::parts::time::ago;

/// One direction of one link; all words are ours.
#[derive(Debug, Clone)]
pub struct ObservationView {
    pub sender: DeviceRef,
    pub receiver: DeviceRef,
    /// What both have signed, in one sentence.
    pub says: String,
    pub at_ms: u64,
    /// How many periods did not agree so far.
    pub times: u64,
}

/// A card for a page; nothing where there is nothing to tell.
pub fn card(shell: &Shell, observations: &[ObservationView]) -> Markup {
    html! {
        @if !observations.is_empty() {
            section.card aria-labelledby="observations-title" {
                h2 #observations-title {
                    (say!("Links that do not add up"))
                    span.quiet { (say!("Both ends sign what they count. One of the two is wrong; which one cannot be known from this.")) }
                }
                (table(shell, observations))
            }
        }
    }
}

fn table(shell: &Shell, observations: &[ObservationView]) -> Markup {
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("link|From")) } th scope="col" { (say!("link|To")) } th scope="col" { (say!("What both signed")) }
                th.num scope="col" { (say!("link|Times")) } th scope="col" { (say!("link|Latest")) } } }
            tbody {
                @for seen in observations {
                    tr {
                        th scope="row" { (device_link(&seen.sender)) }
                        td data-label=(say!("link|To")) { (device_link(&seen.receiver)) }
                        td data-label=(say!("What both signed")) { (seen.says) }
                        td.num data-label=(say!("link|Times")) { (count(seen.times)) }
                        td data-label=(say!("link|Latest")) { (ago(shell.now_ms, seen.at_ms)) }
                    }
                }
            }
        }
    }
}
