//! From the document to habits: each rule of either policy is the habit whose question or answer it allows.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{
    Container, Document, Ethernet, Internet, List, Matches, Policy, Ports, Roles, Rule, Transport,
};
use super::{About, Mud, MudError, RuleError};
use crate::limits::{MUD_BYTES, MUD_RULES, MUD_TEXT};
use crate::profile::{Direction, Entry, Network, Peer, Role, Service, Span, Suffix};

const TCP: u8 = 6;
const UDP: u8 = 17;
const HOURS: std::ops::RangeInclusive<u16> = 1..=168;

pub(super) fn mud(bytes: &[u8]) -> Result<Mud, MudError> {
    if bytes.len() > MUD_BYTES {
        return Err(MudError::TooLong(bytes.len()));
    }
    let Document { mud, lists } = serde_json::from_slice(bytes).map_err(|why| malformed(&why))?;
    let lists = lists.ok_or(MudError::NoLists)?.acl;
    if lists.iter().map(|list| list.aces.ace.len()).sum::<usize>() > MUD_RULES {
        return Err(MudError::TooManyRules);
    }
    let ways = ways(&mud, &lists)?;
    let (mut entries, mut link_layer) = (BTreeSet::new(), 0);
    for (list, way) in lists.iter().zip(ways) {
        for rule in &list.aces.ace {
            match entry(rule, way) {
                Ok(Some(entry)) => {
                    entries.insert(entry);
                }
                Ok(None) => link_layer += 1,
                Err(why) => {
                    return Err(MudError::Rule {
                        rule: text("ace name", &rule.name)?,
                        why,
                    });
                }
            }
        }
    }
    Ok(Mud {
        about: about(mud)?,
        entries,
        link_layer,
    })
}

/// The parser repeats what it stumbled over, however long: the beginning tells enough.
fn malformed(why: &serde_json::Error) -> MudError {
    let (line, column) = (why.line(), why.column());
    MudError::Malformed {
        why: why.to_string().chars().take(MUD_TEXT).collect(),
        line,
        column,
    }
}

fn about(mud: Container) -> Result<About, MudError> {
    if mud.mud_version != 1 {
        return Err(MudError::Version(mud.mud_version));
    }
    if !HOURS.contains(&mud.cache_validity) {
        return Err(MudError::CacheValidity(mud.cache_validity));
    }
    let optional =
        |field, value: Option<String>| value.map(|value| text(field, &value)).transpose();
    Ok(About {
        url: text("mud-url", &mud.mud_url)?,
        last_update: text("last-update", &mud.last_update)?,
        cache_validity: mud.cache_validity,
        is_supported: mud.is_supported,
        system_info: optional("systeminfo", mud.systeminfo)?.unwrap_or_default(),
        maker: optional("mfg-name", mud.mfg_name)?,
        model: optional("model-name", mud.model_name)?,
    })
}

fn text(field: &'static str, value: &str) -> Result<String, MudError> {
    if value.len() > MUD_TEXT || value.chars().any(char::is_control) {
        return Err(MudError::Text { field });
    }
    Ok(value.to_owned())
}

/// The side from which a list's packets come, for each list in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    FromDevice,
    ToDevice,
}

fn ways(mud: &Container, lists: &[List]) -> Result<Vec<Way>, MudError> {
    let mut named = BTreeMap::new();
    let policies = [
        (&mud.from_device_policy, Way::FromDevice),
        (&mud.to_device_policy, Way::ToDevice),
    ];
    for (policy, way) in policies {
        for name in policy
            .iter()
            .flat_map(|Policy { access_lists }| &access_lists.access_list)
        {
            let known = lists.iter().filter(|list| list.name == name.name).count();
            if known != 1
                || named
                    .insert(name.name.as_str(), way)
                    .is_some_and(|other| other != way)
            {
                return Err(MudError::MissingList(text("access-list name", &name.name)?));
            }
        }
    }
    let way = |list: &List| match named.get(list.name.as_str()) {
        Some(way) => Ok(*way),
        None => Err(MudError::UnusedList(text("acl name", &list.name)?)),
    };
    lists.iter().map(way).collect()
}

