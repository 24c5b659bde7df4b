//! How two published versions of a product differ.

pub mod document;
mod turns;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;

use protocol::text::Name;
use thiserror::Error;
use tuf_core::draft::targets::TargetsDraft;

use super::blobs::SBOM_BYTES;
use super::contents::{self, ContentsError, File};
use super::firmware::{self, FirmwareError, Published};
use super::parts::{self, Parts};
use super::plan;
use super::roles::FIRMWARE;
use super::{ReleaseError, Releases};
use crate::store::repository::Draft;
pub(super) use turns::Comparisons;
pub use turns::Wait;

/// Differences of one kind that are listed one by one.
pub const LISTED: usize = 500;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub from: Name,
    pub to: Name,
    pub files: Compared<File>,
    /// Of each, its versions.
    pub parts: Compared<String>,
}

/// What became of two lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared<T> {
    Not(Unread),
    Told(Differences<T>),
}

/// Why two lists are not compared.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unread {
    #[error("{0} came without a list of its parts")]
    NoList(Name),
    #[error("the image of {0} is no tar archive, so its files are not listed")]
    NotAnArchive(Name),
    #[error("{0}: {1}")]
    Broken(Name, String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differences<T> {
    pub same: usize,
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
    /// The first ones, by name.
    pub listed: Vec<Difference<T>>,
}

/// One name whose content is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<T> {
    pub name: String,
    pub change: Change<T>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    Added(T),
    Removed(T),
    Changed { before: T, after: T },
}

/// What a draft releases, held against the release before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftDifference {
    /// The draft is of something else.
    NoRelease,
    /// No other release of the product is there.
    First,
    /// It is still being made, or another one is.
    Underway,
    Held(Comparison),
}

impl Releases {
    /// Reads both images and both lists of parts; takes as long as that takes.
    pub fn compare(&self, product: &str, from: &str, to: &str) -> Result<Comparison, ReleaseError> {
        let role = self.before()?.targets(FIRMWARE)?;
        let known = firmware::releases(&role);
        let release = |version: &str| {
            let mut own = known.iter();
            let own = own.find(|one| {
                let release = &one.release;
                release.product.as_str() == product && release.version.as_str() == version
            });
            own.ok_or_else(|| FirmwareError::NoSuchRelease {
                product: product.to_owned(),
                version: version.to_owned(),
            })
        };
        let compared = self.compared_in(&role, release(from)?, release(to)?, Wait::UntilMade);
        Ok(compared.expect("whoever waits until it is made has it"))
    }

    pub fn compare_draft(
        &self,
        draft: &Draft,
        wait: Wait,
    ) -> Result<DraftDifference, ReleaseError> {
        let Some(paper) = draft.papers.iter().find(|paper| paper.role == FIRMWARE) else {
            return Ok(DraftDifference::NoRelease);
        };
        let (role, served) = (plan::read_payload(paper)?, self.published()?);
        let all = firmware::releases(&role);
        let mut new = all.iter();
        let new = new.find(|one| served.iter().all(|known| known.path != one.path));
        let Some(new) = new else {
            return Ok(DraftDifference::NoRelease);
        };
        let lower = all.iter().filter(|one| {
            one.release.product == new.release.product && one.release.counter < new.release.counter
        });
        let Some(before) = lower.max_by_key(|one| one.release.counter) else {
            return Ok(DraftDifference::First);
        };
        let compared = self.compared_in(&role, before, new, wait);
        Ok(compared.map_or(DraftDifference::Underway, DraftDifference::Held))
    }

    fn compared_in(
        &self,
        role: &TargetsDraft,
        before: &Published,
        after: &Published,
        wait: Wait,
    ) -> Option<Comparison> {
        let list = |one: &Published| {
            let path = one.release.sbom.as_ref().map(ToString::to_string);
            let target = path.and_then(|path| role.targets.get(&path));
            target.map(|target| target.sha256)
        };
        let parts = |one: &Published| {
            let version = &one.release.version;
            let list = list(one).ok_or_else(|| Unread::NoList(version.clone()))?;
            let parts = self.parts(&list);
            parts.map_err(|error| Unread::Broken(version.clone(), error))
        };
        let side = |one: &Published| (one.release.version.clone(), one.sha256, list(one));
        let (files, parts) = self.compared.of([side(before), side(after)], wait, || {
            (
                compared(self.files(before), self.files(after)),
                compared(parts(before), parts(after)),
            )
        })?;
        Some(Comparison {
            from: before.release.version.clone(),
            to: after.release.version.clone(),
            files,
            parts,
        })
    }

