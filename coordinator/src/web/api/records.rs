//! A device's log as it was collected: positions, digests, and how each record joins the one before.

use axum::extract::State as Handle;
use axum::response::Response;
use protocol::coordinator::save::Link;
use protocol::record::{Flags, Head, Incarnation, Position};
use protocol::signed::Unchecked;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation::Operation;
use super::{Listing, flaw, instant, limit};
use crate::store::records::StoredRecord;
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::fleet::device_id;
use crate::web::forms::{AskedFor, Named};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RecordsQuery {
    /// `incarnation.sequence`.
    after: Option<String>,
    limit: Option<usize>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Record")]
struct Item {
    position: Place,
    /// The device's time.
    time: String,
    received: String,
    /// Commits to the signed head; nothing if the stored bytes cannot be read.
    digest: Option<String>,
    /// The digest of the record before it, as the device says.
    previous: Option<String>,
    link: &'static str,
    flags: Vec<&'static str>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Position")]
struct Place {
    incarnation: u32,
    sequence: u32,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/devices/{id}/records",
            "Signed records of a device, oldest first.",
        )
        .query::<RecordsQuery>()
        .lists::<Item>(),
    ]
}

pub async fn list(
    Handle(web): Handle<Web>,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<RecordsQuery>,
) -> Result<Response, WebError> {
    let device = web.device(&device_id(&id)?)?.device;
    let (after, limit) = (
        query.after.as_deref().map(position).transpose()?,
        limit(query.limit)?,
    );
    let records = web
        .read(move |web| Ok(web.reader.records(&device, after, limit)?))
        .await?;
    let full = records.len() == limit;
    let next = records
        .last()
        .filter(|_| full)
        .map(|last| word(last.position));
    let link = next
        .as_ref()
        .map(|next| format!("/api/v1/devices/{device}/records?after={next}&limit={limit}"));
    let listing = Listing {
        items: records.iter().map(item).collect(),
        next_cursor: next,
    };
    Ok(listing.answer(link.as_deref()))
}

fn item(stored: &StoredRecord) -> Item {
    let head = Unchecked::<Head>::parse(&stored.record.head).ok();
    Item {
        position: Place {
            incarnation: stored.position.incarnation.0,
            sequence: stored.position.sequence,
        },
        time: instant(stored.time.as_millis()),
        received: instant(stored.received.as_millis()),
        digest: head.as_ref().map(|head| head.digest().to_string()),
        previous: head.as_ref().map(|head| head.claim().previous.to_string()),
        link: match stored.link {
            Link::Chained => "chained",
            Link::First => "first",
            Link::Gap => "gap",
        },
        flags: flags(stored.flags),
    }
}

fn flags(flags: Flags) -> Vec<&'static str> {
    let all = [
        (Flags::UNLINKED, "unlinked"),
        (Flags::GOODBYE, "goodbye"),
        (Flags::CLOCK_DOUBTED, "clock_doubted"),
    ];
    let set = all.into_iter().filter(|(flag, _)| flags.has(*flag));
    set.map(|(_, word)| word).collect()
}

fn word(position: Position) -> String {
    format!("{}.{}", position.incarnation.0, position.sequence)
}

fn position(text: &str) -> Result<Position, WebError> {
    let parts = text.split_once('.');
    let read = parts.and_then(|(incarnation, sequence)| {
        Some(Position {
            incarnation: Incarnation(incarnation.parse().ok()?),
            sequence: sequence.parse().ok()?,
        })
    });
    read.ok_or_else(|| flaw("after", "write it as incarnation.sequence, such as 0.41"))
}
