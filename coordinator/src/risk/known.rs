//! Every device that something may be found on: members as the mesh knows them, others as people and scans describe them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use findings::finding::Device;
use findings::finding::priority::Exposure;
use findings::scan::Mac;
use findings::time::Moment;
use protocol::class::DeviceClass;
use protocol::contact::Contact;
use protocol::signed::Unchecked;

use super::holder::Holder;
use crate::live::{Live, State};
use crate::neighbours::{self, Neighbour};
use crate::scans::plan::is_fragile;
use crate::store::Reader;
use crate::store::fault::ReadError;
use crate::store::scans::Described;

/// One device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub holder: Holder,
    pub name: String,
    pub class: String,
    /// Empty for devices without a node.
    pub cell: String,
    pub vendor: String,
    pub tags: BTreeSet<String>,
    /// Empty where nobody said one, as the next two.
    pub site: String,
    /// What people and scans call a device without a node.
    pub called: String,
    /// Which class people give a device without a node.
    pub classed: Option<DeviceClass>,
    pub addresses: BTreeSet<IpAddr>,
    pub exposure: Exposure,
    pub has_node: bool,
    pub last_heard: Option<Moment>,
    pub last_scan: Option<Moment>,
    pub has_sbom: bool,
}

/// By the text of their holder.
pub type Devices = BTreeMap<String, Known>;

impl Known {
    pub fn listed_tags(&self) -> Vec<String> {
        self.tags.iter().cloned().collect()
    }

    pub fn for_findings(&self) -> Device {
        Device {
            class: self.class.clone(),
            exposure: self.exposure,
        }
    }
}

/// Members that belong to the mesh, and everything else that was described.
pub fn devices(reader: &Reader, live: &Live) -> Result<Devices, ReadError> {
    let mut described = reader.described()?;
    let mut all = Devices::new();
    for member in live
        .devices
        .iter()
        .filter(|member| member.state != State::Retired)
    {
        let holder = Holder::Member(member.device);
        let said = described.remove(&holder).unwrap_or_default();
        let mut addresses = said.addresses.clone();
        addresses.extend(addresses_of(reader, holder)?);
        let known = Known {
            holder,
            name: member.name.to_string(),
            class: member.class.word().to_owned(),
            cell: member.cell.to_string(),
            vendor: said.vendor,
            tags: said.tags,
            site: said.site,
            called: String::new(),
            classed: None,
            exposure: exposure(&addresses),
            addresses,
            has_node: true,
            last_heard: member.heard.map(|at| Moment(at.as_millis() / 1000)),
            last_scan: None,
            has_sbom: false,
        };
        all.insert(holder.to_string(), known);
    }
    for (holder, said) in described {
        if !matches!(holder, Holder::Member(_)) {
            all.insert(holder.to_string(), bare(holder, said));
        }
    }
    for neighbour in neighbours::all(reader, |device| live.is_member(device))? {
        if neighbour.claimed_by.is_empty() {
            heard(&mut all, &neighbour);
        }
    }
    Ok(all)
}

/// What guardians hear of a device; what people have said of it counts more, but a guess that it is fragile is enough.
fn heard(all: &mut Devices, neighbour: &Neighbour) {
    let holder = Holder::Mac(Mac(neighbour.mac.0));
    let id = holder.to_string();
    let Some(device) = neighbour.device() else {
        return;
    };
    let known = all
        .entry(id.clone())
        .or_insert_with(|| bare(holder, Described::default()));
    known
        .addresses
        .extend(device.addresses.iter().map(|address| address.ip()));
    known.exposure = exposure(&known.addresses);
    if known.name == id {
        known.name = neighbour.name();
    }
    if known.vendor.is_empty() {
        known.vendor = device
            .vendor
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
    }
    if known.class == DeviceClass::Other.word() {
        let guessed = neighbour.disputed_classes();
        let fragile = guessed.into_iter().find(|class| is_fragile(class.word()));
        known.class = fragile.unwrap_or(neighbour.class()).word().to_owned();
    }
    let last = Moment(device.last.as_millis() / 1000);
    known.last_heard = known.last_heard.max(Some(last));
}

/// What a member says of where it can be reached.
pub fn addresses_of(reader: &Reader, holder: Holder) -> Result<BTreeSet<IpAddr>, ReadError> {
    let Holder::Member(device) = holder else {
        return Ok(BTreeSet::new());
    };
    let Some(envelope) = reader.contact(&device)? else {
        return Ok(BTreeSet::new());
    };
    // The core checked the signature before it was stored.
    let contact = Unchecked::<Contact>::parse(&envelope).ok();
    let addresses = contact
        .iter()
        .flat_map(|contact| &contact.claim().addresses);
    Ok(addresses
        .filter_map(|address| ip_in(address.as_str()))
        .collect())
}

fn bare(holder: Holder, said: Described) -> Known {
    let first = said.addresses.first().map(ToString::to_string);
    let name = [said.name.clone(), first.unwrap_or_default()];
    let name = name.into_iter().find(|name| !name.is_empty());
    let is_classed = !said.class.is_empty();
    let class = match is_classed {
        false => "other".to_owned(),
        true => said.class,
    };
    Known {
        holder,
        name: name.unwrap_or_else(|| holder.to_string()),
        classed: class.parse().ok().filter(|_| is_classed),
        class,
        cell: String::new(),
        vendor: said.vendor,
        tags: said.tags,
        site: said.site,
        called: said.name,
        exposure: exposure(&said.addresses),
        addresses: said.addresses,
        has_node: false,
        last_heard: Some(said.last).filter(|at| at.0 > 0),
        last_scan: None,
        has_sbom: false,
    }
}

/// `/ip4/10.0.0.7/tcp/7400` holds 10.0.0.7.
fn ip_in(address: &str) -> Option<IpAddr> {
    let mut parts = address.split('/').skip(1);
    matches!(parts.next(), Some("ip4" | "ip6"))
        .then(|| parts.next()?.parse().ok())
        .flatten()
}

/// A public address can be reached from everywhere as far as anybody here knows; a private one is on some segment.
fn exposure(addresses: &BTreeSet<IpAddr>) -> Exposure {
    match addresses.is_empty() {
        true => Exposure::Unknown,
        false if addresses.iter().any(is_public) => Exposure::Internet,
        false => Exposure::Segment,
    }
}

fn is_public(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            let is_special = v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_documentation();
            !(is_shared || is_special || a == 0 || a >= 240)
        }
        // Global unicast is 2000::/3; the documentation prefix lies in it.
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            first & 0xe000 == 0x2000 && (first, second) != (0x2001, 0x0db8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_the_internet_routes_are_public() {
        for (text, expected) in [
            ("10.0.0.7", Exposure::Segment),
            ("100.64.1.1", Exposure::Segment),
            ("169.254.3.4", Exposure::Segment),
            ("8.8.8.8", Exposure::Internet),
            ("fe80::1", Exposure::Segment),
            ("fd00::1", Exposure::Segment),
            ("2a00:1450::1", Exposure::Internet),
        ] {
            let address = text.parse().expect("an address");
            assert_eq!(exposure(&BTreeSet::from([address])), expected, "{text}");
        }
        assert_eq!(exposure(&BTreeSet::new()), Exposure::Unknown);
        assert_eq!(ip_in("/ip4/10.0.0.7/tcp/7400"), "10.0.0.7".parse().ok());
        assert_eq!(ip_in("/dns4/host/tcp/1"), None);
    }
}
