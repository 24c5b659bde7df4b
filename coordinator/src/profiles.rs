//! Profiles of traffic, put together from what members tell: what a device usually does, who saw it, what people said of
//! it, and why a flow is allowed, unusual or denied.

pub mod document;
mod lend;
mod retell;
pub mod speak;
pub mod why;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use detect::mud::{About, Mud};
use detect::profile::Entry;
use protocol::flows::{HabitWord, Origin, Standing, Words};
use protocol::heard::Mac;
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::live::Live;
use crate::risk::holder::Holder;
use crate::store::Reader;
use crate::store::fault::ReadError;
use crate::store::profiles::{Of, SpokenWord, ToldProfile};

/// Everything that is known of one device's traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub holder: Holder,
    /// One for each member that keeps a profile of it.
    pub profiles: Vec<Vantage>,
    /// Words of people about it, the newest first.
    pub words: Vec<Word>,
}

/// What one member tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vantage {
    pub told: ToldProfile,
    pub habits: Vec<(Words, Standing)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub member: DeviceId,
    pub number: u64,
    pub spoken: SpokenWord,
    /// Whether the member has said since that it heard it.
    pub heard: bool,
}

/// One habit with everybody who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joint {
    pub words: Words,
    pub standing: Standing,
    pub members: Vec<DeviceId>,
}

impl Known {
    /// Reads what there is. A device without a node is known by its hardware and by its addresses.
    pub fn of(reader: &Reader, holder: Holder) -> Result<Self, ReadError> {
        let mut profiles = Vec::new();
        for of in places(reader, holder)? {
            for told in reader.profiles_of(of)? {
                let habits = reader.habits(of, told.member)?;
                profiles.push(Vantage { told, habits });
            }
        }
        let mut words = Vec::new();
        for ((member, number), spoken) in reader.habit_words()? {
            let about = profiles.iter().find(|vantage: &&Vantage| {
                vantage.told.member == member && vantage.told.of.whose() == spoken.whose
            });
            if let Some(vantage) = about {
                let heard = vantage.told.profile.obeyed >= number;
                words.push(Word {
                    member,
                    number,
                    spoken,
                    heard,
                });
            }
        }
        words.sort_by_key(|word| std::cmp::Reverse((word.spoken.at, word.number)));
        Ok(Self {
            holder,
            profiles,
            words,
        })
    }

    /// Its habits, each once, with the best founded standing and everybody who holds it.
    pub fn habits(&self) -> Vec<Joint> {
        let mut joint: BTreeMap<&Words, Joint> = BTreeMap::new();
        for vantage in &self.profiles {
            for (words, standing) in &vantage.habits {
                let one = joint.entry(words).or_insert_with(|| Joint {
                    words: words.clone(),
                    standing: *standing,
                    members: Vec::new(),
                });
                one.members.push(vantage.told.member);
                one.standing.first = one.standing.first.min(standing.first);
                one.standing.last = one.standing.last.max(standing.last);
                one.standing.support = one.standing.support.max(standing.support);
                // A person's word weighs more than what was only seen.
                one.standing.origin = one.standing.origin.max(standing.origin);
            }
        }
        joint.into_values().collect()
    }

    /// The habits that most of those who watch the device hold, and those that people or its maker have named: what one of
    /// three says alone is no profile to build a firewall on. Two cannot outvote each other, so that either is heard.
    pub fn agreed(&self) -> Vec<Joint> {
        let of = self.vantages();
        let mut habits = self.habits();
        habits.retain(|habit| {
            let is_named = matches!(habit.standing.origin, Origin::Allowed | Origin::Declared);
            of <= 2 || is_named || 2 * habit.members.len() > of
        });
        habits
    }

