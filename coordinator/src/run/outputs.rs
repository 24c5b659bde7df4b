//! Performing outputs: everything of a batch that must survive is durable before anything is sent.

use std::collections::BTreeMap;

use protocol::alert::Delivery;
use protocol::appeal::Spared;
use protocol::beacon::Rotation;
use protocol::coordinator::save::Save;
use protocol::coordinator::{Event, Input, LogState, Output};
use protocol::id::DeviceId;
use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::record::Position;
use protocol::rollout::{Cause, RolloutId, Stage};
use protocol::scan::ScanPart;
use tracing::{error, info, warn};

use super::Shell;
use crate::access;
use crate::live::trouble;
use crate::store::fault::CommitError;

/// A batch's outputs, sorted by when they may be done.
#[derive(Default)]
struct Batch {
    saves: Vec<Save>,
    acknowledgements: BTreeMap<PeerKey, Position>,
    rest: Vec<Output>,
}

impl Shell {
    /// Handles inputs, makes their saves durable in one transaction, then does what follows.
    pub(super) async fn feed(&mut self, inputs: Vec<Input>) -> anyhow::Result<()> {
        let mut batch = Batch::default();
        for input in inputs {
            let now = self.now();
            for output in self.core.handle(input, now) {
                batch.sort(output);
            }
        }
        if !batch.saves.is_empty() {
            let clock = std::time::Instant::now();
            self.commit(&batch.saves).await?;
            self.metrics.committed(clock.elapsed());
        }
        for save in batch.saves {
            if let Save::Token(token) = save {
                self.tokens.put(token);
            }
        }
        let mut answers = Vec::new();
        for output in batch.rest {
            answers.extend(self.perform(output));
        }
        for (to, position) in batch.acknowledgements {
            self.send(to, &Message::Ack { position });
        }
        // What is recalled leads to no further recall, so this ends.
        if answers.is_empty() {
            return Ok(());
        }
        Box::pin(self.feed(answers)).await
    }

    /// A store that fails is reopened; until it takes writes again nothing is acknowledged.
    async fn commit(&mut self, saves: &[Save]) -> anyhow::Result<()> {
        let mut attempt = 0;
        loop {
            let result = tokio::task::block_in_place(|| self.store.commit(saves));
            let failure = match result {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            if !heals(&failure) {
                return Err(
                    anyhow::Error::new(failure).context("the store is damaged: restore a backup")
                );
            }
            if attempt == 0 {
                error!(error = %failure, "the store takes no writes: free disk space");
            }
            attempt += 1;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            if let Err(error) = tokio::task::block_in_place(|| self.store.reopen()) {
                warn!(%error, attempt, "the store does not open yet");
            }
        }
    }

    /// Does one thing; a question to the store has an answer at once.
    fn perform(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Send { to, message } => self.send(to, &message),
            Output::Ack { to, position } => self.send(to, &Message::Ack { position }),
            Output::Disconnect { peer, why } => {
                info!(?peer, reason = why.word(), "link ended");
                self.mesh.disconnect(peer.0);
            }
            Output::Roster(roster) => {
                self.offer.send_if_modified(|offer| {
                    let grown = offer.succession != *roster.succession();
                    offer.succession.clone_from(roster.succession());
                    grown
                });
                self.gate.adopt(roster);
            }
            Output::Enrolled { ticket, answer } => self.answer(ticket, answer),
            Output::Recall { device, position } => return Some(self.recall(device, position)),
            Output::Depot(output) => return self.perform_depot(output),
            Output::ScanPart { device, part } => self.scanned(device, part),
            Output::Tailed { device, tailed } => {
                if self.tailed.try_send((device, tailed)).is_err() {
                    tracing::debug!(%device, "lines have to be brought again");
                }
            }
            Output::CommandPart { device, part } => {
                // What comes too fast is asked for again.
                if self.results.try_send((device, part)).is_err() {
                    tracing::debug!(%device, "a part of a result has to be asked for again");
                }
            }
            Output::Event(event) => self.tell(event),
            Output::Save(_) => debug_assert!(false, "saves are sorted out before"),
        }
        None
    }

