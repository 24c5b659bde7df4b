//! The reference model: who is really there, who reaches whom, and who lies. It knows no protocol.

use std::collections::BTreeMap;

use crate::host::HostId;

/// The least number of witnesses whose word can hold somebody down.
const FEWEST: usize = 2;

/// The facts about every host, as the faults have made them.
#[derive(Debug, Clone, Default)]
pub struct Model {
    hosts: Vec<Facts>,
    /// Where hosts have been. Those that were always together share one: whoever meets one of them meets all.
    ways: Vec<Vec<Stay>>,
    numbers: BTreeMap<Vec<Stay>, usize>,
}

#[derive(Debug, Clone)]
struct Facts {
    power: Power,
    /// The last time that it was down and is up again.
    absence: Option<Absence>,
    /// The number of its way.
    way: usize,
    uplink: Uplink,
    pace: Pace,
    faith: Faith,
}

/// Whether a host runs, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    Up { since_ms: u64 },
    Down { since_ms: u64, goodbye: Goodbye },
}

/// From when until when a host was down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Absence {
    fell_ms: u64,
    rose_ms: u64,
}

/// Whether a host that is down has said that it stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goodbye {
    Said,
    Unsaid,
}

/// Whether a host reaches the coordinator where it reaches others of its island.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uplink {
    Whole { since_ms: u64 },
    Cut { since_ms: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Steady,
    /// The host stands still again and again.
    Halting,
}

/// Whether a host does what its machine says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faith {
    Honest,
    Liar {
        role: &'static str,
        since_ms: u64,
    },
    /// Honest, but its key signs two histories: it was copied, or its memory is from an older day.
    Doubled {
        since_ms: u64,
    },
}

/// When a host came to an island.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stay {
    since_ms: u64,
    island: u32,
}

impl Model {
    pub fn new(hosts: usize) -> Self {
        let facts = Facts {
            power: Power::Down {
                since_ms: 0,
                goodbye: Goodbye::Unsaid,
            },
            absence: None,
            way: 0,
            uplink: Uplink::Whole { since_ms: 0 },
            pace: Pace::Steady,
            faith: Faith::Honest,
        };
        let way = vec![Stay {
            since_ms: 0,
            island: 0,
        }];
        Self {
            hosts: vec![facts; hosts],
            ways: vec![way.clone()],
            numbers: BTreeMap::from([(way, 0)]),
        }
    }

    /// A further host that is a copy of another.
    pub fn copied(&mut self, host: HostId, now_ms: u64) {
        self.hosts[host.index()].faith = Faith::Doubled { since_ms: now_ms };
        let facts = Facts {
            power: Power::Up { since_ms: now_ms },
            ..self.hosts[host.index()].clone()
        };
        self.hosts.push(facts);
    }

    pub fn rose(&mut self, host: HostId, now_ms: u64) {
        let facts = &mut self.hosts[host.index()];
        if let Power::Down { since_ms, .. } = facts.power {
            let (fell_ms, rose_ms) = (since_ms, now_ms);
            facts.absence = Some(Absence { fell_ms, rose_ms });
        }
        facts.power = Power::Up { since_ms: now_ms };
    }

    pub fn fell(&mut self, host: HostId, now_ms: u64, goodbye: Goodbye) {
        let since_ms = now_ms;
        self.hosts[host.index()].power = Power::Down { since_ms, goodbye };
    }

    pub fn moved(&mut self, host: HostId, now_ms: u64, island: u32) {
        if self.island(host) == island {
            return;
        }
        let mut way = self.stays(host).to_vec();
        way.push(Stay {
            since_ms: now_ms,
            island,
        });
        let next = self.ways.len();
        let number = *self.numbers.entry(way.clone()).or_insert(next);
        if number == next {
            self.ways.push(way);
        }
        self.hosts[host.index()].way = number;
    }

    fn stays(&self, host: HostId) -> &[Stay] {
        &self.ways[self.hosts[host.index()].way]
    }

    pub fn wired(&mut self, host: HostId, uplink: Uplink) {
        self.hosts[host.index()].uplink = uplink;
    }

    pub fn walks(&mut self, host: HostId, pace: Pace) {
        self.hosts[host.index()].pace = pace;
    }

    pub fn turned(&mut self, host: HostId, faith: Faith) {
        self.hosts[host.index()].faith = faith;
    }

    pub fn power(&self, host: HostId) -> Power {
        self.hosts[host.index()].power
    }

