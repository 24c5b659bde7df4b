//! Scans of this node's own segments, one after the other: ordered by the coordinator, made by nmap, kept until they are fetched.

mod networks;
mod program;

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use findings::scan::nmap::NmapReader;
use protocol::command::{CommandId, Outcome, Refusal};
use protocol::limits;
use protocol::node::{ScanAsked, ScanTold};
use protocol::scan::{Depth, ScanOrder, ScanPart, ScanStage, ScanStep, Wish};
use protocol::text::Name;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::pieces;
use networks::Network;
use program::Job;

/// Jobs that wait for the one before them.
const WAITING: usize = 8;
/// Jobs of which the end is remembered, and results that are kept.
const REMEMBERED: usize = 16;
/// Words of running jobs that wait for the loop.
const NEWS: usize = 16;

/// Everything about scans on this host.
#[derive(Debug)]
pub(crate) struct Scans {
    /// Where results lie until they are fetched, and for a while after.
    folder: PathBuf,
    /// `None` where this node scans nothing.
    program: Option<PathBuf>,
    /// Says which networks this host is on.
    own: fn() -> Vec<Network>,
    running: Option<(u64, CancellationToken)>,
    waiting: VecDeque<Job>,
    /// How jobs stand, by number.
    stages: BTreeMap<u64, ScanStage>,
    /// Jobs that commands have asked for.
    commanded: BTreeMap<u64, CommandId>,
    news: mpsc::Receiver<ScanStep>,
    teller: mpsc::Sender<ScanStep>,
}

/// What comes of jobs.
#[derive(Debug)]
pub(crate) enum Scanned {
    /// For the coordinator that ordered it.
    Told(ScanTold),
    /// A scan that a command asked for is over; what it has found lies in a file.
    Commanded {
        command: CommandId,
        stage: ScanStage,
        found: PathBuf,
    },
}

impl Scans {
    pub fn new(dir: &Path, program: Option<PathBuf>) -> Self {
        Self::on(dir, program, networks::own)
    }

    fn on(dir: &Path, program: Option<PathBuf>, own: fn() -> Vec<Network>) -> Self {
        let (teller, news) = mpsc::channel(NEWS);
        Self {
            folder: dir.join("scans"),
            program,
            own,
            running: None,
            waiting: VecDeque::new(),
            stages: BTreeMap::new(),
            commanded: BTreeMap::new(),
            news,
            teller,
        }
    }

    /// What a running job has come to.
    pub async fn next(&mut self) -> Scanned {
        loop {
            let Some(step) = self.news.recv().await else {
                return std::future::pending().await;
            };
            if step.stage.is_over() {
                self.running = None;
                self.go_on();
            }
            let Some(command) = self.commanded.get(&step.job).copied() else {
                self.remember(step.job, step.stage.clone());
                return Scanned::Told(ScanTold::Step(step));
            };
            if step.stage.is_over() {
                self.commanded.remove(&step.job);
                let stage = step.stage;
                let found = program::result(&self.folder, step.job);
                return Scanned::Commanded {
                    command,
                    stage,
                    found,
                };
            }
        }
    }

    /// Scans the subnets of this host, as a command says.
    pub fn command(&mut self, command: CommandId) -> Result<(), Outcome> {
        let Some(program) = &self.program else {
            let why = Refusal::NoScanner;
            return Err(Outcome::Refused { why });
        };
        let targets = (self.own)();
        let why = match targets.is_empty() {
            true => Some("this host is in no subnet that can be scanned"),
            false if self.waiting.len() >= WAITING => Some("too many scans wait on this node"),
            false => None,
        };
        if let Some(why) = why {
            return Err(Outcome::Failed { why: short(why) });
        }
        // Jobs of the coordinator are numbered by its clock, far below.
        let number = (1 << 63) | u64::from_be_bytes(*first(&command.0));
        self.commanded.insert(number, command);
        self.waiting.push_back(Job {
            number,
            program: program.clone(),
            targets,
            spared: Vec::new(),
            depth: Depth::Known,
            folder: self.folder.clone(),
        });
        self.go_on();
        Ok(())
    }

    /// Does what is asked; what can be answered at once is.
    pub fn asked(&mut self, asked: ScanAsked) -> Option<ScanTold> {
        match asked {
            ScanAsked::Order(order) => {
                let stage = match order.wish {
                    Wish::Begin => self.begin(&order),
                    Wish::Cancel => self.cancel(order.job),
                };
                let job = order.job;
                stage.map(|stage| ScanTold::Step(ScanStep { job, stage }))
            }
            ScanAsked::Wanted { job, from } => Some(ScanTold::Part(self.part(job, from))),
        }
    }

