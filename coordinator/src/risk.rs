//! Scans, advisories and decisions brought together: what is found on which device, in the order in which it hurts.
//!
//! Readers look at an [`Index`] that is made anew after each change; changes are made one at a time, stored first.

pub mod asked;
pub mod decide;
pub mod document;
pub mod holder;
pub mod index;
pub mod intake;
pub mod known;
pub mod said;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use findings::advisory::catalogue::Lookup;
use findings::advisory::feed::Feed;
use findings::finding::Occurrence;
use findings::finding::decision::Ledger;
use findings::finding::inventory::Inventory;
use findings::finding::matching::Matcher;
use findings::sbom::index::Index as Libraries;
use findings::scan::compare::compare;
use findings::time::{DAY_S, Moment};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::live::LiveHandle;
use crate::releases::Releases;
use crate::releases::feeds::SignedFeed;
use crate::store::advice::FeedNote;
use crate::store::bills::SharedBill;
use crate::store::fault::{ChangeError, ReadError};
use crate::store::scans::Seen;
use crate::store::{Reader, Writer};
use holder::Holder;
use index::{Index, Makings, News};
use intake::FeedKind;
use known::Devices;

/// How often somebody looks whether a decision has ended or devices have come and gone.
const LOOK: Duration = Duration::from_secs(20);
/// Under this name the trend of the whole fleet is kept.
pub const FLEET: &str = "fleet";

/// One handle for pages, programs and the command line.
#[derive(Debug, Clone)]
pub struct Risk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reader: Reader,
    writer: Writer,
    live: LiveHandle,
    index: RwLock<Arc<Index>>,
    /// Whoever holds it makes the next index.
    bench: Mutex<Bench>,
}

/// What stays between two indices.
#[derive(Debug, Default)]
struct Bench {
    /// What was read from the store once; nothing before that.
    loaded: Option<Loaded>,
    /// What scores were last stored, and of which day.
    stored: BTreeMap<String, (u32, u32)>,
    /// The devices of the last index, to see whether they have changed.
    members: Vec<(String, String, String)>,
    next_expiry: Option<Moment>,
    /// A signed feed that could not be read: it is not tried again.
    refused: Option<String>,
}

#[derive(Debug, Clone)]
struct Loaded {
    feed: Arc<Feed>,
    /// Where its advisories are looked up.
    lookup: Arc<Lookup>,
    note: Option<FeedNote>,
    ledger: Arc<Ledger>,
    libraries: Arc<Libraries>,
}

/// What scanners saw last, by device.
type Looks = Vec<(Holder, Seen)>;

/// What has changed, and with it what has to be looked at again.
#[derive(Debug, Clone)]
enum Changed {
    /// Advisories or bills: every device is matched anew.
    All,
    /// What is known of these.
    Holders(BTreeSet<Holder>),
    /// Decisions, classes, or only the time.
    States,
}

impl Risk {
    /// Nothing is read before [`Self::load`] or the first change.
    pub fn new(reader: Reader, writer: Writer, live: LiveHandle) -> Self {
        Self(Arc::new(Inner {
            reader,
            writer,
            live,
            index: RwLock::default(),
            bench: Mutex::default(),
        }))
    }

