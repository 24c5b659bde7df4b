//! Everything that travels over a mesh link, parsed once at the door.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::accounts::Mark;
use crate::beacon::Deal;
use crate::brief::Brief;
use crate::cbor::{self, DecodeError};
use crate::command::CommandWord;
use crate::countersign::AuditWord;
use crate::evidence::{Evidence, EvidenceId};
use crate::guard::Word;
use crate::heads::ShownOf;
use crate::id::{DeviceId, Digest};
use crate::install::{Order, Sight};
use crate::limits;
use crate::merkle;
use crate::name::ShortIds;
use crate::reconcile::Part;
use crate::record::{Position, Record};
use crate::scan::ScanWord;
use crate::spread::frame::Frame;
use crate::spread::image::ImageId;
use crate::tail::TailWord;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Message {
    /// The first frame of each side: how much of the identity log it holds, and under which head. Whoever
    /// holds another answers with the head that shows it.
    #[n(0)]
    Hello {
        #[n(0)]
        log_size: u64,
        /// Commits to the head that the sender would show; without it the receiver shows its own in any case.
        #[n(1)]
        head: Option<Digest>,
    },
    /// A sign of life between two heads; the session vouches for it.
    #[n(1)]
    Beat {
        #[n(0)]
        position: Position,
    },
    /// A subject pushes its newest head to a witness.
    #[n(2)]
    Head {
        #[n(0)]
        head: ByteVec,
    },
    /// A whole record, to the coordinator and to custodians.
    #[n(3)]
    Record {
        #[n(0)]
        record: Record,
    },
    /// The coordinator has durably stored everything up to here.
    #[n(4)]
    Ack {
        #[n(0)]
        position: Position,
    },
    /// The coordinator's first word: the newest record it holds of this node.
    #[n(5)]
    Standing {
        #[n(0)]
        last: Option<Last>,
    },
    /// A starting node asks a witness for the newest head it has of it.
    #[n(6)]
    HeadRequest,
    /// The answer: an envelope, or nothing.
    #[n(7)]
    HeadAnswer {
        #[n(0)]
        head: Option<ByteVec>,
    },
    /// The identity log has grown to what this signed head covers.
    #[n(8)]
    LogGrown {
        #[n(0)]
        head: ByteVec,
    },
    /// Asks for entries of the identity log.
    #[n(9)]
    LogRequest {
        #[n(0)]
        from: u64,
    },
    /// Entries from an index on. Without a head, more of them follow.
    #[n(10)]
    LogEntries {
        #[n(0)]
        from: u64,
        #[n(1)]
        entries: Vec<ByteVec>,
        #[n(2)]
        head: Option<ByteVec>,
    },
    /// Asks where devices can be reached.
    #[n(11)]
    ContactRequest {
        #[n(0)]
        devices: Vec<DeviceId>,
    },
    /// Signed contacts, the sender's own among them when it greets.
    #[n(12)]
    Contacts {
        #[n(0)]
        contacts: Vec<ByteVec>,
    },
    /// A node asks the coordinator for a new membership under the same key.
    #[n(13)]
    RenewRequest,
    /// Evidence that the receiver is not known to have.
    #[n(14)]
    Gossip {
        #[n(0)]
        evidence: Vec<Evidence>,
    },
    /// Names of evidence that the sender holds.
    #[n(15)]
    Have {
        #[n(0)]
        ids: Vec<EvidenceId>,
        /// Accusations among it, by the first half of their names.
        #[cbor(n(1), skip_if = "ShortIds::is_empty")]
        words: ShortIds,
    },
    /// Asks for evidence by name; the sender is a neighbour on the tree from here on.
    #[n(16)]
    Want {
        #[n(0)]
        ids: Vec<EvidenceId>,
        /// As in [`Message::Have`].
        #[cbor(n(1), skip_if = "ShortIds::is_empty")]
        words: ShortIds,
    },
    /// What the sender pushed was known already: names are enough from here on.
    #[n(17)]
    Prune,
    /// Asks a subject that was not heard for a sign of life; a beat is enough.
    #[n(18)]
    Probe,
    /// Asks a subject for a freshly signed head, which convinces others as well.
    #[n(19)]
    Challenge,
    /// To a co-witness: the sender hears these subjects no more. Whoever hears one challenges and vouches for it.
    #[n(20)]
    Accuse {
        #[n(0)]
        accusation: ByteVec,
    },
    /// To a co-witness: heads that the sender took from subjects whom the receiver accuses.
    #[n(21)]
    Vouch {
        #[n(0)]
        heads: Vec<ByteVec>,
    },
    /// The coordinator gives a member the means to tell somebody outside, sealed to it.
    #[n(22)]
    Capability {
        #[n(0)]
        sealed: ByteVec,
    },
    /// Asks a witness for all heads that it keeps of these subjects; it vouches for them.
    #[n(23)]
    HeadsWanted {
        #[n(0)]
        devices: Vec<DeviceId>,
    },
    /// To a co-witness: what the sender was shown of subjects of both.
    #[n(24)]
    Shown {
        #[n(0)]
        heads: Vec<ShownOf>,
    },
    /// How much the sender has sent over this and earlier links, marks left out.
    #[n(25)]
    Mark {
        #[n(0)]
        mark: Mark,
    },
    /// The coordinator and a gateway deal the seeds of the epochs to come.
    #[n(26)]
    Deal {
        #[n(0)]
        deal: Deal,
    },
    /// What the sender holds of the evidence, range by range of its names; the answer speaks of what differs.
    #[n(27)]
    Compare {
        #[n(0)]
        parts: Vec<Part>,
    },
    /// The newest timestamp of the repository that the sender holds, with everything that it vouches for.
    #[n(28)]
    Timestamp {
        #[n(0)]
        timestamp: ByteVec,
    },
    /// Which chunks of an image the sender has, or that it fetches the image from here on.
    #[n(29)]
    Chunks {
        #[n(0)]
        image: ImageId,
        #[n(1)]
        frame: Frame,
    },
    /// The coordinator orders a member to run a target. What the target is, the member learns from signed metadata only.
    #[n(30)]
    Install {
        #[n(0)]
        order: Order,
    },
    /// A device on probation asks a witness for a look; these ports may listen.
    #[n(31)]
    LookWanted {
        #[n(0)]
        listened: Vec<u16>,
    },
    /// What the witness saw.
    #[n(32)]
    Looked {
        #[n(0)]
        sight: Sight,
    },
    /// To a member who hears, or may hear, the same segment: what the sender hears there and guards.
    #[n(33)]
    Hearing {
        #[n(0)]
        word: Word,
    },
    /// The coordinator and a member speak of a scan.
    #[n(34)]
    Scan {
        #[n(0)]
        word: ScanWord,
    },
    /// The coordinator tells a member what people say of a profile: the envelope of a `HabitOrder`.
    #[n(35)]
    Habit {
        #[n(0)]
        order: ByteVec,
    },
    /// Evidence about silence in its shorter form, for members who have the same log.
    #[n(36)]
    Words {
        #[n(0)]
        brief: Brief,
    },
    /// The coordinator shows a gateway its audit log; the gateway says which it has countersigned.
    #[n(37)]
    Audit {
        #[n(0)]
        word: AuditWord,
    },
    /// The coordinator hands a member a command, or fetches what came of one.
    #[n(38)]
    Command {
        #[n(0)]
        word: CommandWord,
    },
    /// A member brings lines of its logs; the coordinator says which it has stored.
    #[n(39)]
    Tail {
        #[n(0)]
        word: TailWord,
    },
}

