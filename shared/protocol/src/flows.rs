//! What a node says of traffic: the profile that it has learnt of a device, what was not usual, and what people say to it.
//!
//! A habit travels as one line of text, as `detect` writes it: it is shown to people, typed by them, and read once at
//! each end. A profile is what one node saw; the same device may have another at the next.

use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::address::Address;
use crate::cbor::DecodeError;
use crate::class::{Classified, DataClass};
use crate::heard::Mac;
use crate::id::{DeviceId, MeshId};
use crate::key::Verifier;
use crate::limits;
use crate::roster::Roster;
use crate::signed::{OpenError, Signable, Signed, Unchecked};
use crate::text::{Line, Name};
use crate::time::Timestamp;

/// A habit in words, such as `out tcp maker.com 443`.
pub type Words = Line<160>;

/// Whose traffic it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Whose {
    /// The device that says so.
    #[n(0)]
    Own,
    #[n(1)]
    Mac {
        #[n(0)]
        mac: Mac,
    },
    /// Somebody behind a router, or told of by an exporter.
    #[n(2)]
    Address {
        #[n(0)]
        address: Address,
    },
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Own => f.write_str("own"),
            Self::Mac { mac } => write!(f, "mac:{mac}"),
            Self::Address { address } => write!(f, "ip:{address}"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Stage {
    /// What is seen becomes a habit.
    #[n(0)]
    Learning,
    /// What is no habit is said.
    #[n(1)]
    Trial,
    /// What is no habit is denied, where the host enforces.
    #[n(2)]
    Enforcing,
}

impl Stage {
    pub const ALL: [Self; 3] = [Self::Learning, Self::Trial, Self::Enforcing];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Learning => "learning",
            Self::Trial => "trial",
            Self::Enforcing => "enforcing",
        }
    }
}

/// Where a habit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Origin {
    #[n(0)]
    Learnt,
    /// From the baseline of its class, not seen here yet.
    #[n(1)]
    Lent,
    /// From the maker's file, not seen here yet.
    #[n(2)]
    Declared,
    /// Somebody said that this is normal.
    #[n(3)]
    Allowed,
}

impl Origin {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Learnt => "learnt",
            Self::Lent => "lent",
            Self::Declared => "declared",
            Self::Allowed => "allowed",
        }
    }
}

/// How well a habit is founded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Standing {
    #[n(0)]
    pub origin: Origin,
    #[n(1)]
    pub first: Timestamp,
    #[n(2)]
    pub last: Timestamp,
    /// Flows in which it was seen when it was told.
    #[n(3)]
    pub support: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Habit {
    #[n(0)]
    pub words: Words,
    /// `None`: it was taken back.
    #[n(1)]
    pub standing: Option<Standing>,
}

/// Since the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Count {
    #[n(0)]
    pub flows: u64,
    /// Flows that no habit allows.
    #[n(1)]
    pub unusual: u64,
    #[n(2)]
    pub sent: u64,
    #[n(3)]
    pub received: u64,
}

/// What is usually sent out of the network in a minute: the median, and the median deviation from it, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Usual {
    #[n(0)]
    pub median: u64,
    #[n(1)]
    pub deviation: u64,
}

/// One page of a node's log about the traffic of one device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Flows {
    #[n(0)]
    pub whose: Whose,
    #[n(1)]
    pub stage: Stage,
    /// Since when it is in this stage.
    #[n(2)]
    pub since: Timestamp,
    /// The class whose baseline was lent to it.
    #[n(3)]
    pub lent: Option<Name>,
    /// The highest number of a word of people that was heard.
    #[n(4)]
    pub obeyed: u64,
    #[n(5)]
    pub count: Count,
    /// Habits that the profile holds.
    #[n(6)]
    pub habits: u32,
    /// Of them those that are new, or stand otherwise than they were told.
    #[n(7)]
    pub told: Vec<Habit>,
    #[n(8)]
    pub usual: Option<Usual>,
    /// Flows of all devices that were not judged since the start, because there were too many at once.
    #[n(9)]
    pub dropped: u64,
}

impl Flows {
    /// Whether it holds more than one record may: its maker is at fault.
    pub fn is_oversize(&self) -> bool {
        self.told.len() > limits::HABITS_PER_RECORD
    }
}

impl Classified for Flows {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("whose", DataClass::Internal),
        ("stage", DataClass::Internal),
        ("since", DataClass::Internal),
        ("lent", DataClass::Internal),
        ("obeyed", DataClass::Internal),
        ("count", DataClass::Internal),
        ("habits", DataClass::Internal),
        ("told", DataClass::Sensitive),
        ("usual", DataClass::Internal),
        ("dropped", DataClass::Internal),
    ];
}

/// How a node came to know of a flow. Only the first two are its own sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Sight {
    #[n(0)]
    Frames,
    /// The kernel's table of connections.
    #[n(1)]
    Connections,
    /// A router or another exporter told it.
    #[n(2)]
    Exported,
    #[n(3)]
    Replayed,
}

