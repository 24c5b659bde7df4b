//! From habits to the document: a rule for the question, one for the answer, in a list for each family and way.

use super::document::{
    AccessLists, Actions, Container, Document, IcmpMessage, Internet, List, ListName, Lists,
    Matches, Policy, Ports, Roles, Rule, Rules, Transport,
};
use super::{About, Mud};
use crate::profile::{Direction, Entry, Network, Peer, Role, Service, Span};

const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP6: u8 = 58;

/// The four lists of a file: the family, and whether packets come from the device.
const LISTS: [(&str, Family, Way); 4] = [
    ("from-v4", Family::V4, Way::From),
    ("to-v4", Family::V4, Way::To),
    ("from-v6", Family::V6, Way::From),
    ("to-v6", Family::V6, Way::To),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    From,
    To,
}

pub(super) fn json(mud: &Mud) -> String {
    let lists: Vec<List> = LISTS
        .iter()
        .map(|(name, family, way)| list(mud, name, *family, *way))
        .collect();
    let document = Document {
        mud: container(&mud.about),
        lists: Some(Lists { acl: lists }),
    };
    serde_json::to_string_pretty(&document)
        .expect("the document holds nothing that JSON cannot say")
}

fn container(about: &About) -> Container {
    let policy = |wanted: Way| {
        let names = LISTS.iter().filter(|(_, _, way)| *way == wanted);
        let access_list = names
            .map(|(name, ..)| ListName {
                name: (*name).to_owned(),
            })
            .collect();
        Some(Policy {
            access_lists: AccessLists { access_list },
        })
    };
    Container {
        mud_version: 1,
        mud_url: about.url.clone(),
        last_update: about.last_update.clone(),
        cache_validity: about.cache_validity,
        is_supported: about.is_supported,
        systeminfo: Some(about.system_info.clone()).filter(|info| !info.is_empty()),
        mfg_name: about.maker.clone(),
        model_name: about.model.clone(),
        from_device_policy: policy(Way::From),
        to_device_policy: policy(Way::To),
        ..Container::default()
    }
}

fn list(mud: &Mud, name: &str, family: Family, way: Way) -> List {
    let entries = mud.entries.iter().filter(|entry| belongs(entry, family));
    let needed = entries.filter(|entry| has_rule(entry, way));
    let rule = |(number, entry): (usize, &Entry)| Rule {
        name: format!("{name}-{number}"),
        matches: matches(entry, family, way),
        actions: Actions {
            forwarding: "accept".to_owned(),
        },
    };
    List {
        name: name.to_owned(),
        kind: format!(
            "{}-acl-type",
            if family == Family::V4 { "ipv4" } else { "ipv6" }
        ),
        aces: Rules {
            ace: needed.enumerate().map(rule).collect(),
        },
    }
}

fn belongs(entry: &Entry, family: Family) -> bool {
    match (&entry.peer, entry.protocol) {
        (Peer::Network(network), _) => network.is_v4() == (family == Family::V4),
        (_, Some(ICMP6)) => family == Family::V6,
        (_, Some(1 | 2)) => family == Family::V4,
        _ => true,
    }
}

fn asks(entry: &Entry, way: Way) -> bool {
    (entry.direction == Direction::Out) == (way == Way::From)
}

/// Answers have a rule of their own where ports tell them from questions: a rule without ports would allow questions.
fn has_rule(entry: &Entry, way: Way) -> bool {
    let answers_told_apart = match entry.service {
        Service::Ports { remote, local } => {
            let served = if entry.direction == Direction::Out {
                remote
            } else {
                local
            };
            let asking = if entry.direction == Direction::Out {
                local
            } else {
                remote
            };
            entry.protocol == Some(TCP) || (served != Span::ANY && asking == Span::ANY)
        }
        Service::Any => entry.protocol == Some(TCP),
        Service::Icmp { .. } => false,
    };
    asks(entry, way) || answers_told_apart
}

fn matches(entry: &Entry, family: Family, way: Way) -> Matches {
    let mut matches = Matches {
        mud: roles(&entry.peer),
        ..Matches::default()
    };
    let internet = internet(entry, family, way);
    match family {
        Family::V4 => matches.ipv4 = Some(internet),
        Family::V6 => matches.ipv6 = Some(internet),
    }
    match (entry.protocol, entry.service) {
        (_, Service::Icmp { kind, code }) => matches.icmp = Some(IcmpMessage { kind, code }),
        (Some(TCP), service) => matches.tcp = Some(transport(entry, service, way)),
        (Some(UDP), service @ Service::Ports { .. }) => {
            matches.udp = Some(transport(entry, service, way));
        }
        _ => {}
    }
    matches
}

fn transport(entry: &Entry, service: Service, way: Way) -> Transport {
    let (remote, local) = match service {
        Service::Ports { remote, local } => (remote, local),
        Service::Any | Service::Icmp { .. } => (Span::ANY, Span::ANY),
    };
    let (source, destination) = if way == Way::From {
        (local, remote)
    } else {
        (remote, local)
    };
    let initiated = if entry.direction == Direction::Out {
        "from-device"
    } else {
        "to-device"
    };
    Transport {
        source_port: ports(source),
        destination_port: ports(destination),
        direction_initiated: (entry.protocol == Some(TCP)).then(|| initiated.to_owned()),
    }
}

fn ports(span: Span) -> Option<Ports> {
    if span == Span::ANY {
        return None;
    }
    let one = span.first == span.last;
    Some(Ports {
        operator: if one { "eq" } else { "range" }.to_owned(),
        port: one.then_some(span.first),
        lower_port: (!one).then_some(span.first),
        upper_port: (!one).then_some(span.last),
    })
}

fn roles(peer: &Peer) -> Option<Roles> {
    let none = Roles::default();
    match peer {
        Peer::Any | Peer::Domain(_) | Peer::Network(_) => None,
        Peer::Local => Some(Roles {
            local_networks: Some([()]),
            ..none
        }),
        Peer::Role(Role::MyController) => Some(Roles {
            my_controller: Some([()]),
            ..none
        }),
        Peer::Role(Role::SameManufacturer) => Some(Roles {
            same_manufacturer: Some([()]),
            ..none
        }),
        Peer::Role(Role::Controller(class)) => Some(Roles {
            controller: Some(class.clone()),
            ..none
        }),
        Peer::Role(Role::Manufacturer(maker)) => Some(Roles {
            manufacturer: Some(maker.clone()),
            ..none
        }),
    }
}

fn internet(entry: &Entry, family: Family, way: Way) -> Internet {
    let mut internet = Internet {
        protocol: entry.protocol,
        ..Internet::default()
    };
    match &entry.peer {
        Peer::Domain(name) => {
            let name = Some(name.as_str().to_owned());
            match way {
                Way::From => internet.dst_dnsname = name,
                Way::To => internet.src_dnsname = name,
            }
        }
        Peer::Network(network) => {
            *side(&mut internet, family, way) = Some(Network::to_string(network));
        }
        Peer::Any | Peer::Local | Peer::Role(_) => {}
    }
    internet
}

fn side(internet: &mut Internet, family: Family, way: Way) -> &mut Option<String> {
    match (family, way) {
        (Family::V4, Way::From) => &mut internet.destination_ipv4_network,
        (Family::V4, Way::To) => &mut internet.source_ipv4_network,
        (Family::V6, Way::From) => &mut internet.destination_ipv6_network,
        (Family::V6, Way::To) => &mut internet.source_ipv6_network,
    }
}
