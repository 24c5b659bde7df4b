//! The addresses of event streams, one for each page that follows what happens.

use super::{AlertFilter, DeviceFilter, MeshMode, Range, mesh_pairs, query, route, with_query};

/// Which page an event stream feeds; the query carries the rest of its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LivePage<'a> {
    Overview,
    Devices(&'a DeviceFilter),
    Join {
        token: &'a str,
    },
    DeviceSummary {
        id: &'a str,
    },
    DeviceTelemetry {
        id: &'a str,
        range: Range,
    },
    DevicePeers {
        id: &'a str,
    },
    /// The tab of logs, of which the header alone is live.
    DeviceHeader {
        id: &'a str,
    },
    Mesh {
        mode: MeshMode,
        cell: Option<&'a str>,
    },
    Rotation,
    Rollouts,
    Rollout {
        id: u64,
    },
    Commands,
    Command {
        id: &'a str,
    },
    Scan {
        id: u64,
    },
    Settings,
    Alerts(&'a AlertFilter),
    Alert {
        id: u64,
    },
}

/// The event stream of one page.
pub fn events(page: &LivePage<'_>) -> String {
    let of = |id: &dyn ToString| vec![(query::ID, id.to_string())];
    let (name, mut pairs) = match page {
        LivePage::Overview => ("overview", Vec::new()),
        LivePage::Devices(filter) => ("devices", filter.pairs()),
        LivePage::Join { token } => ("join", of(token)),
        LivePage::DeviceSummary { id } => ("device", of(id)),
        LivePage::DeviceTelemetry { id, range } => {
            let range = (query::RANGE, range.slug().to_owned());
            ("telemetry", vec![(query::ID, (*id).to_owned()), range])
        }
        LivePage::DeviceHeader { id } => ("logs", of(id)),
        LivePage::DevicePeers { id } => ("peers", of(id)),
        LivePage::Mesh { mode, cell } => ("mesh", mesh_pairs(*mode, *cell)),
        LivePage::Rotation => ("rotation", Vec::new()),
        LivePage::Rollouts => ("rollouts", Vec::new()),
        LivePage::Rollout { id } => ("rollout", of(id)),
        LivePage::Commands => ("commands", Vec::new()),
        LivePage::Command { id } => ("command", of(id)),
        LivePage::Settings => ("settings", Vec::new()),
        LivePage::Alerts(filter) => ("alerts", filter.pairs()),
        LivePage::Alert { id } => ("alert", of(id)),
        LivePage::Scan { id } => ("scan", of(id)),
    };
    pairs.insert(0, (query::PAGE, name.to_owned()));
    with_query(route::EVENTS, pairs)
}
