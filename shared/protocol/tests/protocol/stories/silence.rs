//! Silence: judged by the witnesses themselves, with the coordinator or without, and refuted by whoever is there.

use protocol::accusation::{Accusation, Silent};
use protocol::coordinator::verdict::{Cause, Return};
use protocol::coordinator::{Coordinator, Event};
use protocol::evidence::Evidence;
use protocol::id::Epoch;
use protocol::message::Message;
use protocol::node::{Doubt, Input, Notice};
use protocol::record::Position;
use protocol::signed::Signed;
use protocol::statement::Farewell;

use crate::rig::Mesh;
use crate::samples as sample;

/// The members who hold another to be down.
fn believers(mesh: &Mesh, of: usize) -> Vec<usize> {
    let device = mesh.members[of].device;
    let believes = |index: &usize| {
        let machine = mesh.members[*index].machine.as_ref();
        machine.is_some_and(|machine| machine.silence().down().contains(&device))
    };
    (0..mesh.members.len()).filter(believes).collect()
}

fn all_but(mesh: &Mesh, one: usize) -> Vec<usize> {
    (0..mesh.members.len())
        .filter(|index| *index != one)
        .collect()
}

fn verdicts(mesh: &Mesh) -> Vec<(Cause, usize)> {
    let verdicts = mesh.hub.events.iter().filter_map(|event| match event {
        Event::Verdict(verdict) => Some((verdict.cause, verdict.devices.len())),
        _ => None,
    });
    verdicts.collect()
}

/// Notices that somebody was held to be down.
fn doubted(mesh: &Mesh) -> usize {
    let notices = mesh.members.iter().flat_map(|member| &member.notices);
    notices
        .filter(|notice| matches!(notice, Notice::Down { .. }))
        .count()
}

#[test]
fn everybody_holds_a_dead_device_to_be_down_within_twelve_seconds() {
    let mut mesh = Mesh::of(12);
    mesh.stop(0);
    mesh.run(12);
    assert_eq!(believers(&mesh, 0), all_but(&mesh, 0));
    mesh.run(3);
    assert_eq!(verdicts(&mesh), [(Cause::Device, 1)]);
    mesh.run(60);
    assert_eq!(verdicts(&mesh).len(), 1, "it is said once");
    assert_is_told(&mesh, 0);
    mesh.start(0);
    mesh.run(20);
    assert_eq!(believers(&mesh, 0), Vec::<usize>::new());
    let returned = |event: &Event| {
        matches!(
            event,
            Event::Returned {
                what: Return::Restarted,
                ..
            }
        )
    };
    assert_eq!(mesh.hub.count(returned), 1);
    let (hub, device) = (hub(&mesh), mesh.members[0].device);
    let ended = hub
        .last_return(&device)
        .map(|ended| (ended.cause, ended.what));
    assert_eq!(ended, Some((Cause::Device, Return::Restarted)));
    assert_eq!(hub.verdict(&device), None, "the silence is over");
}

/// What people can be shown of a silence: the verdict, and the certificate with the accusers' own words.
fn assert_is_told(mesh: &Mesh, of: usize) {
    let (hub, device) = (hub(mesh), mesh.members[of].device);
    let verdict = hub.verdict(&device).expect("it was judged");
    assert_eq!(
        (verdict.cause, &verdict.devices[..]),
        (Cause::Device, &[device][..])
    );
    assert!(!hub.is_undecided(&device));
    let certificate = hub.silence().certificate(&device, hub.roster().rings());
    assert!(certificate.len() >= 5, "{} of eight", certificate.len());
    for accusation in certificate {
        let silent = accusation.of(&device).expect("it names the device");
        assert!(silent.last.is_some() && accusation.time > verdict.since);
    }
}

fn hub(mesh: &Mesh) -> &Coordinator {
    mesh.hub.machine.as_ref().expect("it runs")
}