impl Sight {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Connections => "connections",
            Self::Exported => "exported",
            Self::Replayed => "replayed",
        }
    }

    /// What others tell is passed on, not seen.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Frames | Self::Connections)
    }
}

/// Something in the traffic of a device that is not as usual.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Strange {
    #[n(0)]
    pub whose: Whose,
    /// The address by which it took part.
    #[n(1)]
    pub address: Address,
    /// The stable name of the rule: `fan_out`, `unusual`, `denied` and others.
    #[n(2)]
    pub rule: Name,
    #[n(3)]
    pub sight: Sight,
    /// What was counted, and what would have been usual.
    #[n(4)]
    pub observed: u64,
    #[n(5)]
    pub usual: u64,
    /// Over how many seconds; nothing where the profile speaks.
    #[n(6)]
    pub window_s: u32,
    /// Places that were touched.
    #[n(7)]
    pub examples: Vec<Name>,
    /// The habit that would allow it.
    #[n(8)]
    pub habit: Option<Words>,
}

impl Strange {
    /// Leaves out examples until it has room in an alert.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        self.examples.truncate(limits::STRANGE_EXAMPLES);
        while crate::cbor::encode(&self).len() > limits::STRANGE_BYTES
            && self.examples.pop().is_some()
        {}
        self
    }
}

/// A person's word about one profile, or the maker's.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum HabitWord {
    /// This is normal.
    #[n(0)]
    Allow {
        #[n(0)]
        habit: Words,
    },
    /// Takes an earlier word back.
    #[n(1)]
    Undo {
        #[n(0)]
        number: u64,
    },
    #[n(2)]
    Enter {
        #[n(0)]
        stage: Stage,
    },
    /// What the maker's file says.
    #[n(3)]
    Declare {
        #[n(0)]
        habits: Vec<Words>,
    },
    /// The baseline of a class.
    #[n(4)]
    Lend {
        #[n(0)]
        class: Name,
        #[n(1)]
        habits: Vec<Words>,
    },
}

impl HabitWord {
    /// The stable word used in logs and interfaces.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Allow { .. } => "allow",
            Self::Undo { .. } => "undo",
            Self::Enter { .. } => "enter",
            Self::Declare { .. } => "declare",
            Self::Lend { .. } => "lend",
        }
    }

    fn habits(&self) -> usize {
        match self {
            Self::Declare { habits } | Self::Lend { habits, .. } => habits.len(),
            Self::Allow { .. } | Self::Undo { .. } | Self::Enter { .. } => 0,
        }
    }
}

/// What one member is told about a profile that it keeps. It makes nothing run: what it changes is what that member
/// finds usual, and the member's own log says that it obeyed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct HabitOrder {
    #[n(0)]
    pub mesh: MeshId,
    #[n(1)]
    pub device: DeviceId,
    /// Counts up over all words to this member.
    #[n(2)]
    pub number: u64,
    #[n(3)]
    pub whose: Whose,
    #[n(4)]
    pub until: Timestamp,
    #[n(5)]
    pub word: HabitWord,
}

/// Why an order is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HabitOrderError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("the admission key has not signed it: {0}")]
    Unsigned(#[from] OpenError),
    #[error("it is of another mesh")]
    Foreign,
    #[error("it is for another device")]
    Other,
    #[error("it has ended")]
    Late,
    #[error("it names more than {} habits", limits::HABITS_PER_ORDER)]
    TooMany,
}

impl Signable for HabitOrder {
    const NAME: &'static str = "habit order";
    const DOMAIN: &'static [u8] = b"palisade/habit-order/v1\0";
    const BOUND: usize = limits::HABIT_ORDER_BYTES;
}

impl Classified for HabitOrder {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("device", DataClass::Internal),
        ("number", DataClass::Internal),
        ("whose", DataClass::Internal),
        ("until", DataClass::Internal),
        ("word", DataClass::Sensitive),
    ];
}

impl HabitOrder {
    /// Checks an envelope: signed by the admission key in force, for this member, and not over.
    pub fn open(
        bytes: &[u8],
        me: &DeviceId,
        roster: &Roster,
        verifier: &dyn Verifier,
        now: Timestamp,
    ) -> Result<Signed<Self>, HabitOrderError> {
        let unchecked = Unchecked::<Self>::parse(bytes)?;
        let order = unchecked.check(&roster.charter().admission, verifier)?;
        if order.mesh != roster.charter().mesh {
            return Err(HabitOrderError::Foreign);
        }
        if order.device != *me {
            return Err(HabitOrderError::Other);
        }
        if order.until < now {
            return Err(HabitOrderError::Late);
        }
        if order.word.habits() > limits::HABITS_PER_ORDER {
            return Err(HabitOrderError::TooMany);
        }
        Ok(order)
    }
}
