//! Files from outside: feeds and advisories, scans, bills of materials and makers' words, checked before anything is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use findings::advisory::catalogue::Full;
use findings::advisory::feed::{Feed, FeedError};
use findings::advisory::{ImportError, Source, csaf, epss, kev, nvd, osv};
use findings::banner::PatternError;
use findings::sbom::cyclonedx::{self, SbomError};
use findings::scan::nmap::{self, NmapError};
use findings::scan::openvas::{self, OpenVasError};
use findings::scan::{Host, HostState, Mac, Scan};
use findings::time::Moment;
use protocol::text::Line;
use thiserror::Error;

use super::holder::Holder;
use super::known::Devices;
use super::said::Said;
use super::{Changed, Risk, now};
use crate::store::advice::{FEED_KEPT, FeedNote};
use crate::store::audit::Act;
use crate::store::fault::{ChangeError, ReadError};
use crate::store::scans::KeptScan;

/// Why a file is not taken in; nothing of it is kept then.
#[derive(Debug, Error)]
pub enum IntakeError {
    #[error("{0}")]
    Feed(#[from] FeedError),
    #[error("{0}")]
    Advisories(#[from] ImportError),
    #[error("{0}")]
    Patterns(#[from] PatternError),
    #[error("{0}")]
    Full(#[from] Full),
    #[error("the file is no scan: as nmap, {nmap}; as OpenVAS, {openvas}")]
    NoScan {
        nmap: NmapError,
        openvas: OpenVasError,
    },
    #[error("{0}")]
    Sbom(#[from] SbomError),
    #[error("the scan has {0} hosts: say of one device only where it has one host")]
    ManyHosts(usize),
    #[error("no host of the scan is up: nothing is known more than before")]
    NobodyUp,
    #[error("nothing that the file has is about a vulnerability")]
    Nothing,
    #[error("the feed would have more than {} MB: leave out a source or old years", FEED_KEPT / 1_000_000)]
    LargeFeed,
    #[error("the feed was issued {0}, before the one that is here: it is not taken back")]
    OlderFeed(String),
    #[error("there is no device {0}: import a scan of it first, or describe it")]
    NoDevice(String),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// What files of advisories there are. A whole feed takes the place of what was there, the others are added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    Feed,
    Nvd,
    Osv,
    Kev,
    Epss,
    /// Makers' words, as CSAF has them.
    Csaf,
    /// Patterns of what services say of themselves, in recog's form.
    Patterns,
}

/// What an import has brought.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Brought {
    pub entries: u64,
    pub skipped: u64,
    /// Devices that are known better now.
    pub devices: Vec<String>,
    /// The number of the scan that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<u64>,
}

/// Who brings a scan, and whether it belongs to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bringer {
    pub by: String,
    pub job: Option<u64>,
}

impl FeedKind {
    /// What a file is by its first bytes and what it says of itself.
    pub fn guess(bytes: &[u8]) -> Option<Self> {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(64 * 1024)]).into_owned();
        let has = |word: &str| start.contains(word);
        let first = start.trim_start_matches('\u{feff}').trim_start();
        match first.chars().next()? {
            '{' if has("\"palisade-feed\"") => Some(Self::Feed),
            '{' if has("\"catalogVersion\"") || has("\"cveID\"") => Some(Self::Kev),
            '{' if has("\"NVD_CVE\"") || has("\"resultsPerPage\"") => Some(Self::Nvd),
            '{' if has("\"csaf_version\"") => Some(Self::Csaf),
            '{' | '[' if has("\"affected\"") => Some(Self::Osv),
            '{' if has("\"vulnerabilities\"") => Some(Self::Nvd),
            '<' if has("<fingerprints") => Some(Self::Patterns),
            '#' | 'c' if has("epss") => Some(Self::Epss),
            _ => None,
        }
    }
}

impl Risk {
    /// Takes in advisories. A whole feed must not be older than what is there.
    pub fn import_feed(
        &self,
        kind: FeedKind,
        bytes: &[u8],
        target: Option<String>,
        act: Act,
    ) -> Result<Brought, IntakeError> {
        let mut bench = self.bench();
        let loaded = self.loaded(&bench, &Changed::All)?;
        let (feed, brought) = match kind {
            FeedKind::Feed => {
                let feed = Feed::read(bytes)?;
                if feed.issued < loaded.feed.issued {
                    return Err(IntakeError::OlderFeed(feed.issued.rfc3339()));
                }
                let entries = feed.counts().into_iter().sum();
                (feed, entries_only(entries))
            }
            kind => added(Feed::clone(&loaded.feed), kind, bytes)?,
        };
        let canonical = feed.write();
        if canonical.len() > FEED_KEPT {
            return Err(IntakeError::LargeFeed);
        }
        let note = FeedNote {
            at: now(),
            by: act.actor.to_string(),
            digest: blake3::hash(&canonical).to_hex().to_string(),
            target,
        };
        self.0.writer.write(|changes| {
            changes.put_feed(&canonical, &note)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        bench.loaded = Some(super::Loaded {
            lookup: Arc::new(feed.catalogue.lookup()),
            feed: Arc::new(feed),
            note: Some(note),
            ..loaded
        });
        self.renew(&mut bench, &Changed::All)?;
        Ok(brought)
    }

    /// Takes in a scan of nmap or OpenVAS. Without a device each host is looked up by address and MAC, and is a device
    /// of its own where nobody has it.
    pub fn import_scan(
        &self,
        bytes: &[u8],
        device: Option<Holder>,
        bringer: &Bringer,
        act: Option<Act>,
    ) -> Result<Brought, IntakeError> {
        let scan = read_scan(bytes)?;
        self.take_scan(&scan, bytes, device, bringer, act)
    }

    /// The same for a scan that was read already.
    pub fn take_scan(
        &self,
        scan: &Scan,
        raw: &[u8],
        device: Option<Holder>,
        bringer: &Bringer,
        act: Option<Act>,
    ) -> Result<Brought, IntakeError> {
        let mut bench = self.bench();
        let live = Arc::clone(&self.0.live.borrow());
        let devices = super::known::devices(&self.0.reader, &live)?;
        let hosts = owned(scan, device, &devices)?;
        let at = now();
        let kept = KeptScan {
            number: 0,
            at,
            by: bringer.by.clone(),
            job: bringer.job,
            scanner: scan.scanner,
            version: scan.version.clone(),
            command: scan.command.clone(),
            started: scan.started,
            finished: scan.finished,
            completeness: scan.completeness.clone(),
            hosts: scan.hosts.len() as u64,
            raw_bytes: 0,
        };
        let touched: BTreeSet<Holder> = hosts.iter().map(|(holder, _)| *holder).collect();
        let number = self.0.writer.write(|changes| {
            let kept = changes.add_scan(kept, raw)?;
            for (holder, host) in &hosts {
                changes.note_seen(holder, &kept, (*host).clone())?;
                changes.describe(holder, |said| describe(said, host, at))?;
            }
            if let Some(act) = act {
                changes.audit(act)?;
            }
            Ok::<_, ChangeError>(kept.number)
        })?;
        let changed = match bench.loaded {
            Some(_) => Changed::Holders(touched.clone()),
            None => Changed::All,
        };
        self.renew(&mut bench, &changed)?;
        Ok(Brought {
            entries: hosts.len() as u64,
            skipped: (scan.hosts.len() - hosts.len()) as u64,
            devices: touched.iter().map(ToString::to_string).collect(),
            scan: Some(number),
        })
    }

    /// Takes in a bill of materials of CycloneDX, of a device or of `firmware:PRODUCT@VERSION`.
    pub fn import_sbom(
        &self,
        bytes: &[u8],
        owner: &Owner,
        act: Act,
    ) -> Result<Brought, IntakeError> {
        let sbom = cyclonedx::import(bytes)?;
        let mut bench = self.bench();
        if let Owner::Device(holder) = owner {
            let live = Arc::clone(&self.0.live.borrow());
            let devices = super::known::devices(&self.0.reader, &live)?;
            if !devices.contains_key(&holder.to_string()) {
                return Err(IntakeError::NoDevice(holder.to_string()));
            }
        }
        let (name, by) = (owner.to_string(), act.actor.to_string());
        self.0.writer.write(|changes| {
            changes.put_bill(&name, &sbom, now(), &by)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        self.renew(&mut bench, &Changed::All)?;
        Ok(Brought {
            entries: sbom.components.len() as u64,
            skipped: sbom.left_out,
            devices: vec![name],
            scan: None,
        })
    }

    /// Keeps what somebody says of a device.
    pub fn describe(&self, holder: Holder, said: &Said, mut act: Act) -> Result<(), IntakeError> {
        let mut bench = self.bench();
        if let Holder::Member(device) = holder
            && self.0.live.borrow().device(&device).is_none()
        {
            return Err(IntakeError::NoDevice(holder.to_string()));
        }
        self.0.writer.write(|changes| {
            changes.describe(&holder, |known| {
                act.before = Line::fitted(&said.shown(known));
                said.put_into(known);
                act.after = Line::fitted(&said.shown(known));
            })?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        let changed = match bench.loaded {
            Some(_) => Changed::States,
            None => Changed::All,
        };
        Ok(self.renew(&mut bench, &changed)?)
    }
}

/// Who has a bill of materials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    Device(Holder),
    Firmware { product: String, version: String },
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device(holder) => holder.fmt(f),
            Self::Firmware { product, version } => write!(f, "firmware:{product}@{version}"),
        }
    }
}

impl std::str::FromStr for Owner {
    type Err = super::holder::HolderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let firmware = text.strip_prefix("firmware:");
        let firmware = firmware.and_then(|text| text.split_once('@'));
        let short = |text: &str| findings::shown::line(text, findings::limits::WORD_CHARS);
        match firmware {
            Some((product, version)) if !product.is_empty() && !version.is_empty() => {
                Ok(Self::Firmware {
                    product: short(product),
                    version: short(version),
                })
            }
            _ => text.parse().map(Self::Device),
        }
    }
}

/// Reads a scan of whichever scanner.
pub fn read_scan(bytes: &[u8]) -> Result<Scan, IntakeError> {
    match nmap::import(bytes) {
        Ok(scan) => Ok(scan),
        Err(nmap) => {
            openvas::import(bytes).map_err(|openvas| IntakeError::NoScan { nmap, openvas })
        }
    }
}

fn entries_only(entries: u64) -> Brought {
    Brought {
        entries,
        ..Brought::default()
    }
}

fn added(mut feed: Feed, kind: FeedKind, bytes: &[u8]) -> Result<(Feed, Brought), IntakeError> {
    let now = now();
    let (source, entries, skipped, as_of) = match kind {
        FeedKind::Nvd | FeedKind::Osv => {
            let (source, read) = match kind {
                FeedKind::Nvd => (Source::Nvd, nvd::import(bytes)?),
                _ => (Source::Osv, osv::import(bytes)?),
            };
            let entries = read.items.len() as u64;
            for advisory in read.items {
                feed.catalogue.add(advisory)?;
            }
            (source, entries, read.skipped, read.as_of)
        }
        FeedKind::Kev => {
            let read = kev::import(bytes)?;
            let entries = read.items.len() as u64;
            feed.catalogue.add_kev(read.items)?;
            (Source::Kev, entries, read.skipped, read.as_of)
        }
        FeedKind::Epss => {
            let read = epss::import(bytes)?;
            let entries = read.items.len() as u64;
            feed.catalogue.add_epss(read.items);
            (Source::Epss, entries, read.skipped, read.as_of)
        }
        FeedKind::Csaf => {
            let read = csaf::import(bytes)?;
            let entries = read.items.len() as u64;
            feed.add_vex(read.items);
            (Source::Csaf, entries, read.skipped, read.as_of)
        }
        FeedKind::Patterns => {
            let read = feed.patterns.add(bytes)?;
            let (entries, refused) = (read.patterns as u64, read.refused as u64);
            (Source::Recog, entries, refused, None)
        }
        FeedKind::Feed => return Err(IntakeError::Nothing),
    };
    if entries == 0 {
        return Err(IntakeError::Nothing);
    }
    feed.sources.remove(&source);
    let noted = match kind {
        // Files come one by one, and all stay.
        FeedKind::Patterns => feed.patterns.len() as u64,
        _ => entries,
    };
    feed.note(source, as_of.unwrap_or(now).min(now), noted);
    feed.issued = feed.issued.max(now);
    let brought = Brought {
        entries,
        skipped,
        ..Brought::default()
    };
    Ok((feed, brought))
}

/// Which device each host is; hosts that are not up say nothing of theirs.
fn owned<'s>(
    scan: &'s Scan,
    device: Option<Holder>,
    devices: &Devices,
) -> Result<Vec<(Holder, &'s Host)>, IntakeError> {
    let up = |host: &&Host| {
        host.state == HostState::Up || !host.ports.is_empty() || !host.results.is_empty()
    };
    let hosts: Vec<&Host> = scan.hosts.iter().filter(up).collect();
    match device {
        Some(_) if hosts.len() > 1 => return Err(IntakeError::ManyHosts(hosts.len())),
        Some(holder @ Holder::Member(_)) if !devices.contains_key(&holder.to_string()) => {
            return Err(IntakeError::NoDevice(holder.to_string()));
        }
        _ => {}
    }
    let by_address: BTreeMap<IpAddr, Holder> = devices
        .values()
        .flat_map(|known| {
            known
                .addresses
                .iter()
                .map(|address| (*address, known.holder))
        })
        .collect();
    let by_mac: BTreeMap<Mac, Holder> = devices
        .values()
        .filter_map(|known| match known.holder {
            Holder::Mac(mac) => Some((mac, known.holder)),
            _ => None,
        })
        .collect();
    let known = |host: &Host| {
        let member = host.addresses.iter().find_map(|address| {
            let holder = by_address.get(address)?;
            matches!(holder, Holder::Member(_)).then_some(*holder)
        });
        let by_mac = host.mac.and_then(|mac| by_mac.get(&mac).copied());
        // An address says who it is only where no MAC does: addresses are given to others.
        let by_address = || {
            let mut addresses = host.addresses.iter();
            addresses.find_map(|address| by_address.get(address).copied())
        };
        let nameless = || match host.mac {
            Some(_) => None,
            None => by_address(),
        };
        member.or(by_mac).or_else(nameless)
    };
    let owned: Vec<(Holder, &Host)> = hosts
        .into_iter()
        .filter_map(|host| {
            let holder = device
                .or_else(|| known(host))
                .or_else(|| Holder::of_host(host))?;
            Some((holder, host))
        })
        .collect();
    match owned.is_empty() {
        true => Err(IntakeError::NobodyUp),
        false => Ok(owned),
    }
}

fn describe(said: &mut crate::store::scans::Described, host: &Host, at: Moment) {
    if said.first == Moment(0) {
        said.first = at;
    }
    said.last = at;
    if said.name.is_empty() {
        said.name = host.names.first().cloned().unwrap_or_default();
    }
    if said.vendor.is_empty() {
        said.vendor.clone_from(&host.vendor);
    }
    let new = host.addresses.iter().copied();
    if host
        .addresses
        .iter()
        .any(|address| !said.addresses.contains(address))
    {
        said.addresses = new.take(findings::limits::ADDRESSES).collect();
    }
}