    fn files(&self, one: &Published) -> Result<Named<File>, Unread> {
        let version = || one.release.version.clone();
        let image = fs::File::open(self.blobs.path(&one.sha256)).map_err(ContentsError::from);
        image.and_then(contents::list).map_err(|error| match error {
            ContentsError::NotAnArchive => Unread::NotAnArchive(version()),
            other => Unread::Broken(version(), other.to_string()),
        })
    }

    fn parts(&self, sha256: &[u8; 32]) -> Result<Named<String>, String> {
        let mut list = Vec::new();
        let file = fs::File::open(self.blobs.path(sha256));
        let read = file.and_then(|file| file.take(SBOM_BYTES).read_to_end(&mut list));
        read.map_err(|error| error.to_string())?;
        let parts: Parts = parts::read(&list).map_err(|error| error.to_string())?;
        let words = |versions: std::collections::BTreeSet<String>| {
            versions.into_iter().collect::<Vec<_>>().join(", ")
        };
        let parts = parts.into_iter();
        Ok(parts
            .map(|(name, versions)| (name, words(versions)))
            .collect())
    }
}

type Named<T> = BTreeMap<String, T>;

fn compared<T: Clone + PartialEq>(
    before: Result<Named<T>, Unread>,
    after: Result<Named<T>, Unread>,
) -> Compared<T> {
    match (before, after) {
        (Ok(before), Ok(after)) => Compared::Told(differences(&before, &after)),
        (Err(why), _) | (_, Err(why)) => Compared::Not(why),
    }
}

fn differences<T: Clone + PartialEq>(before: &Named<T>, after: &Named<T>) -> Differences<T> {
    let mut names: Vec<_> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let mut found = Differences {
        same: 0,
        added: 0,
        removed: 0,
        changed: 0,
        listed: Vec::new(),
    };
    for name in names {
        match change(before.get(name), after.get(name)) {
            Some(change) => found.note(name, change),
            None => found.same += 1,
        }
    }
    found
}

fn change<'a, T: PartialEq>(before: Option<&'a T>, after: Option<&'a T>) -> Option<Change<&'a T>> {
    match (before, after) {
        (Some(before), Some(after)) if before == after => None,
        (Some(before), Some(after)) => Some(Change::Changed { before, after }),
        (None, Some(after)) => Some(Change::Added(after)),
        (Some(before), None) => Some(Change::Removed(before)),
        (None, None) => None,
    }
}

impl<T: Clone> Differences<T> {
    fn note(&mut self, name: &str, change: Change<&T>) {
        *match &change {
            Change::Added(_) => &mut self.added,
            Change::Removed(_) => &mut self.removed,
            Change::Changed { .. } => &mut self.changed,
        } += 1;
        if self.listed.len() < LISTED {
            self.listed.push(Difference {
                name: name.to_owned(),
                change: change.map(T::clone),
            });
        }
    }
}

impl<T> Differences<T> {
    /// How many more there are than are listed.
    pub const fn more(&self) -> usize {
        self.added + self.removed + self.changed - self.listed.len()
    }
}

impl<T> Change<T> {
    /// What was before, and what is after.
    pub fn sides(self) -> (Option<T>, Option<T>) {
        match self {
            Self::Added(after) => (None, Some(after)),
            Self::Removed(before) => (Some(before), None),
            Self::Changed { before, after } => (Some(before), Some(after)),
        }
    }

    pub fn map<U>(self, each: impl Fn(T) -> U) -> Change<U> {
        match self {
            Self::Added(after) => Change::Added(each(after)),
            Self::Removed(before) => Change::Removed(each(before)),
            Self::Changed { before, after } => Change::Changed {
                before: each(before),
                after: each(after),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pairs: &[(&str, &str)]) -> Named<String> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn what_came_what_went_and_what_changed_is_told_apart() {
        let before = named(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let after = named(&[("b", "1"), ("c", "2"), ("d", "1")]);
        let found = differences(&before, &after);
        let counts = (found.same, found.added, found.removed, found.changed);
        assert_eq!(counts, (1, 1, 1, 1));
        let names: Vec<_> = found.listed.iter().map(|one| one.name.as_str()).collect();
        assert_eq!((names, found.more()), (vec!["a", "c", "d"], 0));
    }

    #[test]
    fn no_list_is_longer_than_people_read() {
        let many = (0..2 * LISTED).map(|number| (number.to_string(), String::new()));
        let found = differences(&Named::new(), &many.collect());
        let counts = (found.added, found.listed.len(), found.more());
        assert_eq!(counts, (2 * LISTED, LISTED, LISTED));
    }
}
