use std::time::Duration;

use detect::profile::Origin;
use hearing::capture::{Link, Packet};
use hearing::flow::{Count, Endpoint, Key, NameOrigin, PeerName};
use hearing::frame::TcpFlags;
use hearing::mac::Mac;

use super::*;

const DAY_S: u64 = 24 * 3600;
const START_S: u64 = 1_700_000_000;

fn host(last: u8) -> IpAddr {
    [10, 0, 0, last].into()
}

fn lookout() -> Lookout {
    Lookout::new(&Settings::default(), Nets::private(), vec![host(1)])
}

fn flow(from: IpAddr, to: IpAddr, port: u16, name: Option<&str>, at_s: u64) -> Flow {
    let end = |address, port| Endpoint { address, port };
    Flow {
        key: Key {
            initiator: end(from, 40_000),
            responder: end(to, port),
            protocol: protocol::TCP,
        },
        first: Moment::from_secs(at_s),
        last: Moment::from_secs(at_s),
        forward: Count {
            packets: 5,
            bytes: 900,
        },
        back: Count {
            packets: 5,
            bytes: 4_000,
        },
        forward_flags: TcpFlags::SYN,
        back_flags: TcpFlags::SYN.with(TcpFlags::ACK),
        answer: Answer::Given,
        direction: Nets::private().direction(from, to),
        name: name.map(|text| PeerName {
            text: text.to_owned(),
            origin: NameOrigin::Dns,
        }),
        mac: None,
    }
}

fn tell(lookout: &mut Lookout, from: IpAddr, name: &str, port: u16, at_s: u64) {
    let far = [93, 184, 216, (name.len() % 200) as u8].into();
    let now = Moment::from_secs(at_s);
    let one = flow(from, far, port, Some(name), at_s);
    lookout.told(now, &one, Evidence::Connections);
    lookout.tick(now);
}

/// A day of a device's life: its cloud every ten minutes, unevenly.
fn day(lookout: &mut Lookout, from: IpAddr, begin_s: u64) -> u64 {
    for step in 0..144 {
        let at_s = begin_s + step * 600 + (step * step * 7) % 300;
        tell(lookout, from, "api.maker.com", 443, at_s);
    }
    let end_s = begin_s + DAY_S + 600;
    lookout.tick(Moment::from_secs(end_s));
    end_s
}

fn words(lookout: &mut Lookout) -> Vec<(String, u64, u64)> {
    let firings = lookout.firings();
    firings
        .map(|firing| (firing.rule.word().to_owned(), firing.usual, firing.observed))
        .collect()
}

#[test]
fn after_a_day_of_learning_a_new_place_is_unusual_and_says_how_many_are_usual() {
    let mut lookout = lookout();
    let camera = host(7);
    let then = day(&mut lookout, camera, START_S);
    let whose = Whose::Address(camera);
    tell(&mut lookout, camera, "cdn.maker.com", 443, then);
    assert_eq!(
        lookout.stage(whose).map(|(stage, _)| stage),
        Some(Stage::Trial)
    );
    assert_eq!(words(&mut lookout), [], "the same owner is no new place");
    tell(&mut lookout, camera, "c2.evil.org", 443, then + 60);
    assert_eq!(words(&mut lookout), [("unusual".to_owned(), 1, 2)]);
    tell(&mut lookout, camera, "c2.evil.org", 443, then + 120);
    assert_eq!(words(&mut lookout), [], "it is said once a day");
}

#[test]
fn what_is_allowed_by_a_person_is_not_said_again_until_it_is_undone() {
    let mut lookout = lookout();
    let camera = host(7);
    let then = day(&mut lookout, camera, START_S);
    let whose = Whose::Address(camera);
    let entry: detect::profile::Entry = "out tcp new.org 443".parse().expect("a habit");
    let now = Moment::from_secs(then);
    lookout
        .obey(whose, 1, &Word::Allow(entry.clone()), now)
        .expect("there is room");
    tell(&mut lookout, camera, "a.new.org", 443, then + 1);
    assert_eq!(words(&mut lookout), []);
    lookout
        .obey(whose, 2, &Word::Undo(1), now)
        .expect("it was said before");
    lookout
        .obey(whose, 1, &Word::Allow(entry), now)
        .expect("an old word is passed over");
    tell(&mut lookout, camera, "a.new.org", 443, then + 2);
    assert_eq!(words(&mut lookout), [("unusual".to_owned(), 1, 2)]);
    let refused = lookout.obey(whose, 3, &Word::Undo(1), now);
    assert_eq!(refused, Err(ObeyError::NothingToUndo(1)));
}

