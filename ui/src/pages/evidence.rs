//! Proofs that convict by themselves: the list of them, and one with what it says and the file to take away.

use language::{count, say};
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::pages::appeal::{self, AppealsView};
use crate::pages::observations::{self, ObservationView};
use crate::parts::sentence::sentence;
use crate::parts::text::{self, DeviceRef, code, device_link, facts, in_english};
use crate::parts::time::{ago, stamp};

#[derive(Debug, Clone)]
pub struct EvidenceView {
    /// Newest first.
    pub proofs: Vec<ProofView>,
    /// Links whose ends do not agree: they convict nobody.
    pub observations: Vec<ObservationView>,
    /// Whom strangers have tried: that convicts nobody either.
    pub appeals: AppealsView,
}

/// One proof, checked again when the page was made.
#[derive(Debug, Clone)]
pub struct ProofView {
    pub id: String,
    pub at_ms: u64,
    /// `None`: the admission key itself is convicted.
    pub device: Option<DeviceRef>,
    /// Our words: what was signed that no honest holder of the key signs.
    pub says: String,
    pub remedy: String,
    /// Who brought it; `None` if the coordinator found it itself.
    pub brought_by: Option<DeviceRef>,
    pub parts: Vec<SignedPart>,
    pub bytes: u64,
}

/// One of the two things that contradict each other.
#[derive(Debug, Clone)]
pub struct SignedPart {
    /// The time that it carries.
    pub at_ms: u64,
    pub digest: String,
}

pub fn page(shell: &Shell, view: &EvidenceView) -> Markup {
    let body = html! {
        (heading(&html! { (say!("Evidence")) }, &html! {}))
        @if view.proofs.is_empty() {
            (text::empty(say!("No proofs"), say!("When a device signs two things that no honest device signs both, the proof of it is kept here, and every node shuts the device out at once."), &html! {}))
        } @else {
            (table(shell, view))
        }
        (appeal::card(shell, &view.appeals))
        (observations::card(shell, &view.observations))
    };
    shell_page(shell, &head(say!("Evidence")), &body)
}

pub fn proof_page(shell: &Shell, proof: &ProofView) -> Markup {
    let take = html! {
        a.button.primary href=(links::evidence_file(&proof.id)) download { (say!("Download the proof")) }
    };
    let body = html! {
        (heading(&sentence!("Proof against {device}", device = accused(proof)), &take))
        div.notice.bad {
            p { strong { (in_english(&sentence(&proof.says))) } }
            p { (in_english(&sentence(&proof.remedy))) }
        }
        div.columns {
            section.card aria-labelledby="signed-title" {
                h2 #signed-title { (say!("What was signed")) }
                @for (number, part) in proof.parts.iter().enumerate() {
                    h3 { @if number == 0 { (say!("proof|First")) } @else { (say!("proof|Second")) } }
                    (facts([(say!("Carries the time"), stamp(part.at_ms)), (say!("Digest"), code(&part.digest))]))
                }
            }
            section.card aria-labelledby="found-title" {
                h2 #found-title { (say!("How it was found")) }
                (facts([
                    (say!("Since"), stamp(proof.at_ms)),
                    (say!("Brought by"), brought(proof)),
                    (say!("Size"), html! { (count!(proof.bytes, "{n} byte", "{n} bytes")) }),
                    (say!("Proof"), code(&proof.id)),
                ]))
                p.quiet { (say!("The file carries the root document, the charter and the proof. It checks on a machine without network:")) }
                pre { code hx-ignore { "palisade-coordinator evidence verify FILE" } }
            }
        }
    };
    shell_page(shell, &head(say!("Proof")), &body)
}

fn head(title: &str) -> Head<'_> {
    Head {
        title,
        nav: Some(Nav::Evidence),
        liveness: Liveness::Still,
    }
}

fn table(shell: &Shell, view: &EvidenceView) -> Markup {
    html! {
        table.cards.evidence {
            thead { tr { th scope="col" { (say!("Against")) } th scope="col" { (say!("What was signed")) } th scope="col" { (say!("Brought by")) } th scope="col" { (say!("Since")) } th scope="col" { (say!("Proof")) } } }
            tbody {
                @for proof in &view.proofs {
                    tr {
                        th scope="row" { (accused(proof)) }
                        td data-label=(say!("What was signed")) { (in_english(&sentence(&proof.says))) }
                        td data-label=(say!("Brought by")) { (brought(proof)) }
                        td data-label=(say!("Since")) { (ago(shell.now_ms, proof.at_ms)) }
                        td data-label=(say!("Proof")) { a href=(links::evidence_proof(&proof.id)) { code { (short(&proof.id)) } } }
                    }
                }
            }
        }
    }
}

fn accused(proof: &ProofView) -> Markup {
    html! {
        @match &proof.device {
            Some(device) => (device_link(device)),
            None => (say!("the admission key")),
        }
    }
}

fn brought(proof: &ProofView) -> Markup {
    html! {
        @match &proof.brought_by {
            Some(device) => (device_link(device)),
            None => (say!("the coordinator, which was shown both")),
        }
    }
}

fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// With a capital at the start and a stop at the end.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}
