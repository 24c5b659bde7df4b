//! What a device wants everybody to know at once: said in a record of its own log, and spread beside it.

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};

use crate::class::{Classified, DataClass};
use crate::evidence::EvidenceId;
use crate::flows::Strange;
use crate::id::{DeviceId, Digest};
use crate::library::Refused;
use crate::limits;
use crate::record::Position;
use crate::signed::Signable;
use crate::spread::image::ImageId;
use crate::text::{Name, Path};
use crate::time::Timestamp;
use crate::tripwire::Touched;

/// One alert. The record at `position` of the device's log says the same, so none can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Alert {
    /// Who says so.
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub position: Position,
    #[n(2)]
    pub time: Timestamp,
    #[n(3)]
    pub alarm: Alarm,
}

/// What is the matter, and with whom.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Alarm {
    #[n(0)]
    pub subject: DeviceId,
    #[n(1)]
    pub matter: Matter,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// A watched file is another than before; `None` stands for one that cannot be read or is not there.
    FileChanged {
        path: Path,
        before: Option<Digest>,
        after: Option<Digest>,
    },
    /// Committees have sentenced too many devices of one cell within an hour: nothing is automated for a day.
    AutomationStopped { cell: Name },
    /// The subject sent a chunk that is not of the image that it was asked for; by the hash of what came.
    WrongChunk {
        image: ImageId,
        chunk: u32,
        found: Digest,
    },
    /// The keys that sign online vouch for a document that administrators have not signed like this: whoever holds
    /// those keys lies, or has lost them.
    DocumentRefused(Refused),
    /// Somebody touched a decoy of the device.
    Touched(Touched),
    /// The traffic of a device is not as usual.
    Strange(Box<Strange>),
    /// A matter of a later version: kept and passed on, not judged.
    Unknown { kind: u16, body: Vec<u8> },
}

/// A deputy's word that it told somebody outside of an alert while the coordinator was gone.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Delivery {
    #[n(0)]
    pub deputy: DeviceId,
    #[n(1)]
    pub alert: EvidenceId,
    #[n(2)]
    pub time: Timestamp,
}

const FILE_CHANGED: u16 = 1;
const AUTOMATION_STOPPED: u16 = 2;
const WRONG_CHUNK: u16 = 3;
const DOCUMENT_REFUSED: u16 = 4;
const TOUCHED: u16 = 5;
const STRANGE: u16 = 6;

impl Signable for Alert {
    const NAME: &'static str = "alert";
    const DOMAIN: &'static [u8] = b"palisade/alert/v1\0";
    const BOUND: usize = limits::ALERT_BYTES;
}

impl Classified for Alert {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("device", DataClass::Internal),
        ("position", DataClass::Internal),
        ("time", DataClass::Internal),
        ("alarm", DataClass::Internal),
    ];
}

impl Signable for Delivery {
    const NAME: &'static str = "delivery";
    const DOMAIN: &'static [u8] = b"palisade/delivery/v1\0";
    const BOUND: usize = 160;
}

impl Classified for Delivery {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("deputy", DataClass::Internal),
        ("alert", DataClass::Internal),
        ("time", DataClass::Internal),
    ];
}

impl Matter {
    /// The stable word used in logs and interfaces.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::FileChanged { .. } => "file_changed",
            Self::AutomationStopped { .. } => "automation_stopped",
            Self::WrongChunk { .. } => "wrong_chunk",
            Self::DocumentRefused(_) => "document_refused",
            Self::Touched(_) => "decoy_touched",
            Self::Strange(_) => "strange_traffic",
            Self::Unknown { .. } => "unknown",
        }
    }
}

impl<C> Encode<C> for Matter {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?;
        match self {
            Self::FileChanged {
                path,
                before,
                after,
            } => e
                .u16(FILE_CHANGED)?
                .encode_with((path, before, after), ctx)?
                .ok(),
            Self::AutomationStopped { cell } => {
                e.u16(AUTOMATION_STOPPED)?.encode_with(cell, ctx)?.ok()
            }
            Self::WrongChunk {
                image,
                chunk,
                found,
            } => e
                .u16(WRONG_CHUNK)?
                .encode_with((image, chunk, found), ctx)?
                .ok(),
            Self::DocumentRefused(refused) => {
                e.u16(DOCUMENT_REFUSED)?.encode_with(refused, ctx)?.ok()
            }
            Self::Touched(touched) => e.u16(TOUCHED)?.encode_with(touched, ctx)?.ok(),
            Self::Strange(strange) => e.u16(STRANGE)?.encode_with(strange.as_ref(), ctx)?.ok(),
            Self::Unknown { kind, body } => e.u16(*kind)?.bytes(body)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Matter {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        if d.array()? != Some(2) {
            return Err(decode::Error::message("a matter is an array of two"));
        }
        match d.u16()? {
            FILE_CHANGED => {
                let (path, before, after) = d.decode_with(ctx)?;
                Ok(Self::FileChanged {
                    path,
                    before,
                    after,
                })
            }
            AUTOMATION_STOPPED => {
                let cell = d.decode_with(ctx)?;
                Ok(Self::AutomationStopped { cell })
            }
            WRONG_CHUNK => {
                let (image, chunk, found) = d.decode_with(ctx)?;
                Ok(Self::WrongChunk {
                    image,
                    chunk,
                    found,
                })
            }
            DOCUMENT_REFUSED => Ok(Self::DocumentRefused(d.decode_with(ctx)?)),
            TOUCHED => Ok(Self::Touched(d.decode_with(ctx)?)),
            STRANGE => Ok(Self::Strange(Box::new(d.decode_with(ctx)?))),
            kind => Ok(Self::Unknown {
                kind,
                body: d.bytes()?.to_vec(),
            }),
        }
    }
}
