//! The run loop: wait for an input, hand it to the core, make the saves durable, do the rest.

mod appoint;
mod checkup;
mod countersign;
mod depot;
mod desk;
mod outputs;
mod rollouts;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mesh::{Event as MeshEvent, Holder, Mesh, RosterGate};
use protocol::command::CommandPart;
use protocol::coordinator::{Command, Config as CoreConfig, Coordinator, Event, Input};
use protocol::enrolment::{EnrolAnswer, EnrolOffer};
use protocol::id::DeviceId;
use protocol::key::{PeerKey, SecretKey, Strict};
use protocol::ledger::Entry;
use protocol::message::Message;
use protocol::roster::Roster;
use protocol::scan::ScanPart;
use protocol::tail::Tailed;
use protocol::text;
use protocol::time::{Instant as Mono, Now};
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::addresses::{Addresses, advertised};
use crate::bulletin::Bulletin;
use crate::command::Commands;
use crate::config::Config;
use crate::delivery::Delivery;
use crate::demonstration::{self, Mark};
use crate::enrolment::{self, AT_ONCE, Arrival, Desk, TokenBook};
use crate::evidence::Documents;
use crate::live::{Live, Pending};
use crate::logbook::{self, Logbook};
use crate::mesh_name::MeshName;
use crate::offices::{self, Certified, Paths};
use crate::orders::{Order, Orders};
use crate::ports::Ports;
use crate::releases::Releases;
use crate::report::{self, Reporter};
use crate::risk::Risk;
use crate::scans::Scans;
use crate::store::key::StoreKey;
use crate::store::retention::Retention;
use crate::store::{Reader, Store};
use crate::tls::Renewal;
use crate::web::metrics::Metrics;
use crate::{control, ddi, people, scans, tls};

/// Inputs that are handled before their saves are made durable together.
const BATCH: usize = 1024;
/// How often pages get a new snapshot.
const REFRESH: Duration = Duration::from_millis(500);
/// Events that a slow page may fall behind before it is sent everything anew.
const EVENTS_KEPT: usize = 1024;

/// Old rows are looked for this often, and so many are dropped at once.
const PRUNE: (Duration, usize) = (Duration::from_secs(60), 5_000);

/// Whether everything is to be checked is looked at this often: once a night, and after an unclean stop.
const CHECK: Duration = Duration::from_secs(300);

/// Everything that the loop owns.
pub(crate) struct Shell {
    core: Coordinator,
    store: Store,
    depot: depot::Depot,
    mesh: Mesh,
    gate: Arc<RosterGate>,
    tokens: TokenBook,
    join: desk::JoinTerms,
    answers: BTreeMap<u64, oneshot::Sender<EnrolAnswer>>,
    waiting: BTreeMap<u64, Waiting>,
    next_ticket: u64,
    appointments: appoint::Appointments,
    live: watch::Sender<Arc<Live>>,
    /// Where parts of what members have found by scans go.
    scans: mpsc::Sender<(DeviceId, ScanPart)>,
    /// Where parts of what came of commands go.
    results: mpsc::Sender<(DeviceId, CommandPart)>,
    /// Where lines of members' logs go.
    tailed: mpsc::Sender<(DeviceId, Tailed)>,
    events: broadcast::Sender<Event>,
    metrics: Arc<Metrics>,
    started: Instant,
    paths: Paths,
    /// What joining devices are handed.
    offer: watch::Sender<EnrolOffer>,
    /// What was put into force while the coordinator did not run.
    inherited: Vec<Input>,
    /// Told of what people should be told.
    bulletin: Bulletin,
    countersigners: countersign::Countersigners,
    /// The check of everything that is under way, or was the last.
    checkup: Option<tokio::task::JoinHandle<()>>,
    /// If the devices were invented.
    invented: Option<Mark>,
}

/// A device without a token, and the person's answer that it waits for.
struct Waiting {
    shown: Pending,
    arrival: Arrival,
}

