//! Reports: made from the store and the newest snapshot, sealed with the coordinator's key, kept, and made again by schedule.

mod apart;
mod checking;
mod contents;
pub mod document;
pub mod seal;
mod words;

use std::sync::Arc;
use std::time::Duration;

use findings::time::Moment;
use language::Language;
use language::present::speaking;
use protocol::id::{DeviceId, MeshId};
use protocol::key::{PublicKey, Signer};
use protocol::time::Timestamp;
use reports::pdf::PdfError;
use reports::report::{Moment as Made, Report};
use reports::{csv, pdf};
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::access;
use crate::backup::{self, Deed};
use crate::bulletin::Bulletin;
use crate::compliance::{Backed, Figures};
use crate::delivery::Delivery;
use crate::integrity::DAY_MS;
use crate::live::{LiveHandle, State};
use crate::logbook::Logbook;
use crate::mesh_name::MeshName;
use crate::releases::Releases;
use crate::risk::Risk;
use crate::risk::document::FeedDocument;
use crate::store::audit::Act;
use crate::store::fault::{ChangeError, ReadError};
use crate::store::reports::{Kept, Kind, REPORT_BYTES, ReportFormat, ReportSchedule};
use crate::store::{Reader, Writer};

/// How often schedules are looked at.
const LOOK: Duration = Duration::from_secs(60);
/// How old a scan may be to count for compliance, in days.
const FRESH_DAYS: u64 = 30;

#[derive(Debug, Error)]
pub enum ReportError {
    #[error("name the device that the report is about")]
    NoDevice,
    #[error("there is no such device")]
    NoSuchDevice,
    #[error("a report of one device is not made by schedule: ask for it when you need it")]
    NotScheduled,
    #[error("the report is larger than {} MiB: ask for it as CSV, or for less", REPORT_BYTES / 1024 / 1024)]
    TooLarge,
    #[error(transparent)]
    Pdf(#[from] PdfError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// What a report is asked to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    pub kind: Kind,
    pub device: Option<DeviceId>,
    pub format: ReportFormat,
    pub language: Language,
}

/// A report that was made, and is not kept yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    pub file: Vec<u8>,
    pub sha256: String,
    pub made: Moment,
}

/// Makes reports; a small handle.
#[derive(Debug, Clone)]
pub struct Reporter {
    pub(crate) reader: Reader,
    writer: Writer,
    live: LiveHandle,
    risk: Risk,
    bulletin: Bulletin,
    delivery: Delivery,
    logbook: Logbook,
    releases: Releases,
    signer: Arc<dyn Signer>,
    mesh: MeshId,
    mesh_name: MeshName,
}

/// What reports are made from.
#[derive(Debug)]
pub struct Sources {
    pub reader: Reader,
    pub writer: Writer,
    pub live: LiveHandle,
    pub risk: Risk,
    pub delivery: Delivery,
    pub logbook: Logbook,
    pub releases: Releases,
    /// The coordinator's identity.
    pub signer: Arc<dyn Signer>,
    pub mesh: MeshId,
    pub mesh_name: MeshName,
}

impl Reporter {
    pub fn new(sources: Sources) -> Self {
        Self {
            reader: sources.reader,
            writer: sources.writer,
            live: sources.live,
            risk: sources.risk,
            bulletin: sources.delivery.bulletin().clone(),
            delivery: sources.delivery,
            logbook: sources.logbook,
            releases: sources.releases,
            signer: sources.signer,
            mesh: sources.mesh,
            mesh_name: sources.mesh_name,
        }
    }

    /// By which reports are signed.
    pub fn key(&self) -> PublicKey {
        self.signer.public()
    }

    /// Makes a report and keeps nothing.
    pub fn make(&self, wish: &Wish, now: Timestamp) -> Result<Fresh, ReportError> {
        speaking(wish.language, || self.make_now(wish, now))
    }

    fn make_now(&self, wish: &Wish, now: Timestamp) -> Result<Fresh, ReportError> {
        let mut sections = self.sections(wish.kind, wish.device.as_ref(), now)?;
        sections.push(checking::section(&self.key()));
        let report = Report {
            title: self.title(wish.kind, wish.device.as_ref()),
            mesh: self.mesh_name.shown(),
            language: wish.language,
            made: made(now),
            sections,
        };
        let bytes = match wish.format {
            ReportFormat::Pdf => pdf::report(&report)?,
            ReportFormat::Csv => csv::report(&report).into_bytes(),
        };
        if bytes.len() > REPORT_BYTES {
            return Err(ReportError::TooLarge);
        }
        let (file, sha256) = seal::seal(bytes, wish.format, self.signer.as_ref());
        Ok(Fresh {
            file,
            sha256,
            made: Moment(now.as_millis() / 1000),
        })
    }

