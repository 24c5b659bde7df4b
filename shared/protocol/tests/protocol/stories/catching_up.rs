//! Catching up with the identity log: page by page, from whoever has shown more, whatever liars send.

use protocol::id::DeviceId;
use protocol::key::{PeerKey, SecretKey, Signer as _};
use protocol::ledger::{Entry, LogHead};
use protocol::limits;
use protocol::membership::Membership;
use protocol::message::Message;
use protocol::node::{Input, Notice, Parting};
use protocol::signed::Signed;

use crate::rig::{Member, Mesh};
use crate::samples as sample;

const WHAT: &str = "an identity log that does not check";

/// A mesh of two; the second of them lies to the first, with heads that the admission key did sign.
struct Liar {
    mesh: Mesh,
    peer: PeerKey,
    size: u64,
}

impl Liar {
    fn new() -> Self {
        let mesh = Mesh::of(2);
        Self {
            peer: mesh.members[1].peer(),
            size: mesh.members[0].roster.size(),
            mesh,
        }
    }

    fn say(&mut self, message: Message) {
        let from = self.peer;
        self.mesh.tell(0, Input::Frame { from, message });
    }

    /// Shows a head over so many more entries.
    fn show(&mut self, more: u64) {
        let head = LogHead {
            mesh: sample::mesh(),
            size: self.size + more,
            root: [7; 32],
            time: self.mesh.wall(),
        };
        let head = Signed::seal(head, &sample::key(sample::ADMISSION));
        self.say(Message::LogGrown {
            head: head.bytes().to_vec().into(),
        });
    }

    /// Sends a page of entries that this key has signed, without a head.
    fn send(&mut self, from: u64, signer: u8, number: usize) {
        let entries = (from..).take(number).map(|index| {
            let entry = Entry::admission(&Signed::seal(stranger(index), &sample::key(signer)));
            entry.encode().into()
        });
        let entries = entries.collect();
        self.say(Message::LogEntries {
            from,
            entries,
            head: None,
        });
    }

    fn requests(&self) -> usize {
        let honest = self.mesh.members[0].peer();
        self.mesh.count(honest, self.peer, "log_request")
    }

    fn is_caught(&self) -> bool {
        let (member, peer) = (&self.mesh.members[0], self.peer);
        let noticed = Notice::Misbehaviour { peer, what: WHAT };
        member.notices.contains(&noticed) && member.partings.contains(&(peer, Parting::Misbehaved))
    }
}

fn stranger(index: u64) -> Membership {
    let mut seed = [0x55; 32];
    seed[..8].copy_from_slice(&index.to_be_bytes());
    Membership {
        device: DeviceId::from_bytes(index.to_be_bytes()),
        key: SecretKey::from_seed(&seed).public(),
        log_index: index,
        ..sample::membership()
    }
}

/// A member could make a node hold a million entries before the first of them was looked at.
#[test]
fn entries_that_nobody_with_the_right_has_signed_end_the_fetch_with_their_page() {
    let mut liar = Liar::new();
    liar.show(500_000);
    let before = liar.requests();
    liar.send(liar.size, sample::DEVICE, limits::ENTRIES_PER_FRAME);
    assert!(liar.is_caught());
    assert_eq!(liar.requests(), before, "it is asked for nothing more");
    assert_eq!(liar.mesh.members[0].roster.size(), liar.size);
}

#[test]
fn no_more_is_held_than_the_admission_key_has_signed_for() {
    let mut liar = Liar::new();
    let page = limits::ENTRIES_PER_FRAME;
    liar.show(page as u64 + 1);
    liar.send(liar.size, sample::ADMISSION, page);
    assert!(!liar.is_caught(), "so far a head has been shown for them");
    liar.send(liar.size + page as u64, sample::ADMISSION, page);
    assert!(liar.is_caught());
    assert_eq!(liar.mesh.members[0].roster.size(), liar.size);
}

#[test]
fn a_log_that_drips_is_not_waited_for() {
    let mut liar = Liar::new();
    liar.show(500_000);
    liar.send(liar.size, sample::ADMISSION, 1);
    let before = liar.requests();
    liar.send(liar.size + 1, sample::ADMISSION, limits::ENTRIES_PER_FRAME);
    assert_eq!(
        liar.requests(),
        before,
        "the fetch ended with the short page"
    );
}

#[test]
fn a_claim_without_a_head_is_not_followed() {
    let mut liar = Liar::new();
    let before = liar.requests();
    liar.say(Message::Hello {
        log_size: 900_000,
        head: None,
    });
    assert_eq!(liar.requests(), before);
}

#[test]
fn whoever_falls_silent_in_the_middle_is_replaced_by_the_next_that_has_more() {
    let mut mesh = Mesh::of(4);
    let size = mesh.members[0].roster.size();
    let (behind, mute) = (mesh.members[0].peer(), mesh.members[1].peer());
    mesh.cut(behind);
    mesh.run(1);
    mesh.join();
    mesh.run(5);
    let others: Vec<_> = mesh.members[2..].iter().map(Member::peer).collect();
    for peer in others {
        mesh.block(behind, peer);
    }
    mesh.block(behind, mesh.hub.peer());
    mesh.losing.insert((mute, behind, "log_entries"));
    mesh.mend(behind);
    mesh.connect(behind, mute);
    mesh.run(1);
    assert_eq!(
        mesh.members[0].roster.size(),
        size,
        "it waits for the mute one"
    );
    let other = mesh.members[2].peer();
    mesh.unblock(behind, other);
    mesh.connect(behind, other);
    mesh.run(1);
    assert_eq!(
        mesh.members[0].roster.size(),
        size,
        "one is asked at a time"
    );
    mesh.run(3);
    assert_eq!(mesh.members[0].roster.size(), size + 1);
    assert!(!mesh.members[0].partings.contains(&(mute, Parting::Quiet)));
}
