//! `scan`: do the rules name every scan of the captures soon, with its source, and keep quiet otherwise?

use std::path::Path;

use detect::rules::{Parameters, Rule, Rules, Verdict};
use hearing::capture::Packet;
use hearing::flow::Nets;

use crate::captures::{self, CapturesError};
use crate::truth::{Manner, Scan, scans};
use lookout::observe::{Watch, subject};

/// The figures of DETECTION's G12, over all captures together.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Metrics {
    pub captures: u32,
    pub packets: u64,
    /// Scans that the captures hold, by the judgement afterwards.
    pub scans: u32,
    /// Those that a rule named, with the right source, before they were over or within two seconds.
    pub fired: u32,
    /// Verdicts about somebody who was not scanning.
    pub quiet_fired: u32,
    /// From the attempt that made it a scan, the tenth place within three seconds, to the verdict: the longest.
    pub delay_s_max: f64,
    /// From the first attempt of those three seconds: it holds the scanner's own slowness too.
    pub since_first_s_max: f64,
    /// How long the captures last, together.
    pub watched_s: f64,
}

/// After its last attempt a scan may still be named for so long: the wait for answers, and the window.
const AFTER_US: u64 = 4_000_000;

/// Replays every capture below a folder.
pub fn scan(folder: &Path) -> Result<Metrics, CapturesError> {
    let mut metrics = Metrics::default();
    for path in captures::find(folder)? {
        let file = captures::read(&path)?;
        let packets = captures::packets(&path, &file)?;
        metrics.add(&packets);
    }
    Ok(metrics)
}

impl Metrics {
    /// Replays one capture.
    pub fn add(&mut self, packets: &[Packet<'_>]) {
        let scans = scans(packets);
        let verdicts = verdicts(packets);
        self.captures += 1;
        self.packets += packets.len() as u64;
        self.scans += scans.len() as u32;
        if let (Some(first), Some(last)) = (packets.first(), packets.last()) {
            self.watched_s += last.at.since(first.at).as_secs_f64();
        }
        for scan in &scans {
            let named = verdicts.iter().find(|verdict| is_about(verdict, scan));
            if let Some(verdict) = named {
                self.fired += 1;
                let since = |from: u64| verdict.at_us.saturating_sub(from) as f64 / 1e6;
                self.delay_s_max = self.delay_s_max.max(since(scan.tenth_us));
                self.since_first_s_max = self.since_first_s_max.max(since(scan.began_us));
            }
        }
        let is_unfounded = |verdict: &&Verdict| !scans.iter().any(|scan| is_about(verdict, scan));
        self.quiet_fired += verdicts.iter().filter(is_unfounded).count() as u32;
    }
}

/// What the rules for scans say to a capture.
fn verdicts(packets: &[Packet<'_>]) -> Vec<Verdict> {
    let mut watch = Watch::new(Nets::private(), Rules::new(&Parameters::default()));
    let mut verdicts: Vec<_> = packets
        .iter()
        .flat_map(|packet| watch.take(packet))
        .collect();
    if let Some(last) = packets.last() {
        verdicts.extend(watch.pass(last.at.after(std::time::Duration::from_secs(5))));
    }
    verdicts
        .retain(|verdict| matches!(verdict.rule, Rule::FanOut | Rule::ArpScan | Rule::PingSweep));
    verdicts
}

fn is_about(verdict: &Verdict, scan: &Scan) -> bool {
    let rule = match scan.manner {
        Manner::Connections => Rule::FanOut,
        Manner::Pings => Rule::PingSweep,
        Manner::Arp => Rule::ArpScan,
    };
    verdict.rule == rule
        && verdict.source == subject(scan.source)
        && (scan.began_us..=scan.ended_us + AFTER_US).contains(&verdict.at_us)
}
