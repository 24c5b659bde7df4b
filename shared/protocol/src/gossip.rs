//! How evidence spreads: pushed along a tree that prunes itself, named to everybody else, asked for where it is missing.
//!
//! This is Plumtree (Leitão, Pereira, Rodrigues, SRDS 2007) over the links of the overlay. A neighbour is
//! pushed to until it says that it knew; from then on it is told names, and asks for what does not come.
//! Neighbours compare what they hold when they meet and now and then, so that whoever was away catches up.

mod rounds;
mod shelf;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use rounds::Rounds;
use shelf::Shelf;

use crate::evidence::{Evidence, EvidenceId, Slot};
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::name::Name;
use crate::reconcile::{self, Part};
use crate::time::Instant;

/// Names that come close together travel together.
const GATHER: Duration = Duration::from_millis(400);
/// The same for evidence about silence: when many die, the tree takes longer than names would.
const GATHER_IN_STORMS: Duration = Duration::from_millis(2_000);
/// How long something that was named may take to come by itself.
const PATIENCE: Duration = Duration::from_millis(900);
/// How long an answer to a question may take before the next neighbour is asked.
const ANSWER: Duration = Duration::from_millis(1_500);

/// Evidence about silence comes in storms when many die: what follows the first push gathers for so long, and is
/// named before it is sent.
const LULL: Duration = Duration::from_millis(1_500);
/// A storm is over when for so long nothing new about silence came.
const CALM: Duration = Duration::from_secs(3);
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
    shelf: Shelf,
    lanes: BTreeMap<PeerKey, Lane>,
    rounds: Rounds,
    /// Names for those who are no neighbours.
    besides: BTreeMap<PeerKey, Vec<EvidenceId>>,
    wanted: BTreeMap<Name, Wanted>,
    flush: Option<Instant>,
    /// When something new about silence last came.
    stormy: Option<Instant>,
    /// When the names of what came in a storm are told.
    tell: Option<Instant>,
}

#[derive(Debug)]
struct Lane {
    mode: Mode,
    /// Names that this neighbour has not been told yet.
    names: Vec<EvidenceId>,
    /// Names of what came during a lull: they are told as soon as it is over.
    news: Vec<EvidenceId>,
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

impl Lane {
    /// From now on names are enough, for what waits as well; says whether that is new.
    fn calm_down(&mut self) -> bool {
        self.names.append(&mut self.news);
        std::mem::replace(&mut self.mode, Mode::Lazy) == Mode::Eager
    }
}

impl Gossip {
    pub fn holds(&self, id: &EvidenceId) -> bool {
        self.shelf.holds(id)
    }

    /// Whether something came before, though it may be out of date or nothing that others need.
    pub fn knows(&self, id: &EvidenceId) -> bool {
        self.shelf.knows(id)
    }

    /// The version of this that was passed on, if there is one.
    pub fn told(&self, slot: &Slot) -> Option<&Evidence> {
        self.shelf.version(slot)
    }

    pub fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.shelf.evidence()
    }

    pub fn names(&self) -> BTreeSet<EvidenceId> {
        self.shelf.names()
    }

