//! One rollout: its rings, what speaks against the image, who is not counted, and what may be said to it.

use language::say;
use maud::{Markup, html};

use super::{RolloutRow, head, state};
use crate::layout::{Shell, heading, page as shell_page};
use crate::links::{self, LivePage};
use crate::live;
use crate::parts::sentence::sentence;
use crate::parts::text::{self, DeviceRef, code, device_link, foreign, told, with_commands};
use crate::parts::time::{ago, ago_or, span};

pub mod fields {
    pub const WORD: &str = "word";
}

#[derive(Debug, Clone)]
pub struct RolloutView {
    pub row: RolloutRow,
    pub path: String,
    pub sha256: String,
    pub counter: u64,
    pub asked_by: String,
    pub approval: Approval,
    /// Why it stopped by itself.
    pub reason: Option<String>,
    pub rings: Vec<RingRow>,
    pub failures: Vec<FailureRow>,
    pub excluded: Vec<ExcludedRow>,
    pub away: Vec<AwayRow>,
    /// Rows of the two lists that are not drawn: programs read them all.
    pub more: usize,
    /// What whoever looks may say to it now.
    pub words: Vec<Word>,
}

/// Whether somebody else has to agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    NotAsked,
    Missing,
    Given(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Approve,
    Start,
    Pause,
    Resume,
    Abort,
    RollBack,
}

#[derive(Debug, Clone)]
pub struct RingRow {
    pub reach: String,
    pub counted: usize,
    pub waiting: usize,
    pub in_flight: usize,
    pub committed: usize,
    pub failed: usize,
    pub away: usize,
    pub excluded: usize,
    /// So many failures halt it.
    pub halting: usize,
    pub success_percent: u8,
    pub soak_ms: u64,
    pub settled_ms: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct FailureRow {
    pub device: DeviceRef,
    pub state: String,
    pub says: String,
    pub witnesses: Vec<DeviceRef>,
}

#[derive(Debug, Clone)]
pub struct ExcludedRow {
    pub device: DeviceRef,
    pub says: String,
}

#[derive(Debug, Clone)]
pub struct AwayRow {
    pub device: DeviceRef,
    pub since_ms: u64,
    /// The last step that it said.
    pub last: Option<String>,
}

impl Word {
    pub const ALL: [Self; 6] = [
        Self::Approve,
        Self::Start,
        Self::Pause,
        Self::Resume,
        Self::Abort,
        Self::RollBack,
    ];

    /// The value of the form's field.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Abort => "abort",
            Self::RollBack => "roll-back",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Approve => say!("verb|Agree"),
            Self::Start => say!("verb|Start"),
            Self::Pause => say!("verb|Pause"),
            Self::Resume => say!("verb|Resume"),
            Self::Abort => say!("verb|Abort"),
            Self::RollBack => say!("verb|Roll back"),
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Approve => say!("You have looked at it, and it may start."),
            Self::Start => say!("The canary is ordered to update now."),
            Self::Pause => say!("Nobody else is ordered; who is at it goes on."),
            Self::Resume => {
                say!(
                    "It goes on. After a halt the failures so far are pardoned, and the halt is lifted."
                )
            }
            Self::Abort => say!("It ends; who is at it goes on to the end."),
            Self::RollBack => {
                say!(
                    "It ends, and whoever has not committed goes back. Who has committed keeps it: no device falls below its release counter."
                )
            }
        }
    }

    const fn is_dangerous(self) -> bool {
        matches!(self, Self::Abort | Self::RollBack)
    }
}

