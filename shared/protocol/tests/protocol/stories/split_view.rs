//! A log that is shown in two versions: whoever sees both proves it to everybody, on any machine, for good.

use protocol::coordinator::{Event, Warrant};
use protocol::evidence::Evidence;
use protocol::key::Strict;
use protocol::ledger::LogHead;
use protocol::limits;
use protocol::merkle::Tree;
use protocol::message::Message;
use protocol::node::{Input, Parting};
use protocol::proof::{Accused, Contradiction, Past, Proof, ProofError};
use protocol::signed::Signed;

use crate::rig::{Member, Mesh};
use crate::samples as sample;

/// Somebody asks to join; nobody starts a node for it.
fn knock(mesh: &mut Mesh, number: u8) {
    let token = mesh.make_token(number);
    let request = Mesh::request([number; 32]);
    let answer = mesh.enrol(Warrant::Token(token), request);
    answer.expect("the log is open");
}

/// Four members of whom each half was shown entries of its own, so many on each side. The coordinator is gone.
fn two_views(one: u8, other: u8) -> Mesh {
    let mut mesh = Mesh::of(4);
    let hub = mesh.hub.peer();
    let backup = mesh.hub.store.clone();
    let peers: Vec<_> = mesh.members.iter().map(Member::peer).collect();
    let across = [(0, 2), (0, 3), (1, 2), (1, 3)];
    for (here, there) in across {
        mesh.block(peers[here], peers[there]);
    }
    for (half, numbers) in [([0, 1], 50..50 + one), ([2, 3], 80..80 + other)] {
        let away = if half == [0, 1] { [2, 3] } else { [0, 1] };
        for place in 0..2 {
            mesh.block(hub, peers[away[place]]);
            mesh.unblock(hub, peers[half[place]]);
        }
        mesh.stop_hub();
        mesh.hub.store = backup.clone();
        mesh.start_hub();
        mesh.run(100);
        numbers.for_each(|number| knock(&mut mesh, number));
        mesh.run(20);
    }
    mesh.stop_hub();
    for (here, there) in across {
        mesh.unblock(peers[here], peers[there]);
    }
    mesh
}

fn alarms(mesh: &Mesh, index: usize) -> Vec<Contradiction> {
    let alarms = mesh.members[index].roster.alarms();
    alarms.map(|proof| proof.contradiction()).collect()
}

#[test]
fn two_halves_that_were_shown_two_logs_prove_it_to_each_other_without_the_coordinator() {
    for (one, other, sizes) in [(1, 1, (5, 5)), (1, 3, (5, 7)), (3, 2, (6, 7))] {
        let mut mesh = two_views(one, other);
        mesh.run(90);
        let (first, second) = sizes;
        for index in 0..4 {
            let expected = [Contradiction::Logs { first, second }];
            assert_eq!(alarms(&mesh, index), expected, "{one} and {other} entries");
            let member = &mesh.members[index];
            let kept = &member.disk.memory.convictions;
            assert_eq!(kept.len(), 1, "it is on every disk");
            let proof = Proof::open(&kept[0], &mesh.charter, &Strict).unwrap();
            assert_eq!(proof.convicts(), None, "a thief of the key could evict");
            assert_eq!(member.roster.convictions().count(), 0);
            let parted = member.partings.iter();
            assert!(
                !parted
                    .into_iter()
                    .any(|(_, why)| *why == Parting::Misbehaved)
            );
        }
    }
}

#[test]
fn the_alarm_outlives_a_restart_and_reaches_a_coordinator_that_was_away() {
    let mut mesh = two_views(1, 2);
    mesh.run(90);
    mesh.stop(0);
    mesh.start(0);
    assert_eq!(alarms(&mesh, 0).len(), 1);
    let since = mesh.hub.events.len();
    mesh.start_hub();
    mesh.run(100);
    let proven = |event: &Event| matches!(event, Event::Proven { device: None, .. });
    let told = mesh.hub.events[since..]
        .iter()
        .filter(|event| proven(event));
    assert_eq!(told.count(), 1, "once");
    assert_eq!(mesh.hub.store.memory.convictions.len(), 1);
}

/// A coordinator that went on alone over an old copy of its store is told by the first member that comes.
#[test]
fn a_coordinator_with_another_version_than_its_members_keeps_the_proof_of_it() {
    let mut mesh = Mesh::of(3);
    let backup = mesh.hub.store.clone();
    mesh.join();
    mesh.join();
    mesh.run(30);
    mesh.stop_hub();
    mesh.hub.store = backup;
    let peers: Vec<_> = mesh.members.iter().map(Member::peer).collect();
    peers.iter().for_each(|peer| mesh.cut(*peer));
    mesh.start_hub();
    mesh.run(100);
    knock(&mut mesh, 50);
    peers.iter().for_each(|peer| mesh.mend(*peer));
    mesh.run(120);
    let sizes = Contradiction::Logs {
        first: 4,
        second: 5,
    };
    let hub = mesh.hub.roster.alarms().map(|proof| proof.contradiction());
    assert_eq!(hub.collect::<Vec<_>>(), [sizes]);
    for index in 0..5 {
        assert_eq!(alarms(&mesh, index), [sizes]);
    }
}

