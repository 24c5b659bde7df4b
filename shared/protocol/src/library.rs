//! The signed repository as a member holds it: what it trusts, and what it gives to whoever lacks it.
//!
//! The newest timestamp travels from neighbour to neighbour. Whoever is shown a newer one that verifies asks those who hold
//! it for the files that it vouches for, and passes it on when it has them all. Roots come by the identity log, so that no
//! neighbour can hold the next one back (decision 27).

mod brought;
mod refresh;
mod refused;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tuf_core::floors::Floors;
use tuf_core::role::RoleName;
use tuf_core::schemes::Ed25519Only;
use tuf_core::search::Lookup;
use tuf_core::targets::Target;
use tuf_core::trusted::Trusted;

use crate::bulk::File;
use crate::key::PeerKey;
use crate::limits;
use crate::time::{Instant, Now, Timestamp as Wall};
pub use brought::{Brought, Unusable};
use refresh::{Need, Refresh};
pub use refused::{Flaw, Refused};

/// The roles to which the repository's targets are delegated; each vouches for its own folder alone.
pub const ROLES: [&str; 4] = ["firmware", "policy", "models", "feeds"];
/// How long a neighbour may take for one file.
const PATIENCE: Duration = Duration::from_secs(10);
const TIMESTAMP: &str = RoleName::Timestamp.word();

/// What outlives a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Save {
    /// Versions below which nothing is taken: written before the file that raised them.
    Floors(Vec<u8>),
    File(Held),
}

/// A file exactly as it was published; the timestamp's version is told by its content alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub role: String,
    pub version: u64,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Save(Save),
    Ask {
        to: PeerKey,
        file: File,
    },
    Withdraw {
        to: PeerKey,
    },
    /// This neighbour holds less than this member.
    Show {
        to: PeerKey,
    },
    /// Everything is here that a newer timestamp vouches for: all neighbours but these are to be shown it.
    Renewed {
        knowing: BTreeSet<PeerKey>,
    },
    /// A newer timestamp vouches for a document that nobody may take: said once for each timestamp.
    Refused(Refused),
}

#[derive(Debug)]
struct Timestamp {
    version: u64,
    bytes: Vec<u8>,
}

#[derive(Debug)]
pub struct Library {
    root: Vec<u8>,
    floors: Floors,
    files: BTreeMap<String, Held>,
    /// Judges timestamps, and says what targets are; nothing but the root is in it before the first refresh.
    trusted: Option<Trusted>,
    /// The newest timestamp of which everything is here; a file of that name may be newer.
    whole: Option<Timestamp>,
    /// When the newest timestamp ends of which everything was here once, in this life or before it.
    until_unix_s: Option<u64>,
    refresh: Option<Refresh>,
    /// The newest timestamp of which something was refused.
    refused: u64,
    /// When whoever was asked has taken too long.
    late: Option<Instant>,
}

impl Library {
    /// Goes on with what was saved; what does not verify any more is of no use, and is fetched anew.
    pub fn new(root: Vec<u8>, floors: Option<&[u8]>, files: Vec<Held>, now: Now) -> Self {
        let floors = floors.and_then(|bytes| Floors::parse(bytes).ok());
        let files = files.into_iter().map(|file| (file.role.clone(), file));
        let mut library = Self {
            root,
            floors: floors.unwrap_or_default(),
            files: files.collect(),
            trusted: None,
            whole: None,
            until_unix_s: None,
            refresh: None,
            refused: 0,
            late: None,
        };
        library.take_stock(now);
        library
    }

    /// The root of the mesh was replaced: what hung from the former one is judged again.
    pub fn follow(&mut self, root: &[u8], now: Now) {
        if self.root != root {
            self.root = root.to_vec();
            self.refresh = None;
            self.late = None;
            self.take_stock(now);
        }
    }

    /// The newest timestamp of which this member holds everything.
    pub fn timestamp(&self) -> Option<&[u8]> {
        self.whole.as_ref().map(|whole| whole.bytes.as_slice())
    }

    /// When what is believed ended, if it has and nothing newer has come. It goes on to be done, and is the base of nothing
    /// new: whoever holds back what is newer is not to have what is older installed.
    pub fn stale_since(&self, now: Wall) -> Option<Wall> {
        let until = Wall::from_millis(self.until_unix_s?.saturating_mul(1000));
        (until <= now).then_some(until)
    }

    fn version(&self) -> u64 {
        self.whole.as_ref().map_or(0, |whole| whole.version)
    }

    pub fn file(&self, asked: &File) -> Option<&[u8]> {
        let held = self.files.get(asked.role.as_str());
        let held = held.filter(|held| held.role != TIMESTAMP && held.version == asked.version);
        held.map(|held| held.bytes.as_slice())
    }

    /// What the signed metadata says of a target, by whoever may speak for its path.
    pub fn find(&self, path: &str) -> Option<&Target> {
        match self.trusted.as_ref()?.find_target(path) {
            Ok(Lookup::Found(target)) => Some(target),
            Ok(Lookup::Absent | Lookup::Needs { .. }) | Err(_) => None,
        }
    }

    /// The version of a role under which it is believed, if it is and has not ended.
    pub fn version_of(&self, role: &str) -> Option<u64> {
        self.trusted.as_ref()?.targets_version(role)
    }

    /// Paths below a folder that a role lists; who may speak for them [`Self::find`] says.
    pub fn listed(&self, role: &str, folder: &str) -> impl Iterator<Item = &str> {
        let trusted = self.trusted.iter();
        trusted.flat_map(move |trusted| trusted.listed(role, folder))
    }

