//! Performing the core's outputs: what must survive is durable before anything is said.

use std::collections::VecDeque;

use protocol::appeal::Spared;
use protocol::beacon::Rotation;
use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::node::save::Save;
use protocol::node::{Input, Notice, Output};
use protocol::updater;
use tracing::{debug, error, info, warn};

use super::Shell;
use crate::journal::{JournalError, Remedy};

impl Shell {
    pub(super) async fn feed(&mut self, input: Input) -> anyhow::Result<()> {
        self.feed_all(vec![input]).await
    }

    /// Handles inputs, and those that their outputs lead to, as one batch after the other.
    pub(super) async fn feed_all(&mut self, inputs: Vec<Input>) -> anyhow::Result<()> {
        let mut outputs = Vec::new();
        for input in inputs {
            outputs.extend(self.core.handle(input, self.now()));
        }
        self.perform_all(outputs).await
    }

    pub(super) async fn perform_all(&mut self, outputs: Vec<Output>) -> anyhow::Result<()> {
        let mut batches = VecDeque::from([outputs]);
        while let Some(outputs) = batches.pop_front() {
            let (saves, rest) = sort(outputs);
            self.commit(&saves).await?;
            for output in rest {
                if let Some(input) = self.perform(output)? {
                    let now = self.now();
                    batches.push_back(self.core.handle(input, now));
                }
            }
        }
        Ok(())
    }

