//! Two-sided accounts: both ends of a link count what crosses it, and each signs its own count.
//!
//! At a mark the sender says, in the stream itself, how much it has sent so far. Whoever receives the mark has
//! by then received whatever came of that, so both ends speak of the same frames whatever their clocks say.
//! Two counts that do not agree prove that one end is wrong, and never which: this is an observation about a
//! link, and convicts nobody.

use minicbor::{Decode, Encode};

use crate::class::{Classified, DataClass};
use crate::id::DeviceId;
use crate::limits;
use crate::record::Position;
use crate::time::Timestamp;

/// What may be counted beyond what was said: a link that takes another's place lets frames overtake a mark.
const OVERTAKEN: Total = Total::of(32, 32 * 1024);
/// What may be missing in any case: frames that were lost on a link that was hardly used.
const STRAY: Total = Total::of(32, 64 * 1024);
/// What may be missing for each end of a link: frames that were on their way, and those that were sent into
/// a dead link, one in two seconds, for the two and a half minutes until it is given up.
const TORN: Total = Total::of(128, 128 * 1024);
/// The part of what was said that may be missing. A fifth is lost on the worst link that is used; a sender
/// whose peer does not read drops more.
const LOST: u64 = 2;

/// Frames and their bytes, from the start of the one who counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Total {
    #[n(0)]
    pub frames: u64,
    #[n(1)]
    pub bytes: u64,
}

/// One mark: how much its sender has sent to the receiver so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Mark {
    /// The sender's incarnation, and its marks within it so far.
    #[n(0)]
    pub number: Position,
    #[n(1)]
    pub sent: Total,
}

/// What one device signs of its links at one of its marks.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Accounts {
    #[n(0)]
    pub number: Position,
    /// At most [`limits::ACCOUNTS_PER_RECORD`], each of another device.
    #[n(1)]
    pub links: Vec<Account>,
}

/// Both directions of one link, as one end counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Account {
    #[n(0)]
    pub peer: DeviceId,
    /// What the mark said that was sent to the peer; none where no link stood.
    #[n(1)]
    pub sent: Option<Total>,
    /// What came from the peer between two of its marks.
    #[n(2)]
    pub received: Option<Received>,
}

/// What came between two marks of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Received {
    #[n(0)]
    pub from: Position,
    #[n(1)]
    pub to: Position,
    /// What the marks said that was sent between them.
    #[n(2)]
    pub said: Total,
    #[n(3)]
    pub counted: Total,
    /// Links that ended meanwhile.
    #[n(4)]
    pub breaks: u32,
}

/// How two counts of the same frames do not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Difference {
    /// More arrived than was sent: no loss explains that.
    #[n(0)]
    More,
    /// So much less arrived than was sent that no loss explains it.
    #[n(1)]
    Less,
    /// The sender has signed another count than the receiver says it was told.
    #[n(2)]
    Told,
}

/// The two ends of a link do not agree on what crossed it in one direction. It accuses neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    pub sender: DeviceId,
    pub receiver: DeviceId,
    pub difference: Difference,
    /// What the sender has signed that it sent.
    pub said: Total,
    /// What the receiver has signed that it counted.
    pub counted: Total,
    /// When the coordinator held both words.
    pub at: Timestamp,
}

impl Classified for Accounts {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("number", DataClass::Internal),
        ("links", DataClass::Internal),
    ];
}

impl Total {
    pub const fn of(frames: u64, bytes: u64) -> Self {
        Self { frames, bytes }
    }

    pub fn add(&mut self, bytes: usize) {
        self.frames = self.frames.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }

    /// What was added since; `None` if this is less.
    pub fn since(self, earlier: Self) -> Option<Self> {
        Some(Self {
            frames: self.frames.checked_sub(earlier.frames)?,
            bytes: self.bytes.checked_sub(earlier.bytes)?,
        })
    }

    pub const fn plus(self, other: Self) -> Self {
        Self {
            frames: self.frames.saturating_add(other.frames),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    const fn times(self, count: u32) -> Self {
        Self {
            frames: self.frames.saturating_mul(count as u64),
            bytes: self.bytes.saturating_mul(count as u64),
        }
    }

    const fn exceeds(self, other: Self) -> bool {
        self.frames > other.frames || self.bytes > other.bytes
    }
}

impl Difference {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::More => "more",
            Self::Less => "less",
            Self::Told => "told",
        }
    }
}

impl Received {
    /// One count over this and the next.
    pub fn followed_by(self, next: Self) -> Self {
        Self {
            from: self.from,
            to: next.to,
            said: self.said.plus(next.said),
            counted: self.counted.plus(next.counted),
            breaks: self.breaks.saturating_add(next.breaks),
        }
    }

    /// How the two ends do not agree, if they do not.
    pub fn difference(&self) -> Option<Difference> {
        difference(self.said, self.counted, self.breaks)
    }
}

impl Accounts {
    /// Whether the list is as long as it may be and names nobody twice.
    pub fn is_well_formed(&self) -> bool {
        let ordered = self
            .links
            .windows(2)
            .all(|pair| pair[0].peer < pair[1].peer);
        ordered && self.links.len() <= limits::ACCOUNTS_PER_RECORD
    }
}

/// Compares what one end sent with what the other counted, over so many ends of links between them.
///
/// The directions are not alike. A network loses frames and makes none, so nothing but an overtaken mark
/// explains that more arrives than was sent: whoever hides traffic is seen. Less may arrive for many reasons,
/// so only what is far below what was said counts.
pub fn difference(said: Total, counted: Total, breaks: u32) -> Option<Difference> {
    if counted.exceeds(said.plus(OVERTAKEN)) {
        return Some(Difference::More);
    }
    let half = Total::of(said.frames / LOST, said.bytes / LOST);
    let excused = counted.plus(STRAY).plus(TORN.times(breaks));
    half.exceeds(excused).then_some(Difference::Less)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Total = Total::of(1_080, 400_000);

    fn share(percent: u64) -> Total {
        Total::of(HOUR.frames * percent / 100, HOUR.bytes * percent / 100)
    }

    #[test]
    fn a_fifth_that_is_lost_is_loss() {
        for percent in [100, 95, 80, 60, 50] {
            assert_eq!(difference(HOUR, share(percent), 0), None, "{percent} %");
        }
        let swallowed = difference(HOUR, share(10), 0);
        assert_eq!(swallowed, Some(Difference::Less));
    }

    #[test]
    fn more_than_was_sent_is_no_loss_whatever_broke() {
        assert_eq!(difference(share(10), HOUR, 0), Some(Difference::More));
        assert_eq!(difference(share(10), HOUR, 1_000), Some(Difference::More));
        assert_eq!(difference(HOUR, HOUR.plus(OVERTAKEN), 0), None);
        let big = Total::of(HOUR.frames, HOUR.bytes * 2);
        assert_eq!(
            difference(HOUR, big, 0),
            Some(Difference::More),
            "larger frames"
        );
    }

    #[test]
    fn a_link_that_broke_again_and_again_excuses_what_is_missing() {
        let nothing = Total::default();
        assert_eq!(difference(HOUR, nothing, 0), Some(Difference::Less));
        assert_eq!(difference(HOUR, nothing, 4), None);
    }

    #[test]
    fn a_hardly_used_link_says_nothing() {
        assert_eq!(difference(Total::of(40, 4_000), Total::default(), 0), None);
        assert_eq!(difference(Total::default(), Total::of(20, 9_000), 0), None);
    }
}
