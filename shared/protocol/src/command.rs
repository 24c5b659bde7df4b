//! Commands: what one device, a class or a cell is to do once, and what each of them answers.
//!
//! A command comes in one of two ways and is the same afterwards. The coordinator signs it with its admission key and
//! hands it over on the session that it has; or administrators sign it as a target of the role `policy`, whose `custom`
//! fields say it:
//!
//! ```json
//! {"command": {"kind": "restart", "to": "class:camera", "until_s": 1900000000}}
//! ```
//!
//! The target lies at `policy/commands/ID`. Which kinds may be signed online administrators say with their settings.

mod book;
mod kinds;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;
use tuf_core::canonical::{Json, Object};
use tuf_core::targets::Target;

use crate::cbor::DecodeError;
use crate::class::{Classified, DataClass};
use crate::id::{Digest, MeshId};
use crate::key::Verifier;
use crate::limits;
use crate::roster::Roster;
use crate::settings::{Place, Scope};
use crate::signed::{OpenError, Signable, Signed, Unchecked};
use crate::text::{Name, Path};
use crate::time::Timestamp;
pub use book::{Book, Known};
pub use kinds::{Kind, KindError, Kinds};

/// Every command that administrators sign lies here.
pub const FOLDER: &str = "policy/commands/";
const COMMAND: &str = "command";

/// Names one command: whoever repeats it commands nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct CommandId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the id of a command is 32 hexadecimal digits, as `command list` shows it")]
pub struct CommandIdError;

/// What is to be done, by whom, and until when it may be begun.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Command {
    #[n(0)]
    pub mesh: MeshId,
    #[n(1)]
    pub id: CommandId,
    /// The number of a [`Kind`]; of a later version it may be another.
    #[n(2)]
    pub kind: u16,
    /// A [`Scope`] in words.
    #[n(3)]
    pub to: Path,
    /// Nobody begins after this.
    #[n(4)]
    pub until: Timestamp,
}

/// Whose signature a command carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum By {
    /// The coordinator's.
    #[n(0)]
    Online,
    #[n(1)]
    Administrators,
}

/// What a device says of a command, in its log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Answer {
    #[n(0)]
    pub command: CommandId,
    #[n(1)]
    pub by: By,
    #[n(2)]
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Outcome {
    /// It is done. What came of it can be asked for, if anything did.
    #[n(0)]
    Done {
        #[n(0)]
        result: Option<Yield>,
    },
    #[n(1)]
    Refused {
        #[n(0)]
        why: Refusal,
    },
    /// It was begun, and came to nothing.
    #[n(2)]
    Failed {
        #[n(0)]
        why: Name,
    },
}

/// What came of a command, sealed under the device's data key: its size, and what commits to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Yield {
    #[n(0)]
    pub digest: Digest,
    #[n(1)]
    pub bytes: u64,
}

/// Why a device does not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Refusal {
    #[n(0)]
    Expired,
    #[n(1)]
    UnknownKind,
    #[n(2)]
    NotAddressed,
    /// A command of this id came before.
    #[n(3)]
    Seen,
    /// The kind needs the administrators' keys.
    #[n(4)]
    NotOnline,
    /// It would hold longer than a command of its kind may.
    #[n(5)]
    TooLong,
    #[n(6)]
    Full,
    /// Wiping is an order in the identity log, and comes in no other way.
    #[n(7)]
    ByTheLog,
    /// The device runs no service from a slot.
    #[n(8)]
    NoService,
    #[n(9)]
    NoScanner,
}

/// What the coordinator and a member say to each other.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum CommandWord {
    /// The envelope of a [`Command`].
    #[n(0)]
    Order {
        #[n(0)]
        command: ByteVec,
    },
    /// The coordinator asks for what came of it, from a byte on.
    #[n(1)]
    Wanted {
        #[n(0)]
        command: CommandId,
        #[n(1)]
        from: u64,
    },
    /// A part of it; an empty one where there is nothing.
    #[n(2)]
    Part {
        #[n(0)]
        part: CommandPart,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CommandPart {
    #[n(0)]
    pub command: CommandId,
    #[n(1)]
    pub from: u64,
    /// Bytes of the whole.
    #[n(2)]
    pub total: u64,
    #[n(3)]
    pub bytes: ByteVec,
}

/// Why bytes are no command of the coordinator's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("the admission key has not signed it: {0}")]
    Unsigned(#[from] OpenError),
    #[error("it is of another mesh")]
    Foreign,
}

impl Signable for Command {
    const NAME: &'static str = "command";
    const DOMAIN: &'static [u8] = b"palisade/command/v1\0";
    const BOUND: usize = limits::COMMAND_BYTES;
}

impl Classified for Command {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("id", DataClass::Internal),
        ("kind", DataClass::Internal),
        ("to", DataClass::Internal),
        ("until", DataClass::Internal),
    ];
}

impl Classified for Answer {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("command", DataClass::Internal),
        ("by", DataClass::Internal),
        ("outcome", DataClass::Internal),
    ];
}

impl Command {
    pub fn new(mesh: MeshId, id: CommandId, kind: Kind, to: &Scope, until: Timestamp) -> Self {
        Self {
            mesh,
            id,
            kind: kind.number(),
            to: Path::new(to.to_string()).expect("a scope is a word and a name"),
            until,
        }
    }

