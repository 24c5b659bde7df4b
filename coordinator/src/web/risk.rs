//! What pages show of findings: an index in words.

use findings::finding::decision::State;
use findings::finding::priority::{Exposure, Likelihood};
use findings::finding::{Confidence, Finding};
use findings::score::{PartKind, Score};
use findings::time::{DAY_S, Moment};
use language::say;
use ui::pages::findings::{FeedView, FindingRow, PartView, ScoreView};
use ui::pages::overview::RiskCard;

use super::Web;
use super::error::WebError;
use crate::risk::document::source_word;
use crate::risk::index::{Index, Row};
use crate::risk::{self, FLEET};

/// Findings that the first page names.
const FIRST: usize = 5;

pub fn row(finding: &Finding, row: &Row) -> FindingRow {
    let priority = &finding.priority;
    FindingRow {
        id: row.id.clone(),
        title: finding.title.clone(),
        level: row.level.word(),
        exploited: priority.exploited.map(date),
        ransomware: row.ransomware,
        due: priority.due.map(date),
        likelihood: match priority.likelihood {
            Likelihood::Unknown => None,
            Likelihood::Rule(ppm) => Some((f64::from(ppm) / 1e4, say!("likelihood|our rule"))),
            Likelihood::Epss(ppm) => Some((f64::from(ppm) / 1e4, "EPSS")),
        },
        exposure: exposure(priority.exposure),
        cvss: (row.kind == "cve" && priority.severity_tenths > 0)
            .then(|| f64::from(priority.severity_tenths) / 10.0),
        open: finding.open_devices as u64,
        devices: row.devices as u64,
    }
}

pub fn exposure(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::Unknown => say!("exposure|not known"),
        Exposure::Segment => say!("exposure|its segment"),
        Exposure::Site => say!("exposure|its site"),
        Exposure::Internet => say!("exposure|the internet"),
    }
}

pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Seen => say!("confidence|it was seen"),
        Confidence::Package => say!("confidence|the package manager"),
        Confidence::Banner => say!("confidence|name and version"),
        Confidence::PlatformUnknown => say!("confidence|version; platform not known"),
    }
}

pub fn date(at: Moment) -> String {
    at.rfc3339().chars().take(10).collect()
}

pub fn feed(index: &Index) -> FeedView {
    let now = risk::now();
    let sources = index.feed.sources.iter();
    FeedView {
        sources: sources
            .map(|(source, age)| (source_word(*source).to_owned(), now.days_since(age.as_of)))
            .collect(),
        advisories: index.feed.catalogue.len() as u64,
        signed: index
            .note
            .as_ref()
            .is_some_and(|note| note.target.is_some()),
    }
}

pub fn score(web: &Web, name: &str, score: &Score) -> Result<ScoreView, WebError> {
    let trend = web.reader.score_trend(name)?;
    let parts = score.parts.iter().map(|part| PartView {
        name: part_name(part.kind),
        lost_tenths: part.lost_tenths,
        reason: part.reason.clone(),
        remedy: part.remedy.clone(),
    });
    Ok(ScoreView {
        tenths: score.tenths,
        parts: parts.collect(),
        trend: trend
            .into_iter()
            .map(|(day, tenths)| (u64::from(day) * DAY_S * 1000, tenths))
            .collect(),
    })
}

pub fn fleet(web: &Web, index: &Index) -> Result<Option<ScoreView>, WebError> {
    let fleet = index.fleet.as_ref();
    fleet.map(|fleet| score(web, FLEET, fleet)).transpose()
}

pub fn part_name(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Exploited => say!("Exploited elsewhere"),
        PartKind::Vulnerable => say!("Other vulnerabilities"),
        PartKind::Weak => say!("Weak services"),
        PartKind::Unseen => say!("score|Not known"),
    }
}

/// Nothing before something was scanned or imported.
pub fn card(web: &Web) -> Option<RiskCard> {
    let index = web.risk.index();
    let fleet = index.fleet.as_ref()?;
    if index.note.is_none() && index.findings.is_empty() {
        return None;
    }
    let mut lost: Vec<(&'static str, u32)> = fleet
        .parts
        .iter()
        .filter(|part| part.lost_tenths > 0)
        .map(|part| (part_name(part.kind), part.lost_tenths))
        .collect();
    lost.sort_by_key(|(_, lost)| std::cmp::Reverse(*lost));
    lost.truncate(3);
    let open = index.findings.iter().zip(&index.rows);
    let open = open.take_while(|(finding, _)| finding.open_devices > 0);
    Some(RiskCard {
        tenths: fleet.tenths,
        open: index.open() as u64,
        lost,
        first: open
            .take(FIRST)
            .map(|(finding, of)| row(finding, of))
            .collect(),
        feed: feed(&index),
    })
}

/// Who closed it, why and until when.
pub fn why(index: &Index, state: &State) -> Option<String> {
    match state {
        State::Open => None,
        State::Accepted { decision, until } | State::NotAffected { decision, until } => {
            let decision = index.ledger.get(*decision)?;
            let end = until.map(|end| say!(", until {day}", day = date(end)));
            let end = end.unwrap_or_default();
            Some(format!("{}: {}{end}", decision.by, decision.reason))
        }
        State::Vendor(word) => Some(format!(
            "{}: {} {}",
            word.issuer, word.document, word.detail
        )),
    }
}
