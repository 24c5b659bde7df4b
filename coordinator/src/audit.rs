//! The audit log as programs, spreadsheets and people are given it, and what may be asked of it.

use language::say;
use protocol::time::Timestamp;
use reports::csv;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::store::Reader;
use crate::store::audit::{
    Agreement, AuditCheck, AuditEntry, AuditVerdict, Countersignature, Found, Sought,
};
use crate::store::fault::ReadError;
use crate::web::api::instant;

/// Entries of one export at most; a narrower time exports the rest.
pub const EXPORTED: usize = 100_000;
/// Letters of one thing that is sought.
const SOUGHT: usize = 128;

/// What is sought, as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditAsked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// `2026-11-27` or `2026-11-27T08:00:00Z`; the day itself is inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The same; of a day, its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuditAskedError {
    #[error("`{field}` is longer than {SOUGHT} letters: seek a part of it")]
    TooLong { field: &'static str },
    #[error("`{field}` is no time: write 2026-11-27 or 2026-11-27T08:00:00Z")]
    Time { field: &'static str },
}

impl AuditAskedError {
    pub const fn field(&self) -> &'static str {
        match self {
            Self::TooLong { field } | Self::Time { field } => field,
        }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
pub struct EntryDocument {
    /// Counted from one.
    pub number: u64,
    pub time: String,
    pub actor: String,
    pub action: String,
    pub object: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub digest: String,
    pub previous: String,
}

/// Whether the log is as it was written, and the one that gateways have countersigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditVerdict")]
pub struct VerdictDocument {
    pub whole: bool,
    pub entries: u64,
    /// Digest of the newest entry, of a whole log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// The first entry that is not as it was written, counted from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What gateways have countersigned of it.
    #[serde(default)]
    pub countersigned: Vec<CountersignedDocument>,
}

/// One gateway's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Countersigned")]
pub struct CountersignedDocument {
    pub gateway: String,
    /// By the gateway's clock.
    pub time: String,
    pub entries: u64,
    pub root: String,
    pub agrees: bool,
    pub says: String,
}

/// How an export is written.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "AuditFormat")]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Jsonl,
    Csv,
}

impl AuditAsked {
    pub fn sought(&self) -> Result<Sought, AuditAskedError> {
        Ok(Sought {
            actor: part("actor", self.actor.as_deref())?,
            action: part("action", self.action.as_deref())?,
            object: part("object", self.object.as_deref())?,
            from: time("from", self.from.as_deref(), 0)?,
            until: time("until", self.until.as_deref(), 1)?,
        })
    }
}

fn part(field: &'static str, text: Option<&str>) -> Result<Option<String>, AuditAskedError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    match text {
        Some(text) if text.chars().count() > SOUGHT => Err(AuditAskedError::TooLong { field }),
        text => Ok(text.map(str::to_owned)),
    }
}

/// An instant, or so many days behind the beginning of a day.
fn time(
    field: &'static str,
    text: Option<&str>,
    days: i64,
) -> Result<Option<Timestamp>, AuditAskedError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let wrong = AuditAskedError::Time { field };
    let instant = match text.parse::<jiff::Timestamp>() {
        Ok(instant) => Some(instant),
        Err(_) => day(text, days),
    };
    let millis = instant.and_then(|instant| u64::try_from(instant.as_millisecond()).ok());
    millis.map(Timestamp::from_millis).map(Some).ok_or(wrong)
}

fn day(text: &str, days: i64) -> Option<jiff::Timestamp> {
    let date = text.parse::<jiff::civil::Date>().ok()?;
    let date = date.checked_add(jiff::Span::new().days(days)).ok()?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp())
}

impl EntryDocument {
    pub fn of(entry: &AuditEntry) -> Self {
        let act = &entry.act;
        Self {
            number: entry.index + 1,
            time: instant(act.time.as_millis()),
            actor: act.actor.to_string(),
            action: act.action.to_string(),
            object: act.object.to_string(),
            before: act.before.as_ref().map(ToString::to_string),
            after: act.after.as_ref().map(ToString::to_string),
            address: act.address.as_ref().map(ToString::to_string),
            request_id: act.request.as_ref().map(ToString::to_string),
            digest: entry.digest.to_string(),
            previous: entry.previous.to_string(),
        }
    }

