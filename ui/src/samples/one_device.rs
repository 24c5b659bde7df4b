//! Samples of the pages of one device.

use maud::Markup;

use super::{HOSTILE, NOW_MS, RANGE, device_ref};
use crate::layout::Shell;
use crate::pages::device::logs::LogLine;
use crate::pages::device::peers::Peer;
use crate::pages::device::profile::{
    self, GroundRow, HabitRow, ProfileView, VantageRow, WhyForm, WhyView, WordRow,
};
use crate::pages::device::seat::{MissingGateway, SeatView};
use crate::pages::device::summary::{FileChange, Integrity};
use crate::pages::device::suspicion::{QuarantineView, ReportView, SuspicionView};
use crate::pages::device::telemetry::{Disk, Interface, ListeningPort, Process};
use crate::pages::device::verdict::{Returned, Silence, Standing, Testimony, Word};
use crate::pages::device::{
    self, DeviceHeader, DeviceView, EvidenceKind, Knowledge, LogsView, PeersView, SummaryView, Tab,
    TelemetryView, Witness,
};
use crate::parts::chart::Point;
use crate::parts::form::Field;
use crate::parts::status::Status;

pub(super) fn pages(shell: &Shell) -> Vec<(&'static str, Markup)> {
    let show = |header: DeviceHeader, tab| device::page(shell, &DeviceView { header, tab });
    vec![
        (
            "device",
            show(header(), Tab::Summary(Box::new(summary_view(Vec::new())))),
        ),
        (
            "device-silent",
            show(silent(), Tab::Summary(Box::new(summary_view(changes())))),
        ),
        ("device-logs", show(header(), Tab::Logs(logs_view()))),
        (
            "device-profile",
            show(header(), Tab::Profile(Box::new(profile_view()))),
        ),
        (
            "device-profile-none",
            show(header(), Tab::Profile(Box::default())),
        ),
        (
            "neighbour-profile",
            profile::page(shell, "00:17:88:00:01:02", &profile_view()),
        ),
        (
            "device-logs-none",
            show(header(), Tab::Logs(LogsView::default())),
        ),
        ("device-segment", show(segment(), Tab::Peers(peers_view()))),
        (
            "device-unreachable",
            show(unreachable(), Tab::Peers(peers_view())),
        ),
        ("device-goodbye", show(goodbye(), Tab::Peers(peers_view()))),
        (
            "device-suspected",
            show(
                suspected(),
                Tab::Summary(Box::new(summary_view(Vec::new()))),
            ),
        ),
        (
            "device-unseated",
            show(unseated(), Tab::Summary(Box::new(summary_view(Vec::new())))),
        ),
        ("device-back", show(back(), Tab::Peers(peers_view()))),
        (
            "device-telemetry",
            show(header(), Tab::Telemetry(Box::new(telemetry_view()))),
        ),
        (
            "device-telemetry-empty",
            show(header(), Tab::Telemetry(Box::default())),
        ),
        ("device-peers", show(header(), Tab::Peers(peers_view()))),
    ]
}

pub fn device_view() -> DeviceView {
    DeviceView {
        header: header(),
        tab: Tab::Telemetry(Box::new(telemetry_view())),
    }
}

fn header() -> DeviceHeader {
    let kinds = [
        EvidenceKind::ReceivedTraffic,
        EvidenceKind::LivenessProbe,
        EvidenceKind::LanBroadcast,
    ];
    let witness = |number: usize| Witness {
        device: device_ref(number + 3),
        word: if number == 4 {
            Word::Nothing
        } else {
            Word::Vouches
        },
        heard_ms: (number != 4).then(|| NOW_MS - 1_000 * (number as u64 + 1)),
        evidence: kinds[number % 3],
    };
    DeviceHeader {
        id: "01JD0000".into(),
        name: "boiler-room".into(),
        alike: vec![device_ref(2)],
        class: "plc".into(),
        cell: "Plant floor".into(),
        status: Status::Online,
        why: "5 of 6 witnesses received its newest head; its log is unbroken since it joined."
            .into(),
        since_ms: Some(NOW_MS - 93_000_000),
        last_seen_ms: Some(NOW_MS - 2_100),
        knowledge: Knowledge::SeenBy {
            witnesses: 5,
            of: 6,
        },
        stale_since_ms: None,
        silence: None,
        returned: None,
        testimony: Testimony {
            of: 6,
            quorum: Some(4),
            ..Testimony::default()
        },
        quarantine: None,
        seat: None,
        suspicion: None,
        appeal: None,
        witnesses: (0..6).map(witness).collect(),
        evidence: None,
    }
}

