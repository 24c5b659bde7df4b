//! One run of the scanner: its arguments, its output as it comes, and its end.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use findings::scan::nmap::{NmapReader, Step};
use protocol::limits;
use protocol::scan::{self, Depth, ScanStage, ScanStep};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::networks::Network;
use super::short;

/// Words about a running scan are this far apart: each is a record of this node's log.
const APART: Duration = Duration::from_secs(2);
/// A scan that takes longer has failed.
const LONGEST: Duration = Duration::from_secs(6 * 3600);
/// Bytes that are read at once, and of complaints that are kept.
const PIECE: usize = 32 * 1024;
const COMPLAINTS: usize = 4 * 1024;

/// Ports by which devices of these kinds are managed, asked and taken over.
const PORTS: &str = "21-23,25,53,80,81,88,102,110,111,123,135,139,143,161,389,443,445,502,515,548,554,587,623,631,873,\
993,995,1080,1433,1521,1723,1883,1900,2049,2222,2323,2375,2404,3000,3128,3306,3389,4840,4444,5000,5060,5222,5353,5432,5555,\
5683,5900,5985,6379,6667,7070,7547,8000,8008,8022,8080,8081,8083,8088,8443,8554,8883,8888,9000,9090,9100,9200,10001,\
11211,20000,23231,27017,31337,34567,37777,44818,47808,49152,50000,62078";

/// What one run is to do.
#[derive(Debug, Clone)]
pub struct Job {
    pub number: u64,
    pub program: PathBuf,
    pub targets: Vec<Network>,
    pub spared: Vec<IpAddr>,
    pub depth: Depth,
    pub folder: PathBuf,
}

/// Where what a job has found lies.
pub fn result(folder: &Path, job: u64) -> PathBuf {
    folder.join(format!("{job}.xml"))
}

pub fn finished(found: &[u8], hosts: usize) -> ScanStage {
    ScanStage::Finished {
        hosts: u32::try_from(hosts).unwrap_or(u32::MAX),
        bytes: found.len() as u64,
        digest: scan::digest(found),
    }
}

impl Job {
    /// Connections only, at a rate that small devices bear, and nothing is sent that changes anything: the probes for
    /// versions that nmap itself calls light, no scripts.
    pub fn arguments(&self) -> Vec<String> {
        let ports = match self.depth {
            Depth::Known => PORTS,
            Depth::Every => "1-65535",
        };
        let fixed = [
            "-oX",
            "-",
            "--stats-every",
            "1s",
            "-n",
            "-sT",
            "-sV",
            "--version-light",
            "-T3",
            "--max-retries",
            "1",
            "--max-rate",
            "100",
            "--host-timeout",
            "30m",
            "-p",
            ports,
        ];
        let mut arguments: Vec<String> = fixed.map(str::to_owned).into();
        if !self.spared.is_empty() {
            let spared: Vec<String> = self.spared.iter().map(ToString::to_string).collect();
            arguments.extend(["--exclude".to_owned(), spared.join(",")]);
        }
        arguments.extend(self.targets.iter().map(ToString::to_string));
        arguments
    }
}

/// Runs a job to its end, and says so once.
pub async fn run(job: Job, stop: CancellationToken, teller: mpsc::Sender<ScanStep>) {
    let number = job.number;
    let ended = tokio::select! {
        () = stop.cancelled() => ScanStage::Cancelled,
        () = tokio::time::sleep(LONGEST) => failed("it took longer than six hours"),
        ended = work(&job, &teller) => ended.unwrap_or_else(|why| failed(&why)),
    };
    if !matches!(ended, ScanStage::Finished { .. }) {
        // What came before the end is of no use.
        drop(fs::remove_file(partial(&job)));
    }
    let step = ScanStep {
        job: number,
        stage: ended,
    };
    // Nobody listens only when the node stops; the coordinator orders the job again then.
    drop(teller.send(step).await);
}

fn failed(why: &str) -> ScanStage {
    ScanStage::Failed { why: short(why) }
}

fn partial(job: &Job) -> PathBuf {
    job.folder.join(format!("{}.part", job.number))
}

