//! Links: dialled, judged by both sides as the mesh judges them, broken.

use protocol::coordinator;
use protocol::key::{PeerKey, Strict};
use protocol::node;
use protocol::refusal::Refusal;
use protocol::roster::Admitted;

use super::{Event, LATENCY, Mesh, ends};

impl Mesh {
    /// Takes a party off the network; its links break.
    pub fn cut(&mut self, peer: PeerKey) {
        self.cut.insert(peer);
        for other in self.linked(peer) {
            self.part(peer, other);
        }
    }

    pub fn mend(&mut self, peer: PeerKey) {
        self.cut.remove(&peer);
    }

    /// Takes the way between two parties away.
    pub fn block(&mut self, one: PeerKey, other: PeerKey) {
        self.blocked.insert(ends(one, other));
        self.part(one, other);
    }

    pub fn unblock(&mut self, one: PeerKey, other: PeerKey) {
        self.blocked.remove(&ends(one, other));
    }

    pub fn is_linked(&self, one: PeerKey, other: PeerKey) -> bool {
        self.links.contains_key(&ends(one, other))
    }

    /// Everybody to whom a party has a link.
    pub fn linked(&self, peer: PeerKey) -> Vec<PeerKey> {
        self.links
            .keys()
            .filter_map(|&(one, other)| match peer {
                _ if peer == one => Some(other),
                _ if peer == other => Some(one),
                _ => None,
            })
            .collect()
    }

    /// Ends a link; both sides hear of it.
    pub fn part(&mut self, one: PeerKey, other: PeerKey) {
        if self.links.remove(&ends(one, other)).is_some() {
            self.later(
                0,
                Event::LinkDown {
                    at: one,
                    peer: other,
                },
            );
            self.later(
                0,
                Event::LinkDown {
                    at: other,
                    peer: one,
                },
            );
        }
    }

    /// Somebody dials somebody, whatever their machines want.
    pub fn connect(&mut self, from: PeerKey, to: PeerKey) {
        self.later(LATENCY, Event::Dial { from, to });
    }

    /// What `by` says of `peer` at its door at this moment.
    pub fn judge(&self, by: PeerKey, peer: PeerKey) -> Result<Admitted, Refusal> {
        let shown = self.credentials(peer);
        if by == self.hub.peer() {
            self.hub
                .roster
                .admit_at_coordinator(peer, &shown, self.wall(), &Strict)
        } else {
            let index = self.index(by).expect("it is a member");
            let now = self.now_of(index).wall;
            self.members[index]
                .roster
                .admit_peer(peer, &shown, now, &Strict)
        }
    }

    pub(super) fn dial(&mut self, from: PeerKey, to: PeerKey) {
        if self.is_linked(from, to) {
            return;
        }
        let running = self.is_running(from) && self.is_running(to);
        let away = self.cut.contains(&from) || self.cut.contains(&to);
        if !running || away || self.blocked.contains(&ends(from, to)) {
            return self.later(LATENCY, Event::LinkDown { at: from, peer: to });
        }
        let verdicts = [(to, from), (from, to)].map(|(by, of)| (by, of, self.judge(by, of)));
        let mut welcome = true;
        for (by, of, verdict) in verdicts {
            if let Err(refusal) = verdict {
                self.refusals.push((by, of, refusal));
                self.show_order(by, of);
                welcome = false;
            }
        }
        if !welcome {
            return self.later(LATENCY, Event::LinkDown { at: from, peer: to });
        }
        self.made += 1;
        self.links.insert(ends(from, to), self.made);
        self.later(0, Event::LinkUp { at: to, peer: from });
        self.later(0, Event::LinkUp { at: from, peer: to });
    }

    /// Whoever turns a device away shows it the order that it has, as the mesh does.
    fn show_order(&mut self, by: PeerKey, of: PeerKey) {
        let roster = match self.index(by) {
            Some(index) => &self.members[index].roster,
            None => &self.hub.roster,
        };
        if let Some(order) = roster.order_for(of) {
            let order = order.encode();
            self.later(LATENCY, Event::Ordered { at: of, by, order });
        }
    }

    pub(super) fn link_changed(&mut self, at: PeerKey, peer: PeerKey, up: bool) {
        if at == self.hub.peer() {
            return self.tell_hub(if up {
                coordinator::Input::LinkUp { peer }
            } else {
                coordinator::Input::LinkDown { peer }
            });
        }
        if let Some(index) = self.index(at) {
            self.tell(
                index,
                if up {
                    node::Input::LinkUp { peer }
                } else {
                    node::Input::LinkDown { peer }
                },
            );
        }
    }

    pub fn credentials(&self, peer: PeerKey) -> Vec<u8> {
        if peer == self.hub.peer() {
            return protocol::roster::Credentials::Coordinator.encode();
        }
        let index = self.index(peer).expect("it is a member");
        self.members[index].credentials()
    }

    fn is_running(&self, peer: PeerKey) -> bool {
        if peer == self.hub.peer() {
            return self.hub.machine.is_some();
        }
        self.index(peer)
            .is_some_and(|index| self.members[index].machine.is_some())
    }
}
