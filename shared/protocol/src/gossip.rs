//! How evidence spreads: pushed along a tree that prunes itself, named to everybody else, asked for where it is missing.
//!
//! This is Plumtree (Leitão, Pereira, Rodrigues, SRDS 2007) over the links of the overlay. A neighbour is
//! pushed to until it says that it knew; from then on it is told names, and asks for what does not come.
//! A new link begins with the names of all that is held, so that whoever was away catches up.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::evidence::{Evidence, EvidenceId};
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::time::Instant;

/// Names that come close together travel together.
const GATHER: Duration = Duration::from_millis(400);
/// How long something that was named may take to come by itself.
const PATIENCE: Duration = Duration::from_millis(900);
/// How long an answer to a question may take before the next neighbour is asked.
const ANSWER: Duration = Duration::from_millis(1_500);

/// Evidence about silence comes in storms when many die: after one push the next ones wait for company.
const LULL: Duration = Duration::from_millis(300);
/// Bytes of evidence in one frame.
const FRAME: usize = limits::FRAME_BYTES / 4;

/// A frame to a neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    pub to: PeerKey,
    pub message: Message,
}

/// What is held, who is told how, and what is missing.
#[derive(Debug, Default)]
pub struct Gossip {
    held: BTreeMap<EvidenceId, Held>,
    /// By age.
    order: BTreeMap<u64, EvidenceId>,
    taken: u64,
    lanes: BTreeMap<PeerKey, Lane>,
    wanted: BTreeMap<EvidenceId, Wanted>,
    flush: Option<Instant>,
    /// When evidence about silence was last pushed.
    pushed: Option<Instant>,
    push: Option<Instant>,
}

#[derive(Debug)]
struct Held {
    evidence: Evidence,
    place: u64,
}

#[derive(Debug)]
struct Lane {
    mode: Mode,
    /// Names that this neighbour has not been told yet.
    names: Vec<EvidenceId>,
    /// Evidence that waits to be pushed together.
    parcel: Vec<EvidenceId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// An edge of the tree: gets evidence itself.
    Eager,
    /// Gets names.
    Lazy,
}

#[derive(Debug)]
struct Wanted {
    holders: VecDeque<PeerKey>,
    at: Instant,
}

impl Gossip {
    pub fn holds(&self, id: &EvidenceId) -> bool {
        self.held.contains_key(id)
    }

