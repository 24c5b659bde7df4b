//! Devices without a node: plain ones, one that lies about its name, and one over which its hearers do not agree.

use maud::Markup;

use super::{HOSTILE, NOW_MS, device_ref};
use crate::layout::Shell;
use crate::pages::neighbours::{
    self, Deaf, EventRow, NeighbourRow, NeighbourState, NeighbourView, NeighboursView, WordRow,
};
use crate::parts::groups::Groups;

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let plain = NeighbourView {
        disputed: Vec::new(),
        claimed_by: Vec::new(),
        events: Vec::new(),
        deaf: Vec::new(),
        ..neighbour_view()
    };
    vec![
        ("neighbour", neighbours::page(inside, &plain)),
        (
            "neighbour-disputed",
            neighbours::page(inside, &neighbour_view()),
        ),
    ]
}

pub fn neighbours_view(rows: usize) -> NeighboursView {
    NeighboursView {
        rows: (0..rows).map(row).collect(),
        matching: rows as u64 + 3,
        deaf: vec![deaf()],
    }
}

fn deaf() -> Deaf {
    Deaf {
        member: device_ref(2),
        says: vec!["hears no frames: give the node CAP_NET_RAW".to_owned()],
    }
}

fn row(number: usize) -> NeighbourRow {
    let names = [
        "axis-dock",
        HOSTILE,
        "Brother HL-L2350DW",
        "b8:27:eb:00:01:03",
    ];
    let states = [
        NeighbourState::There,
        NeighbourState::Unwatched,
        NeighbourState::Gone,
        NeighbourState::There,
    ];
    NeighbourRow {
        mac: format!("00:17:88:00:01:{number:02x}"),
        name: names[number % 4].to_owned(),
        state: states[number % 4],
        class: ["camera", "other", "printer", "plc"][number % 4].to_owned(),
        groups: match number {
            0 => super::groups(),
            _ => Groups::default(),
        },
        vendor: (number.is_multiple_of(2)).then(|| "Axis Communications".to_owned()),
        address: (number != 1).then(|| format!("10.0.0.{}", 40 + number)),
        guardians: (0..(number + 2) % 3).map(device_ref).collect(),
        last_ms: Some(NOW_MS - 7_000 * number as u64),
    }
}

fn neighbour_view() -> NeighbourView {
    let word = |number: usize, class: &str| WordRow {
        member: device_ref(number),
        class: Some(class.to_owned()),
        address: Some("10.0.0.40".to_owned()),
        heard_ms: (number != 3).then_some(NOW_MS - 9_000),
        line: (number < 2).then(|| "there, answered ARP; written of for 2 min".to_owned()),
        place: (number < 2).then(|| "3.417".to_owned()),
    };
    NeighbourView {
        row: row(0),
        names: vec!["axis-dock".to_owned(), HOSTILE.to_owned()],
        addresses: vec!["10.0.0.40".to_owned(), "fe80::217:88ff:fe00:100".to_owned()],
        ports: vec![80, 554],
        reasons: vec![
            "offers _axis-video._tcp over mDNS".to_owned(),
            HOSTILE.to_owned(),
        ],
        confidence: 70,
        disputed: vec!["camera".to_owned(), "computer".to_owned()],
        first_ms: Some(NOW_MS - 86_400_000),
        claimed_by: vec![device_ref(4)],
        words: vec![word(0, "camera"), word(1, "camera"), word(3, "computer")],
        events: vec![EventRow {
            at_ms: NOW_MS - 60_000,
            by: device_ref(1),
            says: "10.0.0.40 is claimed by 00:17:88:00:01:00 and by 02:00:00:00:00:09 at once"
                .to_owned(),
        }],
        deaf: vec![deaf()],
    }
}