#[test]
fn an_enforced_profile_denies_what_it_does_not_hold() {
    let mut lookout = lookout();
    let then = day(&mut lookout, host(7), START_S);
    let whose = Whose::Address(host(7));
    let enforce = Word::Enter(Stage::Enforcing);
    let now = Moment::from_secs(then);
    lookout.obey(whose, 1, &enforce, now).expect("it is known");
    tell(&mut lookout, host(7), "c2.evil.org", 443, then + 1);
    assert_eq!(words(&mut lookout), [("denied".to_owned(), 1, 2)]);
}

#[test]
fn a_suspect_teaches_nothing() {
    let mut lookout = lookout();
    let bot = host(9);
    for port in 0..40_u16 {
        let mut probe = flow(bot, host(100 + port as u8), 23, None, START_S);
        (probe.answer, probe.back_flags) = (Answer::Nothing, TcpFlags::default());
        lookout.told(Moment::from_secs(START_S), &probe, Evidence::Exported);
    }
    lookout.tick(Moment::from_secs(START_S + 2));
    let said = words(&mut lookout);
    assert!(said.iter().any(|(rule, ..)| rule == "fan_out"), "{said:?}");
    tell(&mut lookout, bot, "c2.evil.org", 443, START_S + 3);
    let (stage, habits) = lookout.stage(Whose::Address(bot)).expect("it is known");
    assert_eq!((stage, habits), (Stage::Learning, 0));
}

#[test]
fn a_newcomer_of_a_known_class_is_on_trial_from_its_first_flow() {
    let mut lookout = lookout();
    let mut then = START_S;
    for last in 10..14 {
        then = day(&mut lookout, host(last), START_S);
    }
    for last in 10..14 {
        lookout.introduce(
            Whose::Address(host(last)),
            "camera",
            Moment::from_secs(then),
        );
    }
    let new = host(20);
    tell(&mut lookout, new, "api.maker.com", 443, then);
    lookout.introduce(Whose::Address(new), "camera", Moment::from_secs(then));
    let profile = lookout.profile(Whose::Address(new)).expect("it is known");
    assert_eq!(profile.stage(), Stage::Trial);
    tell(&mut lookout, new, "api.maker.com", 443, then + 60);
    assert_eq!(words(&mut lookout), [], "what its kind does is usual");
    tell(&mut lookout, new, "c2.evil.org", 443, then + 120);
    assert_eq!(words(&mut lookout).len(), 1, "what it never does is said");
    let pages = lookout.pages(50);
    let page = pages.iter().find(|page| page.whose == Whose::Address(new));
    assert_eq!(page.and_then(|page| page.lent.as_deref()), Some("camera"));
}

#[test]
fn a_phone_goes_on_learning() {
    let mut lookout = lookout();
    let phone = host(30);
    tell(&mut lookout, phone, "api.maker.com", 443, START_S);
    let whose = Whose::Address(phone);
    lookout.introduce(whose, "phone", Moment::from_secs(START_S));
    let then = day(&mut lookout, phone, START_S);
    tell(&mut lookout, phone, "news.example.org", 443, then);
    assert_eq!(words(&mut lookout), []);
    assert_eq!(
        lookout.stage(whose).map(|(stage, _)| stage),
        Some(Stage::Learning)
    );
}

#[test]
fn pages_tell_habits_once_and_a_few_at_a_time() {
    let mut lookout = lookout();
    for number in 0..10 {
        let name = format!("host.maker{number}.com");
        tell(&mut lookout, host(7), &name, 443, START_S + number);
    }
    let told = |pages: Vec<Page>| pages.iter().map(|page| page.told.len()).sum::<usize>();
    assert_eq!(told(lookout.pages(6)), 6);
    assert_eq!(told(lookout.pages(6)), 4);
    assert_eq!(lookout.pages(6), [], "nothing new");
}

