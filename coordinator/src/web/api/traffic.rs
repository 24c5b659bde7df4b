//! Network traffic of devices, with and without a node, as the members that see it count it.

use axum::extract::State as Handle;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation::Operation;
use super::{Listing, flaw, limit, place};
use crate::bulletin::document::{Named, time};
use crate::live::Live;
use crate::risk::holder::Holder;
use crate::store::profiles::{Of, ToldProfile};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::forms::AskedFor;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TrafficQuery {
    /// A member's id, `mac:…` or `ip:…`.
    device: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// What one member counts of one device.
#[derive(Debug, Serialize, JsonSchema)]
struct Traffic {
    /// A member's id, `mac:…` or `ip:…`.
    device: String,
    name: String,
    /// Whether it runs one.
    node: bool,
    seen_by: Named,
    /// Since the first page; bytes as the device sends and receives them.
    flows: u64,
    unusual: u64,
    sent: u64,
    received: u64,
    /// Flows of all devices that this member could not judge, because there were too many at once.
    dropped: u64,
    stage: &'static str,
    since: String,
    at: String,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/network-traffic",
            "What each member counts of each device's traffic; most bytes first.",
        )
        .query::<TrafficQuery>()
        .lists::<Traffic>(),
    ]
}

pub async fn list(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<TrafficQuery>,
) -> Result<Response, WebError> {
    let limit = limit(query.limit)?;
    let start = place(query.cursor.as_deref())?;
    let of = query.device.as_deref().map(meant).transpose()?;
    let (items, more) = web
        .read(move |web| {
            let mut all = web.reader.profiles()?;
            all.retain(|told| of.is_none_or(|of| of == told.of));
            all.sort_by_key(|told| {
                let count = told.profile.count;
                let bytes = count.sent.saturating_add(count.received);
                (std::cmp::Reverse(bytes), told.of, told.member)
            });
            let live = web.snapshot();
            let shown = all.iter().skip(start).take(limit);
            let items: Vec<_> = shown.map(|told| traffic(told, &live)).collect();
            Ok((items, all.len() > start.saturating_add(limit)))
        })
        .await?;
    let next = more.then(|| start + limit);
    let asked = query.device.map(|device| ("device", device));
    Ok(Listing::counted(
        items,
        (next, limit),
        "/api/v1/network-traffic",
        asked,
    ))
}

fn meant(text: &str) -> Result<Of, WebError> {
    let holder: Result<Holder, _> = text.parse();
    holder.map(Of::from).map_err(|error| flaw("device", error))
}

fn traffic(told: &ToldProfile, live: &Live) -> Traffic {
    let name = match told.of {
        Of::Member(device) => live.name(&device),
        Of::Mac(_) | Of::Address(_) => None,
    };
    let device = Holder::from(told.of).to_string();
    let profile = &told.profile;
    Traffic {
        name: name.unwrap_or_else(|| device.clone()),
        device,
        node: matches!(told.of, Of::Member(_)),
        seen_by: Named::of(&told.member, live),
        flows: profile.count.flows,
        unusual: profile.count.unusual,
        sent: profile.count.sent,
        received: profile.count.received,
        dropped: profile.dropped,
        stage: profile.stage.word(),
        since: time(profile.since),
        at: time(profile.received),
    }
}
