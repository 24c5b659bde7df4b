//! The identity log: everybody holds the same one, and nobody can be shown another.

use std::sync::Arc;
use std::time::Duration;

use protocol::coordinator::Warrant;
use protocol::id::{DeviceId, MeshId};
use protocol::key::{Signer as _, Strict};
use protocol::ledger::{Entry, LogHead, Strength, Withdrawal};
use protocol::limits;
use protocol::membership::Membership;
use protocol::merkle::Tree;
use protocol::message::Message;
use protocol::node::{Input, Notice, Parting};
use protocol::roster::{ExtendError, Roster};
use protocol::signed::Signed;

use crate::rig::Mesh;
use crate::samples as sample;

#[test]
fn every_member_comes_to_hold_the_same_roster() {
    let mut mesh = Mesh::of(9);
    assert_same_roster(&mesh);
    mesh.join();
    mesh.run(20);
    assert_same_roster(&mesh);
    for member in &mesh.members {
        let stored = member.disk.memory.entries.len();
        assert_eq!(stored, 10, "and it is on every disk");
    }
}

/// Story: whoever met was shown the signed head of the log, which it held already but for once in a year.
#[test]
fn who_holds_the_same_head_is_not_shown_it() {
    let mut mesh = Mesh::of(6);
    let (one, other) = (mesh.members[0].peer(), mesh.members[1].peer());
    mesh.run(20);
    mesh.sent.clear();
    mesh.part(one, other);
    mesh.run(5);
    assert_eq!(mesh.count(one, other, "hello"), 1, "they met again");
    assert_eq!(mesh.count(one, other, "log_grown"), 0);
    mesh.stop(1);
    mesh.join();
    mesh.run(5);
    mesh.sent.clear();
    mesh.start(1);
    mesh.block(mesh.hub.peer(), other);
    mesh.run(5);
    assert!(mesh.count(one, other, "log_grown") > 0, "it missed one");
    assert_same_roster(&mesh);
}

#[test]
fn a_member_without_the_coordinator_learns_of_newcomers_from_its_neighbours() {
    let mut mesh = Mesh::of(4);
    let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
    mesh.block(hub, peer);
    mesh.join();
    mesh.run(20);
    assert_same_roster(&mesh);
}

#[test]
fn a_long_log_is_fetched_page_by_page() {
    let mut mesh = Mesh::new();
    for number in 1..=110 {
        let token = mesh.make_token(number);
        let mut seed = [0x44; 32];
        seed[0] = number;
        mesh.enrol(Warrant::Token(token), Mesh::request(seed))
            .unwrap();
    }
    let size = mesh.hub.roster.size();
    assert!(size > 2 * limits::ENTRIES_PER_FRAME as u64);
    let token = mesh.make_token(200);
    let warrant = Warrant::Token(token);
    let welcome = mesh.enrol(warrant, Mesh::request([0x45; 32])).unwrap();
    let index = mesh.settle([0x45; 32], &welcome);
    mesh.run(20);
    assert_eq!(mesh.members[index].roster.size(), size + 1);
    let (hub, peer) = (mesh.hub.peer(), mesh.members[index].peer());
    assert!(mesh.count(hub, peer, "log_entries") >= 3);
}

fn assert_same_roster(mesh: &Mesh) {
    let head = mesh.hub.roster.head().unwrap();
    for member in &mesh.members {
        assert_eq!(member.roster.head().unwrap().root, head.root);
    }
}

#[test]
fn a_second_version_of_the_log_is_refused_and_its_bearer_parted_from() {
    let mut mesh = Mesh::of(3);
    let size = mesh.members[0].roster.size();
    let from = mesh.members[1].peer();
    let forged = LogHead {
        mesh: sample::mesh(),
        size: size + 1,
        root: [7; 32],
        time: mesh.wall(),
    };
    let head = Signed::seal(forged, &sample::key(sample::ADMISSION));
    let grown = Message::LogGrown {
        head: head.bytes().to_vec().into(),
    };
    mesh.tell(
        0,
        Input::Frame {
            from,
            message: grown,
        },
    );
    let stranger = Membership {
        log_index: size,
        ..sample::membership()
    };
    let entry = Entry::admission(&Signed::seal(stranger, &sample::key(sample::ADMISSION)));
    let entries = Message::LogEntries {
        from: size,
        entries: vec![entry.encode().into()],
        head: Some(head.bytes().to_vec().into()),
    };
    mesh.tell(
        0,
        Input::Frame {
            from,
            message: entries,
        },
    );
    assert_eq!(mesh.members[0].roster.size(), size);
    let what = "an identity log that does not check";
    assert!(
        mesh.members[0]
            .notices
            .contains(&Notice::Misbehaviour { peer: from, what })
    );
    assert!(
        mesh.members[0]
            .partings
            .contains(&(from, Parting::Misbehaved))
    );
}

