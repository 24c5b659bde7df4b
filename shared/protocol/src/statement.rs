//! What a node says upward: one enum, one encoding, and whatever a later version says kept unjudged.

pub mod host;

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};

use crate::accounts::Accounts;
use crate::alert::Alarm;
use crate::cbor::{self, DecodeError};
use crate::command::Answer;
use crate::countersign::Countersigned;
use crate::flows::Flows;
use crate::heard::Heard;
use crate::install::Step;
use crate::limits;
use crate::scan::ScanStep;
use crate::settings::Obeyed;
use host::{Reading, Start};

/// The body of one record, in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// The node began an incarnation; carries what seldom changes.
    Start(Start),
    /// Figures of the host and what this node heard of its subjects.
    Reading(Reading),
    /// The node stops on purpose and says so.
    Goodbye(Farewell),
    /// The node answers somebody who doubts that it is there; the head says it all.
    Present,
    /// Something that everybody should know at once.
    Alert(Alarm),
    /// What the node counted on its links.
    Accounts(Accounts),
    /// How far an update has come.
    Install(Step),
    /// What the node obeys has become another.
    Settings(Obeyed),
    /// What the node hears of devices that run none.
    Heard(Heard),
    /// How a scan goes that this node was ordered to make.
    Scan(ScanStep),
    /// What the node has learnt of the traffic of one device.
    Flows(Box<Flows>),
    /// A gateway countersigns the coordinator's audit log, or refuses to.
    Countersigned(Countersigned),
    /// What came of a command.
    Command(Answer),
    /// A kind of a later version: stored and relayed, not judged.
    Unknown { kind: u16, body: Vec<u8> },
}

/// Why a node says goodbye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Farewell {
    /// The program was asked to stop.
    #[n(0)]
    Stopped,
    /// The device leaves the mesh.
    #[n(1)]
    Left,
    /// An administrator has ordered the device to wipe its keys and its journal, and it obeys.
    #[n(2)]
    Retired,
}

const START: u16 = 1;
const READING: u16 = 2;
const GOODBYE: u16 = 3;
const PRESENT: u16 = 4;
const ALERT: u16 = 5;
const ACCOUNTS: u16 = 6;
const INSTALL: u16 = 7;
const SETTINGS: u16 = 8;
const HEARD: u16 = 9;
const SCAN: u16 = 10;
const FLOWS: u16 = 11;
const COUNTERSIGNED: u16 = 12;
const COMMAND: u16 = 13;

impl Statement {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("statement", limits::BODY_BYTES, bytes)
    }

    /// The stable word used in logs and interfaces.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Reading(_) => "reading",
            Self::Goodbye(_) => "goodbye",
            Self::Present => "present",
            Self::Alert(_) => "alert",
            Self::Accounts(_) => "accounts",
            Self::Install(_) => "install",
            Self::Settings(_) => "settings",
            Self::Heard(_) => "heard",
            Self::Scan(_) => "scan",
            Self::Flows(_) => "flows",
            Self::Countersigned(_) => "countersigned",
            Self::Command(_) => "command",
            Self::Unknown { .. } => "unknown",
        }
    }
}

impl<C> Encode<C> for Statement {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?;
        match self {
            Self::Start(start) => e.u16(START)?.encode_with(start, ctx)?.ok(),
            Self::Reading(reading) => e.u16(READING)?.encode_with(reading, ctx)?.ok(),
            Self::Goodbye(farewell) => e.u16(GOODBYE)?.encode_with(farewell, ctx)?.ok(),
            Self::Present => e.u16(PRESENT)?.null()?.ok(),
            Self::Alert(alarm) => e.u16(ALERT)?.encode_with(alarm, ctx)?.ok(),
            Self::Accounts(accounts) => e.u16(ACCOUNTS)?.encode_with(accounts, ctx)?.ok(),
            Self::Install(step) => e.u16(INSTALL)?.encode_with(step, ctx)?.ok(),
            Self::Settings(obeyed) => e.u16(SETTINGS)?.encode_with(obeyed, ctx)?.ok(),
            Self::Heard(heard) => e.u16(HEARD)?.encode_with(heard, ctx)?.ok(),
            Self::Scan(step) => e.u16(SCAN)?.encode_with(step, ctx)?.ok(),
            Self::Flows(page) => e.u16(FLOWS)?.encode_with(page.as_ref(), ctx)?.ok(),
            Self::Countersigned(word) => e.u16(COUNTERSIGNED)?.encode_with(word, ctx)?.ok(),
            Self::Command(answer) => e.u16(COMMAND)?.encode_with(answer, ctx)?.ok(),
            Self::Unknown { kind, body } => e.u16(*kind)?.bytes(body)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Statement {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        if d.array()? != Some(2) {
            return Err(decode::Error::message("a statement is an array of two"));
        }
        match d.u16()? {
            START => Ok(Self::Start(d.decode_with(ctx)?)),
            READING => Ok(Self::Reading(d.decode_with(ctx)?)),
            GOODBYE => Ok(Self::Goodbye(d.decode_with(ctx)?)),
            PRESENT => {
                d.null()?;
                Ok(Self::Present)
            }
            ALERT => Ok(Self::Alert(d.decode_with(ctx)?)),
            ACCOUNTS => Ok(Self::Accounts(d.decode_with(ctx)?)),
            INSTALL => Ok(Self::Install(d.decode_with(ctx)?)),
            SCAN => Ok(Self::Scan(d.decode_with(ctx)?)),
            COUNTERSIGNED => Ok(Self::Countersigned(d.decode_with(ctx)?)),
            COMMAND => Ok(Self::Command(d.decode_with(ctx)?)),
            SETTINGS => Ok(Self::Settings(d.decode_with(ctx)?)),
            HEARD => Ok(Self::Heard(d.decode_with(ctx)?)),
            FLOWS => Ok(Self::Flows(Box::new(d.decode_with(ctx)?))),
            kind => Ok(Self::Unknown {
                kind,
                body: d.bytes()?.to_vec(),
            }),
        }
    }
}
