//! Liars: each speaks at the shell of a seat, with that seat's own keys, around a machine that is real.

mod accuser;
mod clock_liar;
mod equivocator;
mod forwarder;
mod mute;
mod plot;
mod replayer;
mod sybil;
mod withholder;

use std::fmt;

use protocol::id::DeviceId;
use protocol::key::PeerKey;
use protocol::node::{Input, Node, Output};
use protocol::time::Now;

use crate::chance::Chance;
use crate::fleet::Member;
pub use plot::Plot;
pub use sybil::{Aim, Siege};

/// Somebody who does something else than its machine says.
pub trait Actor: fmt::Debug {
    /// What is done in place of what the machine asks for.
    fn speak(&mut self, outputs: Vec<Output>, _stage: &mut Stage<'_>) -> Vec<Output> {
        outputs
    }

    /// What the machine is told in place of what came; `None` if it never learns of it.
    fn listen(&mut self, input: Input, _stage: &mut Stage<'_>) -> Option<Input> {
        Some(input)
    }

    /// What is done of its own accord, once a second.
    fn scheme(&mut self, _stage: &mut Stage<'_>) -> Vec<Output> {
        Vec::new()
    }
}

/// What a liar sees and holds in its hands.
#[derive(Debug)]
pub struct Stage<'a> {
    pub now: Now,
    pub member: &'a Member,
    pub node: &'a Node,
    pub chance: &'a mut Chance,
    /// How far its own wall clock is off.
    pub skew_ms: &'a mut i64,
    pub now_ms: u64,
    /// When it first contradicted itself.
    pub lied_ms: &'a mut Option<u64>,
}

/// What a seat can turn into.
#[derive(Debug, Clone)]
pub enum Role {
    /// As a witness says nothing and passes nothing on.
    Mute,
    /// Shows its log to few.
    Withholder,
    /// Passes evidence on as it likes.
    Forwarder,
    /// Signs two histories, and shows each to half of its witnesses.
    Equivocator,
    /// Accuses subjects that are there, one after the other.
    FalseAccuser,
    /// Accuses those whom the others of the plot accuse.
    Colluder(Plot),
    /// The same, as often as it can.
    Stormer(Plot),
    /// Sends again what was said before.
    Replayer,
    /// Signs times that never were.
    ClockLiar,
    /// One of very many that keep evidence back.
    Sybil(Siege),
}

impl Role {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Mute => "mute",
            Self::Withholder => "withholder",
            Self::Forwarder => "selective forwarder",
            Self::Equivocator => "equivocator",
            Self::FalseAccuser => "false accuser",
            Self::Colluder(_) => "colluding accuser",
            Self::Stormer(_) => "accuser storm",
            Self::Replayer => "replayer",
            Self::ClockLiar => "clock liar",
            Self::Sybil(_) => "sybil",
        }
    }

    /// One of each, in turn.
    pub fn each(turn: usize, plot: &Plot) -> Self {
        match turn % 8 {
            0 => Self::Equivocator,
            1 => Self::Colluder(plot.clone()),
            2 => Self::FalseAccuser,
            3 => Self::Mute,
            4 => Self::Withholder,
            5 => Self::Forwarder,
            6 => Self::Replayer,
            _ => Self::ClockLiar,
        }
    }

    pub(crate) fn actor(self) -> Box<dyn Actor> {
        match self {
            Self::Mute => Box::new(mute::Mute),
            Self::Withholder => Box::new(withholder::Withholder),
            Self::Forwarder => Box::new(forwarder::Forwarder),
            Self::Equivocator => Box::new(equivocator::Equivocator::default()),
            Self::FalseAccuser => Box::new(accuser::Accuser::alone()),
            Self::Colluder(plot) => Box::new(accuser::Accuser::of(plot)),
            Self::Stormer(plot) => Box::new(accuser::Accuser::storming(plot)),
            Self::Replayer => Box::new(replayer::Replayer::default()),
            Self::ClockLiar => Box::new(clock_liar::ClockLiar::default()),
            Self::Sybil(siege) => Box::new(sybil::Sybil(siege)),
        }
    }
}

impl Stage<'_> {
    fn peer(&self, device: &DeviceId) -> Option<PeerKey> {
        let member = self.node.roster().member(device)?;
        Some(member.membership.key.peer())
    }
}
