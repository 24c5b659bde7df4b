//! Appeals: strangers drawn by lot try a suspected device themselves, and only what they saw holds it for a day.

mod caps;
mod votes;

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::appeal::{Automation, Finding, Vote};
use protocol::charter::Charter;
use protocol::coordinator::Event;
use protocol::id::{DeviceId, Epoch};
use protocol::limits;
use protocol::message::Message;
use protocol::node::{Config, Input, Notice};
use protocol::ruling::{Decision, Ruling};
use protocol::signed::Signed;
use protocol::suspicion::{Ground, Kin};

use crate::rig::{Member, Mesh};
use crate::samples as sample;

/// Seconds of an epoch in these stories; its seed opens a sixth before it begins.
const EPOCH_S: u64 = 120;
const OPENS: u64 = EPOCH_S - EPOCH_S / 6;
/// When the last member has voted, in seconds of the epoch.
const VOTED: u64 = 90;
/// The device that is tried.
const SUBJECT: usize = 8;
const GATEWAYS: usize = 4;

/// A fleet with seeds that are dealt, large enough for a committee.
fn fleet(charter: Charter, others: usize, models: usize) -> Mesh {
    let mut mesh = Mesh::under(charter);
    mesh.stop_hub();
    mesh.hub.config.epoch = Duration::from_secs(EPOCH_S);
    mesh.epoch = Duration::from_secs(EPOCH_S);
    mesh.models = models;
    mesh.cells = vec!["hall", "hall", "hall", "yard"];
    mesh.usual = Config {
        beat: Duration::from_secs(10),
        telemetry: Duration::from_secs(30),
        ..Config::default()
    };
    mesh.start_hub();
    for _ in 0..others {
        mesh.join();
    }
    for place in 0..GATEWAYS {
        mesh.join_gateway(place);
    }
    mesh.run(3 * EPOCH_S);
    mesh
}

fn usual_fleet() -> Mesh {
    fleet(sample::automating_charter(), 30, 4)
}

/// Lets time pass until an epoch is so many seconds old.
fn run_to(mesh: &mut Mesh, second: u64) {
    let over = mesh.wall().as_millis() / 1000 % EPOCH_S;
    mesh.run((EPOCH_S + second - over - 1) % EPOCH_S + 1);
}

fn epoch(mesh: &Mesh) -> Epoch {
    Epoch::at(mesh.wall(), mesh.epoch).0
}

/// Its witnesses, as those who run know them.
fn seats(mesh: &Mesh, of: usize) -> Vec<usize> {
    let machine = mesh.members[2].machine.as_ref().expect("it runs");
    let seats = machine.roster().rings().witnesses(&mesh.members[of].device);
    seats.iter().map(|seat| mesh.place_of(seat)).collect()
}

/// Six of eight witnesses sign that the device sends garbage.
fn accuse(mesh: &mut Mesh) {
    let seats = seats(mesh, SUBJECT);
    mesh.report_that(&seats[..6], SUBJECT, Ground::Garbage, |place| {
        Kin([place; 8])
    });
}

/// For so long the device sends garbage over each of its links.
fn misbehave(mesh: &mut Mesh, seconds: u64) {
    let from = mesh.members[SUBJECT].peer();
    let heads = vec![vec![1, 2, 3].into()];
    let garbage = Message::Vouch { heads };
    for _ in 0..seconds / 4 {
        mesh.run(4);
        for index in (0..mesh.members.len()).filter(|index| *index != SUBJECT) {
            let message = garbage.clone();
            mesh.tell(index, Input::Frame { from, message });
        }
    }
}

/// From the moment at which the committee is known until all of it have voted.
fn try_it(mesh: &mut Mesh, badly: bool) {
    run_to(mesh, OPENS);
    let seconds = EPOCH_S - OPENS + VOTED;
    if badly {
        misbehave(mesh, seconds);
    } else {
        mesh.run(seconds);
    }
}

/// Running members that hold the device.
fn holders(mesh: &Mesh) -> usize {
    let (device, now) = (mesh.members[SUBJECT].device, mesh.wall());
    let machines = mesh.members.iter();
    let machines = machines.filter_map(|member| member.machine.as_ref());
    machines
        .filter(|machine| machine.effect().holds(&device, now))
        .count()
}