/// The habit that a rule allows; `None` for rules of the link layer.
fn entry(rule: &Rule, way: Way) -> Result<Option<Entry>, RuleError> {
    if rule.actions.forwarding != "accept" {
        return Err(RuleError::Forwarding(rule.actions.forwarding.clone()));
    }
    let matches = &rule.matches;
    let broadcast = match &matches.eth {
        None => false,
        Some(eth) if !carries_ip(eth) => return Ok(None),
        Some(eth) => match (
            eth.destination_mac_address.as_deref(),
            eth.source_mac_address.as_deref(),
        ) {
            (Some(mac), None) if mac.eq_ignore_ascii_case("ff:ff:ff:ff:ff:ff") => true,
            (None, None) => false,
            _ => return Err(RuleError::LinkLayer),
        },
    };
    let (direction, service) = service(matches, way)?;
    let peer = if broadcast {
        Peer::Network(Network::host(std::net::Ipv4Addr::BROADCAST.into()))
    } else {
        peer(matches, way)?
    };
    Ok(Some(Entry {
        direction,
        protocol: protocol(matches)?,
        peer,
        service,
    }))
}

/// Frames of other kinds, such as those of 802.1X, are no flows, whatever else the rule says of them.
fn carries_ip(eth: &Ethernet) -> bool {
    let kind = eth.ethertype.as_deref();
    kind.is_some_and(|kind| {
        ["0x0800", "0x86dd"]
            .iter()
            .any(|ip| kind.eq_ignore_ascii_case(ip))
    })
}

fn internet(matches: &Matches) -> Result<Option<&Internet>, RuleError> {
    match (&matches.ipv4, &matches.ipv6) {
        (Some(_), Some(_)) => Err(RuleError::Both("ipv4", "ipv6")),
        (one, other) => Ok(one.as_ref().or(other.as_ref())),
    }
}

fn transport(matches: &Matches) -> Result<Option<(u8, &Transport)>, RuleError> {
    match (&matches.tcp, &matches.udp, &matches.icmp) {
        (Some(_), Some(_), _) => Err(RuleError::Both("tcp", "udp")),
        (Some(_), _, Some(_)) => Err(RuleError::Both("tcp", "icmp")),
        (_, Some(_), Some(_)) => Err(RuleError::Both("udp", "icmp")),
        (Some(tcp), ..) => Ok(Some((TCP, tcp))),
        (_, Some(udp), _) => Ok(Some((UDP, udp))),
        _ => Ok(None),
    }
}

fn protocol(matches: &Matches) -> Result<Option<u8>, RuleError> {
    let said = internet(matches)?.and_then(|internet| internet.protocol);
    match transport(matches)? {
        Some((implied, _)) if said.is_some_and(|said| said != implied) => {
            Err(RuleError::Protocol(said))
        }
        Some((implied, _)) => Ok(Some(implied)),
        None => Ok(said),
    }
}

/// Who asks, and on which port. A rule without a word on that is about questions where it names the port that packets
/// go to, and about answers where it only names the port that they come from.
fn service(matches: &Matches, way: Way) -> Result<(Direction, Service), RuleError> {
    let (asks, answers) = match way {
        Way::FromDevice => (Direction::Out, Direction::In),
        Way::ToDevice => (Direction::In, Direction::Out),
    };
    if let Some(icmp) = &matches.icmp {
        return Ok((
            asks,
            Service::Icmp {
                kind: icmp.kind,
                code: icmp.code,
            },
        ));
    }
    let Some((protocol, ports)) = transport(matches)? else {
        return Ok((asks, Service::Any));
    };
    let source = ports.source_port.as_ref().map_or(Ok(Span::ANY), span)?;
    let destination = ports
        .destination_port
        .as_ref()
        .map_or(Ok(Span::ANY), span)?;
    let direction = match ports.direction_initiated.as_deref() {
        // Datagrams have no beginning that a rule could tell: the RFC has this word for TCP alone.
        Some(said) if protocol == UDP => return Err(RuleError::Initiated(said.to_owned())),
        Some("from-device") => Direction::Out,
        Some("to-device") => Direction::In,
        Some(other) => return Err(RuleError::Initiated(other.to_owned())),
        None if ports.destination_port.is_none() && ports.source_port.is_some() => answers,
        None => asks,
    };
    let (remote, local) = match way {
        Way::FromDevice => (destination, source),
        Way::ToDevice => (source, destination),
    };
    let any = remote == Span::ANY && local == Span::ANY;
    Ok((
        direction,
        if any {
            Service::Any
        } else {
            Service::Ports { remote, local }
        },
    ))
}

