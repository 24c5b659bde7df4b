//! Who scans what: targets in words become errands of the nodes that are nearest to them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use findings::time::Moment;
use protocol::class::DeviceClass;
use protocol::class::template::Scans;
use protocol::id::DeviceId;
use protocol::limits;
use thiserror::Error;

use crate::live::Live;
use crate::risk::holder::Holder;
use crate::risk::known::{Devices, Known};
use crate::risk::now;
use crate::store::jobs::{Errand, ScanWish, Spared, Stage, Views};

/// How long a node may take to begin.
const BEGIN_S: u64 = 3600;
/// Bits of the network in which a node and a target are neighbours; the node itself knows better, and refuses.
const NEIGHBOURS: u8 = 24;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    #[error("{0} is no device, no address and no network such as 10.0.0.0/24")]
    Target(String),
    #[error("nobody knows an address of IP version 4 of {0}")]
    NoAddress(String),
    #[error("no node that is online has an address in the subnet of {0}: nobody else may scan it")]
    NoNode(String),
    #[error("only one node is in the subnet of {0}, so nothing can be compared")]
    OneNode(String),
    #[error(
        "{name} is of the class {class}, which is never scanned unless an administrator types its name"
    )]
    Fragile { name: String, class: String },
    #[error("{0} addresses of fragile devices lie in one target: name smaller networks")]
    ManySpared(usize),
    #[error("nothing that is known may be scanned")]
    Nothing,
}

/// What a wish comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    pub errands: Vec<Errand>,
    pub spared: Vec<Spared>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Network {
    first: u32,
    prefix: u8,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, prefix.parse().ok()?),
            None => (text, 32),
        };
        let address: Ipv4Addr = address.parse().ok()?;
        ((20..=32).contains(&prefix)).then(|| Self::around(address, prefix))
    }

    fn around(address: Ipv4Addr, prefix: u8) -> Self {
        let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        Self {
            first: u32::from(address) & mask,
            prefix,
        }
    }

    fn holds(self, address: Ipv4Addr) -> bool {
        Self::around(address, self.prefix) == self
    }

    fn text(self) -> String {
        let first = Ipv4Addr::from(self.first);
        match self.prefix {
            32 => first.to_string(),
            prefix => format!("{first}/{prefix}"),
        }
    }

    /// The subnet in which somebody has to be to scan it.
    fn around_it(self) -> Self {
        let prefix = self.prefix.min(NEIGHBOURS);
        Self::around(Ipv4Addr::from(self.first), prefix)
    }
}

/// Plans a scan over what is known of devices.
pub fn plan(wish: &ScanWish, devices: &Devices, live: &Live) -> Result<Plan, PlanError> {
    let mut plan = Plan::default();
    let targets = match wish.targets.is_empty() {
        true => everything(devices, live, &mut plan.spared),
        false => named(wish, devices)?,
    };
    if targets.is_empty() {
        return Err(PlanError::Nothing);
    }
    let mut by_subnet: BTreeMap<Network, BTreeSet<Network>> = BTreeMap::new();
    for target in targets {
        by_subnet
            .entry(target.around_it())
            .or_default()
            .insert(target);
    }
    for (subnet, targets) in by_subnet {
        // Many single addresses are one network, in which only those that answer are looked at closer.
        let targets = match targets.len() > limits::SCAN_TARGETS {
            true => BTreeSet::from([subnet]),
            false => targets,
        };
        let spared = spared(&targets, wish, devices, &mut plan.spared)?;
        let texts: Vec<String> = targets.iter().map(|target| target.text()).collect();
        let nodes = nodes(subnet, devices, live);
        let wanted = match (wish.views, nodes.len()) {
            (_, 0) => return Err(PlanError::NoNode(texts.join(", "))),
            (Views::Two, 1) => return Err(PlanError::OneNode(texts.join(", "))),
            (Views::Two, _) => 2,
            (Views::One, _) => 1,
        };
        for known in nodes.into_iter().take(wanted) {
            plan.errands.push(Errand {
                node: known.holder.to_string(),
                name: known.name.clone(),
                targets: texts.clone(),
                spared: spared.clone(),
                until: Moment(now().0 + BEGIN_S),
                at: now(),
                stage: Stage::Ordered,
            });
        }
    }
    Ok(merged(plan))
}

/// A node with several subnets gets one errand, as far as one order goes.
fn merged(plan: Plan) -> Plan {
    let mut errands: Vec<Errand> = Vec::new();
    let mut left = Vec::new();
    for errand in plan.errands {
        match errands.iter_mut().find(|known| known.node == errand.node) {
            None => errands.push(errand),
            Some(known)
                if known.targets.len() + errand.targets.len() <= limits::SCAN_TARGETS
                    && known.spared.len() + errand.spared.len() <= limits::SCAN_SPARED =>
            {
                known.targets.extend(errand.targets);
                known.spared.extend(errand.spared);
            }
            Some(_) => left.push(Spared {
                device: errand.targets.join(", "),
                name: errand.targets.join(", "),
                why: "more than one order names: ask for it apart".to_owned(),
            }),
        }
    }
    Plan {
        errands,
        spared: plan.spared.into_iter().chain(left).collect(),
    }
}

