//! Zeek's connection logs through the rules: is every line read, and which sources scan by what the logs say?

use std::collections::BTreeSet;
use std::path::Path;

use detect::rules::{Observation, Parameters, Rule, Rules, Subject, Verdict};
use hearing::flow::Nets;
use hearing::zeek::{Connection, ConnectionLog};

use crate::captures::{self, CapturesError};
use lookout::observe::of_flow;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Metrics {
    pub logs: u32,
    pub connections: u64,
    /// Lines that are no connection.
    pub unread: u64,
    /// Lines that a label of the data set calls malicious.
    pub labelled: u64,
    /// Sources that a rule for scans names, over all logs.
    pub scanning_sources: u32,
    /// Those of them that no label calls malicious, in logs that have labels.
    pub unlabelled_sources: u32,
}

/// Replays every `conn.log`, labelled or not, below a folder.
pub fn connections(folder: &Path) -> Result<Metrics, CapturesError> {
    let mut metrics = Metrics::default();
    for path in captures::find_named(folder, &|name| name.starts_with("conn.log"))? {
        let file = captures::read(&path)?;
        metrics.add(&String::from_utf8_lossy(&file));
    }
    Ok(metrics)
}

impl Metrics {
    /// Replays one log.
    pub fn add(&mut self, text: &str) {
        let local = Nets::private();
        let mut lines = Vec::new();
        for line in ConnectionLog::open(text, &local) {
            match line {
                Ok(line) => lines.push(line),
                Err(_) => self.unread += 1,
            }
        }
        lines.sort_by_key(|line| line.flow.first);
        let is_malicious = |line: &&Connection| line.label.as_deref() == Some("Malicious");
        let malicious: BTreeSet<Subject> = lines.iter().filter(is_malicious).map(source).collect();
        let scanning: BTreeSet<Subject> = verdicts(&lines)
            .iter()
            .filter(|verdict| matches!(verdict.rule, Rule::FanOut | Rule::PingSweep))
            .map(|verdict| verdict.source)
            .collect();
        self.logs += 1;
        self.connections += lines.len() as u64;
        self.labelled += lines.iter().filter(is_malicious).count() as u64;
        self.scanning_sources += scanning.len() as u32;
        if lines.iter().any(|line| line.label.is_some()) {
            self.unlabelled_sources += scanning.difference(&malicious).count() as u32;
        }
    }
}

fn source(line: &Connection) -> Subject {
    lookout::observe::subject(line.flow.key.initiator.address)
}

/// The rules over the flows as they began, with a tick before each.
fn verdicts(lines: &[Connection]) -> Vec<Verdict> {
    const GRACE_US: u64 = 600_000;
    let mut rules = Rules::new(&Parameters::default());
    let mut verdicts = Vec::new();
    for Observation {
        at_us,
        source,
        what,
    } in lines.iter().flat_map(|line| of_flow(&line.flow))
    {
        verdicts.extend(rules.tick(at_us));
        verdicts.extend(rules.observe(Observation {
            at_us,
            source,
            what,
        }));
    }
    if let Some(last) = lines.last() {
        verdicts.extend(rules.tick(last.flow.first.micros() + GRACE_US));
    }
    verdicts
}
