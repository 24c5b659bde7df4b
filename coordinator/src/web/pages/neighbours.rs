//! Devices that run no node: their part of the device list, and the page of one.

use axum::extract::State as Handle;
use axum::response::Response;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use ui::pages::neighbours::{
    self as page, Deaf, EventRow, NeighbourRow, NeighbourState, NeighbourView, NeighboursView,
    WordRow,
};
use ui::parts::text::DeviceRef;

use super::{groups, html};
use crate::census;
use crate::live::Live;
use crate::neighbours::{Neighbour, State};
use crate::risk::index::Index;
use crate::store::neighbours::{Listener, Told, Word};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::fleet::{Metadata, StatusFilter, Wanted};
use crate::web::forms::Named;
use crate::web::frame::Frame;
use crate::web::neighbours as words;

/// Rows of their part of the list.
const ROWS: usize = 100;

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(mac): Named<String>,
) -> Result<Response, WebError> {
    let view = web.read(move |web| view(web, &mac)).await?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

/// Beside the members that the same filter lets through; whoever asks for a state of members asks for no others.
pub fn section(web: &Web, live: &Live, wanted: &Wanted) -> Result<NeighboursView, WebError> {
    if !is_asked(wanted) {
        return Ok(NeighboursView::default());
    }
    let found = beside(web, live, wanted)?;
    let index = web.risk.index();
    let deaf = words::listeners(web, live)?;
    let deaf = deaf
        .iter()
        .filter_map(|(member, listener)| deaf_one(live, member, listener));
    Ok(NeighboursView {
        rows: found
            .iter()
            .take(ROWS)
            .map(|one| row(live, &index, one))
            .collect(),
        matching: found.len() as u64,
        deaf: deaf.collect(),
    })
}

/// All of them, where a list of members goes on with them.
pub fn beside(web: &Web, live: &Live, wanted: &Wanted) -> Result<Vec<Neighbour>, WebError> {
    match is_asked(wanted) {
        true => words::wanted(web, live, wanted, None),
        false => Ok(Vec::new()),
    }
}

/// A state of members and the metadata that they hold are no matter of devices without a node.
fn is_asked(wanted: &Wanted) -> bool {
    let of_members = matches!(wanted.status, Some(StatusFilter::Shown(_)));
    wanted.after.is_none() && !of_members && wanted.metadata == Metadata::Any
}

fn view(web: &Web, mac: &str) -> Result<NeighbourView, WebError> {
    let live = web.snapshot();
    let one = words::one(web, &live, mac)?;
    let told = web.reader.happenings(one.mac)?;
    let listeners = words::listeners(web, &live)?;
    let hears = |member: &DeviceId| one.words.iter().any(|(by, _)| by == member);
    let deaf = listeners.iter().filter(|(member, _)| hears(member));
    let described = one.described();
    Ok(NeighbourView {
        row: row(&live, &web.risk.index(), &one),
        names: described.names,
        addresses: described.addresses,
        ports: described.ports,
        reasons: described.reasons,
        confidence: described.confidence,
        disputed: one
            .disputed_classes()
            .iter()
            .map(ToString::to_string)
            .collect(),
        first_ms: one.heard().0.map(Timestamp::as_millis),
        claimed_by: one.claimed_by.iter().map(|by| member(&live, by)).collect(),
        words: one
            .words
            .iter()
            .map(|(by, word)| word_row(&live, by, word))
            .collect(),
        events: told.iter().map(|told| event(&live, told)).collect(),
        deaf: deaf
            .filter_map(|(by, listener)| deaf_one(&live, by, listener))
            .collect(),
    })
}

pub(super) fn row(live: &Live, index: &Index, one: &Neighbour) -> NeighbourRow {
    let device = one.device();
    let known = census::known(index, one);
    NeighbourRow {
        mac: one.mac.to_string(),
        name: census::name(index, one),
        state: match one.state(live.at) {
            State::There => NeighbourState::There,
            State::Gone => NeighbourState::Gone,
            State::Unwatched => NeighbourState::Unwatched,
        },
        class: census::class(index, one).to_string(),
        groups: known.map(groups).unwrap_or_default(),
        vendor: device.and_then(|device| Some(device.vendor.as_ref()?.to_string())),
        address: device.and_then(|device| Some(device.addresses.first()?.to_string())),
        guardians: one
            .guardians(live.at)
            .iter()
            .map(|by| member(live, by))
            .collect(),
        last_ms: one.heard().1.map(Timestamp::as_millis),
    }
}

fn word_row(live: &Live, by: &DeviceId, word: &Word) -> WordRow {
    let device = word.device.as_ref();
    let place = word
        .position
        .map(|position| format!("{}.{}", position.incarnation.0, position.sequence));
    WordRow {
        member: member(live, by),
        class: device.map(|device| device.class.to_string()),
        address: device.and_then(|device| Some(device.addresses.first()?.to_string())),
        heard_ms: device.map(|device| device.last.as_millis()),
        line: word.line.as_ref().map(words::line),
        place,
    }
}

fn event(live: &Live, told: &Told) -> EventRow {
    EventRow {
        at_ms: told.happening.at.as_millis(),
        by: member(live, &told.by),
        says: words::says(&told.happening),
    }
}

fn deaf_one(live: &Live, by: &DeviceId, listener: &Listener) -> Option<Deaf> {
    let says = words::lacks(listener);
    (!says.is_empty()).then(|| Deaf {
        member: member(live, by),
        says,
    })
}

fn member(live: &Live, device: &DeviceId) -> DeviceRef {
    DeviceRef {
        id: device.to_string(),
        name: live.name(device).unwrap_or_else(|| device.to_string()),
    }
}
