//! Which alerts deputies have told somebody outside of: each use of what they were given is noted once.

use protocol::alert::Delivery;
use protocol::limits;

use super::Changes;
use super::fault::ChangeError;
use super::meta::META;

const TOLD_ROW: &[u8] = b"\0told";
/// An alert's name and its deputy's.
const ENTRY: usize = 16;

impl Changes<'_> {
    /// Notes that a deputy told of an alert; whether that is news. The oldest of very many are forgotten.
    pub fn note_told(&mut self, delivery: &Delivery) -> Result<bool, ChangeError> {
        let mut meta = META.writable(self.txn)?;
        let told = meta.read(TOLD_ROW, |row| Some(row.to_vec()))?;
        let mut told = told.unwrap_or_default();
        let entry = [delivery.alert.0, *delivery.deputy.as_bytes()].concat();
        if told.chunks(ENTRY).any(|known| known == entry) {
            return Ok(false);
        }
        told.extend_from_slice(&entry);
        let surplus = told.len().saturating_sub(limits::RECEIPTS * ENTRY);
        meta.put(TOLD_ROW, &mut told.split_off(surplus))?;
        Ok(true)
    }
}
