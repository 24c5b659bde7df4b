//! Who is there: members by class, place and habit, and devices beside them that run no node.

use std::net::Ipv4Addr;
use std::sync::Arc;

use protocol::class::DeviceClass;
use protocol::heard::Mac;
use protocol::id::{DeviceId, Digest};
use protocol::install::Order;
use protocol::key::{PeerKey, SecretKey, Signer as _};
use protocol::record::Position;
use protocol::seal::{DataKey, UnsealingKey};
use protocol::text::Name;

use super::{Wish, name};
use crate::chance::{Chance, seed_bytes};

/// The camera that somebody takes over.
pub const CAPTURED: usize = 5;
/// Of so many devices one runs no node.
const STRANGER_OF: usize = 4;

/// One member, with what it needs to speak.
#[derive(Debug)]
pub struct Seat {
    pub device: DeviceId,
    pub name: Name,
    pub class: DeviceClass,
    pub cell: Name,
    /// What its board calls itself; releases name it.
    pub model: Name,
    pub address: Ipv4Addr,
    pub mac: Mac,
    pub signer: Arc<SecretKey>,
    pub data_key: DataKey,
    pub unsealing: UnsealingKey,
    pub next: Position,
    pub previous: Digest,
    /// What it usually does.
    pub cpu_permille: u16,
    pub memory_kib: u64,
    pub sleeps_at_night: bool,
    /// It says nothing on the last day.
    pub falls_silent: bool,
    /// What it was ordered to install, and how far it is.
    pub update: Option<(Order, usize)>,
    pub fails_to_update: bool,
}

/// A device that runs no node.
#[derive(Debug, Clone)]
pub struct Stranger {
    pub mac: Mac,
    pub name: Name,
    pub class: DeviceClass,
    pub vendor: Name,
    pub address: Ipv4Addr,
    pub ports: Vec<u16>,
    /// The seat that hears it.
    pub hearer: usize,
}

impl Seat {
    pub fn peer(&self) -> PeerKey {
        PeerKey(*self.signer.public().as_bytes())
    }
}

struct Kind {
    class: DeviceClass,
    word: &'static str,
    model: &'static str,
    cpu_permille: u16,
    memory_mib: u64,
}

const KINDS: [Kind; 8] = [
    Kind {
        class: DeviceClass::Camera,
        word: "cam",
        model: "ipc-3",
        cpu_permille: 340,
        memory_mib: 256,
    },
    Kind {
        class: DeviceClass::Sensor,
        word: "sensor",
        model: "s-200",
        cpu_permille: 40,
        memory_mib: 64,
    },
    Kind {
        class: DeviceClass::Plc,
        word: "plc",
        model: "pc-7",
        cpu_permille: 220,
        memory_mib: 128,
    },
    Kind {
        class: DeviceClass::Meter,
        word: "meter",
        model: "em-4",
        cpu_permille: 30,
        memory_mib: 64,
    },
    Kind {
        class: DeviceClass::Computer,
        word: "panel",
        model: "hmi-2",
        cpu_permille: 180,
        memory_mib: 1_024,
    },
    Kind {
        class: DeviceClass::Camera,
        word: "cam",
        model: "ipc-3",
        cpu_permille: 310,
        memory_mib: 256,
    },
    Kind {
        class: DeviceClass::Gateway,
        word: "gateway",
        model: "gw-1",
        cpu_permille: 150,
        memory_mib: 512,
    },
    Kind {
        class: DeviceClass::Printer,
        word: "label-printer",
        model: "lp-9",
        cpu_permille: 20,
        memory_mib: 128,
    },
];
const PLACES: [(&str, &str); 6] = [
    ("Hall A", "hall-a"),
    ("Hall B", "hall-b"),
    ("Office", "office"),
    ("Yard", "yard"),
    ("Boiler house", "boiler"),
    ("Gatehouse", "gate"),
];
const STRANGERS: [(&str, DeviceClass, &str, [u16; 2]); 5] = [
    ("door-display", DeviceClass::Other, "Espressif", [80, 5353]),
    ("old-camera", DeviceClass::Camera, "Hikvision", [23, 554]),
    ("desk-phone", DeviceClass::Phone, "Yealink", [80, 5060]),
    (
        "office-printer",
        DeviceClass::Printer,
        "Brother",
        [631, 9100],
    ),
    (
        "charging-post",
        DeviceClass::Vehicle,
        "Raspberry Pi",
        [22, 1883],
    ),
];

/// Everybody of a wish, in the order of their numbers.
pub fn invent(wish: &Wish) -> (Vec<Seat>, Vec<Stranger>) {
    let strangers = wish.devices / STRANGER_OF;
    let members = wish.devices - strangers;
    let mut chance = Chance::new(wish.seed, "demo seats");
    let seats: Vec<Seat> = (0..members)
        .map(|number| seat(wish.seed, number, &mut chance))
        .collect();
    let strangers = (0..strangers)
        .map(|number| stranger(number, members))
        .collect();
    (seats, strangers)
}

fn seat(seed: u64, number: usize, chance: &mut Chance) -> Seat {
    let kind = &KINDS[number % KINDS.len()];
    let hall = number / 2 % PLACES.len();
    let (cell, place) = PLACES[hall];
    let network = u8::try_from(hall + 1).expect("six places");
    let host = u8::try_from(number % 150).expect("below 150") + 50;
    let bytes = |purpose| seed_bytes(seed, purpose, number as u64);
    Seat {
        device: DeviceId::from_bytes([0; 8]),
        name: name(&format!("{}-{place}-{}", kind.word, number + 1)),
        class: kind.class,
        cell: name(cell),
        model: name(kind.model),
        address: Ipv4Addr::new(10, 20, network, host),
        mac: Mac([0x02, 0x50, 0x41, (number >> 8) as u8, number as u8, network]),
        signer: Arc::new(SecretKey::from_seed(&bytes("demo device key"))),
        data_key: DataKey::from_bytes(bytes("demo data key")),
        unsealing: UnsealingKey::from_seed(&bytes("demo sealing key")),
        next: Position::default(),
        previous: Digest::ZERO,
        cpu_permille: kind.cpu_permille + u16::try_from(chance.below(60)).expect("small"),
        memory_kib: kind.memory_mib * 1_024,
        sleeps_at_night: matches!(kind.class, DeviceClass::Computer | DeviceClass::Printer),
        falls_silent: number == 9 || number % 23 == 17,
        update: None,
        fails_to_update: number == 13,
    }
}

fn stranger(number: usize, members: usize) -> Stranger {
    let (word, class, vendor, ports) = &STRANGERS[number % STRANGERS.len()];
    let hearer = number * 2 % members;
    let network = u8::try_from(hearer / 2 % PLACES.len()).expect("six places");
    let host = u8::try_from(number % 50).expect("below 50") + 200;
    Stranger {
        mac: Mac([0xb8, 0x27, 0xeb, 0x10, network, host]),
        name: name(&format!("{word}-{}", number + 1)),
        class: *class,
        vendor: name(vendor),
        address: Ipv4Addr::new(10, 20, network + 1, host),
        ports: ports.to_vec(),
        hearer,
    }
}