#[test]
fn what_was_kept_is_as_it_was() {
    let mut lookout = lookout();
    let then = day(&mut lookout, host(7), START_S);
    let kept = lookout.kept();
    let mut again = self::lookout();
    again.restore(kept.clone(), Moment::from_secs(then));
    assert_eq!(again.kept(), kept);
    tell(&mut again, host(7), "c2.evil.org", 443, then);
    assert_eq!(words(&mut again).len(), 1);
}

fn arp(mac: [u8; 6], address: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![0xff; 6];
    bytes.extend(mac);
    bytes.extend([8, 6, 0, 1, 8, 0, 6, 4, 0, 2]);
    bytes.extend(mac);
    bytes.extend(address);
    bytes.extend([0; 6]);
    bytes.extend([10, 0, 0, 1]);
    bytes
}

#[test]
fn a_device_is_known_by_its_hardware_where_arp_tells_it() {
    let mut lookout = lookout();
    let bytes = arp([2, 0, 0, 0, 0, 7], [10, 0, 0, 7]);
    let packet = Packet {
        at: Moment::from_secs(START_S),
        link: Link::Ethernet,
        bytes: &bytes,
        wire_bytes: 42,
    };
    let frame = Frame::of(&packet).expect("it is sound");
    lookout.hear(packet.at, &frame);
    tell(&mut lookout, host(7), "api.maker.com", 443, START_S);
    let mac = Whose::Mac(Mac([2, 0, 0, 0, 0, 7]));
    assert!(lookout.stage(mac).is_some());
    assert!(lookout.stage(Whose::Own).is_none());
    tell(&mut lookout, host(1), "api.maker.com", 443, START_S);
    assert!(lookout.stage(Whose::Own).is_some());
}

#[test]
fn a_flood_of_devices_pushes_out_none_that_is_past_learning() {
    let mut lookout = lookout();
    let then = day(&mut lookout, host(7), START_S);
    for number in 0..100_000_u32 {
        let from = (0x0a10_0000 | number).to_be_bytes().into();
        let far = [93, 184, 216, 34].into();
        let now = Moment::from_secs(then).after(Duration::from_micros(u64::from(number) * 10));
        lookout.told(now, &flow(from, far, 443, None, then), Evidence::Exported);
    }
    let totals = lookout.totals();
    assert!(totals.devices <= DEVICES, "{totals:?}");
    assert!(totals.dropped > 90_000, "{totals:?}");
    assert!(lookout.stage(Whose::Address(host(7))).is_some());
    let kept = lookout.profile(Whose::Address(host(7)));
    let origin = kept.and_then(|profile| Some(profile.entries().next()?.1.origin));
    assert_eq!(origin, Some(Origin::Learnt));
}

#[test]
fn whoever_asks_all_at_once_speaks_with_nobody_new() {
    let mut lookout = lookout();
    let camera = host(7);
    let then = day(&mut lookout, camera, START_S);
    let all: [IpAddr; 4] = [
        [255, 255, 255, 255].into(),
        [10, 0, 0, 255].into(),
        [239, 255, 255, 250].into(),
        "ff02::fb".parse().expect("an address"),
    ];
    for (at, to) in all.into_iter().enumerate() {
        let port = 5_000 + 7_000 * at as u16;
        let one = flow(camera, to, port, None, then);
        lookout.told(Moment::from_secs(then), &one, Evidence::Frames);
    }
    lookout.tick(Moment::from_secs(then + 1));
    assert_eq!(words(&mut lookout), []);
}

#[test]
fn a_port_of_the_moment_is_no_new_habit() {
    let mut lookout = lookout();
    let camera = host(7);
    let far = [93, 184, 216, 34].into();
    let talk = |lookout: &mut Lookout, port, at_s| {
        let one = flow(camera, far, port, None, at_s);
        lookout.told(Moment::from_secs(at_s), &one, Evidence::Connections);
    };
    talk(&mut lookout, 40_001, START_S);
    let then = day(&mut lookout, camera, START_S);
    for port in [35_841, 42_307, 58_159] {
        talk(&mut lookout, port, then);
    }
    assert_eq!(words(&mut lookout), []);
    talk(&mut lookout, 2_323, then);
    assert_eq!(words(&mut lookout).len(), 1);
}