/// Runs a coordinator until it is told to stop.
pub async fn serve(dir: &Path) -> anyhow::Result<()> {
    let paths = Paths::new(dir);
    let certified = offices::load(&paths)?;
    let config = Config::load(dir)?;
    renew_certificate(&paths, &config);
    let config = Ports::load(&paths.ports()).kept(config);
    let stopping = CancellationToken::new();
    stop_on_signals(stopping.clone())?;
    tokio::spawn(renew_in_time(
        paths.clone(),
        config.clone(),
        stopping.clone(),
    ));
    let (shell, inbox) = start(&paths, &config, certified, stopping.clone()).await?;
    let result = shell.run(inbox, &stopping).await;
    stopping.cancel();
    result
}

/// What the loop listens to.
struct Inbox {
    mesh: mpsc::Receiver<MeshEvent>,
    arrivals: mpsc::Receiver<Arrival>,
    orders: mpsc::Receiver<Order>,
}

async fn start(
    paths: &Paths,
    config: &Config,
    certified: Certified,
    stopping: CancellationToken,
) -> anyhow::Result<(Shell, Inbox)> {
    let started = Instant::now();
    let key = StoreKey::from_bytes(*certified.store_key.bytes());
    let (store, memory) = Store::open(&paths.store(), key)
        .with_context(|| format!("{} does not open", paths.store().display()))?;
    if !store.is_sealed() {
        tracing::warn!(
            "the store lies on the disk in the clear: stop the coordinator and run `palisade-coordinator store seal`"
        );
    }
    let tokens = TokenBook::default();
    memory
        .tokens
        .iter()
        .cloned()
        .for_each(|token| tokens.put(token));
    let core_config = CoreConfig {
        epoch: protocol::beacon::EPOCH,
        membership: config.membership(),
        silent_after: config.silent_after(),
        addresses: Vec::new(),
    };
    let root = certified.first.root().cloned().expect("it was read");
    let empty = Roster::new(Arc::clone(certified.first.charter())).anchored(root);
    let (admission, documents) = (
        Arc::clone(&certified.offices.admission),
        documents(&certified)?,
    );
    let (mut core, _) =
        Coordinator::new(core_config, certified.offices, empty, memory, now(started))
            .context("the identity log in the store does not verify: restore a backup")?;
    recall_hosts(&mut core, &store.reader());
    let gate = Arc::new(RosterGate::new(
        Holder::Coordinator,
        Arc::clone(core.roster()),
        Arc::new(Strict),
    ));
    let mut mesh_config = mesh::Config::new(zeroize::Zeroizing::new(*certified.identity.bytes()));
    mesh_config.listen = vec![config.mesh.to_string()];
    mesh_config.max_links = u32::try_from(protocol::limits::MEMBERS).unwrap_or(u32::MAX);
    let (mesh, mesh_events) =
        Mesh::start(mesh_config, Arc::clone(&gate) as Arc<dyn mesh::Gate>).await?;
    let enrol_listener = TcpListener::bind(config.enrolment)
        .await
        .context("cannot listen for enrolment")?;
    let addresses = Addresses {
        people: String::new(),
        mesh: advertised::mesh(config, &mesh.listen_addresses()),
        enrol: advertised::enrolment(config, enrol_listener.local_addr()?),
        ddi: None,
    };
    let (arrivals, arriving) = mpsc::channel(AT_ONCE);
    let first = Arc::new(Documents {
        root: certified.root.clone(),
        charter: certified.charter_bytes.clone(),
    });
    let (offer, offered) = watch::channel(EnrolOffer {
        root: certified.root.into(),
        charter: certified.charter_bytes.into(),
        succession: certified.succession,
    });
    let desk = Desk {
        mesh: certified.mesh,
        secret: certified.enrolment.clone(),
        offer: offered,
        tokens: tokens.clone(),
        arrivals,
    };
    tokio::spawn(enrolment::listen(
        enrol_listener,
        Arc::new(desk),
        stopping.clone(),
    ));
    let (orders, ordered) = Orders::channel();
    let (live, live_handle) =
        watch::channel(Arc::new(Live::of(&core, Vec::new(), now(started).wall)));
    let (events, _) = broadcast::channel(EVENTS_KEPT);
    let metrics = Arc::new(Metrics::default());
    let join = desk::JoinTerms::new(&certified.mesh, &certified.charter, &addresses.enrol);
    let releases = Releases::new(paths, store.reader(), store.writer(), orders.clone())?;
    if let Err(error) = releases.take_up() {
        // Devices go on with what they have, and people see on the page why nothing newer is served.
        warn!(%error, "the repository cannot be taken up");
    }
    tokio::spawn(releases.clone().keep_fresh(stopping.clone()));
    let (reader, writer) = (store.reader(), store.writer());
    let (bulletin, heard) = Bulletin::open(reader, writer.clone(), live_handle.clone())
        .context("the alerts in the store cannot be read: restore a backup")?;
    tokio::spawn(bulletin.clone().keep(heard, stopping.clone()));
    tokio::spawn(crate::staleness::watch(
        live_handle.clone(),
        releases.clone(),
        bulletin.clone(),
        stopping.clone(),
    ));
    tokio::spawn(crate::keyed::silence::watch(
        store.reader(),
        bulletin.clone(),
        stopping.clone(),
    ));
    let logbook = Logbook::open(Some(&paths.rules()), writer, bulletin.clone());
    let folder = Some(paths.dir().to_owned());
    let delivery = Delivery::new(
        folder,
        bulletin.clone(),
        live_handle.clone(),
        certified.mesh,
    );
    tokio::spawn(delivery.clone().run(stopping.clone()));
    let risk = Risk::new(store.reader(), store.writer(), live_handle.clone());
    tokio::spawn(risk.clone().keep(releases.clone(), stopping.clone()));
    let scans = Scans::new(
        risk.clone(),
        store.writer(),
        live_handle.clone(),
        orders.clone(),
    );
    tokio::spawn(crate::profiles::speak::courier(
        (store.reader(), store.writer()),
        live_handle.clone(),
        risk.clone(),
        orders.clone(),
        certified.mesh,
        stopping.clone(),
    ));
    let mesh_name = MeshName::of(&store.reader(), &certified.mesh)?;
    let reporter = Reporter::new(report::Sources {
        reader: store.reader(),
        writer: store.writer(),
        live: live_handle.clone(),
        risk: risk.clone(),
        delivery: delivery.clone(),
        logbook: logbook.clone(),
        releases: releases.clone(),
        signer: Arc::new(SecretKey::from_seed(certified.identity.bytes())),
        mesh: certified.mesh,
        mesh_name: mesh_name.clone(),
    });
    tokio::spawn(reporter.clone().work(stopping.clone()));
    let (found, finding) = mpsc::channel(scans::PARTS);
    tokio::spawn(
        scans
            .clone()
            .work(events.subscribe(), finding, stopping.clone()),
    );
    let commands = Commands::new(
        (store.reader(), store.writer()),
        live_handle.clone(),
        orders.clone(),
        releases.clone(),
        risk.clone(),
    );
    let (results, coming) = mpsc::channel(crate::command::PARTS);
    tokio::spawn(
        commands
            .clone()
            .work(events.subscribe(), coming, stopping.clone()),
    );
    let (tailed, lines) = mpsc::channel(logbook::members::BATCHES);
    tokio::spawn(logbook::members::work(
        logbook.clone(),
        orders.clone(),
        lines,
        stopping.clone(),
    ));
    let invented = demonstration::read(&store.reader())?;
    let countersigners = countersign::Countersigners::recalled(&store.reader());
    let shell = Shell {
        core,
        depot: depot::Depot::new(releases.clone()),
        mesh,
        gate,
        tokens,
        join,
        answers: BTreeMap::new(),
        waiting: BTreeMap::new(),
        next_ticket: 1,
        appointments: appoint::Appointments::default(),
        live,
        scans: found,
        results,
        tailed,
        events: events.clone(),
        metrics: Arc::clone(&metrics),
        started,
        store,
        paths: paths.clone(),
        offer,
        inherited: vec![Input::Command(Command::Succeed {
            documents,
            admission,
        })],
        bulletin,
        countersigners,
        checkup: None,
        invented,
    };
    let people = people::Service {
        people: config.people,
        paths: paths.clone(),
        mesh_id: certified.mesh,
        mesh_name,
        names: tls::names(config),
        second_factor: config.second_factor,
        live: live_handle,
        orders: orders.clone(),
        events,
        reader: shell.store.reader(),
        writer: shell.store.writer(),
        metrics,
        documents: first,
        releases,
        logbook,
        delivery,
        risk,
        scans,
        commands,
        reporter,
        api_origins: config.origins(),
        security_contact: config.security_contact.as_deref().map(Arc::from),
        demonstration: shell.invented.is_some(),
    };
    let router = people.router(&addresses, &stopping);
    let listening = people.listen(router.clone(), addresses, stopping.clone());
    let mut addresses = listening.await?;
    if let Some(address) = config.ddi {
        let (desk, stopping) = (people.ddi(), stopping.clone());
        let bound = ddi::listener::listen(desk, address, &paths.tls(), stopping).await?;
        addresses.ddi = Some(bound);
    }
    if let Some(address) = config.syslog {
        let (logbook, live) = (people.logbook.clone(), people.live.clone());
        let listening = logbook::syslog::listen(logbook, live, address, stopping.clone());
        listening
            .await
            .with_context(|| format!("syslog: cannot listen on {address}"))?;
    }
    if let Some(address) = config.syslog_tls {
        let desk = logbook::secure::Desk {
            logbook: people.logbook.clone(),
            live: people.live.clone(),
            relays: config.syslog_relays.clone().into(),
            stopping: stopping.clone(),
        };
        let clients = config.syslog_clients.as_ref();
        let clients = clients.map(|file| paths.dir().join(file));
        logbook::secure::listen(desk, address, &paths.tls(), clients.as_deref()).await?;
    }
    if let Err(error) = Ports::of(&addresses).store(&paths.ports()) {
        warn!(%error, "the ports are not remembered for the next start");
    }
    let served = (people, router);
    control::listen(paths, served, orders, &addresses, stopping).await?;
    Ok((
        shell,
        Inbox {
            mesh: mesh_events,
            arrivals: arriving,
            orders: ordered,
        },
    ))
}

