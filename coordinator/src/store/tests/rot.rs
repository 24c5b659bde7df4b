//! A bit that flips while the store lies there is noticed, wherever it is.

use super::rig::{self, Disk, at, device, position, readings, saved};
use crate::store::fault::{ChangeError, ReadError};
use crate::store::rows::Table;
use crate::store::samples::LEVELS;
use crate::store::samples::metric::Metric;
use crate::store::{Integrity, Store, tables};
use protocol::dice::Dice;
use protocol::id::Digest;

const FLIPS: u32 = 1_000;

fn filled() -> Vec<u8> {
    let disk = Disk::default();
    let (mut store, _) = disk.open();
    let mut batch = vec![rig::enrolled(1), rig::enrolled(2)];
    batch.extend(readings(1, 0..60));
    batch.extend(readings(2, 0..60));
    batch.push(saved(rig::collected(
        1,
        position(1, 0),
        at(700_000),
        rig::listing("nginx"),
    )));
    store.commit(&batch).expect("it is stored");
    let act = rig::act("look");
    let written = store.writer().write(|changes| {
        for _ in 0..20 {
            changes.audit(act.clone())?;
        }
        Ok::<_, ChangeError>(())
    });
    written.expect("it is stored");
    drop(store);
    disk.bytes()
}

/// A digest of every row of every table.
fn everything(store: &Store) -> Result<Digest, ReadError> {
    let mut all = Vec::new();
    store.engine.read(|txn| {
        for table in tables() {
            all.extend_from_slice(table.name().as_bytes());
            let rows = table.readable(txn)?;
            rows.visit(.., |key, value| {
                all.extend_from_slice(key);
                all.extend_from_slice(value);
                Ok(std::ops::ControlFlow::Continue(()))
            })?;
        }
        Ok(())
    })?;
    Ok(Digest::of("test of every row", &[&all]))
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Noticed,
    Harmless,
    Silent,
}

fn outcome(bytes: Vec<u8>, truth: Digest) -> Outcome {
    let Ok((mut store, _)) = Store::with_backend(Disk::of(bytes), rig::key()) else {
        return Outcome::Noticed;
    };
    if store.integrity() == Integrity::Repaired {
        return Outcome::Noticed;
    }
    match (store.check(), everything(&store)) {
        (Ok(Integrity::Sound), Ok(found)) if found == truth => Outcome::Harmless,
        (Ok(Integrity::Sound), Ok(_)) => Outcome::Silent,
        _ => Outcome::Noticed,
    }
}

#[test]
fn a_thousand_flipped_bits_are_noticed_by_the_check_or_do_no_harm() {
    let sound = filled();
    let (store, _) = Disk::of(sound.clone()).open();
    let truth = everything(&store).expect("a sound store");
    drop(store);
    let written: Vec<usize> = (0..sound.len()).filter(|&byte| sound[byte] != 0).collect();
    let mut dice = Dice::from_seed([1; 32]);
    let mut noticed = 0;
    for _ in 0..FLIPS {
        let byte = written[dice.below(written.len() as u64) as usize];
        let mut bytes = sound.clone();
        bytes[byte] ^= 1 << dice.below(8);
        match outcome(bytes, truth) {
            Outcome::Noticed => noticed += 1,
            Outcome::Harmless => {}
            Outcome::Silent => panic!("a bit of byte {byte} flipped in silence"),
        }
    }
    assert!(noticed > FLIPS / 4, "only {noticed} flips hit anything");
}

#[test]
fn a_row_that_was_changed_behind_the_engine_is_an_error() {
    let (mut store, _) = Disk::default().open();
    store.commit(&readings(1, 0..3)).expect("it is stored");
    let tables: [&Table; 3] = [
        &crate::store::records::RECORDS,
        &crate::store::cursors::CURSORS,
        &LEVELS[0].table,
    ];
    for table in tables {
        rot(&store, table);
    }
    let reader = store.reader();
    let damaged = |error| matches!(error, ReadError::Damaged(_));
    assert!(reader.records(&device(1), None, 9).is_err_and(damaged));
    assert!(reader.record_count(&device(1)).is_err_and(damaged));
    let series = reader.series(&device(1), Metric::CpuPermille, at(0), at(60_000), 10);
    assert!(series.is_err_and(damaged));
}

/// Flips a bit of the first entry of the audit log.
pub fn rot_audit(store: &Store) {
    rot(store, &crate::store::audit::AUDIT);
}

/// Flips a bit of the first value of a table, below its checksum.
fn rot(store: &Store, table: &'static Table) {
    use redb::{ReadableTable as _, TableDefinition};
    let written = store.engine.write(|txn| {
        let name = TableDefinition::<&[u8], &[u8]>::new(table.name());
        let mut rows = txn.open_table(name)?;
        let (key, mut value) = {
            let (key, value) = rows.first()?.expect("a row");
            (key.value().to_vec(), value.value().to_vec())
        };
        value[0] ^= 4;
        rows.insert(key.as_slice(), value.as_slice())?;
        Ok::<_, crate::store::fault::Fault>(())
    });
    written.expect("it is stored");
}
