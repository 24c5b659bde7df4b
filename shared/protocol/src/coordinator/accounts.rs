//! The two halves of each link's account, put beside each other as they are collected.

use std::collections::BTreeMap;

use super::save::Save;
use super::{Coordinator, Event, Output};
use crate::accounts::{Account, Accounts, Difference, Observation, Received, Total, difference};
use crate::id::DeviceId;
use crate::limits;
use crate::record::{Head, Position};
use crate::time::Now;

/// Marks of one sender to one receiver that are remembered: the receiver tells of the last two that it got.
const MARKS: usize = 4;

/// What has no counterpart yet, and what each counterpart is compared with.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// By sender: what its marks said to each receiver.
    said: BTreeMap<DeviceId, BTreeMap<DeviceId, Marks>>,
    /// By receiver: what it counted from each sender, and waits for that one's word.
    counted: BTreeMap<DeviceId, BTreeMap<DeviceId, Received>>,
}

/// The newest marks of one direction of a link, by their numbers.
#[derive(Debug, Default)]
struct Marks(BTreeMap<Position, Total>);

impl Books {
    fn say(&mut self, sender: DeviceId, receiver: DeviceId, number: Position, sent: Total) {
        let of = self.said.entry(sender).or_default();
        make_room(of, &receiver, Marks::newest);
        let marks = &mut of.entry(receiver).or_default().0;
        marks.insert(number, sent);
        if marks.len() > MARKS {
            marks.pop_first();
        }
    }

    fn count(&mut self, receiver: DeviceId, sender: DeviceId, received: Received) {
        let of = self.counted.entry(receiver).or_default();
        make_room(of, &sender, |received| received.to);
        of.insert(sender, received);
    }

    /// What both ends said of the same frames, once both have.
    fn settle(&mut self, sender: &DeviceId, receiver: &DeviceId) -> Option<(Total, Received)> {
        let counted = self.counted.get_mut(receiver)?;
        let received = *counted.get(sender)?;
        let marks = &self.said.get(sender)?.get(receiver)?.0;
        let (from, to) = (marks.get(&received.from)?, marks.get(&received.to)?);
        counted.remove(sender);
        // A total that falls within one life is another count than was ever said.
        Some((to.since(*from).unwrap_or_default(), received))
    }
}

impl Marks {
    fn newest(&self) -> Position {
        self.0.keys().next_back().copied().unwrap_or_default()
    }
}

/// Of too many links of one device that with the oldest word is forgotten.
fn make_room<T>(of: &mut BTreeMap<DeviceId, T>, fresh: &DeviceId, newest: impl Fn(&T) -> Position) {
    if of.len() < limits::ACCOUNTS_OPEN || of.contains_key(fresh) {
        return;
    }
    let oldest = of.iter().min_by_key(|(_, entry)| newest(entry));
    if let Some(oldest) = oldest.map(|(device, _)| *device) {
        of.remove(&oldest);
    }
}

impl Coordinator {
    /// A device speaks of its own ends only: a liar can put itself beside its neighbours, and nobody else.
    pub(super) fn take_accounts(
        &mut self,
        head: &Head,
        accounts: &Accounts,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let device = head.device;
        let own = accounts.number.incarnation == head.position.incarnation;
        if !accounts.is_well_formed() || !own {
            return out.push(Output::Event(Event::Misbehaviour {
                device: Some(device),
                what: "accounts that have no form",
            }));
        }
        for account in &accounts.links {
            let peer = account.peer;
            if peer == device || self.roster.member(&peer).is_none() {
                continue;
            }
            self.note_account(device, accounts.number, account);
            self.compare_ends(device, peer, now, out);
            self.compare_ends(peer, device, now, out);
        }
    }

    fn note_account(&mut self, device: DeviceId, number: Position, account: &Account) {
        if let Some(sent) = account.sent {
            self.books.say(device, account.peer, number, sent);
        }
        if let Some(received) = account.received {
            self.books.count(device, account.peer, received);
        }
    }

    fn compare_ends(
        &mut self,
        sender: DeviceId,
        receiver: DeviceId,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some((said, received)) = self.books.settle(&sender, &receiver) else {
            return;
        };
        let told = (said != received.said).then_some(Difference::Told);
        let between = || difference(said, received.counted, received.breaks);
        let Some(difference) = told.or_else(between) else {
            return;
        };
        let observation = Observation {
            sender,
            receiver,
            difference,
            said,
            counted: received.counted,
            at: now.wall,
        };
        out.push(Output::Save(Save::Observation(observation)));
        out.push(Output::Event(Event::Observed(observation)));
    }
}
