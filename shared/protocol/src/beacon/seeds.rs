//! Which seeds are open: dealings, the shares that are released one by one, and the secrets that they give.

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::{Dealt, Hand, Opened, Rotation, Share, threshold};
use crate::cbor;
use crate::charter::Charter;
use crate::evidence::Evidence;
use crate::id::{Digest, Epoch};
use crate::key::Verifier;
use crate::limits;
use crate::shares::{self, Point};

/// Dealings that are held: the one in force, one before it and one to come.
const DEALINGS: usize = 3;

/// What is known of the seeds of a mesh.
#[derive(Debug, Default)]
pub struct Seeds {
    dealings: BTreeMap<u32, Dealt>,
    shares: BTreeMap<Epoch, BTreeMap<u8, Share>>,
    opened: BTreeMap<Epoch, (Opened, Digest)>,
}

/// What somebody's piece was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Known before, of no use, or wrong.
    None,
    /// Worth passing on.
    New,
    /// With it the seed of an epoch is known.
    Opens,
}

/// What is written down of the seeds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Kept {
    #[n(0)]
    dealings: Vec<ByteVec>,
    #[n(1)]
    opened: Vec<Opened>,
    /// What only their holder keeps.
    #[n(2)]
    hands: Vec<Hand>,
}

impl Seeds {
    /// What was written down, checked again.
    pub fn recalled(kept: &Kept, charter: &Charter, verifier: &dyn Verifier) -> Self {
        let mut seeds = Self::default();
        for bytes in &kept.dealings {
            if let Ok(dealt) = Dealt::open(bytes, charter, verifier) {
                seeds.take_dealing(dealt);
            }
        }
        for opened in &kept.opened {
            seeds.take_opened(opened.clone(), opened.epoch);
        }
        seeds
    }

