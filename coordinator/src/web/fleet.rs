//! The list of devices: narrowed, ordered, and cut into pages; the same for people and programs.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use findings::filter::Filter;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use ui::links::{Direction, Sort, SortKey};
use ui::parts::chips::StatusCounts;
use ui::parts::status::Status;

use super::Web;
use super::error::WebError;
use super::wall;
use crate::census::Census;
use crate::live::{Live, LiveDevice, Pending, State};
use crate::risk::index::Index;

/// Characters of a search, and of a cursor.
const TEXT: usize = 256;

/// Every state, in the order in which counters are shown.
pub const STATES: [State; 6] = [
    State::Online,
    State::Degraded,
    State::Silent,
    State::Stopped,
    State::Enrolled,
    State::Retired,
];

/// What of the list is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub status: Option<StatusFilter>,
    pub class: Option<String>,
    pub metadata: Metadata,
    pub search: Option<String>,
    pub filter: Option<Filter>,
    pub sort: Sort,
    pub after: Option<Cursor>,
    pub limit: usize,
}

/// Whose metadata passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Metadata {
    #[default]
    Any,
    /// It has ended, as the device says.
    Stale,
}

impl Metadata {
    pub fn parse(word: &str) -> Option<Self> {
        (word == ui::links::STALE).then_some(Self::Stale)
    }

    fn passes(self, entry: &Entry<'_>) -> bool {
        match (self, entry) {
            (Self::Any, _) => true,
            (Self::Stale, Entry::Member(device)) => device.is_stale(),
            (Self::Stale, Entry::Pending(_)) => false,
        }
    }
}

/// Which states pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    /// Every member: programs are not shown who only waits.
    Members,
    /// A word of the interface for programs.
    State(State),
    /// A word of the pages, where one may stand for several states.
    Shown(Status),
}

/// A member, or a device that wants to be one.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'l> {
    Member(&'l LiveDevice),
    Pending(&'l Pending),
}

/// One page of the list.
#[derive(Debug, Clone)]
pub struct Cut<'l> {
    pub entries: Vec<Entry<'l>>,
    /// How many there are on all pages.
    pub matching: usize,
    pub next: Option<Cursor>,
}

/// Where a page ends: the place in the order, ties broken by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    rank: Vec<u8>,
    id: [u8; ID],
}

/// Bytes of an entry's id: its kind, then the id of the device or the number of the ticket.
const ID: usize = 9;

impl Cursor {
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > TEXT {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (id, rank) = bytes.split_first_chunk()?;
        Some(Self {
            rank: rank.to_vec(),
            id: *id,
        })
    }

    pub fn text(&self) -> String {
        BASE64URL_NOPAD.encode(&[self.id.as_slice(), &self.rank].concat())
    }
}

impl Entry<'_> {
    fn id(&self) -> [u8; ID] {
        let (kind, number) = match self {
            Self::Pending(pending) => (0, pending.ticket.to_be_bytes()),
            Self::Member(device) => (1, *device.device.as_bytes()),
        };
        let mut id = [kind; ID];
        id[1..].copy_from_slice(&number);
        id
    }

    fn name(&self) -> &str {
        match self {
            Self::Member(device) => device.name.as_str(),
            Self::Pending(pending) => pending.name.as_str(),
        }
    }

    fn status(&self) -> Status {
        match self {
            Self::Member(device) => shown(device.state),
            Self::Pending(_) => Status::Pending,
        }
    }
}

/// A state in the words of the pages: a device that said goodbye is quiet as well, and says why.
pub fn shown(state: State) -> Status {
    match state {
        State::Enrolled => Status::NeverHeard,
        State::Online => Status::Online,
        State::Degraded => Status::Degraded,
        State::Stopped | State::Silent => Status::Silent,
        State::Retired => Status::Retired,
    }
}

