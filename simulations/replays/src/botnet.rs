//! `botnet_replay`: are captures of infected devices told from others, how soon, and is the right device named?
//!
//! A capture is of an attack when its path says so, as research collections do; the suspect is then whoever asks for
//! most connections, pings and addresses in it. Everything said of anybody else is a false alert, and so is
//! everything said in a capture that claims no attack.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use detect::rules::{Parameters, Rule, Rules, Strength, Subject, Verdict};
use hearing::capture::Packet;
use hearing::flow::Nets;

use crate::captures::{self, CapturesError};
use crate::truth;
use lookout::observe::{Watch, subject};

/// Parts of paths that claim an attack.
const CLAIMS: [&str; 8] = [
    "malicious",
    "botnet",
    "scan",
    "brute",
    "attack",
    "infected",
    "mirai",
    "test-cc",
];

#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Metrics {
    pub captures: u32,
    /// Captures that claim an attack, and in which somebody can be suspected.
    pub attacks: u32,
    /// Those in which the suspect was named, by an alarm or by a sign.
    pub detected: u32,
    /// Those in which an alarm named it.
    pub alarmed: u32,
    /// Those in which the first verdict was about the suspect.
    pub source_right: u32,
    /// From the suspect's first scan, or else its first attempt, to the first verdict: the longest.
    pub delay_s: f64,
    /// Alarms about others, each rule and source once a capture.
    pub false_alerts: u32,
    /// Signs about others.
    pub false_signs: u32,
    /// What was not detected.
    pub missed: Vec<String>,
}

/// Replays every capture below a folder to rules that are set like this.
pub fn botnet_replay(folder: &Path, parameters: &Parameters) -> Result<Metrics, CapturesError> {
    let mut metrics = Metrics::default();
    for path in captures::find(folder)? {
        let file = captures::read(&path)?;
        let packets = captures::packets(&path, &file)?;
        let below = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy();
        metrics.add(&below, &packets, parameters);
    }
    Ok(metrics)
}

impl Metrics {
    /// Replays one capture, whose path says what it claims.
    pub fn add(&mut self, path: &str, packets: &[Packet<'_>], parameters: &Parameters) {
        let verdicts = verdicts(packets, parameters);
        let path_lower = path.to_ascii_lowercase();
        let claims = CLAIMS.iter().any(|claim| path_lower.contains(claim));
        let suspect = claims.then(|| suspect(packets)).flatten();
        self.captures += 1;
        if let Some((suspect, began_us)) = suspect {
            self.judge(path, suspect, began_us, &verdicts);
        }
        let others = verdicts
            .iter()
            .filter(|verdict| suspect.is_none_or(|(suspect, _)| verdict.source != suspect));
        let distinct: BTreeSet<(Rule, Subject)> = others
            .map(|verdict| (verdict.rule, verdict.source))
            .collect();
        for (rule, _) in distinct {
            match rule.strength() {
                Strength::Alarm => self.false_alerts += 1,
                Strength::Sign => self.false_signs += 1,
            }
        }
    }

    fn judge(&mut self, path: &str, suspect: Subject, began_us: u64, verdicts: &[Verdict]) {
        self.attacks += 1;
        let about = |verdict: &&Verdict| verdict.source == suspect;
        let Some(first) = verdicts.iter().find(about) else {
            self.missed.push(path.to_owned());
            return;
        };
        self.detected += 1;
        let is_alarm = |verdict: &Verdict| verdict.rule.strength() == Strength::Alarm;
        self.alarmed += u32::from(verdicts.iter().filter(about).any(is_alarm));
        self.source_right += u32::from(
            verdicts
                .first()
                .is_some_and(|verdict| verdict.source == suspect),
        );
        let delay_s = first.at_us.saturating_sub(began_us) as f64 / 1e6;
        self.delay_s = self.delay_s.max(delay_s);
    }
}

fn verdicts(packets: &[Packet<'_>], parameters: &Parameters) -> Vec<Verdict> {
    let mut watch = Watch::new(Nets::private(), Rules::new(parameters));
    let mut verdicts: Vec<_> = packets
        .iter()
        .flat_map(|packet| watch.take(packet))
        .collect();
    if let Some(last) = packets.last() {
        verdicts.extend(watch.pass(last.at.after(std::time::Duration::from_secs(5))));
    }
    verdicts
}

/// Whoever makes most attempts, and when its first scan or else its first attempt was.
fn suspect(packets: &[Packet<'_>]) -> Option<(Subject, u64)> {
    let mut attempts: BTreeMap<IpAddr, (u32, u64)> = BTreeMap::new();
    for (source, at_us) in truth::attempts(packets) {
        attempts.entry(source).or_insert((0, at_us)).0 += 1;
    }
    let (source, (_, first_us)) = attempts.into_iter().max_by_key(|(_, (count, _))| *count)?;
    let scans = truth::scans(packets);
    let scan = scans
        .iter()
        .filter(|scan| scan.source == source)
        .map(|scan| scan.began_us)
        .min();
    Some((subject(source), scan.unwrap_or(first_us)))
}
