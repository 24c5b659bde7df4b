//! A capture, or a connection log of Zeek, through the lookout: what it would have said, and what it would have learnt.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use detect::profile::{Profile, ProfileConfig};
use hearing::capture::{Capture, CaptureError};
use hearing::flow::Net;
use lookout::firing::Firing;
use lookout::lookout::{Settings, Totals};
use lookout::replay::{self, Replay};
use lookout::whose::Whose;
use serde::Serialize;
use thiserror::Error;

use super::nets;

/// Bytes of a file that is replayed.
const BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Habits that are shown.
const SHOWN: usize = 1_000;

#[derive(Debug, Error)]
pub enum ReplayError {
    #[error("{0} cannot be read: {1}")]
    Read(PathBuf, #[source] std::io::Error),
    #[error("{0} is longer than {BYTES} bytes: cut it into parts")]
    TooLong(PathBuf),
    #[error("{0} is neither a capture (pcap, pcapng) nor a conn.log of Zeek: {1}")]
    Form(PathBuf, CaptureError),
}

/// What a replay has shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replayed {
    pub flows: u64,
    pub dropped: u64,
    /// Lines or packets that could not be read.
    pub unread: u64,
    pub seconds: u64,
    pub firings: Vec<Said>,
    pub devices: Vec<Learnt>,
    /// Where none of those who ask is in a local network: the network of whoever asks most.
    pub unnamed: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Said {
    pub at_s: f64,
    pub whose: String,
    pub address: String,
    pub rule: &'static str,
    pub observed: u64,
    pub usual: u64,
    pub examples: Vec<String>,
    pub habit: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Learnt {
    pub whose: String,
    pub address: String,
    pub stage: String,
    pub habits: Vec<String>,
}

/// Replays a file, learning for so long at first. `named` are networks whose devices are looked at too.
pub fn replay(path: &Path, learning: Duration, named: &[Net]) -> Result<Replayed, ReplayError> {
    let read = |error| ReplayError::Read(path.to_owned(), error);
    if fs::metadata(path).map_err(read)?.len() > BYTES {
        return Err(ReplayError::TooLong(path.to_owned()));
    }
    let bytes = fs::read(path).map_err(read)?;
    let settings = Settings {
        profile: ProfileConfig {
            learning,
            ..ProfileConfig::default()
        },
        ..Settings::default()
    };
    let mut course = Replay::new(&settings, nets::local(named));
    match Capture::open(&bytes) {
        Ok(capture) => course.capture(capture),
        Err(error) => {
            if !course.log(&String::from_utf8_lossy(&bytes)) {
                return Err(ReplayError::Form(path.to_owned(), error));
            }
        }
    }
    Ok(Replayed::of(&course.end()))
}

impl Replayed {
    fn of(shown: &replay::Replayed) -> Self {
        let Totals { flows, dropped, .. } = shown.lookout.totals();
        let devices = shown.lookout.devices().filter_map(|(whose, address)| {
            let profile = shown.lookout.profile(whose)?;
            Some(Learnt::of(whose, address, profile))
        });
        let (first, last) = shown.span;
        Self {
            flows,
            dropped,
            unread: shown.unread,
            seconds: last.since(first).as_secs(),
            devices: devices.collect(),
            firings: shown.firings.iter().map(said).collect(),
            unnamed: shown.home.map(|home| home.to_string()),
        }
    }
}

impl Learnt {
    pub(super) fn of(whose: Whose, address: IpAddr, profile: &Profile) -> Self {
        let habits = profile.entries().take(SHOWN);
        Self {
            whose: whose.to_string(),
            address: address.to_string(),
            stage: format!("{:?}", profile.stage()).to_lowercase(),
            habits: habits.map(|(entry, _)| entry.to_string()).collect(),
        }
    }
}

fn said(firing: &Firing) -> Said {
    Said {
        at_s: firing.at.micros() as f64 / 1e6,
        whose: firing.whose.to_string(),
        address: firing.address.to_string(),
        rule: firing.rule.word(),
        observed: firing.observed,
        usual: firing.usual,
        examples: firing.examples.clone(),
        habit: firing.entry.as_ref().map(ToString::to_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state\torig_bytes\tresp_bytes
";

    fn line(at_s: u64, port: u16, to: &str, to_port: u16, state: &str) -> String {
        format!("{at_s}.0\tC1\t192.168.1.7\t{port}\t{to}\t{to_port}\ttcp\t{state}\t100\t200\n")
    }

    #[test]
    fn a_log_teaches_and_then_says_what_is_new_in_it() {
        let mut text = LOG.to_owned();
        for step in 0..60_u16 {
            text += &line(
                1_000 + 60 * u64::from(step),
                1_000 + step,
                "93.184.216.34",
                443,
                "SF",
            );
        }
        text += &line(5_000, 9, "198.51.100.7", 4444, "SF");
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("conn.log");
        fs::write(&path, text).expect("it can be written");
        let found = replay(&path, Duration::from_secs(1_800), &[]).expect("it is a log");
        let said: Vec<_> = found.firings.iter().map(|said| said.rule).collect();
        assert_eq!(said, ["unusual"]);
        assert_eq!(
            found.firings[0].habit.as_deref(),
            Some("out tcp 198.51.100.7/32 4444")
        );
        assert_eq!((found.flows, found.unread, found.devices.len()), (61, 0, 1));
        assert_eq!(found.unnamed, None);
        fs::write(
            &path,
            LOG.to_owned()
                + &line(1, 1, "198.51.100.7", 22, "REJ").replace("192.168.1.7", "147.32.80.37"),
        )
        .expect("it can be written");
        let strangers = replay(&path, Duration::from_secs(1), &[]).expect("it is a log");
        assert_eq!(strangers.devices.len(), 0);
        let unnamed = strangers.unnamed.expect("nobody is local");
        assert_eq!(unnamed, "147.32.80.0/24");
        let named = [unnamed.parse().expect("it is what --local takes")];
        let ours = replay(&path, Duration::from_secs(1), &named).expect("it is a log");
        assert_eq!((ours.devices.len(), ours.unnamed), (1, None));
        let nothing = dir.path().join("nothing");
        fs::write(&nothing, "no log").expect("it can be written");
        let refused = replay(&nothing, Duration::from_secs(1), &[]);
        assert!(matches!(refused, Err(ReplayError::Form(..))));
    }
}
