//! Looking for a target: in order of trust, depth first, through roles that are loaded as they are reached.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::delegations::Backtracking;
use crate::limits;
use crate::load::Load;
use crate::role::RoleName;
use crate::targets::Target;
use crate::trusted::Trusted;
use crate::update::{Need, Save, UpdateError};

/// Where the search for a path stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<'a> {
    Found(&'a Target),
    /// Nobody who is trusted with this path lists it.
    Absent,
    /// The metadata of `role` has to be known first, by the word of `delegator`.
    Needs {
        role: String,
        delegator: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SearchError {
    #[error(
        "more than {} delegations would have to be followed",
        limits::DELEGATIONS_PER_SEARCH
    )]
    TooManyDelegations,
}

impl Trusted {
    /// Visits roles as their delegators list them, each once, until one lists the path.
    pub fn find_target(&self, path: &str) -> Result<Lookup<'_>, SearchError> {
        let word = |role: RoleName| role.word().to_owned();
        let mut ahead = vec![(word(RoleName::Targets), word(RoleName::Root))];
        let mut visited = BTreeSet::new();
        while let Some((role, delegator)) = ahead.pop() {
            if visited.contains(&role) {
                continue;
            }
            if visited.len() > limits::DELEGATIONS_PER_SEARCH {
                return Err(SearchError::TooManyDelegations);
            }
            let Some(targets) = self.vouched(&role, &delegator) else {
                return Ok(Lookup::Needs { role, delegator });
            };
            if let Some(target) = targets.targets.get(path) {
                return Ok(Lookup::Found(target));
            }
            let delegations = targets.delegations.as_ref();
            let below = delegations.map_or_else(Vec::new, |found| found.roles_for(path));
            if below.iter().any(|(_, after)| *after == Backtracking::Ends) {
                ahead.clear();
            }
            ahead.extend(
                below
                    .into_iter()
                    .rev()
                    .map(|(name, _)| (name, role.clone())),
            );
            visited.insert(role);
        }
        Ok(Lookup::Absent)
    }
}

/// A search that loads what it needs; like an update it is fed.
#[derive(Debug)]
pub struct Search {
    path: String,
    now_unix_s: u64,
    load: Option<Load>,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    Need(Need),
    Found(&'a Target),
    Absent,
}

impl Search {
    pub fn new(path: &str, now_unix_s: u64) -> Self {
        Self {
            path: path.to_owned(),
            now_unix_s,
            load: None,
        }
    }

    pub fn step<'a>(&mut self, trusted: &'a Trusted) -> Result<Step<'a>, SearchError> {
        if let Some(load) = &self.load {
            return Ok(Step::Need(load.need()));
        }
        Ok(match trusted.find_target(&self.path)? {
            Lookup::Found(target) => Step::Found(target),
            Lookup::Absent => Step::Absent,
            Lookup::Needs { role, delegator } => {
                let load = self.load.insert(Load::new(role, delegator));
                Step::Need(load.need())
            }
        })
    }

    /// Takes what was found for the need of the last step; what is refused changes nothing.
    pub fn feed(
        &mut self,
        trusted: &mut Trusted,
        answers: &[&[u8]],
    ) -> Result<Option<Save>, UpdateError> {
        let answers = &answers[..answers.len().min(limits::ANSWERS)];
        let load = self.load.as_mut().ok_or(UpdateError::Unasked)?;
        let save = load.feed(trusted, answers, self.now_unix_s)?;
        if load.is_done() {
            self.load = None;
        }
        Ok(save)
    }
}
