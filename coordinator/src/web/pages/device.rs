//! One device: the header, its four tabs, and its retirement.

use std::time::Duration;

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use protocol::ruling::Decision;
use protocol::text::Name;
use serde::Deserialize;
use ui::links::{self, Range};
use ui::pages::device::{self, DeviceView, SummaryView, Tab};
use ui::parts::form::Field;

use super::html;
use super::profile::WhyQuery;
use crate::live::LiveDevice;
use crate::risk::holder::Holder;
use crate::web::Web;
use crate::web::acts;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::fleet::device_id;
use crate::web::forms::{AskedFor, Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;

mod files;
mod header;
mod logs;
mod peers;
mod summary;
mod telemetry;

pub use header::{alike, named};

/// A sign of life that is not older counts as present.
pub const FRESH: Duration = Duration::from_secs(15);

/// Which tab is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    Summary,
    Telemetry(Range),
    Peers,
    /// From a cursor on.
    Logs(Option<String>),
    /// With a question, perhaps.
    Profile(WhyQuery),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RangeQuery {
    range: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LogsQuery {
    after: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetireForm {
    confirm: String,
}

pub async fn summary(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    show(&web, &frame, id, Open::Summary).await
}

pub async fn telemetry(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<RangeQuery>,
) -> Result<Response, WebError> {
    let range = query.range.as_deref().map(Range::parse).unwrap_or_default();
    show(&web, &frame, id, Open::Telemetry(range)).await
}

pub async fn peers(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    show(&web, &frame, id, Open::Peers).await
}

pub async fn logs(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<LogsQuery>,
) -> Result<Response, WebError> {
    show(&web, &frame, id, Open::Logs(query.after)).await
}

pub async fn profile(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<WhyQuery>,
) -> Result<Response, WebError> {
    show(&web, &frame, id, Open::Profile(query)).await
}

async fn show(web: &Web, frame: &Frame, id: String, open: Open) -> Result<Response, WebError> {
    let view = web.read(move |web| view(web, &id, open)).await?;
    Ok(html(&device::page(&web.shell(frame), &view)))
}

pub fn view(web: &Web, id: &str, open: Open) -> Result<DeviceView, WebError> {
    let device = web.device(&device_id(id)?)?;
    let live = web.snapshot();
    let tab = match open {
        Open::Summary => Tab::Summary(Box::new(summary::view(web, &live, &device)?)),
        Open::Telemetry(range) => Tab::Telemetry(Box::new(telemetry::view(web, &device, range)?)),
        Open::Peers => Tab::Peers(peers::view(web, &live, &device)?),
        Open::Profile(query) => {
            let holder = Holder::Member(device.device);
            let view = super::profile::view(web, holder, device.name.as_str(), &query)?;
            Tab::Profile(Box::new(view))
        }
        Open::Logs(after) => Tab::Logs(logs::view(web, &device, after.as_deref())?),
    };
    Ok(DeviceView {
        header: header::view(&live, &device),
        tab,
    })
}

pub async fn retire(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    Named(id): Named<String>,
    PageForm(form): PageForm<RetireForm>,
) -> Result<Response, WebError> {
    let device = web.device(&device_id(&id)?)?;
    if form.confirm.trim() != device.name.as_str() {
        return unconfirmed(&web, &frame, &device, form.confirm).await;
    }
    let reason = Name::fitted(&format!("retired by {}", caller.name)).ok_or(WebError::Broken)?;
    acts::retire(&web, &trail, &device, reason).await?;
    web.notes
        .flashes
        .put(&caller, say!("{device} is retired.", device = device.name));
    Ok(Redirect::to(&links::device(&id)).into_response())
}

pub async fn quarantine(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    rule(&web, &caller, &trail, &id, Decision::Hold).await
}

pub async fn clear(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    rule(&web, &caller, &trail, &id, Decision::Release).await
}

async fn rule(
    web: &Web,
    caller: &Caller,
    trail: &Trail,
    id: &str,
    decision: Decision,
) -> Result<Response, WebError> {
    let device = web.device(&device_id(id)?)?;
    let reason = Name::fitted(&format!("ordered by {}", caller.name)).ok_or(WebError::Broken)?;
    acts::rule(web, trail, &device, decision, reason).await?;
    let said = match decision {
        Decision::Hold => say!("{device} is in quarantine for a day.", device = device.name),
        Decision::Release => say!("{device} is cleared.", device = device.name),
    };
    web.notes.flashes.put(caller, said);
    Ok(Redirect::to(&links::device(id)).into_response())
}

async fn unconfirmed(
    web: &Web,
    frame: &Frame,
    device: &LiveDevice,
    typed: String,
) -> Result<Response, WebError> {
    let id = device.device.to_string();
    let mut view = web.read(move |web| view(web, &id, Open::Summary)).await?;
    if let Tab::Summary(summary) = &mut view.tab {
        let error = say!("Type the whole name: {name}.", name = device.name);
        **summary = SummaryView {
            retire: Field::wrong(typed.chars().take(64).collect::<String>(), error),
            ..(**summary).clone()
        };
    }
    Ok(again(&device::page(&web.shell(frame), &view)))
}
