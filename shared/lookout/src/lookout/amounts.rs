//! How much a device does: what it did in five minutes beside all its five minutes before.
//!
//! The profile knows with whom a device may speak, the fixed rules know what is too much for anybody. Neither sees a camera
//! that sends its maker's cloud ten times what it ever sent. Eight counts of each span go through the statistics of the
//! device ([`detect::stream`]); two spans of three that come more seldom than was asked for are said. What was said is
//! learnt from there on, so that what comes every night is said once; before, a strange span teaches nothing.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use detect::profile::Direction;
use detect::stream::Stream;
use hearing::flow::{Answer, Flow};
use hearing::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::limits::{PLACES_COUNTED, SAID_AGAIN, SPANS};

/// How long one span is.
pub const SPAN: Duration = Duration::from_secs(300);
/// Spans without which nothing is said: a day.
const LEARNING: u64 = 288;
/// Strange spans of the last few that make a firing.
const STRANGE: usize = 2;
const OF_THE_LAST: usize = 3;
/// Counts are kept as logarithms in so many parts of one.
const PARTS: f64 = 1_000.0;

const COUNTS: usize = 8;
/// What is counted, in the words of a firing.
const NAMES: [&str; COUNTS] = [
    "connections out",
    "connections in",
    "connections without answer",
    "places spoken with",
    "ports asked",
    "bytes sent",
    "bytes received",
    "bytes a connection",
];

/// One span: log(1 + count) of each, in thousandths.
pub type Row = [u16; COUNTS];

/// The rows of one device that outlive a restart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rows(VecDeque<Row>);

#[derive(Debug)]
pub(super) struct Amounts {
    stream: Stream,
    rows: VecDeque<Row>,
    span: Span,
    began: Moment,
    /// Whether each of the last spans was strange.
    last: VecDeque<bool>,
    said: Option<Moment>,
}

/// What is counted while a span lasts.
#[derive(Debug, Default)]
struct Span {
    out: u64,
    inward: u64,
    unanswered: u64,
    sent: u64,
    received: u64,
    places: BTreeSet<IpAddr>,
    ports: BTreeSet<u16>,
    /// A rule fired meanwhile, so that nothing is learnt of it.
    is_tainted: bool,
}

/// What is so seldom, and what it usually is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Strange {
    pub(super) what: &'static str,
    pub(super) observed: u64,
    pub(super) usual: u64,
}

impl Amounts {
    /// Begins with what was kept; the same rows give the same statistics.
    pub(super) fn new(rows: &Rows, now: Moment) -> Self {
        let stream = Stream::new(COUNTS, 0).expect("a stream may have sixteen features");
        let mut amounts = Self {
            stream,
            rows: VecDeque::new(),
            span: Span::default(),
            began: now,
            last: VecDeque::new(),
            said: None,
        };
        rows.0.iter().for_each(|row| amounts.learn(*row));
        amounts
    }

    pub(super) fn rows(&self) -> Rows {
        Rows(self.rows.clone())
    }

    pub(super) fn opened(&mut self, direction: Direction, flow: &Flow) {
        let other = match direction {
            Direction::Out => {
                self.span.out += 1;
                self.span.unanswered +=
                    u64::from(matches!(flow.answer, Answer::Nothing | Answer::Refused));
                flow.key.responder.address
            }
            Direction::In => {
                self.span.inward += 1;
                flow.key.initiator.address
            }
        };
        if self.span.places.len() < PLACES_COUNTED {
            self.span.places.insert(other);
        }
        if self.span.ports.len() < PLACES_COUNTED {
            self.span.ports.insert(flow.key.responder.port);
        }
    }

    pub(super) fn carried(&mut self, sent: u64, received: u64) {
        self.span.sent = self.span.sent.saturating_add(sent);
        self.span.received = self.span.received.saturating_add(received);
    }

    /// A rule speaks of the device: what it does now teaches nothing.
    pub(super) const fn taint(&mut self) {
        self.span.is_tainted = true;
    }

    /// Ends the span if it is over; `rate` is the share of good spans that may be called strange, and 0 calls none so.
    pub(super) fn pass(&mut self, rate: f64, now: Moment) -> Option<Strange> {
        let went_back = now < self.began;
        let past = now.since(self.began);
        if past < SPAN && !went_back {
            return None;
        }
        let span = std::mem::take(&mut self.span);
        self.began = now;
        // Whoever slept has not counted.
        let is_whole = past < SPAN * 2 && !went_back;
        is_whole
            .then(|| self.judge(span.row(), span.is_tainted, rate, now))
            .flatten()
    }

    fn judge(&mut self, row: Row, is_tainted: bool, rate: f64, now: Moment) -> Option<Strange> {
        let values = values(&row);
        let reading = self.stream.score(&values).expect("all rows are as wide");
        let rarity = self.stream.rarity_of(&reading);
        let is_strange =
            self.stream.seen() >= LEARNING && rarity.is_some_and(|rarity| rarity <= rate);
        self.last.push_back(is_strange);
        if self.last.len() > OF_THE_LAST {
            self.last.pop_front();
        }
        let was_said = self.said.is_some_and(|said| now.since(said) < SAID_AGAIN);
        let (feature, _) = reading.farthest;
        let strange = Strange {
            what: NAMES[feature],
            observed: count(values[feature]),
            usual: count(self.stream.middle(feature).unwrap_or_default()),
        };
        if !is_tainted && (!is_strange || was_said) {
            self.learn(row);
        }
        let often = self.last.iter().filter(|strange| **strange).count() >= STRANGE;
        if !is_strange || !often || was_said {
            return None;
        }
        self.said = Some(now);
        Some(strange)
    }

    fn learn(&mut self, row: Row) {
        let learnt = self.stream.score_and_learn(&values(&row));
        learnt.expect("all rows are as wide");
        if self.rows.len() >= SPANS {
            self.rows.pop_front();
        }
        self.rows.push_back(row);
    }
}

impl Span {
    fn row(&self) -> Row {
        let connections = self.out + self.inward;
        let bytes = self.sent.saturating_add(self.received);
        let counts = [
            self.out,
            self.inward,
            self.unanswered,
            self.places.len() as u64,
            self.ports.len() as u64,
            self.sent,
            self.received,
            bytes / connections.max(1),
        ];
        counts.map(|count| ((count as f64).ln_1p() * PARTS).round() as u16)
    }
}

fn values(row: &Row) -> [f64; COUNTS] {
    row.map(|parts| f64::from(parts) / PARTS)
}

fn count(value: f64) -> u64 {
    value.exp_m1().round() as u64
}

#[cfg(test)]
mod tests;
