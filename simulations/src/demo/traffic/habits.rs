//! What devices of each class usually do on the network.

use protocol::class::DeviceClass;

/// With whom, seen from the device.
#[derive(Debug, Clone, Copy)]
pub enum With {
    /// A service of this name.
    Cloud(&'static str),
    /// A host of the same hall, by the end of its address.
    Neighbour(u8),
    /// The same, but it is the neighbour who asks.
    AskedBy(u8),
}

/// One thing that is done again and again.
#[derive(Debug, Clone, Copy)]
pub struct Talk {
    pub with: With,
    pub transport: Transport,
    pub port: u16,
    pub every_min: u64,
    pub sent: u64,
    pub received: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Udp,
}

/// A hall's router, its panel, and where its sensors report to.
pub const ROUTER: u8 = 1;
pub const PANEL: u8 = 2;
pub const HUB: u8 = 3;

const fn tcp(with: With, port: u16, every_min: u64, sent: u64, received: u64) -> Talk {
    Talk {
        with,
        transport: Transport::Tcp,
        port,
        every_min,
        sent,
        received,
    }
}

const fn udp(with: With, port: u16, every_min: u64, sent: u64, received: u64) -> Talk {
    Talk {
        transport: Transport::Udp,
        ..tcp(with, port, every_min, sent, received)
    }
}

const NAMES: Talk = udp(With::Neighbour(ROUTER), 53, 15, 90, 180);
const CLOCK: Talk = udp(With::Cloud("pool.ntp.example"), 123, 60, 90, 90);

const CAMERA: &[Talk] = &[
    NAMES,
    CLOCK,
    tcp(With::Cloud("video.ipcloud.example"), 443, 1, 420_000, 9_000),
    tcp(With::AskedBy(PANEL), 554, 20, 900_000, 4_000),
];
const SENSOR: &[Talk] = &[
    NAMES,
    CLOCK,
    tcp(With::Neighbour(HUB), 8_883, 5, 1_400, 900),
];
const PLC: &[Talk] = &[CLOCK, tcp(With::AskedBy(PANEL), 502, 5, 2_600, 1_200)];
const COMPUTER: &[Talk] = &[
    NAMES,
    CLOCK,
    tcp(With::Neighbour(20), 502, 5, 1_200, 2_600),
    tcp(
        With::Cloud("updates.distro.example"),
        443,
        360,
        4_000,
        2_000_000,
    ),
];
const GATEWAY: &[Talk] = &[
    NAMES,
    CLOCK,
    tcp(With::Cloud("api.plantdata.example"), 443, 5, 30_000, 6_000),
    tcp(With::AskedBy(PANEL), 8_883, 5, 900, 1_400),
];
const PRINTER: &[Talk] = &[
    NAMES,
    tcp(With::AskedBy(PANEL), 631, 45, 3_000, 120_000),
    tcp(
        With::Cloud("ink.printmaker.example"),
        443,
        240,
        2_000,
        5_000,
    ),
];
const PHONE: &[Talk] = &[NAMES, udp(With::Neighbour(HUB), 5_060, 10, 800, 700)];
const OTHER: &[Talk] = &[
    NAMES,
    tcp(With::Cloud("sync.displays.example"), 443, 15, 3_000, 12_000),
];

pub const fn of(class: DeviceClass) -> &'static [Talk] {
    match class {
        DeviceClass::Camera => CAMERA,
        DeviceClass::Sensor | DeviceClass::Meter => SENSOR,
        DeviceClass::Plc => PLC,
        DeviceClass::Computer => COMPUTER,
        DeviceClass::Gateway => GATEWAY,
        DeviceClass::Printer => PRINTER,
        DeviceClass::Phone => PHONE,
        _ => OTHER,
    }
}