    pub fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.held.values().map(|held| &held.evidence)
    }

    pub fn names(&self) -> Vec<EvidenceId> {
        self.held.keys().copied().collect()
    }

    /// Sets the neighbours; each that is new is told the names of everything.
    pub fn neighbours(&mut self, peers: &BTreeSet<PeerKey>, now: Instant) {
        self.lanes.retain(|peer, _| peers.contains(peer));
        for peer in peers {
            if !self.lanes.contains_key(peer) {
                let names = self.names();
                let lane = Lane {
                    mode: Mode::Eager,
                    names,
                    parcel: Vec::new(),
                };
                self.lanes.insert(*peer, lane);
                self.flush_at(now + GATHER);
            }
        }
    }

    /// Takes up checked evidence and passes it on to everybody but its sender.
    pub fn spread(
        &mut self,
        evidence: Vec<Evidence>,
        from: Option<PeerKey>,
        now: Instant,
    ) -> Vec<Post> {
        let fresh: Vec<Evidence> = evidence
            .into_iter()
            .filter(|piece| !self.holds(&piece.id()))
            .collect();
        if fresh.is_empty() {
            return Vec::new();
        }
        let names: Vec<EvidenceId> = fresh.iter().map(Evidence::id).collect();
        let mut posts = Vec::new();
        let waits = self.waits(&fresh, now);
        for (&to, lane) in &mut self.lanes {
            match lane.mode {
                _ if Some(to) == from => {}
                Mode::Eager if waits => lane.parcel.extend(&names),
                Mode::Eager => posts.extend(frames(to, fresh.iter().cloned())),
                Mode::Lazy => lane.names.extend(&names),
            }
        }
        self.flush_at(now + GATHER);
        for piece in fresh {
            self.keep(piece);
        }
        posts
    }

    /// Takes up checked evidence without telling anybody but those who come and ask.
    pub fn hold(&mut self, evidence: Vec<Evidence>) {
        for piece in evidence {
            if !self.holds(&piece.id()) {
                self.keep(piece);
            }
        }
    }

    /// Takes up what every neighbour probably has as well: it is named to all and pushed to nobody.
    pub fn mention(&mut self, evidence: Vec<Evidence>, now: Instant) {
        for piece in evidence {
            let id = piece.id();
            if !self.holds(&id) {
                self.keep(piece);
                self.lanes.values_mut().for_each(|lane| lane.names.push(id));
                self.flush_at(now + GATHER);
            }
        }
    }

    /// Alerts and proofs never wait, and nothing does where all is quiet.
    fn waits(&mut self, fresh: &[Evidence], now: Instant) -> bool {
        let is_urgent =
            |piece: &Evidence| !matches!(piece, Evidence::Accusation(_) | Evidence::Head(_));
        if fresh.iter().any(is_urgent) {
            return false;
        }
        let lull = self.pushed.map(|pushed| pushed + LULL);
        match lull.filter(|lull| *lull > now) {
            Some(lull) => {
                self.push = Some(self.push.map_or(lull, |at| at.min(lull)));
                true
            }
            None => {
                self.pushed = Some(now);
                false
            }
        }
    }

    fn push_parcels(&mut self, now: Instant) -> Vec<Post> {
        (self.push, self.pushed) = (None, Some(now));
        let mut posts = Vec::new();
        for (&to, lane) in &mut self.lanes {
            let parcel = std::mem::take(&mut lane.parcel);
            // What was forgotten meanwhile is out of date.
            let held = parcel.iter().filter_map(|id| self.held.get(id));
            posts.extend(frames(to, held.map(|held| held.evidence.clone())));
        }
        posts
    }

    /// Something is out of date: nobody is told of it any more.
    pub fn forget(&mut self, id: &EvidenceId) {
        if let Some(held) = self.held.remove(id) {
            self.order.remove(&held.place);
        }
        for lane in self.lanes.values_mut() {
            lane.names.retain(|name| name != id);
        }
    }

    /// A neighbour pushed what was known: between the two names are enough.
    pub fn repeated(&mut self, from: PeerKey) -> Option<Post> {
        let lane = self.lanes.get_mut(&from)?;
        let pruned = lane.mode == Mode::Eager;
        lane.mode = Mode::Lazy;
        pruned.then_some(Post {
            to: from,
            message: Message::Prune,
        })
    }

    /// A neighbour pushed something new: it stays, or becomes, an edge of the tree.
    pub fn delivered(&mut self, from: PeerKey) {
        if let Some(lane) = self.lanes.get_mut(&from) {
            lane.mode = Mode::Eager;
        }
    }

    pub fn pruned(&mut self, from: PeerKey) {
        if let Some(lane) = self.lanes.get_mut(&from) {
            lane.mode = Mode::Lazy;
        }
    }

    /// A neighbour names what it holds: what is missing here is waited for, then asked for.
    pub fn named(&mut self, from: PeerKey, ids: &[EvidenceId], now: Instant) {
        for id in ids {
            if self.holds(id) {
                continue;
            }
            let room = self.wanted.len() < limits::EVIDENCE_WANTED;
            if let Some(wanted) = self.wanted.get_mut(id) {
                if wanted.holders.len() < limits::WITNESSES && !wanted.holders.contains(&from) {
                    wanted.holders.push_back(from);
                }
            } else if room {
                let (holders, at) = (VecDeque::from([from]), now + PATIENCE);
                self.wanted.insert(*id, Wanted { holders, at });
            }
        }
    }

    /// A neighbour asks: it gets what is held and is an edge of the tree from here on.
    pub fn asked(&mut self, from: PeerKey, ids: &[EvidenceId]) -> Vec<Post> {
        if let Some(lane) = self.lanes.get_mut(&from) {
            lane.mode = Mode::Eager;
        }
        let known = ids.iter().filter_map(|id| self.held.get(id));
        frames(from, known.map(|held| held.evidence.clone()))
    }

    /// What came is no longer missing, whatever became of it.
    pub fn came(&mut self, id: &EvidenceId) {
        self.wanted.remove(id);
    }

    /// Tells names that have gathered and asks for what did not come.
    pub fn due(&mut self, now: Instant) -> Vec<Post> {
        let mut posts = Vec::new();
        if self.push.is_some_and(|at| at <= now) {
            posts = self.push_parcels(now);
        }
        if self.flush.is_some_and(|at| at <= now) {
            self.flush = None;
            for (&to, lane) in &mut self.lanes {
                let names = std::mem::take(&mut lane.names);
                posts.extend(
                    names
                        .chunks(limits::EVIDENCE_IDS_PER_FRAME)
                        .map(|ids| Post {
                            to,
                            message: Message::Have { ids: ids.to_vec() },
                        }),
                );
            }
        }
        posts.extend(self.ask(now));
        posts
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let asks = self.wanted.values().map(|wanted| wanted.at);
        asks.chain(self.flush).chain(self.push).min()
    }

    fn ask(&mut self, now: Instant) -> Vec<Post> {
        let mut questions: BTreeMap<PeerKey, Vec<EvidenceId>> = BTreeMap::new();
        self.wanted.retain(|id, wanted| {
            if wanted.at > now {
                return true;
            }
            let Some(holder) = wanted.holders.pop_front() else {
                return false;
            };
            // Whoever names something is a neighbour in its own view, if not in this one.
            questions.entry(holder).or_default().push(*id);
            wanted.at = now + ANSWER;
            true
        });
        let mut posts = Vec::new();
        for (to, ids) in questions {
            if let Some(lane) = self.lanes.get_mut(&to) {
                lane.mode = Mode::Eager;
            }
            posts.extend(ids.chunks(limits::EVIDENCE_IDS_PER_FRAME).map(|ids| Post {
                to,
                message: Message::Want { ids: ids.to_vec() },
            }));
        }
        posts
    }

    fn keep(&mut self, evidence: Evidence) {
        let id = evidence.id();
        self.wanted.remove(&id);
        self.taken += 1;
        let place = self.taken;
        self.order.insert(place, id);
        self.held.insert(id, Held { evidence, place });
        if self.order.len() > limits::EVIDENCE_KEPT
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.held.remove(&oldest);
        }
    }

    fn flush_at(&mut self, at: Instant) {
        self.flush = Some(self.flush.map_or(at, |before| before.min(at)));
    }
}

/// Frames within the bounds of one, whatever the pieces weigh.
pub(crate) fn frames(to: PeerKey, evidence: impl Iterator<Item = Evidence>) -> Vec<Post> {
    let mut loads: Vec<Vec<Evidence>> = Vec::new();
    let mut weight = 0;
    for piece in evidence {
        weight += piece.bytes();
        match loads.last_mut() {
            Some(load) if load.len() < limits::EVIDENCE_PER_FRAME && weight <= FRAME => {
                load.push(piece);
            }
            _ => {
                weight = piece.bytes();
                loads.push(vec![piece]);
            }
        }
    }
    let message = |evidence| Message::Gossip { evidence };
    loads
        .into_iter()
        .map(|load| Post {
            to,
            message: message(load),
        })
        .collect()
}