async fn work(job: &Job, teller: &mpsc::Sender<ScanStep>) -> Result<ScanStage, String> {
    let told = |what: &str, error: std::io::Error| format!("{what}: {error}");
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&job.folder)
        .map_err(|error| told("its folder", error))?;
    let mut child = start(job)?;
    let (output, complaints) = (child.stdout.take(), child.stderr.take());
    let (output, complaints) = output.zip(complaints).ok_or("the scanner has no output")?;
    let (read, said) = tokio::join!(follow(job, output, teller), complained(complaints));
    let ended = child.wait().await.map_err(|error| told("its end", error))?;
    // What the scanner itself says of its end tells more than what is missing of its output.
    if !ended.success() {
        return Err(match said.is_empty() {
            true => format!("the scanner ended with {ended}"),
            false => said,
        });
    }
    let hosts = read?;
    let from = partial(job);
    let found = fs::read(&from).map_err(|error| told("what it found", error))?;
    fs::rename(&from, result(&job.folder, job.number))
        .map_err(|error| told("what it found", error))?;
    Ok(finished(&found, hosts))
}

fn start(job: &Job) -> Result<Child, String> {
    let started = Command::new(&job.program)
        .args(job.arguments())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env("LC_ALL", "C")
        .kill_on_drop(true)
        .spawn();
    started.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("{} is not installed", job.program.display()),
        _ => format!("{}: {error}", job.program.display()),
    })
}

/// Keeps the output as it comes, and says now and then how far it is; the error is final.
async fn follow(
    job: &Job,
    mut output: ChildStdout,
    teller: &mpsc::Sender<ScanStep>,
) -> Result<usize, String> {
    let path = partial(job);
    let mut file = tokio::fs::File::create(&path)
        .await
        .map_err(|error| format!("what it finds cannot be kept: {error}"))?;
    let mut reader = NmapReader::new();
    let mut progress = Progress::new(job.number);
    let mut piece = vec![0; PIECE];
    let mut kept = 0_u64;
    loop {
        let count = output
            .read(&mut piece)
            .await
            .map_err(|error| error.to_string())?;
        if count == 0 {
            break;
        }
        kept += count as u64;
        if kept > limits::SCAN_FOUND_BYTES {
            return Err("it finds more than is kept of one scan".to_owned());
        }
        let steps = reader
            .feed(&piece[..count])
            .map_err(|error| error.to_string())?;
        file.write_all(&piece[..count])
            .await
            .map_err(|error| format!("what it finds cannot be kept: {error}"))?;
        progress.take(&steps);
        if let Some(stage) = progress.due(Instant::now()) {
            let step = ScanStep {
                job: job.number,
                stage,
            };
            // A loop that is behind hears the next one.
            drop(teller.try_send(step));
        }
    }
    file.sync_all().await.map_err(|error| error.to_string())?;
    let hosts = reader.scan().hosts.len();
    match reader.finish() {
        Ok(scan) if matches!(scan.completeness, findings::scan::Completeness::Cut { .. }) => {
            Err("the scanner ended before its last word".to_owned())
        }
        Ok(_) => Ok(hosts),
        Err(error) => Err(error.to_string()),
    }
}

/// The last of what the scanner complains about.
async fn complained(mut complaints: ChildStderr) -> String {
    let mut kept = Vec::new();
    let mut piece = [0; 1024];
    while let Ok(count @ 1..) = complaints.read(&mut piece).await {
        kept.extend_from_slice(&piece[..count]);
        let over = kept.len().saturating_sub(COMPLAINTS);
        kept.drain(..over);
    }
    let text = String::from_utf8_lossy(&kept).into_owned();
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    findings::shown::line(last.unwrap_or_default(), 60)
}

/// How far it is, and when that was last said.
struct Progress {
    phase: String,
    done: u16,
    hosts: u32,
    said: Option<(Instant, ScanStage)>,
}

impl Progress {
    fn new(job: u64) -> Self {
        debug_assert!(job > 0, "jobs are counted from one");
        Self {
            phase: "starts".to_owned(),
            done: 0,
            hosts: 0,
            said: None,
        }
    }

    fn take(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::PhaseBegan { phase, .. } => (self.phase, self.done) = (phase.clone(), 0),
                Step::Progress { phase, done, .. } => {
                    (self.phase, self.done) = (phase.clone(), *done);
                }
                Step::PhaseEnded { phase, .. } => (self.phase, self.done) = (phase.clone(), 10_000),
                Step::HostFinished { .. } => self.hosts += 1,
                Step::Ended => {}
            }
        }
    }

    /// What there is to say, if enough time has passed and it is something else.
    fn due(&mut self, now: Instant) -> Option<ScanStage> {
        let stage = ScanStage::Running {
            phase: short(&self.phase),
            done: self.done,
            hosts: self.hosts,
        };
        let is_quiet = self
            .said
            .as_ref()
            .is_some_and(|(at, said)| now.duration_since(*at) < APART || *said == stage);
        if is_quiet {
            return None;
        }
        self.said = Some((now, stage.clone()));
        Some(stage)
    }
}
