//! One profile from many: what most sites see of a class, and lending it to a new device.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Entry, Origin, Profile, ProfileConfig, Stage, Standing};
use crate::limits::{PROFILE_ENTRIES, PROFILE_SITES};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MergeError {
    #[error("{0} profiles: give between 1 and {PROFILE_SITES}")]
    Sites(usize),
    #[error("`least` is {least} of {sites} sites: give between 1 and their number")]
    Least { least: usize, sites: usize },
}

/// The baseline of a class: entries that at least so many sites hold, one voice a site. What a site was only lent or
/// told counts for nothing: nobody's echo is a sighting. The best founded stay where there are too many.
pub fn merged(sites: &[&Profile], least: usize) -> Result<BTreeMap<Entry, Standing>, MergeError> {
    if !(1..=PROFILE_SITES).contains(&sites.len()) {
        return Err(MergeError::Sites(sites.len()));
    }
    if !(1..=sites.len()).contains(&least) {
        return Err(MergeError::Least {
            least,
            sites: sites.len(),
        });
    }
    let mut seen: BTreeMap<&Entry, (usize, Standing)> = BTreeMap::new();
    let habits = sites.iter().flat_map(|site| &site.entries);
    for (entry, standing) in habits.filter(|(_, standing)| standing.support > 0) {
        let (voices, joint) = seen.entry(entry).or_insert((
            0,
            Standing {
                support: 0,
                ..*standing
            },
        ));
        *voices += 1;
        joint.first_s = joint.first_s.min(standing.first_s);
        joint.last_s = joint.last_s.max(standing.last_s);
        joint.support = joint.support.saturating_add(standing.support);
    }
    let mut kept: Vec<_> = seen
        .into_iter()
        .filter(|(_, (voices, _))| *voices >= least)
        .collect();
    kept.sort_by_key(|(_, (voices, standing))| std::cmp::Reverse((*voices, standing.support)));
    kept.truncate(PROFILE_ENTRIES);
    Ok(kept
        .into_iter()
        .map(|(entry, (_, standing))| (entry.clone(), standing))
        .collect())
}

impl Profile {
    /// A new device with the baseline of its class: on trial from its first flow, so that what its kind never does is
    /// said in the first hour. What it does of its own is learnt by a person's word, or by going back to learning.
    pub fn lent(baseline: &BTreeMap<Entry, Standing>, config: ProfileConfig, now_s: u64) -> Self {
        Self::given(baseline.keys(), Origin::Lent, config, now_s)
    }

    /// A new device with what its maker declares, likewise on trial.
    pub fn declared<'a>(
        entries: impl IntoIterator<Item = &'a Entry>,
        config: ProfileConfig,
        now_s: u64,
    ) -> Self {
        Self::given(entries, Origin::Declared, config, now_s)
    }

    fn given<'a>(
        entries: impl IntoIterator<Item = &'a Entry>,
        origin: Origin,
        config: ProfileConfig,
        now_s: u64,
    ) -> Self {
        let mut profile = Self::new(config, now_s);
        let standing = Standing {
            origin,
            first_s: now_s,
            last_s: now_s,
            support: 0,
        };
        profile.entries = entries
            .into_iter()
            .take(PROFILE_ENTRIES)
            .map(|entry| (entry.clone(), standing))
            .collect();
        profile.stage = Stage::Trial;
        profile
    }
}
