//! The mesh as a map or a table: members, and who was heard by whom.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::extract::State as Handle;
use axum::response::Response;
use protocol::coordinator::Replacement;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links::MeshMode;
use ui::pages::device::verdict;
use ui::pages::mesh::{self, LinkState, MeshLink, MeshNode, MeshRotation, MeshView};

use super::html;
use crate::live::silence::Standing;
use crate::live::{Live, LiveDevice, State};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::fleet::{self, Wanted};
use crate::web::forms::AskedFor;
use crate::web::frame::Frame;
use crate::web::silence;

/// Witnesses say what they heard every ten seconds; a line that misses two of those goes.
const LATELY: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MeshQuery {
    view: Option<String>,
    cell: Option<String>,
}

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    AskedFor(query): AskedFor<MeshQuery>,
) -> Result<Response, WebError> {
    let view = web.read(move |web| Ok(view(web, &query))).await?;
    Ok(html(&mesh::page(&web.shell(&frame), &view)))
}

pub fn view(web: &Web, query: &MeshQuery) -> MeshView {
    let live = web.snapshot();
    let members = || {
        live.devices
            .iter()
            .filter(|device| device.state != State::Retired)
    };
    let present: BTreeSet<DeviceId> = members().map(|device| device.device).collect();
    MeshView {
        mode: query
            .view
            .as_deref()
            .map(MeshMode::parse)
            .unwrap_or_default(),
        cell: Wanted::text(query.cell.as_deref()),
        nodes: members().map(node).collect(),
        links: members()
            .flat_map(|device| links(live.at, device, &present))
            .collect(),
        rotation: live
            .rotation
            .as_ref()
            .map(|rotation| progress(&live, rotation)),
    }
}

fn progress(live: &Live, rotation: &Replacement) -> MeshRotation {
    let name = |id: &DeviceId| {
        let device = live.device(id);
        device.map_or_else(|| id.to_string(), |device| device.name.to_string())
    };
    MeshRotation {
        charter: rotation.charter,
        members: rotation.members,
        done: rotation.done,
        stragglers: rotation.stragglers.iter().map(name).collect(),
    }
}

fn node(device: &LiveDevice) -> MeshNode {
    MeshNode {
        id: device.device.to_string(),
        name: device.name.to_string(),
        cell: device.cell.to_string(),
        status: fleet::shown(device.state),
        silence: silence::line(device),
        standing: match device.testimony.standing {
            Standing::Open => verdict::Standing::Open,
            Standing::Certified => verdict::Standing::Certified,
        },
    }
}

/// From each witness that heard the device lately, or probed it and heard nothing; a member that is gone
/// draws no line, and neither does one that only once heard it.
fn links(now: Timestamp, device: &LiveDevice, present: &BTreeSet<DeviceId>) -> Vec<MeshLink> {
    let link = |witness: &DeviceId, state, at: Timestamp| MeshLink {
        from: witness.to_string(),
        to: device.device.to_string(),
        state,
        heard_ms: at.as_millis(),
    };
    let accusers = device.testimony.accusers.iter();
    let unheard = accusers.map(|accuser| (&accuser.witness, LinkState::Unheard, accuser.at));
    let heard = device.witnesses.iter().filter(|(witness, heard)| {
        now.since(heard.at) <= LATELY && device.testimony.by(witness).is_none()
    });
    let heard = heard.map(|(witness, heard)| (witness, LinkState::Heard, heard.at));
    heard
        .chain(unheard)
        .filter(|(witness, _, _)| present.contains(witness))
        .map(|(witness, state, at)| link(witness, state, at))
        .collect()
}
