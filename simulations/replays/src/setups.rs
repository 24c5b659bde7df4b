//! `setups`: real devices that do nothing wrong, set up again and again, through the lookout that nodes run. How often
//! does it speak?
//!
//! Captures lie in a folder for each type of device, as for `fingerprint`. The first half of them is what the device is
//! learnt from, spread over the time for which a profile learns; each of the others is one day after that. To be set up
//! is the most that such a device ever does at once, and it does so at another address each time: life is quieter.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hearing::capture::Packet;
use hearing::flow::Nets;
use hearing::moment::Moment;
use lookout::firing::{Firing, Rule};
use lookout::lookout::Settings;
use lookout::replay::Replay;

use crate::captures::{self, CapturesError};

#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Metrics {
    /// Types of devices, each of which has its own network.
    pub types: u32,
    /// Captures that a device was learnt from, and those that were judged, one for a day.
    pub learnt: u32,
    pub judged: u32,
    /// Days in which a profile was on trial, of the judged ones: whoever says too little goes on learning.
    pub on_trial: u32,
    /// What was said, each rule about a device once a day.
    pub alerts: u32,
    pub alerts_per_100_device_days: f64,
    pub by_rule: BTreeMap<&'static str, u32>,
    /// What was said of whom, and why.
    pub said: Vec<String>,
}

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Fewer captures of a type are nothing to learn from and judge.
const FEWEST: usize = 4;
const START: Moment = Moment::from_secs(1_700_006_400);

/// Replays the captures of every type below a folder.
pub fn setups(folder: &Path) -> Result<Metrics, CapturesError> {
    let mut metrics = Metrics::default();
    for (name, paths) in captures::by_type(folder)? {
        if paths.len() >= FEWEST {
            metrics.add(&name, &paths)?;
        }
    }
    metrics.alerts_per_100_device_days =
        f64::from(metrics.alerts) * 100.0 / f64::from(metrics.judged.max(1));
    Ok(metrics)
}

impl Metrics {
    fn add(&mut self, name: &str, paths: &[PathBuf]) -> Result<(), CapturesError> {
        let (lessons, trials) = paths.split_at(paths.len() / 2);
        let settings = Settings::default();
        let step = settings.profile.learning / lessons.len() as u32;
        let mut replay = Replay::new(&settings, Nets::private());
        self.types += 1;
        self.learnt += lessons.len() as u32;
        self.judged += trials.len() as u32;
        let mut at = START;
        for (number, path) in paths.iter().enumerate() {
            let firings = lived(&mut replay, path, at)?;
            if number < lessons.len() {
                at = at.after(step);
            } else {
                self.on_trial += u32::from(is_on_trial(&mut replay));
                at = at.after(DAY);
            }
            self.count(name, path, firings);
        }
        Ok(())
    }

    fn count(&mut self, name: &str, path: &Path, firings: Vec<Firing>) {
        let mut said: BTreeSet<(Rule, IpAddr)> = BTreeSet::new();
        for firing in firings {
            if said.insert((firing.rule, firing.address)) {
                self.alerts += 1;
                *self.by_rule.entry(firing.rule.word()).or_insert(0) += 1;
            }
            let habit = firing.entry.map(|entry| entry.to_string());
            self.said.push(format!(
                "{name} {}: {} {} {} {}",
                path.file_stem().unwrap_or_default().to_string_lossy(),
                firing.address,
                firing.rule.word(),
                firing.examples.join(" "),
                habit.unwrap_or_default()
            ));
        }
    }
}

fn is_on_trial(replay: &mut Replay) -> bool {
    let lookout = replay.lookout();
    let devices: Vec<_> = lookout.devices().collect();
    devices.iter().any(|(whose, _)| {
        let stage = lookout.stage(*whose);
        stage.is_some_and(|(stage, _)| stage != detect::profile::Stage::Learning)
    })
}

/// Plays a capture as if it had begun at this time, and lets its flows end.
fn lived(replay: &mut Replay, path: &Path, begin: Moment) -> Result<Vec<Firing>, CapturesError> {
    const REST: Duration = Duration::from_secs(600);
    let file = captures::read(path)?;
    let packets = captures::packets(path, &file)?;
    let Some(first) = packets.first().map(|packet| packet.at) else {
        return Ok(Vec::new());
    };
    let mut last = begin;
    for packet in &packets {
        last = begin.after(packet.at.since(first));
        replay.packet(&Packet {
            at: last,
            ..*packet
        });
    }
    let mut firings = replay.said();
    let lookout = replay.lookout();
    for second in 0..REST.as_secs() {
        lookout.tick(last.after(Duration::from_secs(second)));
    }
    firings.extend(lookout.firings());
    Ok(firings)
}
