//! A witness that keeps its own log in order and is of no use to anybody else.

use protocol::message::Message;
use protocol::node::Output;

use super::{Actor, Stage};

#[derive(Debug)]
pub(super) struct Mute;

impl Actor for Mute {
    fn speak(&mut self, outputs: Vec<Output>, _stage: &mut Stage<'_>) -> Vec<Output> {
        let kept = |output: &Output| !matches!(output, Output::Send { message, .. } if serves_others(message));
        outputs.into_iter().filter(kept).collect()
    }
}

const fn serves_others(message: &Message) -> bool {
    matches!(
        message,
        Message::Accuse { .. }
            | Message::Vouch { .. }
            | Message::Probe
            | Message::Challenge
            | Message::Gossip { .. }
            | Message::Words { .. }
            | Message::Have { .. }
            | Message::Want { .. }
            | Message::HeadAnswer { .. }
            | Message::LogGrown { .. }
            | Message::LogEntries { .. }
    )
}
