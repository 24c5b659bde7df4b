//! What software is made of: bills of materials, what changed between two, and who has which library.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cpe::Cpe;
use crate::purl::Purl;

pub mod cyclonedx;
pub mod index;
pub mod packages;

/// The components of one firmware or one device, in order and without repetition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sbom {
    /// What it is about: a firmware, an operating system.
    pub name: String,
    pub version: String,
    pub components: BTreeSet<Component>,
    /// Components without a name, or beyond the limit.
    pub left_out: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    pub name: String,
    pub version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<Purl>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpe: Option<Cpe>,
}

/// What is different in a newer bill.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Change {
    Added {
        component: String,
        version: String,
    },
    Removed {
        component: String,
        version: String,
    },
    /// Both versions as the two bills have them, several joined by commas.
    Changed {
        component: String,
        from: String,
        to: String,
    },
}

impl Component {
    /// The package whatever its version: its package URL's key where it has one, else its name.
    pub fn key(&self) -> String {
        self.purl
            .as_ref()
            .map_or_else(|| self.name.clone(), Purl::package_key)
    }
}

impl Sbom {
    /// What a newer bill adds, removes and changes, by component.
    pub fn changes(&self, newer: &Self) -> Vec<Change> {
        let (old, new) = (self.versions(), newer.versions());
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let changes = keys.into_iter().filter_map(|key| {
            let component = key.clone();
            match (old.get(key), new.get(key)) {
                (None, Some(version)) => Some(Change::Added {
                    component,
                    version: joined(version),
                }),
                (Some(version), None) => Some(Change::Removed {
                    component,
                    version: joined(version),
                }),
                (Some(from), Some(to)) if from != to => Some(Change::Changed {
                    component,
                    from: joined(from),
                    to: joined(to),
                }),
                _ => None,
            }
        });
        changes.collect()
    }

    fn versions(&self) -> BTreeMap<String, BTreeSet<&str>> {
        let mut versions: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for component in &self.components {
            versions
                .entry(component.key())
                .or_default()
                .insert(&component.version);
        }
        versions
    }
}

fn joined(versions: &BTreeSet<&str>) -> String {
    versions.iter().copied().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sbom(components: &[(&str, &str)]) -> Sbom {
        let components = components.iter().map(|(name, version)| Component {
            name: (*name).into(),
            version: (*version).into(),
            purl: None,
            cpe: None,
        });
        Sbom {
            components: components.collect(),
            ..Sbom::default()
        }
    }

    #[test]
    fn changes_between_two_bills_are_named() {
        let old = sbom(&[
            ("busybox", "1.35"),
            ("curl", "8.0"),
            ("zlib", "1.2"),
            ("zlib", "1.3"),
        ]);
        let new = sbom(&[
            ("busybox", "1.36"),
            ("dropbear", "2022.83"),
            ("zlib", "1.2"),
            ("zlib", "1.3"),
        ]);
        assert_eq!(
            old.changes(&new),
            [
                Change::Changed {
                    component: "busybox".into(),
                    from: "1.35".into(),
                    to: "1.36".into()
                },
                Change::Removed {
                    component: "curl".into(),
                    version: "8.0".into()
                },
                Change::Added {
                    component: "dropbear".into(),
                    version: "2022.83".into()
                },
            ]
        );
        assert_eq!(old.changes(&old), []);
    }
}
