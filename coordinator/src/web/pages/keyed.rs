//! Devices that run no node and speak with a key of their own.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use protocol::id::DeviceId;
use serde::Deserialize;
use ui::links;
use ui::pages::keyed::{self as page, KeyView, KeyedOneView, KeyedRow, KeyedView};
use ui::parts::form::Field;
use ui::parts::status::Status;

use super::html;
use crate::keyed::{self, KeyedDocument, ReadingDocument, RegisterError};
use crate::store::keyed::Keyed;
use crate::web::acts::accounts as acts;
use crate::web::acts::sentence;
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::fleet::device_id;
use crate::web::forms::{Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;
use crate::web::{Web, wall};

/// Readings and lines of one device that its page shows.
const ROWS: usize = 20;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterForm {
    name: String,
    class: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderForm {
    order: String,
}

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let view = web.read(view).await?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

fn view(web: &Web) -> Result<KeyedView, WebError> {
    let now = wall();
    let all = web.reader.keyed_devices()?;
    let mut devices: Vec<_> = all
        .iter()
        .map(|(device, keyed)| row(KeyedDocument::of(&web.facts.id, device, keyed, now)))
        .collect();
    devices.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(KeyedView {
        devices,
        ..KeyedView::default()
    })
}

fn row(device: KeyedDocument) -> KeyedRow {
    KeyedRow {
        id: device.id,
        name: device.name,
        class: device.class,
        tag: device.tag,
        status: match device.state.as_str() {
            "online" => Status::Online,
            "silent" => Status::Silent,
            _ => Status::NeverHeard,
        },
        heard_ms: device.last_heard_ms,
        address: device.address,
    }
}

pub async fn register(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<RegisterForm>,
) -> Result<Response, WebError> {
    let made = keyed::register(&form.name, &form.class, &caller.name, wall());
    let wrong = match made {
        Ok(made) => match acts::register(&web, &trail, &made).await {
            Ok(()) => return Ok(key(&web, &frame, made.device, &made.keyed, &made.key)),
            Err(WebError::AlreadySo(_)) => (
                say!("There is a device of this name already.").to_owned(),
                None,
            ),
            Err(error) => return Err(error),
        },
        Err(RegisterError::Class(error)) => (String::new(), Some(sentence(&error.to_string()))),
        Err(RegisterError::Name(error)) => (sentence(&error.to_string()), None),
        Err(_) => return Err(WebError::Broken),
    };
    let mut view = web.read(view).await?;
    let typed = |text: &str| text.chars().take(64).collect::<String>();
    view.name = Field {
        value: typed(&form.name),
        error: Some(wrong.0).filter(|error| !error.is_empty()),
    };
    view.class = Field {
        value: typed(&form.class),
        error: wrong.1,
    };
    Ok(again(&page::page(&web.shell(&frame), &view)))
}

fn key(web: &Web, frame: &Frame, device: DeviceId, kept: &Keyed, key: &str) -> Response {
    let view = KeyView {
        id: device.to_string(),
        name: kept.name.to_string(),
        tag: keyed::tag(&web.facts.id, &device),
        key: key.to_owned(),
    };
    html(&page::key_page(&web.shell(frame), &view))
}

pub async fn one(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let device = device_id(&id)?;
    let view = web.read(move |web| one_view(web, device)).await?;
    Ok(html(&page::one_page(&web.shell(&frame), &view)))
}

fn one_view(web: &Web, device: DeviceId) -> Result<KeyedOneView, WebError> {
    let kept = web.reader.keyed_device(&device)?;
    let kept = kept.ok_or(WebError::NoSuch("device with a key"))?;
    let told = web.reader.keyed_readings(&device, ROWS)?;
    let lines = web.reader.log_lines(&device, None, ROWS)?;
    let readings = told.iter().map(ReadingDocument::of);
    Ok(KeyedOneView {
        device: row(KeyedDocument::of(&web.facts.id, &device, &kept, wall())),
        created_by: kept.by.to_string(),
        key_made_ms: kept.keyed.as_millis(),
        uptime_s: kept.uptime_s,
        readings: readings
            .map(|told| (told.received_ms, told.values.into_iter().collect()))
            .collect(),
        logs: lines
            .into_iter()
            .map(|line| (line.received.as_millis(), line.line.message))
            .collect(),
    })
}

pub async fn tell(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
    frame: Frame,
    PageForm(form): PageForm<OrderForm>,
) -> Result<Response, WebError> {
    let device = device_id(&id)?;
    match form.order.as_str() {
        "rotate" => {
            let (secret, kept) = acts::rekey(&web, &trail, device).await?;
            Ok(key(&web, &frame, device, &kept, &secret))
        }
        "remove" => {
            acts::forget(&web, &trail, device).await?;
            web.notes
                .flashes
                .put(&caller, say!("The device is forgotten."));
            Ok(Redirect::to(links::keyed()).into_response())
        }
        _ => Err(WebError::Invalid(vec![Flaw::new(
            "order",
            say!("use rotate or remove"),
        )])),
    }
}
