//! nmap's XML output, whole or while the scan is still running (the form of nmap.dtd, version 1.05).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Completeness, Scan, Scanner, Stats};
use crate::limits;
use crate::shown::line;
use crate::time::Moment;
use crate::xml::{Element, Ending, Piece, Stream, XmlError};

mod answers;
mod host;

/// Why a file is no scan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NmapError {
    #[error("{0}")]
    Xml(#[from] XmlError),
    #[error(
        "this is no output of nmap: it starts with <{0}> where <nmaprun> is expected (use nmap -oX)"
    )]
    NotNmap(String),
}

/// What a running scan has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// A phase began: `SYN Stealth Scan`.
    PhaseBegan {
        phase: String,
        at: Option<Moment>,
    },
    /// So far it is, in hundredths of a percent.
    Progress {
        phase: String,
        done: u16,
        remaining_s: Option<u64>,
    },
    PhaseEnded {
        phase: String,
        at: Option<Moment>,
    },
    /// One more host is finished: its place in [`Scan::hosts`].
    HostFinished {
        host: usize,
    },
    /// The scanner wrote its last words.
    Ended,
}

/// Reads the output as it comes.
#[derive(Debug)]
pub struct NmapReader {
    stream: Stream,
    scan: Scan,
    left_out: u64,
    phases: usize,
    is_nmap: bool,
}

/// Reads a file that is there whole; one that breaks off gives what is complete and says so.
pub fn import(bytes: &[u8]) -> Result<Scan, NmapError> {
    let mut reader = NmapReader::new();
    for part in bytes.chunks(64 * 1024) {
        reader.feed(part)?;
    }
    reader.finish()
}

impl NmapReader {
    pub fn new() -> Self {
        Self {
            stream: Stream::new(|path, _| path.len() == 1),
            scan: Scan {
                scanner: Scanner::Nmap,
                version: String::new(),
                command: String::new(),
                started: None,
                finished: None,
                completeness: Completeness::Cut { bytes: 0 },
                stats: None,
                hosts: Vec::new(),
            },
            left_out: 0,
            phases: 0,
            is_nmap: false,
        }
    }

    /// Takes the next bytes of the scanner's output; an error is final.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Step>, NmapError> {
        let mut steps = Vec::new();
        for piece in self.stream.feed(bytes)? {
            match piece {
                Piece::Opened(root) => self.open(&root)?,
                Piece::Item(item) => steps.extend(self.item(&item)),
            }
        }
        Ok(steps)
    }

    /// What has been read so far; its completeness says "cut" until [`NmapReader::finish`].
    pub fn scan(&self) -> &Scan {
        &self.scan
    }

    /// There is no more: the scan as far as it came.
    pub fn finish(mut self) -> Result<Scan, NmapError> {
        let ending = self.stream.finish()?;
        self.scan.completeness = match ending {
            Ending::Cut(bytes) => Completeness::Cut { bytes },
            Ending::Whole if self.left_out > 0 => Completeness::Capped {
                left_out: self.left_out,
            },
            Ending::Whole => {
                match std::mem::replace(&mut self.scan.completeness, Completeness::Whole) {
                    failed @ Completeness::Failed { .. } => failed,
                    _ => Completeness::Whole,
                }
            }
        };
        Ok(self.scan)
    }

    fn open(&mut self, root: &Element) -> Result<(), NmapError> {
        if root.name != "nmaprun" {
            return Err(NmapError::NotNmap(line(&root.name, 40)));
        }
        self.is_nmap = true;
        self.scan.version = word(root, "version");
        self.scan.command = line(
            root.attribute("args").unwrap_or_default(),
            limits::LINE_CHARS,
        );
        self.scan.started = root.number("start").map(Moment);
        Ok(())
    }

    fn item(&mut self, item: &Element) -> Option<Step> {
        match item.name.as_str() {
            "host" => self.host(item),
            "taskbegin" | "taskprogress" | "taskend" => self.phase(item),
            "runstats" => {
                self.end(item);
                Some(Step::Ended)
            }
            _ => None,
        }
    }

    fn host(&mut self, item: &Element) -> Option<Step> {
        if self.scan.hosts.len() == limits::HOSTS {
            self.left_out += 1;
            return None;
        }
        let (host, left_out) = host::read(item);
        self.left_out += left_out;
        self.scan.hosts.push(host);
        Some(Step::HostFinished {
            host: self.scan.hosts.len() - 1,
        })
    }

    fn phase(&mut self, item: &Element) -> Option<Step> {
        self.phases += 1;
        if self.phases > limits::PHASES {
            return None;
        }
        let phase = word(item, "task");
        let at = item.number("time").map(Moment);
        Some(match item.name.as_str() {
            "taskbegin" => Step::PhaseBegan { phase, at },
            "taskend" => Step::PhaseEnded { phase, at },
            _ => Step::Progress {
                phase,
                done: hundredths(item.attribute("percent").unwrap_or_default(), 10_000),
                remaining_s: item.number("remaining"),
            },
        })
    }

    fn end(&mut self, item: &Element) {
        let (finished, hosts) = (item.child("finished"), item.child("hosts"));
        let count = |name| hosts.and_then(|hosts| hosts.number(name)).unwrap_or(0);
        self.scan.finished = finished.and_then(|end| end.number("time")).map(Moment);
        let text = |name| {
            finished
                .and_then(|end| end.attribute(name))
                .unwrap_or_default()
        };
        self.scan.stats = Some(Stats {
            up: count("up"),
            down: count("down"),
            total: count("total"),
            elapsed_ms: u64::from(hundredths_u32(text("elapsed"))) * 10,
            summary: line(text("summary"), limits::LINE_CHARS),
        });
        if text("exit") == "error" {
            let reason = line(text("errormsg"), limits::LINE_CHARS);
            self.scan.completeness = Completeness::Failed { reason };
        }
    }
}

