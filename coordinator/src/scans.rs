//! Scans as jobs: who is to scan what, how far it is, and what is done with what was found.
//!
//! A job is in the store from its beginning. Orders are told again until a node has said something, and what a node has found
//! is asked for part by part, so that a restart of either side only costs time.

pub mod document;
pub mod plan;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use findings::time::Moment;
use protocol::coordinator::Event;
use protocol::id::DeviceId;
use protocol::limits;
use protocol::scan::{self, Depth, ScanOrder, ScanPart, ScanStage, ScanStep, Wish};
use protocol::text::Name;
use protocol::time::Timestamp;
use thiserror::Error;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::live::LiveHandle;
use crate::orders::Orders;
use crate::risk::intake::{Bringer, read_scan};
use crate::risk::{Risk, now};
use crate::store::Writer;
use crate::store::audit::Act;
use crate::store::fault::{ChangeError, ReadError};
use crate::store::jobs::{Errand, Job, Ports, ScanWish, Schedule, Stage};
use plan::PlanError;

/// Parts of scans that wait to be taken up.
pub const PARTS: usize = 64;
/// How often jobs are looked at.
const LOOK: Duration = Duration::from_secs(3);
/// An order is told again after this, and a part is asked for again.
const AGAIN_S: u64 = 10;
/// A node that says nothing about a running scan for this long is asked how it stands.
const QUIET_S: u64 = 60;
/// Decoys are told again after this that a node scans: an errand lasts an hour.
const EXCUSE_S: u64 = 50 * 60;
/// The shortest time between two scans of a schedule.
const OFTEN_S: u64 = 3600;

/// One handle for pages, programs and the command line.
#[derive(Debug, Clone)]
pub struct Scans(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    risk: Risk,
    writer: Writer,
    live: LiveHandle,
    orders: Orders,
    desk: Mutex<Desk>,
}

/// What stays between two looks.
#[derive(Debug, Default)]
struct Desk {
    /// What has come so far of what nodes have found.
    fetched: BTreeMap<(u64, DeviceId), Vec<u8>>,
    /// When decoys were last told that the node scans.
    excused: BTreeMap<(u64, DeviceId), Moment>,
    /// When each of them was last told or asked something.
    told: BTreeMap<(u64, DeviceId), Moment>,
}

/// Why a scan is not ordered.
#[derive(Debug, Error)]
pub enum ScanError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error("there is no such scan")]
    NoSuch,
    #[error("the scan is over already")]
    Over,
    #[error("a schedule has at least an hour between two scans")]
    Often,
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// What is to be told to whom.
#[derive(Debug)]
enum Word {
    Order(Box<ScanOrder>, Vec<IpAddr>),
    Want {
        device: DeviceId,
        job: u64,
        from: u64,
    },
}

