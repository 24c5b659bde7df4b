//! What a running node writes about itself, and `palisade-node status` reads.

mod explain;
pub mod watch;

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::wipe::Retired;
use watch::Watch;

const FILE: &str = "status.json";
/// Bytes of a status that are read at most.
const BYTES: u64 = 1 << 20;
/// Refusals that a status remembers.
pub const REFUSALS: usize = 16;
/// The version of this form.
pub const VERSION: u32 = 4;

/// The node as it sees itself. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub version: u32,
    /// When this was written.
    pub written_ms: u64,
    pub device: String,
    pub name: String,
    pub class: String,
    pub cell: String,
    pub coordinator: Coordinator,
    pub links: Vec<Link>,
    pub watch: Watch,
    pub incarnation: u32,
    /// Whether the incarnation began without word from any witness.
    pub unlinked: bool,
    /// The newest own record.
    pub last_record: Option<Place>,
    /// The newest record that the coordinator has stored.
    pub acknowledged: Option<Place>,
    /// Records that the coordinator has not stored.
    pub backlog: u64,
    pub membership_until_ms: u64,
    /// The latest refusals, oldest first, at most [`REFUSALS`].
    pub refusals: Vec<Refusal>,
}

/// The link to the coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Coordinator {
    Connected { since_ms: u64, address: String },
    Disconnected { since_ms: u64 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub device: String,
    pub name: Option<String>,
    pub address: String,
    pub direction: Direction,
    pub since_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Inbound,
    Outbound,
}

/// A record's place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub incarnation: u32,
    pub sequence: u32,
}

/// Somebody was turned away, or turned this node away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub at_ms: u64,
    /// Who asked, or an address if the key is not known.
    pub who: String,
    pub reason: String,
    pub by: Judge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judge {
    Us,
    Them,
}

#[derive(Debug, Error)]
pub enum StatusError {
    #[error("{path} is missing: `palisade-node run` writes it")]
    Missing { path: PathBuf },
    #[error("cannot read or write {path}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is not a status of this release")]
    Form {
        path: PathBuf,
        source: serde_json::Error,
    },
}

/// Where the status of a directory's node is.
pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

impl Status {
    /// Replaces the status in `dir`; a reader sees the old one or the new one. It need not survive a power cut.
    pub fn write(&self, dir: &Path) -> Result<(), StatusError> {
        let (path, fresh) = (path(dir), dir.join("status.json.new"));
        let form = |source| StatusError::Form {
            path: path.clone(),
            source,
        };
        let text = serde_json::to_vec(self).map_err(form)?;
        let written = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            options
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .custom_flags(OFlag::O_NOFOLLOW.bits());
            options.open(&fresh)?.write_all(&text)?;
            std::fs::rename(&fresh, &path)
        };
        written().map_err(|source| StatusError::Io {
            path: path.clone(),
            source,
        })
    }

    pub fn read(dir: &Path) -> Result<Self, StatusError> {
        let path = path(dir);
        let text = read_bounded(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => StatusError::Missing { path: path.clone() },
            _ => StatusError::Io {
                path: path.clone(),
                source,
            },
        })?;
        serde_json::from_slice(&text).map_err(|source| StatusError::Form { path, source })
    }

    /// The status for a person, against the present time.
    pub fn render_human(&self, now_ms: u64) -> String {
        let mut text = String::new();
        self.render(&mut text, now_ms)
            .expect("writing into a String cannot fail");
        text
    }

    fn render(&self, out: &mut String, now_ms: u64) -> std::fmt::Result {
        writeln!(
            out,
            "{} ({}, {}, cell {})",
            self.name, self.device, self.class, self.cell
        )?;
        writeln!(out, "as of        {}", ago(self.written_ms, now_ms))?;
        match &self.coordinator {
            Coordinator::Connected { since_ms, address } => {
                writeln!(
                    out,
                    "coordinator  connected to {address} for {}",
                    lasting(*since_ms, now_ms)
                )?;
            }
            Coordinator::Disconnected { since_ms } => {
                writeln!(
                    out,
                    "coordinator  not connected for {}",
                    lasting(*since_ms, now_ms)
                )?;
            }
        }
        let unlinked = if self.unlinked {
            ", begun without word from a witness"
        } else {
            ""
        };
        writeln!(out, "incarnation  {}{unlinked}", self.incarnation)?;
        let (last, stored) = (self.last_record, self.acknowledged);
        writeln!(
            out,
            "records      {} newest, {} stored, {} waiting",
            Shown(last),
            Shown(stored),
            self.backlog
        )?;
        writeln!(
            out,
            "membership   {}",
            until(self.membership_until_ms, now_ms)
        )?;
        self.render_rows(out, now_ms)
    }

    fn render_rows(&self, out: &mut String, now_ms: u64) -> std::fmt::Result {
        let watch = &self.watch;
        writeln!(
            out,
            "watched by   {} devices, watches {}, holds {} to be down (--explain tells more)",
            watch.witnesses.len(),
            watch.subjects.len(),
            watch.down.len()
        )?;
        for link in &self.links {
            let arrow = match link.direction {
                Direction::Inbound => "from",
                Direction::Outbound => "to",
            };
            let name = link.name.as_deref().unwrap_or(&link.device);
            writeln!(
                out,
                "link         {arrow} {name} at {} for {}",
                link.address,
                lasting(link.since_ms, now_ms)
            )?;
        }
        for refusal in &self.refusals {
            let (who, reason, at) = (&refusal.who, &refusal.reason, ago(refusal.at_ms, now_ms));
            match refusal.by {
                Judge::Us => writeln!(out, "refused      {who}: {reason}, {at}")?,
                Judge::Them => writeln!(out, "refused by   {who}: {reason}, {at}")?,
            }
        }
        Ok(())
    }
}

