//! What people say of a profile, the baseline of a class lent to a newcomer, and what outlives a restart.

use detect::limits::PROFILE_CHANGES;
use detect::profile::{Entry, Origin, Profile, Stage, merged};
use detect::rules::Baseline;
use hearing::moment::Moment;
use thiserror::Error;

use super::device::{Device, Kept};
use super::{Lookout, secs};
use crate::limits::{DEVICES, LENDERS, LENDERS_MOST, NEWCOMER_FLOWS};
use crate::observe::subject;
use crate::whose::Whose;

/// A person's word, or the maker's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// This is normal.
    Allow(Entry),
    /// Takes an earlier word back, by its number.
    Undo(u64),
    Enter(Stage),
    /// What the maker's file says.
    Declare(Vec<Entry>),
    /// The baseline of a class, from devices of other sites.
    Lend {
        class: String,
        entries: Vec<Entry>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ObeyError {
    #[error("no traffic of {0} was seen here, and there is no room for another device")]
    NoRoom(String),
    #[error("the profile is full: undo or forget some habits first")]
    Full,
    #[error("word {0} is not among the last {PROFILE_CHANGES} that can be taken back")]
    NothingToUndo(u64),
}

impl Lookout {
    /// Does what somebody says of a device; a word that was carried out before is not carried out again. What is
    /// refused counts as heard: it would be refused again.
    pub fn obey(
        &mut self,
        whose: Whose,
        number: u64,
        word: &Word,
        now: Moment,
    ) -> Result<(), ObeyError> {
        let known = self.devices.get(&whose);
        if known.is_some_and(|device| number <= device.obeyed) {
            return Ok(());
        }
        let address = match whose {
            Whose::Address(address) => address,
            _ => std::net::Ipv4Addr::UNSPECIFIED.into(),
        };
        if !self.admit(whose, address, now) {
            return Err(ObeyError::NoRoom(whose.to_string()));
        }
        let Some(device) = self.devices.get_mut(&whose) else {
            return Err(ObeyError::NoRoom(whose.to_string()));
        };
        device.obeyed = number;
        device.is_news = true;
        device.obey(number, word, secs(now))
    }

    /// Says what a device is. A newcomer whose class is known here borrows what most of its like do: it is on trial from
    /// its first flow, and what its kind never does is said in its first hour.
    pub fn introduce(&mut self, whose: Whose, class: &str, now: Moment) {
        let Some(device) = self.devices.get_mut(&whose) else {
            return;
        };
        if device.class.as_deref() != Some(class) {
            device.class = Some(class.to_owned());
        }
        if !device.is_new() || device.lent.is_some() {
            return;
        }
        let address = device.address;
        let like = |other: &&Device| other.class.as_deref() == Some(class) && !other.is_learning();
        let lenders: Vec<&Device> = self
            .devices
            .values()
            .filter(like)
            .take(LENDERS_MOST)
            .collect();
        if lenders.len() < LENDERS {
            return;
        }
        let profiles: Vec<&Profile> = lenders.iter().map(|lender| &lender.profile).collect();
        let Ok(baseline) = merged(&profiles, profiles.len().div_ceil(2)) else {
            return;
        };
        let own = lenders.iter().map(|lender| subject(lender.address));
        let bytes = of_class(own.filter_map(|own| self.watch.baseline(own)));
        let entries: Vec<Entry> = baseline.into_keys().collect();
        if let Some(device) = self.devices.get_mut(&whose) {
            device.lend(class, &entries, secs(now));
        }
        if let Some(bytes) = bytes {
            let rules = self.watch.rules();
            rules.lend(now.micros(), subject(address), bytes);
        }
    }

    /// What outlives a restart, of every device.
    pub fn kept(&self) -> Vec<(Whose, Kept)> {
        let devices = self.devices.iter();
        devices
            .map(|(whose, device)| (*whose, device.kept()))
            .collect()
    }

    /// Takes up what was kept, as far as there is room.
    pub fn restore(&mut self, kept: impl IntoIterator<Item = (Whose, Kept)>, now: Moment) {
        for (whose, kept) in kept.into_iter().take(DEVICES) {
            self.devices.insert(whose, Device::restored(kept, now));
        }
    }
}

impl Device {
    fn obey(&mut self, number: u64, word: &Word, now_s: u64) -> Result<(), ObeyError> {
        match word {
            Word::Allow(entry) => {
                let change = self.profile.allow(entry.clone(), now_s);
                self.words
                    .insert(number, change.map_err(|_| ObeyError::Full)?);
                while self.words.len() > PROFILE_CHANGES {
                    self.words.pop_first();
                }
                self.untold.insert(entry.clone());
            }
            Word::Undo(earlier) => {
                let gone = ObeyError::NothingToUndo(*earlier);
                let change = self.words.remove(earlier).ok_or(gone.clone())?;
                let entry = self.profile.undo(change).map_err(|_| gone)?;
                self.untold.insert(entry);
            }
            Word::Enter(stage) => self.profile.enter(*stage, now_s),
            Word::Declare(entries) => {
                self.profile.add(entries, Origin::Declared, now_s);
                self.untold.extend(entries.iter().cloned());
            }
            Word::Lend { class, entries } => self.lend(class, entries, now_s),
        }
        Ok(())
    }

    fn is_new(&self) -> bool {
        self.is_learning() && self.profile.flows() <= NEWCOMER_FLOWS
    }

    /// Only who is new borrows: whoever has habits of its own keeps to them.
    fn lend(&mut self, class: &str, entries: &[Entry], now_s: u64) {
        if !self.is_new() {
            return;
        }
        self.profile.add(entries, Origin::Lent, now_s);
        self.profile.enter(Stage::Trial, now_s);
        self.lent = Some(class.to_owned());
        self.untold.extend(entries.iter().cloned());
        self.is_news = true;
    }
}

/// The median of the devices' medians, and the largest of their deviations: a class is as wide as its widest member.
fn of_class(own: impl Iterator<Item = Baseline>) -> Option<Baseline> {
    let mut own: Vec<_> = own.collect();
    own.sort_by_key(|baseline| baseline.median);
    Some(Baseline {
        median: own.get(own.len() / 2)?.median,
        deviation: own.iter().map(|baseline| baseline.deviation).max()?,
    })
}
