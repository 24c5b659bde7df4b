//! Suspicion: what witnesses saw again and again, signed, counted under caps, and never a proof.

use protocol::coordinator::{self, Event, Jury};
use protocol::evidence::Evidence;
use protocol::id::{DeviceId, Epoch};
use protocol::message::Message;
use protocol::node::{Input, Notice};
use protocol::signed::Signed;
use protocol::statement::host::Start;
use protocol::suspicion::{Case, Ground, Kin, Report, Suspect};

use crate::rig::Mesh;
use crate::samples as sample;

fn case(mesh: &Mesh, by: usize, of: usize) -> Case {
    let machine = mesh.members[by].machine.as_ref().expect("it runs");
    let device = mesh.members[of].device;
    machine.suspicion().case(&device, machine.roster())
}

/// Members that were told that a device is suspected.
fn told(mesh: &Mesh, of: usize) -> usize {
    let suspected = |notice: &Notice| matches!(notice, Notice::Suspected { device, .. } if *device == mesh.members[of].device);
    let members = mesh.members.iter();
    members
        .filter(|member| member.notices.iter().any(suspected))
        .count()
}

/// Which grounds anybody reports of a device.
fn grounds(mesh: &Mesh, of: usize) -> Vec<Ground> {
    let device = mesh.members[of].device;
    let machine = mesh.members[if of == 0 { 1 } else { 0 }].machine.as_ref();
    let reports = machine.expect("it runs").suspicion().reports();
    let mut grounds: Vec<Ground> = reports
        .flat_map(|report| {
            report
                .of(&device)
                .map(|suspect| suspect.ground)
                .collect::<Vec<_>>()
        })
        .collect();
    grounds.sort_unstable();
    grounds.dedup();
    grounds
}

fn witnesses(mesh: &Mesh, of: usize) -> Vec<usize> {
    let seats = mesh.hub.roster.rings().witnesses(&mesh.members[of].device);
    let seated = |index: &usize| seats.contains(&mesh.members[*index].device);
    (0..mesh.members.len()).filter(seated).collect()
}

#[test]
fn six_of_eight_witnesses_suspect_and_five_do_not() {
    let mut mesh = Mesh::of(10);
    let seats = witnesses(&mesh, 0);
    assert_eq!(seats.len(), 8);
    mesh.report(&seats[..5], 0, |place| Kin([place; 8]));
    assert_eq!((case(&mesh, 9, 0).votes, told(&mesh, 0)), (5, 0));
    mesh.report(&seats[5..6], 0, |_| Kin([99; 8]));
    let held = case(&mesh, 9, 0);
    assert_eq!((held.votes, held.quorum), (6, Some(6)));
    assert!(held.is_suspected());
    assert!(told(&mesh, 0) >= 8, "everybody draws the same conclusion");
    mesh.run(60);
    assert!(
        mesh.members[0].partings.is_empty(),
        "it is shut out by nobody"
    );
    assert!(
        mesh.hub
            .roster
            .member(&mesh.members[0].device)
            .expect("a member")
            .withdrawal
            .is_none()
    );
}

#[test]
fn the_votes_of_one_model_are_two_however_many_there_are() {
    let mut mesh = Mesh::of(10);
    let seats = witnesses(&mesh, 0);
    mesh.report(&seats, 0, |_| Kin([7; 8]));
    let held = case(&mesh, 9, 0);
    assert_eq!((held.witnesses.len(), held.votes), (8, 2));
    assert!(!held.is_suspected());
    let hub = mesh.hub.machine.as_ref().expect("it runs");
    assert_eq!(hub.jury(), Jury::OneModel { groups: 1 });
    let suspected = |event: &Event| {
        matches!(
            event,
            Event::Suspected {
                suspected: false,
                ..
            }
        )
    };
    assert_eq!(mesh.hub.count(suspected), 8, "people hear of each witness");
}

#[test]
fn a_jury_is_mixed_from_three_models_on_and_knows_them_over_a_restart() {
    let mut mesh = Mesh::of(4);
    mesh.stop_hub();
    mesh.start_hub();
    let devices: Vec<DeviceId> = mesh.members.iter().map(|member| member.device).collect();
    let hub = mesh.hub.machine.as_mut().expect("it runs");
    assert_eq!(hub.jury(), Jury::OneModel { groups: 0 });
    for (device, model) in devices.into_iter().zip(["a", "b", "b", "c"]) {
        let host = Start {
            model: Some(sample::name(model)),
            ..sample::start()
        };
        hub.recall_host(device, &host);
    }
    assert_eq!(hub.jury(), Jury::Mixed { groups: 3 });
}

#[test]
fn whoever_has_no_seat_has_no_vote_and_nobody_has_two() {
    let mut mesh = Mesh::of(12);
    let seats = witnesses(&mesh, 0);
    let others: Vec<usize> = (1..12).filter(|index| !seats.contains(index)).collect();
    mesh.report(&others, 0, |place| Kin([place; 8]));
    assert_eq!(case(&mesh, 11, 0).witnesses, Vec::<DeviceId>::new());
    mesh.report(&seats[..1], 0, |_| Kin([1; 8]));
    mesh.run(700);
    mesh.report(&seats[..1], 0, |_| Kin([2; 8]));
    assert_eq!(case(&mesh, 11, 0).votes, 1);
}

