//! Counters that are links: each filters the device list to what it counts.

use language::say;
use maud::{Markup, html};

use super::status::{Status, icon};
use crate::links::{self, DeviceFilter};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StatusCounts {
    pub online: u64,
    pub degraded: u64,
    pub silent: u64,
    pub pending: u64,
    pub never_heard: u64,
    pub retired: u64,
}

impl StatusCounts {
    pub fn of(&self, status: Status) -> u64 {
        match status {
            Status::Online => self.online,
            Status::Degraded => self.degraded,
            Status::Silent => self.silent,
            Status::Pending => self.pending,
            Status::NeverHeard => self.never_heard,
            Status::Retired => self.retired,
        }
    }

    pub fn total(&self) -> u64 {
        Status::ALL.into_iter().map(|status| self.of(status)).sum()
    }
}

/// One chip per state, "degraded" and "not yet heard" only when there is one. The chip of the active filter leads back to all.
pub fn chips(counts: &StatusCounts, filter: &DeviceFilter) -> Markup {
    let shown = Status::ALL.into_iter();
    let rare = [Status::Degraded, Status::NeverHeard];
    let shown = shown.filter(|status| !rare.contains(status) || counts.of(*status) > 0);
    let active = filter.status.as_deref().and_then(Status::parse);
    html! {
        ul.chips {
            @for status in shown {
                @let on = active == Some(status);
                @let target = filter.with_status((!on).then(|| status.slug()));
                li {
                    a.chip.(status.slug()).zero[counts.of(status) == 0]
                        href=(links::devices(&target)) aria-current=[on.then_some("true")] title=(status.meaning()) {
                        (icon(status))
                        span.count { (counts.of(status)) }
                        span.word { (status.word()) }
                    }
                }
            }
        }
    }
}

/// Devices whose metadata has ended; shown where there is one, or the list is narrowed to them.
pub fn stale_chip(stale: u64, filter: &DeviceFilter) -> Markup {
    let on = filter.metadata.is_some();
    let target = filter.with_metadata((!on).then_some(links::STALE));
    html! {
        @if stale > 0 || on {
            ul.chips {
                li {
                    a.chip href=(links::devices(&target)) aria-current=[on.then_some("true")]
                        title=(say!("They go on with the last good metadata and take no new order")) {
                        span.count { (stale) }
                        span.word { (say!("stale metadata")) }
                    }
                }
            }
        }
    }
}
