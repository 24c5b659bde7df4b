//! Reports that are kept, each with its file, and when reports are made again.

use std::ops::ControlFlow;

use findings::time::Moment;
use language::Language;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{ChangeError, ReadError};
use super::packed::{pack, press, unfold, unpack};
use super::rows::Table;
use super::{Changes, Reader};

pub(super) static REPORTS: Table = Table::new("reports");
pub(super) static REPORT_FILES: Table = Table::new("report_files");
pub(super) static REPORT_SCHEDULES: Table = Table::new("report_schedules");

/// Reports that are kept; the oldest goes for a new one.
pub const REPORTS_KEPT: u64 = 100;
/// Bytes of one report.
pub const REPORT_BYTES: usize = 8 * 1024 * 1024;
/// Schedules that there may be.
pub const REPORT_SCHEDULES_KEPT: u64 = 20;

/// What a report is about.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ReportKind")]
pub enum Kind {
    Fleet,
    Device,
    Scan,
    Incident,
    Audit,
    Compliance,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ReportFormat {
    #[default]
    Pdf,
    Csv,
}

/// What a report is written in, by the tags of BCP 47.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ReportLanguage {
    #[default]
    En,
    Fr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    Daily,
    Weekly,
    Monthly,
}

/// One report that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub number: u64,
    pub kind: Kind,
    /// The device, where it is about one.
    pub device: Option<String>,
    pub format: ReportFormat,
    pub made: Moment,
    pub by: String,
    pub bytes: usize,
    /// Of everything before the line of its seal, in hexadecimal.
    pub sha256: String,
}

/// A report that is made again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSchedule {
    pub number: u64,
    pub kind: Kind,
    pub format: ReportFormat,
    pub period: Period,
    pub next: Moment,
    pub by: String,
    #[serde(default)]
    pub language: ReportLanguage,
}

impl From<ReportLanguage> for Language {
    fn from(language: ReportLanguage) -> Self {
        match language {
            ReportLanguage::En => Self::English,
            ReportLanguage::Fr => Self::French,
        }
    }
}

impl From<Language> for ReportLanguage {
    fn from(language: Language) -> Self {
        match language {
            Language::English => Self::En,
            Language::French => Self::Fr,
        }
    }
}

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::Fleet,
        Self::Device,
        Self::Scan,
        Self::Incident,
        Self::Audit,
        Self::Compliance,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Fleet => "fleet",
            Self::Device => "device",
            Self::Scan => "scan",
            Self::Incident => "incident",
            Self::Audit => "audit",
            Self::Compliance => "compliance",
        }
    }
}

impl ReportFormat {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Csv => "csv",
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

impl Period {
    pub const ALL: [Self; 3] = [Self::Daily, Self::Weekly, Self::Monthly];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// A month is thirty days here: nobody asks for the 31st of February.
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Daily => 86_400,
            Self::Weekly => 7 * 86_400,
            Self::Monthly => 30 * 86_400,
        }
    }
}

impl Changes<'_> {
    /// Keeps a report under the number that it says; the oldest goes where there are too many.
    pub fn keep_report(&mut self, kept: &Kept, file: &[u8]) -> Result<(), ChangeError> {
        let key = kept.number.to_be_bytes();
        let mut rows = REPORTS.writable(self.txn)?;
        let mut files = REPORT_FILES.writable(self.txn)?;
        rows.put(&key, &mut pack(kept))?;
        files.put(&key, &mut press(file))?;
        let over = rows.len()?.saturating_sub(REPORTS_KEPT);
        let over = usize::try_from(over).unwrap_or(1);
        if over > 0 {
            for old in rows.remove_before(&key, over, |_| true)? {
                files.remove(&old)?;
            }
        }
        Ok(())
    }

    pub fn put_report_schedule(&mut self, schedule: &ReportSchedule) -> Result<(), ChangeError> {
        let mut rows = REPORT_SCHEDULES.writable(self.txn)?;
        let key = schedule.number.to_be_bytes();
        if !rows.contains(&key)? && rows.len()? >= REPORT_SCHEDULES_KEPT {
            return Err(ChangeError::TooMany("schedules"));
        }
        rows.put(&key, &mut pack(schedule))?;
        Ok(())
    }

    pub fn remove_report_schedule(&mut self, number: u64) -> Result<(), ChangeError> {
        let mut rows = REPORT_SCHEDULES.writable(self.txn)?;
        match rows.remove(&number.to_be_bytes())? {
            true => Ok(()),
            false => Err(ChangeError::Missing("schedule")),
        }
    }
}

impl Reader {
    /// The newest first.
    pub fn reports(&self) -> Result<Vec<Kept>, ReadError> {
        let read = self.engine.read(|txn| {
            let rows = REPORTS.readable(txn)?;
            let mut kept = Vec::new();
            rows.visit_back(.., |_, row| {
                kept.push(unpack(row).ok_or_else(|| rows.malformed())?);
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(kept)
        });
        Ok(read?)
    }

    /// What is known of one, and its file.
    pub fn report(&self, number: u64) -> Result<Option<(Kept, Vec<u8>)>, ReadError> {
        let key = number.to_be_bytes();
        let read = self.engine.read(|txn| {
            let kept: Option<Kept> = REPORTS.readable(txn)?.read(&key, unpack)?;
            let file = REPORT_FILES.readable(txn)?.read(&key, unfold)?;
            Ok(kept.zip(file))
        });
        Ok(read?)
    }

    pub fn report_schedules(&self) -> Result<Vec<ReportSchedule>, ReadError> {
        let read = self.engine.read(|txn| {
            let rows = REPORT_SCHEDULES.readable(txn)?;
            rows.all(|_, row| Some(((), unpack(row)?)))
        });
        Ok(read?.into_iter().map(|((), schedule)| schedule).collect())
    }
}
