//! A feed: all that is known about vulnerabilities in one file that can be signed and carried, with the age of each source.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::catalogue::Catalogue;
use super::vex::Statement;
use super::{Advisory, Source};
use crate::banner::Patterns;
use crate::limits;
use crate::time::Moment;

/// What one feed carries. The file is JSON, one value a line: a header, the advisories by id, the statements in order, the
/// files of patterns by what they are tried on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feed {
    pub issued: Moment,
    pub sources: BTreeMap<Source, SourceAge>,
    pub catalogue: Catalogue,
    /// In order, without repetition.
    pub vex: Vec<Statement>,
    /// By which texts of services products are known.
    pub patterns: Patterns,
}

/// How old what a source says is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceAge {
    /// The date that the source gives itself, or when it was fetched.
    pub as_of: Moment,
    pub entries: u64,
}

/// Why a file is no feed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FeedError {
    #[error("the feed has {0} bytes, more than the {limit} that are read", limit = limits::FEED_BYTES)]
    Long(usize),
    #[error("line {0} of the feed is longer than {limit} bytes", limit = limits::FEED_LINE_BYTES)]
    LongLine(usize),
    #[error("line {line} of the feed is not what stands there: {reason}")]
    Line { line: usize, reason: String },
    #[error("this is no feed: the first line must say \"format\":\"palisade-feed\"")]
    Format,
    #[error("the feed has version {0}; this program reads up to version {VERSION}: update it")]
    Version(u32),
    #[error(
        "line {0} of the feed is written in another way than ours, or stands out of order: it was changed"
    )]
    Canonical(usize),
    #[error("the feed says that it has {said} entries and has {found}: it is incomplete")]
    Count { said: u64, found: u64 },
}

const FORMAT: &str = "palisade-feed";
const VERSION: u32 = 2;
/// A feed without patterns is written as it was before there were any.
const WITHOUT_PATTERNS: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    issued: Moment,
    sources: BTreeMap<Source, SourceAge>,
    advisories: u64,
    vex: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    patterns: u64,
}

/// One file of patterns.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PatternLine {
    matches: String,
    file: String,
}

impl Feed {
    /// The canonical bytes: equal feeds have equal bytes.
    pub fn write(&self) -> Vec<u8> {
        let header = Header {
            format: FORMAT.into(),
            version: match self.patterns.is_empty() {
                true => WITHOUT_PATTERNS,
                false => VERSION,
            },
            issued: self.issued,
            sources: self.sources.clone(),
            advisories: self.catalogue.len() as u64,
            vex: self.vex.len() as u64,
            patterns: self.patterns.len() as u64,
        };
        let mut bytes = line_of(&header);
        for advisory in self.catalogue.iter() {
            bytes.extend(line_of(advisory));
        }
        for statement in &self.vex {
            bytes.extend(line_of(statement));
        }
        for (matches, file) in self.patterns.files() {
            let (matches, file) = (matches.to_owned(), file.to_owned());
            bytes.extend(line_of(&PatternLine { matches, file }));
        }
        bytes
    }

    /// Reads what [`Feed::write`] wrote, and nothing that is written in another way.
    pub fn read(bytes: &[u8]) -> Result<Self, FeedError> {
        if bytes.len() > limits::FEED_BYTES {
            return Err(FeedError::Long(bytes.len()));
        }
        let mut lines = Lines {
            rest: bytes,
            number: 0,
        };
        let header: Header = lines.header()?;
        if (header.version == WITHOUT_PATTERNS) != (header.patterns == 0) {
            return Err(FeedError::Canonical(lines.number));
        }
        let mut feed = Self {
            issued: header.issued,
            sources: header.sources,
            ..Self::default()
        };
        let mut last = String::new();
        for _ in 0..header.advisories {
            let Some(mut advisory) = lines.next::<Advisory>()? else {
                break;
            };
            let before = advisory.clone();
            advisory.settle();
            if advisory != before || advisory.id <= last {
                return Err(FeedError::Canonical(lines.number));
            }
            last.clone_from(&advisory.id);
            let line = lines.number;
            feed.catalogue
                .add(advisory)
                .map_err(|full| FeedError::Line {
                    line,
                    reason: full.to_string(),
                })?;
        }
        for _ in 0..header.vex {
            let Some(statement) = lines.next::<Statement>()? else {
                break;
            };
            if feed.vex.last().is_some_and(|before| *before >= statement)
                || feed.vex.len() == limits::VEX_STATEMENTS
            {
                return Err(FeedError::Canonical(lines.number));
            }
            feed.vex.push(statement);
        }
        feed.read_patterns(&mut lines)?;
        let counts = [header.advisories, header.vex, header.patterns];
        match counts == feed.counts() {
            true => Ok(feed),
            false => Err(FeedError::Count {
                said: counts.into_iter().fold(0, u64::saturating_add),
                found: feed.counts().into_iter().sum(),
            }),
        }
    }

