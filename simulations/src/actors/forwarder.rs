//! A neighbour that passes evidence on as it likes, and says that everybody else need not.

use protocol::message::Message;
use protocol::node::Output;

use super::{Actor, Stage};

/// Of a hundred pieces so many are passed on.
const PASSED_ON: u64 = 20;

#[derive(Debug)]
pub(super) struct Forwarder;

impl Actor for Forwarder {
    fn speak(&mut self, outputs: Vec<Output>, stage: &mut Stage<'_>) -> Vec<Output> {
        let mut kept = |output: &Output| match output {
            Output::Send { message, .. } => {
                !matches!(
                    message,
                    Message::Gossip { .. }
                        | Message::Words { .. }
                        | Message::Have { .. }
                        | Message::LogGrown { .. }
                ) || stage.chance.below(100) < PASSED_ON
            }
            _ => true,
        };
        outputs.into_iter().filter(|output| kept(output)).collect()
    }
}