    /// Checks that the coordinator has signed it, and for this mesh.
    pub fn open(
        bytes: &[u8],
        roster: &Roster,
        verifier: &dyn Verifier,
    ) -> Result<Signed<Self>, CommandError> {
        let unchecked = Unchecked::<Self>::parse(bytes)?;
        let charter = roster.charter();
        let command = unchecked.check(&charter.admission, verifier)?;
        match command.mesh == charter.mesh {
            true => Ok(command),
            false => Err(CommandError::Foreign),
        }
    }

    /// What a verified target says, if it is a command.
    pub fn of(path: &str, target: &Target, mesh: MeshId) -> Option<Self> {
        match &target.custom {
            Some(Json::Object(custom)) => Self::read(path, custom, mesh),
            _ => None,
        }
    }

    /// The same of a target's `custom` fields.
    pub fn read(path: &str, custom: &Object, mesh: MeshId) -> Option<Self> {
        let Some(Json::Object(fields)) = custom.get(COMMAND) else {
            return None;
        };
        let (Some(Json::Text(kind)), Some(Json::Text(to)), Some(Json::Integer(until_s))) =
            (fields.get("kind"), fields.get("to"), fields.get("until_s"))
        else {
            return None;
        };
        let until_ms = u64::try_from(*until_s).ok()?.saturating_mul(1000);
        Some(Self {
            mesh,
            id: path.strip_prefix(FOLDER)?.parse().ok()?,
            kind: kind.parse().map_or(Kind::UNKNOWN, Kind::number),
            to: Path::new(to.as_str()).ok()?,
            until: Timestamp::from_millis(until_ms),
        })
    }

    /// The path of its target.
    pub fn path(&self) -> String {
        format!("{FOLDER}{}", self.id)
    }

    /// The `custom` fields of its target.
    pub fn custom(&self) -> Object {
        let kind = self.kind().map_or("unknown", Kind::word);
        let until_s = i128::from(self.until.as_millis() / 1000);
        let fields = [
            ("kind", Json::Text(kind.to_owned())),
            ("to", Json::Text(self.to.to_string())),
            ("until_s", Json::Integer(until_s)),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        BTreeMap::from([(COMMAND.to_owned(), Json::Object(fields.into()))])
    }

    /// `None` where this version knows no such kind.
    pub fn kind(&self) -> Option<Kind> {
        Kind::of(self.kind)
    }

    pub fn scope(&self) -> Option<Scope> {
        self.to.as_str().parse().ok()
    }

    pub fn speaks_to(&self, place: &Place) -> bool {
        // Nobody commands a whole fleet at once.
        self.scope()
            .is_some_and(|scope| scope != Scope::Fleet && place.scopes().contains(&scope))
    }

    /// Whether a device at this place does it at this time; `online` are the kinds that need no administrator.
    pub fn judge(
        &self,
        by: By,
        place: &Place,
        online: Kinds,
        now: Timestamp,
    ) -> Result<Kind, Refusal> {
        if !self.speaks_to(place) {
            return Err(Refusal::NotAddressed);
        }
        if self.until <= now {
            return Err(Refusal::Expired);
        }
        let kind = self.kind().ok_or(Refusal::UnknownKind)?;
        if by == By::Online && !online.contains(kind) {
            return Err(Refusal::NotOnline);
        }
        if kind == Kind::Wipe {
            return Err(Refusal::ByTheLog);
        }
        if self.until.since(now) > by.longest() {
            return Err(Refusal::TooLong);
        }
        Ok(kind)
    }
}

impl By {
    /// How far ahead a command may end.
    pub const fn longest(self) -> std::time::Duration {
        match self {
            Self::Online => limits::COMMAND_ONLINE,
            Self::Administrators => limits::COMMAND_SIGNED,
        }
    }

    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Online => "coordinator",
            Self::Administrators => "administrators",
        }
    }
}

impl Outcome {
    /// The stable word used in logs and interfaces.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
        }
    }

    /// Why it was not done, in a sentence.
    pub fn why(&self) -> Option<String> {
        match self {
            Self::Done { .. } => None,
            Self::Refused { why } => Some(why.sentence().to_owned()),
            Self::Failed { why } => Some(why.to_string()),
        }
    }
}

impl Refusal {
    /// What a person reads.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Expired => "its time was over when the device saw it",
            Self::UnknownKind => "the device knows no such kind: update it first",
            Self::NotAddressed => "it is for another device",
            Self::Seen => "a command of this id came before",
            Self::NotOnline => "the kind needs the administrators' keys",
            Self::TooLong => "it ends later than a command may",
            Self::Full => "too many commands are remembered: wait until older ones have ended",
            Self::ByTheLog => "wiping is ordered in the identity log: use `device retire --wipe`",
            Self::NoService => "the device runs no service from a slot",
            Self::NoScanner => "the device scans nothing: set scan.program",
        }
    }
}

/// Commits to what came of a command.
pub fn digest(sealed: &[u8]) -> Digest {
    Digest::of("palisade 2026 command result", &[sealed])
}

impl fmt::Debug for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for CommandId {
    type Err = CommandIdError;

    fn from_str(text: &str) -> Result<Self, CommandIdError> {
        let bytes = HEXLOWER
            .decode(text.as_bytes())
            .map_err(|_| CommandIdError)?;
        bytes.try_into().map(Self).map_err(|_| CommandIdError)
    }
}

#[cfg(test)]
mod tests;
