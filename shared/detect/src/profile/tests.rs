//! Stories of one device's profile.

use std::net::{IpAddr, Ipv4Addr};

use super::*;

const DAY_S: u64 = 24 * 60 * 60;

fn flow(name: &str, port: u16) -> Flow<'_> {
    Flow {
        direction: Direction::Out,
        protocol: 6,
        address: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)),
        name: Some(name),
        local: false,
        roles: &[],
        remote_port: port,
        local_port: 50_123,
    }
}

fn learnt(config: ProfileConfig) -> Profile {
    let mut profile = Profile::new(config, 0);
    for at in 0..60 {
        profile.observe(&flow("a.maker.com", 443), Times::Good, at);
    }
    profile
}

fn nameless(last: u8, port: u16) -> Flow<'static> {
    Flow {
        address: IpAddr::V4(Ipv4Addr::new(198, 51, 100, last)),
        name: None,
        ..flow("", port)
    }
}

#[test]
fn a_service_that_is_elsewhere_each_time_is_learnt_as_a_service() {
    let mut profile = learnt(ProfileConfig::default());
    for last in 0..4 {
        profile.observe(&nameless(last, 3478), Times::Good, 100);
    }
    for last in 0..3 {
        profile.observe(&nameless(last, 8_000), Times::Good, 100);
    }
    for last in 0..20 {
        profile.observe(&nameless(last, 23), Times::Good, 100);
    }
    profile.advance(DAY_S);
    let is_allowed = |flow: &Flow<'_>| matches!(profile.judge(flow), Verdict::Allowed { .. });
    assert!(is_allowed(&nameless(99, 3478)), "the relay may be anywhere");
    assert!(!is_allowed(&nameless(99, 3479)), "at its own port");
    assert!(is_allowed(&nameless(2, 8_000)));
    assert!(!is_allowed(&nameless(3, 8_000)), "three are three places");
    assert!(!is_allowed(&nameless(20, 23)), "logins go nowhere new");
}

#[test]
fn groups_and_the_local_network_do_not_make_a_service_roam() {
    let mut profile = learnt(ProfileConfig::default());
    for last in 0..9 {
        let group = IpAddr::V4(Ipv4Addr::new(239, 0, 0, last));
        let to_group = Flow {
            address: group,
            ..nameless(0, 5000)
        };
        profile.observe(&to_group, Times::Good, 100);
        let local = Flow {
            local: true,
            ..nameless(last, 6000)
        };
        profile.observe(&local, Times::Good, 100);
    }
    let is_wide = |(entry, _): (&Entry, &Standing)| entry.peer == Peer::Any;
    assert!(!profile.entries().any(is_wide));
}

#[test]
fn it_learns_then_tries_then_holds_the_device_to_it() {
    let mut profile = learnt(ProfileConfig::default());
    assert_eq!(profile.entries().len(), 1);
    assert!(!profile.advance(DAY_S - 1));
    assert!(profile.advance(DAY_S));
    assert!(matches!(
        profile.observe(&flow("b.maker.com", 443), Times::Good, DAY_S),
        Verdict::Allowed { .. }
    ));
    let unusual = profile.observe(&flow("evil.org", 443), Times::Good, DAY_S);
    assert!(
        matches!(
            unusual,
            Verdict::Unusual {
                why: Unusual::Unknown,
                ..
            }
        ),
        "{unusual:?}"
    );
    assert_eq!(profile.entries().len(), 1, "on trial nothing is learnt");
    assert!(!profile.advance(100 * DAY_S), "only a person enforces");
    profile.enter(Stage::Enforcing, 2 * DAY_S);
    assert!(matches!(
        profile.judge(&flow("evil.org", 443)),
        Verdict::Denied { .. }
    ));
    assert!(
        matches!(
            profile.judge(&flow("a.maker.com", 80)),
            Verdict::Denied { .. }
        ),
        "another port"
    );
}

#[test]
fn a_quiet_device_goes_on_learning() {
    let mut profile = Profile::new(ProfileConfig::default(), 0);
    profile.observe(&flow("a.maker.com", 443), Times::Good, 1);
    assert!(!profile.advance(30 * DAY_S));
}

#[test]
fn a_firing_rule_stops_learning_and_counting() {
    let mut profile = learnt(ProfileConfig::default());
    let before = profile.clone();
    let verdict = profile.observe(&flow("evil.org", 443), Times::Suspect, 70);
    assert!(matches!(
        verdict,
        Verdict::Unusual {
            why: Unusual::Suspect,
            ..
        }
    ));
    profile.observe(&flow("a.maker.com", 443), Times::Suspect, 71);
    assert_eq!(profile, before);
}

#[test]
fn what_a_person_calls_normal_is_allowed_until_it_is_undone() {
    let mut profile = learnt(ProfileConfig::default());
    profile.enter(Stage::Enforcing, 100);
    let before = profile.clone();
    let Verdict::Denied { entry } = profile.judge(&flow("partner.net", 8883)) else {
        panic!("denied")
    };
    let number = profile.allow(entry.clone(), 200).unwrap();
    assert!(matches!(
        profile.judge(&flow("x.partner.net", 8883)),
        Verdict::Allowed { .. }
    ));
    assert_eq!(profile.undo(number), Ok(entry));
    assert!(profile.undo(number).is_err());
    assert!(profile.entries().eq(before.entries()), "as it was before");
}