impl Scans {
    pub fn new(risk: Risk, writer: Writer, live: LiveHandle, orders: Orders) -> Self {
        Self(Arc::new(Inner {
            risk,
            writer,
            live,
            orders,
            desk: Mutex::default(),
        }))
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans a job and stores it; nodes hear of it at the next look. Whoever may not govern cannot name a device whose
    /// class is never scanned.
    pub fn ask(&self, wish: &ScanWish, by: &str, act: Act) -> Result<Job, ScanError> {
        let _turn = self.desk();
        let index = self.0.risk.index();
        let live = Arc::clone(&self.0.live.borrow());
        let plan = plan::plan(wish, &index.devices, &live)?;
        let newest = self.0.risk.reader().jobs(1)?;
        // By the clock, so that a restored store gives no number that a node has seen.
        let number = newest.first().map_or(0, |job| job.number + 1).max(now().0);
        let job = Job {
            number,
            asked: now(),
            by: by.to_owned(),
            wish: wish.clone(),
            spared: plan.spared,
            errands: plan.errands,
        };
        self.0.writer.write(|changes| {
            changes.put_job(&job)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(job)
    }

    /// What has not ended is told to stop.
    pub fn cancel(&self, number: u64, act: Act) -> Result<(), ScanError> {
        let mut desk = self.desk();
        let mut job = self.0.risk.reader().job(number)?.ok_or(ScanError::NoSuch)?;
        if job.is_over() {
            return Err(ScanError::Over);
        }
        for errand in job
            .errands
            .iter_mut()
            .filter(|errand| !errand.stage.is_over())
        {
            errand.at = now();
            errand.stage = match errand.stage {
                Stage::Ordered => Stage::Cancelled,
                _ => Stage::Cancelling,
            };
        }
        desk.told.retain(|(job, _), _| *job != number);
        desk.fetched.retain(|(job, _), _| *job != number);
        self.0.writer.write(|changes| {
            changes.put_job(&job)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(())
    }

    /// From here on a scan is asked for that often.
    pub fn schedule(
        &self,
        wish: ScanWish,
        every_s: u64,
        by: &str,
        act: Act,
    ) -> Result<u64, ScanError> {
        if every_s < OFTEN_S {
            return Err(ScanError::Often);
        }
        let live = Arc::clone(&self.0.live.borrow());
        plan::plan(&wish, &self.0.risk.index().devices, &live)?;
        let known = self.0.risk.reader().schedules()?;
        let number = known.last().map_or(1, |schedule| schedule.number + 1);
        let schedule = Schedule {
            number,
            wish,
            by: by.to_owned(),
            every_s,
            next: now(),
            trouble: None,
        };
        self.0.writer.write(|changes| {
            changes.put_schedule(&schedule)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(number)
    }

    pub fn unschedule(&self, number: u64, act: Act) -> Result<(), ScanError> {
        self.0.writer.write(|changes| {
            changes.remove_schedule(number)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(())
    }

    /// Takes up what nodes say and send, and looks now and then, until the coordinator stops.
    pub async fn work(
        self,
        mut events: Receiver<Event>,
        mut parts: mpsc::Receiver<(DeviceId, ScanPart)>,
        stopping: CancellationToken,
    ) {
        let mut look = tokio::time::interval(LOOK);
        loop {
            let done = tokio::select! {
                () = stopping.cancelled() => return,
                event = events.recv() => match event {
                    Ok(Event::Scanned { device, step }) => {
                        self.beside(move |scans| scans.stepped(device, &step)).await
                    }
                    // What was missed is said again when the node is asked how it stands.
                    Ok(_) | Err(RecvError::Lagged(_)) => continue,
                    Err(RecvError::Closed) => return,
                },
                Some((device, part)) = parts.recv() => {
                    self.beside(move |scans| scans.part(device, &part)).await
                }
                _ = look.tick() => self.beside(Self::look).await,
            };
            match done {
                Ok(words) => self.tell(words).await,
                Err(error) => warn!(%error, "scans are not looked after"),
            }
        }
    }

    async fn beside(
        &self,
        work: impl FnOnce(&Self) -> Result<Vec<Word>, ScanError> + Send + 'static,
    ) -> Result<Vec<Word>, ScanError> {
        let scans = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&scans)).await;
        done.unwrap_or_else(|_| Ok(Vec::new()))
    }

    async fn tell(&self, words: Vec<Word>) {
        for word in words {
            let told = match word {
                Word::Order(order, sources) => self.0.orders.scan(*order, sources).await,
                Word::Want { device, job, from } => {
                    self.0.orders.want_scan(device, job, from).await
                }
            };
            if told.is_err() {
                return;
            }
        }
    }

    /// Orders and questions that are due, schedules whose time has come, and what nobody has begun.
    fn look(&self) -> Result<Vec<Word>, ScanError> {
        self.ask_scheduled()?;
        let mut desk = self.desk();
        let live = Arc::clone(&self.0.live.borrow());
        let mesh = live.roster.charter().mesh;
        let mut words = Vec::new();
        let jobs = self.0.risk.reader().jobs(usize::MAX)?;
        for mut job in jobs.into_iter().filter(|job| !job.is_over()) {
            let mut changed = false;
            let (number, depth) = (job.number, job.wish.depth);
            for errand in job
                .errands
                .iter_mut()
                .filter(|errand| !errand.stage.is_over())
            {
                let Ok(device) = errand.node.parse::<DeviceId>() else {
                    continue;
                };
                if errand.stage == Stage::Ordered && errand.until <= now() {
                    (errand.stage, errand.at, changed) = (Stage::Expired, now(), true);
                    continue;
                }
                let key = (number, device);
                let pause = match errand.stage {
                    Stage::Running { .. } => QUIET_S,
                    _ => AGAIN_S,
                };
                let last = desk.told.get(&key).copied().max(match errand.stage {
                    Stage::Running { .. } => Some(errand.at),
                    _ => None,
                });
                if last.is_some_and(|last| now().0 < last.0 + pause) {
                    continue;
                }
                desk.told.insert(key, now());
                words.push(match errand.stage {
                    Stage::Fetching { .. } => Word::Want {
                        device,
                        job: number,
                        from: desk.fetched.get(&key).map_or(0, Vec::len) as u64,
                    },
                    _ => {
                        let order = order(mesh, number, device, errand, depth);
                        let sources = self.sources(&mut desk, key, errand);
                        Word::Order(Box::new(order), sources)
                    }
                });
            }
            if changed {
                self.0.writer.write(|changes| changes.put_job(&job))?;
            }
        }
        Ok(words)
    }

    /// The addresses from which the node scans, when decoys have not been told lately.
    fn sources(&self, desk: &mut Desk, key: (u64, DeviceId), errand: &Errand) -> Vec<IpAddr> {
        let told = desk.excused.get(&key);
        let is_told = told.is_some_and(|told| now().0 < told.0 + EXCUSE_S);
        if is_told || errand.stage == Stage::Cancelling {
            return Vec::new();
        }
        desk.excused.insert(key, now());
        let index = self.0.risk.index();
        let known = index.devices.get(&errand.node);
        let addresses = known.iter().flat_map(|known| &known.addresses);
        addresses
            .filter(|address| !address.is_loopback())
            .copied()
            .collect()
    }

    fn ask_scheduled(&self) -> Result<(), ScanError> {
        for mut schedule in self.0.risk.reader().schedules()? {
            if schedule.next > now() {
                continue;
            }
            schedule.next = Moment(now().0 + schedule.every_s);
            let act = crate::access::act("scan.ask", &format!("schedule {}", schedule.number));
            let asked = match act {
                Ok(act) => self.ask(&schedule.wish, &schedule.by, act),
                Err(_) => continue,
            };
            schedule.trouble = asked.err().map(|error| error.to_string());
            self.0
                .writer
                .write(|changes| changes.put_schedule(&schedule))?;
        }
        Ok(())
    }

    /// A node says how it stands.
    fn stepped(&self, device: DeviceId, step: &ScanStep) -> Result<Vec<Word>, ScanError> {
        let mut desk = self.desk();
        let Some(mut job) = self.0.risk.reader().job(step.job)? else {
            return Ok(Vec::new());
        };
        let node = device.to_string();
        let Some(errand) = job.errands.iter_mut().find(|errand| errand.node == node) else {
            return Ok(Vec::new());
        };
        if errand.stage.is_over() {
            return Ok(Vec::new());
        }
        let stops = errand.stage == Stage::Cancelling;
        let mut words = Vec::new();
        let stage = match &step.stage {
            // It has not heard of the end yet.
            ScanStage::Running { .. } if stops => return Ok(Vec::new()),
            ScanStage::Running { phase, done, hosts } => Stage::Running {
                phase: phase.to_string(),
                done: *done,
                hosts: *hosts,
            },
            ScanStage::Finished { .. } if stops => Stage::Cancelled,
            ScanStage::Finished {
                hosts,
                bytes,
                digest,
            } => {
                desk.told.insert((step.job, device), now());
                words.push(Word::Want {
                    device,
                    job: step.job,
                    from: 0,
                });
                desk.fetched.remove(&(step.job, device));
                Stage::Fetching {
                    hosts: *hosts,
                    bytes: *bytes,
                    digest: digest.to_string(),
                }
            }
            ScanStage::Refused { why } => Stage::Refused {
                why: why.to_string(),
            },
            ScanStage::Failed { why } => Stage::Failed {
                why: why.to_string(),
            },
            ScanStage::Cancelled => Stage::Cancelled,
        };
        (errand.stage, errand.at) = (stage, now());
        self.0.writer.write(|changes| changes.put_job(&job))?;
        Ok(words)
    }

    /// A node sends a part of what it has found.
    fn part(&self, device: DeviceId, part: &ScanPart) -> Result<Vec<Word>, ScanError> {
        let mut desk = self.desk();
        let Some(mut job) = self.0.risk.reader().job(part.job)? else {
            return Ok(Vec::new());
        };
        let node = device.to_string();
        let found = job.errands.iter_mut().find(|errand| errand.node == node);
        let Some(errand) = found else {
            return Ok(Vec::new());
        };
        let Stage::Fetching {
            hosts,
            bytes,
            digest,
        } = errand.stage.clone()
        else {
            return Ok(Vec::new());
        };
        let key = (part.job, device);
        let ends = if part.total != bytes || bytes > limits::SCAN_FOUND_BYTES {
            desk.fetched.remove(&key);
            Stage::Failed {
                why: "the node sends something else than it has signed for".to_owned(),
            }
        } else {
            let so_far = desk.fetched.entry(key).or_default();
            if part.from != so_far.len() as u64 {
                return Ok(Vec::new());
            }
            so_far.extend_from_slice(&part.bytes);
            if (so_far.len() as u64) < bytes && !part.bytes.is_empty() {
                let from = so_far.len() as u64;
                desk.told.insert(key, now());
                return Ok(vec![Word::Want {
                    device,
                    job: part.job,
                    from,
                }]);
            }
            let found = desk.fetched.remove(&key).unwrap_or_default();
            self.take_up(&found, &digest, hosts, part.job, &node)
        };
        (errand.stage, errand.at) = (ends, now());
        desk.told.remove(&key);
        self.0.writer.write(|changes| changes.put_job(&job))?;
        Ok(Vec::new())
    }

    fn take_up(&self, found: &[u8], digest: &str, hosts: u32, job: u64, node: &str) -> Stage {
        let failed = |why: &str| Stage::Failed {
            why: why.to_owned(),
        };
        if scan::digest(found).to_string() != digest {
            return failed("the node sends something else than it has signed for");
        }
        let bringer = Bringer {
            by: node.to_owned(),
            job: Some(job),
        };
        let read = match read_scan(found) {
            Ok(read) => read,
            Err(error) => return failed(&error.to_string()),
        };
        match self.0.risk.take_scan(&read, found, None, &bringer, None) {
            Ok(brought) => {
                info!(job, node, hosts, "a scan is taken up");
                Stage::Finished {
                    hosts,
                    scan: brought.scan.unwrap_or_default(),
                }
            }
            Err(crate::risk::intake::IntakeError::NobodyUp) => {
                Stage::Finished { hosts: 0, scan: 0 }
            }
            Err(error) => failed(&error.to_string()),
        }
    }
}

fn order(
    mesh: protocol::id::MeshId,
    job: u64,
    device: DeviceId,
    errand: &Errand,
    depth: Ports,
) -> ScanOrder {
    let names = |texts: &[String]| {
        texts
            .iter()
            .filter_map(|text| Name::new(text.as_str()).ok())
            .collect()
    };
    ScanOrder {
        mesh,
        job,
        device,
        // Whoever was told before and lost it with a restart may still begin.
        until: Timestamp::from_millis(errand.until.0.max(now().0 + QUIET_S) * 1000),
        wish: match errand.stage {
            Stage::Cancelling => Wish::Cancel,
            _ => Wish::Begin,
        },
        depth: match depth {
            Ports::Known => Depth::Known,
            Ports::Every => Depth::Every,
        },
        targets: names(&errand.targets),
        spared: names(&errand.spared),
    }
}
