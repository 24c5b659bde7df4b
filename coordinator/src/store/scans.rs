//! What scanners saw: each scan as it came, the newest look at each device, and what people call devices without a node.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use findings::scan::{Completeness, Host, Scanner};
use findings::time::Moment;
use serde::{Deserialize, Serialize};

use super::fault::{ChangeError, Fault, ReadError};
use super::packed::{pack, press, unfold, unpack};
use super::rows::Table;
use super::{Changes, Reader};
use crate::risk::holder::Holder;

pub(super) static SCANS: Table = Table::new("scans");
pub(super) static SCANS_RAW: Table = Table::new("scans_raw");
pub(super) static SEEN: Table = Table::new("seen");
pub(super) static DESCRIBED: Table = Table::new("described");

/// Scans that are kept; the oldest goes for a new one.
pub const SCANS_KEPT: u64 = 1_000;
/// Scans whose raw text is kept as well.
const RAW_KEPT: u64 = 200;
/// Bytes of a raw text that is kept at all.
const RAW_BYTES: usize = 16 * 1024 * 1024;
/// Looks at one device that belong to one job.
const LOOKS: usize = 4;

/// One scan, without its hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptScan {
    /// Given by the store.
    pub number: u64,
    /// When it was taken in.
    pub at: Moment,
    /// Who brought it: a person, or the id of the node that scanned.
    pub by: String,
    /// The job that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<u64>,
    pub scanner: Scanner,
    pub version: String,
    pub command: String,
    pub started: Option<Moment>,
    pub finished: Option<Moment>,
    pub completeness: Completeness,
    pub hosts: u64,
    pub raw_bytes: u64,
}

/// The newest that one scanner saw of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<u64>,
    pub looks: Vec<Look>,
}

/// What it saw from one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The node that looked, or whoever brought the file.
    pub by: String,
    pub scan: u64,
    pub host: Host,
}

/// What people and scans say of a device, beside what is found on it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Described {
    pub name: String,
    /// A class of the mesh; empty where nobody said one.
    pub class: String,
    pub tags: std::collections::BTreeSet<String>,
    /// Where it stands; empty where nobody said so.
    pub site: String,
    pub vendor: String,
    pub addresses: std::collections::BTreeSet<std::net::IpAddr>,
    pub first: Moment,
    pub last: Moment,
}

impl Seen {
    /// Takes in another look; one of another job or of a later time takes the place of all before it.
    fn with(before: Option<Self>, at: Moment, job: Option<u64>, look: Look) -> Self {
        let mut seen = match before {
            Some(seen) if job.is_some() && seen.job == job => seen,
            _ => Self {
                at,
                job,
                looks: Vec::new(),
            },
        };
        seen.at = at;
        seen.looks.retain(|known| known.by != look.by);
        seen.looks.truncate(LOOKS - 1);
        seen.looks.push(look);
        seen
    }
}