#[test]
fn without_the_coordinator_they_know_just_as_well() {
    let mut mesh = Mesh::of(12);
    mesh.stop_hub();
    mesh.run(30);
    mesh.stop(3);
    mesh.run(12);
    assert_eq!(believers(&mesh, 3), all_but(&mesh, 3));
    let device = mesh.members[3].device;
    let doubts = mesh
        .members
        .iter()
        .filter_map(|member| member.machine.as_ref());
    let doubts = doubts.flat_map(|machine| machine.doubts().collect::<Vec<_>>());
    let accusing = doubts
        .filter(|doubt| *doubt == (device, Doubt::Accused))
        .count();
    assert!(accusing >= 5, "{accusing} witnesses hold that themselves");
    mesh.start_hub();
    mesh.run(60);
    let down = mesh
        .hub
        .machine
        .as_ref()
        .map(|machine| machine.silence().down().len());
    assert_eq!(down, Some(1), "the coordinator catches up");
}

/// Story: with most of the fleet dead at once, some of the dead had two living witnesses or fewer. Those who
/// took over the other seats had never heard the dead, and so never missed them.
#[test]
fn when_many_die_at_once_nobody_is_forgotten() {
    let mut mesh = Mesh::of(40);
    for index in 0..28 {
        mesh.stop(index);
    }
    mesh.run(60);
    for dead in 0..28 {
        assert_eq!(
            believers(&mesh, dead),
            (28..40).collect::<Vec<_>>(),
            "device {dead}"
        );
    }
}

/// Story: the coordinator kept the newest head of every device, and counted each as an answer to an accusation.
#[test]
fn where_nobody_is_accused_there_are_no_refutations() {
    let mut mesh = Mesh::of(8);
    mesh.run(60);
    assert_eq!(hub(&mesh).silence().refutations().count(), 0);
}

#[test]
fn in_a_fleet_of_three_nobody_is_certified() {
    let mut mesh = Mesh::of(3);
    mesh.stop(0);
    mesh.run(60);
    assert_eq!(doubted(&mesh), 0);
    assert_eq!(
        verdicts(&mesh),
        [(Cause::Device, 1)],
        "the coordinator still says so"
    );
}

#[test]
fn a_device_that_says_goodbye_is_not_accused() {
    let mut mesh = Mesh::of(8);
    mesh.tell(2, Input::Stop(Farewell::Stopped));
    mesh.run(1);
    mesh.stop(2);
    mesh.run(120);
    assert_eq!(doubted(&mesh), 0);
    assert_eq!(verdicts(&mesh), []);
}

#[test]
fn a_broken_path_to_one_witness_accuses_nobody_for_long() {
    let mut mesh = Mesh::of(10);
    let subject = mesh.members[0].device;
    let witness = mesh.hub.roster.rings().witnesses(&subject)[0];
    let index = (1..10).find(|&index| mesh.members[index].device == witness);
    let witness = index.expect("witnesses are members");
    mesh.block(mesh.members[0].peer(), mesh.members[witness].peer());
    mesh.run(120);
    assert_eq!(doubted(&mesh), 0, "the others vouch");
    let machine = mesh.members[witness].machine.as_ref().expect("it runs");
    let own = machine.silence().accusation(&mesh.members[witness].device);
    assert!(own.is_some(), "the witness did have its doubts");
}

/// Story: five of eight witnesses lie together. The device answers with a fresh head, and the lie is over
/// in less time than a beat takes.
#[test]
fn a_framed_device_refutes_its_accusers_at_once() {
    let mut mesh = Mesh::of(12);
    mesh.frame(0, 5);
    mesh.run(1);
    assert!(doubted(&mesh) > 0, "the lie was believed for a moment");
    mesh.run(1);
    assert_eq!(believers(&mesh, 0), Vec::<usize>::new());
    assert_eq!(verdicts(&mesh), []);
}

/// Story: the liars claimed a place that the device had not reached, so that no head it signed could pass it.
#[test]
fn a_place_that_nobody_has_shown_holds_nobody_down_who_answers() {
    let mut mesh = Mesh::of(12);
    let reached = *mesh.members[0].made.last().expect("it has recorded");
    let claimed = Position {
        sequence: reached.sequence + 1_000_000,
        ..reached
    };
    mesh.frame_since(0, 5, Some(claimed));
    mesh.run(1);
    assert!(doubted(&mesh) > 0, "the lie was believed for a moment");
    mesh.run(1);
    assert_eq!(believers(&mesh, 0), Vec::<usize>::new());
}

