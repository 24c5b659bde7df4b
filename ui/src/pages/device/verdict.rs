//! The card at the head of a device: its state, which kind of silence it is, who says so, and what would clear it.

use language::{count, say};
use maud::{Markup, html};

use super::{DeviceHeader, Knowledge, Witness, seat, suspicion};
use crate::layout::Shell;
use crate::links;
use crate::pages::appeal;
use crate::parts::sentence::sentence;
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
        section.card.verdict.(header.status.slug()) aria-label=(say!("Status")) {
            p.state {
                (badge(header.status))
                @if let Some(silence) = &header.silence { strong.kind { (silence.kind) } }
                @if let Some(since) = header.since_ms { span.quiet { (lasting(shell.now_ms, since)) } }
                span.knowledge { (knowledge(shell, header.knowledge)) }
            }
            p.why hx-ignore { (header.why) }
            @if let Some(proof) = &header.evidence {
                p { a href=(links::evidence_proof(proof)) { (say!("See the proof against it")) } }
            }
            @if let Some(silence) = &header.silence {
                (company(silence))
                p.clears { strong { (say!("What clears it")) " " } (silence.clears) }
            }
            @if let Some(returned) = &header.returned {
                p.returned { strong { (say!("Latest silence")) " " } (returned.words) " " (sentence!("Back {when}.", when = ago(shell.now_ms, returned.at_ms))) }
            }
            p.last { (sentence!("Last seen {when}", when = html! { strong { (ago_or(shell.now_ms, header.last_seen_ms, say!("never"))) } })) }
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
        p.stale { strong { (say!("Stale metadata")) " " }
            (sentence!("What it knows of releases and settings ended {when}. It goes on with the last good, and takes no new order until something newer reaches it.", when = ago(shell.now_ms, since_ms))) }
    }
}

fn company(silence: &Silence) -> Markup {
    html! {
        @if !silence.with.is_empty() {
            p.company {
                strong { (say!("Silent with it")) " " }
                @for (number, other) in silence.with.iter().enumerate() {
                    @if number > 0 { ", " }
                    (device_link(other))
                }
                @if silence.more > 0 { (count!(silence.more, "one| and {n} more", "many| and {n} more")) }
            }
        }
    }
}

fn knowledge(shell: &Shell, knowledge: Knowledge) -> Markup {
    html! {
        @match knowledge {
            Knowledge::Claimed => (say!("claimed: only the device says so")),
            Knowledge::SeenBy { witnesses, of } => (say!("seen by {some} of {all}", some = witnesses, all = of)),
            Knowledge::Proven => (say!("proven")),
            Knowledge::HardwareProven => (say!("hardware-proven")),
            Knowledge::StaleSince { at_ms } => (sentence!("stale since {when}", when = ago(shell.now_ms, at_ms))),
            Knowledge::NotVisible => (say!("not visible from here")),
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
            p.quiet { (say!("No witness has reported on it.")) }
        } @else if testimony.accusers > 0 {
            div.certificate {
                h2 {
                    (say!("{some} of {all} witnesses hold it to be silent", some = testimony.accusers, all = testimony.of))
                    span.quiet { (weight(testimony)) }
                }
                (words(shell, &header.witnesses))
            }
        } @else {
            details.witnesses {
                summary { (say!("Heard by {some} of {all} witnesses", some = heard.count(), all = header.witnesses.len())) }
                (words(shell, &header.witnesses))
            }
        }
    }
}

fn weight(testimony: Testimony) -> String {
    match (testimony.standing, testimony.quorum) {
        (Standing::Certified, Some(quorum)) if testimony.accusers < quorum => {
            say!(
                "A certificate: {quorum} are needed, fewer where witnesses are down themselves.",
                quorum
            )
        }
        (Standing::Certified, Some(quorum)) => say!("A certificate: {quorum} are needed.", quorum),
        (Standing::Certified, None) => say!("A certificate.").to_owned(),
        (Standing::Open, Some(quorum)) => say!("No certificate: {quorum} are needed.", quorum),
        (Standing::Open, None) => say!("The mesh is too small for a certificate.").to_owned(),
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
                span { (sentence!("{witness} signed {when} that it is silent", witness = name, when = ago(shell.now_ms, at_ms))) }
                span.quiet { (say!("liveness probe without answer")) }
            },
            (Word::Vouches, heard) => li.good {
                span.bullet aria-hidden="true" {}
                span { (sentence!("{witness} hears it, {when}", witness = name, when = ago_or(shell.now_ms, heard, say!("lately")))) }
                span.quiet { (witness.evidence.words()) }
            },
            (Word::Nothing, Some(heard)) => li {
                span.bullet aria-hidden="true" {}
                span { (sentence!("{witness} last heard it {when}", witness = name, when = ago(shell.now_ms, heard))) }
                span.quiet { (witness.evidence.words()) }
            },
            (Word::Nothing, None) => li {
                span.bullet aria-hidden="true" {}
                span { (sentence!("{witness} has said nothing of it", witness = name)) }
            },
        }
    }
}
