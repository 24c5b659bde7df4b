//! What people decided about findings, and what makers say: each with a reason, a reach and an end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Occurrence, Subject};
use crate::advisory::vex::{Justification, Status};
use crate::limits;
use crate::time::Moment;

/// One decision. It ends by itself: from `expires` on what it closed is open again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub subject: Subject,
    pub verdict: Verdict,
    pub reason: String,
    pub scope: Scope,
    /// Who decided.
    pub by: String,
    pub at: Moment,
    pub expires: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// The risk is known and borne.
    Accepted,
    NotAffected(Justification),
}

/// For whom a decision holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    Fleet,
    Class(String),
    Device(String),
}

/// Whether something is to be fixed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    Open,
    /// By a decision of people, named by its place in the ledger.
    Accepted {
        decision: usize,
        until: Option<Moment>,
    },
    NotAffected {
        decision: usize,
        until: Option<Moment>,
    },
    /// By the word of the maker.
    Vendor(VendorWord),
}

/// What a maker says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VendorWord {
    pub status: Status,
    pub justification: Option<Justification>,
    pub issuer: String,
    pub document: String,
    pub detail: String,
}

/// All decisions, in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    decisions: Vec<Decision>,
    by_subject: BTreeMap<Subject, Vec<usize>>,
}

/// Why a decision is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecisionError {
    #[error("a decision needs a reason: write why in a sentence")]
    Reason,
    #[error("the reason is longer than {} characters", limits::REASON_CHARS)]
    LongReason,
    #[error("the end of a decision lies before its beginning")]
    Expiry,
    #[error("the class or device of a decision is empty")]
    Scope,
    #[error(
        "there are {} decisions already: remove expired ones",
        limits::DECISIONS
    )]
    Full,
}

impl State {
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

impl Decision {
    /// Whether it holds at that moment.
    pub fn holds(&self, now: Moment) -> bool {
        self.at <= now && self.expires.is_none_or(|end| now < end)
    }

    fn reaches(&self, device: &str, class: &str) -> bool {
        match &self.scope {
            Scope::Fleet => true,
            Scope::Class(meant) => meant == class,
            Scope::Device(meant) => meant == device,
        }
    }
}

impl Ledger {
    /// Takes a decision; its place is how states name it.
    pub fn add(&mut self, decision: Decision) -> Result<usize, DecisionError> {
        if decision.reason.trim().is_empty() {
            return Err(DecisionError::Reason);
        }
        if decision.reason.chars().count() > limits::REASON_CHARS {
            return Err(DecisionError::LongReason);
        }
        if decision.expires.is_some_and(|end| end <= decision.at) {
            return Err(DecisionError::Expiry);
        }
        if matches!(&decision.scope, Scope::Class(name) | Scope::Device(name) if name.is_empty()) {
            return Err(DecisionError::Scope);
        }
        if self.decisions.len() == limits::DECISIONS {
            return Err(DecisionError::Full);
        }
        let place = self.decisions.len();
        self.by_subject
            .entry(decision.subject.clone())
            .or_default()
            .push(place);
        self.decisions.push(decision);
        Ok(place)
    }

    pub fn get(&self, place: usize) -> Option<&Decision> {
        self.decisions.get(place)
    }

    /// Decisions that hold at that moment, with their places.
    pub fn holding(&self, now: Moment) -> impl Iterator<Item = (usize, &Decision)> {
        self.decisions
            .iter()
            .enumerate()
            .filter(move |(_, decision)| decision.holds(now))
    }

    /// When the next decision ends: nothing changes by itself before that.
    pub fn next_expiry(&self, now: Moment) -> Option<Moment> {
        self.decisions
            .iter()
            .filter_map(|decision| decision.expires)
            .filter(|end| *end > now)
            .min()
    }