    fn read_patterns(&mut self, lines: &mut Lines<'_>) -> Result<(), FeedError> {
        let mut last = String::new();
        while let Some(PatternLine { matches, file }) = lines.next::<PatternLine>()? {
            if matches <= last || file.len() > limits::PATTERN_FILE_BYTES {
                return Err(FeedError::Canonical(lines.number));
            }
            last.clone_from(&matches);
            let line = lines.number;
            let put = self.patterns.put(matches, file);
            put.map_err(|error| FeedError::Line {
                line,
                reason: error.to_string(),
            })?;
        }
        Ok(())
    }

    /// Adds what makers say, in the order of the file.
    pub fn add_vex(&mut self, statements: Vec<Statement>) {
        self.vex.extend(statements);
        self.vex.sort_unstable();
        self.vex.dedup();
        self.vex.truncate(limits::VEX_STATEMENTS);
    }

    /// Notes the age of a source; of two dates the newer counts.
    pub fn note(&mut self, source: Source, as_of: Moment, entries: u64) {
        let age = self
            .sources
            .entry(source)
            .or_insert(SourceAge { as_of, entries: 0 });
        age.as_of = age.as_of.max(as_of);
        age.entries = age.entries.saturating_add(entries);
    }

    /// The oldest source of advisories with its age in days.
    pub fn oldest(&self, now: Moment) -> Option<(Source, u64)> {
        // Patterns say nothing about vulnerabilities, and go out of date with products, not with days.
        let ages = self
            .sources
            .iter()
            .filter(|(source, _)| **source != Source::Recog);
        let ages = ages.map(|(source, age)| (*source, now.days_since(age.as_of)));
        ages.max_by_key(|(_, days)| *days)
    }

    /// Advisories, statements, files of patterns.
    pub fn counts(&self) -> [u64; 3] {
        let counts = [self.catalogue.len(), self.vex.len(), self.patterns.len()];
        counts.map(|count| count as u64)
    }
}

const fn is_none(count: &u64) -> bool {
    *count == 0
}

fn line_of<T: Serialize>(value: &T) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("the types of a feed have text keys only");
    line.push(b'\n');
    line
}

struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Lines<'a> {
    fn header(&mut self) -> Result<Header, FeedError> {
        #[derive(Deserialize)]
        struct Kind {
            format: String,
            version: u32,
        }
        let line = self
            .rest
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let kind: Kind = match line.len() <= limits::FEED_LINE_BYTES {
            true => serde_json::from_slice(line).map_err(|_| FeedError::Format)?,
            false => return Err(FeedError::Format),
        };
        let is_known = (WITHOUT_PATTERNS..=VERSION).contains(&kind.version);
        match (kind.format == FORMAT, is_known) {
            (false, _) => Err(FeedError::Format),
            (_, false) => Err(FeedError::Version(kind.version)),
            _ => self.next()?.ok_or(FeedError::Format),
        }
    }

    /// The next value; none at the end. A line that is written in another way is refused.
    fn next<T: Serialize + Deserialize<'a>>(&mut self) -> Result<Option<T>, FeedError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let end = self
            .rest
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or(FeedError::Canonical(self.number))?;
        if end > limits::FEED_LINE_BYTES {
            return Err(FeedError::LongLine(self.number));
        }
        let (line, rest) = self.rest.split_at(end + 1);
        self.rest = rest;
        let value: T = serde_json::from_slice(&line[..end]).map_err(|error| FeedError::Line {
            line: self.number,
            reason: crate::shown::line(&error.to_string(), limits::LINE_CHARS),
        })?;
        match line_of(&value) == line {
            true => Ok(Some(value)),
            false => Err(FeedError::Canonical(self.number)),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::{csaf, epss, nvd, osv};
    use super::*;

    pub(crate) fn feed() -> Feed {
        let mut feed = Feed {
            issued: Moment(1_800_000_000),
            ..Feed::default()
        };
        let read = nvd::import(nvd::tests::FILE.as_bytes()).unwrap();
        feed.note(Source::Nvd, read.as_of.unwrap(), read.items.len() as u64);
        for advisory in read.items {
            feed.catalogue.add(advisory).unwrap();
        }
        let osv = br#"{"id":"DSA-1","modified":"2026-01-01T00:00:00Z","aliases":["CVE-2025-0001"],"affected":[{"package":{"ecosystem":"Debian:12","name":"curl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"7.2-1"}]}]}]}"#;
        for advisory in osv::import(osv).unwrap().items {
            feed.catalogue.add(advisory).unwrap();
        }
        let scores = epss::import(b"cve,epss,percentile\nCVE-2016-7406,0.2,0.9\n").unwrap();
        feed.catalogue.add_epss(scores.items);
        feed.add_vex(csaf::import(csaf::tests::FILE.as_bytes()).unwrap().items);
        feed
    }

    #[test]
    fn a_feed_is_read_as_it_was_written() {
        let feed = feed();
        let bytes = feed.write();
        let read = Feed::read(&bytes).unwrap();
        assert_eq!(read, feed);
        assert_eq!(read.write(), bytes);
        assert_eq!(read.oldest(Moment(1_800_000_000)), Some((Source::Nvd, 75)));
    }

    #[test]
    fn patterns_travel_with_a_feed() {
        let plain = feed().write();
        let mut feed = feed();
        for matches in ["ssh.banner", "ftp.banner"] {
            let file = format!("<fingerprints matches=\"{matches}\">\n</fingerprints>");
            feed.patterns.add(file.as_bytes()).unwrap();
        }
        let bytes = feed.write();
        assert_eq!(Feed::read(&bytes), Ok(feed.clone()));
        assert!(bytes.starts_with(br#"{"format":"palisade-feed","version":2"#));
        feed.patterns = Patterns::default();
        assert_eq!(feed.write(), plain);
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let swapped = [&lines[..6], &[lines[7], lines[6], ""]].concat().join("\n");
        for (changed, expected) in [
            (swapped, FeedError::Canonical(8)),
            (
                lines[..7].join("\n") + "\n",
                FeedError::Count { said: 7, found: 6 },
            ),
            (
                text.replacen("\"version\":2", "\"version\":1", 1),
                FeedError::Canonical(1),
            ),
        ] {
            assert_eq!(Feed::read(changed.as_bytes()), Err(expected));
        }
    }

    #[test]
    fn whatever_is_changed_in_a_feed_is_refused() {
        let text = String::from_utf8(feed().write()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let swapped = [
            lines[0], lines[2], lines[1], lines[3], lines[4], lines[5], "",
        ]
        .join("\n");
        for (changed, expected) in [
            (text.replacen("palisade-feed", "feed", 1), FeedError::Format),
            (
                text.replacen("\"version\":1", "\"version\":3", 1),
                FeedError::Version(3),
            ),
            (
                text.replacen("\"version\":1", "\"version\":2", 1),
                FeedError::Canonical(1),
            ),
            (
                text.replacen("\"version\":1", "\"version\": 1", 1),
                FeedError::Canonical(1),
            ),
            (swapped, FeedError::Canonical(3)),
            (
                lines[..5].join("\n") + "\n",
                FeedError::Count { said: 5, found: 4 },
            ),
            (text.trim_end().to_owned(), FeedError::Canonical(6)),
            (
                text.replacen(",\"summary\"", ",\"x\":1,\"summary\"", 1),
                FeedError::Canonical(2),
            ),
        ] {
            assert_eq!(Feed::read(changed.as_bytes()), Err(expected));
        }
    }
}
