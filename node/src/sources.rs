//! The host as an ordinary user sees it: figures every period, lists when they change.

mod attachment;
mod disks;
mod doze;
mod files;
pub mod flows;
pub mod hearing;
mod host;
mod ports;
mod processes;
pub mod tail;
mod temperature;
mod traffic;

use std::time::Instant;

use minicbor::Encode;
use protocol::statement::Statement;
use protocol::statement::host::{Reading, Start};
use protocol::text::Path;
use protocol::{cbor, limits};

use disks::Disks;
use files::Files;
pub use files::{WatchError, fits};
use host::Cpu;
use ports::Ports;
use processes::Processes;
use temperature::Sensors;
use traffic::Traffic;

/// Bytes that the machine adds to a reading: what it heard of its subjects.
const SIGHTING_BYTES: usize = 300;
/// Bytes of a reading as it leaves the source.
const READING_BYTES: usize = limits::BODY_BYTES - SIGHTING_BYTES;
/// Bytes of the figures that are in every reading.
const FIGURE_BYTES: usize = 300;
/// Bytes of one list, so that each fits beside the figures.
const LIST_BYTES: usize = READING_BYTES - FIGURE_BYTES;

/// What to look at beyond what every host has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// Files whose change is reported; see [`fits`].
    pub files: Vec<Path>,
}

/// Reads this host. A call takes some milliseconds and may read the disk.
#[derive(Debug)]
pub struct HostSource {
    cpu: Cpu,
    traffic: Traffic,
    disks: Disks,
    sensors: Sensors,
    processes: Processes,
    ports: Ports,
    files: Files,
}

impl HostSource {
    pub fn new(config: Config) -> Self {
        Self {
            cpu: Cpu::default(),
            traffic: Traffic::new(),
            disks: Disks::default(),
            sensors: Sensors::found(),
            processes: Processes::default(),
            ports: Ports::default(),
            files: Files::new(config.files),
        }
    }

    /// What seldom changes.
    pub fn start(&self) -> Start {
        host::start()
    }

    /// The figures since the call before, and those lists that differ from what was last returned.
    pub fn read(&mut self, now: Instant) -> Reading {
        self.files.look();
        self.ports.look(now);
        self.processes.look(now);
        let mut reading = self.figures(now);
        let mut room = Room::beside(&mut reading);
        reading.files = self.files.due().filter(|list| room.take(list));
        reading.ports = self.ports.due().filter(|list| room.take(list));
        reading.processes = self.processes.due(now).and_then(|list| room.cut(list));
        self.files.sent(reading.files.as_deref());
        self.ports.sent(reading.ports.as_deref());
        self.processes.sent(reading.processes.as_deref(), now);
        reading
    }

    /// A short digest of the default gateway and its subnet; devices behind one switch share it.
    /// `None` while the gateway is not known, which is no reason to forget the last answer.
    pub fn attachment(&self) -> Option<[u8; 8]> {
        attachment::hint()
    }

    fn figures(&mut self, now: Instant) -> Reading {
        let memory = host::memory();
        Reading {
            cpu_permille: self.cpu.permille(),
            memory_used_kib: memory.used_kib,
            memory_total_kib: memory.total_kib,
            uptime_s: host::uptime_s(),
            temperature_mc: self.sensors.hottest_mc(),
            disks: self.disks.read(now),
            interfaces: self.traffic.read(),
            ..Reading::default()
        }
    }
}

/// Bytes that are left for lists: a list that does not fit waits for the next reading.
struct Room(usize);

impl Room {
    /// Shortens the figures to their share, and measures what is left beside them.
    fn beside(figures: &mut Reading) -> Self {
        let size = |reading: &Reading| Statement::Reading(reading.clone()).encode().len();
        while size(figures) > FIGURE_BYTES {
            let disks = cbor::encode(&figures.disks).len();
            let interfaces = cbor::encode(&figures.interfaces).len();
            let dropped = if disks > interfaces {
                figures.disks.pop().is_some()
            } else {
                figures.interfaces.pop().is_some()
            };
            if !dropped {
                break;
            }
        }
        Self(READING_BYTES.saturating_sub(size(figures)))
    }

    fn take<T: Encode<()>>(&mut self, list: &Vec<T>) -> bool {
        let left = self.0.checked_sub(cbor::encode(list).len());
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }

    fn cut<T: Encode<()>>(&mut self, mut list: Vec<T>) -> Option<Vec<T>> {
        while !self.take(&list) {
            list.pop()?;
        }
        (!list.is_empty()).then_some(list)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use protocol::statement::host::{
        Disk, Interface, Port, Process, Reach, Transport, WatchedFile,
    };
    use protocol::text::Name;

    use super::*;

    #[test]
    fn the_first_reading_of_this_host_is_whole_and_the_second_repeats_no_list() {
        let config = Config {
            files: vec![Path::new("/proc/version").expect("it is a path")],
        };
        let mut source = HostSource::new(config);
        let now = Instant::now();
        let first = source.read(now);
        assert!(first.memory_used_kib > 0 && first.memory_used_kib < first.memory_total_kib);
        assert!(first.cpu_permille <= 1000);
        assert!(
            first
                .processes
                .as_ref()
                .is_some_and(|list| !list.is_empty())
        );
        assert_eq!(first.files.as_ref().map(Vec::len), Some(1));
        assert!(first.ports.is_some());
        let second = source.read(now + Duration::from_secs(1));
        assert_eq!((second.processes, second.files), (None, None));
    }

    #[test]
    fn a_host_says_what_it_is() {
        let start = HostSource::new(Config::default()).start();
        assert!(start.cores > 0);
        assert_eq!(start.agent.as_str(), env!("CARGO_PKG_VERSION"));
        assert!(Statement::Start(start).encode().len() <= limits::BODY_BYTES);
    }

    proptest! {
        #[test]
        fn a_reading_leaves_room_for_sightings(
            names in prop::collection::vec("\\PC{1,64}", 40),
            numbers in prop::collection::vec(any::<u64>(), 40),
        ) {
            let name = |index: usize| Name::fitted(&names[index]).unwrap_or(Name::new("x").expect("one letter"));
            let mut reading = Reading {
                cpu_permille: 1000,
                memory_used_kib: u64::MAX,
                memory_total_kib: u64::MAX,
                uptime_s: u64::MAX,
                temperature_mc: Some(i32::MIN),
                disks: (0..limits::DISKS)
                    .map(|at| Disk { mount: name(at), used_mib: numbers[at], total_mib: u64::MAX })
                    .collect(),
                interfaces: (0..limits::INTERFACES)
                    .map(|at| Interface { name: name(at), received: numbers[at], sent: u64::MAX })
                    .collect(),
                ..Reading::default()
            };
            let mut room = Room::beside(&mut reading);
            prop_assert!(room.0 >= LIST_BYTES);
            let ports = (0..limits::PORTS as u16)
                .map(|at| Port { transport: Transport::Udp, number: u16::MAX - at, reach: Reach::Network })
                .collect();
            let path = |at: usize| Path::fitted(&format!("/{}", names[at])).expect("it has a slash");
            let files = (0..2).map(|at| WatchedFile { path: path(at), digest: None }).collect();
            let processes = (0..limits::PROCESSES)
                .map(|at| Process { name: name(at), count: u16::MAX, memory_kib: u64::MAX })
                .collect();
            reading.files = Some(files).filter(|list| room.take(list));
            reading.ports = Some(ports).filter(|list| room.take(list));
            reading.processes = room.cut(processes);
            prop_assert!(Statement::Reading(reading).encode().len() <= READING_BYTES);
        }
    }
}
