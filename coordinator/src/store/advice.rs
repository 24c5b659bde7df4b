//! What is known about vulnerabilities, what people decided about findings, and how scores went.

use std::collections::BTreeMap;

use findings::advisory::feed::Feed;
use findings::finding::decision::Decision;
use findings::time::Moment;
use serde::{Deserialize, Serialize};

use super::fault::{ChangeError, ReadError};
use super::packed::{pack, press, unfold, unpack};
use super::rows::Table;
use super::{Changes, Reader};

pub(super) static FEED: Table = Table::new("feed");
pub(super) static DECISIONS: Table = Table::new("decisions");
pub(super) static SCORES: Table = Table::new("scores");
pub(super) static VIEWS: Table = Table::new("views");

/// Bytes of a feed in one row.
const PIECE: usize = 1024 * 1024;
/// Bytes of a feed that is kept, before it is pressed.
pub const FEED_KEPT: usize = 512 * 1024 * 1024;
const NOTE: &[u8] = b"note";
/// Days of a score that are kept.
const DAYS: usize = 180;
/// Saved views of the fleet.
const VIEWS_KEPT: u64 = 200;

/// Of what filters are kept: each has names of its own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    #[default]
    Findings,
    Devices,
}

/// What the names of filters of devices begin with in the table; no name has a zero in it.
const OF_DEVICES: &str = "devices\0";

impl Shelf {
    fn key(self, name: &str) -> String {
        match self {
            Self::Findings => name.to_owned(),
            Self::Devices => format!("{OF_DEVICES}{name}"),
        }
    }

    /// The name under a key, if the key is of this shelf.
    fn name(self, key: &str) -> Option<&str> {
        match (self, key.strip_prefix(OF_DEVICES)) {
            (Self::Findings, None) => Some(key),
            (Self::Findings, Some(_)) => None,
            (Self::Devices, of_device) => of_device,
        }
    }
}

/// Where a feed came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedNote {
    pub at: Moment,
    pub by: String,
    /// BLAKE3 of its bytes.
    pub digest: String,
    /// SHA-256 of the target that vouches for it, where administrators have signed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

impl Changes<'_> {
    /// Takes the place of the feed before.
    pub fn put_feed(&mut self, bytes: &[u8], note: &FeedNote) -> Result<(), ChangeError> {
        let mut rows = FEED.writable(self.txn)?;
        let old = rows.all(|key, _| Some((key.to_vec(), ())))?;
        for (key, ()) in old {
            rows.remove(&key)?;
        }
        for (number, piece) in (0_u32..).zip(bytes.chunks(PIECE)) {
            rows.put(&number.to_be_bytes(), &mut press(piece))?;
        }
        rows.put(NOTE, &mut pack(note))?;
        Ok(())
    }

    /// Appends a decision.
    pub fn add_decision(&mut self, decision: &Decision) -> Result<(), ChangeError> {
        let mut rows = DECISIONS.writable(self.txn)?;
        let place = rows.len()?;
        if place >= findings::limits::DECISIONS as u64 {
            return Err(ChangeError::TooMany("decisions"));
        }
        rows.put(&place.to_be_bytes(), &mut pack(decision))?;
        Ok(())
    }

    /// Notes scores of a day; a later one of the same day takes the place of the one before.
    pub fn note_scores(
        &mut self,
        day: u32,
        scores: &BTreeMap<String, u32>,
    ) -> Result<(), ChangeError> {
        let mut rows = SCORES.writable(self.txn)?;
        for (holder, tenths) in scores {
            let known = rows.read(holder.as_bytes(), unpack::<Vec<(u32, u32)>>)?;
            let mut known = known.unwrap_or_default();
            known.retain(|(known, _)| *known != day);
            known.push((day, *tenths));
            let over = known.len().saturating_sub(DAYS);
            known.drain(..over);
            rows.put(holder.as_bytes(), &mut pack(&known))?;
        }
        Ok(())
    }

    /// Keeps a filter under a name; an empty one goes.
    pub fn put_view(&mut self, of: Shelf, name: &str, filter: &str) -> Result<(), ChangeError> {
        let mut rows = VIEWS.writable(self.txn)?;
        let key = of.key(name);
        if filter.is_empty() {
            return match rows.remove(key.as_bytes())? {
                true => Ok(()),
                false => Err(ChangeError::Missing("view")),
            };
        }
        let is_new = rows.read(key.as_bytes(), unpack::<String>)?.is_none();
        if is_new && rows.len()? >= VIEWS_KEPT {
            return Err(ChangeError::TooMany("views"));
        }
        rows.put(key.as_bytes(), &mut pack(&filter))?;
        Ok(())
    }
}

impl Reader {
    /// The feed with where it came from. One that cannot be read any more is none: it is imported again.
    pub fn feed(&self) -> Result<Option<(FeedNote, Feed)>, ReadError> {
        let read = self.engine.read(|txn| {
            let rows = FEED.readable(txn)?;
            let Some(note) = rows.read(NOTE, unpack::<FeedNote>)? else {
                return Ok(None);
            };
            let pieces = rows.all(|key, row| match key == NOTE {
                true => Some((key.to_vec(), Vec::new())),
                false => Some((key.to_vec(), unfold(row)?)),
            })?;
            let bytes: Vec<u8> = pieces.into_iter().flat_map(|(_, piece)| piece).collect();
            Ok(Some((note, bytes)))
        });
        let Some((note, bytes)) = read? else {
            return Ok(None);
        };
        Ok(Feed::read(&bytes).ok().map(|feed| (note, feed)))
    }

    /// In the order in which they were made.
    pub fn decisions(&self) -> Result<Vec<Decision>, ReadError> {
        let read = self.engine.read(|txn| {
            DECISIONS
                .readable(txn)?
                .all(|_, row| Some(((), unpack(row)?)))
        });
        Ok(read?.into_iter().map(|((), decision)| decision).collect())
    }

    /// Days since 1970 with tenths of points, the oldest first.
    pub fn score_trend(&self, holder: &str) -> Result<Vec<(u32, u32)>, ReadError> {
        let read = self
            .engine
            .read(|txn| SCORES.readable(txn)?.read(holder.as_bytes(), unpack));
        Ok(read?.unwrap_or_default())
    }

    /// Saved views by name.
    pub fn views(&self, of: Shelf) -> Result<BTreeMap<String, String>, ReadError> {
        let read = self.engine.read(|txn| {
            VIEWS.readable(txn)?.all(|key, row| {
                let key = std::str::from_utf8(key).ok()?.to_owned();
                Some((key, unpack::<String>(row)?))
            })
        });
        let read = read?.into_iter();
        let named = read.filter_map(|(key, filter)| Some((of.name(&key)?.to_owned(), filter)));
        Ok(named.collect())
    }
}
