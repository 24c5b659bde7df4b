//! Devices as filters see them, members of the mesh and those that run no node: one reading for pages, interface and
//! command line.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

use findings::filter::{Fields, Filter, Truth, Value};
use findings::scan::Mac;
use findings::time::Moment;
use protocol::class::DeviceClass;
use protocol::time::Timestamp;

use crate::live::{Live, LiveDevice};
use crate::neighbours::Neighbour;
use crate::risk::holder::Holder;
use crate::risk::index::Index;
use crate::risk::known::Known;

/// Fields that follow from a device's own words, which are dear to read.
const TOLD: [&str; 3] = ["address", "model", "version"];

/// What a member says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    pub version: Option<String>,
    pub model: Option<String>,
    /// The first of its addresses, as people write it.
    pub address: Option<String>,
}

/// One filter over everything that is known at one moment. Who only waits for approval is no device yet.
#[derive(Debug)]
pub struct Census<'c> {
    pub filter: &'c Filter,
    pub live: &'c Live,
    pub index: &'c Index,
    pub now: Timestamp,
}

impl Census<'_> {
    /// Whether a member passes; its own words are read where the filter asks for them.
    pub fn has<E>(
        &self,
        device: &LiveDevice,
        told: impl FnOnce() -> Result<Arc<Told>, E>,
    ) -> Result<bool, E> {
        let told = match self.filter.asks(&TOLD) {
            true => told()?,
            false => Arc::default(),
        };
        let one = One::Member(device, told);
        Ok(self.filter.passes(&Seen::new(self, one)))
    }

    pub fn has_neighbour(&self, neighbour: &Neighbour) -> bool {
        self.filter
            .passes(&Seen::new(self, One::Neighbour(neighbour)))
    }
}

/// What is known of a device without a node beside what is heard of it.
pub fn known<'i>(index: &'i Index, neighbour: &Neighbour) -> Option<&'i Known> {
    let holder = Holder::Mac(Mac(neighbour.mac.0));
    index.devices.get(&holder.to_string())
}

/// What people call it, or else what it calls itself.
pub fn name(index: &Index, neighbour: &Neighbour) -> String {
    let called = known(index, neighbour).map(|known| &known.called);
    let called = called.filter(|called| !called.is_empty()).cloned();
    called.unwrap_or_else(|| neighbour.name())
}

/// The class that people give it, or else the guess.
pub fn class(index: &Index, neighbour: &Neighbour) -> DeviceClass {
    let classed = known(index, neighbour).and_then(|known| known.classed);
    classed.unwrap_or_else(|| neighbour.class())
}

enum One<'c> {
    Member(&'c LiveDevice, Arc<Told>),
    Neighbour(&'c Neighbour),
}

/// Texts and sets that were made for one device live as long as it is looked at.
struct Seen<'c> {
    census: &'c Census<'c>,
    one: One<'c>,
    id: String,
    known: OnceCell<Option<&'c Known>>,
    name: OnceCell<String>,
    mac: OnceCell<String>,
    open: OnceCell<Vec<String>>,
}

impl<'c> Seen<'c> {
    fn new(census: &'c Census<'c>, one: One<'c>) -> Self {
        let id = match &one {
            One::Member(device, _) => device.device.to_string(),
            One::Neighbour(neighbour) => Holder::Mac(Mac(neighbour.mac.0)).to_string(),
        };
        Self {
            census,
            one,
            id,
            known: OnceCell::new(),
            name: OnceCell::new(),
            mac: OnceCell::new(),
            open: OnceCell::new(),
        }
    }