    pub fn kept<'h>(&self, hands: impl Iterator<Item = &'h Hand>) -> Kept {
        Kept {
            hands: hands.cloned().collect(),
            dealings: self
                .dealings
                .values()
                .map(|dealt| dealt.bytes().to_vec().into())
                .collect(),
            opened: self
                .opened
                .values()
                .map(|(opened, _)| opened.clone())
                .collect(),
        }
    }

    /// The dealing by which an epoch is opened: of several the latest.
    pub fn in_force(&self, epoch: Epoch) -> Option<&Dealt> {
        let dealt = self.dealings.values().rev();
        let mut dealt = dealt.filter(|dealt| dealt.offer().index(epoch).is_some());
        dealt.next()
    }

    /// The newest dealing.
    pub fn newest(&self) -> Option<&Dealt> {
        self.dealings.values().next_back()
    }

    pub fn holds(&self, number: u32) -> bool {
        self.dealings.contains_key(&number)
    }

    pub fn is_open(&self, epoch: Epoch) -> bool {
        self.opened.contains_key(&epoch)
    }

    /// The last epoch whose seed is known.
    pub fn newest_open(&self) -> Option<Epoch> {
        self.opened.keys().next_back().copied()
    }

    /// Whether the seats of an epoch are its own.
    pub fn rotation(&self, epoch: Epoch) -> Rotation {
        let (Some(newest), open) = (self.newest(), self.newest_open()) else {
            return Rotation::Undealt;
        };
        let offer = newest.offer();
        match open {
            _ if self.is_open(epoch) => Rotation::Turning { until: offer.end() },
            None if epoch < offer.first => Rotation::Undealt,
            None => Rotation::Frozen { since: offer.first },
            Some(open) => Rotation::Frozen {
                since: open.plus(1),
            },
        }
    }

    /// By which seeds the rings of even and of odd numbers are drawn in an epoch: each by the newest that is
    /// open and of its kind, so that half of all seats change at a time.
    pub fn at(&self, epoch: Epoch) -> [Option<Digest>; 2] {
        let newest = |kind: u32| {
            let until = self.opened.range(..=epoch).rev();
            let mut of_kind = until.filter(|(epoch, _)| epoch.number() % 2 == kind);
            of_kind.next().map(|(_, (_, seed))| *seed)
        };
        [newest(0), newest(1)]
    }

    /// Takes a checked dealing; none that would draw anew what is open.
    pub fn take_dealing(&mut self, dealt: Dealt) -> News {
        let number = dealt.offer().number;
        let late = self
            .newest_open()
            .is_some_and(|open| dealt.offer().first <= open);
        if self.holds(number) || late {
            return News::None;
        }
        self.dealings.insert(number, dealt);
        while self.dealings.len() > DEALINGS {
            self.dealings.pop_first();
        }
        if self.holds(number) {
            News::New
        } else {
            News::None
        }
    }

    /// Takes a share of this epoch or the next one.
    pub fn take_share(&mut self, share: Share, now: Epoch) -> News {
        let epoch = share.epoch;
        let timely = (now..=now.plus(1)).contains(&epoch) && !self.is_open(epoch);
        let known = self
            .shares
            .get(&epoch)
            .is_some_and(|of| of.contains_key(&share.place));
        let Some(dealt) = self.in_force(epoch).filter(|_| timely && !known) else {
            return News::None;
        };
        if !share.is_of(dealt.offer()) {
            return News::None;
        }
        let needed = threshold(dealt.offer().holders.len());
        let number = share.number;
        let shares = self.shares.entry(epoch).or_default();
        shares.retain(|_, known| known.number == number);
        shares.insert(share.place, share);
        if shares.len() < needed {
            return News::New;
        }
        let points: Vec<Point<32>> = shares.values().map(Share::point).collect();
        let Some(secret) = shares::combine(&points) else {
            return News::New;
        };
        match self.take_opened(
            Opened {
                number,
                epoch,
                secret,
            },
            now,
        ) {
            News::Opens => News::Opens,
            News::None | News::New => News::New,
        }
    }

    /// Takes a secret of this epoch, an earlier one or the next one.
    pub fn take_opened(&mut self, opened: Opened, now: Epoch) -> News {
        let epoch = opened.epoch;
        if epoch > now.plus(1)
            || self
                .opened
                .get(&epoch)
                .is_some_and(|(known, _)| known.number >= opened.number)
        {
            return News::None;
        }
        let Some(seed) = self.in_force(epoch).and_then(|dealt| dealt.seed(&opened)) else {
            return News::None;
        };
        self.opened.insert(epoch, (opened, seed));
        News::Opens
    }

    /// Forgets what no later epoch needs; returns what others need not be told any more.
    pub fn prune(&mut self, now: Epoch) -> Vec<Evidence> {
        let mut gone = Vec::new();
        let open = &self.opened;
        self.shares.retain(|epoch, shares| {
            let over = *epoch < now || open.contains_key(epoch);
            gone.extend(shares.values().filter(|_| over).map(Share::evidence));
            !over
        });
        let last_of = |kind| {
            let mut of_kind = self.opened.range(..=now).rev().map(|(epoch, _)| *epoch);
            of_kind.find(|epoch| epoch.number() % 2 == kind)
        };
        let kept = [last_of(0), last_of(1)];
        self.opened.retain(|epoch, (opened, _)| {
            let stays = *epoch > now || kept.contains(&Some(*epoch));
            gone.extend((!stays).then(|| opened.evidence()));
            stays
        });
        gone
    }

    /// The secret of an epoch with its seed, if it is open.
    pub fn open(&self, epoch: Epoch) -> Option<(&Opened, &Digest)> {
        self.opened.get(&epoch).map(|(opened, seed)| (opened, seed))
    }

    /// The seed that somebody's secret opens, also of an epoch that is over.
    pub fn seed(&self, opened: &Opened) -> Option<Digest> {
        self.in_force(opened.epoch)?.seed(opened)
    }

    /// What a newcomer has to be told.
    pub fn evidence(&self) -> Vec<Evidence> {
        let dealings = self.dealings.values().map(Dealt::evidence);
        let opened = self.opened.values().map(|(opened, _)| opened.evidence());
        dealings.chain(opened).collect()
    }

    /// The secret of an epoch as it travels.
    pub fn opened(&self, epoch: Epoch) -> Option<&Opened> {
        self.opened.get(&epoch).map(|(opened, _)| opened)
    }
}

impl Kept {
    pub fn hands(&self) -> Vec<Hand> {
        self.hands.clone()
    }

    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Bytes that cannot be read hold nothing: neighbours hold the same.
    pub fn decode(bytes: &[u8]) -> Self {
        cbor::decode("kept seeds", limits::FRAME_BYTES, bytes).unwrap_or_default()
    }
}
