//! How strangers tried a suspected device: who voted what, and what would clear it.

use language::say;
use maud::{Markup, html};

use crate::layout::Shell;
use crate::parts::sentence::sentence;
use crate::parts::text::{DeviceRef, device_link};
use crate::parts::time::ago;

/// One committee and what came of it; all words are ours.
#[derive(Debug, Clone)]
pub struct AppealView {
    pub device: DeviceRef,
    /// How the committee has found, in one or two sentences.
    pub weight: String,
    pub held: bool,
    /// In the order in which the members were drawn.
    pub votes: Vec<VoteView>,
    pub clears: String,
}

#[derive(Debug, Clone)]
pub struct VoteView {
    pub member: DeviceRef,
    pub says: String,
    pub at_ms: Option<u64>,
    pub bearing: Bearing,
}

/// Whether a vote counts for a quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearing {
    Against,
    For,
    None,
}

/// Every appeal, for the page of evidence.
#[derive(Debug, Clone)]
pub struct AppealsView {
    /// Whether anything is automated, in one sentence.
    pub automation: String,
    pub appeals: Vec<AppealView>,
}

/// A part of the card of the device itself.
pub fn part(shell: &Shell, view: &AppealView) -> Markup {
    html! {
        div.certificate {
            h2 {
                @if view.held { (say!("A committee of strangers holds it")) } @else { (say!("Tried by a committee of strangers")) }
                span.quiet { (view.weight) }
            }
            (votes(shell, view))
            p.clears { strong { (say!("What clears it")) " " } (view.clears) }
        }
    }
}

/// A card for a page.
pub fn card(shell: &Shell, view: &AppealsView) -> Markup {
    html! {
        section.card aria-labelledby="appeals-title" {
            h2 #appeals-title { (say!("Appeals")) span.quiet { (view.automation) } }
            @for appeal in &view.appeals {
                h3 { @if appeal.held { (sentence!("{device} is held", device = device_link(&appeal.device))) } @else { (device_link(&appeal.device)) } }
                p.quiet { (appeal.weight) }
                (votes(shell, appeal))
                p.clears { strong { (say!("What clears it")) " " } (appeal.clears) }
            }
        }
    }
}

fn votes(shell: &Shell, view: &AppealView) -> Markup {
    let cast = view.votes.iter().filter(|vote| vote.at_ms.is_some());
    html! {
        details.witnesses {
            summary { (say!("How {part} of {whole} members voted", part = cast.count(), whole = view.votes.len())) }
            ul.words {
                @for vote in &view.votes { (word(shell, vote)) }
            }
        }
    }
}

fn word(shell: &Shell, vote: &VoteView) -> Markup {
    let said = html! {
        span.bullet aria-hidden="true" {}
        span { (device_link(&vote.member)) (say!(": ")) (vote.says) }
        @if let Some(at) = vote.at_ms { span.quiet { (sentence!("signed {when}", when = ago(shell.now_ms, at))) } }
    };
    html! {
        @match vote.bearing {
            Bearing::Against => li.bad { (said) },
            Bearing::For => li.good { (said) },
            Bearing::None => li { (said) },
        }
    }
}
