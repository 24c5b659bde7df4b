//! The last few heads that somebody was shown of one device: enough to see a second history that comes late.

use minicbor::{Decode, Encode};

use crate::id::DeviceId;
use crate::limits;
use crate::proof::between_heads;
use crate::record::{Head, Position};
use crate::signed::Signed;

/// Checked heads of one device, in the order of their places.
#[derive(Debug, Clone, Default)]
pub struct Heads {
    kept: Vec<Signed<Head>>,
}

/// What a checked head is beside those that were shown before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    Newer,
    /// Shown before.
    Known,
    /// Of an earlier place than the newest, and in harmony with all that are kept.
    Late,
    /// It cannot be honest beside this one.
    Contradicts(Box<Signed<Head>>),
}

/// What one side was shown of a device, short enough to be compared all the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Shown {
    #[n(0)]
    pub position: Position,
    /// Short digest of the head.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub digest: [u8; 8],
}

/// What a witness was shown of one of its subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ShownOf {
    #[n(0)]
    pub subject: DeviceId,
    #[n(1)]
    pub head: Shown,
}

impl Shown {
    pub fn of(head: &Signed<Head>) -> Self {
        Self {
            position: head.position,
            digest: head.digest().short(),
        }
    }

    /// Whether both cannot be of one history.
    pub fn differs_from(&self, other: &Self) -> bool {
        self.position == other.position && self.digest != other.digest
    }
}

impl Heads {
    pub fn newest(&self) -> Option<&Signed<Head>> {
        self.kept.last()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Signed<Head>> {
        self.kept.iter()
    }

    pub fn judge(&self, head: &Signed<Head>) -> Judged {
        let contradicts = |kept: &&Signed<Head>| {
            let (first, second) = if kept.position <= head.position {
                (*kept, head)
            } else {
                (head, *kept)
            };
            between_heads(first, second).is_some()
        };
        // Of several contradictions the plainest is told: two heads for one place.
        let same_place = self
            .kept
            .iter()
            .filter(|kept| kept.position == head.position);
        if let Some(kept) = same_place.chain(&self.kept).find(contradicts) {
            return Judged::Contradicts(Box::new(kept.clone()));
        }
        match self.newest() {
            Some(newest) if newest.position > head.position => match self.place_of(head.position) {
                Ok(_) => Judged::Known,
                Err(_) => Judged::Late,
            },
            Some(newest) if newest.position == head.position => Judged::Known,
            _ => Judged::Newer,
        }
    }

    /// Keeps a head; of too many the oldest goes, yet never the one with which the newest incarnation
    /// began: it is what a copy and its original have in common.
    pub fn keep(&mut self, head: Signed<Head>) {
        if let Err(place) = self.place_of(head.position) {
            self.kept.insert(place, head);
        }
        if self.kept.len() > limits::HEADS_KEPT {
            let newest = self.newest().map(|head| head.position.incarnation);
            let began = newest.map(Position::first);
            let oldest = self
                .kept
                .iter()
                .position(|head| Some(head.position) != began);
            self.kept.remove(oldest.unwrap_or_default());
        }
    }

    /// Whether what somebody else was shown hints at another history than this one: another head for
    /// one place, or a place behind the end of an incarnation that is over here.
    pub fn clash_with(&self, shown: &Shown) -> bool {
        let differs = |head: &Signed<Head>| Shown::of(head).differs_from(shown);
        self.kept.iter().any(differs) || self.is_behind_an_end(shown.position)
    }

    fn is_behind_an_end(&self, position: Position) -> bool {
        let of_it = |head: &&Signed<Head>| head.position.incarnation == position.incarnation;
        let last = self.kept.iter().rfind(of_it);
        let over = self
            .newest()
            .is_some_and(|newest| newest.position.incarnation > position.incarnation);
        over && last.is_some_and(|last| last.position < position)
    }

    fn place_of(&self, position: Position) -> Result<usize, usize> {
        self.kept
            .binary_search_by_key(&position, |head| head.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Digest, Epoch};
    use crate::key::SecretKey;
    use crate::record::{Flags, Incarnation};
    use crate::time::Timestamp;

    fn head(incarnation: u32, sequence: u32, previous: Digest) -> Signed<Head> {
        let head = Head {
            device: DeviceId::from_bytes([1; 8]),
            position: Position {
                incarnation: Incarnation(incarnation),
                sequence,
            },
            time: Timestamp::from_millis(u64::from(incarnation * 1000 + sequence)),
            previous,
            body: Digest::ZERO,
            epoch: Epoch::FROZEN,
            entangled: None,
            flags: Flags::NONE,
            ring_mask: 0,
            attachment: None,
            checkpoint: None,
        };
        Signed::seal(head, &SecretKey::from_seed(&[1; 32]))
    }

    /// A chain of so many heads of one incarnation behind a head.
    fn chain(incarnation: u32, length: u32, mut previous: Digest) -> Vec<Signed<Head>> {
        let next = |sequence| {
            let made = head(incarnation, sequence, previous);
            previous = made.digest();
            made
        };
        (0..length).map(next).collect()
    }

    fn shown(heads: &[Signed<Head>]) -> Heads {
        let mut shown = Heads::default();
        for head in heads {
            assert_eq!(shown.judge(head), Judged::Newer);
            shown.keep(head.clone());
        }
        shown
    }

    #[test]
    fn heads_of_one_history_agree_in_whatever_order_they_come() {
        let heads = chain(0, 5, Digest::ZERO);
        let mut shown = Heads::default();
        for place in [0, 4, 2, 1, 3] {
            assert!(!matches!(
                shown.judge(&heads[place]),
                Judged::Contradicts(_)
            ));
            shown.keep(heads[place].clone());
            assert_eq!(shown.judge(&heads[place]), Judged::Known);
        }
        assert_eq!(shown.newest(), heads.last());
    }

    #[test]
    fn the_original_behind_its_copy_is_recognised_long_after_the_copy_began() {
        let original = chain(0, 6, Digest::ZERO);
        let copy = chain(1, 40, original[4].digest());
        let mut shown = shown(&original[..5]);
        for head in &copy {
            shown.keep(head.clone());
        }
        assert_eq!(shown.iter().count(), limits::HEADS_KEPT);
        let judged = shown.judge(&original[5]);
        assert_eq!(judged, Judged::Contradicts(Box::new(copy[0].clone())));
    }

    #[test]
    fn what_others_were_shown_clashes_where_it_is_of_another_history() {
        let ours = chain(0, 5, Digest::ZERO);
        let heads = shown(&ours);
        assert!(!heads.clash_with(&Shown::of(&ours[3])));
        let other = head(0, 3, Digest::from_bytes([9; 32]));
        assert!(heads.clash_with(&Shown::of(&other)));
        let ahead = head(0, 9, Digest::ZERO);
        assert!(!heads.clash_with(&Shown::of(&ahead)), "it may be newer");
        let mut restarted = heads.clone();
        restarted.keep(head(1, 0, ours[4].digest()));
        assert!(
            restarted.clash_with(&Shown::of(&ahead)),
            "that start is over"
        );
        assert!(!restarted.clash_with(&Shown::of(&ours[4])));
    }
}
