//! A neighbour that says again what was said before, by itself and by others.

use std::collections::VecDeque;

use protocol::message::Message;
use protocol::node::{Input, Output};

use super::{Actor, Stage};

/// Messages that are remembered, and those said again in a second.
const REMEMBERED: usize = 64;
const AGAIN: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Replayer {
    heard: VecDeque<Message>,
}

impl Replayer {
    fn remember(&mut self, message: &Message) {
        if !worth_repeating(message) {
            return;
        }
        if self.heard.len() == REMEMBERED {
            self.heard.pop_front();
        }
        self.heard.push_back(message.clone());
    }
}

impl Actor for Replayer {
    fn speak(&mut self, outputs: Vec<Output>, _stage: &mut Stage<'_>) -> Vec<Output> {
        for output in &outputs {
            if let Output::Send { message, .. } = output {
                self.remember(message);
            }
        }
        outputs
    }

    fn listen(&mut self, input: Input, _stage: &mut Stage<'_>) -> Option<Input> {
        if let Input::Frame { message, .. } = &input {
            self.remember(message);
        }
        Some(input)
    }

    fn scheme(&mut self, stage: &mut Stage<'_>) -> Vec<Output> {
        let peers: Vec<_> = stage.node.links().collect();
        if peers.is_empty() || self.heard.is_empty() {
            return Vec::new();
        }
        let mut again = || {
            let message = &self.heard[stage.chance.below(self.heard.len() as u64) as usize];
            Output::Send {
                to: peers[stage.chance.below(peers.len() as u64) as usize],
                message: message.clone(),
            }
        };
        (0..AGAIN).map(|_| again()).collect()
    }
}

const fn worth_repeating(message: &Message) -> bool {
    matches!(
        message,
        Message::Beat { .. }
            | Message::Head { .. }
            | Message::Record { .. }
            | Message::Gossip { .. }
            | Message::Words { .. }
            | Message::Accuse { .. }
            | Message::Vouch { .. }
    )
}