fn suspected() -> DeviceHeader {
    let says = "its accounts do not agree with what this witness counted";
    let report = |number: usize| ReportView {
        witness: device_ref(number + 3),
        says: says.into(),
        times: 3 + number as u64,
        at_ms: NOW_MS - 600_000 * (number as u64 + 1),
    };
    DeviceHeader {
        stale_since_ms: Some(NOW_MS - 7_200_000),
        quarantine: Some(QuarantineView {
            until_ms: NOW_MS + 43_000_000,
            reason: "ordered by ada".into(),
        }),
        suspicion: Some(SuspicionView {
            weight: "2 of 4 votes that are needed.".into(),
            suspected: false,
            reports: (0..2).map(report).collect(),
            clears: "Each witness takes its word back when it has seen nothing more of it for six hours.".into(),
        }),
        appeal: Some(super::appeal(0)),
        ..header()
    }
}

fn unseated() -> DeviceHeader {
    let missing = |number: usize| MissingGateway {
        device: device_ref(number),
        status: super::status(number),
    };
    DeviceHeader {
        seat: Some(SeatView {
            signed: 1,
            needed: 3,
            missing: [2, 4, 5].map(missing).to_vec(),
            remedy: "Start the gateways that are off, and they sign by themselves.".into(),
        }),
        ..header()
    }
}

fn silent() -> DeviceHeader {
    DeviceHeader {
        status: Status::Silent,
        why: "5 of 8 witnesses probed it, heard nothing, and signed that: a certificate. The coordinator does not hear it either, and too few fell silent with it to blame what they share: the device is down, or its own link is. Its return will tell which.".into(),
        knowledge: Knowledge::SeenBy {
            witnesses: 5,
            of: 8,
        },
        silence: Some(silence(
            "device or its link",
            "One fresh record of its own: look at its power, its cable or radio, and its node program.",
            0,
        )),
        ..accused(5, Standing::Certified)
    }
}

fn segment() -> DeviceHeader {
    DeviceHeader {
        why: "It fell silent together with 9 other devices attached to the same segment: the switch or access point before them is the likely cause, not each of them. 6 of 8 witnesses probed it, heard nothing, and signed that: a certificate.".into(),
        silence: Some(silence(
            "its segment",
            "One fresh record of each of them: look at the switch or access point that they share.",
            9,
        )),
        knowledge: Knowledge::SeenBy {
            witnesses: 6,
            of: 8,
        },
        ..accused(6, Standing::Certified)
    }
}

fn unreachable() -> DeviceHeader {
    DeviceHeader {
        why: "The coordinator lost it together with 41 other devices: the way to them is cut, or the coordinator's own. They may be well, and go on watching each other.".into(),
        knowledge: Knowledge::NotVisible,
        silence: Some(silence(
            "uplink or coordinator",
            "One sign of life that reaches the coordinator: look at the way between it and the site first.",
            41,
        )),
        ..accused(0, Standing::Open)
    }
}

fn goodbye() -> DeviceHeader {
    DeviceHeader {
        why: "It said that it stops, so its silence is no alarm.".into(),
        knowledge: Knowledge::Claimed,
        silence: Some(silence(
            "said goodbye",
            "Its next record: start the node program on it.",
            0,
        )),
        ..accused(0, Standing::Open)
    }
}

fn back() -> DeviceHeader {
    DeviceHeader {
        since_ms: Some(NOW_MS - 190_000),
        returned: Some(Returned {
            at_ms: NOW_MS - 186_000,
            words: "It had stopped: its log began anew.".into(),
        }),
        ..header()
    }
}