/// A log of one admission, to which each test offers one more entry.
struct Log {
    entries: Vec<Vec<u8>>,
    roster: Roster,
}

impl Log {
    fn new() -> Self {
        let empty = Roster::new(Arc::new(sample::charter()));
        let mut log = Self {
            entries: Vec::new(),
            roster: empty,
        };
        log.take(&sample::admission_entry()).unwrap();
        log
    }

    fn take(&mut self, entry: &Entry) -> Result<(), ExtendError> {
        let bytes = entry.encode();
        self.roster = self.offer(bytes.clone(), self.roster.size(), sample::ADMISSION)?;
        self.entries.push(bytes);
        Ok(())
    }

    /// Offers an entry under a head that covers it.
    fn offer(&self, entry: Vec<u8>, from: u64, signer: u8) -> Result<Roster, ExtendError> {
        let mut tree = Tree::new();
        for entry in self.entries.iter().chain([&entry]) {
            tree.push(Entry::leaf(entry));
        }
        let head = LogHead {
            mesh: sample::mesh(),
            size: tree.size(),
            root: tree.root(),
            time: sample::time(50),
        };
        let head = Signed::seal(head, &sample::key(signer));
        self.roster.extend(from, &[entry], head.bytes(), &Strict)
    }

    fn refuse(&self, entry: &Entry) -> ExtendError {
        let size = self.roster.size();
        let refused = self.offer(entry.encode(), size, sample::ADMISSION);
        refused
            .map(|_| ())
            .expect_err("the entry may not stand there")
    }
}

fn suspension() -> Withdrawal {
    sample::suspension()
}

fn by(withdrawal: Withdrawal, signer: u8) -> Entry {
    Entry::withdrawal(&Signed::seal(withdrawal, &sample::key(signer)))
}

fn admission(membership: Membership, signer: u8) -> Entry {
    Entry::admission(&Signed::seal(membership, &sample::key(signer)))
}

/// A second device's membership for the next place.
fn second() -> Membership {
    Membership {
        device: DeviceId::from_bytes([2; 8]),
        key: sample::key(0x52).public(),
        log_index: 1,
        ..sample::membership()
    }
}

#[test]
fn entries_follow_each_other_without_a_gap() {
    let log = Log::new();
    let entry = admission(second(), sample::ADMISSION).encode();
    for from in [0, 2, u64::MAX] {
        let refused = log.offer(entry.clone(), from, sample::ADMISSION);
        let gap = ExtendError::Gap {
            expected: 1,
            found: from,
        };
        assert_eq!(refused.map(|_| ()), Err(gap));
    }
    log.offer(entry, 1, sample::ADMISSION)
        .expect("there it belongs");
}

#[test]
fn an_entry_stands_where_it_was_signed_for_and_in_its_own_mesh() {
    let log = Log::new();
    for log_index in [0, 2] {
        let misplaced = Membership {
            log_index,
            ..second()
        };
        assert_misplaced(
            &log,
            &admission(misplaced, sample::ADMISSION),
            "another place",
        );
    }
    let foreign = Membership {
        mesh: MeshId::from_bytes([9; 32]),
        ..second()
    };
    assert_misplaced(&log, &admission(foreign, sample::ADMISSION), "another mesh");
    let foreign = Withdrawal {
        mesh: MeshId::from_bytes([9; 32]),
        ..suspension()
    };
    assert_misplaced(&log, &by(foreign, sample::ADMISSION), "another mesh");
}

#[test]
fn only_the_admission_key_admits_and_only_it_signs_the_head() {
    let log = Log::new();
    for signer in [sample::ADMINISTRATOR, sample::COORDINATOR, sample::DEVICE] {
        let refused = log.refuse(&admission(second(), signer));
        assert!(matches!(refused, ExtendError::Signature { index: 1, .. }));
        let entry = admission(second(), sample::ADMISSION).encode();
        let headless = log.offer(entry, 1, signer);
        assert!(matches!(headless, Err(ExtendError::Head(_))));
    }
}

#[test]
fn a_membership_lasts_thirty_days_at_most() {
    let log = Log::new();
    let endless = Membership {
        not_after: second()
            .not_before
            .saturating_add(limits::MEMBERSHIP + Duration::from_millis(1)),
        ..second()
    };
    assert_misplaced(&log, &admission(endless, sample::ADMISSION), "thirty days");
}

#[test]
fn a_suspension_lasts_a_day_at_most_and_a_revocation_needs_an_administrator() {
    let log = Log::new();
    let until = suspension()
        .time
        .saturating_add(limits::SUSPENSION + Duration::from_millis(1));
    let long = sample::withdrawal(Strength::Suspension { until });
    assert_misplaced(&log, &by(long, sample::ADMISSION), "a day");
    let revocation = sample::withdrawal(Strength::Revocation);
    for signer in [sample::ADMISSION, sample::COORDINATOR, sample::DEVICE] {
        let refused = log.refuse(&by(revocation.clone(), signer));
        assert!(matches!(refused, ExtendError::Signature { index: 1, .. }));
    }
    let refused = log.refuse(&by(suspension(), sample::ADMINISTRATOR));
    assert!(matches!(refused, ExtendError::Signature { .. }));
    let mut log = log;
    log.take(&by(revocation, sample::ADMINISTRATOR)).unwrap();
}