    /// Sets the neighbours of `me`; with each that is new the smaller key compares what both hold, and again after
    /// ever longer pauses: what could not be judged when it came is not lost.
    pub fn neighbours(&mut self, peers: &BTreeSet<PeerKey>, me: PeerKey, now: Instant) {
        self.lanes.retain(|peer, _| peers.contains(peer));
        self.rounds.retain(peers);
        for peer in peers {
            if !self.lanes.contains_key(peer) {
                let lane = Lane {
                    mode: Mode::Eager,
                    names: Vec::new(),
                    news: Vec::new(),
                };
                self.lanes.insert(*peer, lane);
                if me < *peer {
                    let is_fresh = |at: Instant| now.since(at) < CALM;
                    if self.stormy.is_some_and(is_fresh) {
                        self.rounds.begin_in_a_storm(*peer, now);
                    } else {
                        self.rounds.begin(*peer, now + GATHER);
                    }
                }
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
        let fresh = self.fresh(evidence);
        if fresh.is_empty() {
            return Vec::new();
        }
        let names: Vec<EvidenceId> = fresh.iter().map(Evidence::id).collect();
        let mut posts = Vec::new();
        let waits = self.waits(&fresh, now);
        for (&to, lane) in &mut self.lanes {
            match lane.mode {
                _ if Some(to) == from => {}
                Mode::Eager if waits => lane.news.extend(&names),
                Mode::Eager => posts.extend(frames(to, fresh.iter().cloned())),
                Mode::Lazy => lane.names.extend(&names),
            }
        }
        self.flush_at(now + gathering(&fresh));
        fresh.into_iter().for_each(|piece| self.keep(piece));
        posts
    }

    /// Takes up checked evidence without telling anybody but those who come and ask.
    pub fn hold(&mut self, evidence: Vec<Evidence>) {
        let fresh = self.fresh(evidence).into_iter();
        fresh.for_each(|piece| self.keep(piece));
    }

    /// Takes up checked evidence that its author pushes: here it is only named, for those whom that does not
    /// reach, and to one more besides the neighbours.
    pub fn name(&mut self, evidence: Vec<Evidence>, besides: Option<PeerKey>, now: Instant) {
        let fresh = self.fresh(evidence);
        if !fresh.is_empty() {
            self.flush_at(now + gathering(&fresh));
        }
        for piece in fresh {
            let id = piece.id();
            self.lanes.values_mut().for_each(|lane| lane.names.push(id));
            if let Some(peer) = besides {
                self.besides.entry(peer).or_default().push(id);
            }
            self.keep(piece);
        }
    }

    fn fresh(&self, evidence: Vec<Evidence>) -> Vec<Evidence> {
        let pieces = evidence.into_iter();
        pieces.filter(|piece| !self.holds(&piece.id())).collect()
    }

    /// Alerts, proofs and refutations never wait, and nothing does where all is quiet.
    fn waits(&mut self, fresh: &[Evidence], now: Instant) -> bool {
        if fresh.iter().any(is_urgent) {
            return false;
        }
        let before = self.stormy.replace(now);
        if before.is_none_or(|before| now.since(before) >= CALM) {
            return false;
        }
        self.tell.get_or_insert(now + LULL);
        self.rounds.postpone(now);
        true
    }

    /// In a storm edges of the tree are told names too: whoever lacks a piece asks one neighbour for it.
    fn name_news(&mut self) -> Vec<Post> {
        self.tell = None;
        let mut posts = Vec::new();
        for (&to, lane) in &mut self.lanes {
            let news = std::mem::take(&mut lane.news);
            posts.extend(have(to, &self.shelf.names_of(&news)));
        }
        posts
    }

    /// Something is out of date and nothing takes its place: nobody is told of it any more.
    pub fn forget(&mut self, id: &EvidenceId) {
        self.shelf.forget(id);
        self.tell_nobody_of(id);
    }

    /// A neighbour pushed much that was known: between the two names are enough.
    pub fn repeated(&mut self, from: PeerKey) -> Option<Post> {
        let pruned = self.lanes.get_mut(&from)?.calm_down();
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
            lane.calm_down();
        }
    }

    /// A neighbour names what it holds: what is missing here is waited for, then asked for.
    pub fn named(&mut self, from: PeerKey, names: &[Name], now: Instant) {
        self.has(from, names);
        // An edge of the tree names what it would push in calmer times.
        let is_edge = |lane: &Lane| lane.mode == Mode::Eager;
        let patience = if self.lanes.get(&from).is_some_and(is_edge) {
            Duration::ZERO
        } else {
            PATIENCE
        };
        for name in names {
            if self.shelf.knows_as(name) {
                continue;
            }
            let room = self.wanted.len() < limits::EVIDENCE_WANTED;
            if let Some(wanted) = self.wanted.get_mut(name) {
                if wanted.holders.len() < limits::WITNESSES && !wanted.holders.contains(&from) {
                    wanted.holders.push_back(from);
                }
            } else if room {
                let (holders, at) = (VecDeque::from([from]), now + patience);
                self.wanted.insert(*name, Wanted { holders, at });
            }
        }
    }

    /// A neighbour says what it holds, range by range, and is answered in the same way from the names of what is held
    /// here.
    pub fn compared(
        &mut self,
        from: PeerKey,
        parts: &[Part],
        names: &BTreeSet<EvidenceId>,
        now: Instant,
    ) -> Vec<Post> {
        let mut answer = reconcile::answer(names, parts);
        answer.told.retain(|id| !names.contains(id));
        let told: Vec<Name> = answer.told.iter().copied().map(Name::Whole).collect();
        self.named(from, &told, now);
        let parts = answer.parts.chunks(limits::RANGES_PER_FRAME);
        let mut posts: Vec<Post> = parts.map(|parts| compare(from, parts.to_vec())).collect();
        posts.extend(have_whole(from, &answer.lacked));
        posts
    }

    /// A neighbour asks: it gets what is held and is an edge of the tree from here on.
    pub fn asked(&mut self, from: PeerKey, names: &[Name]) -> Vec<Post> {
        if let Some(lane) = self.lanes.get_mut(&from) {
            lane.mode = Mode::Eager;
        }
        let known = names.iter().flat_map(|name| self.shelf.called(*name));
        frames(from, known.cloned())
    }

    /// What came is no longer missing, whatever becomes of it.
    pub fn came(&mut self, id: &EvidenceId) {
        self.wanted.remove(&Name::Whole(*id));
        self.wanted.remove(&Name::Short(id.short()));
    }

    /// What came was checked, and is known when it comes again even where it is not passed on.
    pub fn see(&mut self, id: EvidenceId) {
        self.shelf.see(id);
    }

    /// A neighbour holds these, so it is neither told of them nor pushed to.
    pub fn has(&mut self, peer: PeerKey, names: &[Name]) {
        let names: BTreeSet<&Name> = names.iter().collect();
        let is_new = |id: &EvidenceId| {
            !names.contains(&Name::Whole(*id)) && !names.contains(&Name::Short(id.short()))
        };
        if let Some(lane) = self.lanes.get_mut(&peer) {
            lane.names.retain(is_new);
            lane.news.retain(is_new);
        }
    }

    /// Whether it is time to compare with a neighbour.
    pub fn compares(&self, now: Instant) -> bool {
        self.rounds.next().is_some_and(|at| at <= now)
    }

    /// Tells names that have gathered, asks for what did not come, and opens comparisons about these names.
    pub fn due(&mut self, names: &BTreeSet<EvidenceId>, now: Instant) -> Vec<Post> {
        let mut posts = Vec::new();
        if self.tell.is_some_and(|at| at <= now) {
            posts = self.name_news();
        }
        if self.flush.is_some_and(|at| at <= now) {
            self.flush = None;
            for (to, names) in std::mem::take(&mut self.besides) {
                posts.extend(have_whole(to, &names));
            }
            for (&to, lane) in &mut self.lanes {
                let names = std::mem::take(&mut lane.names);
                posts.extend(have(to, &self.shelf.names_of(&names)));
            }
        }
        posts.extend(self.open_rounds(names, now));
        posts.extend(self.ask(now));
        posts
    }

    fn open_rounds(&mut self, names: &BTreeSet<EvidenceId>, now: Instant) -> Vec<Post> {
        let due = self.rounds.due(now);
        if due.is_empty() {
            return Vec::new();
        }
        let all = Part::all(names);
        due.into_iter()
            .map(|to| compare(to, vec![all.clone()]))
            .collect()
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let asks = self.wanted.values().map(|wanted| wanted.at);
        let planned = [self.rounds.next(), self.flush, self.tell];
        asks.chain(planned.into_iter().flatten()).min()
    }

    fn ask(&mut self, now: Instant) -> Vec<Post> {
        let mut questions: BTreeMap<PeerKey, Vec<Name>> = BTreeMap::new();
        self.wanted.retain(|name, wanted| {
            if wanted.at > now {
                return true;
            }
            let Some(holder) = wanted.holders.pop_front() else {
                return false;
            };
            // Whoever names something is a neighbour in its own view, if not in this one.
            questions.entry(holder).or_default().push(*name);
            wanted.at = now + ANSWER;
            true
        });
        let mut posts = Vec::new();
        for (to, names) in questions {
            if let Some(lane) = self.lanes.get_mut(&to) {
                lane.mode = Mode::Eager;
            }
            let names = names.chunks(limits::EVIDENCE_IDS_PER_FRAME);
            posts.extend(names.map(|names| {
                let (ids, words) = Name::fields(names);
                let message = Message::Want { ids, words };
                Post { to, message }
            }));
        }
        posts
    }

    fn keep(&mut self, evidence: Evidence) {
        self.came(&evidence.id());
        if let Some(replaced) = self.shelf.keep(evidence) {
            self.tell_nobody_of(&replaced);
        }
    }

    fn tell_nobody_of(&mut self, id: &EvidenceId) {
        for lane in self.lanes.values_mut() {
            lane.names.retain(|name| name != id);
        }
    }

    fn flush_at(&mut self, at: Instant) {
        self.flush = Some(self.flush.map_or(at, |before| before.min(at)));
    }
}

/// Frames that name so much as is known.
fn have(to: PeerKey, names: &[Name]) -> impl Iterator<Item = Post> {
    let names = names.chunks(limits::EVIDENCE_IDS_PER_FRAME);
    names.map(move |names| {
        let (ids, words) = Name::fields(names);
        let message = Message::Have { ids, words };
        Post { to, message }
    })
}

/// The same by whole names.
pub(crate) fn have_whole(to: PeerKey, ids: &[EvidenceId]) -> Vec<Post> {
    let names: Vec<Name> = ids.iter().copied().map(Name::Whole).collect();
    have(to, &names).collect()
}

fn compare(to: PeerKey, parts: Vec<Part>) -> Post {
    Post {
        to,
        message: Message::Compare { parts },
    }
}

fn is_urgent(piece: &Evidence) -> bool {
    !matches!(piece, Evidence::Accusation(_))
}

fn gathering(fresh: &[Evidence]) -> Duration {
    if fresh.iter().any(is_urgent) {
        GATHER
    } else {
        GATHER_IN_STORMS
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
