//! Links like TCP between the hosts of a world: in order, delayed, lossy, cut and healed.

mod line;
mod link;
pub mod rates;
pub mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::chance::Chance;
use crate::host::HostId;
use crate::world::Line;
pub use line::{Conditions, Loss};
use link::{Link, Slab};
pub use link::{LinkId, Parcel, Side};

/// Frames that may wait on one link in one direction: what the shell's outbox holds.
const QUEUED_FRAMES: usize = 256;
/// How long a dial waits for a host that does not answer.
const CONNECT_TIMEOUT_MS: u64 = 5_000;
/// One-way delays until both sides have admitted each other: TCP, Noise, credentials.
const HANDSHAKE_LEGS: u64 = 3;

/// Everything between the hosts.
#[derive(Debug)]
pub struct Network {
    seed: u64,
    conditions: Conditions,
    chance: Chance,
    hosts: Vec<Port>,
    links: Slab,
    dropped: u64,
}

/// One host's end of the network.
#[derive(Debug, Default)]
struct Port {
    powered: bool,
    /// Hosts reach each other when they are on the same island.
    island: u32,
    /// Whether the way to the coordinator is cut.
    severed: bool,
    /// The links that stand in this host's view.
    view: BTreeMap<HostId, LinkId>,
    dialling: BTreeSet<HostId>,
    /// Links that a power cut left standing at their other ends.
    orphans: Vec<LinkId>,
    sent_bytes: u64,
    /// Of these, those of bare acknowledgements.
    acknowledgement_bytes: u64,
}

/// Something on its way that reaches one end of a link.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub at_ms: u64,
    pub link: LinkId,
    pub to: Side,
    pub parcel: Parcel,
}

/// What a parcel is for the host that it reaches.
#[derive(Debug)]
pub enum Arrived {
    Frame {
        to: HostId,
        from: HostId,
        frame: Rc<[u8]>,
    },
    /// The link ended at this host as well.
    Closed { host: HostId, peer: HostId },
    /// It waits, or nobody wants it.
    Nothing,
}

/// How a dial that has begun will end, unless something changes meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialled {
    Answered { at_ms: u64 },
    Unanswered { at_ms: u64 },
}

/// How a host goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Downfall {
    /// The program ends; the system closes its links.
    Process,
    /// Nobody is told anything.
    Power,
}

impl Network {
    pub fn new(hosts: usize, seed: u64, conditions: Conditions) -> Self {
        Self {
            seed,
            conditions,
            chance: Chance::new(seed, "network"),
            hosts: (0..hosts).map(|_| Port::default()).collect(),
            links: Slab::default(),
            dropped: 0,
        }
    }

    /// From here on these conditions hold.
    pub fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    pub fn sent_bytes(&self, host: HostId) -> u64 {
        self.hosts[host.index()].sent_bytes
    }

    pub fn acknowledgement_bytes(&self, host: HostId) -> u64 {
        self.hosts[host.index()].acknowledgement_bytes
    }