    /// The profile as a MUD file (RFC 8520): what is agreed.
    pub fn mud(&self, name: &str, now: Timestamp) -> String {
        let entries: BTreeSet<Entry> = self
            .agreed()
            .iter()
            .filter_map(|habit| habit.words.as_str().parse().ok())
            .collect();
        let about = About {
            url: format!("https://mud.invalid/{}.json", self.holder),
            last_update: crate::web::api::instant(now.as_millis()),
            cache_validity: 48,
            is_supported: true,
            system_info: name.to_owned(),
            maker: None,
            model: None,
        };
        let mud = Mud {
            about,
            entries,
            link_layer: 0,
        };
        mud.to_json()
    }

    /// What was said to a member under a number.
    pub fn word(&self, member: DeviceId, number: u64) -> Option<&HabitWord> {
        let mut words = self.words.iter();
        let found = words.find(|word| word.member == member && word.number == number)?;
        Some(&found.spoken.word)
    }

    /// How many members hear the device at all: so many could have seen what it does.
    pub fn vantages(&self) -> usize {
        let members: BTreeSet<DeviceId> = self
            .profiles
            .iter()
            .map(|vantage| vantage.told.member)
            .collect();
        members.len()
    }
}

impl From<Holder> for Of {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::Member(device) => Self::Member(device),
            Holder::Mac(mac) => Self::Mac(Mac(mac.0)),
            Holder::Address(address) => Self::Address(address),
        }
    }
}

impl From<Of> for Holder {
    fn from(of: Of) -> Self {
        match of {
            Of::Member(device) => Self::Member(device),
            Of::Mac(mac) => Self::Mac(findings::scan::Mac(mac.0)),
            Of::Address(address) => Self::Address(address),
        }
    }
}

/// Where a device's profiles stand: its own, those by its hardware, and those by its addresses.
fn places(reader: &Reader, holder: Holder) -> Result<BTreeSet<Of>, ReadError> {
    let mut places = BTreeSet::from([Of::from(holder)]);
    match holder {
        Holder::Member(device) => {
            let listeners = reader.listeners()?;
            let own = listeners.iter().filter(|(member, _)| *member == device);
            places.extend(
                own.flat_map(|(_, listener)| listener.ears.own.iter().map(|mac| Of::Mac(*mac))),
            );
        }
        Holder::Mac(mac) => {
            let mac = Mac(mac.0);
            for ((heard, _), word) in reader.neighbours()? {
                if heard == mac {
                    let device = word.device.iter();
                    let addresses = device.flat_map(|device| &device.addresses);
                    places.extend(addresses.map(|address| Of::Address(address.ip())));
                }
            }
        }
        Holder::Address(_) => {}
    }
    Ok(places)
}

/// Every member that keeps a profile of a device, and so could have seen what it does.
pub fn watchers(reader: &Reader, holder: Holder) -> Result<BTreeSet<DeviceId>, ReadError> {
    let mut watchers = BTreeSet::new();
    for of in places(reader, holder)? {
        watchers.extend(reader.profiles_of(of)?.iter().map(|told| told.member));
    }
    Ok(watchers)
}

/// The member whose hardware it is.
pub fn owner_of(reader: &Reader, mac: Mac) -> Result<Option<DeviceId>, ReadError> {
    let listeners = reader.listeners()?;
    let owner = listeners
        .iter()
        .find(|(_, listener)| listener.ears.own.contains(&mac));
    Ok(owner.map(|(member, _)| *member))
}

/// A device as somebody writes it: a member's id, hardware with or without `mac:`, or `ip:…`.
pub fn holder(text: &str) -> Option<Holder> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let mac: Mac = text.parse().ok()?;
        Some(Holder::from(Of::Mac(mac)))
    })
}

/// The same, or the name of a member that no other has.
pub fn called(live: &Live, text: &str) -> Option<Holder> {
    holder(text).or_else(|| Some(Holder::Member(live.only(text.trim())?.device)))
}

/// Whether an address is one that no router carries to another site.
pub fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_private() || four.is_link_local() || four.is_multicast(),
        IpAddr::V6(six) => {
            six.is_unique_local() || six.is_unicast_link_local() || six.is_multicast()
        }
    }
}
