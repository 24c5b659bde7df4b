//! Files as makers write them, files that must be refused, and the way there and back.

use super::*;
use crate::profile::{Direction, Network, Peer, Role, Service, Span, Suffix};

/// The shape of RFC 8520 §9, shortened to one direction's rule.
fn file(matches: &str) -> String {
    format!(
        r#"{{"ietf-mud:mud":{{"mud-version":1,"mud-url":"https://lighting.example.com/bulb","last-update":
        "2019-01-28T11:20:51+01:00","cache-validity":48,"is-supported":true,"systeminfo":"A bulb",
        "from-device-policy":{{"access-lists":{{"access-list":[{{"name":"fr"}}]}}}}}},
        "ietf-access-control-list:acls":{{"acl":[{{"name":"fr","type":"ipv4-acl-type","aces":{{"ace":[
        {{"name":"cl0","matches":{matches},"actions":{{"forwarding":"accept"}}}}]}}}}]}}}}"#
    )
}

fn read(matches: &str) -> Result<Mud, MudError> {
    Mud::from_json(file(matches).as_bytes())
}

fn why(matches: &str) -> String {
    read(matches).unwrap_err().to_string()
}

const CLOUD: &str = r#"{"ipv4":{"protocol":6,"ietf-acldns:dst-dnsname":"test.example.com"},
    "tcp":{"ietf-mud:direction-initiated":"from-device","destination-port":{"operator":"eq","port":443}}}"#;

#[test]
fn the_example_of_the_rfc_is_one_habit() {
    let mud = read(CLOUD).unwrap();
    let cloud = Entry {
        direction: Direction::Out,
        protocol: Some(6),
        peer: Peer::Domain(Suffix::exactly("test.example.com").unwrap()),
        service: Service::Ports {
            remote: Span::one(443),
            local: Span::ANY,
        },
    };
    assert_eq!(mud.entries.iter().collect::<Vec<_>>(), [&cloud]);
    assert_eq!(
        (mud.about.cache_validity, mud.about.system_info.as_str()),
        (48, "A bulb")
    );
}