#[test]
fn undoing_restores_what_was_learnt_of_an_entry() {
    let mut profile = learnt(ProfileConfig::default());
    let (entry, standing) = profile
        .entries()
        .next()
        .map(|(entry, standing)| (entry.clone(), *standing))
        .unwrap();
    let first = profile.allow(entry.clone(), 200).unwrap();
    profile.allow(entry.clone(), 201).unwrap();
    profile.undo(first).unwrap();
    assert_eq!(profile.entries().next(), Some((&entry, &standing)));
    assert!(profile.changes().is_empty());
}

#[test]
fn neither_entries_nor_changes_grow_past_their_bounds() {
    let mut profile = Profile::new(ProfileConfig::default(), 0);
    let names: Vec<String> = (0..2_000).map(|n| format!("host{n}.org")).collect();
    for name in &names {
        profile.observe(&flow(name, 443), Times::Good, 1);
    }
    assert_eq!(profile.entries().len(), PROFILE_ENTRIES);
    let known = Entry::of(&flow(&names[0], 443));
    for at in 0..100 {
        profile.allow(known.clone(), at).unwrap();
    }
    assert!(profile.changes().len() <= crate::limits::PROFILE_CHANGES);
    assert!(profile.allow(Entry::of(&flow("new.org", 1)), 1).is_err());
    assert!(profile.to_bytes().len() <= PROFILE_BYTES);
    assert_eq!(Profile::from_bytes(&profile.to_bytes()).unwrap(), profile);
}

#[test]
fn a_baseline_is_what_enough_sites_saw_themselves() {
    let (mut one, mut other) = (
        learnt(ProfileConfig::default()),
        learnt(ProfileConfig::default()),
    );
    one.observe(&flow("only-here.org", 443), Times::Good, 90);
    other.allow(Entry::of(&flow("told.org", 443)), 90).unwrap();
    let baseline = merged(&[&one, &other], 2).unwrap();
    assert_eq!(baseline.len(), 1);
    assert_eq!(baseline.values().next().unwrap().support, 120);
    assert_eq!(
        merged(&[&one, &other], 1).unwrap().len(),
        2,
        "what nobody saw is no sighting"
    );
    assert!(merged(&[&one], 2).is_err());
    assert!(merged(&[], 1).is_err());

    let lent = Profile::lent(&baseline, ProfileConfig::default(), 500);
    assert_eq!(
        merged(&[&lent], 1).unwrap().len(),
        0,
        "an echo is no sighting"
    );
}

#[test]
fn a_new_device_with_a_lent_baseline_is_judged_from_its_first_flow() {
    let own = learnt(ProfileConfig::default());
    let mut new = Profile::lent(
        &merged(&[&own], 1).unwrap(),
        ProfileConfig::default(),
        1_000,
    );
    assert!(matches!(
        new.observe(&flow("c.maker.com", 443), Times::Good, 1_001),
        Verdict::Allowed { .. }
    ));
    let (_, standing) = new.entries().next().unwrap();
    assert_eq!(
        (standing.origin, standing.first_s, standing.support),
        (Origin::Learnt, 1_001, 1)
    );
    assert!(matches!(
        new.observe(&flow("evil.org", 443), Times::Good, 1_002),
        Verdict::Unusual { .. }
    ));
}

#[test]
fn what_was_not_seen_for_long_is_forgotten_unless_a_person_allowed_it() {
    let mut profile = learnt(ProfileConfig::default());
    profile
        .allow(Entry::of(&flow("partner.net", 1)), 10)
        .unwrap();
    assert_eq!(profile.forget_before(1_000), 1);
    assert_eq!(profile.entries().len(), 1);
}

#[test]
fn a_service_of_the_device_is_its_own_port_and_multicast_is_a_service() {
    let asked = Flow {
        direction: Direction::In,
        local: true,
        name: None,
        remote_port: 51_000,
        local_port: 80,
        ..flow("", 0)
    };
    let entry = Entry::of(&asked);
    assert_eq!(entry.peer, Peer::Local);
    assert_eq!(
        entry.service,
        Service::Ports {
            remote: Span::ANY,
            local: Span::one(80)
        }
    );
    let group = Flow {
        address: "224.0.0.251".parse().unwrap(),
        protocol: 17,
        local: true,
        ..flow("x", 5353)
    };
    assert_eq!(
        Entry::of(&group).peer,
        Peer::Network(Network::host("224.0.0.251".parse().unwrap()))
    );
}

/// Hosts are called `ai` and `co.uk` as well: the habit is the one host, not all who share the suffix.
#[test]
fn a_host_named_like_a_shared_suffix_is_learnt_by_its_address() {
    for name in ["ai", "co.uk"] {
        let entry = Entry::of(&flow(name, 443));
        assert_eq!(entry.to_string(), "out tcp 203.0.113.9/32 443", "{name}");
        assert!(!entry.allows(&Flow {
            address: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 4)),
            ..flow("evil.ai", 443)
        }));
    }
    let own = Entry::of(&flow("nas", 445));
    assert_eq!(own.to_string().parse(), Ok(own));
}

#[test]
fn networks_hold_what_begins_with_their_bits() {
    let network = Network::new("10.1.0.0".parse().unwrap(), 16).unwrap();
    assert!(
        network.holds("10.1.2.3".parse().unwrap()) && !network.holds("10.2.0.0".parse().unwrap())
    );
    assert!(!network.holds("::ffff:10.1.0.1".parse().unwrap()));
    assert!(
        Network::new("0.0.0.0".parse().unwrap(), 0)
            .unwrap()
            .holds("8.8.8.8".parse().unwrap())
    );
    assert!(Network::new("10.1.0.1".parse().unwrap(), 16).is_err());
    assert!(Network::new("10.1.0.0".parse().unwrap(), 33).is_err());
}
