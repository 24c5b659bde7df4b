//! What the coordinator writes down before it acknowledges, and what it finds again after a start.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::accounts::Observation;
use crate::class::DeviceClass;
use crate::enrolment::TokenId;
use crate::id::{DeviceId, Digest, Epoch};
use crate::message::Last;
use crate::proof::Proof;
use crate::record::{Flags, Position, Record};
use crate::rollout::RolloutId;
use crate::seal::DataKey;
use crate::settings::Obeyed;
use crate::statement::Statement;
use crate::text::Name;
use crate::time::Timestamp;

/// One write to the store. The shell makes a whole batch durable before it acknowledges any of it.
#[derive(Debug, Clone)]
pub enum Save {
    /// A checked record, and what its body says if it could be opened.
    Record(Box<Collected>),
    /// A proof that convicts somebody for good.
    Conviction {
        proof: Box<Proof>,
        brought: Brought,
        at: Timestamp,
    },
    /// The two ends of a link do not agree; of each direction the newest is kept.
    Observation(Observation),
    /// A device was put into quarantine, or cleared: of each author the newest word (its envelope).
    Ruling {
        device: DeviceId,
        gateway: Option<DeviceId>,
        ruling: Vec<u8>,
    },
    /// The newest word about a target that was halted (its envelope).
    Halt { target: Digest, halt: Vec<u8> },
    /// The course of a rollout; it replaces what was saved before.
    Rollout { id: RolloutId, course: Vec<u8> },
    /// Where a device is in a rollout; it replaces what was saved before.
    RolloutDevice {
        id: RolloutId,
        device: DeviceId,
        entry: Vec<u8>,
    },
    /// An old rollout makes room for a new one.
    RolloutGone { id: RolloutId },
    /// How a member of a committee voted (its envelope).
    Vote {
        subject: DeviceId,
        epoch: Epoch,
        member: DeviceId,
        vote: Vec<u8>,
    },
    /// The identity log has grown: entries from index `from` on, and the signed head that covers them.
    Entries {
        from: u64,
        entries: Vec<Vec<u8>>,
        head: Vec<u8>,
    },
    /// What each gateway has signed last (the envelopes); it replaces what was saved before.
    Cosigned(Vec<Vec<u8>>),
    /// Dealings and open seeds; it replaces what was saved before.
    Seeds(Vec<u8>),
    /// A device was admitted; its data key is a secret.
    Enrolled {
        device: DeviceId,
        data_key: DataKey,
        at: Timestamp,
    },
    /// A join string was made, or its state has changed.
    Token(Token),
    /// The last statement of a device that was ordered to wipe itself has come.
    Retired { device: DeviceId, at: Timestamp },
    /// A device's newest signed contact (its envelope).
    Contact { device: DeviceId, contact: Vec<u8> },
}

/// How a proof came to the coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// It compared what it and the witnesses were shown.
    Found,
    /// A device showed it, or the head that was missing.
    By(DeviceId),
}

impl Brought {
    pub const fn by(self) -> Option<DeviceId> {
        match self {
            Self::Found => None,
            Self::By(device) => Some(device),
        }
    }
}

/// A record on its way into the store.
#[derive(Debug, Clone)]
pub struct Collected {
    pub device: DeviceId,
    pub position: Position,
    /// The device's time.
    pub time: Timestamp,
    /// The coordinator's time.
    pub received: Timestamp,
    pub digest: Digest,
    pub flags: Flags,
    pub link: Link,
    pub record: Record,
    pub statement: Option<Statement>,
}

/// How a record joins the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// It names the stored predecessor.
    Chained,
    /// The first of its device.
    First,
    /// It names another predecessor, which was never collected: what lay between is lost or hidden.
    Gap,
}

/// One join string, without what would let a thief of the store use it before its time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    /// HKDF of the one-time secret; the store seals it.
    pub psk: Zeroizing<[u8; 32]>,
    pub name: Name,
    pub class: DeviceClass,
    pub cell: Name,
    pub created: Timestamp,
    pub expires: Timestamp,
    pub state: TokenState,
}

/// What became of a join string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    Open,
    Used { by: DeviceId, at: Timestamp },
    Withdrawn,
}

/// What the store holds at a start.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The identity log, in order.
    pub entries: Vec<Vec<u8>>,
    /// The envelope of its newest head.
    pub log_head: Option<Vec<u8>>,
    pub devices: BTreeMap<DeviceId, Remembered>,
    pub tokens: Vec<Token>,
    /// Every proof that has convicted somebody.
    pub convictions: Vec<Vec<u8>>,
    /// What each gateway had signed last, when enough of them had.
    pub cosigned: Vec<Vec<u8>>,
    /// Every ruling that is kept.
    pub rulings: Vec<Vec<u8>>,
    /// Every halt that is kept.
    pub halts: Vec<Vec<u8>>,
    pub rollouts: BTreeMap<RolloutId, KeptRollout>,
    /// Votes on appeals, those of the last days.
    pub votes: Vec<Vec<u8>>,
    /// Dealings and open seeds.
    pub seeds: Option<Vec<u8>>,
}

/// One rollout as it was saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptRollout {
    pub course: Vec<u8>,
    pub entries: BTreeMap<DeviceId, Vec<u8>>,
}

/// What the store knows of one device at a start.
#[derive(Debug, Clone)]
pub struct Remembered {
    pub data_key: DataKey,
    pub enrolled: Timestamp,
    pub last: Option<Last>,
    /// When the newest record arrived.
    pub received: Option<Timestamp>,
    pub contact: Option<Vec<u8>>,
    /// When its last statement came, if it was ordered to wipe itself.
    pub retired: Option<Timestamp>,
    /// What it does of what administrators have signed, by its own word.
    pub obeyed: Option<Obeyed>,
}
