//! Everything around foca's machines: the clock, the network of datagrams, and who counts what they say.

use std::time::Duration;

use foca::{Notification, Runtime, Timer};

use super::identity::Identity;
use crate::chance::Chance;
use crate::host::HostId;
use crate::network::{Conditions, wire};
use crate::peers::schedule::{BEGINS_MS, Schedule};
use crate::peers::tally::Tally;
use crate::queue::Queue;

#[derive(Debug)]
pub(super) enum Event {
    Begin { seat: usize },
    Die { seat: usize },
    Arrive { seat: usize, datagram: Box<[u8]> },
    Due { seat: usize, timer: Timer<Identity> },
}

#[derive(Debug)]
pub(super) struct Outside {
    seed: u64,
    conditions: Conditions,
    chance: Chance,
    queue: Queue<Event>,
    now_ms: u64,
    /// Whose machine runs.
    pub(super) seat: usize,
    pub(super) tally: Tally,
    pub(super) datagrams: u64,
}

impl Outside {
    pub(super) fn new(schedule: &Schedule) -> Self {
        Self {
            seed: schedule.seed,
            conditions: schedule.conditions(),
            chance: Chance::new(schedule.seed, "datagrams"),
            queue: Queue::default(),
            now_ms: 0,
            seat: 0,
            tally: Tally::new(schedule),
            datagrams: 0,
        }
    }

    pub(super) fn plan(&mut self, at_ms: u64, event: Event) {
        self.queue.push(at_ms, event);
    }

    /// The clock moves to what happens next.
    pub(super) fn next(&mut self, until_ms: u64) -> Option<Event> {
        let (at_ms, event) = self.queue.pop_until(until_ms)?;
        self.now_ms = at_ms;
        Some(event)
    }
}

impl Runtime<Identity> for Outside {
    fn notify(&mut self, notification: Notification<'_, Identity>) {
        match notification {
            Notification::MemberDown(member) => {
                self.tally.down(self.seat, member.seat(), self.now_ms);
            }
            Notification::MemberUp(member) => self.tally.up(self.seat, member.seat()),
            _ => {}
        }
    }

    fn send_to(&mut self, to: Identity, data: &[u8]) {
        self.tally
            .sent(wire::datagram_bytes(data.len()), self.now_ms);
        self.datagrams += u64::from(self.now_ms >= BEGINS_MS);
        let (from, to) = (self.seat, to.seat());
        let base_ms = self
            .conditions
            .distance_ms(self.seed, HostId::node(from), HostId::node(to));
        if let Some(delay_ms) = self.conditions.datagram_ms(base_ms, &mut self.chance) {
            let (seat, datagram) = (to, data.into());
            self.queue
                .push(self.now_ms + delay_ms, Event::Arrive { seat, datagram });
        }
    }

    fn submit_after(&mut self, timer: Timer<Identity>, after: Duration) {
        let after_ms = u64::try_from(after.as_millis()).expect("foca's timers are hours, not ages");
        let seat = self.seat;
        self.queue
            .push(self.now_ms + after_ms, Event::Due { seat, timer });
    }
}
