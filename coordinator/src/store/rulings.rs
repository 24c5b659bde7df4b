//! Who was put into quarantine and who was cleared, by whom: of each author the newest word on a device.

use protocol::id::DeviceId;
use redb::ReadTransaction;

use super::fault::Fault;
use super::rows::{Table, Writable};

pub(super) static RULINGS: Table = Table::new("rulings");

/// Rulings of the coordinator itself lie under no gateway.
const COORDINATOR: [u8; 8] = [0; 8];

pub(super) fn put(
    rows: &mut Writable<'_>,
    device: &DeviceId,
    gateway: Option<&DeviceId>,
    ruling: &[u8],
) -> Result<(), Fault> {
    let author = gateway.map_or(&COORDINATOR, DeviceId::as_bytes);
    let key = [*device.as_bytes(), *author].concat();
    rows.put(&key, &mut ruling.to_vec())
}

/// The envelopes, as they were signed.
pub(super) fn all(txn: &ReadTransaction) -> Result<Vec<Vec<u8>>, Fault> {
    let rows = RULINGS.readable(txn)?;
    let all = rows.all(|_, row| Some(((), row.to_vec())))?;
    Ok(all.into_iter().map(|((), ruling)| ruling).collect())
}
