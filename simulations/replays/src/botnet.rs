//! `botnet_replay`: are captures of infected devices told from others, how soon, and is the right device named?
//!
//! Each capture goes through the lookout that nodes run, as if a node had been started with its first packet: nothing is
//! known of anybody, so only what speaks while a profile still learns can speak. A capture is of an attack when its path
//! says so, as research collections do; the suspect is then whoever asks for most connections, pings and addresses in
//! it. Everything said of anybody else is a false alert, and so is everything said in a capture that claims no attack.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use detect::rules::Parameters;
use hearing::capture::Packet;
use hearing::moment::Moment;
use lookout::firing::{Firing, Rule};
use lookout::lookout::Settings;
use lookout::replay::Replay;

use crate::captures::{self, CapturesError};
use crate::truth;

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
    /// Those in which the suspect was named.
    pub detected: u32,
    /// Those in which the first alert was about the suspect.
    pub source_right: u32,
    /// From the suspect's first scan, or else its first attempt, to the first alert about it: the longest.
    pub delay_s: f64,
    /// Alerts about others, each rule and source once a capture.
    pub false_alerts: u32,
    /// Who was named first in each capture of an attack that was detected.
    pub named: Vec<Named>,
    /// What was not detected.
    pub missed: Vec<String>,
    /// Who was accused wrongly, and by which rule.
    pub accused: Vec<String>,
}

/// The first alert about a suspect.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Named {
    pub capture: String,
    pub source: IpAddr,
    pub rule: &'static str,
    pub delay_s: f64,
}

/// Replays every capture below a folder through a lookout whose rules are set like this.
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
        let firings = firings(packets, parameters);
        let path_lower = path.to_ascii_lowercase();
        let claims = CLAIMS.iter().any(|claim| path_lower.contains(claim));
        let suspect = claims.then(|| suspect(packets)).flatten();
        self.captures += 1;
        if let Some((suspect, began)) = suspect {
            self.judge(path, suspect, began, &firings);
        }
        let others = firings
            .iter()
            .filter(|firing| suspect.is_none_or(|(suspect, _)| firing.address != suspect));
        let distinct: BTreeSet<(Rule, IpAddr)> =
            others.map(|firing| (firing.rule, firing.address)).collect();
        self.false_alerts += distinct.len() as u32;
        let accused = distinct
            .iter()
            .map(|(rule, address)| format!("{path}: {address} by {}", rule.word()));
        self.accused.extend(accused);
    }

    fn judge(&mut self, path: &str, suspect: IpAddr, began: Moment, firings: &[Firing]) {
        self.attacks += 1;
        let Some(first) = firings.iter().find(|firing| firing.address == suspect) else {
            self.missed.push(path.to_owned());
            return;
        };
        self.detected += 1;
        self.source_right += u32::from(firings[0].address == suspect);
        let delay_s = first.at.since(began).as_secs_f64();
        self.delay_s = self.delay_s.max(delay_s);
        self.named.push(Named {
            capture: path.to_owned(),
            source: suspect,
            rule: first.rule.word(),
            delay_s,
        });
    }
}

fn firings(packets: &[Packet<'_>], parameters: &Parameters) -> Vec<Firing> {
    let settings = Settings {
        rules: *parameters,
        ..Settings::default()
    };
    let mut replay = Replay::new(&settings, captures::networks(packets));
    for packet in packets {
        replay.packet(packet);
    }
    replay.end().firings
}

/// Whoever makes most attempts, and when its first scan or else its first attempt was.
fn suspect(packets: &[Packet<'_>]) -> Option<(IpAddr, Moment)> {
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
    Some((source, Moment::from_micros(scan.unwrap_or(first_us))))
}
