//! Devices that run no node, put together from what members say: nobody's word is dropped, the newest describes the
//! device, and who guards it follows from who still writes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use protocol::class::DeviceClass;
use protocol::heard::{Device, Mac, Presence};
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::store::Reader;
use crate::store::fault::ReadError;
use crate::store::neighbours::{Listener, Word};

/// Guardians write every minute: whoever has been silent for longer than two guards no more, as far as anybody knows.
const LINE_HOLDS: Duration = Duration::from_secs(150);

/// A device that runs no node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    pub mac: Mac,
    /// What each member says of it.
    pub words: Vec<(DeviceId, Arc<Word>)>,
    /// Members that say it is their own hardware, while others hear it: they may be wrong, or hide it.
    pub claimed_by: Vec<DeviceId>,
}

/// What is known of whether it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    There,
    Gone,
    /// Heard once, and nobody has written of it lately.
    Unwatched,
}

impl State {
    pub const ALL: [Self; 3] = [Self::There, Self::Gone, Self::Unwatched];

    pub const fn word(self) -> &'static str {
        match self {
            Self::There => "there",
            Self::Gone => "gone",
            Self::Unwatched => "unwatched",
        }
    }
}

/// What the newest description says, in words; nothing where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Described {
    pub names: Vec<String>,
    pub addresses: Vec<String>,
    pub ports: Vec<u16>,
    pub reasons: Vec<String>,
    /// How sure the guess of the class is, of 100.
    pub confidence: u8,
}

impl From<&Device> for Described {
    fn from(device: &Device) -> Self {
        Self {
            names: device.names.iter().map(ToString::to_string).collect(),
            addresses: device.addresses.iter().map(ToString::to_string).collect(),
            ports: device.ports.clone(),
            reasons: device.reasons.iter().map(ToString::to_string).collect(),
            confidence: device.confidence,
        }
    }
}

impl Neighbour {
    pub fn described(&self) -> Described {
        self.device().map(Described::from).unwrap_or_default()
    }

    /// The description of whoever heard it last.
    pub fn device(&self) -> Option<&Device> {
        let described = self
            .words
            .iter()
            .filter_map(|(_, word)| word.device.as_ref());
        described.max_by_key(|device| device.last)
    }

    /// What people call it: its own best name, or else who made it.
    pub fn name(&self) -> String {
        let device = self.device();
        let name = device.and_then(|device| device.names.first().or(device.vendor.as_ref()));
        name.map_or_else(|| self.mac.to_string(), ToString::to_string)
    }

    pub fn class(&self) -> DeviceClass {
        self.device()
            .map_or(DeviceClass::Other, |device| device.class)
    }

    /// Classes that members guess, where they do not agree.
    pub fn disputed_classes(&self) -> Vec<DeviceClass> {
        let described = self
            .words
            .iter()
            .filter_map(|(_, word)| word.device.as_ref());
        let classes: BTreeSet<DeviceClass> = described.map(|device| device.class).collect();
        if classes.len() > 1 {
            classes.into_iter().collect()
        } else {
            Vec::new()
        }
    }

    /// Members that have written a line of its dossier lately.
    pub fn guardians(&self, now: Timestamp) -> Vec<DeviceId> {
        self.current(now).map(|(member, _)| member).collect()
    }

    pub fn state(&self, now: Timestamp) -> State {
        let newest = self.current(now).filter_map(|(_, word)| word.line);
        match newest.max_by_key(|line| (line.presence == Presence::There, line.until)) {
            Some(line) if line.presence == Presence::Gone => State::Gone,
            Some(_) => State::There,
            None => State::Unwatched,
        }
    }

    /// The first and the last time that anybody heard or met it.
    pub fn heard(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        let described = self
            .words
            .iter()
            .filter_map(|(_, word)| word.device.as_ref());
        let first = described.clone().map(|device| device.first).min();
        let met = self
            .words
            .iter()
            .filter_map(|(_, word)| Some(word.line?.met?.at));
        let last = described.map(|device| device.last).chain(met).max();
        (first, last)
    }

    fn current(&self, now: Timestamp) -> impl Iterator<Item = (DeviceId, &Word)> {
        let is_current =
            move |word: &Word| word.line.is_some() && now.since(word.received) < LINE_HOLDS;
        let current = self.words.iter().filter(move |(_, word)| is_current(word));
        current.map(|(member, word)| (*member, word.as_ref()))
    }
}

