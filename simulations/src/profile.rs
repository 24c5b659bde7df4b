//! What devices of each class look like: the ranges from which a simulated host draws its readings.

use std::ops::RangeInclusive;

use protocol::class::{DeviceClass, DeviceClassError};
use protocol::statement::host::{Disk, Interface, Port, Process, Reach, Reading, Start, Transport};
use protocol::text::Name;
use serde::Deserialize;
use thiserror::Error;

use crate::chance::Chance;

/// One class of devices, as its file describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub class: String,
    pub model: String,
    pub system: String,
    pub kernel: String,
    pub architecture: String,
    pub cores: u16,
    /// Seconds between two readings.
    pub period_s: u64,
    cpu_permille: (u64, u64),
    memory_total_kib: u64,
    memory_used_permille: (u64, u64),
    temperature_mc: Option<(u64, u64)>,
    /// How often the list of processes changes between two readings.
    change_permille: u64,
    #[serde(default)]
    disks: Vec<DiskRow>,
    interfaces: Vec<InterfaceRow>,
    processes: Vec<ProcessRow>,
    #[serde(default)]
    ports: Vec<PortRow>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DiskRow {
    mount: String,
    total_mib: u64,
    used_permille: (u64, u64),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct InterfaceRow {
    name: String,
    /// Bytes in one period.
    received: (u64, u64),
    sent: (u64, u64),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcessRow {
    name: String,
    memory_kib: (u64, u64),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PortRow {
    transport: TransportWord,
    number: u16,
    reach: ReachWord,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TransportWord {
    Tcp,
    Udp,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ReachWord {
    Loopback,
    Network,
}

#[derive(Debug, Error)]
pub enum ProfileError {
    #[error("there is no profile `{0}`: {source}", source = .1)]
    Class(String, #[source] DeviceClassError),
    #[error("the profile `{word}` cannot be read")]
    Malformed {
        word: &'static str,
        source: toml::de::Error,
    },
}

/// The profile file of a class, as it was built in.
const fn text(class: DeviceClass) -> &'static str {
    match class {
        DeviceClass::Sensor => include_str!("../profiles/sensor.toml"),
        DeviceClass::Meter => include_str!("../profiles/meter.toml"),
        DeviceClass::Camera => include_str!("../profiles/camera.toml"),
        DeviceClass::Plc => include_str!("../profiles/plc.toml"),
        DeviceClass::Medical => include_str!("../profiles/medical.toml"),
        DeviceClass::Vehicle => include_str!("../profiles/vehicle.toml"),
        DeviceClass::Gateway => include_str!("../profiles/gateway.toml"),
        DeviceClass::Printer => include_str!("../profiles/printer.toml"),
        DeviceClass::Phone => include_str!("../profiles/phone.toml"),
        DeviceClass::Computer => include_str!("../profiles/computer.toml"),
        DeviceClass::Other => include_str!("../profiles/other.toml"),
    }
}

impl Profile {
    pub fn of(class: DeviceClass) -> Result<Self, ProfileError> {
        toml::from_str(text(class)).map_err(|source| ProfileError::Malformed {
            word: class.word(),
            source,
        })
    }

    /// The profiles of a list such as `camera,meter,plc`; all of them for none.
    pub fn pick(words: Option<&str>) -> Result<Vec<(DeviceClass, Self)>, ProfileError> {
        let classes = match words {
            None => DeviceClass::ALL.to_vec(),
            Some(words) => words.split(',').map(class).collect::<Result<_, _>>()?,
        };
        classes
            .into_iter()
            .map(|class| Ok((class, Self::of(class)?)))
            .collect()
    }

    pub fn start(&self, host: &str) -> Start {
        Start {
            agent: name("0.1.0"),
            host: name(host),
            system: name(&self.system),
            kernel: name(&self.kernel),
            architecture: name(&self.architecture),
            model: Some(name(&self.model)),
            cores: self.cores,
            product: None,
        }
    }

    /// A reading; the lists are in the first one and whenever they change.
    pub fn reading(&self, chance: &mut Chance, uptime_s: u64, first: bool) -> Reading {
        let changed = first || chance.below(1000) < self.change_permille;
        let permille = |chance: &mut Chance, whole: u64, range| whole * chance.within(range) / 1000;
        Reading {
            cpu_permille: chance.within(range(self.cpu_permille)).min(1000) as u16,
            memory_used_kib: permille(
                chance,
                self.memory_total_kib,
                range(self.memory_used_permille),
            ),
            memory_total_kib: self.memory_total_kib,
            uptime_s,
            temperature_mc: self
                .temperature_mc
                .map(|degrees| chance.within(range(degrees)) as i32),
            disks: self.disks.iter().map(|row| row.draw(chance)).collect(),
            interfaces: self.interfaces.iter().map(|row| row.draw(chance)).collect(),
            processes: changed.then(|| self.processes.iter().map(|row| row.draw(chance)).collect()),
            ports: first.then(|| self.ports.iter().map(PortRow::port).collect()),
            files: None,
            heard: Vec::new(),
            late_ms: None,
        }
    }
}

impl DiskRow {
    fn draw(&self, chance: &mut Chance) -> Disk {
        let used_mib = self.total_mib * chance.within(range(self.used_permille)) / 1000;
        Disk {
            mount: name(&self.mount),
            used_mib,
            total_mib: self.total_mib,
        }
    }
}

impl InterfaceRow {
    fn draw(&self, chance: &mut Chance) -> Interface {
        let (received, sent) = (
            chance.within(range(self.received)),
            chance.within(range(self.sent)),
        );
        Interface {
            name: name(&self.name),
            received,
            sent,
        }
    }
}

impl ProcessRow {
    fn draw(&self, chance: &mut Chance) -> Process {
        Process {
            name: name(&self.name),
            count: 1,
            memory_kib: chance.within(range(self.memory_kib)),
        }
    }
}

impl PortRow {
    fn port(&self) -> Port {
        let transport = match self.transport {
            TransportWord::Tcp => Transport::Tcp,
            TransportWord::Udp => Transport::Udp,
        };
        let reach = match self.reach {
            ReachWord::Loopback => Reach::Loopback,
            ReachWord::Network => Reach::Network,
        };
        Port {
            transport,
            number: self.number,
            reach,
        }
    }
}

fn class(word: &str) -> Result<DeviceClass, ProfileError> {
    word.trim()
        .parse()
        .map_err(|source| ProfileError::Class(word.to_owned(), source))
}

const fn range((least, most): (u64, u64)) -> RangeInclusive<u64> {
    least..=most
}

fn name(text: &str) -> Name {
    Name::fitted(text).expect("a profile that is built in has no empty name")
}

#[cfg(test)]
mod tests {
    use protocol::statement::Statement;

    use super::*;

    #[test]
    fn every_class_has_a_profile_whose_readings_fit_into_a_body() {
        for class in DeviceClass::ALL {
            let profile = Profile::of(class).expect("the profile is built in");
            assert_eq!(profile.class, class.word());
            let reading = profile.reading(&mut Chance::new(1, "profile"), 60, true);
            let bytes = Statement::Reading(reading).encode().len();
            assert!(
                bytes < 700,
                "{class}: {bytes} bytes leave no room for sightings"
            );
        }
    }

    #[test]
    fn an_unknown_profile_is_named() {
        let error = Profile::pick(Some("camera,toaster")).expect_err("no such class");
        assert!(error.to_string().contains("toaster"));
    }
}