struct Shown(Option<Place>);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(Place {
                incarnation,
                sequence,
            }) => write!(f, "{incarnation}.{sequence}"),
            None => f.write_str("none"),
        }
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    io::Read::read_to_end(
        &mut io::Read::take(std::fs::File::open(path)?, BYTES),
        &mut text,
    )?;
    Ok(text)
}

/// What `palisade-node status` says of a device that an administrator has retired.
pub fn retired(retired: &Retired, now_ms: u64) -> String {
    let (name, device, reason) = (&retired.name, &retired.device, &retired.reason);
    let ordered = ago(retired.ordered_ms, now_ms);
    let wiped = match retired.wiped_ms {
        Some(at_ms) => format!("keys and journal wiped {}", ago(at_ms, now_ms)),
        None => "keys and journal are not all gone: palisade-node run goes on".to_owned(),
    };
    format!("{name} ({device}) was retired by an administrator {ordered}: {reason}\n{wiped}")
}

fn ago(at_ms: u64, now_ms: u64) -> String {
    format!("{} ago", lasting(at_ms, now_ms))
}

fn lasting(since_ms: u64, now_ms: u64) -> String {
    span(now_ms.saturating_sub(since_ms))
}

fn until(at_ms: u64, now_ms: u64) -> String {
    match at_ms.checked_sub(now_ms) {
        Some(left) => format!("ends in {}", span(left)),
        None => format!("over for {}", lasting(at_ms, now_ms)),
    }
}