    /// The jobs take it up, or ask again where they are behind.
    fn scanned(&self, device: DeviceId, part: ScanPart) {
        if self.scans.try_send((device, part)).is_err() {
            tracing::debug!(%device, "a part of a scan has to be asked for again");
        }
    }

    fn recall(&self, device: DeviceId, position: Position) -> Input {
        let read = tokio::task::block_in_place(|| self.store.reader().record(&device, position));
        let stored = read.unwrap_or_else(|error| {
            error!(%error, %device, "a stored record cannot be compared");
            None
        });
        let head = stored.map(|stored| stored.record.head.into());
        Input::Recalled { device, head }
    }

    fn tell(&mut self, event: Event) {
        match &event {
            Event::Admitted { device } => info!(%device, "admitted"),
            Event::Renewed { device } => info!(%device, "renewed"),
            Event::Withdrawn { device } => info!(%device, "retired"),
            Event::Retired { device } => {
                info!(%device, "has confirmed that it wipes itself");
                self.note_wiped(device);
            }
            Event::Status { device, status, .. } => info!(%device, ?status, "status"),
            Event::Pace { device, degraded } => {
                let how = degraded.map(|degraded| degraded.how.word());
                info!(%device, how, "pace");
            }
            Event::Refused { refusal, .. } => warn!(%refusal, "enrolment refused"),
            Event::Misbehaviour { device, what } => warn!(?device, what, "misbehaviour"),
            Event::Verdict(verdict) => {
                let (cause, devices) = (verdict.cause.word(), verdict.devices.len());
                warn!(cause, devices, "silence judged");
            }
            Event::Observed(seen) => {
                let (sender, receiver) = (seen.sender, seen.receiver);
                let difference = seen.difference.word();
                warn!(%sender, %receiver, difference, "two ends of a link do not agree");
            }
            Event::Ruled {
                device,
                decision,
                gateway,
            } => {
                let decision = decision.word();
                warn!(%device, decision, ?gateway, "ruled");
                if let Some(gateway) = gateway {
                    self.note_ruling(gateway, device, decision);
                }
            }
            Event::Rollout { id, stage } => {
                info!(rollout = %id, stage = stage.word(), "rollout");
                if let Stage::Halted(cause) = *stage {
                    self.note_halted(*id, cause);
                }
            }
            Event::Halted {
                target,
                rollout,
                standing,
            } => warn!(%target, %rollout, standing = standing.word(), "a word about a target"),
            Event::Excused {
                scanner,
                source,
                until,
            } => {
                let until_ms = until.as_millis();
                info!(%scanner, %source, until_ms, "decoys stay quiet for a scan of ours");
            }
            Event::Suspected {
                device,
                witness,
                suspected,
            } => warn!(%device, %witness, suspected, "a witness suspects a device"),
            Event::Sentenced {
                device,
                votes,
                spared,
            } => {
                let spared = spared.map(Spared::word);
                warn!(%device, votes, spared, "sentenced by a committee");
            }
            Event::Braked { cell } => warn!(%cell, "nothing is automated for a day"),
            Event::Alert(alert) => {
                let matter = alert.alarm.matter.word();
                warn!(device = %alert.device, subject = %alert.alarm.subject, matter, "alert");
            }
            Event::Delivered(delivery) => {
                info!(deputy = %delivery.deputy, "a deputy has delivered");
                self.note_told(delivery);
            }
            Event::Proven {
                device: Some(device),
                contradiction,
                ..
            } => warn!(%device, %contradiction, "convicted by what it signed"),
            Event::Proven { contradiction, .. } => {
                error!(%contradiction, "the admission key is in wrong hands");
            }
            Event::Returned { device, what } => info!(%device, ?what, "returned"),
            Event::Log { state } => tell_log(*state),
            Event::Rotation(Rotation::Frozen { .. }) => {
                warn!("no seed is open for this hour: witnesses keep their seats");
            }
            Event::Rotation(rotation) => info!(?rotation, "rotation of the witnesses"),
            Event::LogRegained { entries } => warn!(
                entries,
                "this store was older than the mesh: devices gave back what it lacked of the identity log"
            ),
            Event::KeyLost { device } => error!(
                %device,
                "its data key is lost with the newer store: retire it, and let it join again"
            ),
            Event::Stepped { device, step } => {
                let (state, reason) = (step.state.word(), step.state.reason());
                info!(%device, target = %step.target, state, ?reason, "update");
            }
            Event::NotSuspended { device } => {
                warn!(%device, "not suspended: too many others were within the hour");
            }
            Event::Obeys { device, obeyed } => {
                info!(%device, policy = obeyed.policy, settings = ?obeyed.settings, "settings");
            }
            Event::Scanned { device, step } => {
                info!(%device, job = step.job, stage = step.stage.word(), "scan");
            }
            Event::Answered { device, answer } => {
                let (command, outcome) = (answer.command, answer.outcome.word());
                let why = answer.outcome.why();
                info!(%device, %command, outcome, why, "a command is answered");
            }
            Event::Countersigned { device, word } => self.audit_countersigned(device, word),
            Event::HoldsAudit { device, head } => self.countersigners.held(device, head),
            Event::Collected { .. } => {}
        }
        self.bulletin.hear(&event, &self.core, mesh::wall());
        let refresh = !matches!(event, Event::Collected { .. });
        if self.events.send(event).is_err() {
            tracing::trace!("no page is open");
        }
        if refresh {
            self.publish();
        }
    }

