//! The card at the head of a device: its state, which kind of silence it is, who says so, and what would clear it.

use maud::{Markup, html};

use super::{DeviceHeader, Knowledge, Witness, seat, suspicion};
use crate::layout::Shell;
use crate::links;
use crate::pages::appeal;
use crate::parts::status::badge;
use crate::parts::text::{DeviceRef, device_link};
use crate::parts::time::{ago, ago_or, lasting};

/// Why a device is silent; all words are ours.
#[derive(Debug, Clone)]
pub struct Silence {
    /// Which kind it is: "device or its link".
    pub kind: String,
    /// One sentence on what would end it.
    pub clears: String,
    /// Whom the same cause has silenced, and how many more than are named.
    pub with: Vec<DeviceRef>,
    pub more: u64,
}

/// How the latest silence ended.
#[derive(Debug, Clone)]
pub struct Returned {
    pub at_ms: u64,
    /// Our words: whether it had stopped or was cut off.
    pub words: String,
}

/// How many of the witnesses say that they do not hear the device.
#[derive(Debug, Clone, Copy, Default)]
pub struct Testimony {
    pub accusers: u32,
    pub of: u32,
    /// Votes of a certificate; none where the mesh is too small for any.
    pub quorum: Option<u32>,
    pub standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    #[default]
    Open,
    Certified,
}

/// What one witness says at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It probed the device, heard nothing, and signed that then.
    Accuses {
        at_ms: u64,
    },
    /// It heard the device lately.
    Vouches,
    Nothing,
}

pub fn card(shell: &Shell, header: &DeviceHeader) -> Markup {
    html! {
        section.card.verdict.(header.status.slug()) aria-label="Status" {
            p.state {
                (badge(header.status))
                @if let Some(silence) = &header.silence { strong.kind { (silence.kind) } }
                @if let Some(since) = header.since_ms { span.quiet { (lasting(shell.now_ms, since)) } }
                span.knowledge { (knowledge(shell, header.knowledge)) }
            }
            p.why hx-ignore { (header.why) }
            @if let Some(proof) = &header.evidence {
                p { a href=(links::evidence_proof(proof)) { "See the proof against it" } }
            }
            @if let Some(silence) = &header.silence {
                (company(silence))
                p.clears { strong { "What clears it " } (silence.clears) }
            }
            @if let Some(returned) = &header.returned {
                p.returned { strong { "Latest silence " } (returned.words) " Back " (ago(shell.now_ms, returned.at_ms)) "." }
            }
            p.last { "Last seen " strong { (ago_or(shell.now_ms, header.last_seen_ms, "never")) } }
            @if let Some(since) = header.stale_since_ms { (stale(shell, since)) }
            @if let Some(seat) = &header.seat { (seat::part(seat)) }
            @if let Some(quarantine) = &header.quarantine { (suspicion::quarantine(shell, quarantine)) }
            @if let Some(suspicion) = &header.suspicion { (suspicion::part(shell, suspicion)) }
            @if let Some(appeal) = &header.appeal { (appeal::part(shell, appeal)) }
            (witnesses(shell, header))
        }
    }
}

fn stale(shell: &Shell, since_ms: u64) -> Markup {
    html! {
        p.stale { strong { "Stale metadata " }
            "What it knows of releases and settings ended " (ago(shell.now_ms, since_ms))
            ". It goes on with the last good, and takes no new order until something newer reaches it." }
    }
}

fn company(silence: &Silence) -> Markup {
    html! {
        @if !silence.with.is_empty() {
            p.company {
                strong { "Silent with it " }
                @for (number, other) in silence.with.iter().enumerate() {
                    @if number > 0 { ", " }
                    (device_link(other))
                }
                @if silence.more > 0 { " and " (silence.more) " more" }
            }
        }
    }
}

fn knowledge(shell: &Shell, knowledge: Knowledge) -> Markup {
    html! {
        @match knowledge {
            Knowledge::Claimed => "claimed: only the device says so",
            Knowledge::SeenBy { witnesses, of } => { "seen by " (witnesses) " of " (of) },
            Knowledge::Proven => "proven",
            Knowledge::HardwareProven => "hardware-proven",
            Knowledge::StaleSince { at_ms } => { "stale since " (ago(shell.now_ms, at_ms)) },
            Knowledge::NotVisible => "not visible from here",
        }
    }
}

/// Folded while nobody accuses: then it only says who heard the device when.
fn witnesses(shell: &Shell, header: &DeviceHeader) -> Markup {
    let testimony = header.testimony;
    let heard = header
        .witnesses
        .iter()
        .filter(|witness| witness.heard_ms.is_some());
    html! {
        @if header.witnesses.is_empty() {
            p.quiet { "No witness has reported on it." }
        } @else if testimony.accusers > 0 {
            div.certificate {
                h2 {
                    (testimony.accusers) " of " (testimony.of) " witnesses hold it to be silent"
                    span.quiet { (weight(testimony)) }
                }
                (words(shell, &header.witnesses))
            }
        } @else {
            details.witnesses {
                summary { "Heard by " (heard.count()) " of " (header.witnesses.len()) " witnesses" }
                (words(shell, &header.witnesses))
            }
        }
    }
}

fn weight(testimony: Testimony) -> String {
    match (testimony.standing, testimony.quorum) {
        (Standing::Certified, Some(quorum)) if testimony.accusers < quorum => {
            format!(
                "A certificate: {quorum} are needed, fewer where witnesses are down themselves."
            )
        }
        (Standing::Certified, Some(quorum)) => format!("A certificate: {quorum} are needed."),
        (Standing::Certified, None) => "A certificate.".to_owned(),
        (Standing::Open, Some(quorum)) => format!("No certificate: {quorum} are needed."),
        (Standing::Open, None) => "The mesh is too small for a certificate.".to_owned(),
    }
}

fn words(shell: &Shell, witnesses: &[Witness]) -> Markup {
    html! {
        ul.words {
            @for witness in witnesses { (word(shell, witness)) }
        }
    }
}

fn word(shell: &Shell, witness: &Witness) -> Markup {
    let name = device_link(&witness.device);
    html! {
        @match (witness.word, witness.heard_ms) {
            (Word::Accuses { at_ms }, _) => li.bad {
                span.bullet aria-hidden="true" {}
                span { (name) " signed " (ago(shell.now_ms, at_ms)) " that it is silent" }
                span.quiet { "liveness probe without answer" }
            },
            (Word::Vouches, heard) => li.good {
                span.bullet aria-hidden="true" {}
                span { (name) " hears it, " (ago_or(shell.now_ms, heard, "lately")) }
                span.quiet { (witness.evidence.words()) }
            },
            (Word::Nothing, Some(heard)) => li {
                span.bullet aria-hidden="true" {}
                span { (name) " last heard it " (ago(shell.now_ms, heard)) }
                span.quiet { (witness.evidence.words()) }
            },
            (Word::Nothing, None) => li {
                span.bullet aria-hidden="true" {}
                span { (name) " has said nothing of it" }
            },
        }
    }
}
