//! Who is kept away from a device, on whose word, and how long.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::address::Address;
use crate::id::DeviceId;
use crate::limits;
use crate::time::Instant;

/// On one voice: long enough for the second decoy of a worm, short enough for a slip of the hand.
const SUSPECTED: Duration = Duration::from_secs(60);
/// On the voices of several.
const CONFIRMED: Duration = Duration::from_secs(30 * 60);
/// Voices are of one event within this time.
const TOGETHER: Duration = Duration::from_secs(10 * 60);
/// Voices that confirm each other.
const SEVERAL: usize = 2;
/// How long it is counted what one device has said.
const HOUR: Duration = Duration::from_secs(3600);

/// A source that is kept away for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    pub source: Address,
    pub until: Instant,
    /// How many devices say so.
    pub voices: usize,
}

/// The sources that are kept away, at most [`limits::BLOCKS`] of them.
#[derive(Debug, Default)]
pub struct Blocks {
    sources: BTreeMap<Address, Source>,
    /// Which sources each device has named within the hour.
    named: BTreeMap<DeviceId, BTreeMap<Address, Instant>>,
}

#[derive(Debug)]
struct Source {
    voices: BTreeMap<DeviceId, Instant>,
    until: Instant,
}

impl Blocks {
    /// Takes one device's word; what is returned is to be enforced from now on.
    pub fn hear(&mut self, voice: DeviceId, source: Address, now: Instant) -> Option<Block> {
        if !source.is_of_a_host() || !self.may_name(voice, source, now) {
            return None;
        }
        self.expire(now);
        self.make_room(source);
        let entry = self.sources.entry(source).or_insert(Source {
            voices: BTreeMap::new(),
            until: now,
        });
        let ago = |at: &Instant| now.since(*at) <= TOGETHER;
        entry.voices.retain(|_, at| ago(at));
        // More voices than confirm it change nothing.
        if entry.voices.len() < limits::BLOCK_VOICES || entry.voices.contains_key(&voice) {
            entry.voices.insert(voice, now);
        }
        let voices = entry.voices.len();
        let length = match voices < SEVERAL {
            true => SUSPECTED,
            false => CONFIRMED,
        };
        // Said again within a second nothing is told again.
        let until = now + length;
        if until.since(entry.until) < Duration::from_secs(1) {
            return None;
        }
        entry.until = until;
        Some(Block {
            source,
            until,
            voices,
        })
    }

    /// Ends what is held against a source, whoever said it; returns whether anything was.
    pub fn lift(&mut self, source: &Address) -> bool {
        self.sources.remove(source).is_some()
    }

    /// Those who are kept away at this moment.
    pub fn standing(&self, now: Instant) -> impl Iterator<Item = Block> + '_ {
        let standing = self.sources.iter().filter(move |(_, one)| one.until > now);
        standing.map(|(source, one)| Block {
            source: *source,
            until: one.until,
            voices: one.voices.len(),
        })
    }

    /// A device's word counts for so many sources within an hour: one liar cannot keep a whole fleet away.
    fn may_name(&mut self, voice: DeviceId, source: Address, now: Instant) -> bool {
        if !self.named.contains_key(&voice) && self.named.len() == limits::BLOCK_NAMERS {
            self.named.retain(|_, of| {
                of.retain(|_, at| now.since(*at) <= HOUR);
                !of.is_empty()
            });
            if self.named.len() == limits::BLOCK_NAMERS {
                return false;
            }
        }
        let of = self.named.entry(voice).or_default();
        of.retain(|_, at| now.since(*at) <= HOUR);
        if of.len() >= limits::BLOCKS_PER_VOICE && !of.contains_key(&source) {
            return false;
        }
        of.entry(source).or_insert(now);
        true
    }

    fn expire(&mut self, now: Instant) {
        let recent = |one: &Source| one.voices.values().any(|at| now.since(*at) <= TOGETHER);
        self.sources.retain(|_, one| one.until > now || recent(one));
    }

    /// Of too many the one that ends first goes: what several have confirmed lasts.
    fn make_room(&mut self, source: Address) {
        if self.sources.len() < limits::BLOCKS || self.sources.contains_key(&source) {
            return;
        }
        let first = self.sources.iter().min_by_key(|(_, one)| one.until);
        if let Some(first) = first.map(|(source, _)| *source) {
            self.sources.remove(&first);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn source(last: u16) -> Address {
        let [high, low] = last.to_be_bytes();
        IpAddr::from([10, 0, high, low]).into()
    }

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(0) + Duration::from_secs(seconds)
    }

    fn voice(number: u8) -> DeviceId {
        DeviceId::from_bytes([number; 8])
    }

    #[test]
    fn one_voice_keeps_a_source_away_for_a_minute() {
        let mut blocks = Blocks::default();
        let block = blocks.hear(voice(1), source(7), at(0)).expect("it is new");
        assert_eq!((block.until, block.voices), (at(60), 1));
        assert_eq!(blocks.standing(at(59)).count(), 1);
        assert_eq!(blocks.standing(at(60)).count(), 0);
    }

    #[test]
    fn a_second_voice_makes_it_half_an_hour_and_an_echo_of_the_first_does_not() {
        let mut blocks = Blocks::default();
        blocks.hear(voice(1), source(7), at(0));
        let again = blocks.hear(voice(1), source(7), at(30));
        assert_eq!(again.expect("it lasts longer").until, at(90));
        let second = blocks.hear(voice(2), source(7), at(40));
        assert_eq!(second.expect("it is confirmed").until, at(40 + 1_800));
    }

    #[test]
    fn voices_of_different_events_do_not_confirm_each_other() {
        let mut blocks = Blocks::default();
        blocks.hear(voice(1), source(7), at(0));
        let later = blocks.hear(voice(2), source(7), at(601));
        assert_eq!(later.expect("it is new").voices, 1);
    }

    #[test]
    fn one_device_names_only_so_many_sources_in_an_hour() {
        let mut blocks = Blocks::default();
        let many = limits::BLOCKS_PER_VOICE as u16;
        for number in 0..many {
            assert!(blocks.hear(voice(1), source(number), at(0)).is_some());
        }
        assert_eq!(blocks.hear(voice(1), source(many), at(1)), None);
        assert!(blocks.hear(voice(2), source(many), at(1)).is_some());
        assert!(blocks.hear(voice(1), source(many), at(3_601)).is_some());
    }

    #[test]
    fn a_flood_of_sources_pushes_out_what_ends_first_and_nothing_confirmed() {
        let mut blocks = Blocks::default();
        for one in [1, 2] {
            blocks.hear(voice(one), source(0), at(0));
        }
        let mut number = 0;
        'flood: for one in 3..=250 {
            for _ in 0..limits::BLOCKS_PER_VOICE {
                number += 1;
                if number > 2 * limits::BLOCKS as u16 {
                    break 'flood;
                }
                blocks.hear(voice(one), source(number), at(1));
            }
        }
        assert_eq!(blocks.standing(at(2)).count(), limits::BLOCKS);
        assert!(
            blocks
                .standing(at(2))
                .any(|block| block.source == source(0))
        );
    }

    #[test]
    fn nobody_is_kept_from_himself_or_from_everybody() {
        let mut blocks = Blocks::default();
        for ip in [
            "127.0.0.1",
            "0.0.0.0",
            "224.0.0.251",
            "255.255.255.255",
            "::1",
        ] {
            let ip: IpAddr = ip.parse().expect("it is an address");
            assert_eq!(blocks.hear(voice(1), ip.into(), at(0)), None, "{ip}");
        }
    }
}
