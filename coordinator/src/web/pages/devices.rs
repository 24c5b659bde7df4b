//! The device list, as a page, as the part of it that htmx reloads, and as a table for spreadsheets.

use axum::extract::State as Handle;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use language::say;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links::{DeviceFilter, Sort};
use ui::pages::devices::{self, DeviceRow, DevicesView};
use ui::parts::status::Status;

use super::{html, neighbours, offered};
use crate::live::{LiveDevice, Pending, State, Wipe};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::fleet::{self, Cursor, Entry, Metadata, StatusFilter, Wanted};
use crate::web::forms::AskedFor;
use crate::web::frame::Frame;
use crate::web::origin::Hx;
use crate::web::{pace, silence};
use reports::csv::line;

/// Rows of one page.
const ROWS: usize = 50;
/// Rows of one table for spreadsheets: every member that a mesh may hold.
const CSV_ROWS: usize = protocol::limits::MEMBERS;

/// The query of the list; see [`ui::links::query`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    status: Option<String>,
    class: Option<String>,
    metadata: Option<String>,
    q: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

impl ListQuery {
    pub fn filter(&self) -> DeviceFilter {
        DeviceFilter {
            status: Wanted::text(self.status.as_deref())
                .filter(|slug| Status::parse(slug).is_some()),
            class: Wanted::text(self.class.as_deref()),
            metadata: Wanted::text(self.metadata.as_deref())
                .filter(|word| Metadata::parse(word).is_some()),
            search: Wanted::text(self.q.as_deref()),
            sort: self.sort.as_deref().map(Sort::parse).unwrap_or_default(),
            after: self
                .after
                .clone()
                .filter(|after| Cursor::parse(after).is_some()),
        }
    }
}

pub async fn show(
    Handle(web): Handle<Web>,
    hx: Hx,
    frame: Frame,
    AskedFor(query): AskedFor<ListQuery>,
) -> Result<Response, WebError> {
    let view = web.read(move |web| view(web, query.filter())).await?;
    let shell = web.shell(&frame);
    Ok(html(&match hx {
        Hx::Partial => devices::filtered(&shell, &view),
        Hx::Full => devices::page(&shell, &view),
    }))
}

pub fn view(web: &Web, filter: DeviceFilter) -> Result<DevicesView, WebError> {
    let live = web.snapshot();
    let wanted = wanted(&filter, ROWS);
    let cut = fleet::cut(web, &live, &wanted)?;
    let (classes, _) = offered(&live);
    let rows = cut.entries.iter().map(|entry| drawn(web, entry));
    Ok(DevicesView {
        counts: fleet::counts(&live),
        stale: live.count_stale() as u64,
        rows: rows.collect::<Result<_, _>>()?,
        neighbours: neighbours::section(web, &live, &wanted)?,
        matching: cut.matching as u64,
        next: cut.next.map(|next| next.text()),
        filter,
        classes,
    })
}

fn wanted(filter: &DeviceFilter, limit: usize) -> Wanted {
    let status = filter.status.as_deref().and_then(Status::parse);
    Wanted {
        status: status.map(StatusFilter::Shown),
        class: filter.class.clone(),
        metadata: filter
            .metadata
            .as_deref()
            .and_then(Metadata::parse)
            .unwrap_or_default(),
        search: filter.search.clone(),
        sort: filter.sort,
        after: filter.after.as_deref().and_then(Cursor::parse),
        limit,
    }
}

/// A row with its sparkline.
fn drawn(web: &Web, entry: &Entry<'_>) -> Result<DeviceRow, WebError> {
    let mut row = row(web, entry)?;
    if let Entry::Member(device) = entry {
        row.cpu_percent.clone_from(&web.load(device)?.0);
    }
    Ok(row)
}

fn row(web: &Web, entry: &Entry<'_>) -> Result<DeviceRow, WebError> {
    match entry {
        Entry::Member(device) => member(web, device),
        Entry::Pending(pending) => Ok(waiting(pending)),
    }
}

fn member(web: &Web, device: &LiveDevice) -> Result<DeviceRow, WebError> {
    let told = web.told(device)?;
    Ok(DeviceRow {
        id: device.device.to_string(),
        name: device.name.to_string(),
        status: fleet::shown(device.state),
        reason: reason(device),
        class: device.class.to_string(),
        cell: device.cell.to_string(),
        version: told.version.clone(),
        address: told.address.clone(),
        last_seen_ms: device.heard.map(Timestamp::as_millis),
        cpu_percent: Vec::new(),
    })
}

fn waiting(pending: &Pending) -> DeviceRow {
    DeviceRow {
        id: pending.ticket.to_string(),
        name: pending.name.to_string(),
        status: Status::Pending,
        reason: Some(say!("waits for approval").to_owned()),
        class: "–".to_owned(),
        cell: "–".to_owned(),
        version: Some(pending.agent.to_string()),
        address: Some(pending.address.clone()),
        last_seen_ms: Some(pending.asked.as_millis()),
        cpu_percent: Vec::new(),
    }
}

/// Why a device is not simply online.
fn reason(device: &LiveDevice) -> Option<String> {
    match device.state {
        State::Online => device
            .is_stale()
            .then(|| say!("its metadata has ended").to_owned()),
        State::Degraded => device.degraded.as_ref().map(pace::line),
        State::Enrolled => Some(say!("admitted, not heard yet").to_owned()),
        State::Stopped | State::Silent => silence::line(device),
        State::Retired => device
            .withdrawal
            .as_ref()
            .map(|shut_out| match shut_out.wipe {
                None => shut_out.reason.to_string(),
                Some(Wipe::Ordered) => {
                    say!("{reason}; wiping not confirmed", reason = shut_out.reason)
                }
                Some(Wipe::Confirmed { .. }) => say!("{reason}; wiped", reason = shut_out.reason),
            }),
    }
}

pub async fn csv(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<ListQuery>,
) -> Result<Response, WebError> {
    let table = web
        .read(move |web| table(web, &query.filter().with_after(None)))
        .await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"devices.csv\""),
    ];
    Ok((headers, table).into_response())
}

fn table(web: &Web, filter: &DeviceFilter) -> Result<String, WebError> {
    let live = web.snapshot();
    let cut = fleet::cut(web, &live, &wanted(filter, CSV_ROWS))?;
    let mut table = line(&[
        "id",
        "name",
        "status",
        "class",
        "cell",
        "version",
        "address",
        "last_seen",
    ]);
    for entry in &cut.entries {
        let row = row(web, entry)?;
        let seen = row
            .last_seen_ms
            .map(crate::web::api::instant)
            .unwrap_or_default();
        table += &line(&[
            &row.id,
            &row.name,
            row.status.slug(),
            &row.class,
            &row.cell,
            row.version.as_deref().unwrap_or_default(),
            row.address.as_deref().unwrap_or_default(),
            &seen,
        ]);
    }
    Ok(table)
}