/// Story: a device sends each of its witnesses frames that no honest program makes, and goes on.
#[test]
fn a_device_that_sends_garbage_is_reported_by_its_witnesses() {
    let mut mesh = Mesh::of(6);
    let from = mesh.members[0].peer();
    let garbage = Message::Vouch {
        heads: vec![vec![1, 2, 3].into()],
    };
    for _ in 0..8 {
        for witness in 1..6 {
            let message = garbage.clone();
            mesh.tell(witness, Input::Frame { from, message });
        }
        mesh.run(70);
    }
    assert_eq!(case(&mesh, 5, 0).witnesses.len(), 5);
    assert_eq!(grounds(&mesh, 0), [Ground::Garbage]);
    let saved = mesh.members[3].disk.memory.report.clone();
    assert!(saved.is_some(), "saved before it was sent");
    mesh.stop(3);
    mesh.run(20);
    mesh.start(3);
    mesh.run(60);
    assert_eq!(
        case(&mesh, 3, 0).witnesses.len(),
        5,
        "nobody forgets with its power"
    );
    mesh.stop_hub();
    mesh.start_hub();
    mesh.run(90);
    let hub = mesh.hub.machine.as_ref().expect("it runs");
    let held = hub.suspicion().case(&mesh.members[0].device, hub.roster());
    assert_eq!(held.witnesses.len(), 5, "the coordinator hears it again");
}

/// Story: five liars certify one honest device after the other, each of which answers at once. Whoever takes
/// part again and again is reported; whoever does not is not.
#[test]
fn witnesses_that_accuse_falsely_again_and_again_are_reported() {
    let mut mesh = Mesh::of(12);
    let mut lies = [0; 12];
    for victim in 0..12 {
        for &liar in &witnesses(&mesh, victim)[..5] {
            lies[liar] += 1;
        }
        mesh.frame(victim, 5);
        mesh.run(70);
    }
    // Whoever has just reported waits ten minutes before its next report.
    mesh.run(650);
    for (device, lies) in lies.into_iter().enumerate() {
        let expected: &[Ground] = if lies >= 6 {
            &[Ground::Accusations]
        } else {
            &[]
        };
        assert_eq!(
            grounds(&mesh, device),
            expected,
            "{device} lied {lies} times"
        );
    }
    assert!(lies.iter().any(|lies| *lies >= 6), "somebody lied often");
}

/// Story: a device shows its witness the same old head again and again.
#[test]
fn old_heads_that_are_shown_again_and_again_are_reported() {
    let mut mesh = Mesh::of(5);
    mesh.run(200);
    let (subject, from) = (mesh.members[0].device, mesh.members[0].peer());
    let early = mesh.hub.records(subject)[2].record.head.clone();
    for _ in 0..8 {
        let head = early.clone();
        mesh.tell(
            3,
            Input::Frame {
                from,
                message: Message::Head { head },
            },
        );
    }
    mesh.run(10);
    assert_eq!(grounds(&mesh, 0), [Ground::Replay]);
    assert_eq!(case(&mesh, 3, 0).witnesses, [mesh.members[3].device]);
}

/// Story: honest members lose a fifth of all frames, restart and lose their links: nobody suspects anybody.
#[test]
fn loss_and_restarts_raise_no_suspicion() {
    let mut mesh = Mesh::of(8);
    mesh.loss_percent = 20;
    for round in 0..8 {
        mesh.run(60);
        mesh.part(
            mesh.members[round].peer(),
            mesh.members[(round + 3) % 8].peer(),
        );
        mesh.stop(round);
        mesh.run(25);
        mesh.start(round);
    }
    mesh.run(60);
    for index in 0..8 {
        let machine = mesh.members[index].machine.as_ref().expect("it runs");
        assert_eq!(machine.suspicion().reports().count(), 0);
    }
}

impl Mesh {
    /// These members sign that they suspect a device, and everybody hears of it.
    fn report(&mut self, by: &[usize], of: usize, kin: impl Fn(u8) -> Kin) {
        self.report_that(by, of, Ground::Accounts, kin);
    }

    /// The same on a ground of the story's choice.
    pub(super) fn report_that(
        &mut self,
        by: &[usize],
        of: usize,
        ground: Ground,
        kin: impl Fn(u8) -> Kin,
    ) {
        let subject = self.members[of].device;
        let reports = by.iter().enumerate().map(|(place, &index)| {
            let place = u8::try_from(place).expect("they are few");
            let suspect = Suspect {
                subject,
                ground,
                since: self.wall(),
                times: 3,
            };
            let number =
                u32::try_from(self.now().monotonic.as_millis()).expect("stories are short");
            let report = Report {
                witness: self.members[index].device,
                number: sample::position(9, number),
                epoch: Epoch::FROZEN,
                log_size: self.hub.roster.size(),
                time: self.wall(),
                kin: kin(place),
                suspects: vec![suspect],
            };
            let signed = Signed::seal(report, &self.members[index].key());
            Evidence::Report(signed.bytes().to_vec().into())
        });
        let evidence: Vec<Evidence> = reports.collect();
        let from = self.members[by[0]].peer();
        let message = Message::Gossip { evidence };
        for index in (0..self.members.len()).filter(|index| *index != by[0]) {
            let message = message.clone();
            self.tell(index, Input::Frame { from, message });
        }
        // The first of them knows its own word as well.
        let linked = self.linked(from);
        let other = linked.iter().find(|peer| **peer != self.hub.peer());
        let back = Input::Frame {
            from: *other.expect("it has neighbours"),
            message: message.clone(),
        };
        self.tell(by[0], back);
        self.tell_hub(coordinator::Input::Frame { from, message });
        self.run(5);
    }
}
