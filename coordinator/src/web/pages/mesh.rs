//! The mesh as a map or a table: members, and who was heard by whom.

use std::collections::BTreeSet;

use axum::extract::State as Handle;
use axum::response::Response;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links::MeshMode;
use ui::pages::mesh::{self, LinkState, MeshLink, MeshNode, MeshView};

use super::html;
use crate::live::{LiveDevice, State};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::fleet::{self, Wanted};
use crate::web::forms::AskedFor;
use crate::web::frame::Frame;
use crate::web::pages::device::FRESH;

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
    }
}

fn node(device: &LiveDevice) -> MeshNode {
    MeshNode {
        id: device.device.to_string(),
        name: device.name.to_string(),
        cell: device.cell.to_string(),
        status: fleet::shown(device.state),
    }
}

/// From each witness that says it heard the device; a member that is gone draws no line.
fn links(now: Timestamp, device: &LiveDevice, present: &BTreeSet<DeviceId>) -> Vec<MeshLink> {
    let heard = device
        .witnesses
        .iter()
        .filter(|(witness, _)| present.contains(witness));
    let state = |at| {
        if now.since(at) <= FRESH {
            LinkState::Fresh
        } else {
            LinkState::Doubtful
        }
    };
    heard
        .map(|(witness, heard)| MeshLink {
            from: witness.to_string(),
            to: device.device.to_string(),
            state: state(heard.at),
            heard_ms: heard.at.as_millis(),
        })
        .collect()
}