pub fn page(shell: &Shell, view: &RolloutView) -> Markup {
    let title = say!("Rollout {number}", number = view.row.id);
    let body = html! {
        (live::connect(&LivePage::Rollout { id: view.row.id }))
        (heading(&html! { (title) }, &html! { a.button href=(links::rollouts()) { (say!("Rollouts")) } }))
        div #rollout { (content(shell, view)) }
        @if shell.may_change() { div #rollout-words { (words(view)) } }
    };
    shell_page(shell, &head(&title), &body)
}

/// Every live region of one rollout, as one message of its event stream.
pub fn live(shell: &Shell, view: &RolloutView) -> Markup {
    html! {
        (live::partial("rollout", &content(shell, view)))
        @if shell.may_change() { (live::partial("rollout-words", &words(view))) }
    }
}

fn content(shell: &Shell, view: &RolloutView) -> Markup {
    html! {
        section.card {
            h2 { (foreign(&view.row.product)) " " (foreign(&view.row.version)) " " (state(view.row.state)) }
            @if let Some(reason) = &view.reason { p.notice.bad role="status" { (say!("It stopped by itself: {reason}.", reason = reason)) } }
            (text::facts([
                (say!("Image"), code(&view.path)),
                ("SHA-256", code(&view.sha256)),
                (say!("Release counter"), html! { (view.counter) }),
                (say!("Asked for"), sentence!("by {who}, {when}", who = foreign(&view.asked_by), when = ago(shell.now_ms, view.row.made_ms))),
                (say!("Second person"), approval(view)),
            ]))
        }
        (rings(shell, view))
        @if !view.failures.is_empty() { (failures(&view.failures)) }
        @if !view.away.is_empty() { (away(shell, &view.away)) }
        @if !view.excluded.is_empty() { (excluded(&view.excluded)) }
        @if view.more > 0 { p.quiet { (with_commands(&say!("And {number} more, which `rollout show` lists.", number = view.more))) } }
    }
}

fn approval(view: &RolloutView) -> Markup {
    html! {
        @match &view.approval {
            Approval::NotAsked => (say!("not asked for")),
            Approval::Missing => (sentence!("somebody else than {who} has to agree before it starts", who = foreign(&view.asked_by)))
            Approval::Given(who) => (sentence!("{who} has agreed", who = foreign(who)))
        }
    }
}

fn rings(shell: &Shell, view: &RolloutView) -> Markup {
    html! {
        section.card {
            h2 { (say!("Rings")) }
            table.cards {
                thead { tr { th scope="col" { (say!("Ring")) } th scope="col" { (say!("Committed")) } th scope="col" { (say!("At it")) }
                    th scope="col" { (say!("Waiting")) } th scope="col" { (say!("Failed")) } th scope="col" { (say!("Not counted")) } th scope="col" { (say!("Settled")) } } }
                tbody { @for (number, ring) in (1..).zip(&view.rings) { tr {
                    th scope="row" { (number) (say!(": ")) (ring.reach) }
                    td data-label=(say!("Committed")) {
                        (say!("{part} of {whole}", part = ring.committed, whole = ring.counted))
                        progress.rotated max=(ring.counted.max(1)) value=(ring.committed) aria-label=(say!("Committed in ring {number}", number = number)) {}
                    }
                    td data-label=(say!("At it")) { (ring.in_flight) }
                    td data-label=(say!("Waiting")) { (ring.waiting) }
                    td data-label=(say!("Failed")) { (say!("{failed} ({halting} halt it)", failed = ring.failed, halting = ring.halting)) }
                    td data-label=(say!("Not counted")) { (say!("{away} away, {excluded} excluded", away = ring.away, excluded = ring.excluded)) }
                    td data-label=(say!("Settled")) { (ago_or(shell.now_ms, ring.settled_ms, say!("not yet"))) }
                } } }
            }
            @if let Some(ring) = view.rings.first() {
                p.quiet { (say!("The next ring begins when {percent} % of those that tried have committed, and {time} after the last has ended.",
                    percent = ring.success_percent, time = span(ring.soak_ms))) }
            }
        }
    }
}

fn failures(failures: &[FailureRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("What speaks against the image")) }
            table.cards {
                thead { tr { th scope="col" { (say!("Device")) } th scope="col" { (say!("Ended")) } th scope="col" { (say!("Because")) } th scope="col" { (say!("Witnesses")) } } }
                tbody { @for failure in failures { tr {
                    th scope="row" { (device_link(&failure.device)) }
                    td data-label=(say!("Ended")) { (failure.state) }
                    td data-label=(say!("Because")) { (told(&failure.says)) }
                    td data-label=(say!("Witnesses")) {
                        @if failure.witnesses.is_empty() { span.quiet { "–" } }
                        @for (place, witness) in failure.witnesses.iter().enumerate() {
                            @if place > 0 { ", " } (device_link(witness))
                        }
                    }
                } } }
            }
        }
    }
}

fn away(shell: &Shell, away: &[AwayRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("Away")) }
            p.quiet { (say!("They have said nothing for too long and are not counted. One that comes back is told its order again, and counts.")) }
            table.cards {
                thead { tr { th scope="col" { (say!("Device")) } th scope="col" { (say!("Given up")) } th scope="col" { (say!("Last step")) } } }
                tbody { @for row in away { tr {
                    th scope="row" { (device_link(&row.device)) }
                    td data-label=(say!("Given up")) { (ago(shell.now_ms, row.since_ms)) }
                    td data-label=(say!("Last step")) { (text::or_dash(row.last.as_deref())) }
                } } }
            }
        }
    }
}

fn excluded(excluded: &[ExcludedRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("Left out")) }
            table.cards {
                thead { tr { th scope="col" { (say!("Device")) } th scope="col" { (say!("Because")) } } }
                tbody { @for row in excluded { tr {
                    th scope="row" { (device_link(&row.device)) }
                    td data-label=(say!("Because")) { (told(&row.says)) }
                } } }
            }
        }
    }
}

fn words(view: &RolloutView) -> Markup {
    html! {
        @for word in &view.words {
            section.card.danger-zone[word.is_dangerous()] {
                p { (word.says()) }
                form method="post" action=(links::rollout(view.row.id)) {
                    button.danger[word.is_dangerous()] name=(fields::WORD) value=(word.slug()) { (word.label()) }
                }
            }
        }
    }
}
