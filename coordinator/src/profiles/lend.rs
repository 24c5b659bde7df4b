//! What a class of devices usually does is lent to a newcomer of it, whichever member keeps its profile.
//!
//! A member lends by itself where it watches three of a class (`lookout`). A device with a node of its own is alone there:
//! the coordinator knows what the others of its class do, and says so while the newcomer has hardly done anything.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use detect::limits::{LENDERS, LENDERS_MOST, NEWCOMER_FLOWS};
use protocol::class::DeviceClass;
use protocol::flows::{HabitWord, Stage, Standing, Words};
use protocol::id::DeviceId;
use protocol::limits::HABITS_PER_ORDER;
use protocol::text::Name;
use protocol::time::Timestamp;

use crate::store::fault::ReadError;
use crate::store::profiles::{Numbered, Of, SpokenWord, ToldProfile};

/// Who has not heard of it by then is no newcomer any more.
const HOLDS: Duration = Duration::from_secs(3600);

type Habits = Vec<(Words, Standing)>;

/// What is lent at this moment, and to whom; `habits` are those of a profile.
pub(super) fn due(
    habits: impl Fn(&ToldProfile) -> Result<Habits, ReadError>,
    profiles: &[ToldProfile],
    words: &[Numbered],
    class: impl Fn(Of) -> Option<DeviceClass>,
    now: Timestamp,
) -> Result<Vec<(DeviceId, SpokenWord)>, ReadError> {
    let mut lent = Vec::new();
    let mut baselines: BTreeMap<DeviceClass, Vec<Words>> = BTreeMap::new();
    for newcomer in profiles.iter().filter(|told| is_new(told, words, now)) {
        let Some(class_here) = class(newcomer.of).filter(|class| is_lent(*class)) else {
            continue;
        };
        let shared = match baselines.entry(class_here) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let like = |told: &&ToldProfile| class(told.of) == Some(class_here);
                let lenders = lenders(&habits, profiles.iter().filter(like))?;
                place.insert(baseline(&lenders))
            }
        };
        if shared.is_empty() {
            continue;
        }
        let word = HabitWord::Lend {
            class: name(class_here.word()),
            habits: shared.clone(),
        };
        let spoken = SpokenWord {
            whose: newcomer.of.whose(),
            word,
            by: name("coordinator"),
            at: now,
            until: now.saturating_add(HOLDS),
        };
        lent.push((newcomer.member, spoken));
    }
    Ok(lent)
}

/// What people do next with a phone or a computer is usual whatever it is, and others have nothing in common.
const fn is_lent(class: DeviceClass) -> bool {
    !matches!(
        class,
        DeviceClass::Phone | DeviceClass::Computer | DeviceClass::Other
    )
}

fn is_new(told: &ToldProfile, words: &[Numbered], now: Timestamp) -> bool {
    let profile = &told.profile;
    let was_lent = words.iter().any(|((member, _), spoken)| {
        *member == told.member
            && spoken.whose == told.of.whose()
            && matches!(spoken.word, HabitWord::Lend { .. })
    });
    profile.stage == Stage::Learning
        && profile.lent.is_none()
        && profile.count.flows <= NEWCOMER_FLOWS
        && now.since(profile.received) < HOLDS
        && !was_lent
}

/// The habits of each device that is past learning, put together from all who tell of it.
fn lenders<'t>(
    habits: impl Fn(&ToldProfile) -> Result<Habits, ReadError>,
    like: impl Iterator<Item = &'t ToldProfile>,
) -> Result<Vec<BTreeMap<Words, Standing>>, ReadError> {
    let mut of: BTreeMap<Of, BTreeMap<Words, Standing>> = BTreeMap::new();
    for told in like.filter(|told| told.profile.stage != Stage::Learning) {
        if of.len() >= LENDERS_MOST && !of.contains_key(&told.of) {
            continue;
        }
        of.entry(told.of).or_default().extend(habits(told)?);
    }
    Ok(of.into_values().collect())
}

/// What at least half of them do themselves, the best founded first; nothing where they are too few.
fn baseline(lenders: &[BTreeMap<Words, Standing>]) -> Vec<Words> {
    if lenders.len() < LENDERS {
        return Vec::new();
    }
    let mut voices: BTreeMap<&Words, (usize, u64)> = BTreeMap::new();
    for (words, standing) in lenders.iter().flatten() {
        // What was only lent or told is nobody's sighting.
        if standing.support > 0 {
            let (count, support) = voices.entry(words).or_default();
            *count += 1;
            *support = support.saturating_add(standing.support);
        }
    }
    let least = lenders.len().div_ceil(2);
    let mut shared: Vec<_> = voices
        .into_iter()
        .filter(|(_, (count, _))| *count >= least)
        .collect();
    shared.sort_by_key(|(_, founded)| std::cmp::Reverse(*founded));
    let best = shared.into_iter().take(HABITS_PER_ORDER);
    best.map(|(words, _)| words.clone()).collect()
}

fn name(text: &str) -> Name {
    Name::fitted(text).expect("a word of ours is a name")
}

#[cfg(test)]
mod tests;
