//! Devices that run no node, in the list of all devices and one by one.

use protocol::class::DeviceClass;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::instant;
use crate::census;
use crate::live::Live;
use crate::neighbours::{Described, Neighbour};
use crate::risk::index::Index;
use crate::risk::known::Known;
use crate::store::neighbours::{Told, Word};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::neighbours as words;

/// Fields that members have as well mean the same.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NeighbourItem {
    /// Its hardware address.
    id: String,
    node: bool,
    name: String,
    status: &'static str,
    /// As people have said, or else the guess.
    class: &'static str,
    /// Empty where nobody has said one.
    site: String,
    tags: Vec<String>,
    last_seen: Option<String>,
    first_seen: Option<String>,
    vendor: Option<String>,
    names: Vec<String>,
    addresses: Vec<String>,
    ports: Vec<u16>,
    /// Why it is taken for one of its class, and how surely, of 100.
    reasons: Vec<String>,
    confidence: u8,
    /// Classes that members guess, where they do not agree.
    disputed_classes: Vec<&'static str>,
    guardians: Vec<Member>,
    /// Members that say it is their own hardware while others hear a device.
    claimed_by: Vec<Member>,
    last_heard_by: Vec<HeardBy>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Member {
    id: String,
    name: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NeighbourHeardBy")]
struct HeardBy {
    id: String,
    name: Option<String>,
    /// `null` where it was only told of it.
    at: Option<String>,
    class: Option<&'static str>,
    addresses: Vec<String>,
    line: Option<Line>,
}

/// The newest line that a guardian has written.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DossierLine")]
struct Line {
    from: String,
    until: String,
    presence: &'static str,
    met: Option<String>,
    means: Option<&'static str>,
    /// The record of its log that holds it.
    incarnation: Option<u32>,
    sequence: Option<u32>,
    cites: Option<Cite>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Cite {
    guardian: String,
    incarnation: u32,
    sequence: u32,
}

/// One device with what happened to it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NeighbourDocument {
    #[serde(flatten)]
    item: NeighbourItem,
    /// Newest first.
    events: Vec<Event>,
    /// Members that hear it, and what they cannot hear.
    unheard: Vec<Deaf>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NeighbourEvent")]
struct Event {
    at: String,
    what: &'static str,
    says: String,
    by: Member,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Deaf {
    #[serde(flatten)]
    member: Member,
    says: Vec<String>,
}

pub fn item(live: &Live, index: &Index, one: &Neighbour) -> NeighbourItem {
    let device = one.device();
    let known = census::known(index, one);
    let (first, last) = one.heard();
    let time = |at: Timestamp| instant(at.as_millis());
    let described = one.described();
    let members = |members: Vec<DeviceId>| members.iter().map(|one| member(live, one)).collect();
    NeighbourItem {
        id: one.mac.to_string(),
        node: false,
        name: census::name(index, one),
        status: one.state(live.at).word(),
        class: census::class(index, one).word(),
        site: known.map(|known| known.site.clone()).unwrap_or_default(),
        tags: known.map(Known::listed_tags).unwrap_or_default(),
        last_seen: last.map(time),
        first_seen: first.map(time),
        vendor: device.and_then(|device| Some(device.vendor.as_ref()?.to_string())),
        names: described.names,
        addresses: described.addresses,
        ports: described.ports,
        reasons: described.reasons,
        confidence: described.confidence,
        disputed_classes: one
            .disputed_classes()
            .into_iter()
            .map(DeviceClass::word)
            .collect(),
        guardians: members(one.guardians(live.at)),
        claimed_by: members(one.claimed_by.clone()),
        last_heard_by: one
            .words
            .iter()
            .map(|(by, word)| heard_by(live, by, word))
            .collect(),
    }
}

pub fn document(web: &Web, live: &Live, mac: &str) -> Result<NeighbourDocument, WebError> {
    let one = words::one(web, live, mac)?;
    let events = web.reader.happenings(one.mac)?;
    let hears = |member: &DeviceId| one.words.iter().any(|(by, _)| by == member);
    let listeners = words::listeners(web, live)?;
    let deaf = listeners
        .iter()
        .filter(|(by, _)| hears(by))
        .map(|(by, listener)| Deaf {
            member: member(live, by),
            says: words::lacks(listener),
        });
    Ok(NeighbourDocument {
        item: item(live, &web.risk.index(), &one),
        events: events.iter().map(|told| event(live, told)).collect(),
        unheard: deaf.filter(|deaf| !deaf.says.is_empty()).collect(),
    })
}

fn event(live: &Live, told: &Told) -> Event {
    Event {
        at: instant(told.happening.at.as_millis()),
        what: told.happening.what.word(),
        says: words::says(&told.happening),
        by: member(live, &told.by),
    }
}

fn member(live: &Live, device: &DeviceId) -> Member {
    Member {
        id: device.to_string(),
        name: live.name(device),
    }
}

fn heard_by(live: &Live, by: &DeviceId, word: &Word) -> HeardBy {
    let device = word.device.as_ref();
    let described = device.map(Described::from).unwrap_or_default();
    HeardBy {
        id: by.to_string(),
        name: live.name(by),
        at: device.map(|device| instant(device.last.as_millis())),
        class: device.map(|device| device.class.word()),
        addresses: described.addresses,
        line: word.line.map(|line| Line {
            from: instant(line.from.as_millis()),
            until: instant(line.until.as_millis()),
            presence: line.presence.word(),
            met: line.met.map(|met| instant(met.at.as_millis())),
            means: line.met.map(|met| met.means.word()),
            incarnation: word.position.map(|position| position.incarnation.0),
            sequence: word.position.map(|position| position.sequence),
            cites: line.cites.map(|cite| Cite {
                guardian: cite.guardian.to_string(),
                incarnation: cite.position.incarnation.0,
                sequence: cite.position.sequence,
            }),
        }),
    }
}