    /// The names of the cells of [`Self::cells`].
    pub const COLUMNS: [&str; 11] = [
        "number",
        "time",
        "actor",
        "action",
        "object",
        "before",
        "after",
        "address",
        "request_id",
        "digest",
        "previous",
    ];

    pub fn cells(&self) -> [String; 11] {
        let or_nothing = |cell: &Option<String>| cell.clone().unwrap_or_default();
        [
            self.number.to_string(),
            self.time.clone(),
            self.actor.clone(),
            self.action.clone(),
            self.object.clone(),
            or_nothing(&self.before),
            or_nothing(&self.after),
            or_nothing(&self.address),
            or_nothing(&self.request_id),
            self.digest.clone(),
            self.previous.clone(),
        ]
    }
}

impl VerdictDocument {
    pub fn of(check: &AuditCheck) -> Self {
        let countersigned = check.countersigned.iter();
        let countersigned = countersigned.map(CountersignedDocument::of).collect();
        match check.verdict {
            AuditVerdict::Whole { entries, head } => Self {
                whole: check.is_whole(),
                entries,
                head: Some(head.to_string()),
                broken: None,
                why: check.contradicted().map(says),
                countersigned,
            },
            AuditVerdict::Broken { index, how } => Self {
                whole: false,
                entries: index,
                head: None,
                broken: Some(index + 1),
                why: Some(how.says().to_owned()),
                countersigned,
            },
        }
    }
}

impl CountersignedDocument {
    fn of(word: &Countersignature) -> Self {
        Self {
            gateway: word.gateway.to_string(),
            time: instant(word.at.as_millis()),
            entries: word.head.entries,
            root: word.head.root.to_string(),
            agrees: word.agreement == Agreement::Agrees,
            says: says(word),
        }
    }
}

/// A gateway's word beside the log, as a sentence.
pub fn says(word: &Countersignature) -> String {
    let (gateway, entries) = (word.gateway, word.head.entries);
    match word.agreement {
        Agreement::Agrees => say!(
            "Gateway {gateway} has countersigned {entries} entries.",
            gateway,
            entries
        ),
        Agreement::Shorter { missing } => say!(
            "Gateway {gateway} has countersigned {entries} entries: {missing} at the end of the log at least are gone.",
            gateway,
            entries,
            missing
        ),
        Agreement::Differs => say!(
            "Gateway {gateway} has countersigned {entries} entries, and not these: the log was rewritten.",
            gateway,
            entries
        ),
    }
}

impl Format {
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }

    /// What stands before the first entry.
    pub fn heading(self) -> String {
        match self {
            Self::Jsonl => String::new(),
            Self::Csv => csv::line(&EntryDocument::COLUMNS),
        }
    }

    pub fn entry(self, entry: &EntryDocument) -> String {
        match self {
            Self::Jsonl => {
                let json = serde_json::to_string(entry);
                json.expect("plain values always have a JSON form") + "\n"
            }
            Self::Csv => csv::line(&entry.cells()),
        }
    }
}

/// Entries that are sought, the newest first, [`EXPORTED`] at most.
pub fn export(reader: &Reader, sought: &Sought, format: Format) -> Result<String, ReadError> {
    let (mut text, mut before, mut left) = (format.heading(), None, EXPORTED);
    while left > 0 {
        let Found { entries, next } = reader.audit_search(sought, before, left)?;
        for entry in &entries {
            text += &format.entry(&EntryDocument::of(entry));
        }
        left = left.saturating_sub(entries.len());
        match next {
            Some(_) => before = next,
            None => break,
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_inside_at_both_ends_and_a_wrong_time_names_its_field() {
        let asked = AuditAsked {
            from: Some("2026-11-27".to_owned()),
            until: Some("2026-11-27".to_owned()),
            ..AuditAsked::default()
        };
        let sought = asked.sought().expect("a day");
        let (from, until) = (sought.from.expect("a day"), sought.until.expect("a day"));
        assert_eq!(until.since(from).as_secs(), 86_400);
        let asked = AuditAsked {
            until: Some("yesterday".to_owned()),
            ..AuditAsked::default()
        };
        assert_eq!(
            asked.sought(),
            Err(AuditAskedError::Time { field: "until" })
        );
        let asked = AuditAsked {
            actor: Some("  ".to_owned()),
            action: Some("x".repeat(200)),
            ..AuditAsked::default()
        };
        assert_eq!(asked.sought().map_err(|error| error.field()), Err("action"));
    }
}
