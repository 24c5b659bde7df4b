//! A device with two histories: every other witness is shown the second one, which is signed as well.

use protocol::id::Digest;
use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::node::Output;
use protocol::record::{Head, Record};
use protocol::signed::{Signed, Unchecked};

use super::{Actor, Stage};

#[derive(Debug, Default)]
pub(super) struct Equivocator {
    /// Where the second history ends.
    previous: Option<Digest>,
    /// The newest head of the first history, and what stands in its place in the second.
    newest: Option<(Vec<u8>, Vec<u8>)>,
}

impl Actor for Equivocator {
    fn speak(&mut self, outputs: Vec<Output>, stage: &mut Stage<'_>) -> Vec<Output> {
        let deceived = deceived(stage);
        let act = |output| match output {
            Output::Send { to, message } if deceived.contains(&to) => Output::Send {
                to,
                message: self.other_side(message, stage),
            },
            other => other,
        };
        outputs.into_iter().map(act).collect()
    }
}

impl Equivocator {
    fn other_side(&mut self, message: Message, stage: &mut Stage<'_>) -> Message {
        match message {
            Message::Head { head } => Message::Head {
                head: self.counterpart(&head, stage).into(),
            },
            Message::Record { record } => Message::Record {
                record: Record {
                    head: self.counterpart(&record.head, stage).into(),
                    body: record.body,
                },
            },
            other => other,
        }
    }

    /// The head of the second history at the same place: signed a moment later, behind its own predecessor.
    fn counterpart(&mut self, head: &[u8], stage: &mut Stage<'_>) -> Vec<u8> {
        if let Some((known, other)) = &self.newest
            && known == head
        {
            return other.clone();
        }
        let Ok(first) = Unchecked::<Head>::parse(head) else {
            return head.to_vec();
        };
        let mut second = first.claim().clone();
        second.time = second
            .time
            .saturating_add(std::time::Duration::from_millis(1));
        second.previous = self.previous.unwrap_or(second.previous);
        let second = Signed::seal(second, stage.member.signer.as_ref());
        self.previous = Some(second.digest());
        let other = second.bytes().to_vec();
        self.newest = Some((head.to_vec(), other.clone()));
        stage.lied_ms.get_or_insert(stage.now_ms);
        other
    }
}

/// Every other witness, ring by ring.
fn deceived(stage: &Stage<'_>) -> Vec<PeerKey> {
    let witnesses = stage.node.roster().rings().witnesses(&stage.member.device);
    let others = witnesses.iter().skip(1).step_by(2);
    others.filter_map(|device| stage.peer(device)).collect()
}
