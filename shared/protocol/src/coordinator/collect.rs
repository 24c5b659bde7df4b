//! Collection: every record of every device, in order, once, and acknowledged when it is stored.

use std::time::Duration;

use super::convict::Harmony;
use super::save::{Brought, Collected, Link, Save};
use super::{Coordinator, Event, Output};
use crate::heads::Judged;
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::message::{Last, Message};
use crate::record::{Flags, Head, Position, Record};
use crate::signed::{Signed, Unchecked};
use crate::statement::Statement;
use crate::time::{Instant, Now};

/// Of one burst of records that lie ahead, one is answered within this time.
const BURST: Duration = Duration::from_secs(1);
/// A node that was told so often where its records end, and begins with the same record again,
/// does not have what is missing.
const TELLINGS: u8 = 3;

/// What a device was told about where its records end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    at: Instant,
    /// The record that lay ahead.
    ahead: Position,
    times: u8,
}

/// Where a record belongs, by its position and by what is stored.
enum Place {
    Next(Link),
    /// Stored before: acknowledged again.
    Known,
    /// Something before it is missing here.
    Ahead,
    /// It contradicts what is stored: its chain is broken.
    Broken,
}

impl Coordinator {
    pub(super) fn collect(
        &mut self,
        device: DeviceId,
        from: PeerKey,
        record: Record,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(head) = self.check(device, &record) else {
            let what = "a record that does not check";
            out.push(Output::Event(Event::Misbehaviour {
                device: Some(device),
                what,
            }));
            return;
        };
        let Some(last) = self.devices.get(&device).map(|known| known.last) else {
            return;
        };
        let before = self
            .devices
            .get(&device)
            .map(|known| known.heads.judge(&head));
        if self.take_head(&head, Brought::Found, now, out) == Harmony::Broken {
            return;
        }
        match place(last, &head) {
            Place::Next(link) => self.take(device, from, record, &head, link, now, out),
            Place::Known => {
                if before != Some(Judged::Known) {
                    self.recall(&head, head.position, out);
                }
                let position = last.map_or(head.position, |last| last.position);
                out.push(Output::Ack { to: from, position });
            }
            // Whoever wipes itself keeps nothing that could be asked for again.
            Place::Ahead if self.is_last_word(&head) || self.is_lost(device, head.position) => {
                self.take(device, from, record, &head, Link::Gap, now, out);
            }
            Place::Ahead => self.retell(device, from, last, head.position, now, out),
            Place::Broken => {
                if let Some(last) = last {
                    self.recall(&head, last.position, out);
                }
                let what = "a record that breaks its own chain";
                out.push(Output::Event(Event::Misbehaviour {
                    device: Some(device),
                    what,
                }));
            }
        }
    }