    fn known(&self) -> Option<&'c Known> {
        let devices = &self.census.index.devices;
        *self.known.get_or_init(|| devices.get(&self.id))
    }

    /// The ids of findings that are open on it.
    fn open(&self) -> &[String] {
        self.open.get_or_init(|| {
            let on_it = self.census.index.on_device(&self.id);
            let open = on_it.filter(|(finding, place)| finding.occurrences[*place].1.is_open());
            let mut ids: Vec<String> = open
                .map(|(finding, _)| finding.subject.to_string())
                .collect();
            ids.dedup();
            ids
        })
    }

    fn age(&self, at: Timestamp) -> Value<'_> {
        Value::Age(self.census.now.since(at))
    }

    fn age_of(&self, at: Moment) -> Value<'_> {
        let now = self.census.now.as_millis() / 1000;
        Value::Age(Duration::from_secs(now.saturating_sub(at.0)))
    }

    /// Fields that both kinds have, from what is found on them and said of them.
    fn common(&self, field: &str) -> Option<Value<'_>> {
        Some(match field {
            "site" => said(&self.known()?.site)?,
            "tag" => Value::Set(self.known()?.tags.iter().map(String::as_str).collect()),
            "finding" => Value::Set(self.open().iter().map(String::as_str).collect()),
            "findings" => number(self.open().len()),
            "score" => {
                let score = self.census.index.scores.get(&self.id)?;
                Value::Number(i64::from(score.tenths / 10))
            }
            "last_scan" => self.age_of(self.known()?.last_scan?),
            _ => return None,
        })
    }

    fn of_member<'s>(
        &'s self,
        device: &'s LiveDevice,
        told: &'s Told,
        field: &str,
    ) -> Option<Value<'s>> {
        Some(match field {
            "name" => Value::Text(device.name.as_str()),
            "class" => Value::Text(device.class.word()),
            "status" => Value::Text(device.state.word()),
            "cell" => Value::Text(device.cell.as_str()),
            "vendor" => said(&self.known()?.vendor)?,
            "model" => said(told.model.as_deref()?)?,
            "version" => said(told.version.as_deref()?)?,
            "address" => Value::Texts(addresses(told.address.as_deref()?)),
            "last_heard" => self.age(device.heard?),
            "first_heard" => self.age(device.admitted),
            "node" => Value::Truth(Truth::Yes),
            field => return self.common(field),
        })
    }

    fn of_neighbour<'s>(&'s self, one: &'s Neighbour, field: &str) -> Option<Value<'s>> {
        let census = self.census;
        Some(match field {
            "name" => Value::Text(self.name.get_or_init(|| name(census.index, one))),
            "class" => Value::Text(class(census.index, one).word()),
            "status" => Value::Text(one.state(census.live.at).word()),
            "vendor" => Value::Text(one.device()?.vendor.as_ref()?.as_str()),
            "address" => {
                let addresses = one.device()?.addresses.iter();
                Value::Texts(addresses.map(ToString::to_string).collect())
            }
            "mac" => Value::Text(self.mac.get_or_init(|| one.mac.to_string())),
            "guardians" => number(one.guardians(census.live.at).len()),
            "last_heard" => self.age(one.heard().1?),
            "first_heard" => self.age(one.heard().0?),
            "node" => Value::Truth(Truth::No),
            field => return self.common(field),
        })
    }
}

impl Fields for Seen<'_> {
    fn field(&self, field: &str) -> Option<Value<'_>> {
        match &self.one {
            One::Member(device, told) => self.of_member(device, told, field),
            One::Neighbour(neighbour) => self.of_neighbour(neighbour, field),
        }
    }
}

fn said(text: &str) -> Option<Value<'_>> {
    (!text.is_empty()).then_some(Value::Text(text))
}

fn number(count: usize) -> Value<'static> {
    Value::Number(i64::try_from(count).unwrap_or(i64::MAX))
}

/// `10.0.0.7:7400` is found by its host too.
fn addresses(shown: &str) -> Vec<String> {
    let host = shown.rsplit_once(':').map(|(host, _)| host);
    let host = host.map(|host| host.trim_matches(['[', ']']).to_owned());
    [Some(shown.to_owned()), host]
        .into_iter()
        .flatten()
        .collect()
}
