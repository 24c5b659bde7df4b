//! Everything that pages and programs ask about findings, put in order once and not at each request.

mod follow;

use language::say;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use findings::advisory::feed::Feed;
use findings::advisory::kev::Ransomware;
use findings::advisory::severity::Level;
use findings::filter::{Fields, Filter, Truth, Value};
use findings::finding::decision::{Ledger, State};
use findings::finding::priority::Priority;
use findings::finding::{Device, Finding, Occurrence, Subject, findings};
use findings::sbom::index::Index as Libraries;
use findings::score::{OpenFinding, Score, Standing};
use findings::time::Moment;

pub use follow::News;

use super::known::Devices;
use crate::store::advice::FeedNote;

/// What one request reads; it never changes, and the next one takes its place.
#[derive(Debug, Default)]
pub struct Index {
    pub at: Moment,
    pub feed: Arc<Feed>,
    pub note: Option<FeedNote>,
    pub ledger: Arc<Ledger>,
    pub devices: Devices,
    /// What is to be fixed first comes first.
    pub findings: Vec<Arc<Finding>>,
    /// What lists say of each finding, in the same order.
    pub rows: Vec<Arc<Row>>,
    pub scores: BTreeMap<String, Score>,
    pub fleet: Option<Score>,
    pub libraries: Arc<Libraries>,
    /// Vulnerabilities that nobody can rule out because a version is not known, by device.
    pub undecided: BTreeMap<String, BTreeSet<String>>,
    place_of: BTreeMap<String, usize>,
    /// In the order of findings.
    of_device: BTreeMap<String, Vec<Arc<Finding>>>,
}

/// One finding as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub kind: &'static str,
    pub level: Level,
    pub ransomware: bool,
    /// All devices that have it, open or not.
    pub devices: usize,
    pub classes: BTreeSet<String>,
    pub cells: BTreeSet<String>,
    pub tags: BTreeSet<String>,
}

/// What an index is made of.
#[derive(Debug)]
pub struct Makings {
    pub feed: Arc<Feed>,
    pub note: Option<FeedNote>,
    pub ledger: Arc<Ledger>,
    pub devices: Devices,
    pub occurrences: Vec<Occurrence>,
    pub undecided: BTreeMap<String, BTreeSet<String>>,
    pub libraries: Arc<Libraries>,
}

impl Index {
    pub fn of(makings: Makings, now: Moment) -> Self {
        let Makings {
            feed,
            note,
            ledger,
            devices,
            mut occurrences,
            undecided,
            libraries,
        } = makings;
        occurrences.retain(|occurrence| devices.contains_key(&occurrence.device));
        let for_findings: BTreeMap<String, Device> = devices
            .iter()
            .map(|(id, known)| (id.clone(), known.for_findings()))
            .collect();
        let found = findings(occurrences, &for_findings, &feed.catalogue, &ledger, now);
        let found: Vec<Arc<Finding>> = found.into_iter().map(Arc::new).collect();
        let rows = found
            .iter()
            .map(|finding| Arc::new(Row::of(finding, &feed, &devices)));
        let rows: Vec<Arc<Row>> = rows.collect();
        let mut index = Self {
            at: now,
            place_of: places(&rows),
            of_device: holdings(&found),
            feed,
            note,
            ledger,
            devices,
            findings: found,
            rows,
            libraries,
            undecided,
            ..Self::default()
        };
        index.score(now);
        index
    }

    fn score(&mut self, now: Moment) {
        let scores = self.devices.keys();
        let scores = scores.map(|id| (id.clone(), self.score_of(id, now)));
        self.scores = scores.collect();
        self.score_fleet();
    }

    fn score_of(&self, id: &str, now: Moment) -> Score {
        Score::of_device(&self.standing(id), now)
    }

    fn score_fleet(&mut self) {
        let all: Vec<Score> = self.scores.values().cloned().collect();
        self.fleet = (!all.is_empty()).then(|| Score::of_fleet(&all));
    }