/// What the committee that sat last found, as one member knows it.
fn findings(mesh: &Mesh, by: usize) -> BTreeMap<&'static str, usize> {
    let machine = mesh.members[by].machine.as_ref().expect("it runs");
    let sittings = machine.docket().sittings(&mesh.members[SUBJECT].device);
    let Some((_, sitting)) = sittings.last() else {
        return BTreeMap::new();
    };
    let votes = sitting.committee().iter();
    let mut counts = BTreeMap::new();
    for vote in votes.filter_map(|member| sitting.vote(member)) {
        *counts.entry(vote.finding.word()).or_default() += 1;
    }
    counts
}

fn automation(mesh: &Mesh, by: usize) -> Automation {
    let machine = mesh.members[by].machine.as_ref().expect("it runs");
    machine.automation(mesh.now())
}

fn clear(mesh: &mut Mesh, gateway: usize) {
    let release = Ruling {
        mesh: mesh.charter.mesh,
        device: mesh.members[SUBJECT].device,
        decision: Decision::Release,
        gateway: Some(mesh.members[gateway].device),
        time: mesh.wall(),
        until: mesh.wall().saturating_add(limits::QUARANTINE),
        reason: sample::name("looked at on site"),
    };
    let signed = Signed::seal(release, &mesh.members[gateway].key());
    let ruling = signed.bytes().to_vec();
    mesh.tell(gateway, Input::Ruled { ruling });
    mesh.run(5);
}

/// Story: six liars of eight witnesses say of an honest device that it sends garbage. The committee challenges it,
/// it answers, and it is held nowhere.
#[test]
fn an_honest_device_that_six_liars_accuse_is_tried_and_held_by_nobody() {
    let mut mesh = usual_fleet();
    assert_eq!(automation(&mesh, 3), Automation::On);
    run_to(&mut mesh, 40);
    accuse(&mut mesh);
    try_it(&mut mesh, false);
    let found = findings(&mesh, 3);
    assert_eq!(found.keys().collect::<Vec<_>>(), [&"answered"], "{found:?}");
    assert!(found["answered"] >= 29, "{found:?}");
    assert_eq!(holders(&mesh), 0);
    let tried = |notice: &Notice| {
        matches!(
            notice,
            Notice::Tried {
                finding: Finding::Answered,
                ..
            }
        )
    };
    let tried = mesh
        .members
        .iter()
        .filter(|member| member.notices.iter().any(tried));
    assert_eq!(tried.count(), limits::COMMITTEE, "each tried it itself");
}

/// Story: a device sends garbage to everybody. Its witnesses report it, the committee sees it too, and everybody
/// holds it, for a day, whoever restarts.
#[test]
fn a_bad_device_is_held_by_everybody_for_a_day() {
    let mut mesh = usual_fleet();
    run_to(&mut mesh, 40);
    accuse(&mut mesh);
    try_it(&mut mesh, true);
    mesh.run(10);
    assert_eq!(
        holders(&mesh),
        mesh.members.len(),
        "{:?}",
        findings(&mesh, 3)
    );
    let device = mesh.members[SUBJECT].device;
    let told = |event: &Event| matches!(event, Event::Sentenced { device: of, spared: None, .. } if *of == device);
    assert_eq!(mesh.hub.count(told), 1);
    mesh.stop(5);
    mesh.run(5);
    mesh.start(5);
    mesh.run(60);
    assert_eq!(
        holders(&mesh),
        mesh.members.len(),
        "whoever restarts knows it again"
    );
    mesh.stop_hub();
    mesh.start_hub();
    let hub = mesh.hub.machine.as_ref().expect("it runs");
    assert!(
        hub.effect().holds(&device, mesh.wall()),
        "the store remembers"
    );
    let tomorrow = mesh.wall().saturating_add(limits::QUARANTINE);
    assert!(!hub.effect().holds(&device, tomorrow), "it ends by itself");
}

