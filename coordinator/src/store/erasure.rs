//! What a device said is erased: its data key is destroyed, and what was drawn out of its records goes with it.
//!
//! Its records stay as they came, sealed under a key that nobody has: their signatures and their chain still verify, and
//! so does the identity log, which names it.

use protocol::id::DeviceId;

use super::bills::BILL_OF;
use super::contacts::CONTACTS;
use super::devices;
use super::fault::{ChangeError, Fault, ReadError};
use super::logs::{LOG_KEYS, LOG_LINES, LogKey};
use super::neighbours::{EARS, HAPPENINGS, NEIGHBOURS};
use super::obeyed::OBEYED;
use super::profiles::{HABITS, PROFILES, WORDS};
use super::rows::{Table, decode};
use super::samples::LEVELS;
use super::scans::{DESCRIBED, SEEN};
use super::{Changes, Reader, tables};
use crate::store::advice::SCORES;

/// Longer than any key: everything lies before it.
const END: [u8; 64] = [0xff; 64];

/// What an erasure removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Rows beside the data key.
    pub rows: u64,
}

impl Changes<'_> {
    /// Destroys the key of a device, and every row that says in clear what it said.
    pub fn erase_device(&mut self, device: &DeviceId) -> Result<Erased, ChangeError> {
        if !devices::destroy_key(self.txn, device)? {
            return Err(ChangeError::Missing("data key"));
        }
        let id = device.as_bytes().as_slice();
        let text = device.to_string();
        let text = text.as_bytes();
        let mut rows = 0;
        for table in [&CONTACTS, &OBEYED, &EARS] {
            rows += self.remove_where(table, |key| key == id)?;
        }
        for level in &LEVELS {
            rows += self.remove_where(&level.table, |key| key.get(4..) == Some(id))?;
        }
        for table in [&LOG_LINES, &WORDS] {
            rows += self.remove_where(table, |key| key.starts_with(id))?;
        }
        for table in [&PROFILES, &HABITS] {
            rows += self.remove_where(table, |key| {
                let own = key.first() == Some(&b'd') && key.get(1..9) == Some(id);
                own || key.get(17..25) == Some(id)
            })?;
        }
        rows += self.remove_where(&NEIGHBOURS, |key| key.get(6..14) == Some(id))?;
        rows += self.remove_where(&HAPPENINGS, |key| key.get(14..22) == Some(id))?;
        for table in [&DESCRIBED, &BILL_OF, &SCORES] {
            rows += self.remove_where(table, |key| key == text)?;
        }
        rows += self.remove_where(&SEEN, |key| key.starts_with(text))?;
        let rows = rows + self.remove_log_keys(device)?;
        self.erased.push(*device);
        Ok(Erased { rows })
    }

    fn remove_where(
        &self,
        table: &'static Table,
        goes: impl Fn(&[u8]) -> bool,
    ) -> Result<u64, Fault> {
        let gone = table
            .writable(self.txn)?
            .remove_before(&END, usize::MAX, goes)?;
        Ok(gone.len() as u64)
    }

    fn remove_log_keys(&self, device: &DeviceId) -> Result<u64, Fault> {
        let mut rows = LOG_KEYS.writable(self.txn)?;
        let all = rows.all(|key, row| Some((key.to_vec(), decode::<LogKey>(row)?)))?;
        let mut gone = 0;
        for (key, _) in all.iter().filter(|(_, granted)| granted.device == *device) {
            gone += u64::from(rows.remove(key)?);
        }
        Ok(gone)
    }
}

impl Reader {
    /// Whether what the device said was erased.
    pub fn is_erased(&self, device: &DeviceId) -> Result<bool, ReadError> {
        Ok(self.engine.read(|txn| devices::is_erased(txn, device))?)
    }
}

/// The names of all tables: whoever says what is kept has to speak of each.
pub fn table_names() -> impl Iterator<Item = &'static str> {
    tables().map(Table::name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::store::samples::metric::Metric;
    use crate::store::tests::rig::{self, Disk, at, device, position, readings, saved};
    use protocol::text::Name;

    /// Two devices that said the same, and lines of both.
    fn filled(disk: &Disk) -> Store {
        let (mut store, _) = disk.open();
        for number in [1, 2] {
            store
                .commit(&[rig::enrolled(number)])
                .expect("it is stored");
            store
                .commit(&readings(number, 0..30))
                .expect("it is stored");
            let start = rig::collected(number, position(1, 0), at(400_000), rig::start());
            store.commit(&[saved(start)]).expect("it is stored");
            let line = logs::line::Line::of("a name of somebody");
            let taken = store
                .writer()
                .write(|changes| changes.add_log_lines(&device(number), &[line], at(0)));
            taken.expect("it is stored");
        }
        store
    }

    fn erase(store: &Store) -> Erased {
        let erased = store.writer().write(|changes| {
            let erased = changes.erase_device(&device(1))?;
            changes.audit(rig::act("device.erase"))?;
            Ok::<_, ChangeError>(erased)
        });
        erased.expect("it is erased")
    }

    fn figures(store: &Store, number: u8) -> usize {
        let series = store.reader().series(
            &device(number),
            Metric::CpuPermille,
            at(0),
            at(500_000),
            100,
        );
        series.expect("a series").len()
    }

    #[test]
    fn nothing_opens_what_an_erased_device_said_and_its_records_still_verify() {
        let disk = Disk::default();
        let store = filled(&disk);
        let before = store
            .reader()
            .records(&device(1), None, 100)
            .expect("records");
        assert!(erase(&store).rows > 0);
        let reader = store.reader();
        assert!(reader.data_key(&device(1)).expect("it is read").is_none());
        assert!(reader.is_erased(&device(1)).expect("it is read"));
        assert_eq!(
            reader.latest(&device(1)).expect("it is read"),
            <_>::default()
        );
        assert_eq!(figures(&store, 1), 0);
        let lines = reader.log_lines(&device(1), None, 10).expect("lines");
        assert!(lines.is_empty());
        let after = reader.records(&device(1), None, 100).expect("records");
        assert_eq!(after, before, "what was signed is there as it came");
        let scan = reader.scan_gaps(&device(1)).expect("a scan");
        assert_eq!(scan.missing, 0, "its chain has no gap");
        let whole = matches!(
            reader.audit_verify(),
            Ok(crate::store::audit::AuditVerdict::Whole { entries: 1, .. })
        );
        assert!(whole, "and neither has the audit log");
    }

    #[test]
    fn an_erasure_leaves_others_alone_and_holds_after_a_start() {
        let disk = Disk::default();
        let store = filled(&disk);
        erase(&store);
        assert!(figures(&store, 2) > 0);
        let lines = store.reader().log_lines(&device(2), None, 10);
        assert_eq!(lines.expect("lines").len(), 1);
        drop(store);
        let (store, memory) = disk.open();
        assert!(memory.devices.contains_key(&device(1)), "it is still known");
        assert_ne!(
            *memory.devices[&device(1)].data_key.as_bytes(),
            *rig::data_key(1).as_bytes()
        );
        let key = store.reader().data_key(&device(1)).expect("it is read");
        assert!(key.is_none());
        let name = Name::new("host").expect("a name");
        let start = store.reader().latest(&device(2)).expect("it is read").start;
        assert_eq!(start.expect("its start").value.host, name);
    }

    #[test]
    fn what_is_erased_cannot_be_erased_again() {
        let store = filled(&Disk::default());
        erase(&store);
        let again = store
            .writer()
            .write(|changes| changes.erase_device(&device(1)));
        assert!(matches!(again, Err(ChangeError::Missing("data key"))));
    }
}
