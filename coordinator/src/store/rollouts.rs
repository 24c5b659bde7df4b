//! Rollouts: the course of each, and where each of its devices is.

use std::collections::BTreeMap;

use protocol::coordinator::save::KeptRollout;
use protocol::id::DeviceId;
use protocol::rollout::RolloutId;
use redb::{ReadTransaction, WriteTransaction};

use super::fault::Fault;
use super::rows::Table;

pub(super) static ROLLOUTS: Table = Table::new("rollouts");
pub(super) static ROLLOUT_DEVICES: Table = Table::new("rollout_devices");

pub(super) fn put(txn: &WriteTransaction, id: RolloutId, course: &[u8]) -> Result<(), Fault> {
    let mut rows = ROLLOUTS.writable(txn)?;
    rows.put(&id.0.to_be_bytes(), &mut course.to_vec())
}

pub(super) fn put_device(
    txn: &WriteTransaction,
    id: RolloutId,
    device: &DeviceId,
    entry: &[u8],
) -> Result<(), Fault> {
    let mut rows = ROLLOUT_DEVICES.writable(txn)?;
    rows.put(&key(id, device), &mut entry.to_vec())
}

pub(super) fn forget(txn: &WriteTransaction, id: RolloutId) -> Result<(), Fault> {
    ROLLOUTS.writable(txn)?.remove(&id.0.to_be_bytes())?;
    let mut rows = ROLLOUT_DEVICES.writable(txn)?;
    let keys = rows.all(|key, _| Some((key.to_vec(), ())))?;
    let of_it = |key: &&Vec<u8>| key.starts_with(&id.0.to_be_bytes());
    let keys: Vec<Vec<u8>> = keys.into_iter().map(|(key, ())| key).collect();
    for key in keys.iter().filter(of_it) {
        rows.remove(key)?;
    }
    Ok(())
}

/// Every rollout as it was saved; a device without its rollout is a row of nothing.
pub(super) fn all(txn: &ReadTransaction) -> Result<BTreeMap<RolloutId, KeptRollout>, Fault> {
    let rows = ROLLOUTS.readable(txn)?;
    let courses = rows.all(|key, row| Some((number(key)?, row.to_vec())))?;
    let mut all: BTreeMap<_, _> = courses
        .into_iter()
        .map(|(id, course)| {
            let entries = BTreeMap::new();
            (id, KeptRollout { course, entries })
        })
        .collect();
    let rows = ROLLOUT_DEVICES.readable(txn)?;
    let devices = rows.all(|key, row| {
        let (id, device) = key.split_at_checked(8)?;
        let device = DeviceId::from_bytes(device.try_into().ok()?);
        Some(((number(id)?, device), row.to_vec()))
    })?;
    for ((id, device), entry) in devices {
        if let Some(kept) = all.get_mut(&id) {
            kept.entries.insert(device, entry);
        }
    }
    Ok(all)
}

fn key(id: RolloutId, device: &DeviceId) -> Vec<u8> {
    [&id.0.to_be_bytes()[..], device.as_bytes()].concat()
}

fn number(key: &[u8]) -> Option<RolloutId> {
    key.try_into().ok().map(u64::from_be_bytes).map(RolloutId)
}
