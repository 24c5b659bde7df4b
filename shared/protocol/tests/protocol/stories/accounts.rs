//! Accounts of links: both ends sign what they counted, and where they do not agree nobody is accused.

use std::time::Duration;

use protocol::accounts::{Account, Accounts, Difference, Observation, Received, Total};
use protocol::coordinator::Event;
use protocol::id::DeviceId;
use protocol::message::Message;
use protocol::node::{Input, Notice};
use protocol::statement::Statement;
use protocol::suspicion::Ground;

use crate::rig::Mesh;
use crate::samples as sample;

const PERIOD: u64 = 600;

/// A mesh whose members sign their accounts every ten minutes.
fn accounting(members: usize) -> Mesh {
    let mut mesh = Mesh::new();
    for _ in 0..members {
        let index = mesh.join();
        mesh.stop(index);
        mesh.members[index].config.accounts = Duration::from_secs(PERIOD);
        mesh.start(index);
    }
    mesh.run(40);
    mesh
}

fn accounts(mesh: &Mesh, index: usize) -> Vec<Accounts> {
    let records = mesh.hub.records(mesh.members[index].device).iter();
    let said = records.filter_map(|record| match &record.statement {
        Some(Statement::Accounts(accounts)) => Some(accounts.clone()),
        _ => None,
    });
    said.collect()
}

/// Everything that a member has signed of what came to it.
fn received(mesh: &Mesh, index: usize) -> Vec<(DeviceId, Received)> {
    let links = accounts(mesh, index)
        .into_iter()
        .flat_map(|said| said.links);
    links
        .filter_map(|account| Some((account.peer, account.received?)))
        .collect()
}

fn observed(mesh: &Mesh) -> Vec<Observation> {
    let seen = mesh.hub.events.iter().filter_map(|event| match event {
        Event::Observed(observation) => Some(*observation),
        _ => None,
    });
    seen.collect()
}

/// Members that noticed by themselves that a neighbour says another count.
fn noticed(mesh: &Mesh) -> Vec<(usize, DeviceId, Difference)> {
    let of = |(index, member): (usize, &crate::rig::Member)| {
        let notices = member.notices.iter();
        let unequal = notices.filter_map(move |notice| match notice {
            Notice::Unequal { peer, difference } => Some((index, *peer, *difference)),
            _ => None,
        });
        unequal.collect::<Vec<_>>()
    };
    mesh.members.iter().enumerate().flat_map(of).collect()
}

#[test]
fn both_ends_of_a_good_link_count_the_same() {
    let mut mesh = accounting(5);
    mesh.run(3 * PERIOD);
    for index in 0..5 {
        let counted = received(&mesh, index);
        assert!(counted.len() >= 4, "of each neighbour: {counted:?}");
        for (_, received) in counted {
            assert!(received.said.frames > 100, "{received:?}");
            assert_eq!(received.said, received.counted);
        }
    }
    assert_eq!(observed(&mesh), []);
}

/// Story: a fifth of all frames is lost, devices restart, links break. All of that is honest.
#[test]
fn loss_restarts_and_broken_links_are_no_observation() {
    let mut mesh = accounting(5);
    mesh.loss_percent = 20;
    for round in 0..14 {
        mesh.run(PERIOD / 4);
        let (one, other) = (round % 5, (round + 2) % 5);
        mesh.part(mesh.members[one].peer(), mesh.members[other].peer());
        if round == 1 || round == 5 {
            mesh.stop(one);
            mesh.run(20);
            mesh.start(one);
        }
    }
    let compared: usize = (0..5).map(|index| received(&mesh, index).len()).sum();
    assert!(compared >= 10, "{compared} counts were signed");
    assert_eq!(observed(&mesh), []);
    assert_eq!(noticed(&mesh), []);
}

/// Story: a rooted device sends more than its own log admits.
#[test]
fn traffic_that_its_sender_hides_is_seen_within_two_periods() {
    let mut mesh = accounting(5);
    mesh.run(PERIOD);
    let (thief, victim) = (mesh.members[1].peer(), mesh.members[3].peer());
    let position = *mesh.members[1].made.last().expect("it has recorded");
    for _ in 0..200 {
        mesh.send(thief, victim, &Message::Beat { position });
    }
    mesh.run(2 * PERIOD);
    let seen = observed(&mesh);
    assert_eq!(seen.len(), 1, "{seen:?}");
    let ends = (seen[0].sender, seen[0].receiver);
    assert_eq!(ends, (mesh.members[1].device, mesh.members[3].device));
    assert_eq!(seen[0].difference, Difference::More);
    assert!(seen[0].counted.frames >= seen[0].said.frames + 200);
    let alone = [(3, mesh.members[1].device, Difference::More)];
    assert_eq!(noticed(&mesh), alone, "the victim sees it by itself");
    mesh.run(2 * PERIOD);
    assert_eq!(observed(&mesh).len(), 1, "it was said once");
}

