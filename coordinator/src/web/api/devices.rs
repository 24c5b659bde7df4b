//! Devices: who they are, how they are, and the order to shut one out.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use findings::filter::{DEVICE_FIELDS, Filter};
use protocol::class::DeviceClass;
use protocol::coordinator::pace;
use protocol::heard::Mac;
use protocol::ruling::Decision;
use protocol::text::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ui::links::{Sort, SortKey};

use super::appeal::Appeal;
use super::neighbours::{self, NeighbourDocument, NeighbourItem};
use super::operation::Operation;
use super::silence::{Returned, Silence, Testimony};
use super::suspicion::Suspicion;
use super::{Listing, flaw, instant, limit};
use crate::live::{self, Live, LiveDevice, State};
use crate::neighbours as neighbours_of;
use crate::risk::index::Index;
use crate::risk::known::Known;
use crate::risk::said::Words;
use crate::web::Web;
use crate::web::acts;
use crate::web::error::WebError;
use crate::web::fleet::{self, Cursor, Entry, Metadata, STATES, StatusFilter, Wanted, device_id};
use crate::web::forms::{ApiJson, AskedFor, Named};
use crate::web::trail::Trail;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DevicesQuery {
    status: Option<String>,
    class: Option<String>,
    /// `stale`: those whose metadata has ended, as they say.
    metadata: Option<String>,
    q: Option<String>,
    /// In the filter language: `class==camera && tag:floor2 && last_heard<5m`.
    filter: Option<String>,
    sort: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
    /// `with` or `without`; both where it is not said.
    node: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderRequest {
    #[serde(default = "OrderRequest::unsaid")]
    reason: String,
}

impl OrderRequest {
    fn unsaid() -> String {
        "ordered by an administrator".to_owned()
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct Device {
    id: String,
    /// Members run one; [`NeighbourItem`]s do not.
    node: bool,
    name: String,
    status: &'static str,
    class: &'static str,
    cell: String,
    /// Empty where nobody has said one.
    site: String,
    tags: Vec<String>,
    /// Since when the status holds.
    since: String,
    last_seen: Option<String>,
    /// The newest sign of life that the coordinator heard itself.
    heard_directly: Option<String>,
    /// Newest first.
    last_heard_by: Vec<HeardBy>,
    /// `null` unless it is there and late again and again.
    degraded: Option<Degraded>,
    /// `null` unless it is silent or has said goodbye.
    silence: Option<Silence>,
    testimony: Testimony,
    /// `null` unless a witness suspects it.
    suspicion: Option<Suspicion>,
    appeal: Option<Appeal>,
    quarantine: Option<Quarantine>,
    /// How its latest silence ended.
    returned: Option<Returned>,
    /// When the metadata that it holds ended; `null` unless it has, as the device says.
    metadata_stale_since: Option<String>,
    linked: bool,
    admitted: String,
    membership_until: String,
    withdrawal: Option<Withdrawal>,
    /// The id of the proof that convicts it.
    proof: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LastHeardBy")]
struct HeardBy {
    id: String,
    name: Option<String>,
    at: String,
    evidence: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Degraded {
    since: String,
    how: &'static str,
    says: String,
    /// How often within the last minute.
    count: usize,
    longest_ms: u64,
}

impl From<&pace::Degraded> for Degraded {
    fn from(degraded: &pace::Degraded) -> Self {
        Self {
            since: instant(degraded.since.as_millis()),
            how: degraded.how.word(),
            says: crate::web::pace::line(degraded),
            count: degraded.count,
            longest_ms: degraded.longest.as_millis() as u64,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct Quarantine {
    since: String,
    until: String,
    reason: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Withdrawal {
    at: String,
    reason: String,
    /// Nothing for one that is for good.
    until: Option<String>,
    /// `null` unless an administrator has ordered the device to wipe itself.
    wipe: Option<Wipe>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Wipe {
    Ordered,
    Confirmed { at: String },
}

impl Wipe {
    fn of(wipe: live::Wipe) -> Self {
        match wipe {
            live::Wipe::Ordered => Self::Ordered,
            live::Wipe::Confirmed { at } => Self::Confirmed {
                at: instant(at.as_millis()),
            },
        }
    }
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/devices", "Devices with and without a node.")
            .query::<DevicesQuery>()
            .lists::<Item>(),
        Operation::get(
            "/api/v1/devices/{id}",
            "One device, by its id or its hardware address.",
        )
        .gives::<One>(),
        Operation::post(
            "/api/v1/devices/{id}/describe",
            "Say where a device stands and which tags it has; a name and a class too, where it runs no node.",
        )
        .takes::<Words>(),
        Operation::post("/api/v1/devices/{id}/retire", "Shut a device out.")
            .takes::<OrderRequest>(),
        Operation::post(
            "/api/v1/devices/{id}/quarantine",
            "Hold a device for a day.",
        )
        .takes::<OrderRequest>(),
        Operation::post("/api/v1/devices/{id}/clear", "End a quarantine.").takes::<OrderRequest>(),
    ]
}

pub async fn list(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<DevicesQuery>,
) -> Result<Response, WebError> {
    let asked = query.asked()?;
    let (items, next) = web
        .read(move |web| {
            let (live, index) = (web.snapshot(), web.risk.index());
            let (mut items, mut next) = (Vec::new(), None);
            if let Some(wanted) = &asked.members {
                let cut = fleet::cut(web, &live, wanted)?;
                items.extend(cut.entries.iter().filter_map(|entry| match entry {
                    Entry::Member(device) => Some(Item::member(&live, &index, device)),
                    Entry::Pending(_) => None,
                }));
                next = cut.next.map(|next| next.text());
            }
            if next.is_none() && asked.neighbours {
                next = asked.add_neighbours(web, &live, &index, &mut items)?;
            }
            Ok((items, next))
        })
        .await?;
    let link = next.as_ref().map(|next| query.link(next));
    let listing = Listing {
        items,
        next_cursor: next,
    };
    Ok(listing.answer(link.as_deref()))
}

pub async fn one(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    if id.parse::<Mac>().is_ok() {
        let read = move |web: &Web| neighbours::document(web, &web.snapshot(), &id);
        let one = One::Neighbour(Box::new(web.read(read).await?));
        return Ok(Json(one).into_response());
    }
    let device = web.device(&device_id(&id)?)?;
    let one = One::Member(Box::new(view(&web.snapshot(), &web.risk.index(), &device)));
    Ok(Json(one).into_response())
}

pub async fn describe(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
    ApiJson(words): ApiJson<Words>,
) -> Result<StatusCode, WebError> {
    match acts::described::describe(&web, &trail, id, words).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(error) if error.place().is_empty() => Err(flaw("", error)),
        Err(error) => Err(flaw(&format!("/{}", error.place()), error)),
    }
}

pub async fn retire(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
    ApiJson(request): ApiJson<OrderRequest>,
) -> Result<StatusCode, WebError> {
    let device = web.device(&device_id(&id)?)?;
    let reason = Name::new(request.reason).map_err(|error| flaw("/reason", error))?;
    acts::retire(&web, &trail, &device, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn quarantine(
    web: Handle<Web>,
    trail: Trail,
    id: Named<String>,
    request: ApiJson<OrderRequest>,
) -> Result<StatusCode, WebError> {
    rule(web, trail, id, request, Decision::Hold).await
}

pub async fn clear(
    web: Handle<Web>,
    trail: Trail,
    id: Named<String>,
    request: ApiJson<OrderRequest>,
) -> Result<StatusCode, WebError> {
    rule(web, trail, id, request, Decision::Release).await
}

async fn rule(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
    ApiJson(request): ApiJson<OrderRequest>,
    decision: Decision,
) -> Result<StatusCode, WebError> {
    let device = web.device(&device_id(&id)?)?;
    let reason = Name::new(request.reason).map_err(|error| flaw("/reason", error))?;
    acts::rule(&web, &trail, &device, decision, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A device of the list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "DeviceItem")]
enum Item {
    Member(Box<Device>),
    Neighbour(Box<NeighbourItem>),
}

/// A device by itself.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "DeviceInFull")]
enum One {
    Member(Box<Device>),
    Neighbour(Box<NeighbourDocument>),
}

impl Item {
    fn member(live: &Live, index: &Index, device: &LiveDevice) -> Self {
        Self::Member(Box::new(view(live, index, device)))
    }
}

/// What of the list is asked for: members first, then those that run no node, by their hardware addresses.
struct Asked {
    members: Option<Wanted>,
    neighbours: bool,
    state: Option<neighbours_of::State>,
    after: Option<Mac>,
    /// What both are narrowed by.
    common: Wanted,
}

impl Asked {
    /// As many as there is room for; returns the cursor of the next page.
    fn add_neighbours(
        &self,
        web: &Web,
        live: &Live,
        index: &Index,
        items: &mut Vec<Item>,
    ) -> Result<Option<String>, WebError> {
        let mut found = crate::web::neighbours::wanted(web, live, &self.common, self.state)?;
        found.retain(|one| self.after.is_none_or(|after| one.mac > after));
        found.sort_by_key(|one| one.mac);
        let room = self.common.limit.saturating_sub(items.len());
        let drawn = found.iter().take(room);
        items
            .extend(drawn.map(|one| Item::Neighbour(Box::new(neighbours::item(live, index, one)))));
        let more = found.len() > room;
        let last = room.checked_sub(1).and_then(|last| found.get(last));
        // Where there was no room for any, the next page begins with the first.
        let after = last.map_or(Mac([0; 6]), |last| last.mac);
        Ok(more.then(|| format!("{NEIGHBOURS}{after}")))
    }
}

/// What a cursor begins with that is behind the last member.
const NEIGHBOURS: &str = "mac:";

impl DevicesQuery {
    fn asked(&self) -> Result<Asked, WebError> {
        let (members, neighbours) = match self.node.as_deref() {
            None => (true, true),
            Some("with") => (true, false),
            Some("without") => (false, true),
            Some(_) => return Err(flaw("node", "use one of with, without")),
        };
        let all = neighbours_of::State::ALL;
        let word = self.status.as_deref();
        let state = all.into_iter().find(|state| Some(state.word()) == word);
        let after = self
            .cursor
            .as_deref()
            .and_then(|text| text.strip_prefix(NEIGHBOURS));
        let after = match after.map(str::parse::<Mac>) {
            Some(Err(_)) => {
                return Err(flaw(
                    "cursor",
                    "take it from next_cursor of the page before",
                ));
            }
            Some(Ok(mac)) => Some(mac),
            None => None,
        };
        let ours = state.is_some() || after.is_some();
        let common = self.wanted(ours)?;
        Ok(Asked {
            members: (members && !ours).then(|| common.clone()),
            // Who runs no node holds no metadata.
            neighbours: neighbours
                && self.metadata.is_none()
                && (word.is_none() || state.is_some()),
            state,
            after,
            common,
        })
    }

    /// `ours` where status or cursor speak of devices without a node.
    fn wanted(&self, ours: bool) -> Result<Wanted, WebError> {
        let (word, text) = (self.status.as_deref(), self.cursor.as_deref());
        let status = word.filter(|_| !ours).map(status).transpose()?;
        Ok(Wanted {
            status: status.or(Some(StatusFilter::Members)),
            class: self.class.as_deref().map(class).transpose()?,
            metadata: self
                .metadata
                .as_deref()
                .map(metadata)
                .transpose()?
                .unwrap_or_default(),
            search: Wanted::text(self.q.as_deref()),
            filter: self.filter.as_deref().map(filter).transpose()?,
            sort: self
                .sort
                .as_deref()
                .map(sort)
                .transpose()?
                .unwrap_or_default(),
            after: text.filter(|_| !ours).map(cursor).transpose()?,
            limit: limit(self.limit)?,
        })
    }

    fn link(&self, next: &str) -> String {
        let texts = [
            ("status", &self.status),
            ("class", &self.class),
            ("metadata", &self.metadata),
            ("q", &self.q),
            ("filter", &self.filter),
            ("sort", &self.sort),
            ("node", &self.node),
        ];
        let mut pairs: Vec<(&str, String)> = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, text.clone()?)))
            .collect();
        pairs.extend(self.limit.map(|limit| ("limit", limit.to_string())));
        pairs.push(("cursor", next.to_owned()));
        let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
        format!("/api/v1/devices?{query}")
    }
}

fn filter(text: &str) -> Result<Filter, WebError> {
    Filter::parse(text, DEVICE_FIELDS).map_err(|error| flaw("filter", error))
}

fn metadata(word: &str) -> Result<Metadata, WebError> {
    Metadata::parse(word).ok_or_else(|| flaw("metadata", "use stale"))
}

fn status(word: &str) -> Result<StatusFilter, WebError> {
    let found = STATES.into_iter().find(|state| state.word() == word);
    let words = STATES.map(State::word).into_iter();
    let others = neighbours_of::State::ALL.map(neighbours_of::State::word);
    let words: Vec<_> = words.chain(others).collect();
    let words = words.join(", ");
    found
        .map(StatusFilter::State)
        .ok_or_else(|| flaw("status", format!("use one of {words}")))
}

fn class(word: &str) -> Result<String, WebError> {
    let known = word.parse::<DeviceClass>();
    known
        .map(|class| class.to_string())
        .map_err(|error| flaw("class", error))
}

fn sort(text: &str) -> Result<Sort, WebError> {
    let sort = Sort::parse(text);
    if sort.slug() == text {
        return Ok(sort);
    }
    let keys = [
        SortKey::Name,
        SortKey::Status,
        SortKey::LastSeen,
        SortKey::Cpu,
    ]
    .map(SortKey::slug);
    Err(flaw(
        "sort",
        format!(
            "use one of {}, with - in front to turn it around",
            keys.join(", ")
        ),
    ))
}

fn cursor(text: &str) -> Result<Cursor, WebError> {
    Cursor::parse(text).ok_or_else(|| flaw("cursor", "take it from next_cursor of the page before"))
}

fn view(live: &Live, index: &Index, device: &LiveDevice) -> Device {
    let known = index.devices.get(&device.device.to_string());
    let mut heard = device.witnesses.clone();
    heard.sort_by_key(|(witness, heard)| (std::cmp::Reverse(heard.at), *witness));
    let heard_by = |(witness, heard): &(_, protocol::coordinator::presence::Heard)| HeardBy {
        id: ToString::to_string(witness),
        name: live.name(witness),
        at: instant(heard.at.as_millis()),
        evidence: heard.evidence.word(),
    };
    Device {
        id: device.device.to_string(),
        node: true,
        name: device.name.to_string(),
        status: device.state.word(),
        class: device.class.word(),
        cell: device.cell.to_string(),
        site: known.map(|known| known.site.clone()).unwrap_or_default(),
        tags: known.map(Known::listed_tags).unwrap_or_default(),
        since: instant(device.since.as_millis()),
        last_seen: device.heard.map(|at| instant(at.as_millis())),
        heard_directly: device.directly.map(|at| instant(at.as_millis())),
        last_heard_by: heard.iter().map(heard_by).collect(),
        degraded: device.degraded.as_ref().map(Degraded::from),
        silence: Silence::of(live, device),
        testimony: Testimony::of(live, device),
        suspicion: Suspicion::of(live, device),
        appeal: Appeal::of(live, device),
        quarantine: device.held.as_ref().map(|held| Quarantine {
            since: instant(held.since.as_millis()),
            until: instant(held.until.as_millis()),
            reason: held.reason.to_string(),
        }),
        returned: device.returned.as_ref().map(Returned::of),
        metadata_stale_since: device.stale.map(|since| instant(since.as_millis())),
        linked: device.linked,
        admitted: instant(device.admitted.as_millis()),
        membership_until: instant(device.membership_until.as_millis()),
        withdrawal: device.withdrawal.as_ref().map(|shut_out| Withdrawal {
            at: instant(shut_out.at.as_millis()),
            reason: shut_out.reason.to_string(),
            until: shut_out.until.map(|until| instant(until.as_millis())),
            wipe: shut_out.wipe.map(Wipe::of),
        }),
        proof: device
            .proof
            .as_ref()
            .map(|proof| proof.digest().to_string()),
    }
}