#[test]
fn conditions_that_are_not_understood_refuse_the_file() {
    assert!(why(r#"{"ipv4":{"protocol":6,"dscp":3}}"#).contains("dscp"));
    assert!(why(r#"{"ipv4":{},"ipv6":{}}"#).contains("ipv6"));
    assert!(why(r#"{"udp":{"source-port":{"operator":"neq","port":1}}}"#).contains("neq"));
    assert!(
        why(r#"{"udp":{"source-port":{"operator":"range","lower-port":9,"upper-port":1}}}"#)
            .contains("lower")
    );
    assert!(why(r#"{"ipv4":{"protocol":6},"udp":{}}"#).contains("protocol"));
    assert!(why(r#"{"ipv4":{"ietf-acldns:src-dnsname":"a.com"}}"#).contains("side"));
    assert!(why(r#"{"ipv4":{"ietf-acldns:dst-dnsname":"co.uk"}}"#).contains("one owner"));
    assert!(why(r#"{"ipv4":{"destination-ipv4-network":"10.0.0.1/8"}}"#).contains("10.0.0.1/8"));
    assert!(why(r#"{"ietf-mud:mud":{}}"#).contains("empty"));
    assert!(
        why(r#"{"ietf-mud:mud":{"local-networks":[null],"my-controller":[null]}}"#)
            .contains("both")
    );
    let address =
        r#"{"eth":{"ethertype":"0x0800","source-mac-address":"00:00:00:00:00:01"},"ipv4":{}}"#;
    assert!(why(address).contains("link layer"));
    let local = |network: &str| {
        let address = format!(r#""ipv4":{{"destination-ipv4-network":"{network}"}}"#);
        read(&format!(
            r#"{{"ietf-mud:mud":{{"local-networks":[null]}},{address}}}"#
        ))
    };
    assert!(local("8.8.8.8/32").is_err());
    let group = local("224.0.0.251/32").unwrap().entries;
    assert_eq!(
        group.first().unwrap().peer,
        Peer::Network(Network::host("224.0.0.251".parse().unwrap()))
    );
    let dropped = file(CLOUD).replace("accept", "drop");
    assert!(
        Mud::from_json(dropped.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("drop")
    );
}

#[test]
fn the_head_and_the_lists_are_held_to_the_rfc() {
    let changed = |from: &str, to: &str| {
        let file = file(CLOUD);
        assert!(file.contains(from));
        Mud::from_json(file.replace(from, to).as_bytes())
            .unwrap_err()
            .to_string()
    };
    assert!(changed("\"mud-version\":1", "\"mud-version\":2").contains("version"));
    assert!(changed("\"cache-validity\":48", "\"cache-validity\":169").contains("168"));
    assert!(changed("A bulb", &"x".repeat(256)).contains("systeminfo"));
    assert!(changed("A bulb", "A\\u0007bulb").contains("systeminfo"));
    assert!(changed("[{\"name\":\"fr\"}]", "[{\"name\":\"gone\"}]").contains("gone"));
    assert!(changed("[{\"name\":\"fr\"}]", "[]").contains("not named"));
    assert!(changed("\"is-supported\":true", "\"is-supported\":true,\"x\":1").contains("`x`"));
    assert!(Mud::from_json(&vec![b' '; MUD_BYTES + 1]).is_err());
}

#[test]
fn rules_of_the_link_layer_are_counted_and_broadcasts_are_kept_to() {
    for passed in [
        r#"{"eth":{"ethertype":"0x888e"}}"#,
        r#"{"eth":{"ethertype":"0x0806"},"ietf-mud:mud":{"local-networks":[null]}}"#,
    ] {
        let mud = read(passed).unwrap();
        assert_eq!((mud.link_layer, mud.entries.len()), (1, 0));
    }
    let lights = read(
        r#"{"ietf-mud:mud":{"local-networks":[null]},"ipv4":{"protocol":17},"eth":{"ethertype":"0x0800",
        "destination-mac-address":"ff:ff:ff:ff:ff:ff"},"udp":{"destination-port":{"operator":"eq","port":56700}}}"#,
    );
    let entries = lights.unwrap().entries;
    let broadcast = Network::host("255.255.255.255".parse().unwrap());
    assert_eq!(entries.first().unwrap().peer, Peer::Network(broadcast));
}

fn everything() -> Mud {
    let about = About {
        url: "https://example.com/device".to_owned(),
        last_update: "2026-01-02T03:04:05Z".to_owned(),
        cache_validity: 48,
        is_supported: true,
        system_info: "a \"device\"".to_owned(),
        maker: Some("Maker".to_owned()),
        model: None,
    };
    let peers = [
        Peer::Any,
        Peer::Domain(Suffix::of("maker.com").unwrap()),
        Peer::Local,
        Peer::Role(Role::Controller("urn:ietf:params:mud:dns".to_owned())),
        Peer::Role(Role::MyController),
        Peer::Role(Role::SameManufacturer),
        Peer::Role(Role::Manufacturer("maker.com".to_owned())),
        Peer::Network(Network::new("10.0.0.0".parse().unwrap(), 8).unwrap()),
        Peer::Network(Network::host("ff02::fb".parse().unwrap())),
    ];
    let mut entries = BTreeSet::new();
    for peer in peers {
        for direction in [Direction::Out, Direction::In] {
            for protocol in [6, 17] {
                let (one, any) = (Span::class(50_000), Span::ANY);
                let (remote, local) = if direction == Direction::Out {
                    (one, any)
                } else {
                    (any, one)
                };
                let service = Service::Ports { remote, local };
                entries.insert(Entry {
                    direction,
                    protocol: Some(protocol),
                    peer: peer.clone(),
                    service,
                });
            }
            for protocol in [Some(6), Some(47), None] {
                entries.insert(Entry {
                    direction,
                    protocol,
                    peer: peer.clone(),
                    service: Service::Any,
                });
            }
            if !matches!(peer, Peer::Network(network) if !network.is_v4()) {
                let service = Service::Icmp { kind: 8, code: 0 };
                entries.insert(Entry {
                    direction,
                    protocol: Some(1),
                    peer: peer.clone(),
                    service,
                });
            }
        }
    }
    Mud {
        about,
        entries,
        link_layer: 0,
    }
}

#[test]
fn what_is_written_is_read_as_the_same_habits() {
    let mud = everything();
    let json = mud.to_json();
    assert_eq!(Mud::from_json(json.as_bytes()).unwrap(), mud, "{json}");
}