    /// Frames that a full queue turned away.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    pub fn stands(&self, host: HostId, peer: HostId) -> bool {
        self.hosts[host.index()].view.contains_key(&peer)
    }

    /// Begins a dial; `None` if a link stands or is being made.
    pub fn dial(&mut self, from: HostId, to: HostId, now_ms: u64) -> Option<Dialled> {
        let port = &mut self.hosts[from.index()];
        if from == to || port.view.contains_key(&to) || !port.dialling.insert(to) {
            return None;
        }
        if !self.is_reachable(from, to) {
            self.hosts[from.index()].sent_bytes += wire::UNANSWERED_BYTES;
            return Some(Dialled::Unanswered {
                at_ms: now_ms + CONNECT_TIMEOUT_MS,
            });
        }
        self.hosts[from.index()].sent_bytes += wire::HANDSHAKE_BYTES;
        let leg = self
            .conditions
            .one_way_ms(self.base_ms(from, to), &mut self.chance);
        let took_ms = HANDSHAKE_LEGS * leg;
        // Whoever loses so much that it takes longer gives up, as against a host that is not there.
        Some(if took_ms < CONNECT_TIMEOUT_MS {
            Dialled::Answered {
                at_ms: now_ms + took_ms,
            }
        } else {
            Dialled::Unanswered {
                at_ms: now_ms + CONNECT_TIMEOUT_MS,
            }
        })
    }

    /// Ends a dial. Says whether both hosts still reach each other and no link stands meanwhile.
    pub fn end_dial(&mut self, from: HostId, to: HostId) -> bool {
        self.hosts[from.index()].dialling.remove(&to);
        self.is_reachable(from, to) && !self.stands(from, to)
    }

    /// Makes a link. The listener may still have an old one, which the dialler has lost: it ends.
    pub fn join(&mut self, dialler: HostId, listener: HostId) -> Option<Arrived> {
        let old = self.hosts[listener.index()].view.remove(&dialler);
        let replaced = old.map(|old| {
            self.links.free(old);
            Arrived::Closed {
                host: listener,
                peer: dialler,
            }
        });
        self.hosts[listener.index()].sent_bytes += wire::HANDSHAKE_BYTES;
        let link = self.links.insert(Link::new(
            dialler,
            listener,
            self.base_ms(dialler, listener),
        ));
        self.hosts[dialler.index()].view.insert(listener, link);
        self.hosts[listener.index()].view.insert(dialler, link);
        replaced
    }

    /// Sends a frame, and says what that costs on the wire; `None` if no link stands or its queue is full.
    pub fn send(
        &mut self,
        from: HostId,
        to: HostId,
        frame: &Rc<[u8]>,
        now_ms: u64,
    ) -> Option<Arrival> {
        let id = *self.hosts[from.index()].view.get(&to)?;
        let link = self.links.get_mut(id)?;
        let side = link.side_of(to);
        let lane = link.lane_mut(side);
        if lane.waiting >= QUEUED_FRAMES {
            self.dropped += 1;
            return None;
        }
        lane.waiting += 1;
        let frame = lane.shorten(frame);
        let (at_ms, tries) = lane.pass(&self.conditions, &mut self.chance, now_ms);
        self.hosts[from.index()].sent_bytes += wire::frame_bytes(frame.len()) * tries;
        Some(Arrival {
            at_ms,
            link: id,
            to: side,
            parcel: Parcel::Frame(frame),
        })
    }

    /// Something reaches its end, or waits there until the cut heals.
    pub fn arrive(&mut self, id: LinkId, to: Side, parcel: Parcel) -> Arrived {
        let Some(link) = self.links.get_mut(id) else {
            return Arrived::Nothing;
        };
        let passes = passes(&self.hosts, link.host(to.other()), link.host(to));
        let lane = link.lane_mut(to);
        if !passes || !lane.stalled.is_empty() {
            lane.stalled.push_back(parcel);
            return Arrived::Nothing;
        }
        self.deliver(id, to, parcel)
    }

    /// After a heal: everything that waits at this end, in order.
    pub fn flush(&mut self, id: LinkId, to: Side) -> Vec<Parcel> {
        let Some(link) = self.links.get_mut(id) else {
            return Vec::new();
        };
        if !passes(&self.hosts, link.host(to.other()), link.host(to)) {
            return Vec::new();
        }
        link.lane_mut(to).stalled.drain(..).collect()
    }

    pub fn deliver(&mut self, id: LinkId, to: Side, parcel: Parcel) -> Arrived {
        let Some(link) = self.links.get_mut(id) else {
            return Arrived::Nothing;
        };
        let (host, peer) = (link.host(to), link.host(to.other()));
        match parcel {
            Parcel::Frame(frame) => {
                let lane = link.lane_mut(to);
                lane.waiting = lane.waiting.saturating_sub(1);
                if !link.is_up(to) {
                    return Arrived::Nothing;
                }
                let Some(frame) = link.lane_mut(to).restore(frame) else {
                    return Arrived::Nothing;
                };
                let port = &mut self.hosts[host.index()];
                port.sent_bytes += wire::ACKNOWLEDGEMENT_BYTES;
                port.acknowledgement_bytes += wire::ACKNOWLEDGEMENT_BYTES;
                Arrived::Frame {
                    to: host,
                    from: peer,
                    frame,
                }
            }
            Parcel::End => {
                let was_up = self.lower(id, to);
                if was_up {
                    Arrived::Closed { host, peer }
                } else {
                    Arrived::Nothing
                }
            }
        }
    }

    /// One side closes: the other learns it behind everything that was sent before.
    pub fn close(&mut self, host: HostId, peer: HostId, now_ms: u64) -> Option<Arrival> {
        let id = *self.hosts[host.index()].view.get(&peer)?;
        let link = self.links.get_mut(id)?;
        let (own, other) = (link.side_of(host), link.side_of(peer));
        let at_ms = link
            .lane_mut(other)
            .pass(&self.conditions, &mut self.chance, now_ms)
            .0;
        self.lower(id, own);
        Some(Arrival {
            at_ms,
            link: id,
            to: other,
            parcel: Parcel::End,
        })
    }

    /// A host goes down with all its links.
    pub fn go_down(&mut self, host: HostId, downfall: Downfall, now_ms: u64) -> Vec<Arrival> {
        let peers: Vec<HostId> = self.hosts[host.index()].view.keys().copied().collect();
        let mut arrivals = Vec::new();
        for peer in peers {
            match downfall {
                Downfall::Process => arrivals.extend(self.close(host, peer, now_ms)),
                Downfall::Power => self.orphan(host, peer),
            }
        }
        self.hosts[host.index()].powered = downfall == Downfall::Process;
        self.hosts[host.index()].dialling.clear();
        arrivals
    }

    /// A host is back: whoever still believes in an old link is told when it next sends.
    pub fn come_up(&mut self, host: HostId, now_ms: u64) -> Vec<Arrival> {
        let port = &mut self.hosts[host.index()];
        port.powered = true;
        let orphans = std::mem::take(&mut port.orphans);
        let mut resets = Vec::new();
        for id in orphans {
            let Some(link) = self.links.get_mut(id) else {
                continue;
            };
            let (own, other) = (link.side_of(host), link.side_of(host).other());
            link.lane_mut(own).forget();
            let at_ms = now_ms + self.chance.within(200..=15_000);
            resets.push(Arrival {
                at_ms,
                link: id,
                to: other,
                parcel: Parcel::End,
            });
        }
        resets
    }

    /// Puts hosts on an island of their own; those of island 0 are the rest of the world.
    pub fn move_to_island(&mut self, hosts: &[HostId], island: u32) {
        for host in hosts {
            self.hosts[host.index()].island = island;
        }
    }

    /// A further host.
    pub fn add_host(&mut self) {
        self.hosts.push(Port::default());
    }

    /// Cuts or mends a host's way to the coordinator alone.
    pub fn set_uplink(&mut self, host: HostId, line: Line) {
        self.hosts[host.index()].severed = line == Line::Cut;
    }

    /// Ends of links on which something waits although both hosts reach each other, and when it passes.
    pub fn released(&mut self, now_ms: u64) -> Vec<(u64, LinkId, Side)> {
        let mut released = Vec::new();
        for (id, link) in self.links.iter_mut() {
            for side in [Side::Dialler, Side::Listener] {
                if !passes(&self.hosts, link.host(side.other()), link.host(side)) {
                    continue;
                }
                let lane = link.lane_mut(side);
                if !lane.stalled.is_empty() {
                    let at_ms = now_ms + self.chance.within(200..=5_000);
                    lane.not_before(at_ms);
                    released.push((at_ms, id, side));
                }
            }
        }
        released
    }

    fn orphan(&mut self, host: HostId, peer: HostId) {
        let Some(id) = self.hosts[host.index()].view.get(&peer).copied() else {
            return;
        };
        if let Some(link) = self.links.get_mut(id) {
            let side = link.side_of(host);
            // Nobody is left to send again what a cut holds up.
            link.lane_mut(side.other()).forget();
            self.lower(id, side);
            self.hosts[host.index()].orphans.push(id);
        }
    }

    /// One side no longer sees the link; nobody's link is freed.
    fn lower(&mut self, id: LinkId, side: Side) -> bool {
        let Some(link) = self.links.get_mut(id) else {
            return false;
        };
        let (host, peer) = (link.host(side), link.host(side.other()));
        let was_up = link.lower(side);
        let gone = !link.is_up(side.other());
        if was_up {
            self.hosts[host.index()].view.remove(&peer);
        }
        if gone {
            self.links.free(id);
        }
        was_up
    }

    fn is_reachable(&self, one: HostId, other: HostId) -> bool {
        is_reachable(&self.hosts, one, other)
    }

    fn base_ms(&self, one: HostId, other: HostId) -> u64 {
        self.conditions.distance_ms(self.seed, one, other)
    }
}

