//! All rollouts; one of them with its rings, and the form with which one is asked for, stand beside it.

pub mod asked;
pub mod one;

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, LivePage};
use crate::live;
use crate::parts::text::{self, foreign};
use crate::parts::time::ago;

#[derive(Debug, Clone)]
pub struct RolloutsView {
    /// The newest first.
    pub rollouts: Vec<RolloutRow>,
}

#[derive(Debug, Clone)]
pub struct RolloutRow {
    pub id: u64,
    pub product: String,
    pub version: String,
    pub state: State,
    pub made_ms: u64,
    /// The ring that is open, counted from 1, and how many there are.
    pub ring: usize,
    pub rings: usize,
    pub committed: usize,
    pub counted: usize,
}

/// Where a rollout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Planned,
    Running,
    Paused,
    Halted,
    Aborted,
    RolledBack,
    Finished,
}

impl State {
    fn words(self) -> &'static str {
        match self {
            Self::Planned => say!("rollout|waits for its start"),
            Self::Running => say!("rollout|running"),
            Self::Paused => say!("rollout|paused"),
            Self::Halted => say!("rollout|halted"),
            Self::Aborted => say!("rollout|aborted"),
            Self::RolledBack => say!("rollout|rolled back"),
            Self::Finished => say!("rollout|finished"),
        }
    }
}

fn head(title: &str) -> Head<'_> {
    Head {
        title,
        nav: Some(Nav::Rollouts),
        liveness: Liveness::LiveOrReloaded,
    }
}

pub fn page(shell: &Shell, view: &RolloutsView) -> Markup {
    let actions = html! {
        @if shell.may_change() { a.button.primary href=(links::rollout_new()) { (say!("New rollout")) } }
    };
    let body = html! {
        (live::connect(&LivePage::Rollouts))
        (heading(&html! { (say!("Rollouts")) }, &actions))
        div #rollouts { (list(shell, view)) }
    };
    shell_page(shell, &head(say!("Rollouts")), &body)
}

/// Every live region of the list, as one message of its event stream.
pub fn live(shell: &Shell, view: &RolloutsView) -> Markup {
    live::partial("rollouts", &list(shell, view))
}

fn list(shell: &Shell, view: &RolloutsView) -> Markup {
    if view.rollouts.is_empty() {
        return text::empty(
            say!("Nothing was rolled out yet"),
            say!(
                "A release that is published reaches the devices in rings: a canary first, then growing shares, and none after one that turned out to be bad."
            ),
            &html! {},
        );
    }
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("Rollout")) } th scope="col" { (say!("State")) } th scope="col" { (say!("Ring")) }
                th scope="col" { (say!("Committed")) } th scope="col" { (say!("Asked for")) } } }
            tbody { @for row in &view.rollouts { tr {
                th scope="row" { a href=(links::rollout(row.id)) { (row.id) (say!(": ")) (foreign(&row.product)) " " (foreign(&row.version)) } }
                td data-label=(say!("State")) { (state(row.state)) }
                td data-label=(say!("Ring")) { (say!("{part} of {whole}", part = row.ring, whole = row.rings)) }
                td data-label=(say!("Committed")) { (say!("{part} of {whole}", part = row.committed, whole = row.counted)) }
                td data-label=(say!("Asked for")) { (ago(shell.now_ms, row.made_ms)) }
            } } }
        }
    }
}

fn state(state: State) -> Markup {
    html! {
        @match state {
            State::Halted => strong { (state.words()) },
            _ => (state.words()),
        }
    }
}
