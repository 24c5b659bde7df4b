//! What witnesses report of a device that it did not sign itself: who, what, since when, and what would clear it.

use maud::{Markup, html};

use crate::layout::Shell;
use crate::parts::quantity::count;
use crate::parts::text::{DeviceRef, device_link};
use crate::parts::time::ago;

/// All words are ours.
#[derive(Debug, Clone)]
pub struct SuspicionView {
    /// How far the case has come, in one sentence.
    pub weight: String,
    pub suspected: bool,
    pub reports: Vec<ReportView>,
    pub clears: String,
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

fn word(shell: &Shell, report: &ReportView) -> Markup {
    html! {
        li.bad {
            span.bullet aria-hidden="true" {}
            span { (device_link(&report.witness)) " signed " (ago(shell.now_ms, report.at_ms)) ": " (report.says) }
            span.quiet { "seen " (count(report.times)) " times by itself" }
        }
    }
}