/// Whether what one host has sent reaches another: the sender may be gone meanwhile.
fn passes(hosts: &[Port], from: HostId, to: HostId) -> bool {
    hosts[to.index()].powered && is_connected(hosts, from, to)
}

fn is_reachable(hosts: &[Port], one: HostId, other: HostId) -> bool {
    let powered = |host: HostId| hosts[host.index()].powered;
    powered(one) && powered(other) && is_connected(hosts, one, other)
}

fn is_connected(hosts: &[Port], one: HostId, other: HostId) -> bool {
    let (here, there) = (&hosts[one.index()], &hosts[other.index()]);
    let severed = (other == HostId::COORDINATOR && here.severed)
        || (one == HostId::COORDINATOR && there.severed);
    here.island == there.island && !severed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Story: in bad weather a handshake was sent again for five minutes, and its device dialled nobody meanwhile.
    #[test]
    fn nobody_dials_for_longer_than_a_connection_may_take() {
        let (one, other) = (HostId::node(0), HostId::node(1));
        for seed in 0..200 {
            let mut network = Network::new(3, seed, Conditions::lossy(0.7));
            let dialled = network.dial(one, other, 1_000);
            let (Some(Dialled::Answered { at_ms }) | Some(Dialled::Unanswered { at_ms })) = dialled
            else {
                panic!("nothing stands in the way of a first dial")
            };
            assert!(at_ms <= 1_000 + CONNECT_TIMEOUT_MS, "until {at_ms} ms");
        }
    }
}
