//! How two published versions of a product differ.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Read as _;
use std::sync::{Mutex, PoisonError};

use data_encoding::HEXLOWER;
use protocol::text::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tuf_core::draft::targets::TargetsDraft;

use super::blobs::SBOM_BYTES;
use super::contents::{self, ContentsError};
use super::firmware::{self, FirmwareError, Published};
use super::parts::{self, Parts};
use super::plan;
use super::roles::FIRMWARE;
use super::{ReleaseError, Releases};
use crate::store::repository::Draft;

/// Differences of one kind that are listed one by one.
pub const LISTED: usize = 500;
/// Comparisons that are kept: as many as drafts may wait, and as many that people asked for.
const KEPT: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReleaseComparison")]
pub struct Comparison {
    pub from: String,
    pub to: String,
    pub files: Compared,
    pub parts: Compared,
}

/// What became of two lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ComparedLists")]
pub enum Compared {
    /// One of them cannot be read, and why.
    Not(String),
    Differences {
        same: usize,
        added: usize,
        removed: usize,
        changed: usize,
        /// The first ones, by name.
        listed: Vec<Difference>,
    },
}

/// One name whose content is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ListDifference")]
pub struct Difference {
    pub name: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// Comparisons that were made: files never change under their hashes, and reading two images takes its time.
#[derive(Debug, Default)]
pub(super) struct Comparisons(Mutex<VecDeque<(Pair, Outcome)>>);

/// What is compared: versions as they are called, images, and lists of parts.
type Pair = [(Name, [u8; 32], Option<[u8; 32]>); 2];
/// Files and parts.
type Outcome = (Compared, Compared);

impl Comparisons {
    /// One comparison is made at a time, so that nobody who asks again and again has the disk for himself.
    fn of(&self, pair: Pair, make: impl FnOnce() -> Outcome) -> Outcome {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = kept.iter().find(|(known, _)| *known == pair) {
            return known.clone();
        }
        let made = make();
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back((pair, made.clone()));
        made
    }
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
        Ok(self.compared_in(&role, release(from)?, release(to)?))
    }

    /// What a draft releases, held against the release before it; nothing where there is none.
    pub fn compare_draft(&self, draft: &Draft) -> Result<Option<Comparison>, ReleaseError> {
        let Some(paper) = draft.papers.iter().find(|paper| paper.role == FIRMWARE) else {
            return Ok(None);
        };
        let (role, served) = (plan::read_payload(paper)?, self.published()?);
        let all = firmware::releases(&role);
        let mut new = all.iter();
        let new = new.find(|one| served.iter().all(|known| known.path != one.path));
        let before = new.and_then(|new| {
            let lower = all.iter().filter(|one| {
                one.release.product == new.release.product
                    && one.release.counter < new.release.counter
            });
            lower.max_by_key(|one| one.release.counter)
        });
        let pair = before.zip(new);
        Ok(pair.map(|(before, new)| self.compared_in(&role, before, new)))
    }

    fn compared_in(
        &self,
        role: &TargetsDraft,
        before: &Published,
        after: &Published,
    ) -> Comparison {
        let list = |one: &Published| {
            let path = one.release.sbom.as_ref().map(ToString::to_string);
            let target = path.and_then(|path| role.targets.get(&path));
            target.map(|target| target.sha256)
        };
        let parts = |one: &Published| {
            let list = list(one).ok_or_else(|| {
                format!("{} came without a list of its parts", one.release.version)
            })?;
            self.parts(&list)
        };
        let side = |one: &Published| (one.release.version.clone(), one.sha256, list(one));
        let (files, parts) = self.compared.of([side(before), side(after)], || {
            (
                compared(self.files(before), self.files(after)),
                compared(parts(before), parts(after)),
            )
        });
        Comparison {
            from: before.release.version.to_string(),
            to: after.release.version.to_string(),
            files,
            parts,
        }
    }

    fn files(&self, one: &Published) -> Result<BTreeMap<String, String>, String> {
        let image = File::open(self.blobs.path(&one.sha256)).map_err(ContentsError::from);
        let files = image.and_then(contents::list);
        let files = files.map_err(|error| error.to_string())?.into_iter();
        Ok(files
            .map(|(name, file)| {
                let hash = HEXLOWER.encode(&file.sha256[..8]);
                (name, format!("{} bytes, {hash}", file.length))
            })
            .collect())
    }

    fn parts(&self, sha256: &[u8; 32]) -> Result<BTreeMap<String, String>, String> {
        let mut list = Vec::new();
        let file = File::open(self.blobs.path(sha256));
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

type Named = BTreeMap<String, String>;

fn compared(before: Result<Named, String>, after: Result<Named, String>) -> Compared {
    match (before, after) {
        (Ok(before), Ok(after)) => differences(&before, &after),
        (Err(why), _) | (_, Err(why)) => Compared::Not(why),
    }
}

fn differences(before: &Named, after: &Named) -> Compared {
    let mut names: Vec<_> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let (mut same, mut added, mut removed, mut changed) = (0, 0, 0, 0);
    let mut listed = Vec::new();
    for name in names {
        let (before, after) = (before.get(name), after.get(name));
        let count = match (before, after) {
            (Some(before), Some(after)) if before == after => {
                same += 1;
                continue;
            }
            (None, _) => &mut added,
            (_, None) => &mut removed,
            _ => &mut changed,
        };
        *count += 1;
        if listed.len() < LISTED {
            listed.push(Difference {
                name: name.clone(),
                before: before.cloned(),
                after: after.cloned(),
            });
        }
    }
    Compared::Differences {
        same,
        added,
        removed,
        changed,
        listed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pairs: &[(&str, &str)]) -> Named {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn what_came_what_went_and_what_changed_is_told_apart() {
        let before = named(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let after = named(&[("b", "1"), ("c", "2"), ("d", "1")]);
        let Compared::Differences {
            same,
            added,
            removed,
            changed,
            listed,
        } = compared(Ok(before), Ok(after))
        else {
            panic!("both were read");
        };
        assert_eq!((same, added, removed, changed), (1, 1, 1, 1));
        let names: Vec<_> = listed.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "c", "d"]);
    }

    #[test]
    fn what_was_compared_is_not_read_again_and_the_oldest_goes() {
        let (kept, mut made) = (Comparisons::default(), 0);
        let mut compare = |number: usize| {
            let image = [u8::try_from(number).expect("small"); 32];
            let side = |image| (Name::new("1.0").expect("a name"), image, None);
            kept.of([side([0; 32]), side(image)], || {
                made += 1;
                let outcome = || Compared::Not(number.to_string());
                (outcome(), outcome())
            });
            made
        };
        for number in 0..KEPT {
            assert_eq!((compare(number), compare(number)), (number + 1, number + 1));
        }
        assert_eq!((compare(KEPT), compare(1)), (KEPT + 1, KEPT + 1));
        assert_eq!(compare(0), KEPT + 2, "the oldest went");
    }

    #[test]
    fn no_list_is_longer_than_people_read() {
        let many = (0..2 * LISTED).map(|number| (number.to_string(), String::new()));
        let Compared::Differences { added, listed, .. } =
            compared(Ok(Named::new()), Ok(many.collect()))
        else {
            panic!("both were read");
        };
        assert_eq!((added, listed.len()), (2 * LISTED, LISTED));
    }
}