fn span(ports: &Ports) -> Result<Span, RuleError> {
    let both = (ports.lower_port, ports.upper_port);
    match (ports.operator.as_str(), ports.port, both) {
        ("eq", Some(port), (None, None)) => Ok(Span::one(port)),
        ("lte", Some(port), (None, None)) => Ok(Span {
            first: 0,
            last: port,
        }),
        ("gte", Some(port), (None, None)) => Ok(Span {
            first: port,
            last: u16::MAX,
        }),
        ("range", None, (Some(first), Some(last))) if first <= last => Ok(Span { first, last }),
        ("eq" | "lte" | "gte" | "range", ..) => Err(RuleError::Ports),
        (other, ..) => Err(RuleError::Operator(other.to_owned())),
    }
}

fn peer(matches: &Matches, way: Way) -> Result<Peer, RuleError> {
    let role = matches.mud.as_ref().map(role).transpose()?;
    let address = internet(matches)?
        .map(|internet| address(internet, way))
        .transpose()?
        .flatten();
    match (role, address) {
        // The network is the narrower of the two where it lies within the site.
        (Some(Peer::Local), Some(Peer::Network(network))) if network.is_within_a_site() => {
            Ok(Peer::Network(network))
        }
        (Some(_), Some(_)) => Err(RuleError::Both("ietf-mud:mud", "an address")),
        (one, other) => Ok(one.or(other).unwrap_or(Peer::Any)),
    }
}

fn role(roles: &Roles) -> Result<Peer, RuleError> {
    let uri = |field, uri: &String| {
        if uri.is_empty() {
            Err(RuleError::Empty(field))
        } else {
            Ok(uri.clone())
        }
    };
    let mut said = Vec::new();
    if let Some(maker) = &roles.manufacturer {
        said.push((
            "manufacturer",
            Peer::Role(Role::Manufacturer(uri("manufacturer", maker)?)),
        ));
    }
    if roles.same_manufacturer.is_some() {
        said.push(("same-manufacturer", Peer::Role(Role::SameManufacturer)));
    }
    if roles.local_networks.is_some() {
        said.push(("local-networks", Peer::Local));
    }
    if let Some(class) = &roles.controller {
        said.push((
            "controller",
            Peer::Role(Role::Controller(uri("controller", class)?)),
        ));
    }
    if roles.my_controller.is_some() {
        said.push(("my-controller", Peer::Role(Role::MyController)));
    }
    match said.as_slice() {
        [] => Err(RuleError::Empty("ietf-mud:mud")),
        [(_, peer)] => Ok(peer.clone()),
        [(one, _), (other, _), ..] => Err(RuleError::Both(one, other)),
    }
}

/// The other side's name or network; on the device's own side nothing may stand, it would be an address of the device.
fn address(internet: &Internet, way: Way) -> Result<Option<Peer>, RuleError> {
    let (source, destination) = (
        [
            ("src-dnsname", &internet.src_dnsname),
            ("source-ipv4-network", &internet.source_ipv4_network),
            ("source-ipv6-network", &internet.source_ipv6_network),
        ],
        [
            ("dst-dnsname", &internet.dst_dnsname),
            (
                "destination-ipv4-network",
                &internet.destination_ipv4_network,
            ),
            (
                "destination-ipv6-network",
                &internet.destination_ipv6_network,
            ),
        ],
    );
    let (own, other) = match way {
        Way::FromDevice => (source, destination),
        Way::ToDevice => (destination, source),
    };
    if let Some((field, _)) = own.iter().find(|(_, value)| value.is_some()) {
        return Err(RuleError::Side(field));
    }
    let said: Vec<_> = other
        .iter()
        .filter_map(|(field, value)| Some((*field, value.as_ref()?)))
        .collect();
    match said.as_slice() {
        [] => Ok(None),
        [(field, name)] if field.ends_with("dnsname") => named(name).map(Some),
        [(_, network)] => parse(network).map(|network| Some(Peer::Network(network))),
        [(one, _), (other, _), ..] => Err(RuleError::Both(one, other)),
    }
}

/// Some makers write an address in place of a name.
fn named(name: &str) -> Result<Peer, RuleError> {
    if let Ok(address) = name.parse() {
        return Ok(Peer::Network(Network::host(address)));
    }
    let suffix = Suffix::exactly(name).map_err(|_| RuleError::Name(name.to_owned()))?;
    if suffix.is_shared() {
        return Err(RuleError::Shared(name.to_owned()));
    }
    Ok(Peer::Domain(suffix))
}

fn parse(said: &str) -> Result<Network, RuleError> {
    let refused = || RuleError::Network(said.to_owned());
    let (address, bits) = said.split_once('/').ok_or_else(refused)?;
    let (address, bits) = (
        address.parse().map_err(|_| refused())?,
        bits.parse().map_err(|_| refused())?,
    );
    Network::new(address, bits).map_err(|_| refused())
}