pub fn counts(live: &Live) -> StatusCounts {
    let count = |status| {
        let matching = live
            .devices
            .iter()
            .filter(|device| shown(device.state) == status);
        matching.count() as u64
    };
    StatusCounts {
        online: count(Status::Online),
        degraded: count(Status::Degraded),
        silent: count(Status::Silent),
        pending: live.pending.len() as u64,
        never_heard: count(Status::NeverHeard),
        retired: count(Status::Retired),
    }
}

/// The wanted page of the list.
pub fn cut<'l>(web: &Web, live: &'l Live, wanted: &Wanted) -> Result<Cut<'l>, WebError> {
    let shares = match wanted.sort.key {
        SortKey::Cpu => web.busy_shares()?,
        _ => BTreeMap::new(),
    };
    let passing = passing(web, live, wanted)?;
    let matching = passing.len();
    let ranked = passing.into_iter().map(|entry| {
        let rank = rank(&entry, wanted.sort.key, &shares);
        let id = entry.id();
        (Cursor { rank, id }, entry)
    });
    let direction = wanted.sort.direction;
    let is_further = |cursor: &Cursor| {
        let after = wanted.after.as_ref();
        after.is_none_or(|after| in_order(direction, cursor, after) == Ordering::Greater)
    };
    let mut ranked: Vec<_> = ranked.filter(|(cursor, _)| is_further(cursor)).collect();
    let more = ranked.len() > wanted.limit;
    let order = |a: &(Cursor, Entry<'_>), b: &(Cursor, Entry<'_>)| in_order(direction, &a.0, &b.0);
    if more {
        // Only the page has to be in order, not what comes after it.
        ranked.select_nth_unstable_by(wanted.limit, order);
        ranked.truncate(wanted.limit);
    }
    ranked.sort_unstable_by(order);
    let next = ranked
        .last()
        .filter(|_| more)
        .map(|(cursor, _)| cursor.clone());
    Ok(Cut {
        entries: ranked.into_iter().map(|(_, entry)| entry).collect(),
        matching,
        next,
    })
}

fn in_order(direction: Direction, a: &Cursor, b: &Cursor) -> Ordering {
    match direction {
        Direction::Ascending => a.cmp(b),
        // Ties stay in the order of their ids.
        Direction::Descending => b.rank.cmp(&a.rank).then_with(|| a.id.cmp(&b.id)),
    }
}

fn passing<'l>(web: &Web, live: &'l Live, wanted: &Wanted) -> Result<Vec<Entry<'l>>, WebError> {
    let members = live.devices.iter().map(Entry::Member);
    let waiting = live.pending.iter().map(Entry::Pending);
    let class = wanted.class.as_deref();
    let search = wanted.search.as_deref().map(str::to_lowercase);
    let index = web.risk.index();
    let census = wanted.census(live, &index);
    let mut passing = Vec::new();
    for entry in waiting.chain(members) {
        let fits = has_status(&entry, wanted.status)
            && has_class(&entry, class)
            && wanted.metadata.passes(&entry)
            && is_counted(web, &entry, census.as_ref())?;
        if fits && found(web, &entry, search.as_deref())? {
            passing.push(entry);
        }
    }
    Ok(passing)
}

fn has_status(entry: &Entry<'_>, wanted: Option<StatusFilter>) -> bool {
    match (wanted, entry) {
        (None, _) => true,
        (Some(StatusFilter::Shown(status)), entry) => entry.status() == status,
        (Some(StatusFilter::State(state)), Entry::Member(device)) => device.state == state,
        (Some(StatusFilter::Members), Entry::Member(_)) => true,
        (Some(StatusFilter::Members | StatusFilter::State(_)), Entry::Pending(_)) => false,
    }
}

fn is_counted(web: &Web, entry: &Entry<'_>, census: Option<&Census<'_>>) -> Result<bool, WebError> {
    match (census, entry) {
        (None, _) => Ok(true),
        (Some(census), Entry::Member(device)) => census.has(device, || web.told(device)),
        (Some(_), Entry::Pending(_)) => Ok(false),
    }
}

