//! The device list, as a page, as the part of it that htmx reloads, and as a table for spreadsheets.

use axum::extract::State as Handle;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use findings::filter::{DEVICE_FIELDS, Filter, FilterError};
use language::say;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links::{self, DeviceFilter, Sort};
use ui::pages::devices::{self, DeviceRow, DevicesView};
use ui::pages::neighbours::NeighboursView;
use ui::parts::groups::Groups;
use ui::parts::status::Status;

use super::{groups, html, neighbours, offered};
use crate::live::{LiveDevice, Pending, State, Wipe};
use crate::risk::index::Index;
use crate::store::advice::Shelf;
use crate::web::Web;
use crate::web::acts::views;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::fleet::{self, Cursor, Entry, Metadata, StatusFilter, Wanted};
use crate::web::forms::{AskedFor, PageForm, again};
use crate::web::frame::Frame;
use crate::web::origin::Hx;
use crate::web::trail::Trail;
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
    filter: Option<String>,
    sort: Option<String>,
    after: Option<String>,
}

/// A filter is never cut, since what is left of one lets through something else.
fn typed(filter: Option<&str>) -> Option<String> {
    let filter = filter.map(str::trim).filter(|filter| !filter.is_empty())?;
    Some(filter.to_owned())
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
            filter: typed(self.filter.as_deref()),
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
    let (classes, _) = offered(&live);
    let mut view = DevicesView {
        counts: fleet::counts(&live),
        stale: live.count_stale() as u64,
        rows: Vec::new(),
        neighbours: NeighboursView::default(),
        matching: 0,
        next: None,
        wrong: None,
        saved: web.reader.views(Shelf::Devices)?.into_iter().collect(),
        filter,
        classes,
    };
    let wanted = match wanted(&view.filter, ROWS) {
        Ok(wanted) => wanted,
        Err(error) => {
            view.wrong = Some(error.to_string());
            return Ok(view);
        }
    };
    let (cut, index) = (fleet::cut(web, &live, &wanted)?, web.risk.index());
    let rows = cut.entries.iter().map(|entry| drawn(web, &index, entry));
    view.rows = rows.collect::<Result<_, _>>()?;
    view.neighbours = neighbours::section(web, &live, &wanted)?;
    view.matching = cut.matching as u64;
    view.next = cut.next.map(|next| next.text());
    Ok(view)
}

fn wanted(filter: &DeviceFilter, limit: usize) -> Result<Wanted, FilterError> {
    let status = filter.status.as_deref().and_then(Status::parse);
    let text = filter.filter.as_deref();
    let read = text.map(|text| Filter::parse(text, DEVICE_FIELDS));
    Ok(Wanted {
        filter: read.transpose()?,
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
    })
}

/// A row with its sparkline.
fn drawn(web: &Web, index: &Index, entry: &Entry<'_>) -> Result<DeviceRow, WebError> {
    let mut row = row(web, index, entry)?;
    if let Entry::Member(device) = entry {
        row.cpu_percent.clone_from(&web.load(device)?.0);
    }
    Ok(row)
}

fn row(web: &Web, index: &Index, entry: &Entry<'_>) -> Result<DeviceRow, WebError> {
    match entry {
        Entry::Member(device) => member(web, index, device),
        Entry::Pending(pending) => Ok(waiting(pending)),
    }
}

fn member(web: &Web, index: &Index, device: &LiveDevice) -> Result<DeviceRow, WebError> {
    let told = web.told(device)?;
    let known = index.devices.get(&device.device.to_string());
    Ok(DeviceRow {
        groups: known.map(groups).unwrap_or_default(),
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
        groups: Groups::default(),
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
    frame: Frame,
    AskedFor(query): AskedFor<ListQuery>,
) -> Result<Response, WebError> {
    let filter = query.filter().with_after(None);
    let Ok(wanted) = wanted(&filter, CSV_ROWS) else {
        // The list says what is wrong with the filter.
        let view = web.read(move |web| view(web, filter)).await?;
        return Ok(again(&devices::page(&web.shell(&frame), &view)));
    };
    let table = web.read(move |web| table(web, &wanted)).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"devices.csv\""),
    ];
    Ok((headers, table).into_response())
}

fn table(web: &Web, wanted: &Wanted) -> Result<String, WebError> {
    let (live, index) = (web.snapshot(), web.risk.index());
    let cut = fleet::cut(web, &live, wanted)?;
    let mut table = line(&[
        "id",
        "name",
        "status",
        "class",
        "cell",
        "version",
        "address",
        "last_seen",
        "node",
        "site",
        "tags",
    ]);
    for entry in &cut.entries {
        let row = row(web, &index, entry)?;
        table += &line(&[
            &row.id,
            &row.name,
            row.status.slug(),
            &row.class,
            &row.cell,
            row.version.as_deref().unwrap_or_default(),
            row.address.as_deref().unwrap_or_default(),
            &seen(row.last_seen_ms),
            "yes",
            &row.groups.site,
            &row.groups.tags.join(","),
        ]);
    }
    for one in neighbours::beside(web, &live, wanted)? {
        let row = neighbours::row(&live, &index, &one);
        table += &line(&[
            &row.mac,
            &row.name,
            one.state(live.at).word(),
            &row.class,
            "",
            "",
            row.address.as_deref().unwrap_or_default(),
            &seen(row.last_ms),
            "no",
            &row.groups.site,
            &row.groups.tags.join(","),
        ]);
    }
    Ok(table)
}

fn seen(at_ms: Option<u64>) -> String {
    at_ms.map(crate::web::api::instant).unwrap_or_default()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewForm {
    name: String,
    filter: String,
}

/// Keeps a filter under a name, or takes the name away.
pub async fn keep_view(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<ViewForm>,
) -> Result<Response, WebError> {
    let (name, text) = (&form.name, form.filter.trim());
    let filter = DeviceFilter {
        filter: typed(Some(text)),
        ..DeviceFilter::default()
    };
    let name = match views::keep(&web, &trail, Shelf::Devices, name, text).await {
        Ok(name) => name,
        Err(WebError::Invalid(flaws)) => {
            let mut view = web.read(move |web| view(web, filter)).await?;
            let wrong = flaws
                .iter()
                .map(|flaw| format!("{}: {}", flaw.place, flaw.what));
            view.wrong = Some(wrong.collect::<Vec<_>>().join("; "));
            return Ok(again(&devices::page(&web.shell(&frame), &view)));
        }
        Err(error) => return Err(error),
    };
    web.notes
        .flashes
        .put(&caller, say!("{name} is kept.", name));
    Ok(Redirect::to(&links::devices(&filter)).into_response())
}
