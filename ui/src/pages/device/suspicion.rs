//! What witnesses report of a device that it did not sign itself: who, what, since when, and what would clear it.

use maud::{Markup, html};

use super::DeviceHeader;
use crate::layout::Shell;
use crate::links;
use crate::parts::quantity::count;
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
                @if view.suspected { "Suspected by its witnesses" } @else { "Some witnesses suspect it" }
                span.quiet { (view.weight) }
            }
            ul.words {
                @for report in &view.reports { (word(shell, report)) }
            }
            p.clears { strong { "What clears it " } (view.clears) }
        }
    }
}

pub fn quarantine(shell: &Shell, view: &QuarantineView) -> Markup {
    html! {
        div.notice.notable {
            p { strong { "In quarantine" } " until " (stamp(view.until_ms)) ": " (foreign(&view.reason)) "." }
            p { "Neighbours go on watching it and pass on its alerts; they take nothing else from it. A gateway's console can end this on the spot: " code { "palisade-node clear" } "." }
        }
        @if shell.may_change() { p.quiet { "The button to clear it is below." } }
    }
}

/// Outside every live region, so that a click in it is never lost.
pub fn quarantine_zone(shell: &Shell, header: &DeviceHeader) -> Markup {
    if !shell.may_change() || header.status == Status::Retired || header.status == Status::Pending {
        return html! {};
    }
    html! {
        section.card aria-labelledby="quarantine-title" {
            h2 #quarantine-title { "Quarantine" }
            @if header.quarantine.is_some() {
                p { "It ends by itself after a day." }
                form method="post" action=(links::clear(&header.id)) {
                    button { "Clear " (foreign(&header.name)) }
                }
            } @else {
                p { "For a day neighbours take nothing from it but its signs of life, its log and its alerts. It stays a member. Exempt classes and gateways are never held, and only a share of the fleet at once." }
                form method="post" action=(links::quarantine(&header.id)) {
                    button.danger { "Quarantine " (foreign(&header.name)) }
                }
            }
        }
    }
}

fn word(shell: &Shell, report: &ReportView) -> Markup {
    html! {
        li.bad {
            span.bullet aria-hidden="true" {}
            span { (device_link(&report.witness)) " signed " (ago(shell.now_ms, report.at_ms)) ": " (report.says) }
            span.quiet { "seen " (count(report.times)) " times by itself" }
        }
    }
}