/// A device of eight witnesses that is silent: so many say so, one still hears it, the others are quiet.
fn accused(accusers: usize, standing: Standing) -> DeviceHeader {
    let witness = |number: usize| Witness {
        device: device_ref(number + 2),
        word: match number {
            number if number < accusers => Word::Accuses {
                at_ms: NOW_MS - 60_000 + 700 * number as u64,
            },
            7 if accusers > 0 => Word::Vouches,
            _ => Word::Nothing,
        },
        heard_ms: (number != 6).then(|| NOW_MS - 71_000 + 9_000 * number as u64),
        evidence: EvidenceKind::ReceivedTraffic,
    };
    DeviceHeader {
        status: Status::Silent,
        since_ms: Some(NOW_MS - 71_000),
        last_seen_ms: Some(NOW_MS - 71_000),
        knowledge: Knowledge::StaleSince {
            at_ms: NOW_MS - 71_000,
        },
        testimony: Testimony {
            accusers: u32::try_from(accusers).unwrap_or_default(),
            of: 8,
            quorum: Some(5),
            standing,
        },
        witnesses: (0..8).map(witness).collect(),
        ..header()
    }
}

fn silence(kind: &str, clears: &str, others: u64) -> Silence {
    let named = others.min(7);
    Silence {
        kind: kind.into(),
        clears: clears.into(),
        with: (10..10 + named as usize).map(device_ref).collect(),
        more: others - named,
    }
}

fn summary_view(changes: Vec<FileChange>) -> SummaryView {
    SummaryView {
        id: "01JD0000".into(),
        address: Some("10.0.0.7:41822".into()),
        version: Some("0.1.0".into()),
        os: Some("Debian GNU/Linux 12".into()),
        kernel: Some("6.1.0-28-arm64".into()),
        architecture: Some("aarch64".into()),
        hardware: Some(HOSTILE.into()),
        product: Some(HOSTILE.into()),
        uptime_ms: Some(93_000_000),
        enrolled_ms: Some(NOW_MS - 93_400_000),
        membership_until_ms: Some(NOW_MS + 2_400_000_000),
        key_fingerprint: Some("SHA256:4f9a:11c0:7e2b:d03c".into()),
        records: Some(9_312),
        groups: super::groups(),
        automation: Some("Never: it is exempt by its class (plc) or its office.".into()),
        integrity: Some(Integrity {
            files: 214,
            digest: "b3:1a77c02f99be40d1".into(),
            checked_ms: NOW_MS - 22_000,
            changes,
        }),
        commands: super::commands::on_device(),
        retire: Field::wrong("boiler", "Type the whole name: boiler-room."),
    }
}