    pub fn uplink(&self, host: HostId) -> Uplink {
        self.hosts[host.index()].uplink
    }

    pub fn pace(&self, host: HostId) -> Pace {
        self.hosts[host.index()].pace
    }

    pub fn faith(&self, host: HostId) -> Faith {
        self.hosts[host.index()].faith
    }

    pub fn island(&self, host: HostId) -> u32 {
        self.stays(host).last().map_or(0, |stay| stay.island)
    }

    pub fn is_up(&self, host: HostId) -> bool {
        matches!(self.hosts[host.index()].power, Power::Up { .. })
    }

    /// Does what its machine says and has a key of its own.
    pub fn is_honest(&self, host: HostId) -> bool {
        self.hosts[host.index()].faith == Faith::Honest
    }

    /// Since when two hosts have been up and have reached each other without a break; `None` if they do not.
    pub fn together_since(&self, one: HostId, other: HostId) -> Option<u64> {
        let powers = (self.power(one), self.power(other));
        let (Power::Up { since_ms: up }, Power::Up { since_ms: too }) = powers else {
            return None;
        };
        Some(up.max(too).max(met(self.stays(one), self.stays(other))?))
    }

    /// Whether those who could not hear a host lately, and whose word has lately reached another, are so many that the
    /// other can hold the host down in good faith. A word goes from one to the next as they meet; what reached the other
    /// before has been refuted since, unless it was about a death that ended only after its author had parted.
    pub fn is_explained(&self, host: HostId, by: HostId, within_ms: u64, now_ms: u64) -> bool {
        let lately_ms = now_ms.saturating_sub(within_ms);
        let [host_way, by_way] = [host, by].map(|one| self.hosts[one.index()].way);
        let mut others = self.crowds();
        if let Some(crowd) = others.get_mut(&host_way).filter(|_| host.seat().is_some()) {
            *crowd -= 1;
        }
        let ways: Vec<usize> = others.keys().copied().collect();
        let is_carried = |way: usize| {
            let parted_ms = self.apart_from(host_way, way, lately_ms);
            parted_ms.is_some_and(|parted_ms| {
                let said_ms = self.missed_since(host, lately_ms, parted_ms);
                let carriers = self.carriers(&ways, way, by_way, said_ms, lately_ms);
                let heard_ms = self.spread(&ways, carriers);
                heard_ms.get(&by_way).is_some_and(|at_ms| *at_ms <= now_ms)
            })
        };
        let carried = others.iter().filter(|(way, _)| is_carried(**way));
        carried.map(|(_, crowd)| crowd).sum::<usize>() >= FEWEST
    }

    /// Since when a host was missed by those from whom it parted: before that where it was down then. Whoever left before
    /// it was back takes nothing back.
    fn missed_since(&self, host: HostId, over_ms: u64, parted_ms: u64) -> u64 {
        let absence = self.hosts[host.index()].absence;
        let absence = absence.filter(|one| one.rose_ms > over_ms.max(parted_ms));
        absence.map_or(parted_ms, |one| one.fell_ms.min(parted_ms))
    }

    /// Who could bring the word of somebody on one way to another since a moment: itself, and those elsewhere to whom it
    /// was known.
    fn carriers(
        &self,
        ways: &[usize],
        of: usize,
        to: usize,
        said_ms: u64,
        since_ms: u64,
    ) -> Vec<(usize, u64)> {
        let heard_ms = self.spread(ways, vec![(of, said_ms)]);
        let there = self.island_at(to, since_ms);
        let knew = ways
            .iter()
            .filter(|way| heard_ms.get(way).is_some_and(|at_ms| *at_ms <= since_ms));
        let elsewhere = knew.filter(|way| self.island_at(**way, since_ms) != there);
        let carriers = elsewhere.map(|way| (*way, since_ms));
        carriers.chain([(of, said_ms.max(since_ms))]).collect()
    }

    /// How many nodes went each way.
    fn crowds(&self) -> BTreeMap<usize, usize> {
        let mut crowds = BTreeMap::new();
        let hosts = (0..self.hosts.len()).map(HostId::numbered);
        for host in hosts.filter(|host| host.seat().is_some()) {
            *crowds.entry(self.hosts[host.index()].way).or_insert(0) += 1;
        }
        crowds
    }

