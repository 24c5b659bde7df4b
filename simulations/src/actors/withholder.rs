//! A device that shows most of its log to nobody: signs of life it gives, heads it mostly keeps.

use protocol::message::Message;
use protocol::node::Output;

use super::{Actor, Stage};

/// Of a hundred heads and records so many are shown.
const SHOWN: u64 = 30;

#[derive(Debug)]
pub(super) struct Withholder;

impl Actor for Withholder {
    fn speak(&mut self, outputs: Vec<Output>, stage: &mut Stage<'_>) -> Vec<Output> {
        let mut kept = |output: &Output| match output {
            Output::Send {
                message: Message::Head { .. } | Message::Record { .. },
                ..
            } => stage.chance.below(100) < SHOWN,
            _ => true,
        };
        outputs.into_iter().filter(|output| kept(output)).collect()
    }
}