/// Story: whoever steals the coordinator signs a suspension of everybody.
#[test]
fn a_suspension_that_is_one_too_many_within_an_hour_shuts_nobody_out() {
    let mut log = Log::new();
    let first = suspension().time;
    let at = |minutes: u64| first.saturating_add(Duration::from_secs(60 * minutes));
    for (index, minutes) in [(1, 0), (2, 10), (3, 20), (4, 30), (5, 85)] {
        let time = at(minutes);
        let until = time.saturating_add(limits::SUSPENSION);
        let withdrawal = Withdrawal {
            log_index: index,
            time,
            ..sample::withdrawal(Strength::Suspension { until })
        };
        log.take(&by(withdrawal, sample::ADMISSION)).unwrap();
        let member = log.roster.member(&sample::device()).unwrap();
        let since = member.withdrawal.as_ref().unwrap().time;
        let counts = if minutes == 30 { at(20) } else { time };
        assert_eq!(since, counts, "after {minutes} minutes");
    }
    assert_eq!(log.roster.size(), 6, "all can read that it was tried");
}

#[test]
fn a_suspension_that_is_dated_ahead_lasts_a_day_all_the_same() {
    let mut log = Log::new();
    let now = suspension().time;
    let far = now.saturating_add(Duration::from_secs(1000 * 86_400));
    let until = far.saturating_add(limits::SUSPENSION);
    let withdrawal = Withdrawal {
        time: far,
        ..sample::withdrawal(Strength::Suspension { until })
    };
    log.take(&by(withdrawal, sample::ADMISSION)).unwrap();
    let shut_out = |at| log.roster.shuts_out(&sample::device(), at);
    assert!(!shut_out(now), "its day has not come");
    assert!(shut_out(far));
    assert!(!shut_out(until));
}

#[test]
fn a_revoked_device_is_never_admitted_again() {
    let mut log = Log::new();
    let revocation = sample::withdrawal(Strength::Revocation);
    log.take(&by(revocation, sample::ADMINISTRATOR)).unwrap();
    let again = Membership {
        log_index: 2,
        ..sample::membership()
    };
    assert_misplaced(
        &log,
        &admission(again, sample::ADMISSION),
        "revoked for good",
    );
}

#[test]
fn a_suspended_device_can_be_admitted_again() {
    let mut log = Log::new();
    log.take(&by(suspension(), sample::ADMISSION)).unwrap();
    let again = Membership {
        log_index: 2,
        ..sample::membership()
    };
    log.take(&admission(again, sample::ADMISSION)).unwrap();
    let member = log.roster.member(&sample::device()).unwrap();
    assert!(member.withdrawal.is_none());
}

#[test]
fn one_key_is_one_device() {
    let log = Log::new();
    let twin = Membership {
        key: sample::membership().key,
        ..second()
    };
    assert_misplaced(&log, &admission(twin, sample::ADMISSION), "another device");
}

#[test]
fn nobody_can_be_withdrawn_who_was_not_admitted() {
    let log = Log::new();
    let stranger = Withdrawal {
        device: DeviceId::from_bytes([9; 8]),
        ..suspension()
    };
    assert_misplaced(&log, &by(stranger, sample::ADMISSION), "nobody of that id");
}

#[test]
fn a_head_that_commits_to_other_entries_is_a_fork() {
    let log = Log::new();
    let entry = admission(second(), sample::ADMISSION).encode();
    let good = LogHead {
        mesh: sample::mesh(),
        size: 2,
        root: [0; 32],
        time: sample::time(50),
    };
    let wrong = [
        good.clone(),
        LogHead {
            size: 3,
            ..good.clone()
        },
        LogHead {
            mesh: MeshId::from_bytes([9; 32]),
            ..good
        },
    ];
    for head in wrong {
        let head = Signed::seal(head, &sample::key(sample::ADMISSION));
        let refused = log
            .roster
            .extend(1, std::slice::from_ref(&entry), head.bytes(), &Strict);
        assert_eq!(refused.map(|_| ()), Err(ExtendError::Forked));
    }
}

#[test]
fn an_entry_of_no_form_is_refused() {
    let log = Log::new();
    for nonsense in [&b""[..], b"\x80", b"\x82\x01\x81\x41\x00"] {
        let refused = log.offer(nonsense.to_vec(), 1, sample::ADMISSION);
        assert!(refused.is_err());
    }
}

fn assert_misplaced(log: &Log, entry: &Entry, why: &str) {
    let refused = log.refuse(entry).to_string();
    assert!(refused.contains(why), "{refused}");
}
