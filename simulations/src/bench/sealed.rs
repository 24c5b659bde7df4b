//! What sealing the store's pages costs: the same records into a sealed store and into one in the clear, in turns.

use std::fs;
use std::path::Path;
use std::time::Instant as Clock;

use coordinator::store::key::StoreKey;
use coordinator::store::sealed::in_the_clear;
use coordinator::store::{Integrity, Store};

use super::ingest::{Load, ingest};

/// How often each is measured.
const TURNS: usize = 2;

/// Seconds and bytes of one form, the turns added up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// Records checked and durably stored.
    pub ingest_s: f64,
    /// Every row read once after an opening.
    pub read_s: f64,
    /// Every page checked.
    pub check_s: f64,
    pub bytes: u64,
}

/// What the bench measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured {
    pub records: usize,
    pub sealed: Cost,
    pub plain: Cost,
}

pub fn measure(load: &Load, dir: &Path) -> anyhow::Result<Measured> {
    let mut measured = Measured {
        records: load.frames.len() * TURNS,
        ..Measured::default()
    };
    for turn in 0..TURNS {
        let (sealed, plain) = (dir.join(format!("{turn}s")), dir.join(format!("{turn}p")));
        fs::create_dir(&sealed)?;
        one(load, &sealed, &mut measured.sealed)?;
        fs::create_dir(&plain)?;
        in_the_clear(&plain.join("coordinator.redb"))?;
        one(load, &plain, &mut measured.plain)?;
    }
    Ok(measured)
}

fn one(load: &Load, dir: &Path, cost: &mut Cost) -> anyhow::Result<()> {
    cost.ingest_s += ingest(load, dir, |_| {})?;
    let path = dir.join("coordinator.redb");
    let (mut store, _) = Store::open(&path, StoreKey::from_bytes([3; 32]))?;
    let clock = Clock::now();
    store.reader().state_hash()?;
    cost.read_s += clock.elapsed().as_secs_f64();
    let clock = Clock::now();
    anyhow::ensure!(store.check()? == Integrity::Sound, "the store is not sound");
    cost.check_s += clock.elapsed().as_secs_f64();
    drop(store);
    cost.bytes += fs::metadata(&path)?.len();
    fs::remove_dir_all(dir)?;
    Ok(())
}
