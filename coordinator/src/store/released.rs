//! When each release came out, and whose keys were on it then: the signed documents tell neither.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use protocol::time::Timestamp;

use super::fault::{ChangeError, ReadError};
use super::rows::{Rows, Table, decode};
use super::{Changes, Reader};

/// By the path of the image.
pub(super) static RELEASED: Table = Table::new("released");

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Released {
    #[n(0)]
    pub at: Timestamp,
    /// Ids of the keys that had signed.
    #[n(1)]
    pub keys: Vec<String>,
}

impl Reader {
    /// By the paths of their images. Releases of versions that did not note it are missing.
    pub fn released(&self) -> Result<BTreeMap<String, Released>, ReadError> {
        let all = self.engine.read(|txn| {
            let rows = RELEASED.readable(txn)?;
            Rows::all(&rows, |path, row| {
                Some((String::from_utf8(path.to_vec()).ok()?, decode(row)?))
            })
        });
        Ok(all?.into_iter().collect())
    }
}

impl Changes<'_> {
    /// Notes what has come out, and forgets what is not among `all` any more.
    pub fn note_released(
        &mut self,
        new: &BTreeSet<String>,
        all: &BTreeSet<String>,
        released: &Released,
    ) -> Result<(), ChangeError> {
        let mut rows = RELEASED.writable(self.txn)?;
        let known = rows.all(|path, _| Some((path.to_vec(), ())))?;
        for (path, ()) in known {
            let named = std::str::from_utf8(&path).is_ok_and(|path| all.contains(path));
            if !named {
                rows.remove(&path)?;
            }
        }
        for path in new {
            rows.put_encoded(path.as_bytes(), released)?;
        }
        Ok(())
    }
}