impl Changes<'_> {
    /// Keeps a scan with its raw text and gives it its number.
    pub fn add_scan(&mut self, mut scan: KeptScan, raw: &[u8]) -> Result<KeptScan, ChangeError> {
        let mut scans = SCANS.writable(self.txn)?;
        let mut raws = SCANS_RAW.writable(self.txn)?;
        scan.number = last(&scans)?.map_or(1, |last| last + 1);
        scan.raw_bytes = raw.len() as u64;
        let key = scan.number.to_be_bytes();
        scans.put(&key, &mut pack(&scan))?;
        if raw.len() <= RAW_BYTES {
            raws.put(&key, &mut press(raw))?;
        }
        let drop_below = |kept: u64| scan.number.saturating_sub(kept).to_be_bytes();
        scans.remove_before(&drop_below(SCANS_KEPT), 16, |_| true)?;
        raws.remove_before(&drop_below(RAW_KEPT), 16, |_| true)?;
        Ok(scan)
    }

    /// Notes what a scan saw of a device.
    pub fn note_seen(
        &mut self,
        holder: &Holder,
        scan: &KeptScan,
        host: Host,
    ) -> Result<(), ChangeError> {
        let mut rows = SEEN.writable(self.txn)?;
        let key = seen_key(holder, scan.scanner);
        let before = rows.read(&key, unpack::<Seen>)?;
        let look = Look {
            by: scan.by.clone(),
            scan: scan.number,
            host,
        };
        rows.put(
            &key,
            &mut pack(&Seen::with(before, scan.at, scan.job, look)),
        )?;
        Ok(())
    }

    /// Changes what is said of a device.
    pub fn describe(
        &mut self,
        holder: &Holder,
        change: impl FnOnce(&mut Described),
    ) -> Result<(), ChangeError> {
        let mut rows = DESCRIBED.writable(self.txn)?;
        let key = holder.to_string();
        let known = rows.read(key.as_bytes(), unpack::<Described>)?;
        if known.is_none() && rows.len()? >= findings::limits::DEVICES as u64 {
            return Err(ChangeError::TooMany("devices"));
        }
        let mut described = known.unwrap_or_default();
        change(&mut described);
        rows.put(key.as_bytes(), &mut pack(&described))?;
        Ok(())
    }
}

impl Reader {
    /// The newest first.
    pub fn scans(&self, at_most: usize) -> Result<Vec<KeptScan>, ReadError> {
        let read = self.engine.read(|txn| {
            let rows = SCANS.readable(txn)?;
            let mut scans = Vec::new();
            rows.visit_back(.., |_, row| {
                scans.push(unpack(row).ok_or_else(|| rows.malformed())?);
                Ok(next(scans.len() < at_most))
            })?;
            Ok(scans)
        });
        Ok(read?)
    }

    /// The text of a scan as the scanner wrote it, where it is kept.
    pub fn scan_raw(&self, number: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let read = self
            .engine
            .read(|txn| SCANS_RAW.readable(txn)?.read(&number.to_be_bytes(), unfold));
        Ok(read?)
    }

    /// What every scanner saw last of every device, or of one.
    pub fn seen(&self, of: Option<&Holder>) -> Result<Vec<(Holder, Seen)>, ReadError> {
        let from = of.map(|holder| format!("{holder}\0").into_bytes());
        let from = from.unwrap_or_default();
        let read = self.engine.read(|txn| {
            let rows = SEEN.readable(txn)?;
            let mut all = Vec::new();
            rows.visit(from.as_slice().., |key, row| {
                if !key.starts_with(&from) {
                    return Ok(ControlFlow::Break(()));
                }
                let holder = holder_in(key).ok_or_else(|| rows.malformed())?;
                let seen = unpack(row).ok_or_else(|| rows.malformed())?;
                all.push((holder, seen));
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(all)
        });
        Ok(read?)
    }

    pub fn described(&self) -> Result<BTreeMap<Holder, Described>, ReadError> {
        let read = self.engine.read(|txn| {
            DESCRIBED.readable(txn)?.all(|key, row| {
                let holder = std::str::from_utf8(key).ok()?.parse().ok()?;
                Some((holder, unpack(row)?))
            })
        });
        Ok(read?.into_iter().collect())
    }
}

fn next(goes_on: bool) -> ControlFlow<()> {
    match goes_on {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(()),
    }
}

fn last(rows: &super::rows::Writable<'_>) -> Result<Option<u64>, Fault> {
    let mut last = None;
    rows.visit_back(.., |key, _| {
        last = key.try_into().ok().map(u64::from_be_bytes);
        Ok(ControlFlow::Break(()))
    })?;
    Ok(last)
}

fn seen_key(holder: &Holder, scanner: Scanner) -> Vec<u8> {
    let scanner = match scanner {
        Scanner::Nmap => "nmap",
        Scanner::OpenVas => "openvas",
    };
    format!("{holder}\0{scanner}").into_bytes()
}

fn holder_in(key: &[u8]) -> Option<Holder> {
    let text = std::str::from_utf8(key).ok()?;
    text.split('\0').next()?.parse().ok()
}