fn has_class(entry: &Entry<'_>, wanted: Option<&str>) -> bool {
    match (wanted, entry) {
        (None, _) => true,
        (Some(class), Entry::Member(device)) => device.class.word() == class,
        (Some(_), Entry::Pending(_)) => false,
    }
}

/// `search` is in small letters.
fn found(web: &Web, entry: &Entry<'_>, search: Option<&str>) -> Result<bool, WebError> {
    let Some(search) = search else {
        return Ok(true);
    };
    let has = |text: &str| text.to_lowercase().contains(search);
    let told = has(entry.name())
        || match entry {
            Entry::Pending(pending) => has(&pending.address) || has(pending.agent.as_str()),
            Entry::Member(device) => {
                has(device.cell.as_str())
                    || has(device.class.word())
                    || has(&device.device.to_string())
            }
        };
    match entry {
        Entry::Member(device) if !told => {
            let told = web.told(device)?;
            let texts = [&told.address, &told.version];
            Ok(texts.into_iter().flatten().any(|text| has(text)))
        }
        _ => Ok(told),
    }
}

/// The place in an order, as bytes that compare like it.
fn rank(entry: &Entry<'_>, key: SortKey, shares: &BTreeMap<DeviceId, i64>) -> Vec<u8> {
    match (key, entry) {
        (SortKey::Name, entry) => entry.name().to_lowercase().into_bytes(),
        (SortKey::Status, Entry::Pending(_)) => vec![0],
        (SortKey::Status, Entry::Member(device)) => vec![urgency(device.state)],
        (SortKey::LastSeen, Entry::Pending(pending)) => time(Some(pending.asked.as_millis())),
        (SortKey::LastSeen, Entry::Member(device)) => time(device.heard.map(Timestamp::as_millis)),
        (SortKey::Cpu, Entry::Pending(_)) => time(None),
        (SortKey::Cpu, Entry::Member(device)) => {
            let share = shares
                .get(&device.device)
                .filter(|_| device.heard.is_some());
            time(share.map(|permille| permille.unsigned_abs() + 1))
        }
    }
}

fn time(millis: Option<u64>) -> Vec<u8> {
    millis.unwrap_or(0).to_be_bytes().to_vec()
}

fn urgency(state: State) -> u8 {
    match state {
        State::Silent => 1,
        State::Degraded => 2,
        State::Stopped => 3,
        State::Enrolled => 4,
        State::Online => 5,
        State::Retired => 6,
    }
}

impl Wanted {
    /// Nothing where no filter narrows the list.
    pub fn census<'c>(&'c self, live: &'c Live, index: &'c Index) -> Option<Census<'c>> {
        let filter = self.filter.as_ref().filter(|filter| !filter.is_empty())?;
        Some(Census {
            filter,
            live,
            index,
            now: wall(),
        })
    }

    /// Text from a query: nothing where it is empty, and never longer than is useful.
    pub fn text(text: Option<&str>) -> Option<String> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        Some(text.chars().take(TEXT).collect())
    }
}

/// An id from an address.
pub fn device_id(text: &str) -> Result<DeviceId, WebError> {
    text.parse().map_err(|_| WebError::NoSuch("device"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(rank: &[u8], id: u8) -> Cursor {
        Cursor {
            rank: rank.to_vec(),
            id: [id; ID],
        }
    }

    #[test]
    fn a_cursor_reads_back_and_nonsense_is_no_cursor() {
        let here = cursor(b"gate \xc3\xa4", 7);
        assert_eq!(Cursor::parse(&here.text()), Some(here));
        for nonsense in ["", "!", "_w", &"A".repeat(TEXT + 1)] {
            assert_eq!(Cursor::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_other_direction_turns_ranks_around_and_not_ties() {
        let (a, b, c) = (cursor(b"1", 8), cursor(b"1", 9), cursor(b"2", 1));
        let mut all = [c.clone(), b.clone(), a.clone()];
        all.sort_by(|x, y| in_order(Direction::Descending, x, y));
        assert_eq!(all, [c, a, b]);
    }
}
