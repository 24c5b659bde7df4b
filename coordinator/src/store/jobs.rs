//! Scans that nodes were ordered to make, and when they are made again.

use std::ops::ControlFlow;

use findings::time::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{ChangeError, ReadError};
use super::packed::{pack, unpack};
use super::rows::Table;
use super::{Changes, Reader};

pub(super) static JOBS: Table = Table::new("scan_jobs");
pub(super) static SCHEDULES: Table = Table::new("scan_schedules");

/// Jobs that are kept; the oldest goes for a new one.
pub const JOBS_KEPT: u64 = 500;
/// Schedules that there may be.
pub const SCHEDULES_KEPT: u64 = 50;

/// What somebody asks to be scanned.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScanWish {
    /// Devices, addresses and networks; everything that is known where there is none.
    pub targets: Vec<String>,
    pub depth: Ports,
    pub views: Views,
    /// The name of the device, typed by an administrator, where its class is not scanned otherwise.
    pub confirm: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ports {
    #[default]
    Known,
    Every,
}

/// From how many places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Views {
    #[default]
    One,
    /// Two nodes look, and what they see is compared.
    Two,
}

/// One job: what was asked, and what each node does of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub number: u64,
    pub asked: Moment,
    pub by: String,
    pub wish: ScanWish,
    /// Devices that are left alone, and why.
    pub spared: Vec<Spared>,
    pub errands: Vec<Errand>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Spared {
    pub device: String,
    pub name: String,
    pub why: String,
}

/// What one node has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    pub node: String,
    pub name: String,
    pub targets: Vec<String>,
    pub spared: Vec<String>,
    /// Nobody begins after this.
    pub until: Moment,
    /// When it last became another.
    pub at: Moment,
    pub stage: Stage,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    Ordered,
    Running {
        phase: String,
        /// Hundredths of a percent of the phase.
        done: u16,
        hosts: u32,
    },
    /// It has ended there, and what it found is on its way.
    Fetching {
        hosts: u32,
        bytes: u64,
        digest: String,
    },
    Finished {
        hosts: u32,
        scan: u64,
    },
    Refused {
        why: String,
    },
    Failed {
        why: String,
    },
    Cancelling,
    Cancelled,
    /// No node has begun in time.
    Expired,
}

/// A job that is asked for again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    pub number: u64,
    pub wish: ScanWish,
    pub by: String,
    pub every_s: u64,
    pub next: Moment,
    /// Why the last one was not begun.
    pub trouble: Option<String>,
}

impl Stage {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Running { .. } => "running",
            Self::Fetching { .. } => "fetching",
            Self::Finished { .. } => "finished",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    pub fn is_over(&self) -> bool {
        matches!(
            self,
            Self::Finished { .. }
                | Self::Refused { .. }
                | Self::Failed { .. }
                | Self::Cancelled
                | Self::Expired
        )
    }
}

impl Job {
    pub fn is_over(&self) -> bool {
        self.errands.iter().all(|errand| errand.stage.is_over())
    }
}

impl Changes<'_> {
    /// Stores a job as it stands.
    pub fn put_job(&mut self, job: &Job) -> Result<(), ChangeError> {
        let mut rows = JOBS.writable(self.txn)?;
        rows.put(&job.number.to_be_bytes(), &mut pack(job))?;
        let over = rows.len()?.saturating_sub(JOBS_KEPT);
        if over > 0 {
            let end = job.number.to_be_bytes();
            rows.remove_before(&end, usize::try_from(over).unwrap_or(1), |_| true)?;
        }
        Ok(())
    }

    /// Stores a schedule, or takes it away.
    pub fn put_schedule(&mut self, schedule: &Schedule) -> Result<(), ChangeError> {
        let mut rows = SCHEDULES.writable(self.txn)?;
        let key = schedule.number.to_be_bytes();
        if !rows.contains(&key)? && rows.len()? >= SCHEDULES_KEPT {
            return Err(ChangeError::TooMany("schedules"));
        }
        rows.put(&key, &mut pack(schedule))?;
        Ok(())
    }

    pub fn remove_schedule(&mut self, number: u64) -> Result<(), ChangeError> {
        match SCHEDULES
            .writable(self.txn)?
            .remove(&number.to_be_bytes())?
        {
            true => Ok(()),
            false => Err(ChangeError::Missing("schedule")),
        }
    }
}

impl Reader {
    /// The newest first.
    pub fn jobs(&self, at_most: usize) -> Result<Vec<Job>, ReadError> {
        let read = self.engine.read(|txn| {
            let rows = JOBS.readable(txn)?;
            let mut jobs = Vec::new();
            rows.visit_back(.., |_, row| {
                jobs.push(unpack(row).ok_or_else(|| rows.malformed())?);
                Ok(match jobs.len() < at_most {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                })
            })?;
            Ok(jobs)
        });
        Ok(read?)
    }

    pub fn job(&self, number: u64) -> Result<Option<Job>, ReadError> {
        let read = self
            .engine
            .read(|txn| JOBS.readable(txn)?.read(&number.to_be_bytes(), unpack));
        Ok(read?)
    }

    pub fn schedules(&self) -> Result<Vec<Schedule>, ReadError> {
        let read = self.engine.read(|txn| {
            SCHEDULES
                .readable(txn)?
                .all(|_, row| Some(((), unpack(row)?)))
        });
        Ok(read?.into_iter().map(|((), schedule)| schedule).collect())
    }
}