/// Story: two words from beyond a cut stood against a device for minutes, for the two were too few. Then a third
/// of the same time arrived, or a seat passed to one of those who had spoken, and the three held it down.
#[test]
fn words_too_few_for_a_certificate_are_answered_before_others_join_them() {
    let mut mesh = Mesh::of(12);
    mesh.frame(0, 2);
    mesh.run(1);
    assert!(unanswered(&mesh, 0) > 6, "most members hold the words");
    mesh.run(12);
    assert_eq!(unanswered(&mesh, 0), 0);
    assert_eq!(doubted(&mesh), 0);
}

/// Story: a liar claimed a place a little beyond the newest, which no answer passes.
#[test]
fn a_word_that_no_answer_ends_is_answered_ever_more_rarely() {
    let mut mesh = Mesh::of(12);
    let reached = *mesh.members[0].made.last().expect("it has recorded");
    let claimed = Position {
        sequence: reached.sequence + 30,
        ..reached
    };
    let made = |mesh: &Mesh, index: usize| mesh.members[index].made.len();
    let before = [made(&mesh, 0), made(&mesh, 1)];
    mesh.frame_since(0, 1, Some(claimed));
    mesh.run(180);
    let (accused, other) = (made(&mesh, 0) - before[0], made(&mesh, 1) - before[1]);
    assert!(
        (other + 1..=other + 9).contains(&accused),
        "{accused} records, another made {other}"
    );
}

/// Members at whom a word against a device stands.
fn unanswered(mesh: &Mesh, of: usize) -> usize {
    let device = mesh.members[of].device;
    let machines = mesh.members.iter();
    let machines = machines.filter_map(|member| member.machine.as_ref());
    machines
        .filter(|machine| !machine.silence().unanswered(&device).is_empty())
        .count()
}

/// Story: somebody kept an old head of a device and played it when the device was dead.
#[test]
fn an_old_head_does_not_bring_a_dead_device_back() {
    let mut mesh = Mesh::of(12);
    mesh.run(60);
    let device = mesh.members[0].device;
    let old = mesh.hub.records(device)[1].record.head.clone();
    mesh.stop(0);
    mesh.run(20);
    assert_eq!(believers(&mesh, 0), all_but(&mesh, 0));
    let from = mesh.members[1].peer();
    for index in 2..12 {
        let evidence = vec![Evidence::Head(old.clone())];
        let message = Message::Gossip { evidence };
        mesh.tell(index, Input::Frame { from, message });
    }
    mesh.run(2);
    assert_eq!(believers(&mesh, 0), all_but(&mesh, 0));
}

/// Story: half of a device's witnesses died, and it could not reach those who took their seats. They had never
/// heard it, and held that against it.
#[test]
fn successors_whom_a_device_cannot_reach_do_not_hold_it_down() {
    let mut mesh = Mesh::of(20);
    let subject = mesh.members[0].device;
    let witnesses = mesh.hub.roster.rings().witnesses(&subject);
    let (watching, others): (Vec<usize>, Vec<usize>) =
        (1..20).partition(|index| witnesses.contains(&mesh.members[*index].device));
    for index in others {
        mesh.block(mesh.members[0].peer(), mesh.members[index].peer());
    }
    for index in watching.into_iter().take(5) {
        mesh.stop(index);
    }
    mesh.run(90);
    let notices = mesh.members.iter().flat_map(|member| &member.notices);
    let against = notices
        .filter(|notice| matches!(notice, Notice::Down { device, .. } if *device == subject));
    assert_eq!(against.count(), 0);
}

