//! Scans: asked for, looked at while they run, cancelled, and asked for again and again.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use findings::scan::{Completeness, Scanner};
use language::present::speaking;
use language::{Language, count, say};
use serde::Deserialize;
use ui::links;
use ui::pages::scans::{
    self as page, ErrandRow, JobRow, KeptRow, NewScanView, ScanView, ScansView, ScheduleRow,
};
use ui::parts::form::Field;

use super::html;
use crate::scans::ScanError;
use crate::scans::plan::PlanError;
use crate::store::jobs::{Errand, Job, Ports, ScanWish, Stage, Views};
use crate::store::operators::Role;
use crate::store::scans::KeptScan;
use crate::web::Web;
use crate::web::acts::sentence;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{AskedFor, Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::{Change, Trail};

/// Rows of one list.
const ROWS: usize = 50;
/// Letters of a wrong form that are shown again.
const TYPED: usize = 1024;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScanForm {
    targets: String,
    depth: String,
    views: String,
    confirm: String,
    every: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleForm {
    schedule: u64,
}

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let view = web.read(view).await?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

fn view(web: &Web) -> Result<ScansView, WebError> {
    let index = web.risk.index();
    let named = |by: &str| {
        let known = index.devices.get(by);
        known.map_or_else(|| by.to_owned(), |known| known.name.clone())
    };
    let schedules = web.reader.schedules()?;
    Ok(ScansView {
        jobs: web.reader.jobs(ROWS)?.iter().map(row).collect(),
        schedules: schedules
            .iter()
            .map(|schedule| ScheduleRow {
                id: schedule.number,
                targets: targets(&schedule.wish),
                every: ui::parts::time::span(schedule.every_s * 1000),
                next_ms: schedule.next.0 * 1000,
                trouble: schedule.trouble.clone(),
            })
            .collect(),
        kept: web
            .reader
            .scans(ROWS)?
            .iter()
            .map(|scan| kept(scan, named(&scan.by)))
            .collect(),
    })
}

fn row(job: &Job) -> JobRow {
    let open = job.errands.iter().find(|errand| !errand.stage.is_over());
    let state = open
        .or_else(|| job.errands.first())
        .map_or("over", |errand| errand.stage.word());
    JobRow {
        id: job.number,
        asked_ms: job.asked.0 * 1000,
        by: job.by.clone(),
        targets: targets(&job.wish),
        state: state.to_owned(),
        over: job.is_over(),
    }
}

fn kept(scan: &KeptScan, by: String) -> KeptRow {
    KeptRow {
        number: scan.number,
        at_ms: scan.at.0 * 1000,
        by,
        scanner: match scan.scanner {
            Scanner::Nmap => "nmap",
            Scanner::OpenVas => "OpenVAS",
        },
        hosts: scan.hosts,
        lacks: match &scan.completeness {
            Completeness::Whole => None,
            Completeness::Cut { bytes } => Some(say!("it breaks off after {bytes} bytes", bytes)),
            Completeness::Capped { left_out } => Some(count!(
                *left_out,
                "{n} entry was left out",
                "{n} entries were left out"
            )),
            Completeness::Failed { reason } => Some(say!("the scanner failed: {reason}", reason)),
        },
    }
}

fn targets(wish: &ScanWish) -> String {
    match wish.targets.is_empty() {
        true => say!("everything that is known").to_owned(),
        false => wish.targets.join(", "),
    }
}

pub async fn begin(
    Handle(web): Handle<Web>,
    frame: Frame,
    AskedFor(query): AskedFor<NewQuery>,
) -> Response {
    let typed: String = query
        .id
        .iter()
        .flat_map(|id| id.chars())
        .take(TYPED)
        .collect();
    let view = NewScanView {
        targets: Field::new(typed),
        depth: Field::new("known"),
        views: Field::new("one"),
        ..NewScanView::default()
    };
    html(&page::new_page(&web.shell(&frame), &view))
}

pub async fn ask(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<ScanForm>,
) -> Result<Response, WebError> {
    let (wish, every_s) = match wish(&form) {
        Ok(wish) => wish,
        Err(view) => return Ok(again(&page::new_page(&web.shell(&frame), &view))),
    };
    match asked(&web, &caller, &trail, wish, every_s).await? {
        Ok(Asked::Job(number)) => Ok(Redirect::to(&links::scan(number)).into_response()),
        Ok(Asked::Schedule) => {
            web.notes
                .flashes
                .put(&caller, say!("It is scanned from here on."));
            Ok(Redirect::to(links::scans()).into_response())
        }
        Err(error) => {
            let mut view = typed(&form);
            let text = Some(sentence(&error.to_string()));
            match error {
                ScanError::Plan(PlanError::Fragile { .. }) => view.confirm.error = text,
                ScanError::Plan(PlanError::OneNode(_)) => view.views.error = text,
                ScanError::Often => view.every.error = text,
                _ => view.targets.error = text,
            }
            Ok(again(&page::new_page(&web.shell(&frame), &view)))
        }
    }
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Job(u64),
    Schedule,
}

/// The same for pages and programs: the outer error is ours, the inner one is of what was asked.
pub async fn asked(
    web: &Web,
    caller: &Caller,
    trail: &Trail,
    wish: ScanWish,
    every_s: Option<u64>,
) -> Result<Result<Asked, ScanError>, WebError> {
    if !wish.confirm.trim().is_empty() && caller.role != Role::Admin {
        return Err(WebError::NotAllowed);
    }
    let after = format!("{:?} ports, confirmed `{}`", wish.depth, wish.confirm);
    let change = Change {
        after: Some(&after),
        ..Change::default()
    };
    let action = match every_s {
        None => "scan.ask",
        Some(_) => "scan.schedule",
    };
    let object = speaking(Language::English, || targets(&wish));
    let act = trail.act(action, &object, change);
    let by = caller.name.to_string();
    web.read(move |web| {
        let done = match every_s {
            None => web
                .scans
                .ask(&wish, &by, act)
                .map(|job| Asked::Job(job.number)),
            Some(every_s) => web
                .scans
                .schedule(wish, every_s, &by, act)
                .map(|_| Asked::Schedule),
        };
        Ok(match done {
            Err(ScanError::Read(error)) => return Err(error.into()),
            Err(ScanError::Change(error)) => return Err(error.into()),
            other => other,
        })
    })
    .await
}

pub async fn unschedule(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    PageForm(form): PageForm<ScheduleForm>,
) -> Result<Response, WebError> {
    let act = trail.act(
        "scan.unschedule",
        &format!("schedule {}", form.schedule),
        Change::default(),
    );
    web.read(move |web| Ok(web.scans.unschedule(form.schedule, act)))
        .await?
        .map_err(|error| refused(&error))?;
    web.notes
        .flashes
        .put(&caller, say!("It is scanned by itself no more."));
    Ok(Redirect::to(links::scans()).into_response())
}

pub async fn one(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let view = web.read(move |web| one_view(web, &id)).await?;
    Ok(html(&page::one(&web.shell(&frame), &view)))
}

pub fn one_view(web: &Web, id: &str) -> Result<ScanView, WebError> {
    let number = number(id)?;
    let job = web.reader.job(number)?.ok_or(WebError::NoSuch("scan"))?;
    Ok(ScanView {
        id: job.number,
        asked_ms: job.asked.0 * 1000,
        by: job.by.clone(),
        targets: targets(&job.wish),
        over: job.is_over(),
        errands: job.errands.iter().map(errand).collect(),
        spared: job
            .spared
            .iter()
            .map(|spared| (spared.name.clone(), spared.why.clone()))
            .collect(),
    })
}

fn errand(errand: &Errand) -> ErrandRow {
    let (detail, done, hosts) = match &errand.stage {
        Stage::Ordered => (say!("waits for the node to begin").to_owned(), None, None),
        Stage::Running { phase, done, hosts } => (phase.clone(), Some(*done), Some(*hosts)),
        Stage::Fetching { hosts, bytes, .. } => {
            (say!("fetches {bytes} bytes", bytes), None, Some(*hosts))
        }
        Stage::Finished { hosts, .. } => (String::new(), None, Some(*hosts)),
        Stage::Refused { why } | Stage::Failed { why } => (why.clone(), None, None),
        Stage::Cancelling => (say!("is told to stop").to_owned(), None, None),
        Stage::Cancelled => (String::new(), None, None),
        Stage::Expired => (
            say!("the node did not begin in time").to_owned(),
            None,
            None,
        ),
    };
    ErrandRow {
        node: errand.node.clone(),
        name: errand.name.clone(),
        targets: errand.targets.join(", "),
        state: errand.stage.word(),
        detail,
        done,
        hosts,
        since_ms: errand.at.0 * 1000,
    }
}

pub async fn cancel(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let number = number(&id)?;
    let act = trail.act("scan.cancel", &format!("scan {number}"), Change::default());
    web.read(move |web| Ok(web.scans.cancel(number, act)))
        .await?
        .map_err(|error| refused(&error))?;
    web.notes
        .flashes
        .put(&caller, say!("The scan is cancelled."));
    Ok(Redirect::to(&links::scan(number)).into_response())
}

pub fn number(text: &str) -> Result<u64, WebError> {
    text.parse().map_err(|_| WebError::NoSuch("scan"))
}

/// Where nothing was typed that could be wrong.
pub fn refused(error: &ScanError) -> WebError {
    match error {
        ScanError::NoSuch => WebError::NoSuch("scan"),
        ScanError::Over => WebError::AlreadySo("the scan is over already"),
        ScanError::Change(crate::store::fault::ChangeError::Missing(what)) => {
            WebError::NoSuch(what)
        }
        error => {
            tracing::error!(%error, "a scan could not be changed");
            WebError::Broken
        }
    }
}

fn typed(form: &ScanForm) -> NewScanView {
    let field = |text: &str| Field::new(text.chars().take(TYPED).collect::<String>());
    NewScanView {
        targets: field(&form.targets),
        depth: field(&form.depth),
        views: field(&form.views),
        confirm: field(&form.confirm),
        every: field(&form.every),
    }
}

fn wish(form: &ScanForm) -> Result<(ScanWish, Option<u64>), Box<NewScanView>> {
    let mut view = typed(form);
    let depth = match form.depth.trim() {
        "" | "known" => Some(Ports::Known),
        "every" => Some(Ports::Every),
        _ => None,
    };
    if depth.is_none() {
        view.depth.error = Some(say!("Write known or every.").to_owned());
    }
    let views = match form.views.trim() {
        "" | "one" => Some(Views::One),
        "two" => Some(Views::Two),
        _ => None,
    };
    if views.is_none() {
        view.views.error = Some(say!("Write one or two.").to_owned());
    }
    let every = match form.every.trim() {
        "" => Some(None),
        hours => hours
            .parse::<u32>()
            .ok()
            .map(|hours| Some(u64::from(hours) * 3600)),
    };
    if every.is_none() {
        view.every.error = Some(say!("Write a number of hours.").to_owned());
    }
    match (depth, views, every) {
        (Some(depth), Some(views), Some(every)) => {
            let words = form.targets.split([' ', ',', '\n']).map(str::trim);
            let targets = words.filter(|word| !word.is_empty()).map(str::to_owned);
            let wish = ScanWish {
                targets: targets.take(256).collect(),
                depth,
                views,
                confirm: form.confirm.clone(),
            };
            Ok((wish, every))
        }
        _ => Err(Box::new(view)),
    }
}
