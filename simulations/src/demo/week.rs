//! The week itself: what devices measure, hear and install, and what goes wrong.

use std::f64::consts::TAU;
use std::net::IpAddr;
use std::time::Duration;

use coordinator::bulletin::Bulletin;
use coordinator::logbook::Logbook;
use coordinator::releases::Releases;
use protocol::coordinator::Input;
use protocol::heard::{Address, Device as HeardDevice, Ears, Heard, Means, Met, Presence, Watched};
use protocol::id::Digest;
use protocol::install::{Reason, State, Step};
use protocol::statement::Statement;
use protocol::statement::host::{
    Disk, Interface, Port, Process, Reach, Reading, Start, Transport, WatchedFile,
};
use protocol::text::Path;
use protocol::time::Timestamp;

use super::seats::Seat;
use super::site::Site;
use super::traffic::Traffic;
use super::{name, trouble, updates};
use crate::chance::Chance;

const QUARTER: Duration = Duration::from_secs(900);
const FIVE_MINUTES: Duration = Duration::from_secs(300);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
/// Steps of an update that goes well, one at each moment.
const STEPS: [State; 5] = [
    State::Trusted,
    State::Fetched,
    State::Installed,
    State::Probation,
    State::Committed,
];

/// Everything until `now`, moment by moment.
pub fn pass(
    site: &mut Site,
    bulletin: &Bulletin,
    logbook: &Logbook,
    releases: &Releases,
    now: Timestamp,
) -> anyhow::Result<()> {
    let start = site.live.borrow().at;
    let moments = moments(start, now);
    let mut chance = Chance::new(site.seats.len() as u64, "demo week");
    let mut story = trouble::Story::new(start, now, &site.seats);
    let mut traffic = Traffic::new(site, start, now);
    let mut rollout = updates::Rollout::new(start, now);
    begin(site, start)?;
    for at in moments {
        for place in 0..site.seats.len() {
            if site.is_silent(place, at) {
                continue;
            }
            measure(site, place, at, &mut chance)?;
            install(site, place, at)?;
        }
        site.tell(Input::Tick, at)?;
        rollout.go_on(site, releases, at)?;
        traffic.go_on(site, at)?;
        story.go_on(site, bulletin, logbook, at)?;
    }
    traffic.tell_pages(site, now)?;
    // Not before what was signed last: a device whose time falls convicts itself.
    hear(site, now, start)?;
    site.commit()?;
    site.show(now);
    Ok(())
}

/// Sparse at first, dense at the end, as pages look at it.
fn moments(start: Timestamp, now: Timestamp) -> Vec<Timestamp> {
    let mut moments = Vec::new();
    let mut at = start.saturating_add(MINUTE);
    while at < now {
        moments.push(at);
        let left = now.since(at);
        at = at.saturating_add(match left {
            left if left > DAY => QUARTER,
            left if left > HOUR => FIVE_MINUTES,
            _ => MINUTE,
        });
    }
    moments
}

/// The first words of everybody: what it is, what runs on it, and whom it hears.
fn begin(site: &mut Site, at: Timestamp) -> anyhow::Result<()> {
    for place in 0..site.seats.len() {
        let seat = &site.seats[place];
        let said = Statement::Start(Start {
            agent: name("0.1.0"),
            host: seat.name.clone(),
            system: name("Debian GNU/Linux 12"),
            kernel: name("6.1.0-18-arm64"),
            architecture: name("aarch64"),
            model: Some(seat.model.clone()),
            cores: 4,
            product: None,
        });
        site.say(place, &said, at)?;
        let lists = Reading {
            processes: Some(processes(&site.seats[place])),
            ports: Some(ports()),
            files: Some(files(place)),
            ..reading(&site.seats[place], at, 0)
        };
        site.say(place, &Statement::Reading(lists), at)?;
    }
    hear(site, at, at)
}

fn measure(
    site: &mut Site,
    place: usize,
    at: Timestamp,
    chance: &mut Chance,
) -> anyhow::Result<()> {
    let noise = chance.below(50);
    let said = Statement::Reading(reading(&site.seats[place], at, noise));
    site.say(place, &said, at)
}