/// Story: a device lost its power with a record that it had not delivered. The record came first when it was
/// back, and the coordinator took it for a sign that the device had run all the time.
#[test]
fn a_record_from_before_the_silence_does_not_say_what_it_was() {
    let mut mesh = Mesh::of(12);
    let (hub, member) = (mesh.hub.peer(), mesh.members[0].peer());
    let made = mesh.members[0].made.len();
    mesh.block(hub, member);
    while mesh.members[0].made.len() == made {
        mesh.run(1);
    }
    mesh.stop(0);
    mesh.run(30);
    assert_eq!(verdicts(&mesh), [(Cause::Device, 1)]);
    mesh.unblock(hub, member);
    mesh.start(0);
    mesh.run(60);
    let device = mesh.members[0].device;
    let returns: Vec<Return> = mesh
        .hub
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Returned { device: one, what } if *one == device => Some(*what),
            _ => None,
        })
        .collect();
    assert_eq!(returns, [Return::Restarted]);
}

#[test]
fn accusers_who_were_refuted_before_lose_their_votes() {
    let mut mesh = Mesh::of(12);
    for _ in 0..2 {
        mesh.frame(0, 5);
        mesh.run(20);
    }
    let before = doubted(&mesh);
    mesh.frame(0, 5);
    mesh.run(20);
    assert_eq!(doubted(&mesh), before, "three of the five are masked");
}

#[test]
fn devices_behind_one_switch_get_one_verdict() {
    let mut mesh = Mesh::of(20);
    for index in 0..20 {
        let hint = Some([if index < 6 { 1 } else { 2 }; 8]);
        mesh.tell(index, Input::Attached { hint });
    }
    mesh.run(30);
    for index in 0..6 {
        mesh.stop(index);
    }
    mesh.run(15);
    assert_eq!(verdicts(&mesh), [(Cause::Segment, 6)]);
}

#[test]
fn when_the_coordinator_hears_nobody_it_blames_its_own_way_out() {
    let mut mesh = Mesh::of(12);
    let hub = mesh.hub.peer();
    for index in 0..12 {
        mesh.block(hub, mesh.members[index].peer());
    }
    mesh.run(15);
    assert_eq!(verdicts(&mesh), [(Cause::Uplink, 12)]);
    assert_eq!(doubted(&mesh), 0, "the devices hear each other");
    for index in 0..12 {
        mesh.unblock(hub, mesh.members[index].peer());
    }
    mesh.run(90);
    let cut_off = |event: &Event| {
        matches!(
            event,
            Event::Returned {
                what: Return::CutOff,
                ..
            }
        )
    };
    assert_eq!(mesh.hub.count(cut_off), 12);
}

impl Mesh {
    /// So many witnesses of a device sign that it is silent, and the first of them spreads it.
    pub(super) fn frame(&mut self, victim: usize, liars: usize) {
        let last = self.members[victim].made.last().copied();
        self.frame_since(victim, liars, last);
    }

    /// The same, with the place from which on they claim to have heard nothing.
    fn frame_since(&mut self, victim: usize, liars: usize, last: Option<Position>) {
        let subject = self.members[victim].device;
        let witnesses = self.hub.roster.rings().witnesses(&subject);
        let seated = |index: &usize| witnesses.contains(&self.members[*index].device);
        let liars: Vec<usize> = (0..self.members.len()).filter(seated).take(liars).collect();
        let lies = liars.iter().map(|&liar| {
            let accusation = Accusation {
                witness: self.members[liar].device,
                number: sample::position(
                    9,
                    u32::try_from(self.wall().as_millis() / 1000 % 100_000).unwrap(),
                ),
                epoch: Epoch::FROZEN,
                log_size: self.hub.roster.size(),
                time: self.wall(),
                silent: vec![Silent { subject, last }],
            };
            let signed = Signed::seal(accusation, &self.members[liar].key());
            Evidence::Accusation(signed.bytes().to_vec().into())
        });
        let message = Message::Gossip {
            evidence: lies.collect(),
        };
        let from = self.members[liars[0]].peer();
        for index in 0..self.members.len() {
            let message = message.clone();
            self.tell(index, Input::Frame { from, message });
        }
    }
}
