//! The first tab of a device: facts, the integrity of its watched files, and the way to retire it.

use language::say;
use maud::{Markup, html};

use super::DeviceHeader;
use crate::layout::Shell;
use crate::links;
use crate::pages::commands::{self, OnDevice};
use crate::parts::form::{Field, Input, summary as errors};
use crate::parts::groups::{self, Groups};
use crate::parts::quantity::count;
use crate::parts::sentence::sentence;
use crate::parts::status::Status;
use crate::parts::text::{code, facts, foreign};
use crate::parts::time::{ago, span};

pub mod fields {
    /// The name of the device, typed to confirm that it is retired.
    pub const CONFIRM: &str = "confirm";
}

/// What a device reports about itself; unknown facts are left out.
#[derive(Debug, Clone, Default)]
pub struct SummaryView {
    pub id: String,
    pub address: Option<String>,
    pub version: Option<String>,
    pub os: Option<String>,
    pub kernel: Option<String>,
    pub architecture: Option<String>,
    pub hardware: Option<String>,
    /// Of which product it takes releases.
    pub product: Option<String>,
    pub uptime_ms: Option<u64>,
    pub enrolled_ms: Option<u64>,
    pub membership_until_ms: Option<u64>,
    pub key_fingerprint: Option<String>,
    /// Number of the newest record in its log.
    pub records: Option<u64>,
    pub groups: Groups,
    /// Our words: whether a committee may hold it by itself, and what that means.
    pub automation: Option<String>,
    pub integrity: Option<Integrity>,
    /// What it was told to do, the newest first.
    pub commands: Vec<OnDevice>,
    /// What was typed to confirm, and why it was refused.
    pub retire: Field,
}

/// The state of the files a node watches.
#[derive(Debug, Clone)]
pub struct Integrity {
    pub files: u64,
    /// Over all watched files.
    pub digest: String,
    pub checked_ms: u64,
    /// Newest first; empty when all is as it was.
    pub changes: Vec<FileChange>,
}

#[derive(Debug, Clone)]
pub struct FileChange {
    pub at_ms: u64,
    pub path: String,
    /// No digest: the file did not exist, or is gone.
    pub before: Option<String>,
    pub after: Option<String>,
}

pub fn content(shell: &Shell, view: &SummaryView) -> Markup {
    html! {
        div.columns {
            section.card aria-labelledby="facts-title" {
                h2 #facts-title { (say!("Facts")) }
                (device_facts(shell, view))
            }
            section.card aria-labelledby="integrity-title" {
                h2 #integrity-title { (say!("Watched files")) }
                (integrity(shell, view.integrity.as_ref()))
            }
        }
        (commands::on_device(shell, &view.id, &view.commands))
    }
}

/// Outside every live region, so that typing in it is never disturbed.
pub fn danger_zone(shell: &Shell, header: &DeviceHeader, view: &SummaryView) -> Markup {
    if !shell.may_change() || header.status == Status::Retired {
        return html! {};
    }
    let label = say!("Type the name of the device to confirm");
    html! {
        section.card.danger-zone aria-labelledby="danger-title" {
            h2 #danger-title { (say!("Retire")) }
            p { (say!("Every node refuses it from now on, its membership is not renewed, and its history stays. To bring it back, add it as a new device.")) }
            p.quiet { (sentence!("An administrator's key can also order it to wipe its keys and its journal, on the command line: {command}", command = code("palisade-coordinator device retire --wipe"))) }
            (errors(&[(fields::CONFIRM, &view.retire)]))
            form method="post" action=(links::retire(&header.id)) {
                (Input::text(fields::CONFIRM, label).render(&view.retire))
                button.danger { (sentence!("Retire {name}", name = foreign(&header.name))) }
            }
        }
    }
}

fn device_facts(shell: &Shell, view: &SummaryView) -> Markup {
    let mut rows = vec![(say!("Device id"), code(&view.id))];
    let texts = [
        (say!("Address"), &view.address),
        (say!("Key"), &view.key_fingerprint),
    ];
    rows.extend(
        texts
            .into_iter()
            .filter_map(|(label, text)| Some((label, code(text.as_deref()?)))),
    );
    let texts = [
        (say!("Agent"), &view.version),
        (say!("System"), &view.os),
        (say!("Kernel"), &view.kernel),
        (say!("Architecture"), &view.architecture),
        (say!("Hardware"), &view.hardware),
        (say!("Product"), &view.product),
    ];
    rows.extend(
        texts
            .into_iter()
            .filter_map(|(label, text)| Some((label, foreign(text.as_deref()?)))),
    );
    if let Some(uptime) = view.uptime_ms {
        rows.push((say!("Up for"), html! { (span(uptime)) }));
    }
    if let Some(enrolled) = view.enrolled_ms {
        rows.push((say!("Enrolled"), ago(shell.now_ms, enrolled)));
    }
    if let Some(until) = view.membership_until_ms {
        rows.push((
            say!("Membership renews"),
            crate::parts::time::until(shell.now_ms, until),
        ));
    }
    if let Some(records) = view.records {
        rows.push((say!("Records in its log"), html! { (count(records)) }));
    }
    rows.extend(groups::facts(&view.id, &view.groups, shell.may_change()));
    if let Some(automation) = &view.automation {
        rows.push((say!("Automated quarantine"), html! { (automation) }));
    }
    facts(rows)
}

fn integrity(shell: &Shell, integrity: Option<&Integrity>) -> Markup {
    let Some(integrity) = integrity else {
        return html! { p.quiet { (say!("The node has not reported on its files yet. It does so with its first record after it starts.")) } };
    };
    html! {
        @if integrity.changes.is_empty() {
            p.intact { (say!("No change in its newest lists of them.")) " " span.quiet { (say!("Claimed by the node.")) } }
        } @else {
            ul.changes {
                @for change in &integrity.changes {
                    li {
                        (code(&change.path)) " "
                        strong { (change_word(change)) } " " (ago(shell.now_ms, change.at_ms))
                        div.digests { (digest(change.before.as_deref())) " → " (digest(change.after.as_deref())) }
                    }
                }
            }
        }
        (facts([
            (say!("Files"), html! { (count(integrity.files)) }),
            (say!("Digest"), code(&integrity.digest)),
            (say!("Checked"), ago(shell.now_ms, integrity.checked_ms)),
        ]))
    }
}

fn change_word(change: &FileChange) -> &'static str {
    match (&change.before, &change.after) {
        (None, _) => say!("appeared"),
        (_, None) => say!("vanished"),
        _ => say!("changed"),
    }
}

fn digest(digest: Option<&str>) -> Markup {
    html! {
        @match digest {
            Some(digest) => (code(digest)),
            None => span.quiet { (say!("no file")) },
        }
    }
}