    fn check(&self, device: DeviceId, record: &Record) -> Option<Signed<Head>> {
        let key = &self.roster.member(&device)?.membership.key;
        let unchecked = Unchecked::<Head>::parse(&record.head).ok()?;
        if unchecked.claim().device != device || unchecked.claim().body != record.body.digest() {
            return None;
        }
        unchecked.check(key, self.offices.verifier.as_ref()).ok()
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one step of the router, with everything it has learnt"
    )]
    fn take(
        &mut self,
        device: DeviceId,
        from: PeerKey,
        record: Record,
        head: &Signed<Head>,
        link: Link,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(known) = self.devices.get_mut(&device) else {
            return;
        };
        let before = known.last.map(|last| last.position.incarnation);
        known.last = Some(Last {
            position: head.position,
            digest: head.digest(),
        });
        known.attachment = head.attachment.or(known.attachment);
        let statement = record.body.open(&known.data_key).ok();
        self.returned(head, before, now, out);
        self.silence.refute(head.clone());
        self.interpret(device, head, statement.as_ref(), now, out);
        self.take_last_word(head, now, out);
        let collected = Collected {
            device,
            position: head.position,
            time: head.time,
            received: now.wall,
            digest: head.digest(),
            flags: head.flags,
            link,
            record,
            statement,
        };
        out.push(Output::Save(Save::Record(Box::new(collected))));
        out.push(Output::Ack {
            to: from,
            position: head.position,
        });
        out.push(Output::Event(Event::Collected { device }));
    }

    fn interpret(
        &mut self,
        device: DeviceId,
        head: &Signed<Head>,
        statement: Option<&Statement>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        match statement {
            Some(Statement::Reading(reading)) => {
                let signed = head.time.min(now.wall);
                self.take_sightings(device, &reading.heard, signed, now, out);
                if let Some(late_ms) = reading.late_ms {
                    let late = Duration::from_millis(u64::from(late_ms));
                    self.own_up_to_lateness(&device, late, signed);
                }
            }
            Some(Statement::Start(host)) => {
                self.no_longer_stale(&device);
                self.note_kin(device, host);
                self.note_host(device, host);
                self.resumed(device, now, out);
            }
            Some(Statement::Goodbye(_)) => self.said_goodbye(device, now, out),
            Some(Statement::Alert(alarm)) => self.alert_collected(head, alarm, out),
            Some(Statement::Accounts(accounts)) => self.take_accounts(head, accounts, now, out),
            Some(Statement::Install(step)) => {
                self.rollout_stepped(device, step, now, out);
                let step = step.clone();
                out.push(Output::Event(Event::Stepped { device, step }));
            }
            Some(Statement::Command(answer)) => {
                let answer = answer.clone();
                out.push(Output::Event(Event::Answered { device, answer }));
            }
            Some(Statement::Scan(step)) => self.scan_stepped(device, step, out),
            Some(Statement::Countersigned(word)) => self.audit_countersigned(device, *word, out),
            Some(Statement::Settings(obeyed)) => self.said_to_obey(device, *obeyed, out),
            Some(
                Statement::Present
                | Statement::Heard(_)
                | Statement::Flows(_)
                | Statement::Unknown { .. },
            )
            | None => {}
        }
    }

    /// Whether what lies before a record is gone for good: the coordinator has lost what it had
    /// acknowledged, and the node has dropped it since.
    fn is_lost(&self, device: DeviceId, ahead: Position) -> bool {
        let told = self.devices.get(&device).and_then(|known| known.told);
        told.is_some_and(|told| told.ahead == ahead && told.times >= TELLINGS)
    }

    /// Says where the records end; the node then begins again with the first that it has after that.
    fn retell(
        &mut self,
        device: DeviceId,
        to: PeerKey,
        last: Option<Last>,
        ahead: Position,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(known) = self.devices.get_mut(&device) else {
            return;
        };
        let same = known.told.filter(|told| told.ahead == ahead);
        let burst = known
            .told
            .is_some_and(|told| told.ahead < ahead && now.monotonic.since(told.at) < BURST);
        if !burst {
            known.told = Some(Told {
                at: now.monotonic,
                ahead,
                times: same.map_or(1, |told| told.times + 1),
            });
            out.push(Output::Send {
                to,
                message: Message::Standing { last },
            });
        }
    }
}

fn place(last: Option<Last>, head: &Head) -> Place {
    let Some(last) = last else {
        let link = if head.flags.has(Flags::UNLINKED) {
            Link::Gap
        } else {
            Link::First
        };
        return if head.position.sequence == 0 {
            Place::Next(link)
        } else {
            Place::Ahead
        };
    };
    if head.position <= last.position {
        return Place::Known;
    }
    let begins = head.position == Position::first(head.position.incarnation);
    if head.position != last.position.next() && !begins {
        return Place::Ahead;
    }
    match (head.previous == last.digest, begins) {
        (true, _) => Place::Next(Link::Chained),
        (false, true) => Place::Next(Link::Gap),
        (false, false) => Place::Broken,
    }
}
