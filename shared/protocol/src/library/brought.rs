//! A repository that somebody has brought by hand: all of it is here at once, and nobody is asked.

use std::collections::BTreeSet;

use thiserror::Error;

use super::refresh::{Need, Refresh};
use super::{Held, Library, Output, Refused, Timestamp};
use crate::bulk::File;
use crate::key::PeerKey;
use crate::time::Now;

/// A timestamp, and everything that it vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    pub timestamp: Vec<u8>,
    pub files: Vec<Held>,
}

/// Why nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unusable {
    #[error(
        "its timestamp is not signed by the keys that this mesh's root names, or older than what this device has seen"
    )]
    Foreign,
    #[error("its {0} has ended: have a new bundle made")]
    Ended(String),
    #[error("it does not hold the {role} of version {version} that it speaks of")]
    Incomplete { role: String, version: u64 },
    #[error("its {} of version {} is {}", .0.role, .0.version, .0.flaw.word())]
    Refused(Refused),
    #[error("something in it does not verify")]
    Wrong,
    #[error("it does not list {0}, or the role that did so has ended")]
    NotListed(String),
}

impl Brought {
    fn find(&self, asked: &File) -> Option<&[u8]> {
        let mut files = self.files.iter();
        let found =
            files.find(|held| held.role == asked.role.as_str() && held.version == asked.version);
        found.map(|held| held.bytes.as_slice())
    }
}

impl Library {
    /// Takes what is newer than what is here. What is as old is no fault: it may list the same.
    pub fn brought(&mut self, brought: &Brought, now: Now) -> Result<Vec<Output>, Unusable> {
        let mut out = Vec::new();
        if self.timestamp() == Some(&brought.timestamp) {
            return Ok(out);
        }
        let version = self.judge(&brought.timestamp).ok_or(Unusable::Foreign)?;
        if version <= self.version() {
            return Ok(out);
        }
        let nobody = PeerKey([0; 32]);
        let (floors, timestamp) = (self.floors.clone(), brought.timestamp.clone());
        let refresh = Refresh::begin(&self.root, floors, version, timestamp, nobody, now);
        let mut refresh = refresh.ok_or(Unusable::Wrong)?;
        self.read_through(&mut refresh, brought, &mut out)?;
        let (trusted, bytes, _) = refresh.finish();
        self.trusted = trusted;
        self.whole = Some(Timestamp { version, bytes });
        let knowing = BTreeSet::new();
        out.push(Output::Renewed { knowing });
        Ok(out)
    }

    fn read_through(
        &mut self,
        refresh: &mut Refresh,
        brought: &Brought,
        out: &mut Vec<Output>,
    ) -> Result<(), Unusable> {
        loop {
            match refresh.need() {
                Need::Stored(role) => {
                    let held = self.files.get(&role).map(|held| held.bytes.clone());
                    refresh.feed(held.as_deref());
                }
                Need::Ask(file) => match brought.find(&file) {
                    Some(bytes) => refresh.feed(Some(bytes)),
                    None => {
                        return Err(Unusable::Incomplete {
                            role: file.role.to_string(),
                            version: file.version,
                        });
                    }
                },
                Need::Save(save) => self.save(save, out),
                Need::Nothing => return Ok(()),
                Need::Failed => return Err(refresh.fault()),
            }
        }
    }
}
