//! A device that is there and comes late, in words: how that is seen, and what would clear it.

use std::time::Duration;

use language::number::decimal;
use language::say;

use protocol::coordinator::pace::{Degraded, How};

/// In a few words, as lists show it.
pub fn line(degraded: &Degraded) -> String {
    let longest = seconds(degraded.longest);
    match degraded.how {
        How::Gaps => say!("comes late, by gaps of up to {longest}", longest),
        How::Stalls => say!("stands still for up to {longest}", longest),
    }
}

/// On what it rests, and what would end it.
pub fn why(degraded: &Degraded) -> String {
    let (count, longest) = (degraded.count, seconds(degraded.longest));
    match degraded.how {
        How::Gaps => say!(
            "It comes late: within a minute there were {count} times of up to {longest} in which neither a witness nor the coordinator heard it, and five seconds are usual. A minute without any clears it: look at its link, and at what else keeps it busy.",
            count,
            longest
        ),
        How::Stalls => say!(
            "It stands still again and again: by its own word it missed deadlines of its own in {count} readings of the last minute, by up to {longest}. A minute without any clears it: look at its load, its memory and its disk.",
            count,
            longest
        ),
    }
}

fn seconds(duration: Duration) -> String {
    say!("{n} s", n = decimal(duration.as_secs_f64(), 1))
}