    /// When the first of the times began at which two were on different islands, whether or not they were up; only times
    /// that were not over by this moment count.
    fn apart_from(&self, one: usize, other: usize, over_ms: u64) -> Option<u64> {
        let stays = [one, other].map(|way| &self.ways[way]);
        let moves = stays.into_iter().flatten().map(|stay| stay.since_ms);
        let mut moments: Vec<u64> = moves.collect();
        moments.sort_unstable();
        let mut began_ms = None;
        for (place, &at_ms) in moments.iter().enumerate() {
            if self.island_at(one, at_ms) == self.island_at(other, at_ms) {
                began_ms = None;
                continue;
            }
            began_ms.get_or_insert(at_ms);
            let end_ms = moments.get(place + 1).copied().unwrap_or(u64::MAX);
            if end_ms > over_ms {
                return began_ms;
            }
        }
        None
    }

    /// When those on each way can have heard first what these know, each from a moment on.
    fn spread(&self, ways: &[usize], mut tellers: Vec<(usize, u64)>) -> BTreeMap<usize, u64> {
        let mut heard_ms: BTreeMap<usize, u64> = tellers.iter().copied().collect();
        while let Some((teller, told_ms)) = tellers.pop() {
            for &listener in ways {
                let Some(met_ms) = self.meet(teller, listener, told_ms) else {
                    continue;
                };
                let known_ms = heard_ms.entry(listener).or_insert(u64::MAX);
                if met_ms < *known_ms {
                    *known_ms = met_ms;
                    tellers.push((listener, met_ms));
                }
            }
        }
        heard_ms
    }

    fn island_at(&self, way: usize, at_ms: u64) -> u32 {
        let stays = self.ways[way].iter().rev();
        let mut before = stays.skip_while(|stay| stay.since_ms > at_ms);
        before.next().map_or(0, |stay| stay.island)
    }

    /// When two are on one island for the first time since a moment.
    fn meet(&self, one: usize, other: usize, since_ms: u64) -> Option<u64> {
        let (ones, others) = (self.lately(one, since_ms), self.lately(other, since_ms));
        let pairs = ones
            .iter()
            .flat_map(|here| others.iter().map(move |there| (here, there)));
        let together = pairs.filter_map(|(here, there)| {
            let from_ms = here.1.max(there.1).max(since_ms);
            (here.0 == there.0 && from_ms < here.2.min(there.2)).then_some(from_ms)
        });
        together.min()
    }

    /// Which islands a way has led to since a moment, from when and until when.
    fn lately(&self, way: usize, since_ms: u64) -> Vec<(u32, u64, u64)> {
        let stays = &self.ways[way];
        let ends = stays.iter().skip(1).map(|next| next.since_ms);
        let ends = ends.chain([u64::MAX]);
        let spans = stays
            .iter()
            .zip(ends)
            .map(|(stay, end)| (stay.island, stay.since_ms, end));
        spans.filter(|(_, _, end)| *end > since_ms).collect()
    }

    /// Whether a host can be expected to be heard by another: steady, and together for so long.
    pub fn is_heard(&self, host: HostId, by: HostId, for_ms: u64, now_ms: u64) -> bool {
        let together = self.together_since(host, by);
        self.hosts[host.index()].pace == Pace::Steady
            && together.is_some_and(|since| now_ms.saturating_sub(since) >= for_ms)
    }
}

