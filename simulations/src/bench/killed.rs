//! The same ingest in a process that is killed with signal 9: what it had acknowledged has to be there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use coordinator::store::Store;
use coordinator::store::key::StoreKey;

use super::ingest::{self, Load};

/// What the process had acknowledged, and what was found afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Killed {
    pub acknowledged: u64,
    pub recovered: u64,
}

/// Runs this program's hidden `bench ingest-child`, kills it after some batches, and counts.
pub fn run(dir: &Path, devices: usize, records: usize, after: usize) -> anyhow::Result<Killed> {
    let mut child = Command::new(std::env::current_exe()?)
        .args([
            "bench",
            "ingest-child",
            "--devices",
            &devices.to_string(),
            "--records",
            &records.to_string(),
        ])
        .arg("--dir")
        .arg(dir)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut acknowledged = 0;
    if let Some(output) = child.stdout.take() {
        for (batches, line) in BufReader::new(output).lines().enumerate() {
            acknowledged = line?.trim().parse()?;
            if batches + 1 >= after {
                break;
            }
        }
    }
    child.kill()?;
    child.wait()?;
    Ok(Killed {
        acknowledged,
        recovered: count(dir)?,
    })
}

/// The child: ingests for ever longer, and says after each batch how much is acknowledged.
pub fn child(load: &Load, dir: &Path) -> anyhow::Result<()> {
    let mut told = Ok(());
    ingest::ingest(load, dir, |acknowledged| {
        let mut output = std::io::stdout().lock();
        told = writeln!(output, "{acknowledged}").and_then(|()| output.flush());
    })?;
    Ok(told?)
}

fn count(dir: &Path) -> anyhow::Result<u64> {
    let (store, memory) =
        Store::open(&dir.join("coordinator.redb"), StoreKey::from_bytes([3; 32]))?;
    let reader = store.reader();
    let mut found = 0;
    for device in memory.devices.keys() {
        found += reader.record_count(device)?;
    }
    Ok(found)
}