/// The tree of so many leaves whose last ones are of a version of their own.
fn tree(size: u64, from: u64, version: u8) -> Tree {
    let mut tree = Tree::new();
    for leaf in 0..size {
        let of = if leaf < from { 0 } else { version };
        let mut bytes = [of; 32];
        bytes[..8].copy_from_slice(&leaf.to_be_bytes());
        tree.push(bytes);
    }
    tree
}

fn head(tree: &Tree, size: u64) -> Signed<LogHead> {
    let head = LogHead {
        mesh: sample::mesh(),
        size,
        root: tree.root_at(size).unwrap(),
        time: sample::time(50),
    };
    Signed::seal(head, &sample::key(sample::ADMISSION))
}

fn past(tree: &Tree, old: u64, new: u64) -> Past {
    Past {
        root: tree.root_at(old).unwrap(),
        path: tree.consistency_proof(old, new).unwrap(),
    }
}

#[test]
fn heads_of_one_log_prove_nothing_whatever_their_sizes() {
    let log = tree(40, 40, 0);
    for old in 1..=40 {
        for new in old..=40 {
            let (one, other) = (head(&log, old), head(&log, new));
            let found = Proof::of_logs(&sample::charter(), &one, &other, &past(&log, old, new));
            assert_eq!(found, None);
        }
    }
}

#[test]
fn a_split_is_proven_from_wherever_the_two_versions_part() {
    let charter = sample::charter();
    for parting in 0..20 {
        let (here, there) = (tree(20, parting, 1), tree(40, parting, 2));
        for old in parting + 1..=20 {
            for new in old..=40 {
                let (one, other) = (head(&here, old), head(&there, new));
                let proof = Proof::of_logs(&charter, &one, &other, &past(&there, old, new));
                let proof = proof.unwrap();
                assert!(matches!(proof.accused(), Accused::Log { .. }));
                let opened = Proof::open(proof.bytes(), &charter, &Strict);
                assert_eq!(opened.as_ref(), Ok(&proof));
            }
        }
    }
}

#[test]
fn a_proof_of_a_split_fits_its_bound_in_the_longest_log() {
    let bound = limits::LOG_ENTRIES as u64;
    let hashes = 64 - (bound - 1).leading_zeros() as usize + 1;
    let [one, other] = [bound - 1, bound].map(|size| {
        let head = LogHead {
            mesh: sample::mesh(),
            size,
            root: [1; 32],
            time: sample::time(50),
        };
        Signed::seal(head, &sample::key(sample::ADMISSION))
    });
    let around = 32 * (hashes + 1) + 24;
    let weight = one.bytes().len() + other.bytes().len() + around;
    assert!(weight <= limits::PROOF_BYTES, "{weight} bytes");
}

#[test]
fn a_proof_of_a_split_that_was_tampered_with_says_which_part_is_wrong() {
    let charter = sample::charter();
    let proof = sample::proof_of_two_logs();
    for place in 0..proof.bytes().len() {
        let mut bytes = proof.bytes().to_vec();
        bytes[place] ^= 1;
        Proof::open(&bytes, &charter, &Strict).expect_err("a changed bit is noticed");
    }
    let log = tree(8, 8, 0);
    let mut wrong = past(&log, 3, 8);
    wrong.root = [9; 32];
    let found = Proof::of_logs(&charter, &head(&log, 3), &head(&log, 8), &wrong);
    assert_eq!(
        found, None,
        "a past that the second head does not commit to"
    );
    let other = tree(3, 0, 1);
    let stranger = LogHead {
        mesh: sample::mesh(),
        size: 3,
        root: other.root(),
        time: sample::time(50),
    };
    let stranger = Signed::seal(stranger, &sample::key(sample::DEVICE));
    let forged = Proof::of_logs(&charter, &stranger, &head(&log, 8), &past(&log, 3, 8)).unwrap();
    let refused = Proof::open(forged.bytes(), &charter, &Strict);
    assert!(matches!(refused, Err(ProofError::LogHead { .. })));
}

#[test]
fn the_words_of_a_split_name_both_sizes() {
    let said = sample::proof_of_two_logs().to_string();
    let expected = "the admission key of this mesh signed two versions of the identity log: \
                    its head of 2 entries does not continue its head of 1";
    assert_eq!(said, expected);
}

/// A member that hears of a split tells its neighbours and nobody is shut out; a second proof says nothing new.
#[test]
fn one_split_is_told_once() {
    let mut mesh = Mesh::of(3);
    mesh.run(20);
    let proof = sample::proof_of_two_logs();
    let from = mesh.members[1].peer();
    for _ in 0..3 {
        let evidence = vec![Evidence::Proof(proof.bytes().to_vec().into())];
        let message = Message::Gossip { evidence };
        mesh.tell(0, Input::Frame { from, message });
    }
    mesh.run(5);
    for index in 0..3 {
        assert_eq!(alarms(&mesh, index).len(), 1);
        assert_eq!(mesh.members[index].disk.memory.convictions.len(), 1);
    }
}