/// Story: on a gateway's console somebody clears a device that a committee has sentenced, while the coordinator is
/// gone. It stays cleared though the same reports stand and it goes on; new reports bring it before a new committee.
#[test]
fn a_clear_undoes_a_sentence_and_stands_until_witnesses_report_anew() {
    let mut mesh = usual_fleet();
    run_to(&mut mesh, 40);
    accuse(&mut mesh);
    try_it(&mut mesh, true);
    mesh.run(10);
    assert_eq!(holders(&mesh), mesh.members.len());
    mesh.stop_hub();
    let gateway = mesh.members.len() - 1;
    clear(&mut mesh, gateway);
    assert_eq!(holders(&mesh), 0);
    try_it(&mut mesh, true);
    assert_eq!(holders(&mesh), 0, "the same reports hold it no more");
    mesh.run(2 * EPOCH_S);
    run_to(&mut mesh, 40);
    accuse(&mut mesh);
    try_it(&mut mesh, true);
    mesh.run(10);
    assert!(holders(&mesh) >= 30, "new ones do");
}

/// Story: six members are cut off when the committee votes. They hold nobody; when they are back they hear the
/// votes and hold whom the others hold.
#[test]
fn whoever_was_cut_off_hears_the_votes_and_agrees() {
    let mut mesh = usual_fleet();
    run_to(&mut mesh, 40);
    accuse(&mut mesh);
    run_to(&mut mesh, OPENS - 20);
    let peers: Vec<_> = mesh.members.iter().map(Member::peer).collect();
    let (island, main) = peers.split_at(3);
    for one in island {
        for other in main {
            mesh.block(*one, *other);
        }
    }
    for peer in island {
        mesh.block(*peer, mesh.hub.peer());
    }
    try_it(&mut mesh, true);
    assert_eq!(holders(&mesh), main.len());
    for one in island {
        for other in main {
            mesh.unblock(*one, *other);
        }
    }
    mesh.run(90);
    assert_eq!(holders(&mesh), peers.len());
}

/// Story: two of four holders of seeds are gone. No committee can be drawn that nobody knew, and nobody is tried.
#[test]
fn frozen_seeds_automate_nothing_and_say_so() {
    let mut mesh = usual_fleet();
    let gateway = mesh.members.len() - 1;
    mesh.stop(gateway);
    mesh.stop(gateway - 1);
    mesh.run(2 * EPOCH_S);
    run_to(&mut mesh, 40);
    accuse(&mut mesh);
    try_it(&mut mesh, true);
    assert_eq!(automation(&mesh, 3), Automation::NoSeeds);
    assert_eq!((holders(&mesh), findings(&mesh, 3)), (0, BTreeMap::new()));
}

#[test]
fn a_fleet_without_a_committee_automates_nothing_and_says_so() {
    let mut mesh = fleet(sample::automating_charter(), 8, 4);
    run_to(&mut mesh, 40);
    accuse(&mut mesh);
    try_it(&mut mesh, true);
    let others = GATEWAYS + 8 - 1;
    assert_eq!(automation(&mesh, 3), Automation::TooSmall { others });
    assert_eq!((holders(&mesh), findings(&mesh, 3)), (0, BTreeMap::new()));
}

/// Without the root's word nothing is automated, however bad a device is.
#[test]
fn nothing_is_automated_unless_the_root_says_so() {
    let mut mesh = fleet(sample::charter(), 30, 4);
    run_to(&mut mesh, 40);
    accuse(&mut mesh);
    try_it(&mut mesh, true);
    assert_eq!(automation(&mesh, 3), Automation::Off);
    assert_eq!((holders(&mesh), findings(&mesh, 3)), (0, BTreeMap::new()));
}

/// Story: the whole committee is of one model, and all of it see garbage: it may be a fault of theirs.
#[test]
fn a_committee_of_one_model_holds_nobody() {
    let mut mesh = fleet(sample::automating_charter(), 30, 1);
    run_to(&mut mesh, 40);
    accuse(&mut mesh);
    try_it(&mut mesh, true);
    let found = findings(&mesh, 3);
    assert!(found["garbage"] >= 21, "{found:?}");
    assert_eq!(holders(&mesh), 0);
}

impl Mesh {
    /// A vote of a member as its key would sign it, by the draw of a vote that was cast.
    fn vote(&self, by: usize, like: &Vote, finding: Finding) -> Signed<Vote> {
        let vote = Vote {
            member: self.members[by].device,
            time: self.wall(),
            kin: Kin([u8::try_from(by % 12).expect("it is small"); 8]),
            finding,
            ..like.clone()
        };
        Signed::seal(vote, &self.members[by].key())
    }

    fn place_of(&self, device: &DeviceId) -> usize {
        let mut members = self.members.iter();
        let place = members.position(|member| member.device == *device);
        place.expect("it is a member")
    }
}
