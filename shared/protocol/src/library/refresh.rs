//! One refresh: the metadata below one timestamp, file by file, from whoever holds it.

use std::collections::{BTreeSet, VecDeque};

use tuf_core::floors::Floors;
use tuf_core::role::RoleName;
use tuf_core::schemes::Ed25519Only;
use tuf_core::search::{Search, Step};
use tuf_core::trusted::{TrustError, Trusted};
use tuf_core::update::{self, Fetch, Update, UpdateError};

use super::{Held, ROLES, Refused, Save, Unusable};
use crate::bulk::File;
use crate::key::PeerKey;
use crate::limits;
use crate::text::Name;
use crate::time::Now;

/// What is to be done next.
#[derive(Debug)]
pub(super) enum Need {
    /// The file of this role as it was saved last.
    Stored(String),
    Ask(File),
    Save(Save),
    Nothing,
    /// It leads nowhere: something does not verify, or is longer than may travel.
    Failed,
}

#[derive(Debug)]
pub(super) struct Refresh {
    version: u64,
    timestamp: Vec<u8>,
    now_unix_s: u64,
    stage: Stage,
    /// Who showed the timestamp, and has not failed to give what it vouches for.
    holders: VecDeque<PeerKey>,
    /// Everybody who showed it.
    knowing: BTreeSet<PeerKey>,
    asked: Option<PeerKey>,
    saves: VecDeque<Save>,
    /// What the repository itself is to blame for.
    refused: Option<Refused>,
    /// A role of which everything hangs, and that has ended.
    ended: Option<String>,
}

#[derive(Debug)]
enum Stage {
    Top(Box<Update>),
    Roles {
        trusted: Box<Trusted>,
        search: Search,
        rest: Vec<&'static str>,
    },
    Whole(Box<Trusted>),
    Failed,
}

impl Refresh {
    pub fn begin(
        root: &[u8],
        floors: Floors,
        version: u64,
        timestamp: Vec<u8>,
        from: PeerKey,
        now: Now,
    ) -> Option<Self> {
        let now_unix_s = now.wall.as_millis() / 1000;
        let update = Update::begin(root, floors, now_unix_s, &Ed25519Only).ok()?;
        Some(Self {
            version,
            timestamp,
            now_unix_s,
            stage: Stage::Top(Box::new(update)),
            holders: VecDeque::from([from]),
            knowing: BTreeSet::from([from]),
            asked: None,
            saves: VecDeque::new(),
            refused: None,
            ended: None,
        })
    }

    pub const fn version(&self) -> u64 {
        self.version
    }

    pub const fn refused(&self) -> Option<&Refused> {
        self.refused.as_ref()
    }

    /// Why it has failed, for whoever has brought all of it.
    pub fn fault(&self) -> Unusable {
        let ended = self.ended.clone().map(Unusable::Ended);
        let refused = self.refused.clone().map(Unusable::Refused);
        ended.or(refused).unwrap_or(Unusable::Wrong)
    }

    /// Somebody else holds it as well.
    pub fn join(&mut self, holder: PeerKey) {
        if self.knowing.len() < limits::SPREAD_PEERS && self.knowing.insert(holder) {
            self.holders.push_back(holder);
        }
    }

    pub fn is_asked(&self, peer: PeerKey) -> bool {
        self.asked == Some(peer)
    }

    /// Whoever was asked takes too long, and is asked no more.
    pub fn give_up(&mut self) -> Option<PeerKey> {
        let asked = self.asked.take()?;
        self.holders.retain(|holder| *holder != asked);
        Some(asked)
    }

    /// Says whether that one was asked.
    pub fn lose(&mut self, peer: PeerKey) -> bool {
        self.holders.retain(|holder| *holder != peer);
        self.asked.take_if(|asked| *asked == peer).is_some()
    }

    /// One after the other, so that a slow or a mean one does not hold up all.
    pub fn next_holder(&mut self) -> Option<PeerKey> {
        let next = self.holders.pop_front()?;
        self.holders.push_back(next);
        self.asked = Some(next);
        Some(next)
    }

    pub fn need(&mut self) -> Need {
        loop {
            if let Some(save) = self.saves.pop_front() {
                return Need::Save(save);
            }
            match self.next() {
                Next::Need(need) => return need,
                Next::Later(stage) => self.stage = stage,
                Next::Feed(answers) => self.feed(answers.as_deref()),
            }
        }
    }

    /// What the stage asks for: of a root that follows nobody is asked, and the timestamp is here.
    fn next(&mut self) -> Next {
        match &mut self.stage {
            Stage::Top(update) => match update.need() {
                Some(update::Need::Fetch(fetch)) if fetch.role == RoleName::Root.word() => {
                    Next::Feed(None)
                }
                Some(update::Need::Fetch(fetch)) if fetch.role == RoleName::Timestamp.word() => {
                    Next::Feed(Some(self.timestamp.clone()))
                }
                Some(need) => Next::Need(asked(need)),
                None => Next::Later(self.below_the_top()),
            },
            Stage::Roles {
                trusted, search, ..
            } => match search.step(trusted) {
                Ok(Step::Need(need)) => Next::Need(asked(need)),
                Ok(Step::Found(_) | Step::Absent) => Next::Later(self.next_role()),
                Err(_) => Next::Later(Stage::Failed),
            },
            Stage::Whole(_) => Next::Need(Need::Nothing),
            Stage::Failed => Next::Need(Need::Failed),
        }
    }

