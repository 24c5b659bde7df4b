//! Where devices can be reached, in their own signed words.

use protocol::id::DeviceId;

use super::Reader;
use super::fault::ReadError;
use super::rows::Table;

pub(super) static CONTACTS: Table = Table::new("contacts");

impl Reader {
    /// The envelope of a device's newest contact.
    pub fn contact(&self, device: &DeviceId) -> Result<Option<Vec<u8>>, ReadError> {
        let read = self.engine.read(|txn| {
            CONTACTS
                .readable(txn)?
                .read(device.as_bytes(), |contact| Some(contact.to_vec()))
        });
        Ok(read?)
    }
}
