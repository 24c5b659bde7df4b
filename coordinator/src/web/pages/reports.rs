//! Reports: those that are kept, buttons that make one, and schedules.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use findings::time::Moment;
use language::present::present;
use language::say;
use serde::Deserialize;
use ui::links;
use ui::pages::reports::{self as page, KeptRow, ReportsView, ScheduleRow};
use ui::parts::text::DeviceRef;

use super::{device_ref, html};
use crate::report::document::ReportDocument;
use crate::store::reports::{Kept, Kind, Period, ReportFormat, ReportSchedule};
use crate::web::api::reports::{ReportWish, kept};
use crate::web::caller::{Caller, Need};
use crate::web::error::WebError;
use crate::web::forms::{Named, PageForm};
use crate::web::frame::Frame;
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleForm {
    kind: Kind,
    format: ReportFormat,
    every: Period,
}

pub async fn show(
    Handle(web): Handle<Web>,
    caller: Caller,
    frame: Frame,
) -> Result<Response, WebError> {
    let view = web.read(move |web| view(web, &caller)).await?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

fn view(web: &Web, caller: &Caller) -> Result<ReportsView, WebError> {
    let live = web.snapshot();
    let audits = Need::Audit.allows(caller.role);
    let kinds = Kind::ALL.into_iter();
    let kept = web.reader.reports()?;
    let devices: Vec<DeviceRef> = live.devices.iter().map(device_ref).collect();
    let schedules = web.reader.report_schedules()?;
    Ok(ReportsView {
        kinds: kinds
            .filter(|kind| audits || *kind != Kind::Audit)
            .map(Kind::word)
            .collect(),
        periods: Period::ALL.map(Period::word).to_vec(),
        key: data_encoding::HEXLOWER.encode(web.reporter.key().as_bytes()),
        kept: kept.iter().map(|kept| row(kept, &devices)).collect(),
        devices,
        schedules: schedules.iter().map(schedule_row).collect(),
    })
}

fn row(kept: &Kept, devices: &[DeviceRef]) -> KeptRow {
    let device = kept.device.as_ref();
    KeptRow {
        number: kept.number,
        kind: kept.kind.word(),
        device: device.and_then(|id| devices.iter().find(|device| device.id == *id).cloned()),
        format: kept.format.word(),
        made_ms: kept.made.0 * 1000,
        by: kept.by.clone(),
        bytes: kept.bytes as u64,
        sha256: kept.sha256.clone(),
    }
}

fn schedule_row(schedule: &ReportSchedule) -> ScheduleRow {
    ScheduleRow {
        number: schedule.number,
        kind: schedule.kind.word(),
        format: schedule.format.word(),
        every: schedule.period.word(),
        next_ms: schedule.next.0 * 1000,
    }
}

pub async fn make(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    PageForm(asked): PageForm<ReportWish>,
) -> Result<Response, WebError> {
    let made: ReportDocument = kept(&web, &caller, &trail, &asked).await?;
    let said = say!(
        "The {kind} report is made: {file}.",
        kind = page::word(made.kind.word()),
        file = made.file()
    );
    web.notes.flashes.put(&caller, said);
    Ok(Redirect::to(links::reports()).into_response())
}

pub async fn schedule(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    PageForm(form): PageForm<ScheduleForm>,
) -> Result<Response, WebError> {
    if form.kind == Kind::Audit && !Need::Audit.allows(caller.role) {
        return Err(WebError::NotAllowed);
    }
    let change = Change {
        after: Some(form.every.word()),
        ..Change::default()
    };
    let act = trail.act(
        "report.schedule",
        &format!("{} report", form.kind.word()),
        change,
    );
    let schedule = ReportSchedule {
        number: 0,
        kind: form.kind,
        format: form.format,
        period: form.every,
        next: Moment(wall().as_millis() / 1000),
        by: caller.name.to_string(),
        language: present().into(),
    };
    web.read(move |web| Ok(web.reporter.schedule(schedule, act)?))
        .await?;
    web.notes
        .flashes
        .put(&caller, say!("The first one is made within a minute."));
    Ok(Redirect::to(links::reports()).into_response())
}

pub async fn unschedule(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let number: u64 = id.parse().map_err(|_| WebError::NoSuch("schedule"))?;
    let act = trail.act(
        "report.unschedule",
        &format!("schedule {number}"),
        Change::default(),
    );
    web.read(move |web| Ok(web.reporter.unschedule(number, act)?))
        .await?;
    web.notes
        .flashes
        .put(&caller, say!("The schedule is removed."));
    Ok(Redirect::to(links::reports()).into_response())
}
