//! The run loop of a node: wait for an input, hand it to the core, perform the outputs in order.

mod commands;
mod flows;
mod hearing;
mod outputs;
mod outside;
mod report;
mod scans;
mod tail;
mod update;
mod watch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mesh::{Event as MeshEvent, Holder, Mesh, RosterGate};
use protocol::dice::Dice;
use protocol::key::{PeerKey, Strict};
use protocol::ledger::Withdrawal;
use protocol::message::Message;
use protocol::node::{Identity, Input, Linked, Node};
use protocol::record::Incarnation;
use protocol::roster::Roster;
use protocol::statement::Farewell;
use protocol::statement::host::Start;
use protocol::text;
use protocol::time::{Instant as Mono, Now};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::config::{self, Config};
use crate::console;
use crate::decoys::Decoys;
use crate::filter::Filter;
use crate::journal::{self, Journal, OpenJournalError};
use crate::keys::{Keys, entropy};
use crate::member::Member;
use crate::results::Results;
use crate::scan::Scans;
use crate::sources::HostSource;
use crate::sources::flows::Flows;
use crate::sources::hearing::Hearing;
use crate::sources::tail::Tail;
use crate::status::{self, Refusal};
use crate::wipe::{self, Retired, RetiredError};

/// Mesh events that are handled before their saves are made durable together.
const BATCH: usize = 256;
/// How often the status file is renewed.
const STATUS: Duration = Duration::from_secs(2);
/// How often the attachment to the network is looked at.
const ATTACHMENT: Duration = Duration::from_secs(60);
/// The longest sleep between two looks at the clock.
const DOZE: Duration = Duration::from_secs(5);

/// Everything that the loop owns.
pub(crate) struct Shell {
    core: Node,
    journal: Journal,
    mesh: Mesh,
    gate: Arc<RosterGate>,
    source: HostSource,
    member: Member,
    dir: PathBuf,
    started: Instant,
    begun: Option<(Incarnation, Linked)>,
    links: BTreeMap<PeerKey, report::Standing>,
    refusals: VecDeque<Refusal>,
    coordinator_since: u64,
    outside: outside::Outside,
    updates: update::Updates,
    decoys: Decoys,
    /// `None` where nobody is kept away.
    filter: Option<Filter>,
    /// `None` where this node does not listen to its neighbourhood.
    hearing: Option<Hearing>,
    /// `None` where this node does not look at traffic.
    flows: Option<Flows>,
    /// `None` where this host's logs stay on it.
    tail: Option<Tail>,
    scans: Scans,
    results: Results,
    /// An administrator has ordered this device to wipe itself.
    ordered: Option<Withdrawal>,
}

/// Runs the node of a directory until it is told to stop.
pub async fn run(dir: &Path, config: Config) -> anyhow::Result<()> {
    let stopping = CancellationToken::new();
    stop_on_signals(stopping.clone())?;
    let updates = config.updates.clone();
    let (mut shell, first, mut events) = start(dir, config).await?;
    shell.perform_all(first).await?;
    shell.equip(updates.as_ref()).await?;
    shell.work(&mut events, &stopping).await
}