fn changes() -> Vec<FileChange> {
    let change = |path: &str, before: Option<&str>, after: Option<&str>| FileChange {
        at_ms: NOW_MS - 340_000,
        path: path.into(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    vec![
        change("/etc/passwd", Some("b3:77ad01c4"), Some("b3:e01f99b2")),
        change("/usr/local/bin/kworkerd", None, Some("b3:0c0ffee1")),
    ]
}

fn telemetry_view() -> TelemetryView {
    TelemetryView {
        range: RANGE,
        until_ms: NOW_MS,
        cpu_percent: series(14.0, 9.0, 0),
        memory_bytes: series(310e6, 22e6, 3),
        memory_total: Some(1_000_000_000),
        temperature_celsius: series(47.0, 4.0, 5),
        disks: vec![Disk {
            mount: "/".into(),
            used: 11_200_000_000,
            total: 14_000_000_000,
            points: series(11e9, 2e8, 9),
        }],
        interfaces: vec![Interface {
            name: "eth0".into(),
            received: series(2_200.0, 1_300.0, 1),
            sent: series(1_400.0, 400.0, 2),
        }],
        snapshot_ms: Some(NOW_MS - 12_000),
        processes: vec![
            process("palisade-node", 1, 19_400_000),
            process("modbusd", 3, 8_100_000),
            process(HOSTILE, 1, 120_000_000),
        ],
        ports: vec![
            port("tcp", "0.0.0.0", 502, Some("modbusd")),
            port("udp", "0.0.0.0", 5_353, None),
        ],
    }
}

/// A day of readings every ten minutes, with a gap of an hour.
fn series(middle: f64, swing: f64, phase: u64) -> Vec<Point> {
    let point = |step: u64| {
        let angle = (step + phase * 11) as f64 / 17.0;
        let jitter = ((step * 37 + phase * 5) % 19) as f64 / 19.0 - 0.5;
        let value =
            (!(60..66).contains(&step)).then_some(middle + swing * (angle.sin() + 0.7 * jitter));
        Point {
            at_ms: NOW_MS - RANGE.span_ms() + step * 600_000,
            value,
        }
    };
    (0..144).map(point).collect()
}

fn process(name: &str, count: u16, memory_bytes: u64) -> Process {
    Process {
        name: name.into(),
        count,
        memory_bytes,
    }
}

fn port(protocol: &str, address: &str, port: u16, process: Option<&str>) -> ListeningPort {
    ListeningPort {
        protocol: protocol.into(),
        address: address.into(),
        port,
        process: process.map(str::to_owned),
    }
}

fn peers_view() -> PeersView {
    let peer = |number: usize| Peer {
        device: device_ref(number),
        status: super::status(number),
        heard_ms: Some(NOW_MS - 900 * number as u64),
        evidence: Some(EvidenceKind::ReceivedTraffic),
        round_trip_ms: number.is_multiple_of(2).then_some(0.8 + number as f64),
    };
    PeersView {
        witnesses: (3..9).map(peer).collect(),
        subjects: (1..4).map(peer).collect(),
        links: Vec::new(),
        observations: vec![super::observation(2)],
    }
}

fn profile_view() -> ProfileView {
    let habit = |words: &str, origin, seen: usize| HabitRow {
        words: words.into(),
        origin,
        first_ms: NOW_MS - 6 * 86_400_000,
        last_ms: NOW_MS - 60_000,
        support: 1_204,
        seen_by: (1..=seen).map(device_ref).collect(),
        of: 3,
    };
    let vantage = |number: usize, stage, lent: Option<&str>| VantageRow {
        member: device_ref(number),
        stage,
        since_ms: NOW_MS - 3 * 86_400_000,
        lent: lent.map(str::to_owned),
        flows: 81_204,
        unusual: 3,
        sent: 912_400_112,
        usual: lent.is_none().then_some(361_000),
        dropped: u64::from(lent.is_some()) * 12,
        told_ms: NOW_MS - 40_000,
    };
    let ground = |number: usize, answer, habit: Option<&str>| GroundRow {
        member: device_ref(number),
        answer,
        habit: habit.map(str::to_owned),
        origin: habit.map(|_| "learnt"),
        last_ms: habit.map(|_| NOW_MS - 60_000),
    };
    ProfileView {
        id: "mac:00:17:88:00:01:02".into(),
        name: HOSTILE.into(),
        vantages: vec![
            vantage(1, "trial", None),
            vantage(2, "learning", Some("camera")),
        ],
        habits: vec![
            habit("out tcp maker.com 443", "learnt", 3),
            habit("out udp local 53", "lent", 2),
            habit("in tcp local 554", "allowed", 1),
        ],
        words: vec![WordRow {
            at_ms: NOW_MS - 90_000,
            by: HOSTILE.into(),
            says: "this is normal: in tcp local 554".into(),
            member: device_ref(1),
            heard: false,
        }],
        why: Some(WhyView {
            says: "Unusual, say 1 of 2 that watch its traffic.".into(),
            grounds: vec![
                ground(1, "unusual", None),
                ground(2, "allowed", Some("out tcp example.org 443")),
            ],
            would_allow: Some("out tcp example.org 443".into()),
        }),
        ask: WhyForm {
            to: Field::new("c2.example.org"),
            port: Field::wrong("x", "Write a number up to 65535."),
            protocol: Field::default(),
        },
    }
}

fn logs_view() -> LogsView {
    let line = |number: u64, program: &str, message: &str| LogLine {
        number,
        at_ms: NOW_MS - 3_000 * number,
        level: Some("warning".into()),
        program: Some(program.into()),
        message: message.into(),
        from: Some(match number {
            1 => "journal".into(),
            _ => "/var/log/messages".into(),
        }),
    };
    LogsView {
        lines: vec![
            line(
                1,
                "sshd",
                "Failed password for root from 203.0.113.9 port 4021 ssh2",
            ),
            line(2, "camd", HOSTILE),
            line(3, "kernel", "\\x1b[31mEXT4-fs error (device mmcblk0p2)"),
        ],
        after: Some("9".into()),
        next: Some("1".into()),
    }
}