    fn below_the_top(&mut self) -> Stage {
        match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::Top(update) => match update.finish() {
                Some(trusted) => self.role_of(Box::new(trusted), ROLES.to_vec()),
                None => Stage::Failed,
            },
            _ => Stage::Failed,
        }
    }

    fn next_role(&mut self) -> Stage {
        match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::Roles { trusted, rest, .. } => self.role_of(trusted, rest),
            _ => Stage::Failed,
        }
    }

    /// A search for a path that no role lists loads the role to which its folder is delegated.
    fn role_of(&self, trusted: Box<Trusted>, mut rest: Vec<&'static str>) -> Stage {
        let Some(role) = rest.pop() else {
            return Stage::Whole(trusted);
        };
        let nothing = format!("{role}/-/-");
        Stage::Roles {
            trusted,
            search: Search::new(&nothing, self.now_unix_s),
            rest,
        }
    }

    /// Takes what a holder gave; one that gave nothing, or what is refused, is asked no more.
    pub fn take(&mut self, file: Option<&[u8]>) {
        let before = self.asked;
        let taken = match file.filter(|bytes| bytes.len() <= limits::METADATA_BYTES) {
            Some(bytes) => self.fed(Some(bytes)),
            None => false,
        };
        match (taken, before) {
            (false, Some(_)) => drop(self.give_up()),
            _ => self.asked = None,
        }
    }

    /// Takes what is held here; what it cannot do without ends it.
    pub fn feed(&mut self, bytes: Option<&[u8]>) {
        if !self.fed(bytes) {
            self.stage = Stage::Failed;
        }
    }

    /// Whether it was taken; what is refused changes nothing.
    fn fed(&mut self, bytes: Option<&[u8]>) -> bool {
        let answers: Vec<&[u8]> = bytes.into_iter().collect();
        let version = self.fetched_version();
        let saves = match &mut self.stage {
            Stage::Top(update) => update.feed(&answers),
            Stage::Roles {
                trusted, search, ..
            } => search
                .feed(trusted, &answers)
                .map(|save| save.into_iter().collect()),
            Stage::Whole(_) | Stage::Failed => return false,
        };
        let saves = match saves {
            Ok(saves) => saves,
            Err(UpdateError::Trust(TrustError::Expired { role })) if bytes.is_some() => {
                return self.pass_over(role, version, bytes);
            }
            Err(error) => {
                self.blame(&error, version);
                return false;
            }
        };
        let saves = saves.into_iter().map(|save| match save {
            update::Save::Floors(bytes) => Save::Floors(bytes),
            update::Save::Metadata { role, bytes } => Save::File(Held {
                role,
                version,
                bytes,
            }),
        });
        self.saves.extend(saves);
        true
    }

    fn blame(&mut self, error: &UpdateError, version: u64) {
        if let UpdateError::Trust(error) = error {
            self.refused = Refused::of(error, version).or(self.refused.take());
        }
    }

    /// A role below the top that has expired and is right otherwise: it says nothing, and keeps no other from being
    /// known. It is kept, so that whoever comes later gets it here.
    fn pass_over(&mut self, role: String, version: u64, bytes: Option<&[u8]>) -> bool {
        let (Stage::Roles { .. }, Some(bytes)) = (&self.stage, bytes) else {
            self.ended = Some(role);
            return false;
        };
        self.saves.push_back(Save::File(Held {
            role,
            version,
            bytes: bytes.to_vec(),
        }));
        self.stage = self.next_role();
        true
    }

    fn fetched_version(&mut self) -> u64 {
        let need = match &mut self.stage {
            Stage::Top(update) => update.need(),
            Stage::Roles {
                trusted, search, ..
            } => match search.step(trusted) {
                Ok(Step::Need(need)) => Some(need),
                _ => None,
            },
            Stage::Whole(_) | Stage::Failed => None,
        };
        match need {
            Some(update::Need::Fetch(fetch)) => fetch.version.unwrap_or_default(),
            _ => 0,
        }
    }

    /// What is believed now, by which timestamp, and who has it already.
    pub fn finish(self) -> (Option<Trusted>, Vec<u8>, BTreeSet<PeerKey>) {
        let trusted = match self.stage {
            Stage::Whole(trusted) => Some(*trusted),
            _ => None,
        };
        (trusted, self.timestamp, self.knowing)
    }
}

enum Next {
    Need(Need),
    Later(Stage),
    Feed(Option<Vec<u8>>),
}

fn asked(need: update::Need) -> Need {
    match need {
        update::Need::Stored(role) => Need::Stored(role),
        update::Need::Fetch(fetch) => named_file(&fetch).map_or(Need::Failed, Need::Ask),
    }
}

/// Our repositories name a version with every file; what is longer than may travel is not asked for.
fn named_file(fetch: &Fetch) -> Option<File> {
    let role = Name::new(fetch.role.as_str()).ok()?;
    let version = fetch.version?;
    Some(File { role, version })
}
