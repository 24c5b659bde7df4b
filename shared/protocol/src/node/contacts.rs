//! Where others are: signed contacts, asked for, passed on, and kept for the next start.

use minicbor::bytes::ByteVec;

use super::links::Heard;
use super::save::{Memory, Save};
use super::{Deadline, Node, Output};
use crate::contact::Contact;
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::signed::{Signed, Unchecked};
use crate::text::Path;
use crate::time::Now;

impl Node {
    /// The node's own contact, told to everybody it has a link to.
    pub(super) fn listening(&mut self, mut addresses: Vec<Path>, now: Now, out: &mut Vec<Output>) {
        addresses.truncate(limits::ADDRESSES);
        let contact = Contact {
            device: self.identity.device,
            time: now.wall,
            addresses,
        };
        let own = Signed::seal(contact, self.identity.signer.as_ref());
        for peer in self.links.up() {
            let contacts = vec![own.bytes().to_vec().into()];
            out.push(Output::Send {
                to: peer,
                message: Message::Contacts { contacts },
            });
        }
        self.links.own = Some(own);
    }

    /// Asks the coordinator, and from the second time on a neighbour as well, each time another: a link may stand
    /// long after its other end is gone, and no neighbour knows everybody.
    pub(super) fn ask_for_contacts(&mut self, out: &mut Vec<Output>) {
        let missing: Vec<DeviceId> = self
            .wanted()
            .into_iter()
            .filter(|peer| !self.links.is_up(*peer))
            .filter_map(|peer| self.device(peer))
            .take(limits::CONTACTS_PER_FRAME)
            .collect();
        if missing.is_empty() {
            return;
        }
        let coordinator = Some(self.coordinator()).filter(|peer| self.links.is_up(*peer));
        let neighbour = self
            .neighbour_in_turn()
            .filter(|_| coordinator.is_none() || self.links.asked > 0);
        for to in coordinator.into_iter().chain(neighbour) {
            let devices = missing.clone();
            out.push(Output::Send {
                to,
                message: Message::ContactRequest { devices },
            });
        }
    }

    fn neighbour_in_turn(&mut self) -> Option<PeerKey> {
        let linked: Vec<PeerKey> = self.links.up().collect();
        let there = |peer: &PeerKey| {
            let device = self.device(*peer);
            device.is_some_and(|device| !self.silence.down().contains(&device))
        };
        let there: Vec<PeerKey> = linked.into_iter().filter(there).collect();
        self.links.turn = self.links.turn.wrapping_add(1);
        let turn = self.links.turn as usize;
        (!there.is_empty()).then(|| there[turn % there.len()])
    }

    pub(super) fn contacts_requested(
        &self,
        from: PeerKey,
        devices: &[DeviceId],
        out: &mut Vec<Output>,
    ) {
        let known = devices
            .iter()
            .filter_map(|device| self.links.contacts.get(device));
        let contacts: Vec<_> = known
            .map(|contact| contact.bytes().to_vec().into())
            .collect();
        if !contacts.is_empty() {
            out.push(Output::Send {
                to: from,
                message: Message::Contacts { contacts },
            });
        }
    }

    pub(super) fn contacts_received(
        &mut self,
        contacts: &[ByteVec],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        for bytes in contacts {
            let Some(contact) = self.open_contact(bytes) else {
                continue;
            };
            let (device, envelope) = (contact.device, contact.bytes().to_vec());
            // What was known already is no reason to look again: asking would have no end.
            if self.links.remember(contact) == Heard::News {
                self.links.asked = 0;
                self.deadlines.hasten(Deadline::Links, now.monotonic);
                self.keep_contact(device, envelope, out);
            }
        }
    }

    /// Written down are those that this node dials: the others dial it.
    fn keep_contact(&self, device: DeviceId, contact: Vec<u8>, out: &mut Vec<Output>) {
        let peer = self.peer(&device);
        if peer.is_some_and(|peer| self.wanted().contains(&peer)) {
            out.push(Output::Save(Save::Contact { device, contact }));
        }
    }

    /// Takes up what the journal kept; it is checked like everything that comes from outside.
    pub(super) fn recall_contacts(&mut self, memory: &Memory) {
        for bytes in memory.contacts.values() {
            if let Some(contact) = self.open_contact(bytes) {
                self.links.remember(contact);
            }
        }
    }

    /// Contacts of strangers and unsigned ones are passed over: they are hints, not evidence.
    fn open_contact(&self, bytes: &[u8]) -> Option<Signed<Contact>> {
        let unchecked = Unchecked::<Contact>::parse(bytes).ok()?;
        let member = self.ledger.roster().member(&unchecked.claim().device)?;
        let contact = unchecked
            .check(&member.membership.key, self.identity.verifier.as_ref())
            .ok()?;
        (!contact.is_oversize()).then_some(contact)
    }
}
