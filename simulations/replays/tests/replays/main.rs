//! The figures on public captures, where the data folder is there.

use std::env;
use std::path::{Path, PathBuf};

use hearing::capture::{Link, Packet};
use hearing::moment::Moment;
use replays::scan::Metrics;
use replays::traffic::segment;
use replays::{archive, botnet, connections, fingerprint, scan, setups};

fn data() -> PathBuf {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    env::var_os("PALISADE_DATA").map_or(usual, PathBuf::from)
}

/// The part of the data that a test wants, unless it is absent.
fn wanted(part: &str) -> Option<PathBuf> {
    let path = data().join(part);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// The captures of devices that are set up.
fn unpacked() -> Option<tempfile::TempDir> {
    let packed = wanted("iot-sentinel-C.tar.xz")?;
    archive::unpack(&packed)
        .inspect_err(|error| eprintln!("skipped: {error}"))
        .ok()
}

#[test]
fn every_scan_of_the_captures_is_named_and_nothing_else() {
    let Some(folder) = wanted("slips") else {
        return;
    };
    let found = scan::scan(&folder).expect("the captures can be read");
    assert!(found.scans >= 3, "{found:?}");
    assert_eq!(found.fired, found.scans, "{found:?}");
    assert_eq!(found.quiet_fired, 0, "{found:?}");
    assert!(found.delay_s_max <= 2.0, "{found:?}");
}

#[test]
fn devices_that_are_set_up_are_never_taken_for_scanners() {
    let Some(folder) = unpacked() else {
        return;
    };
    let found = scan::scan(folder.path()).expect("the captures can be read");
    assert!(
        found.captures >= 300 && found.watched_s > 20_000.0,
        "{found:?}"
    );
    assert_eq!((found.scans, found.quiet_fired), (0, 0), "{found:?}");
}

#[test]
fn devices_that_are_set_up_again_and_again_are_seldom_spoken_of() {
    let Some(folder) = unpacked() else {
        return;
    };
    let found = setups::setups(folder.path()).expect("the captures can be read");
    assert!(found.types >= 25 && found.on_trial >= 100, "{found:?}");
    assert!(found.alerts_per_100_device_days <= 5.0, "{found:?}");
    let fixed = found.by_rule.keys().filter(|rule| **rule != "unusual");
    assert_eq!(fixed.count(), 0, "{found:?}");
}

#[test]
fn infected_devices_are_told_and_named() {
    let Some(folder) = wanted("slips") else {
        return;
    };
    let found = botnet::botnet_replay(&folder, &detect::rules::Parameters::default())
        .expect("the captures can be read");
    assert!(found.attacks >= 6, "{found:?}");
    assert!(found.detected >= 4, "{found:?}");
    assert_eq!(found.named.len(), found.detected as usize, "{found:?}");
    assert_eq!(found.source_right, found.detected, "{found:?}");
    assert_eq!(found.false_alerts, 0, "{found:?}");
}

#[test]
fn every_line_of_the_connection_logs_is_read() {
    for part in ["zeek-labeled", "slips"] {
        let Some(folder) = wanted(part) else { return };
        let found = connections::connections(&folder).expect("the logs can be read");
        assert!(found.logs >= 6 && found.connections >= 500, "{found:?}");
        assert_eq!(found.unread, 0, "{found:?}");
    }
}

#[test]
fn a_scan_of_ports_in_a_connection_log_is_named() {
    let Some(folder) = wanted("slips/port-scans/vertical") else {
        return;
    };
    let found = connections::connections(&folder).expect("the logs can be read");
    assert_eq!((found.logs, found.scanning_sources), (1, 1), "{found:?}");
}

/// Six of the types, so that it is done in seconds; the yardstick judges all of them.
#[test]
fn devices_are_told_by_how_they_are_set_up() {
    const TYPES: [&str; 6] = [
        "Aria",
        "HueBridge",
        "EdimaxCam1",
        "WeMoLink",
        "Withings",
        "D-LinkCam",
    ];
    let Some(folder) = unpacked() else {
        return;
    };
    let all = folder
        .path()
        .join("iot-sentinel/captures_IoT_Sentinel/captures_IoT-Sentinel");
    let few = folder.path().join("few");
    std::fs::create_dir(&few).expect("there is room");
    for name in TYPES {
        std::fs::rename(all.join(name), few.join(name)).expect("the set has the type");
    }
    let found = fingerprint::fingerprint(&few, None).expect("the captures can be read");
    assert!(found.judged >= 60 && found.types == 6, "{found:?}");
    assert!(
        found.r#type >= 0.95 && found.family >= found.r#type,
        "{found:?}"
    );
    assert!(found.unknown_auroc >= 0.85, "{found:?}");
    assert!(found.model_kb <= 128.0, "{found:?}");
}

#[test]
fn a_folder_without_captures_is_an_error_and_no_good_figure() {
    let folder = tempfile::tempdir().expect("there is room");
    assert!(scan::scan(folder.path()).is_err());
    assert!(scan::scan(&folder.path().join("absent")).is_err());
}

fn judged<'a>(segments: &'a [(u64, Vec<u8>)]) -> Metrics {
    let packet = |segment: &'a (u64, Vec<u8>)| Packet {
        at: Moment::from_millis(1_700_000_000_000 + segment.0),
        link: Link::RawIp,
        bytes: &segment.1,
        wire_bytes: 60,
    };
    let packets: Vec<_> = segments.iter().map(packet).collect();
    let mut metrics = Metrics::default();
    metrics.add(&packets);
    metrics
}

#[test]
fn the_yardstick_itself_tells_a_scanner_from_a_busy_client() {
    const ASKS: u8 = 0x02;
    const ACCEPTS: u8 = 0x12;
    let scanner: Vec<_> = (0..30)
        .map(|port| {
            (
                u64::from(port) * 50,
                segment([10, 0, 0, 66], [10, 0, 0, 9], (40_000, port), ASKS),
            )
        })
        .collect();
    let found = judged(&scanner);
    assert_eq!(
        (found.scans, found.fired, found.quiet_fired),
        (1, 1, 0),
        "{found:?}"
    );
    assert!(found.since_first_s_max <= 2.0, "{found:?}");
    let client: Vec<_> = (0..60_u8)
        .flat_map(|host| {
            let (here, there) = ([10, 0, 0, 7], [93, 184, 216, host]);
            let millis = u64::from(host) * 50;
            let ports = 40_000 + u16::from(host);
            [
                (millis, segment(here, there, (ports, 443), ASKS)),
                (millis + 40, segment(there, here, (443, ports), ACCEPTS)),
            ]
        })
        .collect();
    let found = judged(&client);
    assert_eq!((found.scans, found.quiet_fired), (0, 0), "{found:?}");
}
