//! Entries behind the identity log that the admission key signs, and nobody has asked for.

use protocol::id::DeviceId;
use protocol::key::Signer;
use protocol::ledger::{Entry, LogHead, Strength, Withdrawal};
use protocol::membership::Membership;
use protocol::merkle::Tree;
use protocol::message::Message;
use protocol::roster::Roster;
use protocol::signed::Signed;
use protocol::text::Name;
use protocol::time::Timestamp;

use crate::chance::seed_bytes;
use crate::world::World;

/// Entries in one page: a longer one is refused before it is read (`limits::ENTRIES_PER_FRAME`).
const MOST: usize = 40;

/// What is shown as if the log had grown.
#[derive(Debug)]
pub(super) struct Forgery {
    from: u64,
    entries: Vec<Vec<u8>>,
    head: Vec<u8>,
    /// Whom the entries admit, if anybody.
    pub(super) newcomer: Option<DeviceId>,
}

impl Forgery {
    /// Every so manieth member is withdrawn, as far as they fit into a page.
    pub(super) fn withdrawing(world: &World, strength: Strength, every: usize) -> Self {
        let roster = newest(world);
        let (time, thief) = (world.wall(), world.fleet().offices().admission);
        let devices = (0..world.size())
            .step_by(every)
            .map(|seat| world.device(seat));
        let entries = devices
            .take(MOST)
            .zip(roster.size()..)
            .map(|(device, log_index)| {
                let withdrawal = Withdrawal {
                    mesh: roster.charter().mesh,
                    device,
                    log_index,
                    time,
                    strength,
                    reason: Name::new("stolen").expect("a short word"),
                };
                Entry::withdrawal(&Signed::seal(withdrawal, thief.as_ref())).encode()
            });
        Self::of(roster, entries.collect(), time, thief.as_ref(), None)
    }

    /// A device with a key of the thief's is admitted.
    pub(super) fn admitting(world: &World, number: u64) -> Self {
        let roster = newest(world);
        let (fleet, thief) = (world.fleet(), world.fleet().offices().admission);
        let seed = seed_bytes(fleet.blueprint.seed, "a key of the thief", number);
        let key = fleet.blueprint.signing.signer(&seed);
        let model = roster.members().next().expect("there is a fleet");
        let device =
            DeviceId::assigned(&roster.charter().mesh, roster.size(), &roster.tree().root());
        let membership = Membership {
            device,
            log_index: roster.size(),
            key: key.public(),
            name: Name::new(format!("newcomer-{number}")).expect("a short name"),
            ..Membership::clone(&model.membership)
        };
        let entry = Entry::admission(&Signed::seal(membership, thief.as_ref())).encode();
        Self::of(
            roster,
            vec![entry],
            world.wall(),
            thief.as_ref(),
            Some(device),
        )
    }

    fn of(
        roster: &Roster,
        entries: Vec<Vec<u8>>,
        time: Timestamp,
        thief: &dyn Signer,
        newcomer: Option<DeviceId>,
    ) -> Self {
        let mut tree: Tree = roster.tree().clone();
        entries
            .iter()
            .for_each(|entry| tree.push(Entry::leaf(entry)));
        let head = LogHead {
            mesh: roster.charter().mesh,
            size: tree.size(),
            root: tree.root(),
            time,
        };
        Self {
            from: roster.size(),
            entries,
            head: Signed::seal(head, thief).bytes().to_vec(),
            newcomer,
        }
    }

    pub(super) fn head(&self) -> Message {
        Message::LogGrown {
            head: self.head.clone().into(),
        }
    }

    pub(super) fn page(&self) -> Message {
        Message::LogEntries {
            from: self.from,
            entries: self
                .entries
                .iter()
                .map(|entry| entry.clone().into())
                .collect(),
            head: Some(self.head.clone().into()),
        }
    }
}

/// The longest log that any member holds: he goes on from there.
fn newest(world: &World) -> &Roster {
    let nodes = (0..world.size()).filter_map(|seat| world.node(seat));
    let longest = nodes.max_by_key(|node| node.roster().size());
    longest.expect("somebody runs").roster()
}