    /// Each finding counts once for a device, wherever on it it was seen.
    fn standing(&self, id: &str) -> Standing {
        let known = self.devices.get(id);
        let mut open = BTreeMap::new();
        for (finding, occurrence) in self.on_device(id) {
            let (found, state) = &finding.occurrences[occurrence];
            if state.is_open() {
                open.entry(&finding.subject).or_insert((finding, found));
            }
        }
        let exposure = known.map_or_else(
            || findings::finding::priority::Exposure::Unknown,
            |known| known.exposure,
        );
        Standing {
            findings: open
                .into_values()
                .map(|(finding, found)| OpenFinding {
                    name: finding.subject.to_string(),
                    priority: Priority {
                        exposure,
                        devices: 1,
                        ..finding.priority
                    },
                    next_step: next_step(&finding.subject, Some(found)),
                })
                .collect(),
            last_scan: known.and_then(|known| known.last_scan),
            has_sbom: known.is_some_and(|known| known.has_sbom),
            feed_as_of: self.feed_as_of(),
        }
    }

    /// The age that counts is the one of the oldest source.
    pub fn feed_as_of(&self) -> Option<Moment> {
        self.feed.sources.values().map(|source| source.as_of).min()
    }

    pub fn find(&self, id: &str) -> Option<(&Finding, &Row)> {
        let place = *self.place_of.get(id)?;
        Some((&self.findings[place], &self.rows[place]))
    }

    /// What a device has, in the order of findings, as places among their occurrences.
    pub fn on_device(&self, id: &str) -> impl Iterator<Item = (&Finding, usize)> {
        let holds = self.of_device.get(id).map_or(&[][..], Vec::as_slice);
        holds.iter().flat_map(move |finding| {
            let places = finding.places_on(id);
            places.map(move |place| (finding.as_ref(), place))
        })
    }

    /// One page of those that pass, after the finding with that id, and how many pass in all.
    pub fn page(&self, filter: &Filter, after: Option<&str>, limit: usize) -> Page<'_> {
        let mut page = Page::default();
        let start = after.map_or(0, |id| self.place_of.get(id).map_or(0, |place| place + 1));
        for (place, (finding, row)) in self.findings.iter().zip(&self.rows).enumerate() {
            if !filter.passes(&Filtered { finding, row }) {
                continue;
            }
            page.matching += 1;
            if place < start {
                continue;
            }
            match page.items.len() < limit {
                true => page.items.push((finding.as_ref(), row.as_ref())),
                false => page.more = true,
            }
        }
        page
    }

    pub fn open(&self) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.open_devices > 0)
            .count()
    }

    /// Every occurrence again, as matching gave it.
    pub fn occurrences(&self) -> impl Iterator<Item = &Occurrence> {
        let all = self
            .findings
            .iter()
            .flat_map(|finding| &finding.occurrences);
        all.map(|(occurrence, _)| occurrence)
    }
}

/// One page of a list.
#[derive(Debug, Default)]
pub struct Page<'i> {
    pub items: Vec<(&'i Finding, &'i Row)>,
    pub matching: usize,
    pub more: bool,
}

impl Row {
    fn of(finding: &Finding, feed: &Feed, devices: &Devices) -> Self {
        let known = || holders(finding).filter_map(|holder| devices.get(holder));
        let advisory = match &finding.subject {
            Subject::Vulnerability(id) => feed.catalogue.find(id),
            _ => None,
        };
        let kev = advisory.and_then(|advisory| advisory.kev.as_ref());
        Self {
            id: finding.subject.to_string(),
            kind: kind(&finding.subject),
            level: finding.subject.level(&feed.catalogue),
            ransomware: kev.is_some_and(|kev| kev.ransomware == Ransomware::Known),
            classes: owned(known().map(|known| known.class.as_str())),
            cells: owned(known().map(|known| known.cell.as_str())),
            tags: owned(known().flat_map(|known| known.tags.iter().map(String::as_str))),
            devices: holders(finding).count(),
        }
    }
}