/// Busy by day, quiet by night; disks fill slowly.
fn reading(seat: &Seat, at: Timestamp, noise: u64) -> Reading {
    let seconds = at.as_millis() / 1_000;
    let hour = (seconds % 86_400) as f64 / 3_600.0;
    let swing = 0.5 + 0.5 * ((hour - 14.0) / 24.0 * TAU).cos();
    let swing = if seat.sleeps_at_night && swing < 0.2 {
        0.05
    } else {
        0.4 + 0.6 * swing
    };
    let cpu = (f64::from(seat.cpu_permille) * swing) as u16 + noise as u16;
    let days = seconds / 86_400 % 40;
    Reading {
        cpu_permille: cpu.min(1_000),
        memory_used_kib: seat.memory_kib * (45 + noise / 10) / 100,
        memory_total_kib: seat.memory_kib,
        uptime_s: seconds % (40 * 86_400),
        temperature_mc: Some(38_000 + i32::from(cpu) * 20),
        disks: vec![Disk {
            mount: name("/"),
            used_mib: 1_800 + days * 25,
            total_mib: 7_600,
        }],
        interfaces: vec![Interface {
            name: name("eth0"),
            received: 40_000 + u64::from(cpu) * 300 + noise * 900,
            sent: 30_000 + u64::from(cpu) * 2_000 + noise * 1_500,
        }],
        ..Reading::default()
    }
}

fn processes(seat: &Seat) -> Vec<Process> {
    let own = match seat.model.as_str() {
        "ipc-3" => "streamer",
        "pc-7" => "runtime",
        "hmi-2" => "kiosk",
        _ => "collector",
    };
    [
        (own, 48_000),
        ("palisade-node", 9_400),
        ("sshd", 6_100),
        ("systemd", 11_200),
    ]
    .map(|(process, memory_kib)| Process {
        name: name(process),
        count: 1,
        memory_kib,
    })
    .into()
}

fn ports() -> Vec<Port> {
    [(22, Reach::Network), (53, Reach::Loopback)]
        .map(|(number, reach)| Port {
            transport: Transport::Tcp,
            number,
            reach,
        })
        .into()
}

fn files(place: usize) -> Vec<WatchedFile> {
    ["/etc/passwd", "/etc/ssh/sshd_config"]
        .map(|path| WatchedFile {
            path: Path::new(path).expect("a short path"),
            digest: Some(Digest::of("demo file", &[path.as_bytes(), &[place as u8]])),
        })
        .into()
}

/// One step of what a device was ordered to install.
fn install(site: &mut Site, place: usize, at: Timestamp) -> anyhow::Result<()> {
    let seat = &mut site.seats[place];
    let Some((order, done)) = &mut seat.update else {
        return Ok(());
    };
    let Some(state) = STEPS.get(*done) else {
        return Ok(());
    };
    let state = match state {
        State::Committed if seat.fails_to_update => State::RolledBack(Reason::Restarts),
        state => state.clone(),
    };
    *done += 1;
    let step = Step {
        target: order.target,
        nonce: order.nonce,
        version: Some(name(updates::VERSION)),
        state,
    };
    site.say(place, &Statement::Install(step), at)
}

/// What members say of the devices beside them.
fn hear(site: &mut Site, at: Timestamp, since: Timestamp) -> anyhow::Result<()> {
    for place in 0..site.seats.len() {
        let near = site.strangers.iter().filter(|one| one.hearer == place);
        let near: Vec<_> = near.cloned().collect();
        let page = Heard {
            since,
            devices: near
                .iter()
                .map(|one| HeardDevice {
                    mac: one.mac,
                    addresses: vec![Address::from(IpAddr::V4(one.address))],
                    names: vec![one.name.clone()],
                    vendor: Some(one.vendor.clone()),
                    class: one.class,
                    confidence: 70,
                    reasons: vec![name("what it offers by multicast DNS")],
                    ports: one.ports.clone(),
                    first: since,
                    last: at,
                })
                .collect(),
            watched: near
                .iter()
                .map(|one| Watched {
                    mac: one.mac,
                    from: since,
                    until: at,
                    presence: Presence::There,
                    met: Some(Met {
                        at,
                        means: Means::Arp,
                    }),
                    cites: None,
                })
                .collect(),
            events: Vec::new(),
            ears: Some(Ears {
                own: vec![site.seats[place].mac],
                interfaces: vec![name("eth0")],
                missing: Vec::new(),
            }),
        };
        site.say(place, &Statement::Heard(page), at)?;
    }
    Ok(())
}