    /// A journal on a full disk is opened again until it takes the batch; until then nothing is sent.
    async fn commit(&mut self, saves: &[Save]) -> anyhow::Result<()> {
        let mut told = false;
        loop {
            let failure = match tokio::task::block_in_place(|| self.journal.commit(saves)) {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            if failure.remedy() == Remedy::Stop {
                return Err(anyhow::Error::new(failure).context("the journal is damaged"));
            }
            if !told {
                error!(error = %failure, "the journal takes no writes: free disk space");
                told = true;
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            if let Err(error) = tokio::task::block_in_place(|| self.journal.reopen()) {
                warn!(%error, "the journal does not open yet");
            }
        }
    }

    /// Does one thing; some things have an answer at once.
    fn perform(&mut self, output: Output) -> Result<Option<Input>, JournalError> {
        match output {
            Output::Save(_) => debug_assert!(false, "saves are sorted out before"),
            Output::Send { to, message } => self.send(to, &message),
            Output::Sample => {
                let reading = self.source.read(std::time::Instant::now());
                return Ok(Some(Input::Reading(Box::new(reading))));
            }
            Output::Load { after, limit } => {
                let records = tokio::task::block_in_place(|| self.journal.backlog(after, limit))?;
                return Ok(Some(Input::Backlog(records)));
            }
            Output::Connect { peer, addresses } => {
                self.mesh
                    .connect(peer.0, addresses.iter().map(ToString::to_string).collect());
            }
            Output::Disconnect { peer, why } => {
                debug!(?peer, ?why, "link ended");
                self.mesh.disconnect(peer.0);
            }
            Output::Deliver { id, alert } => self.tell_outside(id, &alert)?,
            Output::Roster(roster) => self.gate.adopt(roster),
            Output::Update(output) => return Ok(self.perform_update(output)),
            Output::Look {
                to,
                addresses,
                listened,
            } => self.look(to, &addresses, &listened),
            Output::Call {
                mac,
                address,
                means,
                ports,
            } => {
                if let Some(hearing) = &self.hearing {
                    hearing.call(mac, address, means, &ports);
                }
            }
            Output::Scan(asked) => return Ok(self.scan(asked)),
            Output::Command(asked) => return Ok(self.command(&asked)),
            Output::Tailed { number } => {
                if let Some(tail) = &mut self.tail {
                    tail.stored(number);
                }
            }
            Output::Habit(order) => self.obey_habit(order),
            Output::Wipe { order } => self.ordered = Some(*order),
            Output::Block { source, length } => {
                if let Some(filter) = &self.filter {
                    filter.set(source.ip(), length);
                }
            }
            Output::Notice(notice) => self.tell(&notice),
        }
        Ok(None)
    }

    fn tell(&mut self, notice: &Notice) {
        match notice {
            Notice::Began {
                incarnation,
                linked,
            } => {
                info!(incarnation = incarnation.0, ?linked, "began");
                self.begun = Some((*incarnation, *linked));
            }
            Notice::LinkUp { peer, device } => debug!(?peer, ?device, "link up"),
            Notice::LinkDown { peer, device } => debug!(?peer, ?device, "link down"),
            Notice::RosterGrown { size, members } => info!(size, members, "roster grown"),
            Notice::Misbehaviour { peer, what } => warn!(?peer, what, "misbehaviour"),
            Notice::Proven {
                device: Some(device),
                contradiction,
            } => warn!(%device, %contradiction, "convicted by what it signed"),
            Notice::Proven {
                device: None,
                contradiction,
            } => warn!(%contradiction, "the admission key is in wrong hands"),
            Notice::Update(updater::Notice::Renewed) => info!("newer metadata of the repository"),
            Notice::Update(updater::Notice::Brought(Ok(order))) => {
                info!(target = %order.target, "what was carried here is ordered");
            }
            Notice::Update(updater::Notice::Brought(Err(error))) => {
                warn!(%error, "what was carried here is of no use");
                self.updates.forget_bundle();
            }
            Notice::Update(updater::Notice::Declined { order, why }) => {
                info!(target = %order.target, ?why, "an order to update is not obeyed");
            }
            Notice::Doubled { position } => {
                warn!(?position, "somebody else signs under this device's key");
            }
            Notice::Unequal { peer, difference } => {
                let difference = difference.word();
                warn!(%peer, difference, "what this node counted is not what a neighbour says it sent");
            }
            Notice::Ruled { device, decision } => {
                let decision = decision.word();
                warn!(%device, decision, "ruled");
            }
            Notice::Halted {
                target,
                rollout,
                standing,
            } => warn!(%target, %rollout, standing = standing.word(), "a word about a target"),
            Notice::Suspected {
                device,
                votes,
                seats,
            } => warn!(%device, votes, seats, "suspected by its witnesses"),
            Notice::Tried { device, finding } => {
                let finding = finding.word();
                info!(%device, finding, "tried as one of a committee");
            }
            Notice::Sentenced {
                device,
                votes,
                spared,
            } => {
                let spared = spared.map(Spared::word);
                warn!(%device, votes, spared, "sentenced by a committee");
            }
            Notice::Braked { cell } => {
                warn!(%cell, "too many of one cell were sentenced: nothing is automated for a day");
            }
            Notice::Obeys(obeyed) => {
                info!(policy = obeyed.policy, settings = ?obeyed.settings, "settings");
            }
            Notice::AuditRewritten { held, shown } => {
                let (held, shown) = (held.entries, shown.entries);
                error!(
                    held,
                    shown,
                    "the coordinator's audit log was cut or rewritten: it does not go on from what was countersigned"
                );
            }
            Notice::Refuses(refused) => {
                let (role, version, flaw) = (&refused.role, refused.version, refused.flaw.word());
                warn!(%role, version, flaw, "a document of the repository is refused");
            }
            Notice::Stale { since } => {
                let since_ms = since.as_millis();
                warn!(
                    since_ms,
                    "the repository here is stale: this device goes on with the last good, and takes no new orders"
                );
            }
            Notice::Commanded { command, kind, by } => {
                info!(%command, kind = kind.word(), by = by.word(), "a command");
            }
            Notice::Declines { command, by, why } => {
                warn!(%command, by = by.word(), why = why.sentence(), "a command is refused");
            }
            Notice::Cleared { device } => info!(%device, "no longer suspected"),
            Notice::Down {
                device,
                votes,
                seats,
            } => info!(%device, votes, seats, "held to be down by its witnesses"),
            Notice::Back { device } => info!(%device, "no longer held to be down"),
            Notice::Alert {
                device,
                subject,
                matter,
            } => warn!(%device, %subject, matter, "alert"),
            Notice::Blocked(block) => {
                warn!(source = %block.source, voices = block.voices, "touched decoys, and is kept away for a while");
            }
            Notice::Excused { scanner } => info!(%scanner, "a scanner of ours touched a decoy"),
            Notice::Delivered { deputy, .. } => info!(%deputy, "a deputy told somebody outside"),
            Notice::Turned { epoch } => info!(epoch = epoch.number(), "witnesses change"),
            Notice::Rotation(Rotation::Frozen { .. }) => {
                warn!("no seed is open for this hour: witnesses keep their seats");
            }
            Notice::Rotation(rotation) => info!(?rotation, "rotation of the witnesses"),
            Notice::Covered { size, waiting } => {
                info!(size, waiting, "gateways have seen the identity log");
            }
            Notice::CaughtUp => info!("everything recorded is stored"),
            Notice::GivenUp { records, last } => {
                warn!(
                    records,
                    ?last,
                    "too much waits for the coordinator: the oldest records are gone"
                );
            }
            Notice::Unplaced { records, last } => {
                warn!(
                    records,
                    ?last,
                    "this disk is an older copy, and the log has gone on without it: what it recorded in between has no place and is gone"
                );
            }
            Notice::Retiring => {
                warn!("an administrator has ordered this device to wipe its keys and its journal");
            }
            Notice::Withdrawn => warn!("this device is suspended or revoked"),
        }
    }

    fn send(&self, to: PeerKey, message: &Message) {
        if let mesh::Sent::Dropped(why) = self.mesh.send(to.0, message.encode().into()) {
            debug!(peer = ?to, message = message.word(), ?why, "not sent");
        }
    }
}

/// Saves first, everything else in its order.
fn sort(outputs: Vec<Output>) -> (Vec<Save>, Vec<Output>) {
    let (mut saves, mut rest) = (Vec::new(), Vec::new());
    for output in outputs {
        match output {
            Output::Save(save) => saves.push(save),
            other => rest.push(other),
        }
    }
    (saves, rest)
}
