//! A head told by what is new in it: on one link each follows the one before, and what follows from that is not said.
//!
//! A witness hears one head after another of a device. Who it is, its place, the digest of the head before, epoch, masks
//! and network are those of the head before or follow from it, and where the body travels along, so does its digest. Both
//! ends of a link remember the last head that passed in each direction, so this is a matter of the link: whoever sends
//! and whoever receives deals in whole messages. What is restored is the envelope to the byte, or its signature fails.

use std::borrow::Cow;
use std::time::Duration;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::cbor::{self, DecodeError};
use crate::id::Digest;
use crate::key::Signature;
use crate::limits;
use crate::message::Message;
use crate::record::{Body, Head, Record};
use crate::signed::{self, Unchecked};

/// How a delta begins, as an array of four; a message is one of two.
const DELTA: u8 = 0x84;
/// Stands in front of a frame that begins with this or with [`DELTA`]; nothing in CBOR begins with it.
const PLAIN: u8 = 0xff;
/// How frames begin that hold a [`Message::Head`] or a [`Message::Record`].
const HEAD: [u8; 2] = [0x82, 2];
const RECORD: [u8; 2] = [0x82, 3];

/// What is new in a head whose predecessor the receiver has.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct HeadDelta {
    /// Milliseconds since the head before.
    #[n(0)]
    elapsed: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    entangled: Option<[u8; 8]>,
    #[n(2)]
    body: Committed,
    #[n(3)]
    signature: Signature,
}

/// The body of a record, or what commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
enum Committed {
    #[n(0)]
    Digest(#[n(0)] Digest),
    #[n(1)]
    Whole(#[n(0)] Body),
}

/// A frame that says what is new in a head cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DeltaError {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("a delta to a head that did not pass on this link")]
    WithoutHead,
}

/// One direction of one link, at either end: the last head that passed.
#[derive(Debug, Default)]
pub struct Passed {
    last: Option<(Head, Digest)>,
}

impl Passed {
    /// A frame as it is sent: shorter, where the head in it follows the last one that passed.
    pub fn shorten<'f>(&mut self, frame: &'f [u8]) -> Cow<'f, [u8]> {
        if matches!(frame.first(), Some(&(DELTA | PLAIN))) {
            return Cow::Owned([&[PLAIN], frame].concat());
        }
        let Some((head, body)) = head_in(frame) else {
            return Cow::Borrowed(frame);
        };
        let delta = (self.last.as_ref()).and_then(|last| HeadDelta::between(last, &head, body));
        self.passes(&head);
        delta.map_or(Cow::Borrowed(frame), |delta| {
            Cow::Owned(cbor::encode(&delta))
        })
    }

    /// A frame as it was before it was shortened.
    pub fn restore<'f>(&mut self, frame: &'f [u8]) -> Result<Cow<'f, [u8]>, DeltaError> {
        let delta = match frame.split_first() {
            Some((&DELTA, _)) => {
                cbor::decode::<HeadDelta>("head delta", limits::FRAME_BYTES, frame)?
            }
            Some((&PLAIN, plain)) => return Ok(Cow::Borrowed(plain)),
            _ => {
                if let Some((head, _)) = head_in(frame) {
                    self.passes(&head);
                }
                return Ok(Cow::Borrowed(frame));
            }
        };
        let (last, digest) = self.last.as_ref().ok_or(DeltaError::WithoutHead)?;
        let head = delta.head_after(last, *digest);
        let envelope = signed::envelope(&head, delta.signature);
        let digest = signed::digest(&head);
        self.last = Some((head, digest));
        Ok(Cow::Owned(delta.message(envelope).encode()))
    }

    fn passes(&mut self, head: &Unchecked<Head>) {
        self.last = Some((head.claim().clone(), head.digest()));
    }
}

impl HeadDelta {
    /// From one head to the next, unless more has changed than a delta says.
    fn between(
        (last, digest): &(Head, Digest),
        head: &Unchecked<Head>,
        body: Option<Body>,
    ) -> Option<Self> {
        let next = head.claim();
        let body = match body {
            Some(body) if body.digest() != next.body => return None,
            Some(body) => Committed::Whole(body),
            None => Committed::Digest(next.body),
        };
        let delta = Self {
            elapsed: next.time.as_millis().checked_sub(last.time.as_millis())?,
            entangled: next.entangled,
            body,
            signature: head.signature(),
        };
        (delta.head_after(last, *digest) == *next).then_some(delta)
    }

    fn head_after(&self, last: &Head, previous: Digest) -> Head {
        Head {
            position: last.position.next(),
            time: last
                .time
                .saturating_add(Duration::from_millis(self.elapsed)),
            previous,
            body: match &self.body {
                Committed::Digest(digest) => *digest,
                Committed::Whole(body) => body.digest(),
            },
            entangled: self.entangled,
            checkpoint: None,
            ..*last
        }
    }

    fn message(self, head: Vec<u8>) -> Message {
        let head: ByteVec = head.into();
        match self.body {
            Committed::Digest(_) => Message::Head { head },
            Committed::Whole(body) => Message::Record {
                record: Record { head, body },
            },
        }
    }
}

/// The head that a frame shows, with the body where that travels along.
fn head_in(frame: &[u8]) -> Option<(Unchecked<Head>, Option<Body>)> {
    if !frame.starts_with(&HEAD) && !frame.starts_with(&RECORD) {
        return None;
    }
    let (head, body) = match Message::decode(frame).ok()? {
        Message::Head { head } => (head, None),
        Message::Record { record } => (record.head, Some(record.body)),
        _ => return None,
    };
    Some((Unchecked::parse(&head).ok()?, body))
}