/// All of them, by hardware address; words of devices that are no members any more are left out.
pub fn all(
    reader: &Reader,
    is_member: impl Fn(&DeviceId) -> bool,
) -> Result<Vec<Neighbour>, ReadError> {
    let listeners = reader.listeners()?;
    let members = listeners.iter().filter(|(member, _)| is_member(member));
    let mut own: BTreeMap<Mac, Vec<DeviceId>> = BTreeMap::new();
    for (member, listener) in members {
        for mac in &listener.ears.own {
            own.entry(*mac).or_default().push(*member);
        }
    }
    let mut found: BTreeMap<Mac, Neighbour> = BTreeMap::new();
    for ((mac, member), word) in reader.neighbours()? {
        if is_member(&member) {
            let neighbour = found.entry(mac).or_insert_with(|| Neighbour {
                mac,
                words: Vec::new(),
                claimed_by: own.get(&mac).cloned().unwrap_or_default(),
            });
            neighbour.words.push((member, word));
        }
    }
    // Everybody's own hardware is heard before its owner has said so; what goes on being guarded is in dispute.
    found.retain(|_, one| {
        let is_guarded = one.words.iter().any(|(_, word)| word.lines > 1);
        one.claimed_by.is_empty() || is_guarded
    });
    Ok(found.into_values().collect())
}

/// Members that listen, with what they cannot hear.
pub fn listeners(
    reader: &Reader,
    is_member: impl Fn(&DeviceId) -> bool,
) -> Result<Vec<(DeviceId, Arc<Listener>)>, ReadError> {
    let mut listeners = reader.listeners()?;
    listeners.retain(|(member, _)| is_member(member));
    Ok(listeners)
}

#[cfg(test)]
mod tests {
    use protocol::heard::{Means, Met, Watched};

    use super::*;

    fn at(secs: u64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    fn member(n: u8) -> DeviceId {
        DeviceId::from_bytes([n; 8])
    }

    fn word(class: DeviceClass, last: u64, presence: Presence) -> Arc<Word> {
        let mac = Mac([2; 6]);
        let device = Device {
            mac,
            addresses: Vec::new(),
            names: Vec::new(),
            vendor: None,
            class,
            confidence: 50,
            reasons: Vec::new(),
            ports: Vec::new(),
            first: at(10),
            last: at(last),
        };
        let met = Met {
            at: at(last + 1),
            means: Means::Arp,
        };
        let line = Watched {
            mac,
            from: at(0),
            until: at(last + 2),
            presence,
            met: Some(met),
            cites: None,
        };
        Arc::new(Word {
            device: Some(device),
            line: Some(line),
            lines: 3,
            received: at(last + 2),
            ..Word::default()
        })
    }

    #[test]
    fn two_who_say_different_things_are_both_kept() {
        let neighbour = Neighbour {
            mac: Mac([2; 6]),
            words: vec![
                (member(1), word(DeviceClass::Camera, 100, Presence::Gone)),
                (member(2), word(DeviceClass::Plc, 110, Presence::There)),
            ],
            claimed_by: Vec::new(),
        };
        assert_eq!(
            neighbour.class(),
            DeviceClass::Plc,
            "the newest describes it"
        );
        let disputed = [DeviceClass::Camera, DeviceClass::Plc];
        assert_eq!(neighbour.disputed_classes(), disputed);
        assert_eq!(neighbour.state(at(120)), State::There, "one has met it");
        assert_eq!(neighbour.guardians(at(120)), [member(1), member(2)]);
        assert_eq!(neighbour.heard(), (Some(at(10)), Some(at(111))));
    }

    #[test]
    fn whoever_has_not_written_for_long_guards_no_more() {
        let neighbour = Neighbour {
            mac: Mac([2; 6]),
            words: vec![(member(1), word(DeviceClass::Camera, 100, Presence::Gone))],
            claimed_by: Vec::new(),
        };
        assert_eq!(neighbour.state(at(200)), State::Gone);
        assert_eq!(neighbour.state(at(300)), State::Unwatched);
        assert_eq!(neighbour.guardians(at(300)), []);
    }
}
