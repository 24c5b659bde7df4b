//! What witnesses report of a device that it did not sign itself: who, what, since when, and what would clear it.

use language::{count, say};
use maud::{Markup, html};

use super::DeviceHeader;
use crate::layout::Shell;
use crate::links;
use crate::parts::sentence::sentence;
use crate::parts::status::Status;
use crate::parts::text::{DeviceRef, device_link, foreign};
use crate::parts::time::{ago, stamp};

/// All words are ours.
#[derive(Debug, Clone)]
pub struct SuspicionView {
    /// How far the case has come, in one sentence.
    pub weight: String,
    pub suspected: bool,
    pub reports: Vec<ReportView>,
    pub clears: String,
}

/// Neighbours take nothing from the device but its signs of life, its log and its alerts.
#[derive(Debug, Clone)]
pub struct QuarantineView {
    pub until_ms: u64,
    pub reason: String,
}

#[derive(Debug, Clone)]
pub struct ReportView {
    pub witness: DeviceRef,
    pub says: String,
    pub times: u64,
    pub at_ms: u64,
}

pub fn part(shell: &Shell, view: &SuspicionView) -> Markup {
    html! {
        div.certificate {
            h2 {
                @if view.suspected { (say!("Suspected by its witnesses")) } @else { (say!("Some witnesses suspect it")) }
                span.quiet { (view.weight) }
            }
            ul.words {
                @for report in &view.reports { (word(shell, report)) }
            }
            p.clears { strong { (say!("What clears it")) " " } (view.clears) }
        }
    }
}

pub fn quarantine(shell: &Shell, view: &QuarantineView) -> Markup {
    html! {
        div.notice.notable {
            p { (sentence!("{state} until {when}: {reason}.", state = html! { strong { (say!("In quarantine")) } }, when = stamp(view.until_ms), reason = foreign(&view.reason))) }
            p { (sentence!("Neighbours go on watching it and pass on its alerts; they take nothing else from it. A gateway's console can end this on the spot: {command}.", command = html! { code { "palisade-node clear" } })) }
        }
        @if shell.may_change() { p.quiet { (say!("The button to clear it is below.")) } }
    }
}

/// Outside every live region, so that a click in it is never lost.
pub fn quarantine_zone(shell: &Shell, header: &DeviceHeader) -> Markup {
    if !shell.may_change() || header.status == Status::Retired || header.status == Status::Pending {
        return html! {};
    }
    html! {
        section.card aria-labelledby="quarantine-title" {
            h2 #quarantine-title { (say!("Quarantine")) }
            @if header.quarantine.is_some() {
                p { (say!("It ends by itself after a day.")) }
                form method="post" action=(links::clear(&header.id)) {
                    button { (sentence!("Clear {name}", name = foreign(&header.name))) }
                }
            } @else {
                p { (say!("For a day neighbours take nothing from it but its signs of life, its log and its alerts. It stays a member. Exempt classes and gateways are never held, and only a share of the fleet at once.")) }
                form method="post" action=(links::quarantine(&header.id)) {
                    button.danger { (sentence!("Quarantine {name}", name = foreign(&header.name))) }
                }
            }
        }
    }
}

fn word(shell: &Shell, report: &ReportView) -> Markup {
    html! {
        li.bad {
            span.bullet aria-hidden="true" {}
            span { (sentence!("{witness} signed {when}: {what}", witness = device_link(&report.witness), when = ago(shell.now_ms, report.at_ms), what = report.says)) }
            span.quiet { (count!(report.times, "seen {n} time by itself", "seen {n} times by itself")) }
        }
    }
}
