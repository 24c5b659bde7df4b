//! How two published versions of a product differ.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::blobs::SBOM_BYTES;
use super::contents::{self, ContentsError};
use super::firmware::{self, FirmwareError, Published};
use super::parts::{self, Parts};
use super::roles::FIRMWARE;
use super::{ReleaseError, Releases};

/// Differences of one kind that are listed one by one.
pub const LISTED: usize = 500;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    pub from: String,
    pub to: String,
    pub files: Compared,
    pub parts: Compared,
}

/// What became of two lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub name: String,
    pub before: Option<String>,
    pub after: Option<String>,
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
        let (before, after) = (release(from)?, release(to)?);
        let parts = |one: &Published| {
            let path = one.release.sbom.as_ref().map(ToString::to_string);
            let path = path.ok_or_else(|| {
                format!("{} came without a list of its parts", one.release.version)
            })?;
            let target = role.targets.get(&path);
            let target = target.ok_or_else(|| format!("{path} is not published"))?;
            self.parts(&target.sha256)
        };
        Ok(Comparison {
            from: from.to_owned(),
            to: to.to_owned(),
            files: compared(self.files(before), self.files(after)),
            parts: compared(parts(before), parts(after)),
        })
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