/// A source outside of the local networks was passed over, whatever it did.
#[test]
fn who_tries_to_log_in_from_outside_is_said_of_the_device() {
    let mut lookout = lookout();
    let (stranger, camera) = ([203, 0, 113, 9].into(), host(7));
    for at in 0..60 {
        let at_s = START_S + at / 2;
        let mut one = flow(stranger, camera, 22, None, at_s);
        one.key.initiator.port = 40_000 + at as u16;
        lookout.told(Moment::from_secs(at_s), &one, Evidence::Frames);
    }
    let said: Vec<Firing> = lookout.firings().collect();
    let [only] = &said[..] else {
        panic!("once: {said:?}");
    };
    assert_eq!((only.rule, only.address), (Rule::LoginTried, camera));
    assert_eq!(only.whose, Whose::Address(camera));
    assert_eq!(only.examples, ["203.0.113.9 at port 22"]);
    // What strangers do among themselves is nobody's here.
    for at in 0..60 {
        let mut one = flow(
            stranger,
            [198, 51, 100, 7].into(),
            22,
            None,
            START_S + 7_200,
        );
        one.key.initiator.port = 40_000 + at;
        lookout.told(Moment::from_secs(START_S + 7_200), &one, Evidence::Frames);
    }
    assert_eq!(lookout.firings().count(), 0);
}

fn segment(from: (IpAddr, u16), to: (IpAddr, u16), flags: u8) -> Vec<u8> {
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (from.0, to.0) else {
        panic!("these stories are about IPv4");
    };
    let mut bytes = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol::TCP, 0, 0];
    bytes.extend(source.octets());
    bytes.extend(destination.octets());
    bytes.extend(from.1.to_be_bytes());
    bytes.extend(to.1.to_be_bytes());
    bytes.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    bytes
}

#[test]
fn a_connection_that_was_joined_midway_is_not_said_until_it_is_opened_anew() {
    const ACK: u8 = 0x10;
    const SYN: u8 = 0x02;
    let mut lookout = lookout();
    let camera = host(7);
    let then = day(&mut lookout, camera, START_S);
    let (here, there) = ((camera, 50_000), (IpAddr::from([203, 0, 113, 9]), 8_443));
    let mut hear = |from, to, flags, at_s| {
        let bytes = segment(from, to, flags);
        let packet = Packet {
            at: Moment::from_secs(at_s),
            link: Link::RawIp,
            bytes: &bytes,
            wire_bytes: 60,
        };
        lookout.hear(packet.at, &Frame::of(&packet).expect("a frame"));
        lookout.tick(Moment::from_secs(at_s + 5));
        words(&mut lookout)
    };
    assert_eq!(hear(there, here, ACK, then + 60), []);
    assert_eq!(hear(here, there, ACK, then + 70), []);
    let anew = (camera, 50_001);
    assert_eq!(
        hear(anew, there, SYN, then + 80),
        [("unusual".to_owned(), 1, 2)]
    );
}

#[test]
fn a_cloud_that_is_called_like_clockwork_is_known_by_the_name_it_was_called_by_before() {
    let mut lookout = lookout();
    let camera = host(7);
    let then = day(&mut lookout, camera, START_S);
    for step in 0..20 {
        tell(
            &mut lookout,
            camera,
            "relay.maker.com",
            443,
            then + step * 60,
        );
    }
    assert_eq!(words(&mut lookout), []);
}

/// Half of what an alert about bytes is for is where they went.
#[test]
fn a_burst_of_bytes_says_where_they_go() {
    let mut lookout = lookout();
    let mut sends = |to: IpAddr, port, bytes, minute: u64| {
        let at_s = START_S + minute * 60;
        let mut one = flow(host(7), to, port, None, at_s);
        one.forward.bytes = bytes;
        let now = Moment::from_secs(at_s);
        lookout.told(now, &one, Evidence::Connections);
    };
    for minute in 0..40 {
        sends([93, 184, 216, 9].into(), 443, 900, minute);
    }
    sends([203, 0, 113, 66].into(), 8443, 9_000_000, 40);
    let burst = lookout
        .firings()
        .find(|firing| firing.rule.word() == "byte_burst")
        .expect("it is said");
    assert_eq!(burst.examples, ["203.0.113.66:8443"]);
}