    /// The state of what was found. The narrowest decision that holds counts, of those the latest; then the maker's word.
    pub fn state(&self, occurrence: &Occurrence, class: &str, now: Moment) -> State {
        let places = self
            .by_subject
            .get(&occurrence.subject)
            .map_or(&[][..], Vec::as_slice);
        let holding = places.iter().map(|place| (*place, &self.decisions[*place]));
        let holding = holding.filter(|(_, decision)| {
            decision.holds(now) && decision.reaches(&occurrence.device, class)
        });
        let narrowest = holding.max_by_key(|(place, decision)| {
            let narrowness = match decision.scope {
                Scope::Fleet => 0,
                Scope::Class(_) => 1,
                Scope::Device(_) => 2,
            };
            (narrowness, decision.at, *place)
        });
        match (narrowest, &occurrence.vendor) {
            (Some((decision, found)), _) => {
                let until = found.expires;
                match found.verdict {
                    Verdict::Accepted => State::Accepted { decision, until },
                    Verdict::NotAffected(_) => State::NotAffected { decision, until },
                }
            }
            (None, Some(word)) => State::Vendor(word.clone()),
            (None, None) => State::Open,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::{Confidence, Place};
    use super::*;

    pub(crate) fn occurrence(device: &str) -> Occurrence {
        Occurrence {
            subject: Subject::Vulnerability("CVE-2016-7406".into()),
            device: device.into(),
            place: Place::System,
            evidence: "x".into(),
            confidence: Confidence::Banner,
            fixed_in: None,
            vendor: None,
        }
    }

    pub(crate) fn decision(scope: Scope, verdict: Verdict, expires: Option<u64>) -> Decision {
        Decision {
            subject: Subject::Vulnerability("CVE-2016-7406".into()),
            verdict,
            reason: "The port is shut by the switch.".into(),
            scope,
            by: "ana".into(),
            at: Moment(100),
            expires: expires.map(Moment),
        }
    }

    #[test]
    fn a_decision_closes_its_scope_until_its_end_and_then_it_is_open_again() {
        let mut ledger = Ledger::default();
        let verdict = Verdict::NotAffected(Justification::CodeNotReachable);
        ledger
            .add(decision(Scope::Class("camera".into()), verdict, Some(200)))
            .unwrap();
        let until = Some(Moment(200));
        for (class, now, expected) in [
            ("camera", 99, State::Open),
            ("camera", 100, State::NotAffected { decision: 0, until }),
            ("camera", 199, State::NotAffected { decision: 0, until }),
            ("camera", 200, State::Open),
            ("printer", 150, State::Open),
        ] {
            assert_eq!(
                ledger.state(&occurrence("d1"), class, Moment(now)),
                expected,
                "{class} at {now}"
            );
        }
        assert_eq!(ledger.next_expiry(Moment(150)), until);
        assert_eq!(ledger.next_expiry(Moment(200)), None);
    }

    #[test]
    fn the_narrowest_decision_counts_before_the_makers_word() {
        let mut ledger = Ledger::default();
        ledger
            .add(decision(
                Scope::Device("d1".into()),
                Verdict::Accepted,
                None,
            ))
            .unwrap();
        ledger
            .add(decision(
                Scope::Fleet,
                Verdict::NotAffected(Justification::CodeNotPresent),
                None,
            ))
            .unwrap();
        let state = |device: &str| ledger.state(&occurrence(device), "", Moment(100));
        assert_eq!(
            state("d1"),
            State::Accepted {
                decision: 0,
                until: None
            }
        );
        assert_eq!(
            state("d2"),
            State::NotAffected {
                decision: 1,
                until: None
            }
        );
        let word = VendorWord {
            status: Status::NotAffected,
            justification: None,
            issuer: "ACME".into(),
            document: "1".into(),
            detail: String::new(),
        };
        let mut said = occurrence("d1");
        said.vendor = Some(word.clone());
        assert_eq!(
            Ledger::default().state(&said, "", Moment(0)),
            State::Vendor(word)
        );
    }

    #[test]
    fn a_decision_without_reason_end_or_scope_is_refused() {
        let mut ledger = Ledger::default();
        let with = |change: fn(&mut Decision)| {
            let mut decision = decision(Scope::Fleet, Verdict::Accepted, None);
            change(&mut decision);
            decision
        };
        for (change, error) in [
            (
                (|decision| decision.reason = " ".into()) as fn(&mut Decision),
                DecisionError::Reason,
            ),
            (
                |decision| decision.reason = "x".repeat(limits::REASON_CHARS + 1),
                DecisionError::LongReason,
            ),
            (
                |decision| decision.expires = Some(decision.at),
                DecisionError::Expiry,
            ),
            (
                |decision| decision.scope = Scope::Class(String::new()),
                DecisionError::Scope,
            ),
        ] {
            assert_eq!(ledger.add(with(change)), Err(error));
        }
    }
}
