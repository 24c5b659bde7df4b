//! Carries frames between members over libp2p and enrols devices over snow; interprets nothing.
//!
//! A link is TCP, Noise, admission and Yamux, and one long-lived stream in it that carries every
//! frame both ways. What is too long for a frame is asked for on a stream of its own, while the link stands. Credentials and frames are bytes: who may be admitted is the [`Gate`]'s
//! judgement, and when to dial again is the caller's.

#![forbid(unsafe_code)]

pub mod limits;

mod admission;
mod bulk;
mod doorway;
mod driver;
mod event;
mod gate;
mod key;
mod link;
mod mesh;
mod outbox;
mod quiet;
mod slots;
mod substream;
mod transport;

pub mod enrol;

mod roster_gate;

pub use bulk::{AskId, Book, Ended, Handover, QuestionId};
pub use event::{Direction, DownReason, Event, Judge, Unreachable};
pub use gate::Gate;
pub use key::Key;
pub use mesh::{Config, Mdns, Mesh, StartError};
pub use outbox::{Dropped, Sent};
pub use roster_gate::{Holder, RosterGate, wall};
