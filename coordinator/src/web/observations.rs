//! Observations about links, in words, for the pages and for programs.

use language::{count, say};
use protocol::accounts::{Difference, Total};
use ui::pages::observations::ObservationView;
use ui::parts::quantity::bytes;

use super::pages::device::named;
use crate::live::Live;
use crate::store::observations::Seen;

pub fn view(live: &Live, seen: &Seen) -> ObservationView {
    ObservationView {
        sender: named(live, &seen.newest.sender),
        receiver: named(live, &seen.newest.receiver),
        says: says(seen),
        at_ms: seen.newest.at.as_millis(),
        times: seen.times.into(),
    }
}

/// What both ends have signed, in one sentence.
pub fn says(seen: &Seen) -> String {
    let (said, counted) = (amount(seen.newest.said), amount(seen.newest.counted));
    match seen.newest.difference {
        Difference::More => say!(
            "The sender says that it sent {said}; the receiver counted {counted}. No loss explains more.",
            said,
            counted
        ),
        Difference::Less => say!(
            "The sender says that it sent {said}; the receiver counted {counted}. Loss alone does not explain so little.",
            said,
            counted
        ),
        Difference::Told => say!(
            "The sender's log says {said}; the receiver says that it was told another count. It counted {counted}.",
            said,
            counted
        ),
    }
}

fn amount(total: Total) -> String {
    count!(
        total.frames,
        "{n} frame ({bytes})",
        "{n} frames ({bytes})",
        bytes = bytes(total.bytes as f64)
    )
}