    /// Makes a report and keeps it; what was noted and the report are stored together.
    pub fn keep(
        &self,
        wish: &Wish,
        by: &str,
        act: Act,
        now: Timestamp,
    ) -> Result<Kept, ReportError> {
        let made = self.make(wish, now)?;
        let newest = self.reader.reports()?.first().map_or(0, |kept| kept.number);
        let kept = Kept {
            number: newest + 1,
            kind: wish.kind,
            device: wish.device.map(|device| device.to_string()),
            format: wish.format,
            made: made.made,
            by: by.to_owned(),
            bytes: made.file.len(),
            sha256: made.sha256,
        };
        self.writer.write(|changes| {
            changes.keep_report(&kept, &made.file)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(kept)
    }

    pub fn schedule(&self, schedule: ReportSchedule, act: Act) -> Result<u64, ReportError> {
        if schedule.kind == Kind::Device {
            return Err(ReportError::NotScheduled);
        }
        let known = self.reader.report_schedules()?;
        let number = known.last().map_or(1, |last| last.number + 1);
        let schedule = ReportSchedule { number, ..schedule };
        self.writer.write(|changes| {
            changes.put_report_schedule(&schedule)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(number)
    }

    pub fn unschedule(&self, number: u64, act: Act) -> Result<(), ReportError> {
        self.writer.write(|changes| {
            changes.remove_report_schedule(number)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(())
    }

    /// Makes what is due, until the coordinator stops.
    pub async fn work(self, stopping: CancellationToken) {
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = look.tick() => {}
            }
            let reporter = self.clone();
            let due = tokio::task::spawn_blocking(move || reporter.due(mesh::wall())).await;
            match due {
                Ok(Ok(())) => {}
                Ok(Err(error)) => warn!(%error, "a scheduled report was not made"),
                Err(_) => warn!("a scheduled report panicked"),
            }
        }
    }

    /// Of what was missed while the coordinator was off, one report is made.
    pub fn due(&self, now: Timestamp) -> Result<(), ReportError> {
        let moment = Moment(now.as_millis() / 1000);
        for schedule in self.reader.report_schedules()? {
            if schedule.next > moment {
                continue;
            }
            let next = ReportSchedule {
                next: Moment(moment.0 + schedule.period.seconds()),
                ..schedule.clone()
            };
            self.writer
                .write(|changes| changes.put_report_schedule(&next))?;
            let wish = Wish {
                kind: schedule.kind,
                device: None,
                format: schedule.format,
                language: schedule.language.into(),
            };
            let object = format!("{} report", schedule.kind.word());
            let act = access::act("report.make", &object);
            let act = act.map_err(|_| ReportError::NotScheduled)?;
            let by = format!("schedule {}", schedule.number);
            self.keep(&wish, &by, act, now)?;
        }
        Ok(())
    }

    /// What compliance is judged by.
    pub fn figures(&self) -> Result<Figures, ReportError> {
        let live = self.live.borrow().clone();
        let check = self.reader.audit_check()?;
        let counts = self.reader.counts()?;
        let index = self.risk.index();
        let operators = self.reader.operators()?;
        let mut roles: Vec<_> = operators.iter().map(|operator| operator.role).collect();
        roles.sort_unstable_by_key(|role| role.word());
        roles.dedup();
        let scans = self.reader.scans(1_000)?;
        let now = Moment(mesh::wall().as_millis() / 1000);
        let feed = FeedDocument::of(&index, now);
        let (alerts, alerts_open) = self.bulletin.look(|pages| {
            let open = pages.book.open(mesh::wall()).count();
            (
                pages.book.count(&contents::everything(), mesh::wall()),
                open,
            )
        });
        let agree = check.countersigned.iter();
        let agree = agree.filter(|word| word.agreement == crate::store::audit::Agreement::Agrees);
        Ok(Figures {
            members: live.devices.len() - live.count(State::Retired),
            neighbours: self.reader.neighbours()?.len(),
            online: live.count(State::Online) + live.count(State::Degraded),
            silent: live.count(State::Silent),
            retired: live.count(State::Retired),
            records: counts.records,
            audit_entries: counts.audit,
            audit_whole: check.is_whole(),
            countersigned: agree.count(),
            people: operators.len(),
            roles: roles.len(),
            findings_open: index.open(),
            feed_days: feed.oldest_days,
            scans_fresh: scans
                .iter()
                .filter(|scan| now.days_since(scan.at) <= FRESH_DAYS)
                .count(),
            alerts_open,
            alerts,
            channels: self.delivery.settings().channels.len(),
            rules: self.logbook.rules(<[_]>::len)
                + alerts::sources::RULES
                    .iter()
                    .map(|known| known.len())
                    .sum::<usize>(),
            releases: self.releases.published().map_or(0, |all| all.len()),
            rollouts: live.rollouts.len(),
            backup: self.backed(Deed::Made)?,
            restored: self.backed(Deed::Restored)?,
        })
    }

    fn backed(&self, deed: Deed) -> Result<Option<Backed>, ReadError> {
        let newest = backup::newest(&self.reader, deed)?;
        Ok(newest.map(|note| Backed {
            file: note.file,
            day: day(note.at_ms),
            days_ago: mesh::wall().as_millis().saturating_sub(note.at_ms) / DAY_MS,
            state: note.state.chars().take(12).collect(),
        }))
    }
}

/// A day as people write it: `2026-11-29`.
fn day(at_ms: u64) -> String {
    crate::web::api::instant(at_ms).chars().take(10).collect()
}

fn made(now: Timestamp) -> Made {
    let millis = i64::try_from(now.as_millis()).unwrap_or_default();
    let instant = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    let time = instant.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let part = |part: i8| u8::try_from(part).unwrap_or_default();
    Made {
        year: u16::try_from(time.year()).unwrap_or_default(),
        month: part(time.month()),
        day: part(time.day()),
        hour: part(time.hour()),
        minute: part(time.minute()),
        second: part(time.second()),
    }
}
