//! Findings, scores and feeds as programs and the command line are told of them.

use findings::advisory::Source;
use findings::finding::decision::{Decision, Scope, State, Verdict};
use findings::finding::priority::{Exposure, Likelihood};
use findings::finding::{Confidence, Finding, Occurrence, Place, Subject};
use findings::score::{PartKind, Score};
use findings::time::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide::{scope_word, verdict_word};
use super::index::{Index, Row, next_step, state_word};

/// One finding over all devices, with everything that its place in the order comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingDocument {
    /// `CVE-2016-7406`, `service:telnet` or `difference:open-to-one`.
    pub id: String,
    pub kind: String,
    pub title: String,
    pub level: String,
    /// Since when it is known to be exploited.
    pub exploited: Option<String>,
    pub ransomware: bool,
    /// Until when CISA asks to have it fixed.
    pub due: Option<String>,
    /// From 0 to 1, with who says so: `epss` or `rule`.
    pub likelihood: Option<f64>,
    pub likelihood_by: Option<String>,
    /// From where its most exposed open device can be reached.
    pub exposure: String,
    pub cvss: Option<f64>,
    pub open_devices: usize,
    pub devices: usize,
    pub next_step: String,
}

/// One finding on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OccurrenceDocument {
    pub finding: String,
    pub device: String,
    pub name: String,
    pub class: String,
    pub place: String,
    pub evidence: String,
    pub confidence: String,
    pub fixed_in: Option<String>,
    pub state: String,
    /// Until when a decision closes it.
    pub until: Option<String>,
    /// Who closed it, and why.
    pub closed_by: Option<String>,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionDocument {
    pub verdict: String,
    pub justification: Option<String>,
    pub reason: String,
    pub scope: String,
    pub by: String,
    pub at: String,
    pub until: Option<String>,
    /// Whether it holds at this moment.
    pub holds: bool,
}

/// A score whose parts add up: `score` and all `lost` make 100.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreDocument {
    pub score: f64,
    pub parts: Vec<PartDocument>,
    /// Days, with the score of each.
    pub trend: Vec<(String, f64)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PartDocument {
    pub part: String,
    pub lost: f64,
    pub reason: String,
    pub remedy: Option<String>,
}

/// What is known about vulnerabilities, and how old that is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct FeedDocument {
    pub issued: Option<String>,
    pub imported: Option<String>,
    pub imported_by: Option<String>,
    /// Whether administrators have signed for it.
    pub signed: bool,
    pub advisories: usize,
    pub statements: usize,
    /// Files of patterns by which services are known.
    pub patterns: usize,
    pub sources: Vec<SourceDocument>,
    /// Days of the oldest source.
    pub oldest_days: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceDocument {
    pub source: String,
    pub as_of: String,
    pub days: u64,
    pub entries: u64,
}

/// One version of a component, with who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LibraryDocument {
    pub component: String,
    pub version: String,
    pub devices: Vec<String>,
}

impl FindingDocument {
    pub fn of(finding: &Finding, row: &Row) -> Self {
        let priority = &finding.priority;
        let (likelihood, by) = match priority.likelihood {
            Likelihood::Unknown => (None, None),
            Likelihood::Rule(ppm) => (Some(ppm), Some("rule")),
            Likelihood::Epss(ppm) => (Some(ppm), Some("epss")),
        };
        let first = finding
            .occurrences
            .iter()
            .find(|(_, state)| state.is_open());
        Self {
            id: row.id.clone(),
            kind: row.kind.to_owned(),
            title: finding.title.clone(),
            level: row.level.word().to_owned(),
            exploited: priority.exploited.map(Moment::rfc3339),
            ransomware: row.ransomware,
            due: priority.due.map(Moment::rfc3339),
            likelihood: likelihood.map(|ppm| f64::from(ppm) / 1e6),
            likelihood_by: by.map(str::to_owned),
            exposure: exposure_word(priority.exposure).to_owned(),
            cvss: (row.kind == "cve" && priority.severity_tenths > 0)
                .then(|| f64::from(priority.severity_tenths) / 10.0),
            open_devices: finding.open_devices,
            devices: row.devices,
            next_step: next_step(&finding.subject, first.map(|(found, _)| found)),
        }
    }
}

pub fn exposure_word(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::Unknown => "unknown",
        Exposure::Segment => "segment",
        Exposure::Site => "site",
        Exposure::Internet => "internet",
    }
}

pub fn place_word(place: &Place) -> String {
    match place {
        Place::Port(port) => port.to_string(),
        Place::System => "system".to_owned(),
        Place::Component(name) => name.clone(),
    }
}

pub fn confidence_word(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Seen => "seen",
        Confidence::Package => "package",
        Confidence::Banner => "banner",
        Confidence::PlatformUnknown => "platform_unknown",
    }
}