/// Those of many words that say something, once each.
fn owned<'w>(words: impl Iterator<Item = &'w str>) -> BTreeSet<String> {
    let words: BTreeSet<&str> = words.filter(|word| !word.is_empty()).collect();
    words.into_iter().map(str::to_owned).collect()
}

pub fn kind(subject: &Subject) -> &'static str {
    match subject {
        Subject::Vulnerability(_) => "cve",
        Subject::Weakness(_) => "service",
        Subject::Difference(_) => "difference",
    }
}

/// What somebody can do about it.
pub fn next_step(subject: &Subject, found: Option<&Occurrence>) -> String {
    match subject {
        Subject::Weakness(rule) => rule.advice().next_step.to_owned(),
        Subject::Difference(_) => {
            say!("Look at the filters between the two nodes, and at whether the device answers for itself.").to_owned()
        }
        Subject::Vulnerability(id) => match found.and_then(|found| found.fixed_in.as_deref()) {
            Some(version) => say!("Update to {version} or later: it is without {id}.", version, id),
            None => say!("Ask the maker for a version without {id}, or shut the service off.", id),
        },
    }
}

pub fn state_word(state: &State) -> &'static str {
    match state {
        State::Open => "open",
        State::Accepted { .. } => "accepted",
        State::NotAffected { .. } => "not_affected",
        State::Vendor(_) => "closed_by_vendor",
    }
}

fn places(rows: &[Arc<Row>]) -> BTreeMap<String, usize> {
    let rows = rows.iter().enumerate();
    rows.map(|(place, row)| (row.id.clone(), place)).collect()
}

/// Each device that has it, once.
fn holders(finding: &Finding) -> impl Iterator<Item = &str> {
    let same = |a: &(Occurrence, State), b: &(Occurrence, State)| a.0.device == b.0.device;
    let by_device = finding.occurrences.chunk_by(same);
    by_device.map(|of_one| of_one[0].0.device.as_str())
}

fn holdings(findings: &[Arc<Finding>]) -> BTreeMap<String, Vec<Arc<Finding>>> {
    let mut of_device: BTreeMap<String, Vec<Arc<Finding>>> = BTreeMap::new();
    for finding in findings {
        for holder in holders(finding) {
            match of_device.get_mut(holder) {
                Some(all) => all.push(Arc::clone(finding)),
                None => {
                    of_device.insert(holder.to_owned(), vec![Arc::clone(finding)]);
                }
            }
        }
    }
    of_device
}

struct Filtered<'f> {
    finding: &'f Finding,
    row: &'f Row,
}

impl Fields for Filtered<'_> {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let truth = |holds| Value::Truth(if holds { Truth::Yes } else { Truth::No });
        let priority = &self.finding.priority;
        Some(match name {
            "id" => Value::Text(&self.row.id),
            "title" => Value::Text(&self.finding.title),
            "kind" => Value::Text(self.row.kind),
            "level" => Value::Text(self.row.level.word()),
            "state" => Value::Text(match self.finding.open_devices {
                0 => "closed",
                _ => "open",
            }),
            "exploited" => truth(priority.exploited.is_some()),
            "ransomware" => truth(self.row.ransomware),
            "due" => truth(priority.due.is_some()),
            "epss" => Value::Number(i64::from(priority.likelihood.ppm() / 10_000)),
            "cvss" => Value::Number(i64::from(priority.severity_tenths / 10)),
            "devices" => {
                Value::Number(i64::try_from(self.finding.open_devices).unwrap_or(i64::MAX))
            }
            "class" => Value::Set(self.row.classes.iter().map(String::as_str).collect()),
            "cell" => Value::Set(self.row.cells.iter().map(String::as_str).collect()),
            "tag" => Value::Set(self.row.tags.iter().map(String::as_str).collect()),
            "device" => {
                let all = self.finding.occurrences.iter();
                Value::Set(all.map(|(found, _)| found.device.as_str()).collect())
            }
            _ => return None,
        })
    }
}
