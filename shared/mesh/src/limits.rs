//! Every bound of the adapter in one place: what a remote can make this side hold, and for how long.

use std::time::Duration;

/// Longest frame, in bytes. A longer one closes the link.
pub const MAX_FRAME: usize = 64 * 1024;
/// Longest credentials that are read, in bytes. Longer ones are refused as malformed.
pub const MAX_CREDENTIALS: usize = 32 * 1024;
/// Frames that wait for one peer.
pub const MAX_QUEUED_FRAMES: usize = 256;
/// Bytes that wait for one peer.
pub const MAX_QUEUED_BYTES: usize = 1024 * 1024;
/// Events that wait for the caller; beyond it reading from the peers pauses.
pub const MAX_QUEUED_EVENTS: usize = 1024;
/// Addresses tried in one dial, and reported for one discovered peer.
pub const MAX_ADDRESSES: usize = 8;
/// Peers taken from one discovery.
pub const MAX_DISCOVERED: usize = 64;
/// Connections to one peer: two, because both sides may dial at once.
pub const MAX_CONNECTIONS_PER_PEER: u32 = 2;
/// Inbound connections that are not admitted yet.
pub const MAX_PENDING_INCOMING: u32 = 256;
/// Inbound connections from one address that are not admitted yet, so that one host cannot hold the whole doorway.
pub const MAX_PENDING_PER_ADDRESS: usize = 64;
/// Dials under way.
pub const MAX_PENDING_OUTGOING: u32 = 64;
/// Questions of one peer that are open here; further ones are reset one by one. A peer asks no more at once.
pub const MAX_QUESTIONS: usize = 8;
/// Yamux streams of one connection: the frames, both sides' questions, and as many again that are being reset. One more
/// ends the connection. Each holds 256 KiB at most, because windows never grow here.
pub const MAX_STREAMS: usize = 2 * (1 + MAX_QUESTIONS + MAX_QUESTIONS);
/// Longest question beside the frames, in bytes. A longer one is reset unread.
pub const MAX_QUESTION: usize = 8 * 1024;
/// Longest answer, in bytes: a chunk of a megabyte, and what is around it.
pub const MAX_ANSWER: usize = 1024 * 1024 + 64 * 1024;

/// Time for TCP to connect.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for Noise and admission, and then once more for the stream to open.
pub const ADMISSION_TIMEOUT: Duration = Duration::from_secs(10);
/// Time a refused peer has to say what it thinks of us.
pub const VERDICT_TIMEOUT: Duration = Duration::from_secs(2);
/// A second link within this time of the first is a simultaneous dial; later it replaces a lost one.
pub const SETTLING_TIME: Duration = Duration::from_secs(2);
/// Time a link that is closed on request has to send what is queued.
pub const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);
/// Time a connection without its stream stays open.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time a peer has to write out a question that it has begun.
pub const QUESTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Time from a question to the last byte of its answer. Whoever wants it sooner withdraws it sooner.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// Time a peer has to close its side of a stream that this side has closed.
pub const PARTING_TIMEOUT: Duration = Duration::from_secs(5);
/// Time a listener has to bind.
pub const BIND_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest clear greeting that opens an enrolment, in bytes.
pub const MAX_HELLO: usize = 1024;
/// Longest message inside an enrolment: what one Noise message can carry.
pub const MAX_ENROL_MESSAGE: usize = 65_535 - 16;
/// Time for one step of the enrolment handshake.
pub const ENROL_STEP_TIMEOUT: Duration = Duration::from_secs(5);
