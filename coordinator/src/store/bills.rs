//! Bills of materials, each kept once however many devices have it.

use std::collections::BTreeMap;

use findings::sbom::Sbom;
use findings::time::Moment;
use serde::{Deserialize, Serialize};

use super::fault::{ChangeError, ReadError};
use super::packed::{pack, press, unpack};
use super::rows::Table;
use super::{Changes, Reader};

pub(super) static BILLS: Table = Table::new("bills");
pub(super) static BILL_OF: Table = Table::new("bill_of");

/// Whoever may have a bill: devices, and firmware.
pub const BILL_OWNERS: u64 = 2 * findings::limits::DEVICES as u64;

/// Which bill somebody has, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillOf {
    pub digest: String,
    pub at: Moment,
    pub by: String,
}

/// A bill of materials with who has it: ids of devices, or `firmware:PRODUCT@VERSION`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedBill {
    pub sbom: Sbom,
    pub owners: Vec<String>,
}

impl Changes<'_> {
    /// Gives somebody a bill in place of the one before, which goes when nobody else has it.
    pub fn put_bill(
        &mut self,
        owner: &str,
        sbom: &Sbom,
        at: Moment,
        by: &str,
    ) -> Result<(), ChangeError> {
        let json = serde_json::to_vec(sbom).expect("a bill has text keys only");
        let digest = blake3::hash(&json).to_hex().to_string();
        let mut owners = BILL_OF.writable(self.txn)?;
        let before = owners.read(owner.as_bytes(), unpack::<BillOf>)?;
        if before.is_none() && owners.len()? >= BILL_OWNERS {
            return Err(ChangeError::TooMany("bills of materials"));
        }
        let mut bills = BILLS.writable(self.txn)?;
        if !bills.contains(digest.as_bytes())? {
            bills.put(digest.as_bytes(), &mut press(&json))?;
        }
        let entry = BillOf {
            digest: digest.clone(),
            at,
            by: by.to_owned(),
        };
        owners.put(owner.as_bytes(), &mut pack(&entry))?;
        if let Some(before) = before.filter(|before| before.digest != digest) {
            let left = owners.all(|_, row| Some((unpack::<BillOf>(row)?.digest, ())))?;
            if !left.iter().any(|(digest, ())| *digest == before.digest) {
                bills.remove(before.digest.as_bytes())?;
            }
        }
        Ok(())
    }
}

impl Reader {
    /// Every bill with its owners.
    pub fn bills(&self) -> Result<Vec<SharedBill>, ReadError> {
        let read = self.engine.read(|txn| {
            let owners = BILL_OF.readable(txn)?.all(|key, row| {
                let owner = std::str::from_utf8(key).ok()?.to_owned();
                Some((owner, unpack::<BillOf>(row)?.digest))
            })?;
            let mut by_digest: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (owner, digest) in owners {
                by_digest.entry(digest).or_default().push(owner);
            }
            let bills = BILLS.readable(txn)?;
            let mut shared = Vec::with_capacity(by_digest.len());
            for (digest, owners) in by_digest {
                if let Some(sbom) = bills.read(digest.as_bytes(), unpack)? {
                    shared.push(SharedBill { sbom, owners });
                }
            }
            Ok(shared)
        });
        Ok(read?)
    }

    /// The bill of one owner.
    pub fn bill(&self, owner: &str) -> Result<Option<(BillOf, Sbom)>, ReadError> {
        let read = self.engine.read(|txn| {
            let Some(of) = BILL_OF
                .readable(txn)?
                .read(owner.as_bytes(), unpack::<BillOf>)?
            else {
                return Ok(None);
            };
            let sbom = BILLS.readable(txn)?.read(of.digest.as_bytes(), unpack)?;
            Ok(sbom.map(|sbom| (of, sbom)))
        });
        Ok(read?)
    }
}
