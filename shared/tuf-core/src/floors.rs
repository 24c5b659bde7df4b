//! The versions below which nothing is taken any more, kept apart from the files that reached them.
//!
//! A cached file may be lost, torn or put back by whoever can write to the disk: what was once seen still counts.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::canonical::{Json, JsonError, Object};
use crate::fields::{FieldError, Fields};
use crate::limits;

const FORMAT: i128 = 1;
/// Seconds by which time has to pass before it is saved again.
const SEEN_STEP_S: u64 = 3600;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Floors {
    pub root: u64,
    pub timestamp: u64,
    /// The version of the snapshot that a timestamp promised.
    pub promised: u64,
    /// The version of the snapshot that was seen.
    pub snapshot: u64,
    /// The version of each targets role that a snapshot listed.
    pub roles: BTreeMap<String, u64>,
    /// The time at which a timestamp was last valid: a clock that is set back revives nothing.
    pub seen_unix_s: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FloorsError {
    #[error("the version floors cannot be read: {0}")]
    Json(#[from] JsonError),
    #[error("the version floors cannot be read: {0}")]
    Field(#[from] FieldError),
    #[error("the version floors have a format that this release does not know")]
    Format,
    #[error("the version floors name more than {} roles", limits::SNAPSHOT_ROLES)]
    TooManyRoles,
}

impl Floors {
    /// Nothing was seen yet.
    pub fn are_blank(&self) -> bool {
        *self == Self::default()
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, FloorsError> {
        let json = Json::parse(bytes, limits::FLOORS_BYTES)?;
        let fields = Fields::of(&json, "floors")?;
        if fields.json("format")? != &Json::Integer(FORMAT) {
            return Err(FloorsError::Format);
        }
        let listed = fields.object("roles")?;
        if listed.0.len() > limits::SNAPSHOT_ROLES {
            return Err(FloorsError::TooManyRoles);
        }
        let mut roles = BTreeMap::new();
        for (role, version) in listed.0 {
            let Json::Integer(version) = version else {
                return Err(FieldError("roles").into());
            };
            let version = u64::try_from(*version).map_err(|_| FieldError("roles"))?;
            roles.insert(role.clone(), version);
        }
        Ok(Self {
            root: fields.natural("root")?,
            timestamp: fields.natural("timestamp")?,
            promised: fields.natural("promised")?,
            snapshot: fields.natural("snapshot")?,
            roles,
            seen_unix_s: fields.natural("seen")?,
        })
    }

    /// The file to save: equal floors give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let number = |number: u64| Json::Integer(number.into());
        let roles = self.roles.iter();
        let roles = roles.map(|(role, &version)| (role.clone(), number(version)));
        let fields = [
            ("format", Json::Integer(FORMAT)),
            ("promised", number(self.promised)),
            ("roles", Json::Object(roles.collect())),
            ("root", number(self.root)),
            ("seen", number(self.seen_unix_s)),
            ("snapshot", number(self.snapshot)),
            ("timestamp", number(self.timestamp)),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        Json::Object(Object::from(fields)).to_canonical()
    }

    /// The time to judge by, which does not run backwards.
    pub fn at_least(&self, now_unix_s: u64) -> u64 {
        now_unix_s.max(self.seen_unix_s)
    }

    pub(crate) fn raise_root(&mut self, version: u64) {
        self.root = self.root.max(version);
    }

    pub(crate) fn raise_timestamp(&mut self, version: u64, promised: u64) {
        self.timestamp = self.timestamp.max(version);
        self.promised = self.promised.max(promised);
    }

    pub(crate) fn raise_snapshot(
        &mut self,
        version: u64,
        roles: impl IntoIterator<Item = (String, u64)>,
    ) {
        self.snapshot = self.snapshot.max(version);
        for (role, version) in roles {
            let floor = self.roles.entry(role).or_default();
            *floor = version.max(*floor);
        }
    }

    pub(crate) fn raise_seen(&mut self, now_unix_s: u64) {
        if now_unix_s >= self.seen_unix_s.saturating_add(SEEN_STEP_S) {
            self.seen_unix_s = now_unix_s;
        }
    }

    /// A key of the timestamp role is withdrawn: whoever held it may have raised these without end.
    pub(crate) fn forget_timestamp(&mut self) {
        (self.timestamp, self.promised) = (0, 0);
    }

    pub(crate) fn forget_snapshot(&mut self) {
        (self.promised, self.snapshot) = (0, 0);
        self.roles.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floors() -> Floors {
        Floors {
            root: 2,
            timestamp: 900,
            promised: 31,
            snapshot: 30,
            roles: BTreeMap::from([("targets".to_owned(), 7), ("firm \"ware".to_owned(), 5)]),
            seen_unix_s: 1_800_000_000,
        }
    }

    #[test]
    fn floors_come_back_as_they_were_saved() {
        for floors in [floors(), Floors::default()] {
            assert_eq!(Floors::parse(&floors.to_bytes()), Ok(floors));
        }
    }

    #[test]
    fn probe_torn_floors_are_not_taken_for_lower_ones() {
        let bytes = floors().to_bytes();
        for length in 0..bytes.len() {
            assert!(Floors::parse(&bytes[..length]).is_err(), "{length} bytes");
        }
        let text = String::from_utf8(bytes).expect("floors are text");
        for (from, to) in [
            ("\"format\":1", "\"format\":2"),
            ("\"root\":2,", ""),
            ("900", "-1"),
            (":7", ":null"),
        ] {
            let forged = text.replace(from, to);
            assert!(Floors::parse(forged.as_bytes()).is_err(), "{from}");
        }
    }
}
