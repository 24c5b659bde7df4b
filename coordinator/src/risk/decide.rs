//! Decisions of people about findings: accepted, or not affected, for whom, why and until when.

use findings::advisory::vex::Justification;
use findings::finding::Subject;
use findings::finding::decision::{Decision, DecisionError, Scope, Verdict};
use findings::scan::compare::DifferenceKind;
use findings::time::{DAY_S, Moment};
use findings::weakness::Rule;
use protocol::class::DeviceClass;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use thiserror::Error;

use super::holder::Holder;
use super::{Changed, Risk, now};
use crate::store::audit::Act;
use crate::store::fault::{ChangeError, ReadError};

/// A decision as people and programs write it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    /// `accepted` or `not_affected`.
    pub verdict: String,
    /// Why it is not affected, in a word of CycloneDX.
    pub justification: String,
    pub reason: String,
    /// `fleet`, `class:camera` or `device:ID`.
    pub scope: String,
    /// Days, or a date; empty where it has no end.
    pub until: String,
}

/// Why a decision is not taken.
#[derive(Debug, Error)]
pub enum DecideError {
    #[error("choose accepted or not_affected")]
    Verdict,
    #[error("say why it is not affected: one of {}", words())]
    Justification,
    #[error("write fleet, class:camera or device:ID")]
    Scope,
    #[error("write a number of days, or a date like 2027-03-01")]
    Until,
    #[error("there is no such finding")]
    NoFinding,
    #[error(transparent)]
    Decision(#[from] DecisionError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl DecideError {
    /// The field that it is about.
    pub fn place(&self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Justification => "justification",
            Self::Scope | Self::Decision(DecisionError::Scope) => "scope",
            Self::Until | Self::Decision(DecisionError::Expiry) => "until",
            Self::Decision(DecisionError::Reason | DecisionError::LongReason) => "reason",
            Self::NoFinding
            | Self::Decision(DecisionError::Full)
            | Self::Read(_)
            | Self::Change(_) => "",
        }
    }
}

fn words() -> String {
    Justification::ALL.map(Justification::word).join(", ")
}

impl Asked {
    fn decision(&self, subject: Subject, by: &str, at: Moment) -> Result<Decision, DecideError> {
        let verdict = match self.verdict.trim() {
            "accepted" => Verdict::Accepted,
            "not_affected" => {
                let word = self.justification.trim();
                let found = Justification::ALL
                    .into_iter()
                    .find(|known| known.word() == word);
                Verdict::NotAffected(found.ok_or(DecideError::Justification)?)
            }
            _ => return Err(DecideError::Verdict),
        };
        Ok(Decision {
            subject,
            verdict,
            reason: findings::shown::block(&self.reason, findings::limits::REASON_CHARS),
            scope: scope(self.scope.trim())?,
            by: by.to_owned(),
            at,
            expires: until(self.until.trim(), at)?,
        })
    }
}

fn scope(text: &str) -> Result<Scope, DecideError> {
    match text.split_once(':') {
        None if text == "fleet" => Ok(Scope::Fleet),
        Some(("class", class)) => {
            let class: DeviceClass = class.parse().map_err(|_| DecideError::Scope)?;
            Ok(Scope::Class(class.word().to_owned()))
        }
        Some(("device", device)) => {
            let holder: Holder = device.parse().map_err(|_| DecideError::Scope)?;
            Ok(Scope::Device(holder.to_string()))
        }
        _ => Err(DecideError::Scope),
    }
}

fn until(text: &str, now: Moment) -> Result<Option<Moment>, DecideError> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(days) = text.parse::<u32>() {
        return Ok(Some(Moment(now.0 + u64::from(days) * DAY_S)));
    }
    Moment::parse(text).map(Some).ok_or(DecideError::Until)
}

/// A scope as it is written.
pub fn scope_word(scope: &Scope) -> String {
    match scope {
        Scope::Fleet => "fleet".to_owned(),
        Scope::Class(class) => format!("class:{class}"),
        Scope::Device(device) => format!("device:{device}"),
    }
}

pub fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::NotAffected(_) => "not_affected",
    }
}

/// What an id of a finding names, whether or not anything is found of it.
pub fn subject(id: &str) -> Option<Subject> {
    match id.split_once(':') {
        Some(("service", word)) => {
            let rule = Rule::ALL.into_iter().find(|rule| rule.word() == word);
            rule.map(Subject::Weakness)
        }
        Some(("difference", "open-to-one")) => Some(Subject::Difference(DifferenceKind::OpenToOne)),
        Some(("difference", "other-service")) => {
            Some(Subject::Difference(DifferenceKind::OtherService))
        }
        Some(_) => None,
        None => Some(Subject::Vulnerability(id.to_owned())),
    }
}

impl Risk {
    /// Takes a decision about a finding that is there, open or not.
    pub fn decide(&self, id: &str, asked: &Asked, by: &str, act: Act) -> Result<(), DecideError> {
        let mut bench = self.bench();
        if bench.loaded.is_none() {
            self.renew(&mut bench, &Changed::All)?;
        }
        let index = self.index();
        let (finding, _) = index.find(id).ok_or(DecideError::NoFinding)?;
        let decision = asked.decision(finding.subject.clone(), by, now())?;
        // The ledger judges it; a copy, because nothing counts before it is stored.
        let mut ledger = findings::finding::decision::Ledger::clone(&index.ledger);
        ledger.add(decision.clone())?;
        self.0.writer.write(|changes| {
            changes.add_decision(&decision)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(self.renew(&mut bench, &Changed::States)?)
    }

    /// All findings as a VEX document of CycloneDX.
    pub fn vex(&self) -> Vec<u8> {
        let index: Arc<super::index::Index> = self.index();
        let mut serial = [0; 16];
        getrandom::fill(&mut serial).expect("the kernel has dice");
        let (catalogue, ledger) = (&index.feed.catalogue, &index.ledger);
        let all = index.findings.iter().map(AsRef::as_ref);
        findings::finding::export::vex(all, ledger, catalogue, serial, now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked {
            verdict: "not_affected".into(),
            justification: "code_not_present".into(),
            reason: "Our build leaves it out.".into(),
            scope: "class:camera".into(),
            until: "30".into(),
        }
    }

    #[test]
    fn what_is_asked_becomes_a_decision_or_names_its_field() {
        let subject = || Subject::Vulnerability("CVE-2016-7406".into());
        let decision = asked()
            .decision(subject(), "ana", Moment(1000))
            .expect("it is one");
        assert_eq!(decision.expires, Some(Moment(1000 + 30 * DAY_S)));
        assert_eq!(scope_word(&decision.scope), "class:camera");
        for (field, value) in [
            ("verdict", "maybe"),
            ("justification", "because"),
            ("scope", "class:robot"),
            ("until", "soon"),
        ] {
            let mut wrong = asked();
            match field {
                "verdict" => wrong.verdict = value.into(),
                "justification" => wrong.justification = value.into(),
                "scope" => wrong.scope = value.into(),
                _ => wrong.until = value.into(),
            }
            let error = wrong
                .decision(subject(), "ana", Moment(1000))
                .expect_err("it is wrong");
            assert_eq!(error.place(), field);
        }
    }

    #[test]
    fn ids_name_what_they_print() {
        for id in ["CVE-2016-7406", "service:telnet", "difference:open-to-one"] {
            assert_eq!(subject(id).expect("a subject").to_string(), id);
        }
        assert_eq!(subject("service:teapot"), None);
    }
}
