//! The deputy's voice: tells somebody outside of an alert, in tasks of their own, a few at once.

mod letter;

use std::collections::BTreeSet;

use protocol::alert::Alert;
use protocol::deputies::{SINK_PURPOSE, Sink};
use protocol::evidence::EvidenceId;
use protocol::node::Input;
use protocol::seal::{SealError, SealedTo, UnsealingKey};
use protocol::signed::Unchecked;
use protocol::{cbor, limits};
use thiserror::Error;
use tokio::task::JoinSet;
use tracing::{debug, info, warn};
use webhook::address::{Address, AddressError};
use webhook::post::{Message, PostError, Roots, post};
use webhook::secret::Secret;

use super::Shell;
use crate::journal::JournalError;
use letter::Letter;

/// Attempts that run, and the key that opens where they go.
pub(super) struct Outside {
    unsealing: UnsealingKey,
    underway: BTreeSet<EvidenceId>,
    attempts: JoinSet<Attempt>,
}

/// How one attempt ended.
pub(super) struct Attempt {
    id: EvidenceId,
    outcome: Result<(), PostError>,
}

/// Why what the coordinator gave cannot be used.
#[derive(Debug, Error)]
enum SinkError {
    #[error("it cannot be read: {0}")]
    Form(#[from] cbor::DecodeError),
    #[error("{0}")]
    Seal(#[from] SealError),
    #[error("{0}")]
    Address(#[from] AddressError),
}

impl Outside {
    pub(super) fn new(unsealing: UnsealingKey) -> Self {
        Self {
            unsealing,
            underway: BTreeSet::new(),
            attempts: JoinSet::new(),
        }
    }

    /// The next attempt that ends; waits for ever while none runs.
    pub(super) async fn ended(&mut self) -> Attempt {
        loop {
            match self.attempts.join_next().await {
                Some(Ok(attempt)) => {
                    self.underway.remove(&attempt.id);
                    return attempt;
                }
                Some(Err(error)) => warn!(%error, "an attempt to tell somebody outside broke off"),
                None => std::future::pending().await,
            }
        }
    }

    /// Whether there is room for one more attempt, and none for this alert runs.
    fn begins(&mut self, id: EvidenceId) -> bool {
        self.underway.len() < limits::TOLD_AT_ONCE && self.underway.insert(id)
    }

    fn open(&self, sealed: &[u8]) -> Result<(Address, Secret), SinkError> {
        let sealed: SealedTo = cbor::decode("capability", limits::CAPABILITY_BYTES, sealed)?;
        let opened = self.unsealing.open(SINK_PURPOSE, &sealed)?;
        let sink: Sink = cbor::decode("sink", limits::CAPABILITY_BYTES, &opened)?;
        Ok((sink.url.as_str().parse()?, Secret::from_bytes(sink.secret)))
    }
}

impl Shell {
    /// Begins an attempt. What cannot begin is asked for again by the core.
    pub(super) fn tell_outside(
        &mut self,
        id: EvidenceId,
        alert: &[u8],
    ) -> Result<(), JournalError> {
        let sealed = tokio::task::block_in_place(|| self.journal.capability())?;
        let (address, secret) = match self.outside.open(&sealed.unwrap_or_default()) {
            Ok(sink) => sink,
            Err(error) => {
                warn!(%error, "what the coordinator gave to tell somebody outside with is of no use");
                return Ok(());
            }
        };
        // The core has checked it before it asked for it to be told.
        let Ok(unchecked) = Unchecked::<Alert>::parse(alert) else {
            return Ok(());
        };
        if !self.outside.begins(id) {
            debug!(?id, "told already, or enough is told at the moment");
            return Ok(());
        }
        let message = Message {
            id: letter::name(id),
            second: mesh::wall().as_millis() / 1000,
            body: self.letter(id, unchecked.claim(), alert).to_json(),
        };
        info!(alert = %message.id, to = address.authority(), "telling somebody outside");
        self.outside.attempts.spawn(async move {
            let outcome = post(&address, &secret, &message, Roots::System).await;
            Attempt { id, outcome }
        });
        Ok(())
    }

    pub(super) async fn told(&mut self, attempt: Attempt) -> anyhow::Result<()> {
        let Attempt { id, outcome } = attempt;
        match outcome {
            Ok(()) => self.feed(Input::Delivered { id }).await,
            Err(error) => {
                warn!(alert = %letter::name(id), %error, "nobody outside took the alert");
                Ok(())
            }
        }
    }

    fn letter(&self, id: EvidenceId, alert: &Alert, signed: &[u8]) -> Letter {
        let roster = self.core.roster();
        let party = |device| {
            let member = roster.member(&device);
            letter::Party::new(device, member.map(|member| &member.membership.name))
        };
        Letter::new(
            id,
            self.member.mesh,
            alert,
            letter::Parties {
                device: party(alert.device),
                subject: party(alert.alarm.subject),
                deputy: party(self.member.membership.device),
            },
            signed,
        )
    }
}

#[cfg(test)]
mod tests {
    use protocol::dice::Dice;
    use protocol::text::Path;

    use super::*;

    fn sealed(url: &str, purpose: &[u8]) -> Vec<u8> {
        let sink = Sink {
            url: Path::new(url).expect("short"),
            secret: [5; 32],
        };
        let to = UnsealingKey::from_seed(&[3; 32]).public();
        let sealed = to.seal(purpose, &cbor::encode(&sink), &mut Dice::from_seed([1; 32]));
        cbor::encode(&sealed.expect("a derived key is sound"))
    }

    #[test]
    fn only_what_was_sealed_to_this_node_for_this_purpose_is_used() {
        let outside = Outside::new(UnsealingKey::from_seed(&[3; 32]));
        let good = sealed("https://alerts.example/hook", SINK_PURPOSE);
        let (address, secret) = outside.open(&good).expect("it is ours");
        assert_eq!(address.authority(), "alerts.example");
        assert_eq!(secret.bytes(), &[5; 32]);
        let stranger = Outside::new(UnsealingKey::from_seed(&[4; 32]));
        assert!(matches!(stranger.open(&good), Err(SinkError::Seal(_))));
        let other = sealed("https://alerts.example/hook", b"data key");
        assert!(matches!(outside.open(&other), Err(SinkError::Seal(_))));
        assert!(matches!(outside.open(&[]), Err(SinkError::Form(_))));
        let plain = sealed("http://alerts.example/hook", SINK_PURPOSE);
        assert!(matches!(outside.open(&plain), Err(SinkError::Address(_))));
    }

    #[test]
    fn one_alert_is_told_once_at_a_time_and_few_alerts_at_once() {
        let mut outside = Outside::new(UnsealingKey::from_seed(&[3; 32]));
        let id = |number| EvidenceId([number; 8]);
        assert!(outside.begins(id(0)));
        assert!(!outside.begins(id(0)));
        let begun = (1..=9).filter(|number| outside.begins(id(*number)));
        assert_eq!(begun.count() + 1, limits::TOLD_AT_ONCE);
    }
}