    pub fn index(&self) -> Arc<Index> {
        let index = self.0.index.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&index)
    }

    pub fn reader(&self) -> &Reader {
        &self.0.reader
    }

    fn bench(&self) -> MutexGuard<'_, Bench> {
        self.0.bench.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads everything and makes the first index.
    pub fn load(&self) -> Result<(), ReadError> {
        let mut bench = self.bench();
        self.renew(&mut bench, &Changed::All)
    }

    /// What administrators have signed takes the place of what somebody has brought in by hand before.
    fn take_signed_feed(&self, releases: &Releases) {
        let signed = match releases.signed_feed() {
            Ok(Some(signed)) => signed,
            Ok(None) => return,
            Err(error) => return warn!(%error, "it cannot be told whether a feed was signed"),
        };
        let known = self
            .index()
            .note
            .as_ref()
            .and_then(|note| note.target.clone());
        if known.as_ref() == Some(&signed.target)
            || self.bench().refused.as_ref() == Some(&signed.target)
        {
            return;
        }
        let taken = self.take_feed_file(&signed);
        if let Err(error) = taken {
            warn!(%error, "a feed that administrators have signed is of no use");
            self.bench().refused = Some(signed.target);
        }
    }

    fn take_feed_file(&self, signed: &SignedFeed) -> anyhow::Result<()> {
        let bytes = std::fs::read(&signed.file)?;
        let act = crate::access::act("feed.signed", "feed")?;
        self.import_feed(FeedKind::Feed, &bytes, Some(signed.target.clone()), act)?;
        Ok(())
    }

    /// The feed as one file, to be signed and carried.
    pub fn feed_file(&self) -> Vec<u8> {
        self.index().feed.write()
    }

    /// Reads decisions anew and puts findings in order by them.
    pub fn reread(&self) -> Result<(), ReadError> {
        let mut bench = self.bench();
        self.renew(&mut bench, &Changed::States)
    }

    /// Looks now and then whether a decision has ended, a day has begun, or devices have come and gone.
    pub async fn keep(self, releases: Releases, stopping: CancellationToken) {
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = look.tick() => {}
            }
            let (risk, releases) = (self.clone(), releases.clone());
            let look = move || {
                risk.look()?;
                risk.take_signed_feed(&releases);
                Ok::<_, ReadError>(())
            };
            match tokio::task::spawn_blocking(look).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => warn!(%error, "findings are not brought up to date"),
                Err(_) => return,
            }
        }
    }

    /// Makes a new index where the time or the members ask for one.
    pub fn look(&self) -> Result<(), ReadError> {
        let mut bench = self.bench();
        if bench.loaded.is_none() {
            return self.renew(&mut bench, &Changed::All);
        }
        if self.has_time_changed(&bench) || self.members() != bench.members {
            return self.renew(&mut bench, &Changed::States);
        }
        Ok(())
    }

    /// Whether a decision has ended or a day has begun since the last index: states and scores are others then.
    fn has_time_changed(&self, bench: &Bench) -> bool {
        let ended = bench.next_expiry.is_some_and(|end| end <= now());
        ended || day(self.index().at) != day(now())
    }

    fn members(&self) -> Vec<(String, String, String)> {
        let live = Arc::clone(&self.0.live.borrow());
        let devices = live.devices.iter().map(|device| {
            (
                format!(
                    "{} {}",
                    device.device,
                    device.state == crate::live::State::Retired
                ),
                format!("{} {}", device.class, device.cell),
                device.name.to_string(),
            )
        });
        let heard = self.0.reader.neighbours().map_or(0, |words| words.len());
        let heard = (heard.to_string(), String::new(), String::new());
        devices.chain([heard]).collect()
    }

    fn loaded(&self, bench: &Bench, changed: &Changed) -> Result<Loaded, ReadError> {
        let Some(loaded) = &bench.loaded else {
            let (note, feed) = self.0.reader.feed()?.unzip();
            let feed = feed.unwrap_or_default();
            return Ok(Loaded {
                lookup: Arc::new(feed.catalogue.lookup()),
                feed: Arc::new(feed),
                note,
                ledger: Arc::new(self.ledger()?),
                libraries: Arc::default(),
            });
        };
        let mut loaded = loaded.clone();
        if matches!(changed, Changed::States) {
            loaded.ledger = Arc::new(self.ledger()?);
        }
        Ok(loaded)
    }

    fn ledger(&self) -> Result<Ledger, ReadError> {
        let mut ledger = Ledger::default();
        for decision in self.0.reader.decisions()? {
            if let Err(error) = ledger.add(decision) {
                warn!(%error, "a decision in the store is not taken");
            }
        }
        Ok(ledger)
    }

    /// Makes the index that follows from what is stored.
    fn renew(&self, bench: &mut Bench, changed: &Changed) -> Result<(), ReadError> {
        let started = std::time::Instant::now();
        let mut loaded = self.loaded(bench, changed)?;
        let live = Arc::clone(&self.0.live.borrow());
        let mut devices = known::devices(&self.0.reader, &live)?;
        let mut before = self.index();
        let (occurrences, undecided) = match changed {
            Changed::All => {
                let bills = self.0.reader.bills()?;
                loaded.libraries = Arc::new(libraries(&bills));
                let seen = self.0.reader.seen(None)?;
                note_known(&mut devices, &seen, &bills);
                match_all(&loaded, &inventories(&loaded.feed, &seen, &bills))
            }
            Changed::Holders(holders) => {
                let (seen, bills) = self.of_holders(holders)?;
                carry_over(&mut devices, &before);
                note_known(&mut devices, &seen, &bills);
                let known = inventories(&loaded.feed, &seen, &bills);
                let (occurrences, undecided) = match_all(&loaded, &known);
                let news = News {
                    devices: devices.clone(),
                    again: holders.iter().map(ToString::to_string).collect(),
                    occurrences,
                    undecided,
                };
                let index = before.followed_by(news, now());
                if !self.has_time_changed(bench) {
                    return self.show(bench, loaded, index, started);
                }
                before = Arc::new(index);
                (
                    before.occurrences().cloned().collect(),
                    before.undecided.clone(),
                )
            }
            Changed::States => {
                carry_over(&mut devices, &before);
                (
                    before.occurrences().cloned().collect(),
                    before.undecided.clone(),
                )
            }
        };
        let makings = Makings {
            feed: Arc::clone(&loaded.feed),
            note: loaded.note.clone(),
            ledger: Arc::clone(&loaded.ledger),
            devices,
            occurrences,
            undecided,
            libraries: Arc::clone(&loaded.libraries),
        };
        let index = Index::of(makings, now());
        self.show(bench, loaded, index, started)
    }

    /// Puts an index in the place of the one before.
    fn show(
        &self,
        bench: &mut Bench,
        loaded: Loaded,
        index: Index,
        started: std::time::Instant,
    ) -> Result<(), ReadError> {
        let index = Arc::new(index);
        bench.next_expiry = loaded.ledger.next_expiry(index.at);
        bench.loaded = Some(loaded);
        bench.members = self.members();
        let (found, took_ms) = (index.findings.len(), started.elapsed().as_millis() as u64);
        info!(
            devices = index.devices.len(),
            findings = found,
            took_ms,
            "findings are in order"
        );
        *self.0.index.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&index);
        if let Err(error) = self.note_scores(bench, &index) {
            warn!(%error, "scores of today are not kept");
        }
        Ok(())
    }

    fn of_holders(
        &self,
        holders: &BTreeSet<Holder>,
    ) -> Result<(Looks, Vec<SharedBill>), ReadError> {
        let (mut seen, mut bills) = (Vec::new(), Vec::new());
        for holder in holders {
            seen.extend(self.0.reader.seen(Some(holder))?);
            let owner = holder.to_string();
            if let Some((_, sbom)) = self.0.reader.bill(&owner)? {
                let owners = vec![owner];
                bills.push(SharedBill { sbom, owners });
            }
        }
        Ok((seen, bills))
    }

    /// Scores that differ from what is stored for today.
    fn note_scores(&self, bench: &mut Bench, index: &Index) -> Result<(), ChangeError> {
        let today = day(index.at);
        let fleet = index
            .fleet
            .iter()
            .map(|score| (FLEET.to_owned(), score.tenths));
        let all = index
            .scores
            .iter()
            .map(|(id, score)| (id.clone(), score.tenths));
        let new: BTreeMap<String, u32> = all
            .chain(fleet)
            .filter(|(id, tenths)| bench.stored.get(id) != Some(&(today, *tenths)))
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        self.0
            .writer
            .write(|changes| changes.note_scores(today, &new))?;
        let stored = new.into_iter().map(|(id, tenths)| (id, (today, tenths)));
        bench.stored.extend(stored);
        Ok(())
    }
}

