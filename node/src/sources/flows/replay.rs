//! A capture, or a connection log of Zeek, through the lookout: what it would have said, and what it would have learnt.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use detect::profile::{Profile, ProfileConfig};
use hearing::capture::{Capture, CaptureError};
use hearing::frame::Frame;
use hearing::moment::Moment;
use hearing::zeek::ConnectionLog;
use lookout::firing::{Evidence, Firing};
use lookout::lookout::{Lookout, Settings, Totals};
use lookout::whose::Whose;
use serde::Serialize;
use thiserror::Error;

use super::nets;

/// Bytes of a file that is replayed.
const BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Firings and habits that are kept to be shown.
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

/// Replays a file, learning for so long at first.
pub fn replay(path: &Path, learning: std::time::Duration) -> Result<Replayed, ReplayError> {
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
    let mut course = Course {
        lookout: Lookout::new(&settings, nets::local(), Vec::new()),
        firings: Vec::new(),
        unread: 0,
        span: None,
    };
    match Capture::open(&bytes) {
        Ok(capture) => course.capture(capture),
        Err(error) => {
            let text = String::from_utf8_lossy(&bytes);
            if !course.log(&text) {
                return Err(ReplayError::Form(path.to_owned(), error));
            }
        }
    }
    Ok(course.done())
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

struct Course {
    lookout: Lookout,
    firings: Vec<Firing>,
    unread: u64,
    span: Option<(Moment, Moment)>,
}

impl Course {
    fn capture(&mut self, capture: Capture<'_>) {
        for packet in capture {
            let Ok(packet) = packet else {
                self.unread += 1;
                break;
            };
            match Frame::of(&packet) {
                Ok(frame) => self.lookout.hear(packet.at, &frame),
                Err(_) => self.unread += 1,
            }
            self.passed(packet.at);
        }
    }

    /// Whether any line was a connection.
    fn log(&mut self, text: &str) -> bool {
        let local = nets::local();
        let mut flows = Vec::new();
        for line in ConnectionLog::open(text, &local) {
            match line {
                Ok(line) => flows.push(line.flow),
                Err(_) => self.unread += 1,
            }
        }
        flows.sort_by_key(|flow| flow.first);
        for flow in &flows {
            self.lookout.told(flow.first, flow, Evidence::Replayed);
            self.lookout.tick(flow.first);
            self.passed(flow.first);
        }
        !flows.is_empty()
    }

    fn passed(&mut self, at: Moment) {
        let (first, last) = self.span.unwrap_or((at, at));
        self.span = Some((first.min(at), last.max(at)));
        self.firings.extend(self.lookout.firings());
        self.firings.truncate(SHOWN);
    }

    fn done(mut self) -> Replayed {
        let (first, last) = self.span.unwrap_or_default();
        let end = last.after(std::time::Duration::from_secs(5));
        self.lookout.tick(end);
        self.firings.extend(self.lookout.firings());
        let Totals { flows, dropped, .. } = self.lookout.totals();
        let devices = self.lookout.devices().filter_map(|(whose, address)| {
            let profile = self.lookout.profile(whose)?;
            Some(Learnt::of(whose, address, profile))
        });
        Replayed {
            flows,
            dropped,
            unread: self.unread,
            seconds: last.since(first).as_secs(),
            devices: devices.collect(),
            firings: self.firings.iter().map(said).collect(),
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
        let found = replay(&path, std::time::Duration::from_secs(1_800)).expect("it is a log");
        let said: Vec<_> = found.firings.iter().map(|said| said.rule).collect();
        assert_eq!(said, ["unusual"]);
        assert_eq!(
            found.firings[0].habit.as_deref(),
            Some("out tcp 198.51.100.7/32 4444")
        );
        assert_eq!((found.flows, found.unread, found.devices.len()), (61, 0, 1));
        let nothing = dir.path().join("nothing");
        fs::write(&nothing, "no log").expect("it can be written");
        let refused = replay(&nothing, std::time::Duration::from_secs(1));
        assert!(matches!(refused, Err(ReplayError::Form(..))));
    }
}
