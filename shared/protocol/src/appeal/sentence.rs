//! What comes of a sentence: whom the root allows to be held so, how many, and when automation stops.
//!
//! It follows from the votes, the rulings and the roster alone, so that all who hold the same agree.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::others;
use crate::beacon::Rotation;
use crate::class::DeviceClass;
use crate::id::{DeviceId, Epoch};
use crate::limits;
use crate::roster::Roster;
use crate::ruling::{Rulings, at_once, is_exempt};
use crate::text::Name;
use crate::time::Timestamp;

/// Devices that automation may hold within [`HOUR`].
const PER_HOUR: usize = 3;
const HOUR: Duration = Duration::from_secs(3600);
/// More than one in so many of a cell within the hour, and a rule is wrong, or a gateway out.
const CELL_SHARE: usize = 5;
/// How long automation stops then.
const STOPPED: Duration = Duration::from_secs(86_400);

/// A committee has found enough against a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sentence {
    pub since: Timestamp,
    pub subject: DeviceId,
    pub epoch: Epoch,
}

/// Why a sentence holds nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spared {
    /// The root does not allow it for a device of this class or office.
    Exempt,
    /// Somebody has cleared the device since.
    Cleared,
    /// One device alone is too large a share of its cell.
    SmallCell,
    /// Too many of one cell: automation has stopped.
    Braked,
    /// Three were held within the hour.
    Hour,
    /// As many are in quarantine as may be at once.
    Full,
}

/// Too many of one cell at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brake {
    pub since: Timestamp,
    pub cell: Name,
    /// The sentence that was one too many.
    pub by: Sentence,
}

/// What all sentences together come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    held: BTreeMap<DeviceId, Sentence>,
    spared: BTreeMap<DeviceId, Spared>,
    brake: Option<Brake>,
    /// Whoever would be held, in order: what the brake looks at.
    wanted: Vec<Sentence>,
    begun: Vec<Sentence>,
}

/// Whether anything is automated at this moment, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Automation {
    /// The charter allows it for no class.
    #[default]
    Off,
    /// So few others have a seat that there is no committee.
    TooSmall {
        others: usize,
    },
    /// No seed is dealt or open: everybody would know the committee beforehand.
    NoSeeds,
    /// Too many of one cell at once.
    Braked {
        until: Timestamp,
    },
    On,
}

impl Spared {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exempt => "exempt",
            Self::Cleared => "cleared",
            Self::SmallCell => "small_cell",
            Self::Braked => "braked",
            Self::Hour => "hour",
            Self::Full => "full",
        }
    }

    /// For people.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Exempt => "the root does not allow that for a device of its class or office",
            Self::Cleared => "somebody has cleared it since",
            Self::SmallCell => "it alone is more than a fifth of its cell",
            Self::Braked => {
                "too many of one cell were sentenced within an hour, and automation has stopped"
            }
            Self::Hour => "three devices were held within the hour before",
            Self::Full => "as many devices are in quarantine as may be at once",
        }
    }
}

impl Automation {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::TooSmall { .. } => "too_small",
            Self::NoSeeds => "no_seeds",
            Self::Braked { .. } => "braked",
            Self::On => "on",
        }
    }

    /// For people; `classes` are those that the charter names.
    pub fn says(&self, classes: &[DeviceClass]) -> String {
        match self {
            Self::Off => {
                "Nothing is automated: the root allows it for no class of devices.".to_owned()
            }
            Self::TooSmall { others } => format!(
                "Nothing is automated: a committee has {} members, and {others} others have a seat.",
                limits::COMMITTEE
            ),
            Self::NoSeeds => "Nothing is automated: no seed is open by which a committee could be drawn that nobody knew beforehand.".to_owned(),
            Self::Braked { .. } => "Nothing is automated for a day: too many devices of one cell were sentenced within an hour. Signing the classes anew ends that.".to_owned(),
            Self::On => {
                let classes: Vec<&str> = classes.iter().map(|class| class.word()).collect();
                format!(
                    "A committee may hold a suspected device for a day, if it is of class {}.",
                    classes.join(", ")
                )
            }
        }
    }

    pub fn of(roster: &Roster, rotation: Rotation, effect: &Effect, now: Timestamp) -> Self {
        // Whoever is tried is not on its own committee.
        let others = roster
            .members()
            .filter(|member| roster.is_seated(&member.membership.device));
        let others = others.count().saturating_sub(1);
        let braked = effect
            .brake()
            .map(Brake::until)
            .filter(|until| now < *until);
        match (rotation, braked) {
            _ if roster.charter().automate.is_empty() => Self::Off,
            _ if others < limits::COMMITTEE => Self::TooSmall { others },
            (Rotation::Undealt | Rotation::Frozen { .. }, _) => Self::NoSeeds,
            (Rotation::Turning { .. }, Some(until)) => Self::Braked { until },
            (Rotation::Turning { .. }, None) => Self::On,
        }
    }
}

impl Sentence {
    pub fn until(&self) -> Timestamp {
        self.since.saturating_add(limits::QUARANTINE)
    }

    fn runs_at(&self, time: Timestamp) -> bool {
        self.since <= time && time < self.until()
    }
}

impl Brake {
    pub fn until(&self) -> Timestamp {
        self.since.saturating_add(STOPPED)
    }
}

