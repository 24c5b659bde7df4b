//! The guard's place in the node: links to those who hear the same segment, and its deeds performed.

use std::collections::BTreeSet;

use super::{Deadline, Node, Output};
use crate::guard::{ALIVE, Deed, Guarded, Hearing, LOOK, SPEAK, Word, panel};
use crate::heard::{Ears, Heard};
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::message::Message;
use crate::record::Flags;
use crate::statement::Statement;
use crate::time::{Instant, Now};

impl Node {
    /// Devices without a node that this one hears or was told of, and who guards them.
    pub fn guarded(&self) -> impl Iterator<Item = Guarded<'_>> {
        self.guard.guarded()
    }

    /// With what this node listens, and what it cannot hear; `None` where it does not listen.
    pub const fn ears(&self) -> Option<&Ears> {
        self.guard.ears()
    }

    /// Members who hear one of the segments that this node hears.
    pub fn co_hearers(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.guard.co_hearers()
    }

    pub(super) fn hearing(&mut self, hearing: Hearing, now: Now) {
        if !self.guard.listens() {
            self.deadlines.set(Deadline::Guard, now.monotonic);
            self.deadlines.hasten(Deadline::Links, now.monotonic);
        }
        self.guard.hear(hearing, now);
    }

    pub(super) fn told_by(&mut self, from: PeerKey, word: Word, now: Now, out: &mut Vec<Output>) {
        let Some(member) = self.device(from) else {
            return self.misbehaved(from, "only members hear devices", out);
        };
        // Whoever hears nothing itself cannot tell who is near.
        if self.guard.listens() {
            self.guard.told(member, word, now);
        }
    }

    pub(super) fn guard_due(&mut self, now: Now, out: &mut Vec<Output>) {
        self.deadlines.set(Deadline::Guard, now.monotonic + LOOK);
        // What cannot be written down yet is looked at when it can.
        if !self.report.may_sign() {
            return;
        }
        self.links.clock_is(now.monotonic);
        let living = self.living(now.monotonic);
        self.greet(out);
        for deed in self.guard.look(&living, now) {
            match deed {
                Deed::Call {
                    mac,
                    address,
                    means,
                    ports,
                } => out.push(Output::Call {
                    mac,
                    address,
                    means,
                    ports,
                }),
                Deed::Say(heard) => self.say_heard(&heard, now, out),
                Deed::Tell { to, word } => self.tell(to, word, out),
            }
        }
        self.speak(now.monotonic, out);
    }

    /// Those whom this node dials to share the guard with: of all who are near, the panel, if it belongs to it.
    pub(super) fn guard_wants(&self) -> Vec<PeerKey> {
        if !self.guard.listens() {
            return Vec::new();
        }
        let near = self.links.nearby().filter_map(|peer| self.device(peer));
        let near: BTreeSet<DeviceId> = near.chain(self.guard.co_hearers()).collect();
        let me = self.identity.device;
        let panel = panel(
            near.into_iter()
                .chain([me])
                .filter(|one| self.may_guard(one)),
        );
        if !panel.contains(&me) {
            return Vec::new();
        }
        let others = panel.iter().filter(|one| **one != me);
        others.filter_map(|device| self.peer(device)).collect()
    }

    fn may_guard(&self, device: &DeviceId) -> bool {
        *device == self.identity.device || !self.silence.down().contains(device)
    }

    /// Members with whom there is a link on which something came lately, and whom nobody holds to be down.
    fn living(&self, now: Instant) -> BTreeSet<DeviceId> {
        let fresh = self.links.up().filter(|peer| {
            let heard = self.links.last_heard(*peer);
            heard.is_some_and(|heard| now.since(heard) < ALIVE)
        });
        let members = fresh.filter_map(|peer| self.device(peer));
        members.filter(|device| self.may_guard(device)).collect()
    }

    /// Tells whoever has a new link which hardware is this node's.
    fn greet(&mut self, out: &mut Vec<Output>) {
        let links = self.links.up().filter_map(|peer| {
            let (since, _) = self.links.stands(peer)?;
            Some((peer, self.device(peer)?, since))
        });
        let links: Vec<_> = links.collect();
        self.greeted.retain(|peer, _| self.links.is_up(*peer));
        for (to, member, since) in links {
            if self.greeted.insert(to, since) != Some(since) {
                self.guard.meets(&member);
                let word = self.guard.greeting();
                out.push(Output::Send {
                    to,
                    message: Message::Hearing { word },
                });
            }
        }
    }

    fn tell(&mut self, to: DeviceId, word: Word, out: &mut Vec<Output>) {
        if let Some(to) = self.peer(&to) {
            self.links.spoke(to);
            out.push(Output::Send {
                to,
                message: Message::Hearing { word },
            });
        }
    }

    /// Whoever shares the guard has to know that this node is there; what else is said on the link tells it as well.
    fn speak(&mut self, now: Instant, out: &mut Vec<Output>) {
        let co_hearers: Vec<DeviceId> = self.guard.co_hearers().collect();
        for device in co_hearers {
            let stands = self.peer(&device).and_then(|peer| self.links.stands(peer));
            if stands.is_some_and(|(_, spoke)| now.since(spoke) >= SPEAK) {
                let word = self.guard.greeting();
                self.tell(device, word, out);
            }
        }
    }

    fn say_heard(&mut self, heard: &Heard, now: Now, out: &mut Vec<Output>) {
        let statement = Statement::Heard(heard.clone());
        if self.record(statement, Flags::NONE, now, out).is_some()
            && let Some(position) = self.report.newest()
        {
            self.guard.said(heard, position);
        }
    }
}
