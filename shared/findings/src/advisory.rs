//! What is known about a vulnerability, merged from all sources under its CVE id.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cpe::Cpe;
use crate::limits;
use crate::range::{CpeRange, EventRange};
use crate::time::Moment;

pub mod catalogue;
pub mod csaf;
pub mod epss;
pub mod feed;
pub mod kev;
pub mod nvd;
pub mod osv;
pub mod severity;
pub mod vex;

use severity::Severity;

/// One vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Advisory {
    /// The CVE id; where there is none, the id of whoever published it.
    pub id: String,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub aliases: BTreeSet<String>,
    pub summary: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Moment>,
    /// Since when it is withdrawn or rejected; it matches nothing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Moment>,
    /// The one to go by first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<Severity>,
    /// In order, without repetition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<Affected>,
    /// Entries of `affected` that were too many to keep.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kev: Option<kev::Kev>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epss: Option<epss::Epss>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub references: BTreeSet<String>,
    pub sources: BTreeSet<Source>,
}

/// Who says something about vulnerabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Source {
    Nvd,
    Osv,
    Kev,
    Epss,
    Csaf,
    /// Patterns by which services are known, in recog's form.
    Recog,
}

/// What an advisory means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Affected {
    Products(Configuration),
    Package(Package),
}

/// NVD's configuration: all nodes must hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Configuration {
    pub nodes: Vec<Node>,
}

/// Names of which one, or all, must be there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Node {
    pub operator: Operator,
    pub criteria: Vec<Criterion>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Operator {
    Any,
    All,
    /// None of them may be there.
    NotAny,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Criterion {
    #[serde(flatten)]
    pub range: CpeRange,
    pub role: Role,
}

/// Whether the product itself is vulnerable, or only what it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    Vulnerable,
    Platform,
}

/// A package of some ecosystem.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Package {
    /// `deb/debian/openssl`, as [`crate::purl::Purl::package_key`] has it.
    pub key: String,
    /// The release of a distribution: `12`, `3.20`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<EventRange>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub versions: BTreeSet<String>,
}

/// What one import gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported<T> {
    pub items: Vec<T>,
    /// The date that the source gives itself.
    pub as_of: Option<Moment>,
    /// Entries without a usable id, or beyond the limit.
    pub skipped: u64,
}

/// Why a file is not imported.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    #[error("the file has {bytes} bytes, more than the {limit} that are read")]
    Long { bytes: usize, limit: usize },
    #[error("the file is not {what}: {reason}")]
    Shape { what: &'static str, reason: String },
}

impl Advisory {
    /// Every name of it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Takes in what another source says about the same vulnerability.
    pub fn merge(&mut self, other: Self) {
        self.aliases.extend(other.aliases);
        if other.id != self.id {
            self.aliases.insert(other.id);
        }
        if self.summary.is_empty() {
            self.summary = other.summary;
        }
        self.published = earlier(self.published, other.published);
        self.modified = self.modified.max(other.modified);
        self.withdrawn = self.withdrawn.or(other.withdrawn);
        self.severities.extend(other.severities);
        self.affected.extend(other.affected);
        self.left_out = self.left_out.saturating_add(other.left_out);
        self.kev = other.kev.or(self.kev.take());
        self.epss = other.epss.or(self.epss);
        self.references.extend(other.references);
        self.sources.extend(other.sources);
        self.settle();
    }

    /// Brings lists into their one order and within their bounds.
    pub fn settle(&mut self) {
        self.aliases.remove(&self.id);
        while self.aliases.len() > limits::ALIASES {
            self.aliases.pop_last();
        }
        while self.references.len() > limits::REFERENCES {
            self.references.pop_last();
        }
        self.severities.sort_unstable();
        self.severities.dedup();
        self.severities.truncate(limits::REFERENCES);
        self.affected.sort_unstable();
        self.affected.dedup();
        let over = self.affected.len().saturating_sub(limits::AFFECTED);
        self.affected.truncate(limits::AFFECTED);
        self.left_out = self
            .left_out
            .saturating_add(u32::try_from(over).unwrap_or(u32::MAX));
    }
}

impl Configuration {
    /// The names that are vulnerable themselves.
    pub fn vulnerable(&self) -> impl Iterator<Item = &CpeRange> {
        let criteria = self.nodes.iter().flat_map(|node| &node.criteria);
        criteria
            .filter(|criterion| criterion.role == Role::Vulnerable)
            .map(|criterion| &criterion.range)
    }

    /// The products by which it is found.
    pub fn product_keys(&self) -> BTreeSet<(String, String)> {
        self.vulnerable()
            .filter_map(|range| Cpe::product_key(&range.criteria))
            .collect()
    }
}

/// An id as it is kept: printable ASCII without blanks, within its length.
pub(crate) fn id(text: &str) -> Option<String> {
    let text = text.trim();
    let is_id = !text.is_empty()
        && text.len() <= limits::ID_CHARS
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_id.then(|| text.to_owned())
}

/// A link that a page may show: only the schemes of the web.
pub(crate) fn link(text: &str) -> Option<String> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let is_clean =
        text.len() <= limits::LINE_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_web && is_clean).then(|| text.to_owned())
}

/// Reads JSON within a limit of bytes.
pub(crate) fn json<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    limit: usize,
    what: &'static str,
) -> Result<T, ImportError> {
    if bytes.len() > limit {
        return Err(ImportError::Long {
            bytes: bytes.len(),
            limit,
        });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| ImportError::Shape {
        what,
        reason: crate::shown::line(&error.to_string(), limits::LINE_CHARS),
    })
}

fn earlier(a: Option<Moment>, b: Option<Moment>) -> Option<Moment> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}
