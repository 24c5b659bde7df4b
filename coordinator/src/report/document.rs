//! Reports as programs and the command line are told of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seal::Sealed;
use crate::store::reports::{Kept, Kind, Period, ReportFormat, ReportSchedule};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Report")]
pub struct ReportDocument {
    pub id: u64,
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    pub format: ReportFormat,
    pub made: String,
    pub by: String,
    pub bytes: usize,
    /// Of everything before its last line.
    pub sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportScheduleDocument {
    pub id: u64,
    pub kind: Kind,
    pub format: ReportFormat,
    pub every: Period,
    pub next: String,
    pub by: String,
}

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedDocument {
    /// Whether its content is what was signed, by the key that is expected.
    pub holds: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ReportFormat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Who has signed it, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether that is the key that was expected; nothing where none was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl ReportDocument {
    pub fn of(kept: &Kept) -> Self {
        Self {
            id: kept.number,
            kind: kept.kind,
            device: kept.device.clone(),
            format: kept.format,
            made: kept.made.rfc3339(),
            by: kept.by.clone(),
            bytes: kept.bytes,
            sha256: kept.sha256.clone(),
        }
    }

    /// What it is saved as.
    pub fn file(&self) -> String {
        format!("{}-{}.{}", self.kind.word(), self.id, self.format.word())
    }
}

impl ReportScheduleDocument {
    pub fn of(schedule: &ReportSchedule) -> Self {
        Self {
            id: schedule.number,
            kind: schedule.kind,
            format: schedule.format,
            every: schedule.period,
            next: schedule.next.rfc3339(),
            by: schedule.by.clone(),
        }
    }
}

impl CheckedDocument {
    pub fn of(sealed: &Sealed, expected: Option<bool>) -> Self {
        let why = match expected {
            Some(false) => Some("it is signed by another key than this coordinator's".to_owned()),
            Some(true) => None,
            None => Some("nobody has said whose key it should be: compare the key".to_owned()),
        };
        Self {
            holds: expected != Some(false),
            format: Some(sealed.format),
            sha256: Some(sealed.sha256.clone()),
            key: Some(data_encoding::HEXLOWER.encode(sealed.key.as_bytes())),
            expected,
            why,
        }
    }

    pub fn broken(why: String) -> Self {
        Self {
            holds: false,
            format: None,
            sha256: None,
            key: None,
            expected: None,
            why: Some(why),
        }
    }
}