/// The newest record that a coordinator holds of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Last {
    #[n(0)]
    pub position: Position,
    #[n(1)]
    pub digest: Digest,
}

impl Message {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Parses a frame; lists are held to their bounds here, so that nobody behind has to.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let message: Self = cbor::decode("message", limits::FRAME_BYTES, bytes)?;
        message.within_bounds()?;
        Ok(message)
    }

    /// The stable word used in logs and counters.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Hello { .. } => "hello",
            Self::Beat { .. } => "beat",
            Self::Head { .. } => "head",
            Self::Record { .. } => "record",
            Self::Ack { .. } => "ack",
            Self::Standing { .. } => "standing",
            Self::HeadRequest => "head_request",
            Self::HeadAnswer { .. } => "head_answer",
            Self::LogGrown { .. } => "log_grown",
            Self::LogRequest { .. } => "log_request",
            Self::LogEntries { .. } => "log_entries",
            Self::ContactRequest { .. } => "contact_request",
            Self::Contacts { .. } => "contacts",
            Self::RenewRequest => "renew_request",
            Self::Gossip { .. } => "gossip",
            Self::Have { .. } => "have",
            Self::Want { .. } => "want",
            Self::Prune => "prune",
            Self::Probe => "probe",
            Self::Challenge => "challenge",
            Self::Accuse { .. } => "accuse",
            Self::Vouch { .. } => "vouch",
            Self::Capability { .. } => "capability",
            Self::HeadsWanted { .. } => "heads_wanted",
            Self::Shown { .. } => "shown",
            Self::Deal { .. } => "deal",
            Self::Mark { .. } => "mark",
            Self::Compare { .. } => "compare",
            Self::Timestamp { .. } => "timestamp",
            Self::Chunks { .. } => "chunks",
            Self::Install { .. } => "install",
            Self::LookWanted { .. } => "look_wanted",
            Self::Looked { .. } => "looked",
            Self::Hearing { .. } => "hearing",
            Self::Scan { .. } => "scan",
            Self::Habit { .. } => "habit",
            Self::Words { .. } => "words",
            Self::Audit { .. } => "audit",
            Self::Command { .. } => "command",
            Self::Tail { .. } => "tail",
        }
    }

    fn within_bounds(&self) -> Result<(), DecodeError> {
        let (what, length, bound) = match self {
            Self::LogEntries { entries, .. } => (
                "list of log entries",
                entries.len(),
                limits::ENTRIES_PER_FRAME,
            ),
            Self::ContactRequest { devices } => {
                ("list of devices", devices.len(), limits::CONTACTS_PER_FRAME)
            }
            Self::Contacts { contacts } => (
                "list of contacts",
                contacts.len(),
                limits::CONTACTS_PER_FRAME,
            ),
            Self::Record { record } if record.body.is_oversize() => (
                "sealed body",
                limits::BODY_BYTES + 17,
                limits::BODY_BYTES + 16,
            ),
            Self::Gossip { evidence } if evidence.iter().any(Evidence::is_oversize) => (
                "piece of evidence",
                limits::PROOF_BYTES + 1,
                limits::PROOF_BYTES,
            ),
            Self::Gossip { evidence } => (
                "list of evidence",
                evidence.len(),
                limits::EVIDENCE_PER_FRAME,
            ),
            Self::Words { brief } if brief.is_oversize() => (
                "list of those who are accused",
                limits::ACCUSED + 1,
                limits::ACCUSED,
            ),
            Self::Words { brief } => (
                "list of accusations",
                brief.words.len(),
                limits::EVIDENCE_PER_FRAME,
            ),
            Self::Have { ids, words } | Self::Want { ids, words } => (
                "list of names of evidence",
                ids.len() + words.0.len(),
                limits::EVIDENCE_IDS_PER_FRAME,
            ),
            Self::Compare { parts } if parts.iter().any(Part::is_oversize) => (
                "list of names of a range",
                limits::NAMES_PER_RANGE + 1,
                limits::NAMES_PER_RANGE,
            ),
            Self::Compare { parts } => ("list of ranges", parts.len(), limits::RANGES_PER_FRAME),
            Self::Capability { sealed } => {
                ("sealed capability", sealed.len(), limits::CAPABILITY_BYTES)
            }
            Self::Deal {
                deal: Deal::Commitments { commitments, .. },
            } => ("list of commitments", commitments.len(), limits::HOLDERS),
            Self::Vouch { heads } => ("list of heads", heads.len(), limits::ACCUSED),
            Self::HeadsWanted { devices } => ("list of devices", devices.len(), limits::SIGHTINGS),
            Self::Shown { heads } => ("list of heads", heads.len(), limits::SIGHTINGS),
            Self::Timestamp { timestamp } => {
                ("timestamp", timestamp.len(), limits::TIMESTAMP_BYTES)
            }
            Self::Chunks { frame, .. } => frame.length_and_bound(),
            Self::Hearing { word } if word.is_oversize() => (
                "list of devices",
                limits::TOLD_PER_WORD + 1,
                limits::TOLD_PER_WORD,
            ),
            Self::Scan {
                word: ScanWord::Part { part },
            } => ("part of a scan", part.bytes.len(), limits::SCAN_PART_BYTES),
            Self::Scan {
                word: ScanWord::Order { order },
            } => ("order to scan", order.len(), limits::SCAN_ORDER_BYTES),
            Self::Habit { order } => (
                "word about a profile",
                order.len(),
                limits::HABIT_ORDER_BYTES,
            ),
            Self::Audit {
                word: AuditWord::Shown { proof, .. },
            } => ("proof of a log", proof.len(), merkle::PROOF_HASHES),
            Self::Command {
                word: CommandWord::Order { command },
            } => ("command", command.len(), limits::COMMAND_BYTES),
            Self::Command {
                word: CommandWord::Part { part },
            } => (
                "part of a result",
                part.bytes.len(),
                limits::COMMAND_PART_BYTES,
            ),
            Self::Tail {
                word: TailWord::Batch { batch },
            } => ("batch of lines", batch.lines.len(), limits::TAIL_BYTES + 16),
            Self::LookWanted { listened } => ("list of ports", listened.len(), limits::LISTENING),
            _ => return Ok(()),
        };
        if length > bound {
            return Err(DecodeError::TooLong {
                what,
                bytes: length,
                bound,
            });
        }
        Ok(())
    }
}
