//! The reference model: who is really there, who reaches whom, and who lies. It knows no protocol.

use crate::host::HostId;

/// The least number of witnesses whose word can hold somebody down.
const FEWEST: usize = 2;

/// The facts about every host, as the faults have made them.
#[derive(Debug, Clone, Default)]
pub struct Model {
    hosts: Vec<Facts>,
}

#[derive(Debug, Clone)]
struct Facts {
    power: Power,
    /// When the host came to each of its islands.
    stays: Vec<Stay>,
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

#[derive(Debug, Clone, Copy)]
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
            stays: vec![Stay {
                since_ms: 0,
                island: 0,
            }],
            uplink: Uplink::Whole { since_ms: 0 },
            pace: Pace::Steady,
            faith: Faith::Honest,
        };
        Self {
            hosts: vec![facts; hosts],
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
        self.hosts[host.index()].power = Power::Up { since_ms: now_ms };
    }

    pub fn fell(&mut self, host: HostId, now_ms: u64, goodbye: Goodbye) {
        let since_ms = now_ms;
        self.hosts[host.index()].power = Power::Down { since_ms, goodbye };
    }

    pub fn moved(&mut self, host: HostId, now_ms: u64, island: u32) {
        let stays = &mut self.hosts[host.index()].stays;
        if stays.last().is_none_or(|stay| stay.island != island) {
            stays.push(Stay {
                since_ms: now_ms,
                island,
            });
        }
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
        self.hosts[host.index()]
            .stays
            .last()
            .map_or(0, |stay| stay.island)
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
        let (one, other) = (&self.hosts[one.index()], &self.hosts[other.index()]);
        let (Power::Up { since_ms: up }, Power::Up { since_ms: too }) = (one.power, other.power)
        else {
            return None;
        };
        Some(up.max(too).max(met(&one.stays, &other.stays)?))
    }

    /// Whether those who could not hear a host lately, and whose word has lately reached another, are so many that the
    /// other can hold the host down in good faith. A word goes from one to the next as they meet; what reached the other
    /// before has been refuted since.
    pub fn is_explained(&self, host: HostId, by: HostId, within_ms: u64, now_ms: u64) -> bool {
        let lately_ms = now_ms.saturating_sub(within_ms);
        let others = self.nodes().filter(|one| *one != host);
        let is_carried = |one: &HostId| {
            let parted_ms = self.apart_from(host, *one, lately_ms);
            parted_ms.is_some_and(|parted_ms| {
                let carriers = self.carriers(*one, by, parted_ms, lately_ms);
                self.spread(carriers)[by.index()] <= now_ms
            })
        };
        others.filter(is_carried).take(FEWEST).count() == FEWEST
    }

    /// Who could bring a host's word to another since a moment: itself, and those elsewhere to whom it was known.
    fn carriers(&self, of: HostId, to: HostId, said_ms: u64, since_ms: u64) -> Vec<(HostId, u64)> {
        let heard_ms = self.spread(vec![(of, said_ms)]);
        let there = self.island_at(to, since_ms);
        let knew = self.nodes().filter(|one| heard_ms[one.index()] <= since_ms);
        let elsewhere = knew.filter(|one| self.island_at(*one, since_ms) != there);
        let carriers = elsewhere.map(|one| (one, since_ms));
        carriers.chain([(of, said_ms.max(since_ms))]).collect()
    }

    fn nodes(&self) -> impl Iterator<Item = HostId> + '_ {
        let hosts = (0..self.hosts.len()).map(HostId::numbered);
        hosts.filter(|one| one.seat().is_some())
    }

    /// When the first of the times began at which two hosts were on different islands, whether or not they were up;
    /// only times that were not over by this moment count.
    fn apart_from(&self, one: HostId, other: HostId, over_ms: u64) -> Option<u64> {
        let stays = [one, other].map(|host| &self.hosts[host.index()].stays);
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

    /// When each host can have heard first what these know, each from a moment on.
    fn spread(&self, mut tellers: Vec<(HostId, u64)>) -> Vec<u64> {
        let nodes: Vec<HostId> = self.nodes().collect();
        let mut heard_ms = vec![u64::MAX; self.hosts.len()];
        for (teller, at_ms) in &tellers {
            heard_ms[teller.index()] = *at_ms;
        }
        while let Some((teller, told_ms)) = tellers.pop() {
            for &listener in &nodes {
                let met_ms = self.meet(teller, listener, told_ms).unwrap_or(u64::MAX);
                if met_ms < heard_ms[listener.index()] {
                    heard_ms[listener.index()] = met_ms;
                    tellers.push((listener, met_ms));
                }
            }
        }
        heard_ms
    }

    fn island_at(&self, host: HostId, at_ms: u64) -> u32 {
        let stays = self.hosts[host.index()].stays.iter().rev();
        let mut before = stays.skip_while(|stay| stay.since_ms > at_ms);
        before.next().map_or(0, |stay| stay.island)
    }

    /// When two hosts are on one island for the first time since a moment.
    fn meet(&self, one: HostId, other: HostId, since_ms: u64) -> Option<u64> {
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

    /// On which islands a host has been since a moment, from when and until when.
    fn lately(&self, host: HostId, since_ms: u64) -> Vec<(u32, u64, u64)> {
        let stays = &self.hosts[host.index()].stays;
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
    fn whoever_is_copied_is_honest_no_more() {
        let (mut model, [one, two, _]) = three();
        model.copied(two, 7_000);
        let copy = HostId::node(3);
        assert!(model.is_honest(one) && !model.is_honest(two) && !model.is_honest(copy));
        assert_eq!(model.together_since(two, copy), Some(7_000));
    }
}