impl Default for NmapReader {
    fn default() -> Self {
        Self::new()
    }
}

fn word(item: &Element, name: &str) -> String {
    line(item.attribute(name).unwrap_or_default(), limits::WORD_CHARS)
}

/// `64.09` as 6409, capped.
fn hundredths(text: &str, most: u16) -> u16 {
    u16::try_from(hundredths_u32(text))
        .unwrap_or(u16::MAX)
        .min(most)
}

fn hundredths_u32(text: &str) -> u32 {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = part.bytes().chain([b'0', b'0']).take(2);
    let part = digits.fold(0, |sum, byte| {
        sum * 10 + u32::from(byte.saturating_sub(b'0').min(9))
    });
    let whole: u32 = whole.parse().unwrap_or(0);
    whole.saturating_mul(100).saturating_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = r#"<?xml version="1.0"?><!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sV 10.0.0.0/30" start="1700000000" version="7.94">
<taskbegin task="SYN Stealth Scan" time="1700000001"/>
<taskprogress task="SYN Stealth Scan" time="1700000002" percent="48.5" remaining="7"/>
<taskend task="SYN Stealth Scan" time="1700000009"/>
<host starttime="1700000001" endtime="1700000009"><status state="up" reason="arp-response"/>
<address addr="10.0.0.1" addrtype="ipv4"/><address addr="B8:27:EB:00:00:01" addrtype="mac" vendor="Raspberry Pi"/>
<hostnames><hostname name="cam.lan" type="PTR"/></hostnames>
<ports><extraports state="closed" count="998"/>
<port protocol="tcp" portid="23"><state state="open" reason="syn-ack"/>
<service name="telnet" product="&lt;script&gt;alert(1)&lt;/script&gt;" version="&#x1b;[31m1.0" method="probed" conf="10"><cpe>cpe:/a:busybox:busybox:1.0</cpe></service>
<script id="banner" output="login:&#xa;&#x202e;x"/></port></ports></host>
<runstats><finished time="1700000010" elapsed="10.25" summary="done" exit="success"/><hosts up="1" down="3" total="4"/></runstats>
</nmaprun>"#;

    #[test]
    fn a_running_scan_tells_its_phases_and_finished_hosts() {
        let mut reader = NmapReader::new();
        let mut steps = Vec::new();
        for part in RUN.as_bytes().chunks(37) {
            steps.extend(reader.feed(part).unwrap());
        }
        assert_eq!(steps.len(), 5);
        assert!(matches!(
            &steps[1],
            Step::Progress {
                done: 4850,
                remaining_s: Some(7),
                ..
            }
        ));
        assert_eq!(steps[3], Step::HostFinished { host: 0 });
        assert_eq!(reader.finish().unwrap(), import(RUN.as_bytes()).unwrap());
    }

    #[test]
    fn markup_of_a_banner_stays_text_and_control_characters_are_written_out() {
        let scan = import(RUN.as_bytes()).unwrap();
        assert_eq!(scan.completeness, Completeness::Whole);
        assert_eq!(scan.stats.as_ref().unwrap().elapsed_ms, 10_250);
        let port = &scan.hosts[0].ports[&"23/tcp".parse().unwrap()];
        let service = port.service.as_ref().unwrap();
        assert_eq!(service.product, "<script>alert(1)</script>");
        assert_eq!(service.version, "\\u{1b}[31m1.0");
        assert_eq!(service.cpes, ["cpe:/a:busybox:busybox:1.0"]);
        assert_eq!(port.scripts[0].output, "login:\n\\u{202e}x");
    }

    #[test]
    fn passwords_that_a_script_found_are_not_kept() {
        let text = "<nmaprun><host><ports><port protocol='tcp' portid='22'><script id='ssh-brute' output='Accounts:&#10; root:hunter2 - Valid credentials'/></port></ports></host></nmaprun>";
        let scan = import(text.as_bytes()).unwrap();
        let port = &scan.hosts[0].ports[&"22/tcp".parse().unwrap()];
        assert_eq!(
            port.scripts[0].output,
            "Accounts:\n root:[left out] - Valid credentials"
        );
    }

    #[test]
    fn a_file_that_breaks_off_gives_its_complete_hosts() {
        let cut = RUN.find("<runstats").unwrap();
        let scan = import(&RUN.as_bytes()[..cut]).unwrap();
        assert_eq!(scan.hosts.len(), 1);
        assert_eq!(scan.completeness, Completeness::Cut { bytes: cut as u64 });
        let within = RUN.find("<ports>").unwrap();
        assert_eq!(import(&RUN.as_bytes()[..within]).unwrap().hosts, []);
    }

    #[test]
    fn an_error_of_the_scanner_is_kept() {
        let text = "<nmaprun><runstats><finished time='1' exit='error' errormsg='no route'/></runstats></nmaprun>";
        let failed = Completeness::Failed {
            reason: "no route".into(),
        };
        assert_eq!(import(text.as_bytes()).unwrap().completeness, failed);
    }

    #[test]
    fn something_else_is_refused_by_name() {
        let error = import(b"<root><element/></root>").unwrap_err();
        assert_eq!(error, NmapError::NotNmap("root".into()));
    }
}
