//! One signed envelope for each of other devices: the newest head checked, the newest contact heard.

use std::collections::BTreeMap;

use protocol::id::DeviceId;
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::error::JournalError;
use super::row::Family;

/// A table of envelopes by device.
pub(super) struct ByDevice {
    table: TableDefinition<'static, &'static [u8; DeviceId::BYTES], &'static [u8]>,
    family: Family,
}

/// The newest head that this witness has checked of each subject.
pub(super) const WITNESSED: ByDevice = ByDevice {
    table: TableDefinition::new("witnessed"),
    family: Family::new("witnessed", "palisade 2026 journal witnessed head"),
};

/// Where the devices that this one dials say that they are.
pub(super) const CONTACTS: ByDevice = ByDevice {
    table: TableDefinition::new("contacts"),
    family: Family::new("contacts", "palisade 2026 journal contact"),
};

impl ByDevice {
    pub(super) fn create(&self, to: &WriteTransaction) -> Result<(), JournalError> {
        to.open_table(self.table)?;
        Ok(())
    }

    pub(super) fn save(
        &self,
        to: &WriteTransaction,
        device: DeviceId,
        envelope: &[u8],
    ) -> Result<(), JournalError> {
        let row = self.family.seal(device.as_bytes(), envelope);
        to.open_table(self.table)?
            .insert(device.as_bytes(), row.as_slice())?;
        Ok(())
    }

    pub(super) fn all(
        &self,
        from: &ReadTransaction,
    ) -> Result<BTreeMap<DeviceId, Vec<u8>>, JournalError> {
        let table = from.open_table(self.table)?;
        let mut envelopes = BTreeMap::new();
        for row in table.iter()? {
            let (device, row) = row?;
            let device = device.value();
            let envelope = self.family.open(device, row.value())?.to_vec();
            envelopes.insert(DeviceId::from_bytes(*device), envelope);
        }
        Ok(envelopes)
    }
}
