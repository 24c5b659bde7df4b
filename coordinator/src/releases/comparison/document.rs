//! A comparison as programs and the command line read it.

use data_encoding::HEXLOWER;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Compared, Comparison, Difference};
use crate::releases::contents::File;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReleaseComparison")]
pub struct ComparisonDocument {
    pub from: String,
    pub to: String,
    pub files: ComparedLists,
    pub parts: ComparedLists,
}

/// What became of two lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparedLists {
    /// One of them cannot be read, and why.
    Not(String),
    Differences {
        same: usize,
        added: usize,
        removed: usize,
        changed: usize,
        /// The first ones, by name.
        listed: Vec<ListDifference>,
    },
}

/// One name whose content is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListDifference {
    pub name: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl From<Comparison> for ComparisonDocument {
    fn from(comparison: Comparison) -> Self {
        let file = |file: File| {
            let hash = HEXLOWER.encode(&file.sha256[..8]);
            format!("{} bytes, {hash}", file.length)
        };
        Self {
            from: comparison.from.to_string(),
            to: comparison.to.to_string(),
            files: ComparedLists::of(comparison.files, file),
            parts: ComparedLists::of(comparison.parts, |versions| versions),
        }
    }
}

impl ComparedLists {
    fn of<T>(compared: Compared<T>, words: impl Fn(T) -> String) -> Self {
        match compared {
            Compared::Not(why) => Self::Not(why.to_string()),
            Compared::Told(found) => Self::Differences {
                same: found.same,
                added: found.added,
                removed: found.removed,
                changed: found.changed,
                listed: found
                    .listed
                    .into_iter()
                    .map(|one| ListDifference::of(one, &words))
                    .collect(),
            },
        }
    }
}

impl ListDifference {
    fn of<T>(one: Difference<T>, words: impl Fn(T) -> String) -> Self {
        let (before, after) = one.change.map(words).sides();
        Self {
            name: one.name,
            before,
            after,
        }
    }
}