    /// The same job twice is one job: whoever asks again is told how it stands.
    fn begin(&mut self, order: &ScanOrder) -> Option<ScanStage> {
        if let Some(stage) = self.stages.get(&order.job) {
            return Some(stage.clone());
        }
        if let Some(stage) = self.kept(order.job) {
            self.remember(order.job, stage.clone());
            return Some(stage);
        }
        let stage = match self.job(order) {
            Ok(job) => {
                self.waiting.push_back(job);
                ScanStage::Running {
                    phase: short("waits for its turn"),
                    done: 0,
                    hosts: 0,
                }
            }
            Err(why) => ScanStage::Refused { why: short(&why) },
        };
        self.remember(order.job, stage.clone());
        self.go_on();
        Some(stage)
    }

    fn job(&self, order: &ScanOrder) -> Result<Job, String> {
        let Some(program) = &self.program else {
            return Err("this node scans nothing: set scan.program".to_owned());
        };
        if self.waiting.len() >= WAITING {
            return Err("too many scans wait on this node".to_owned());
        }
        let own = (self.own)();
        let target = |text: &Name| {
            let network: Network = text
                .as_str()
                .parse()
                .map_err(|_| format!("{text} is no network"))?;
            match own.iter().any(|own| own.holds(&network)) {
                true => Ok(network),
                false => Err(format!("{text} is not in a subnet of this node")),
            }
        };
        let targets = order.targets.iter().map(target);
        let spared = order
            .spared
            .iter()
            .filter_map(|text| text.as_str().parse().ok());
        Ok(Job {
            number: order.job,
            program: program.clone(),
            targets: targets.collect::<Result<_, _>>()?,
            spared: spared.collect(),
            depth: order.depth,
            folder: self.folder.clone(),
        })
    }

    fn cancel(&mut self, job: u64) -> Option<ScanStage> {
        if let Some((running, stop)) = &self.running
            && *running == job
        {
            stop.cancel();
            return None;
        }
        self.waiting.retain(|waiting| waiting.number != job);
        let over = self.stages.get(&job).filter(|stage| stage.is_over());
        let stage = over.cloned().unwrap_or(ScanStage::Cancelled);
        self.remember(job, stage.clone());
        Some(stage)
    }

    fn go_on(&mut self) {
        if self.running.is_some() {
            return;
        }
        let Some(job) = self.waiting.pop_front() else {
            return;
        };
        let stop = CancellationToken::new();
        self.running = Some((job.number, stop.clone()));
        self.clear_out();
        tokio::spawn(program::run(job, stop, self.teller.clone()));
    }

    fn remember(&mut self, job: u64, stage: ScanStage) {
        self.stages.insert(job, stage);
        while self.stages.len() > REMEMBERED {
            self.stages.pop_first();
        }
    }

    /// A job that an earlier life of this program has finished.
    fn kept(&self, job: u64) -> Option<ScanStage> {
        let found = fs::read(program::result(&self.folder, job)).ok()?;
        let mut reader = NmapReader::new();
        reader.feed(&found).ok()?;
        Some(program::finished(&found, reader.scan().hosts.len()))
    }

    fn part(&self, job: u64, from: u64) -> ScanPart {
        let path = program::result(&self.folder, job);
        let piece = pieces::read(&path, from, limits::SCAN_PART_BYTES);
        ScanPart {
            job,
            from,
            total: piece.total,
            bytes: piece.bytes.into(),
        }
    }

    /// Old results go; the coordinator has had days to fetch them.
    fn clear_out(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let number = |path: &Path| path.file_stem()?.to_str()?.parse::<u64>().ok();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut results: Vec<(u64, PathBuf)> = paths
            .filter_map(|path| Some((number(&path)?, path)))
            .collect();
        results.sort();
        let over = results.len().saturating_sub(REMEMBERED);
        for (_, path) in results.drain(..over) {
            if let Err(error) = fs::remove_file(&path) {
                warn!(%error, "an old scan stays");
            }
        }
    }
}

fn first(id: &[u8; 16]) -> &[u8; 8] {
    id.first_chunk().expect("sixteen are more than eight")
}

fn short(text: &str) -> Name {
    Name::fitted(text).unwrap_or_else(|| Name::new("no words").expect("two short words fit"))
}

#[cfg(test)]
mod tests;