/// Pages under an old certificate are better than none.
fn renew_certificate(paths: &Paths, config: &Config) {
    let now_s = mesh::wall().as_millis() / 1000;
    match tls::renew(&paths.tls(), &tls::names(config), now_s) {
        Ok(Renewal::Fits) => {}
        Ok(Renewal::Renewed(names)) => info!(?names, "the pages have a new certificate"),
        Ok(Renewal::Foreign) => debug!("the certificate of the pages is not our own"),
        Err(error) => warn!(%error, "the certificate of the pages was not looked at"),
    }
}

/// Looks at the certificate for as long as the coordinator runs; the listeners take up what they find.
async fn renew_in_time(paths: Paths, config: Config, stopping: CancellationToken) {
    let mut look = tokio::time::interval(tls::LOOKED_AT);
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = look.tick() => renew_certificate(&paths, &config),
        }
    }
}

/// What followed the first root and charter, as entries of the identity log; most of them it holds already.
fn documents(certified: &Certified) -> anyhow::Result<Vec<Entry>> {
    let entries = certified.succession.entries().map(Entry::decode);
    Ok(entries.collect::<Result<_, _>>()?)
}

impl Shell {
    async fn run(mut self, mut inbox: Inbox, stopping: &CancellationToken) -> anyhow::Result<()> {
        let listening = self.mesh.listen_addresses();
        info!(?listening, mesh = %self.core.roster().charter().mesh, "collecting");
        let inherited = std::mem::take(&mut self.inherited);
        self.feed(inherited).await?;
        let told = self.join.mesh_addresses(&listening);
        self.feed(vec![Input::Listening { addresses: told }])
            .await?;
        let mut refresh = tokio::time::interval(REFRESH);
        let mut prune = tokio::time::interval(PRUNE.0);
        let mut audit = tokio::time::interval(countersign::SHOWN);
        let mut check = tokio::time::interval(CHECK);
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let appointed = self.appoint();
            self.feed(appointed).await?;
            let due = self.due();
            let inputs = tokio::select! {
                () = stopping.cancelled() => break,
                count = inbox.mesh.recv_many(&mut batch, BATCH) => {
                    anyhow::ensure!(count > 0, "the mesh driver ended");
                    batch.drain(..).filter_map(|event| self.translate(event)).collect()
                }
                Some(arrival) = inbox.arrivals.recv() => self.arrived(arrival),
                Some(order) = inbox.orders.recv() => self.ordered(order),
                waiting = self.depot.cut() => {
                    let served = waiting.into_iter();
                    served.filter_map(|(to, image, chunk)| self.serve(to, image, chunk)).collect()
                }
                _ = refresh.tick() => { self.publish(); self.look_at_repository() }
                _ = prune.tick() => { self.prune(); continue }
                _ = audit.tick() => self.show_audit(),
                _ = check.tick() => { self.check_if_due(); continue }
                () = tokio::time::sleep(due) => vec![Input::Tick],
            };
            self.feed(inputs).await?;
        }
        self.mesh.stop().await;
        Ok(())
    }

    fn translate(&mut self, event: MeshEvent) -> Option<Input> {
        self.translate_bulk(&event).or_else(|| translate(event))
    }

    fn due(&self) -> Duration {
        let now = self.now().monotonic;
        self.core
            .next_deadline()
            .map_or(REFRESH, |deadline| deadline.since(now))
    }

    fn publish(&mut self) {
        let pending = self
            .waiting
            .values()
            .map(|waiting| waiting.shown.clone())
            .collect();
        let mut live = Live::of(&self.core, pending, self.now().wall);
        if let Some(mark) = &self.invented {
            mark.dress(&mut live);
        }
        self.live.send_replace(Arc::new(live));
    }

    fn prune(&mut self) {
        let pruned = tokio::task::block_in_place(|| {
            self.store
                .prune(mesh::wall(), &Retention::default(), PRUNE.1)
        });
        if let Err(error) = pruned {
            warn!(%error, "old rows could not be dropped");
        }
    }

    fn now(&self) -> Now {
        now(self.started)
    }
}

