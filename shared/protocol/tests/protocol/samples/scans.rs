//! Scans: an order, what is said of it, and the frames between the two.

use protocol::message::Message;
use protocol::scan::{Depth, ScanOrder, ScanPart, ScanStage, ScanStep, ScanWord, Wish};
use protocol::time::Timestamp;

use super::{device, digest, mesh, name};

pub fn order() -> ScanOrder {
    ScanOrder {
        mesh: mesh(),
        job: 12,
        device: device(),
        until: Timestamp::from_millis(1_700_000_600_000),
        wish: Wish::Begin,
        depth: Depth::Known,
        targets: vec![name("10.0.0.0/24")],
        spared: vec![name("10.0.0.5")],
    }
}

pub fn steps() -> [(&'static str, ScanStep); 5] {
    let step = |stage| ScanStep { job: 12, stage };
    let why = name("10.9.0.0/24 is not a subnet of this device");
    [
        ("scan_refused", step(ScanStage::Refused { why })),
        (
            "scan_running",
            step(ScanStage::Running {
                phase: name("Service scan"),
                done: 4_250,
                hosts: 3,
            }),
        ),
        (
            "scan_finished",
            step(ScanStage::Finished {
                hosts: 6,
                bytes: 70_000,
                digest: digest(0x51),
            }),
        ),
        (
            "scan_failed",
            step(ScanStage::Failed {
                why: name("nmap is not installed"),
            }),
        ),
        ("scan_cancelled", step(ScanStage::Cancelled)),
    ]
}

pub fn messages() -> [(&'static str, Message); 3] {
    let scan = |word| Message::Scan { word };
    [
        (
            "scan_order",
            scan(ScanWord::Order {
                order: vec![1, 2, 3].into(),
            }),
        ),
        ("scan_wanted", scan(ScanWord::Wanted { job: 12, from: 48 })),
        (
            "scan_part",
            scan(ScanWord::Part {
                part: ScanPart {
                    job: 12,
                    from: 48,
                    total: 51,
                    bytes: b"<a>".to_vec().into(),
                },
            }),
        ),
    ]
}