async fn start(
    dir: &Path,
    config: Config,
) -> anyhow::Result<(
    Shell,
    Vec<protocol::node::Output>,
    mpsc::Receiver<MeshEvent>,
)> {
    if let Some(retired) = wipe::resume(dir, mesh::wall().as_millis())? {
        return Err(RetiredError(retired).into());
    }
    let member = Member::load(dir)?;
    let keys = Keys::load(dir)?;
    let started = Instant::now();
    let (journal, memory) = open_journal(&journal::path(dir))?;
    let roster = Arc::new(roster_of(&member, &memory)?);
    let device = member.membership.device;
    let holder = Holder::Member {
        device,
        membership: member.membership.bytes().to_vec(),
    };
    let gate = Arc::new(RosterGate::new(
        holder,
        Arc::clone(&roster),
        Arc::new(Strict),
    ));
    let (mesh, events) = start_mesh(&config, &keys, &gate).await?;
    let filter = filter_of(&config, &mesh).await;
    let decoys = Decoys::open(&config.decoys.listen).await;
    let source = HostSource::new(config.sources.clone());
    let host = host_of(&config, &source);
    let identity = Identity {
        device,
        signer: Arc::new(keys.signer()),
        verifier: Arc::new(Strict),
        data_key: keys.data_key(),
        unsealing: Arc::new(keys.unsealing()),
        coordinator: member.coordinator.clone(),
    };
    let dice = Dice::from_seed(entropy()?);
    let (core, first) = Node::new(
        config.periods(),
        identity,
        host,
        roster,
        &memory,
        dice,
        now(started),
    );
    let flows = Flows::start(dir, &config.flows, member.membership.class);
    let shell = Shell {
        core,
        journal,
        mesh,
        gate,
        source,
        member,
        dir: dir.to_owned(),
        started,
        begun: None,
        links: BTreeMap::new(),
        refusals: VecDeque::new(),
        coordinator_since: mesh::wall().as_millis(),
        outside: outside::Outside::new(keys.unsealing()),
        updates: update::Updates::new(dir),
        decoys,
        filter,
        hearing: Hearing::start(&config.hearing),
        flows,
        tail: Tail::start(dir, &config.tail),
        scans: Scans::new(dir, config.scanner.clone()),
        results: Results::new(dir, keys.data_key()),
        ordered: None,
    };
    Ok((shell, first, events))
}

/// Without the right to keep sources away a decoy is still an alarm.
async fn filter_of(config: &Config, mesh: &Mesh) -> Option<Filter> {
    if config.decoys.block == config::Block::Off {
        return None;
    }
    let addresses = mesh.listen_addresses();
    let ports = addresses.iter().filter_map(|address| {
        let mut parts = address.split('/').skip_while(|part| *part != "tcp");
        parts.nth(1)?.parse().ok()
    });
    let ports: BTreeSet<u16> = ports.collect();
    let ports: Vec<u16> = ports.into_iter().collect();
    match Filter::set_up(&ports).await {
        Ok(filter) => Some(filter),
        Err(error) => {
            warn!(%error, "nobody can be kept away from this host");
            None
        }
    }
}

/// Whoever has set up its updates has said what hardware it is, and which product, as releases name them.
fn host_of(config: &Config, source: &HostSource) -> Start {
    let start = source.start();
    let named = config.updates.as_ref();
    let model = named.map(|updates| updates.model.clone());
    Start {
        product: named.map(|updates| updates.product.clone()),
        model: model.or_else(|| start.model.clone()),
        ..start
    }
}

/// A journal that was repaired may lack its last batch; its records end there, and nothing is wrong.
fn open_journal(path: &Path) -> Result<(Journal, protocol::node::save::Memory), OpenJournalError> {
    match Journal::open(path) {
        Err(error @ OpenJournalError::Repaired { .. }) => {
            warn!(%error, "the journal was repaired");
            Journal::open(path)
        }
        opened => opened,
    }
}

/// Without a network on which to look for peers the configured addresses have to do.
async fn start_mesh(
    config: &Config,
    keys: &Keys,
    gate: &Arc<RosterGate>,
) -> Result<(Mesh, mpsc::Receiver<MeshEvent>), mesh::StartError> {
    let settings = |mdns| {
        let mut settings = mesh::Config::new(keys.identity_seed());
        settings.listen = config.listen.iter().map(ToString::to_string).collect();
        settings.mdns = mdns;
        settings
    };
    let gate = || Arc::clone(gate) as Arc<dyn mesh::Gate>;
    let mdns = match config.mdns {
        config::Mdns::On => mesh::Mdns::On,
        config::Mdns::Off => mesh::Mdns::Off,
    };
    match Mesh::start(settings(mdns), gate()).await {
        Err(mesh::StartError::Mdns(error)) => {
            warn!(%error, "peers are not looked for on the local network");
            Mesh::start(settings(mesh::Mdns::Off), gate()).await
        }
        started => started,
    }
}