impl Effect {
    /// Applies sentences in the order in which they fell: those who were held first stay.
    pub fn of(sentences: Vec<Sentence>, rulings: &Rulings, roster: &Roster) -> Self {
        let mut effect = Self::default();
        for sentence in sentences {
            match effect.judge(&sentence, rulings, roster) {
                Ok(()) => {
                    effect.spared.remove(&sentence.subject);
                    effect.held.insert(sentence.subject, sentence);
                    effect.begun.push(sentence);
                }
                Err(why) => effect.spare(&sentence, why),
            }
        }
        effect
    }

    /// Whoever is held by a sentence at this moment.
    pub fn held(&self, now: Timestamp) -> impl Iterator<Item = &Sentence> {
        let ahead = now.saturating_add(limits::CLOCK_AHEAD);
        let held = self.held.values();
        held.filter(move |sentence| sentence.since <= ahead && now < sentence.until())
    }

    pub fn holds(&self, device: &DeviceId, now: Timestamp) -> bool {
        !self.held.is_empty() && self.held(now).any(|sentence| sentence.subject == *device)
    }

    /// Why the newest sentence on a device holds it not.
    pub fn spared(&self, device: &DeviceId) -> Option<Spared> {
        self.spared.get(device).copied()
    }

    pub fn brake(&self) -> Option<&Brake> {
        self.brake.as_ref()
    }

    /// A cap spares whom it meets, and ends nothing that runs.
    fn spare(&mut self, sentence: &Sentence, why: Spared) {
        let ends = matches!(why, Spared::Exempt | Spared::Cleared);
        let held = self.held.get(&sentence.subject);
        if ends || held.is_none_or(|held| !held.runs_at(sentence.since)) {
            self.held.remove(&sentence.subject);
            self.spared.insert(sentence.subject, why);
        }
    }

    fn judge(
        &mut self,
        sentence: &Sentence,
        rulings: &Rulings,
        roster: &Roster,
    ) -> Result<(), Spared> {
        let (subject, since) = (&sentence.subject, sentence.since);
        if !may_automate(subject, roster) {
            return Err(Spared::Exempt);
        }
        if is_cleared(subject, since, rulings) {
            return Err(Spared::Cleared);
        }
        self.brake_at(sentence, roster)?;
        let others = self.begun.iter().filter(|begun| begun.subject != *subject);
        let within = others.filter(|begun| since.since(begun.since) < HOUR);
        if within
            .map(|begun| begun.subject)
            .collect::<BTreeSet<_>>()
            .len()
            >= PER_HOUR
        {
            return Err(Spared::Hour);
        }
        let mut running: BTreeSet<DeviceId> = rulings.held(roster, since);
        let begun = self.begun.iter().filter(|begun| begun.runs_at(since));
        running.extend(begun.map(|begun| begun.subject));
        running.remove(subject);
        if running.len() >= at_once(roster) {
            return Err(Spared::Full);
        }
        Ok(())
    }

    /// Whether automation has stopped, or stops with this sentence.
    fn brake_at(&mut self, sentence: &Sentence, roster: &Roster) -> Result<(), Spared> {
        let stopped = |brake: &Brake| sentence.since < brake.until();
        if self.brake.as_ref().is_some_and(stopped) {
            return Err(Spared::Braked);
        }
        let Some(cell) = cell_of(&sentence.subject, roster) else {
            return Err(Spared::Exempt);
        };
        self.wanted.push(*sentence);
        match self.crowd(cell, sentence.since, roster) {
            Crowd::Few => Ok(()),
            // One device in a small cell is no sign that a rule is wrong, and must not stop anything for others.
            Crowd::One => Err(Spared::SmallCell),
            // Whoever signs the charter anew has seen it and starts automation again.
            Crowd::TooMany if roster.charter().issued > sentence.since => Err(Spared::Braked),
            Crowd::TooMany => {
                self.brake = Some(Brake {
                    since: sentence.since,
                    cell: cell.clone(),
                    by: *sentence,
                });
                Err(Spared::Braked)
            }
        }
    }

    /// How large a share of a cell was sentenced within the hour.
    fn crowd(&self, cell: &Name, since: Timestamp, roster: &Roster) -> Crowd {
        let recent = self.wanted.iter();
        let recent = recent.filter(|wanted| since.since(wanted.since) < HOUR);
        let of_cell = recent.filter(|wanted| cell_of(&wanted.subject, roster) == Some(cell));
        let sentenced: BTreeSet<DeviceId> = of_cell.map(|wanted| wanted.subject).collect();
        let members = roster
            .members()
            .filter(|member| member.withdrawal.is_none() && member.membership.cell == *cell);
        match sentenced.len() {
            few if few * CELL_SHARE <= members.count() => Crowd::Few,
            1 => Crowd::One,
            _ => Crowd::TooMany,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crowd {
    Few,
    /// One, in a cell of which it is more than the share.
    One,
    TooMany,
}

/// Whether the root allows that a committee holds this device.
pub fn may_automate(device: &DeviceId, roster: &Roster) -> bool {
    let class = roster.member(device).map(|member| member.membership.class);
    let allowed = class.is_some_and(|class| roster.charter().automate.contains(&class));
    allowed
        && !is_exempt(device, roster)
        && others(device, roster).nth(limits::COMMITTEE - 1).is_some()
}

fn is_cleared(device: &DeviceId, since: Timestamp, rulings: &Rulings) -> bool {
    let cleared = rulings.cleared(device);
    cleared.is_some_and(|cleared| cleared >= since)
}

fn cell_of<'r>(device: &DeviceId, roster: &'r Roster) -> Option<&'r Name> {
    roster.member(device).map(|member| &member.membership.cell)
}
