//! Reading every row in small steps, beside everything else that goes on.
//!
//! The check of all pages has the store to itself while it lasts; this one disturbs nobody, and a
//! flipped bit in any row that is still reachable fails its checksum all the same.

use std::ops::{Bound, ControlFlow};

use super::fault::ReadError;
use super::retention::Progress;
use super::{Reader, tables};

/// How far a scrub has come.
#[derive(Debug, Clone, Default)]
pub struct Scrub {
    table: usize,
    after: Option<Vec<u8>>,
    /// Rows that were read and found as they were written.
    pub rows: u64,
}

impl Reader {
    /// Reads the next `budget` rows; an error names the table whose row is not as it was written.
    pub fn scrub(&self, scrub: &mut Scrub, budget: usize) -> Result<Progress, ReadError> {
        let Some(table) = tables().nth(scrub.table) else {
            return Ok(Progress::Done);
        };
        let from = scrub.after.take();
        let first = from.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let (mut read, mut last) = (0, None);
        self.engine.read(|txn| {
            let rows = table.readable(txn)?;
            rows.visit((first, Bound::Unbounded), |key, _| {
                read += 1;
                if read < budget.max(1) {
                    return Ok(ControlFlow::Continue(()));
                }
                last = Some(key.to_vec());
                Ok(ControlFlow::Break(()))
            })
        })?;
        scrub.rows += read as u64;
        if last.is_none() {
            scrub.table += 1;
        }
        scrub.after = last;
        Ok(Progress::More)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::rig::{Disk, readings};

    #[test]
    fn a_scrub_reads_every_row_once() {
        let (mut store, _) = Disk::default().open();
        store.commit(&readings(1, 0..100)).expect("it is stored");
        let mut scrub = Scrub::default();
        while store.reader().scrub(&mut scrub, 7).expect("a step") == Progress::More {}
        let rows = store
            .reader()
            .engine
            .read(|txn| tables().try_fold(0, |rows, table| Ok(rows + table.readable(txn)?.len()?)));
        assert_eq!(scrub.rows, rows.expect("counts"));
    }
}