fn span(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::watch::{Accuser, Doubt, Down, Held, Named, Subject, Suspected, Witness};
    use super::*;

    #[test]
    fn a_status_reads_back_as_it_was_written() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        assert!(matches!(
            Status::read(dir.path()),
            Err(StatusError::Missing { .. })
        ));
        sample().write(dir.path()).expect("the directory is ours");
        assert_eq!(
            Status::read(dir.path()).expect("it was just written"),
            sample()
        );
    }

    #[test]
    fn a_person_reads_what_stands_and_since_when() {
        let text = sample().render_human(200_000);
        for part in [
            "pump-3",
            "not connected for 3 min",
            "7.12 newest, none stored, 13 waiting",
            "ends in 2 h",
        ] {
            assert!(text.contains(part), "`{part}` is missing in:\n{text}");
        }
    }

    #[test]
    fn a_file_of_another_form_is_refused_by_name() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(dir.path().join(FILE), b"{}").expect("the directory is ours");
        let words = Status::read(dir.path())
            .expect_err("it is empty")
            .to_string();
        assert!(words.contains("status.json"), "{words}");
    }

    #[test]
    fn it_explains_who_is_held_to_be_down_by_whose_word() {
        let told = sample().explain(200_000).join("\n");
        for part in [
            "The coordinator has not been reachable for 3 min; 13 records wait for it",
            "One device watches this node.\n  gate (bbbbbbbbbbbbb) was heard 2 s ago.",
            "camera (ccccccccccccc) was heard 40 s ago and did not answer a probe: this node signs that it is silent.",
            "One device is held to be down; the accusations of 2 witnesses are held.",
            "lamp (eeeeeeeeeeeee) is in quarantine for another 40 s (ordered by ada)",
            "press (ddddddddddddd) is under suspicion: 1 of the 3 votes that are needed.",
            "gate (bbbbbbbbbbbbb) signed 60 s ago: its accounts do not agree (seen 3 times).",
            "A committee may hold a suspected device for a day, if it is of class camera.",
            "camera (ccccccccccccc): 2 of 3 witnesses hold it to be silent: pump-3 (aaaaaaaaaaaaa) (30 s ago), gate (bbbbbbbbbbbbb) (29 s ago).",
        ] {
            assert!(told.contains(part), "`{part}` is missing in:\n{told}");
        }
        assert!(!told.contains("this node of being silent"), "{told}");
        assert!(!told.contains("waits for gateways"), "{told}");
    }

    #[test]
    fn it_says_that_gateways_have_not_seen_this_node_yet() {
        let mut status = sample();
        status.watch.seat = watch::Seat::WaitsForGateways;
        let told = status.explain(200_000).join("\n");
        assert!(told.contains("Its membership waits for gateways"), "{told}");
    }

    #[test]
    fn it_says_who_accuses_this_very_node_and_when_it_has_long_been_written() {
        let mut status = sample();
        status.watch.accused_by = vec![accuser("bbbbbbbbbbbbb", "gate\u{1b}[2J", 195_000)];
        let told = status.explain(300_000).join("\n");
        for part in [
            "it has written nothing since, so it may not run",
            "One witness accuses this node of being silent: gate[2J (bbbbbbbbbbbbb) (105 s ago).",
        ] {
            assert!(told.contains(part), "`{part}` is missing in:\n{told}");
        }
    }

    fn named(device: &str, name: &str) -> Named {
        Named {
            device: device.to_owned(),
            name: name.to_owned(),
        }
    }

    fn accuser(device: &str, name: &str, at_ms: u64) -> Accuser {
        Accuser {
            named: named(device, name),
            at_ms,
        }
    }

    /// The gate watches us and is there, the camera is silent.
    fn neighbourhood() -> Watch {
        let gate = named("bbbbbbbbbbbbb", "gate");
        let camera = named("ccccccccccccc", "camera");
        Watch {
            witnesses: vec![Witness {
                named: gate.clone(),
                heard_ms: Some(198_000),
            }],
            subjects: vec![Subject {
                named: camera.clone(),
                heard_ms: Some(160_000),
                doubt: Some(Doubt::Accused),
            }],
            accused_by: Vec::new(),
            down: vec![Down {
                named: camera,
                witnesses: 3,
                accusers: vec![
                    accuser("aaaaaaaaaaaaa", "pump-3", 170_000),
                    accuser("bbbbbbbbbbbbb", "gate", 171_000),
                ],
            }],
            accusations: 2,
            automation: watch::Automation {
                state: "on".to_owned(),
                classes: vec!["camera".to_owned()],
                says: protocol::appeal::Automation::On
                    .says(&[protocol::class::DeviceClass::Camera]),
            },
            seat: watch::Seat::Held,
            held: vec![Held {
                named: named("eeeeeeeeeeeee", "lamp"),
                reason: "ordered by ada".to_owned(),
                until_ms: 240_000,
            }],
            suspected: vec![Suspected {
                named: named("ddddddddddddd", "press"),
                votes: 1,
                quorum: Some(3),
                reports: vec![watch::Report {
                    witness: named("bbbbbbbbbbbbb", "gate"),
                    says: "its accounts do not agree".to_owned(),
                    times: 3,
                    at_ms: 140_000,
                }],
            }],
        }
    }

    fn sample() -> Status {
        Status {
            version: VERSION,
            written_ms: 199_000,
            device: "aaaaaaaaaaaaa".to_owned(),
            name: "pump-3".to_owned(),
            class: "plc".to_owned(),
            cell: "workshop".to_owned(),
            coordinator: Coordinator::Disconnected { since_ms: 10_000 },
            links: vec![Link {
                device: "bbbbbbbbbbbbb".to_owned(),
                name: Some("gate".to_owned()),
                address: "/ip4/192.0.2.7/tcp/7444".to_owned(),
                direction: Direction::Outbound,
                since_ms: 100_000,
            }],
            watch: neighbourhood(),
            incarnation: 7,
            unlinked: true,
            last_record: Some(Place {
                incarnation: 7,
                sequence: 12,
            }),
            acknowledged: None,
            backlog: 13,
            membership_until_ms: 200_000 + 7_200_000,
            refusals: vec![Refusal {
                at_ms: 150_000,
                who: "192.0.2.9:50000".to_owned(),
                reason: "expired".to_owned(),
                by: Judge::Us,
            }],
        }
    }
}