fn now(started: Instant) -> Now {
    let since = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Now {
        monotonic: Mono::from_millis(since),
        wall: mesh::wall(),
    }
}

/// The mesh's words in the core's; what travels on substreams is the depot's.
fn translate(event: MeshEvent) -> Option<Input> {
    match event {
        MeshEvent::LinkUp { key, .. } => Some(Input::LinkUp { peer: PeerKey(key) }),
        MeshEvent::LinkDown { key, reason } => {
            debug!(peer = ?PeerKey(key), %reason, "link down");
            Some(Input::LinkDown { peer: PeerKey(key) })
        }
        MeshEvent::Frame { key, bytes } => match Message::decode(&bytes) {
            Ok(message) => Some(Input::Frame {
                from: PeerKey(key),
                message,
            }),
            Err(error) => {
                warn!(peer = ?PeerKey(key), %error, "a frame that cannot be read");
                None
            }
        },
        MeshEvent::Refused {
            address,
            reason,
            by,
            ..
        } => {
            warn!(%address, reason = reason.word(), remedy = reason.remedy(), ?by, "refused");
            None
        }
        MeshEvent::Asked { .. }
        | MeshEvent::Answered { .. }
        | MeshEvent::Withdrawn { .. }
        | MeshEvent::Served { .. }
        | MeshEvent::Discovered { .. }
        | MeshEvent::Unreachable { .. }
        | MeshEvent::Listening { .. } => None,
    }
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

/// Paths of the mesh listener as the core tells them to new members.
pub(crate) fn paths_of(addresses: &[String]) -> Vec<text::Path> {
    addresses
        .iter()
        .filter_map(|address| text::Path::new(address.as_str()).ok())
        .collect()
}

/// Of which model a device is it says at its own start only, which may have been long before this one.
fn recall_hosts(core: &mut Coordinator, reader: &Reader) {
    let members = core.roster().members();
    let devices: Vec<DeviceId> = members.map(|member| member.membership.device).collect();
    for device in devices {
        match reader.newest_start(&device) {
            Ok(Some(start)) => core.recall_host(device, &start.value),
            Ok(None) => {}
            Err(error) => warn!(%error, %device, "its newest start cannot be read"),
        }
    }
}