/// The roster that the journal's copy of the identity log gives; a damaged copy is fetched anew.
fn roster_of(member: &Member, memory: &protocol::node::save::Memory) -> anyhow::Result<Roster> {
    let empty = Roster::new(Arc::clone(&member.charter)).anchored(Arc::clone(&member.root));
    match &memory.log_head {
        Some(head) => empty.extend(0, &memory.entries, head, &Strict).context(
            "the identity log in the journal does not verify: remove the directory and join again",
        ),
        None => Ok(empty),
    }
}

impl Shell {
    async fn work(
        &mut self,
        events: &mut mpsc::Receiver<MeshEvent>,
        stopping: &CancellationToken,
    ) -> anyhow::Result<()> {
        let addresses = self.mesh.listen_addresses();
        info!(device = %self.member.membership.device, ?addresses, "running");
        self.feed(Input::Listening {
            addresses: reachable(&addresses),
        })
        .await?;
        let mut status = tokio::time::interval(STATUS);
        let mut attachment = tokio::time::interval(ATTACHMENT);
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            if let Some(order) = self.ordered.take() {
                return self.retire(&order).await;
            }
            let due = self.due();
            tokio::select! {
                () = stopping.cancelled() => break,
                count = events.recv_many(&mut batch, BATCH) => {
                    anyhow::ensure!(count > 0, "the mesh driver ended");
                    let inputs: Vec<Input> = batch.drain(..).filter_map(|event| self.translate(event)).collect();
                    self.feed_all(inputs).await?;
                }
                scanned = self.scans.next() => {
                    let input = self.scanned(scanned);
                    self.feed(input).await?;
                }
                input = self.updates.next() => self.feed(input).await?,
                touched = self.decoys.next() => self.feed(Input::Touched(touched)).await?,
                Some(input) = heard(&mut self.hearing) => self.feed(input).await?,
                Some(told) = flows::told(&mut self.flows) => self.feed(Input::Flows(told)).await?,
                tailed = tail::said(&mut self.tail) => self.feed(Input::Tail(tailed)).await?,
                attempt = self.outside.ended() => self.told(attempt).await?,
                _ = status.tick() => {
                    self.look_at_console().await?;
                    self.introduce_devices();
                    self.write_status();
                }
                _ = attachment.tick() => self.look_at_attachment().await?,
                () = tokio::time::sleep(due) => self.feed(Input::Tick).await?,
            }
        }
        info!("stopping");
        self.feed(Input::Stop(Farewell::Stopped)).await?;
        self.finish().await;
        Ok(())
    }

    /// The last statement is said: what is queued leaves, and then nothing of the device stays.
    async fn retire(&mut self, order: &Withdrawal) -> anyhow::Result<()> {
        self.finish().await;
        self.journal.close();
        let name = self.name();
        let retired = Retired {
            device: order.device.to_string(),
            name,
            mesh: order.mesh.to_string(),
            reason: order.reason.to_string(),
            ordered_ms: order.time.as_millis(),
            wiped_ms: None,
        };
        let now_ms = mesh::wall().as_millis();
        // It keeps what it has learnt when it ends, so it ends before that is wiped.
        let flows = self.flows.take();
        let wiped = tokio::task::block_in_place(|| {
            drop(flows);
            wipe::carry_out(&self.dir, retired, now_ms)
        })?;
        warn!(reason = %wiped.reason, "keys and journal are wiped, as an administrator has ordered");
        Err(RetiredError(wiped).into())
    }

    /// An attachment that cannot be told at the moment stays what it was.
    async fn look_at_attachment(&mut self) -> anyhow::Result<()> {
        match self.source.attachment() {
            Some(hint) => self.feed(Input::Attached { hint: Some(hint) }).await,
            None => Ok(()),
        }
    }

    /// Somebody on this gateway's console has signed something.
    async fn look_at_console(&mut self) -> anyhow::Result<()> {
        for ruling in console::take(&self.dir) {
            info!("a ruling was signed on this console");
            self.feed(Input::Ruled { ruling }).await?;
        }
        if let Some(hearing) = &self.hearing
            && let Some(asked) = console::sweep(&self.dir)
        {
            match hearing.sweep(&asked) {
                Ok(subnets) => info!(?subnets, "everybody is asked for a hardware address"),
                Err(error) => warn!(%error, "nobody is asked"),
            }
        }
        match self.updates.brought() {
            Some(input) => self.feed(input).await,
            None => Ok(()),
        }
    }

    fn due(&self) -> Duration {
        let now = self.now().monotonic;
        self.core
            .next_deadline()
            .map_or(DOZE, |deadline| deadline.since(now).min(DOZE))
    }

    fn now(&self) -> Now {
        now(self.started)
    }

    /// The mesh's words in the core's. Nobody's questions have an answer.
    fn translate(&mut self, event: MeshEvent) -> Option<Input> {
        match event {
            MeshEvent::LinkUp {
                key,
                address,
                direction,
            } => {
                self.link_stands(PeerKey(key), address, direction);
                Some(Input::LinkUp { peer: PeerKey(key) })
            }
            MeshEvent::LinkDown { key, reason } => {
                debug!(peer = ?PeerKey(key), %reason, "link down");
                self.link_ended(PeerKey(key));
                Some(Input::LinkDown { peer: PeerKey(key) })
            }
            MeshEvent::Frame { key, bytes } => match Message::decode(&bytes) {
                Ok(message) => Some(Input::Frame {
                    from: PeerKey(key),
                    message,
                }),
                Err(error) => {
                    warn!(peer = ?PeerKey(key), %error, "a frame that cannot be read");
                    self.mesh.disconnect(key);
                    None
                }
            },
            bulk @ (MeshEvent::Asked { .. }
            | MeshEvent::Answered { .. }
            | MeshEvent::Withdrawn { .. }
            | MeshEvent::Served { .. }) => self.translate_bulk(bulk),
            MeshEvent::Refused {
                key,
                address,
                reason,
                by,
                order,
            } => {
                self.refused(key, &address, reason, by);
                let peer = PeerKey(key?);
                Some(match order {
                    Some(order) => Input::Ordered { by: peer, order },
                    None => Input::LinkDown { peer },
                })
            }
            MeshEvent::Unreachable { key, reason } => {
                debug!(peer = ?PeerKey(key), %reason, "unreachable");
                Some(Input::LinkDown { peer: PeerKey(key) })
            }
            MeshEvent::Discovered { key, addresses } => Some(Input::Discovered {
                peer: PeerKey(key),
                addresses: paths(&addresses),
            }),
            MeshEvent::Listening { address } => {
                debug!(%address, "listening");
                None
            }
        }
    }

    fn refused(
        &mut self,
        key: Option<mesh::Key>,
        address: &str,
        reason: protocol::refusal::Refusal,
        by: mesh::Judge,
    ) {
        warn!(%address, reason = reason.word(), remedy = reason.remedy(), ?by, "refused");
        let who = key.map_or_else(|| address.to_owned(), |key| format!("{:?}", PeerKey(key)));
        let by = match by {
            mesh::Judge::Us => status::Judge::Us,
            mesh::Judge::Them => status::Judge::Them,
        };
        if self.refusals.len() == status::REFUSALS {
            self.refusals.pop_front();
        }
        self.refusals.push_back(Refusal {
            at_ms: mesh::wall().as_millis(),
            who,
            reason: reason.word().to_owned(),
            by,
        });
    }
}

/// What the neighbourhood says; nothing ever, where nobody listens.
async fn heard(hearing: &mut Option<Hearing>) -> Option<Input> {
    match hearing {
        Some(hearing) => hearing.next().await,
        None => std::future::pending().await,
    }
}

fn now(started: Instant) -> Now {
    let since = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Now {
        monotonic: Mono::from_millis(since),
        wall: mesh::wall(),
    }
}

/// Wildcards and, where there is any other, loopback are of no use to others.
fn reachable(addresses: &[String]) -> Vec<text::Path> {
    let outward: Vec<String> = addresses
        .iter()
        .filter(|address| !address.contains("/127."))
        .cloned()
        .collect();
    paths(if outward.is_empty() {
        addresses
    } else {
        &outward
    })
}

fn paths(addresses: &[String]) -> Vec<text::Path> {
    addresses
        .iter()
        .filter_map(|address| text::Path::new(address.as_str()).ok())
        .collect()
}

fn stop_on_signals(stopping: CancellationToken) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopping.cancel();
    });
    Ok(())
}
