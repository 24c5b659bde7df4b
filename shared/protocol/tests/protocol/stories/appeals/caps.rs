//! Whom a sentence holds: the classes that the root allows, three in an hour, a share at once, and none of a cell
//! that too many are of.

use std::time::Duration;

use protocol::appeal::{Effect, Sentence, Spared};
use protocol::charter::Charter;
use protocol::class::DeviceClass;
use protocol::coordinator::Warrant;
use protocol::id::{DeviceId, Epoch};
use protocol::key::{SecretKey, Signer as _};
use protocol::roster::Roster;
use protocol::ruling::Rulings;
use protocol::time::Timestamp;

use crate::rig::Mesh;
use crate::samples as sample;

const MINUTE: u64 = 60;

/// So many members, in turn at these sites; what they are does not run.
fn enrolled(charter: Charter, members: u8, cells: &[&'static str]) -> (Roster, Vec<DeviceId>) {
    let mut mesh = Mesh::under(charter);
    let mut devices = Vec::new();
    for number in 0..members {
        mesh.cells = vec![cells[usize::from(number) % cells.len()]];
        let token = mesh.make_token(number);
        let request = Mesh::request(seed(number));
        let welcome = mesh.enrol(Warrant::Token(token), request);
        welcome.expect("the token is good");
        let key = SecretKey::from_seed(&seed(number)).public().peer();
        devices.push(mesh.hub.roster.device(key).expect("it was admitted"));
    }
    (mesh.hub.roster.as_ref().clone(), devices)
}

fn seed(number: u8) -> [u8; 32] {
    let mut seed = [0x80; 32];
    seed[0] = number;
    seed
}

fn at(minutes: u64) -> Timestamp {
    sample::time(1_000 + minutes * MINUTE)
}

fn sentences(of: &[(u64, DeviceId)]) -> Vec<Sentence> {
    let sentences = of.iter().map(|&(minutes, subject)| Sentence {
        since: at(minutes),
        subject,
        epoch: Epoch::FROZEN,
    });
    sentences.collect()
}

fn outcome(roster: &Roster, of: &[(u64, DeviceId)]) -> Effect {
    Effect::of(sentences(of), &Rulings::default(), roster)
}

fn held(effect: &Effect, minutes: u64) -> Vec<DeviceId> {
    let held = effect.held(at(minutes));
    held.map(|sentence| sentence.subject).collect()
}

fn sorted(devices: &[DeviceId]) -> Vec<DeviceId> {
    let mut devices = devices.to_vec();
    devices.sort_unstable();
    devices
}

#[test]
fn three_are_held_in_an_hour_and_the_fourth_is_spared() {
    let (roster, devices) = enrolled(sample::automating_charter(), 210, &["hall"]);
    let first: Vec<_> = (0..4).map(|n| (10 * n as u64, devices[n])).collect();
    let effect = outcome(&roster, &first);
    assert_eq!(held(&effect, 40), sorted(&devices[..3]));
    assert_eq!(effect.spared(&devices[3]), Some(Spared::Hour));
    let later: Vec<_> = (0..4).map(|n| (25 * n as u64, devices[n])).collect();
    assert_eq!(
        held(&outcome(&roster, &later), 80).len(),
        4,
        "four of 210 at once"
    );
}

#[test]
fn no_more_than_one_in_fifty_are_held_at_once() {
    let (roster, devices) = enrolled(sample::automating_charter(), 110, &["hall"]);
    let of = [(0, devices[0]), (90, devices[1]), (180, devices[2])];
    let effect = outcome(&roster, &of);
    assert_eq!(held(&effect, 190), sorted(&devices[..2]));
    assert_eq!(effect.spared(&devices[2]), Some(Spared::Full));
    let day = 24 * 60;
    let again = [(0, devices[0]), (90, devices[1]), (day + 1, devices[2])];
    assert_eq!(
        held(&outcome(&roster, &again), day + 2),
        sorted(&devices[1..3])
    );
}

#[test]
fn classes_and_offices_that_the_root_does_not_name_are_spared() {
    let gateway = SecretKey::from_seed(&seed(59)).public();
    let only = |automate: Vec<DeviceClass>, exempt: Vec<DeviceClass>| Charter {
        gateways: vec![gateway],
        automate,
        exempt,
        ..sample::automating_charter()
    };
    let sensor = vec![DeviceClass::Sensor];
    for (charter, of, held) in [
        (only(sensor.clone(), Vec::new()), 3, true),
        (only(sensor.clone(), Vec::new()), 59, false),
        (only(sensor.clone(), sensor.clone()), 3, false),
        (only(vec![DeviceClass::Camera], Vec::new()), 3, false),
        (only(Vec::new(), Vec::new()), 3, false),
    ] {
        let (roster, devices) = enrolled(charter, 60, &["hall"]);
        let effect = outcome(&roster, &[(0, devices[of])]);
        assert_eq!(effect.holds(&devices[of], at(1)), held);
        let why = effect.spared(&devices[of]);
        assert_eq!(why, (!held).then_some(Spared::Exempt));
    }
}

/// Story: a wrong rule, or a gateway that is out, makes one device of a site after the other look bad.
#[test]
fn too_many_of_one_cell_stop_automation_everywhere_for_a_day() {
    let sites = ["one"; 20].iter().chain(&["two"]).copied();
    let sites: Vec<&'static str> = sites.collect();
    let (roster, devices) = enrolled(sample::automating_charter(), 210, &sites);
    let small: Vec<DeviceId> = (20..210).step_by(21).map(|n| devices[n]).collect();
    assert_eq!(small.len(), 10);
    let mut of: Vec<_> = (0..3).map(|n| (10 * n as u64, small[n])).collect();
    let before = outcome(&roster, &of[..2]);
    assert_eq!(
        held(&before, 15).len(),
        2,
        "two of ten are no more than a fifth"
    );
    assert_eq!(before.brake(), None);
    of.push((200, devices[0]));
    of.push((24 * 60 + 100, devices[1]));
    let braked = outcome(&roster, &of);
    let brake = braked.brake().expect("three of ten are more");
    assert_eq!((brake.cell.as_str(), brake.since), ("two", at(20)));
    assert_eq!(braked.spared(&small[2]), Some(Spared::Braked));
    assert_eq!(
        braked.spared(&devices[0]),
        Some(Spared::Braked),
        "elsewhere too"
    );
    assert!(braked.holds(&devices[1], at(24 * 60 + 101)), "for a day");

    // Whoever signs the charter anew has seen it.
    let signed = Charter {
        issued: at(30),
        ..sample::automating_charter()
    };
    let (roster, again) = enrolled(signed, 210, &sites);
    let small: Vec<DeviceId> = (20..210).step_by(21).map(|n| again[n]).collect();
    let mut of: Vec<_> = (0..3).map(|n| (10 * n as u64, small[n])).collect();
    of.push((200, again[0]));
    assert!(outcome(&roster, &of).holds(&again[0], at(201)));
}

/// One bad device in a cell of four must not stop automation for a whole fleet.
#[test]
fn one_device_of_a_small_cell_is_spared_and_stops_nothing() {
    let sites = ["one"; 15].iter().chain(&["two"]).copied();
    let sites: Vec<&'static str> = sites.collect();
    let (roster, devices) = enrolled(sample::automating_charter(), 64, &sites);
    let effect = outcome(&roster, &[(0, devices[15]), (5, devices[0])]);
    assert_eq!(effect.spared(&devices[15]), Some(Spared::SmallCell));
    assert_eq!(effect.brake(), None);
    assert!(effect.holds(&devices[0], at(6)));
}

#[test]
fn a_sentence_lasts_a_day_and_another_renews_it() {
    let (roster, devices) = enrolled(sample::automating_charter(), 60, &["hall"]);
    let day = 24 * 60;
    let once = outcome(&roster, &[(0, devices[0])]);
    assert!(once.holds(&devices[0], at(day - 1)) && !once.holds(&devices[0], at(day)));
    let renewed = outcome(&roster, &[(0, devices[0]), (day - 10, devices[0])]);
    assert!(renewed.holds(&devices[0], at(2 * day - 11)));
    let length = Duration::from_secs(24 * 3600);
    assert_eq!(
        sentences(&[(0, devices[0])])[0].until(),
        at(0).saturating_add(length)
    );
}