/// Story: of many frames next to none arrive, on a link that stands.
#[test]
fn a_habit_of_hidden_traffic_is_reported_by_the_witness_that_sees_it() {
    let mut mesh = accounting(5);
    mesh.run(PERIOD);
    let (thief, victim) = (mesh.members[1].peer(), mesh.members[3].peer());
    let position = *mesh.members[1].made.last().expect("it has recorded");
    for period in 0..4 {
        let machine = mesh.members[0].machine.as_ref().expect("it runs");
        let reports = machine.suspicion().reports().count();
        assert_eq!(
            reports,
            usize::from(period >= 3),
            "three periods are a habit"
        );
        for _ in 0..200 {
            mesh.send(thief, victim, &Message::Beat { position });
        }
        mesh.run(PERIOD);
    }
    let machine = mesh.members[0].machine.as_ref().expect("it runs");
    let report = machine.suspicion().report(&mesh.members[3].device);
    let suspects = report.map(|report| report.suspects.clone());
    let suspect = suspects.and_then(|suspects| suspects.first().copied());
    let suspect = suspect.expect("the victim is its witness");
    let said = (suspect.subject, suspect.ground);
    assert_eq!(said, (mesh.members[1].device, Ground::Accounts));
}

#[test]
fn a_neighbour_that_gets_next_to_nothing_is_an_observation() {
    let mut mesh = accounting(5);
    mesh.run(PERIOD);
    let (sender, receiver) = (mesh.members[0].peer(), mesh.members[2].peer());
    mesh.losing.insert((sender, receiver, "beat"));
    for _ in 0..600 {
        let (from, message) = (receiver, Message::Probe);
        mesh.tell(0, Input::Frame { from, message });
    }
    mesh.run(2 * PERIOD);
    let (from, to) = (mesh.members[0].device, mesh.members[2].device);
    let seen = observed(&mesh).into_iter();
    let seen: Vec<_> = seen
        .map(|seen| (seen.sender, seen.receiver, seen.difference))
        .collect();
    // The probes were made by nobody's machine, and so nobody says that it sent them.
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen.contains(&(from, to, Difference::Less)), "{seen:?}");
    assert!(seen.contains(&(to, from, Difference::More)), "{seen:?}");
}

/// Story: a liar multiplies what it counted, of everybody it can name. Without the other half nothing comes
/// of it, and with the other half the link is its own.
#[test]
fn a_liar_can_only_put_itself_beside_its_neighbours() {
    let mut mesh = accounting(5);
    mesh.run(3 * PERIOD);
    mesh.stop(4);
    let liar = mesh.members[4].device;
    let (neighbour, truth) = *received(&mesh, 4).last().expect("it has counted");
    let lie = Received {
        counted: Total::of(truth.counted.frames * 10, truth.counted.bytes * 10),
        ..truth
    };
    let strangers = (0..3).map(|seed| DeviceId::from_bytes([seed; 8]));
    let mut links: Vec<Account> = strangers
        .chain([neighbour])
        .map(|peer| Account {
            peer,
            sent: None,
            received: Some(lie),
        })
        .collect();
    links.sort_by_key(|account| account.peer);
    say(&mut mesh, 4, links);
    let seen = observed(&mesh);
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!((seen[0].sender, seen[0].receiver), (neighbour, liar));
    assert_eq!(seen[0].said, truth.said);
}

/// Story: a sender tells its neighbour one count, and signs another into its log.
#[test]
fn a_count_that_is_signed_otherwise_than_it_was_told_is_an_observation() {
    let mut mesh = accounting(5);
    mesh.run(3 * PERIOD);
    mesh.stop(4);
    let (neighbour, truth) = *received(&mesh, 4).last().expect("it has counted");
    let told = Received {
        said: truth.said.plus(Total::of(1, 40)),
        ..truth
    };
    let account = Account {
        peer: neighbour,
        sent: None,
        received: Some(told),
    };
    say(&mut mesh, 4, vec![account]);
    let seen = observed(&mesh);
    let differences: Vec<_> = seen.iter().map(|seen| seen.difference).collect();
    assert_eq!(differences, [Difference::Told]);
}

/// A stopped member's key signs these accounts, and the coordinator collects them.
fn say(mesh: &mut Mesh, index: usize, links: Vec<Account>) {
    let last = mesh.hub.records(mesh.members[index].device).last();
    let number = last.expect("it has recorded").position.next();
    let number = sample::position(number.incarnation.0, 1_000);
    let statement = Statement::Accounts(Accounts { number, links });
    let (head, body) = mesh.forge(index, &statement);
    let record = mesh.sign(index, head, body);
    let peer = mesh.members[index].peer();
    mesh.tell_hub(protocol::coordinator::Input::LinkUp { peer });
    mesh.hand_in(index, record);
}