pub(crate) fn now() -> Moment {
    Moment(mesh::wall().as_millis() / 1000)
}

fn day(at: Moment) -> u32 {
    u32::try_from(at.0 / DAY_S).unwrap_or(u32::MAX)
}

fn libraries(bills: &[SharedBill]) -> Libraries {
    let mut libraries = Libraries::default();
    for bill in bills {
        for owner in &bill.owners {
            if libraries.add(owner, &bill.sbom).is_err() {
                warn!("the search for libraries leaves devices out: there are too many");
                return libraries;
            }
        }
    }
    libraries
}

/// When each device was scanned, and whether its software is known.
fn note_known(devices: &mut Devices, seen: &[(Holder, Seen)], bills: &[SharedBill]) {
    for (holder, seen) in seen {
        if let Some(known) = devices.get_mut(&holder.to_string()) {
            known.last_scan = known.last_scan.max(Some(seen.at));
        }
    }
    for owner in bills.iter().flat_map(|bill| &bill.owners) {
        if let Some(known) = devices.get_mut(owner) {
            known.has_sbom = true;
        }
    }
}

fn carry_over(devices: &mut Devices, before: &Index) {
    for (id, known) in devices {
        if let Some(former) = before.devices.get(id) {
            known.last_scan = former.last_scan;
            known.has_sbom = former.has_sbom;
        }
    }
}

fn inventories(
    feed: &Feed,
    seen: &[(Holder, Seen)],
    bills: &[SharedBill],
) -> BTreeMap<String, Inventory> {
    let mut all: BTreeMap<String, Inventory> = BTreeMap::new();
    let empty = |id: &str| Inventory::new(id);
    for (holder, seen) in seen {
        let id = holder.to_string();
        let inventory = all.entry(id.clone()).or_insert_with(|| empty(&id));
        for look in &seen.looks {
            inventory.add_host(&look.host);
            inventory.add_greetings(&look.host, &feed.patterns);
        }
        for (number, first) in seen.looks.iter().enumerate() {
            for second in &seen.looks[number + 1..] {
                inventory.add_differences(compare(&first.host, &second.host));
            }
        }
    }
    for bill in bills {
        for owner in &bill.owners {
            let inventory = all.entry(owner.clone()).or_insert_with(|| empty(owner));
            inventory.add_sbom(&bill.sbom);
        }
    }
    all
}

fn match_all(
    loaded: &Loaded,
    inventories: &BTreeMap<String, Inventory>,
) -> (Vec<Occurrence>, BTreeMap<String, BTreeSet<String>>) {
    let feed = &loaded.feed;
    let matcher = Matcher::over(&feed.catalogue, &loaded.lookup, &feed.vex);
    let (mut occurrences, mut undecided) = (Vec::new(), BTreeMap::new());
    for (id, inventory) in inventories {
        let matched = matcher.device(inventory);
        occurrences.extend(matched.occurrences);
        if !matched.undecided.is_empty() {
            undecided.insert(id.clone(), matched.undecided);
        }
    }
    (occurrences, undecided)
}