/// Whether a class is only scanned when an administrator types the device's name.
pub fn is_fragile(class: &str) -> bool {
    let class = class.parse::<DeviceClass>().ok();
    class.is_some_and(|class| class.template().scans == Scans::ByNameOnly)
}

fn named(wish: &ScanWish, devices: &Devices) -> Result<BTreeSet<Network>, PlanError> {
    let mut targets = BTreeSet::new();
    for text in wish.targets.iter().map(|text| text.trim()) {
        let network = match devices.get(text) {
            Some(known) => {
                let address = first_v4(known);
                let address = address.ok_or_else(|| PlanError::NoAddress(known.name.clone()))?;
                Network::around(address, 32)
            }
            None => Network::parse(text).ok_or_else(|| PlanError::Target(text.to_owned()))?,
        };
        if network.prefix == 32 {
            let owner = devices.values().find(|known| has(known, network));
            if let Some(known) =
                owner.filter(|known| is_fragile(&known.class) && wish.confirm.trim() != known.name)
            {
                return Err(PlanError::Fragile {
                    name: known.name.clone(),
                    class: known.class.clone(),
                });
            }
        }
        targets.insert(network);
    }
    Ok(targets)
}

/// Every device with an address that some node is near to; what is fragile or far is said.
fn everything(devices: &Devices, live: &Live, spared: &mut Vec<Spared>) -> BTreeSet<Network> {
    let mut targets = BTreeSet::new();
    for known in devices.values() {
        let Some(address) = first_v4(known) else {
            continue;
        };
        let network = Network::around(address, 32);
        let why = if is_fragile(&known.class) {
            format!(
                "the class {} is never scanned unless an administrator types its name",
                known.class
            )
        } else if nodes(network.around_it(), devices, live).is_empty() {
            "no node that is online is in its subnet".to_owned()
        } else {
            targets.insert(network);
            continue;
        };
        spared.push(Spared {
            device: known.holder.to_string(),
            name: known.name.clone(),
            why,
        });
    }
    targets
}

/// Addresses of fragile devices inside of targets, unless the device itself is what was named and confirmed.
fn spared(
    targets: &BTreeSet<Network>,
    wish: &ScanWish,
    devices: &Devices,
    noted: &mut Vec<Spared>,
) -> Result<Vec<String>, PlanError> {
    let mut addresses = Vec::new();
    for known in devices.values().filter(|known| is_fragile(&known.class)) {
        let inside: Vec<Ipv4Addr> = v4(known)
            .filter(|address| {
                let mut holding = targets.iter().filter(|target| target.holds(*address));
                holding.any(|target| target.prefix < 32 || wish.confirm.trim() != known.name)
            })
            .collect();
        if inside.is_empty() {
            continue;
        }
        addresses.extend(inside.iter().map(ToString::to_string));
        let device = known.holder.to_string();
        if !noted.iter().any(|spared| spared.device == device) {
            noted.push(Spared {
                device,
                name: known.name.clone(),
                why: format!(
                    "the class {} is never scanned unless an administrator types its name",
                    known.class
                ),
            });
        }
    }
    match addresses.len() > limits::SCAN_SPARED {
        true => Err(PlanError::ManySpared(addresses.len())),
        false => Ok(addresses),
    }
}

/// Members that are there and have an address in the subnet, those with a link first.
fn nodes<'d>(subnet: Network, devices: &'d Devices, live: &Live) -> Vec<&'d Known> {
    let near = devices
        .values()
        .filter(|known| known.has_node && v4(known).any(|address| subnet.holds(address)));
    let mut near: Vec<(bool, DeviceId, &Known)> = near
        .filter_map(|known| {
            let Holder::Member(device) = known.holder else {
                return None;
            };
            let member = live.device(&device)?;
            (member.is_there() && member.held.is_none()).then_some((!member.linked, device, known))
        })
        .collect();
    near.sort_by_key(|(away, device, _)| (*away, *device));
    near.into_iter().map(|(_, _, known)| known).collect()
}

fn v4(known: &Known) -> impl Iterator<Item = Ipv4Addr> {
    known.addresses.iter().filter_map(|address| match address {
        IpAddr::V4(address) => Some(*address),
        IpAddr::V6(_) => None,
    })
}

fn first_v4(known: &Known) -> Option<Ipv4Addr> {
    v4(known).find(|address| !address.is_loopback())
}

fn has(known: &Known, network: Network) -> bool {
    v4(known).any(|address| network.holds(address))
}