    pub const fn next_deadline(&self) -> Option<Instant> {
        self.late
    }

    /// A neighbour shows the newest timestamp that it holds.
    pub fn shown(&mut self, from: PeerKey, timestamp: &[u8], now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        if self.timestamp() == Some(timestamp) {
            return out;
        }
        // Other content under the same version, and what does not verify under the root in force, lead nowhere.
        let Some(version) = self.judge(timestamp) else {
            return out;
        };
        let awaited = self.refresh.as_ref().map_or(0, Refresh::version);
        if version < self.version() {
            out.push(Output::Show { to: from });
        } else if let Some(refresh) = self.refresh.as_mut().filter(|_| version == awaited) {
            refresh.join(from);
        } else if version > self.version().max(awaited) {
            self.begin(version, timestamp.to_vec(), from, now, &mut out);
        }
        out
    }

    pub fn answered(&mut self, from: PeerKey, file: Option<&[u8]>, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        if let Some(refresh) = &mut self.refresh
            && refresh.is_asked(from)
        {
            refresh.take(file);
            self.drive(now, &mut out);
        }
        out
    }

    pub fn left(&mut self, peer: PeerKey, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        if let Some(refresh) = &mut self.refresh
            && refresh.lose(peer)
        {
            self.drive(now, &mut out);
        }
        out
    }

    pub fn tick(&mut self, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        if self.late.is_none_or(|late| now.monotonic < late) {
            return out;
        }
        if let Some(refresh) = &mut self.refresh {
            out.extend(refresh.give_up().map(|to| Output::Withdraw { to }));
        }
        self.drive(now, &mut out);
        out
    }

    /// The version of a timestamp that may be taken, if the root's keys have signed it.
    fn judge(&self, timestamp: &[u8]) -> Option<u64> {
        if timestamp.len() > limits::TIMESTAMP_BYTES {
            return None;
        }
        let opened;
        let trusted = match &self.trusted {
            Some(trusted) => trusted,
            None => {
                opened = self.opened()?;
                &opened
            }
        };
        trusted.timestamp_version(timestamp).ok()
    }

    /// Nothing but the root, and what is known not to fall.
    fn opened(&self) -> Option<Trusted> {
        Trusted::open(&self.root, self.floors.clone(), &Ed25519Only).ok()
    }

    fn begin(
        &mut self,
        version: u64,
        timestamp: Vec<u8>,
        from: PeerKey,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if let Some(before) = &mut self.refresh {
            out.extend(before.give_up().map(|to| Output::Withdraw { to }));
        }
        let floors = self.floors.clone();
        self.refresh = Refresh::begin(&self.root, floors, version, timestamp, from, now);
        self.drive(now, out);
    }

    /// Goes on until somebody has to be asked, all is here, or nobody is left who has it.
    fn drive(&mut self, now: Now, out: &mut Vec<Output>) {
        self.late = None;
        let Some(mut refresh) = self.refresh.take() else {
            return;
        };
        loop {
            match refresh.need() {
                Need::Stored(role) => {
                    let held = self.files.get(&role).map(|held| held.bytes.as_slice());
                    refresh.feed(held);
                }
                Need::Ask(file) => {
                    let Some(to) = refresh.next_holder() else {
                        return self.fail(&refresh, out);
                    };
                    out.push(Output::Ask { to, file });
                    self.late = Some(now.monotonic + PATIENCE);
                    self.refresh = Some(refresh);
                    return;
                }
                Need::Save(save) => self.save(save, out),
                Need::Nothing => break,
                Need::Failed => return self.fail(&refresh, out),
            }
        }
        let version = refresh.version();
        let (trusted, bytes, knowing) = refresh.finish();
        self.until_unix_s = trusted.as_ref().and_then(Trusted::fresh_until_unix_s);
        self.trusted = trusted;
        self.whole = Some(Timestamp { version, bytes });
        out.push(Output::Renewed { knowing });
    }

    fn save(&mut self, save: Save, out: &mut Vec<Output>) {
        match &save {
            Save::Floors(bytes) => self.floors = Floors::parse(bytes).unwrap_or_default(),
            Save::File(held) => drop(self.files.insert(held.role.clone(), held.clone())),
        }
        out.push(Output::Save(save));
    }

    /// The refresh has led nowhere. Where that is the repository's own fault people should know.
    fn fail(&mut self, refresh: &Refresh, out: &mut Vec<Output>) {
        let newer = refresh.version() > self.refused;
        if let Some(refused) = refresh.refused().filter(|_| newer) {
            self.refused = refresh.version();
            out.push(Output::Refused(refused.clone()));
        }
    }

    /// What the saved files are worth under the root in force.
    fn take_stock(&mut self, now: Now) {
        (self.trusted, self.whole, self.until_unix_s) = (None, None, None);
        let Some(timestamp) = self.files.get(TIMESTAMP).map(|held| held.bytes.clone()) else {
            return;
        };
        let Some(version) = self.judge(&timestamp) else {
            return;
        };
        // What has ended is not believed again after a start; that it has is known by its own word.
        self.until_unix_s = self
            .opened()
            .and_then(|trusted| trusted.timestamp_until(&timestamp).ok());
        let nobody = PeerKey([0; 32]);
        // Of a file that is missing nobody is asked here: the next neighbour shows a timestamp anyway.
        self.begin(version, timestamp, nobody, now, &mut Vec::new());
        self.refresh = None;
        self.late = None;
    }
}