impl OccurrenceDocument {
    pub fn of(index: &Index, found: &Occurrence, state: &State) -> Self {
        let known = index.devices.get(&found.device);
        let (closed_by, reason, until) = closing(index, state);
        Self {
            finding: found.subject.to_string(),
            device: found.device.clone(),
            name: known.map_or_else(|| found.device.clone(), |known| known.name.clone()),
            class: known.map(|known| known.class.clone()).unwrap_or_default(),
            place: place_word(&found.place),
            evidence: found.evidence.clone(),
            confidence: confidence_word(found.confidence).to_owned(),
            fixed_in: found.fixed_in.clone(),
            state: state_word(state).to_owned(),
            until: until.map(Moment::rfc3339),
            closed_by,
            reason,
        }
    }
}

fn closing(index: &Index, state: &State) -> (Option<String>, Option<String>, Option<Moment>) {
    match state {
        State::Open => (None, None, None),
        State::Accepted { decision, until } | State::NotAffected { decision, until } => {
            let decision = index.ledger.get(*decision);
            let by = decision.map(|decision| decision.by.clone());
            (by, decision.map(|decision| decision.reason.clone()), *until)
        }
        State::Vendor(word) => {
            let reason = format!("{} {}", word.document, word.detail);
            (
                Some(word.issuer.clone()),
                Some(reason.trim().to_owned()),
                None,
            )
        }
    }
}

impl DecisionDocument {
    pub fn of(decision: &Decision, now: Moment) -> Self {
        Self {
            verdict: verdict_word(decision.verdict).to_owned(),
            justification: match decision.verdict {
                Verdict::Accepted => None,
                Verdict::NotAffected(justification) => Some(justification.word().to_owned()),
            },
            reason: decision.reason.clone(),
            scope: scope_word(&decision.scope),
            by: decision.by.clone(),
            at: decision.at.rfc3339(),
            until: decision.expires.map(Moment::rfc3339),
            holds: decision.holds(now),
        }
    }

    /// About one finding, the newest first, also those that have ended.
    pub fn about(index: &Index, subject: &Subject) -> Vec<Self> {
        let mut all: Vec<Self> = (0..)
            .map_while(|place| index.ledger.get(place))
            .filter(|decision| decision.subject == *subject)
            .map(|decision| Self::of(decision, index.at))
            .collect();
        all.reverse();
        all
    }
}

/// Whether a decision can reach a device of that class.
pub fn reaches(scope: &Scope, device: &str, class: &str) -> bool {
    match scope {
        Scope::Fleet => true,
        Scope::Class(meant) => meant == class,
        Scope::Device(meant) => meant == device,
    }
}

impl ScoreDocument {
    pub fn of(score: &Score, trend: &[(u32, u32)]) -> Self {
        let parts = score.parts.iter().map(|part| PartDocument {
            part: part_word(part.kind).to_owned(),
            lost: f64::from(part.lost_tenths) / 10.0,
            reason: part.reason.clone(),
            remedy: part.remedy.clone(),
        });
        let date = |day: u32| {
            let at = Moment(u64::from(day) * findings::time::DAY_S).rfc3339();
            at.chars().take(10).collect()
        };
        Self {
            score: f64::from(score.tenths) / 10.0,
            parts: parts.collect(),
            trend: trend
                .iter()
                .map(|(day, tenths)| (date(*day), f64::from(*tenths) / 10.0))
                .collect(),
        }
    }
}

pub fn part_word(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Exploited => "exploited",
        PartKind::Vulnerable => "vulnerable",
        PartKind::Weak => "weak_services",
        PartKind::Unseen => "not_known",
    }
}

impl FeedDocument {
    pub fn of(index: &Index, now: Moment) -> Self {
        let feed = &index.feed;
        let sources = feed.sources.iter().map(|(source, age)| SourceDocument {
            source: source_word(*source).to_owned(),
            as_of: age.as_of.rfc3339(),
            days: now.days_since(age.as_of),
            entries: age.entries,
        });
        let note = index.note.as_ref();
        Self {
            issued: note.map(|_| feed.issued.rfc3339()),
            imported: note.map(|note| note.at.rfc3339()),
            imported_by: note.map(|note| note.by.clone()),
            signed: note.is_some_and(|note| note.target.is_some()),
            advisories: feed.catalogue.len(),
            statements: feed.vex.len(),
            patterns: feed.patterns.len(),
            sources: sources.collect(),
            oldest_days: feed.oldest(now).map(|(_, days)| days),
        }
    }
}

pub fn source_word(source: Source) -> &'static str {
    match source {
        Source::Nvd => "NVD",
        Source::Osv => "OSV",
        Source::Kev => "CISA KEV",
        Source::Epss => "EPSS",
        Source::Csaf => "CSAF VEX",
        Source::Recog => "recog",
    }
}

/// The most components that one answer names.
const LIBRARIES: usize = 500;

pub fn libraries(index: &Index, text: &str) -> Vec<LibraryDocument> {
    let hits = index.libraries.find(text).into_iter().take(LIBRARIES);
    hits.map(|hit| LibraryDocument {
        component: hit.component.to_owned(),
        version: hit.version.to_owned(),
        devices: hit.devices.into_iter().map(str::to_owned).collect(),
    })
    .collect()
}