/// Since when two lists of stays have named the same island; `None` if they end on different ones.
fn met(one: &[Stay], other: &[Stay]) -> Option<u64> {
    let (mut one, mut other) = (one.iter().rev().peekable(), other.iter().rev().peekable());
    let mut since = None;
    while let (Some(here), Some(there)) = (one.peek(), other.peek()) {
        if here.island != there.island {
            return since;
        }
        since = Some(here.since_ms.max(there.since_ms));
        let (later, earlier) = (here.since_ms, there.since_ms);
        if later >= earlier {
            one.next();
        }
        if earlier >= later {
            other.next();
        }
    }
    since
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> (Model, [HostId; 3]) {
        let mut model = Model::new(4);
        let hosts = [0, 1, 2].map(HostId::node);
        hosts.iter().for_each(|host| model.rose(*host, 100));
        (model, hosts)
    }

    #[test]
    fn hosts_that_move_together_never_part() {
        let (mut model, [one, two, three]) = three();
        model.moved(one, 5_000, 1);
        model.moved(two, 5_000, 1);
        assert_eq!(model.together_since(one, two), Some(100));
        assert_eq!(model.together_since(one, three), None);
        model.moved(one, 9_000, 0);
        model.moved(two, 9_000, 0);
        assert_eq!(model.together_since(one, two), Some(100));
        assert_eq!(model.together_since(one, three), Some(9_000));
    }

    #[test]
    fn a_reboot_and_a_halting_pace_are_no_good_health() {
        let (mut model, [one, two, _]) = three();
        assert!(model.is_heard(one, two, 10_000, 20_000));
        model.fell(one, 30_000, Goodbye::Unsaid);
        assert!(!model.is_heard(one, two, 0, 30_001));
        model.rose(one, 40_000);
        assert!(!model.is_heard(one, two, 10_000, 45_000));
        assert!(model.is_heard(one, two, 10_000, 50_000));
        model.walks(one, Pace::Halting);
        assert!(!model.is_heard(one, two, 10_000, 60_000));
    }

    #[test]
    fn what_the_other_side_says_after_a_heal_is_said_in_good_faith() {
        let mut model = Model::new(6);
        let [subject, friend, far, farther, farthest] = [0, 1, 2, 3, 4].map(HostId::node);
        for island in [1, 0] {
            let at_ms = 30_000 - u64::from(island) * 20_000;
            for host in [far, farther, farthest] {
                model.moved(host, at_ms, island);
            }
            let healed = island == 0;
            assert_eq!(
                model.is_explained(subject, friend, 20_000, at_ms + 5_000),
                healed
            );
            assert!(model.is_explained(subject, far, 20_000, at_ms + 5_000));
        }
        assert!(!model.is_explained(subject, friend, 20_000, 51_000));
    }

    #[test]
    fn somebody_who_crosses_over_brings_the_word_of_the_others() {
        let mut model = Model::new(6);
        let [subject, friend, traveller] = [0, 1, 2].map(HostId::node);
        for host in [subject, friend] {
            model.moved(host, 10_000, 1);
        }
        assert!(!model.is_explained(subject, friend, 20_000, 60_000));
        model.moved(traveller, 60_000, 1);
        assert!(model.is_explained(subject, friend, 20_000, 62_000));
        assert!(!model.is_explained(subject, friend, 20_000, 90_000));
    }

    #[test]
    fn a_word_may_be_handed_on_by_somebody_who_has_left_again() {
        let mut model = Model::new(6);
        let [subject, friend, carrier, one, other] = [0, 1, 2, 3, 4].map(HostId::node);
        for far in [one, other, carrier] {
            model.moved(far, 10_000, 1);
        }
        model.moved(carrier, 40_000, 2);
        model.moved(carrier, 65_000, 0);
        assert!(!model.is_explained(subject, friend, 20_000, 64_000));
        assert!(model.is_explained(subject, friend, 20_000, 66_000));
    }

    #[test]
    fn words_about_a_death_outlive_it_where_their_authors_are_gone() {
        let mut model = Model::new(6);
        let [subject, friend] = [0, 1].map(HostId::node);
        (0..5).for_each(|seat| model.rose(HostId::node(seat), 100));
        model.fell(subject, 30_000, Goodbye::Unsaid);
        let mut whole = model.clone();
        for host in [subject, friend] {
            model.moved(host, 40_000, 1);
        }
        for model in [&mut model, &mut whole] {
            model.rose(subject, 45_000);
        }
        assert!(model.is_explained(subject, friend, 90_000, 75_000));
        assert!(!model.is_explained(subject, friend, 20_000, 75_000));
        assert!(!whole.is_explained(subject, friend, 90_000, 75_000));
        assert!(!model.is_explained(subject, friend, 90_000, 140_000));
    }

    #[test]
    fn words_about_a_death_that_ended_before_the_parting_were_taken_back() {
        let mut model = Model::new(6);
        let [subject, friend] = [0, 1].map(HostId::node);
        model.rose(subject, 100);
        model.fell(subject, 30_000, Goodbye::Unsaid);
        model.rose(subject, 35_000);
        for host in [subject, friend] {
            model.moved(host, 40_000, 1);
        }
        assert!(!model.is_explained(subject, friend, 90_000, 75_000));
    }

    #[test]
    fn whoever_is_copied_is_honest_no_more() {
        let (mut model, [one, two, _]) = three();
        model.copied(two, 7_000);
        let copy = HostId::node(3);
        assert!(model.is_honest(one) && !model.is_honest(two) && !model.is_honest(copy));
        assert_eq!(model.together_since(two, copy), Some(7_000));
    }
}