    fn note_told(&self, delivery: &Delivery) {
        let writer = self.store.writer();
        let noted = tokio::task::block_in_place(|| access::note_told(&writer, delivery));
        if let Err(error) = noted {
            warn!(%error, "a deputy's receipt is not in the audit log");
        }
    }

    fn note_wiped(&self, device: &DeviceId) {
        let writer = self.store.writer();
        let noted = tokio::task::block_in_place(|| access::note_wiped(&writer, device));
        if let Err(error) = noted {
            warn!(%error, "a device's last statement is not in the audit log");
        }
    }

    fn note_halted(&self, rollout: RolloutId, cause: Cause) {
        let writer = self.store.writer();
        let noted = tokio::task::block_in_place(|| access::note_halted(&writer, rollout, cause));
        if let Err(error) = noted {
            warn!(%error, "a halt is not in the audit log");
        }
    }

    fn note_ruling(&self, gateway: &DeviceId, device: &DeviceId, decision: &'static str) {
        let writer = self.store.writer();
        let noted =
            tokio::task::block_in_place(|| access::note_ruling(&writer, gateway, device, decision));
        if let Err(error) = noted {
            warn!(%error, "what was done on a gateway's console is not in the audit log");
        }
    }

    pub(super) fn send(&self, to: PeerKey, message: &Message) {
        if let mesh::Sent::Dropped(why) = self.mesh.send(to.0, message.encode().into()) {
            tracing::debug!(peer = ?to, message = message.word(), ?why, "not sent");
        }
    }
}

fn tell_log(state: LogState) {
    match (state, trouble(state)) {
        (_, Some(why)) => error!(?state, "{why}"),
        (state, None) => info!(?state, "identity log"),
    }
}

/// A full disk and a closed handle are over when the store is opened anew.
fn heals(failure: &CommitError) -> bool {
    match failure {
        CommitError::Full | CommitError::Closed(_) => true,
        CommitError::Damaged(_) | CommitError::OutOfOrder { .. } => false,
    }
}

impl Batch {
    /// Of many acknowledgements to one node only the newest is sent.
    fn sort(&mut self, output: Output) {
        match output {
            Output::Save(save) => self.saves.push(save),
            Output::Ack { to, position } => {
                let newest = self.acknowledgements.entry(to).or_insert(position);
                *newest = (*newest).max(position);
            }
            other => self.rest.push(other),
        }
    }
}
