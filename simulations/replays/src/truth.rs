//! What a capture holds, judged afterwards: who scanned whom, and when.
//!
//! The rules decide as packets come; this looks at the whole capture at once, by other code, and knows which
//! connections were never answered.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use hearing::capture::Packet;
use hearing::frame::{ArpOperation, Frame, Net, Transport};

/// What makes a scan: so many distinct places within so long.
const PLACES: usize = 10;
const WINDOW_US: u64 = 3_000_000;
/// An answer that comes later than this is none.
const ANSWER_US: u64 = 3_000_000;

/// Whoever goes on after a shorter pause goes on with the same scan: nobody wants to read of it twice.
const PAUSE_US: u64 = 60_000_000;

/// How somebody looks around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    Connections,
    Pings,
    Arp,
}

/// One run of a source's scanning; a pause of more than a minute ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    pub source: IpAddr,
    pub manner: Manner,
    /// The first attempt of the first window that has enough.
    pub began_us: u64,
    /// The attempt that made it enough.
    pub tenth_us: u64,
    pub ended_us: u64,
}

/// A place that is looked for: an address, and a port or none.
type Place = (IpAddr, u16);

/// All scans of a capture, whose packets come in the order of their times.
pub fn scans(packets: &[Packet<'_>]) -> Vec<Scan> {
    let mut sought: BTreeMap<(Manner, IpAddr), Vec<(u64, Place)>> = BTreeMap::new();
    let answers = answers(packets);
    for packet in packets {
        let Ok(frame) = Frame::of(packet) else {
            continue;
        };
        if let Some((manner, source, place, port)) = seeking(&frame) {
            let at = packet.at.micros();
            let is_answered = manner == Manner::Connections
                && answers
                    .range((place, source, port, at)..=(place, source, port, at + ANSWER_US))
                    .next()
                    .is_some();
            if !is_answered {
                sought
                    .entry((manner, source))
                    .or_default()
                    .push((at, place));
            }
        }
    }
    let runs = |((manner, source), attempts): (&(Manner, IpAddr), &Vec<(u64, Place)>)| {
        runs(*manner, *source, attempts)
    };
    sought.iter().flat_map(runs).collect()
}

/// Every attempt to reach somebody, answered or not: who made it, and when.
pub fn attempts(packets: &[Packet<'_>]) -> impl Iterator<Item = (IpAddr, u64)> {
    packets.iter().filter_map(|packet| {
        let frame = Frame::of(packet).ok()?;
        let (_, source, ..) = seeking(&frame)?;
        Some((source, packet.at.micros()))
    })
}

/// Who accepted whose connection, and when.
fn answers(packets: &[Packet<'_>]) -> BTreeSet<(Place, IpAddr, u16, u64)> {
    let mut answers = BTreeSet::new();
    for packet in packets {
        if let Ok(frame) = Frame::of(packet)
            && let Some(ip) = frame.as_ip()
            && let Transport::Tcp(tcp) = &ip.transport
            && tcp.flags.accepts()
        {
            answers.insert((
                (ip.source, tcp.source),
                ip.destination,
                tcp.destination,
                packet.at.micros(),
            ));
        }
    }
    answers
}

/// Who looks for which place, and from which port.
fn seeking(frame: &Frame<'_>) -> Option<(Manner, IpAddr, Place, u16)> {
    match &frame.net {
        Net::Arp(arp)
            if arp.operation == ArpOperation::Request
                && arp.sender_address != arp.target_address =>
        {
            let place = (arp.target_address.into(), 0);
            Some((Manner::Arp, arp.sender_address.into(), place, 0))
        }
        Net::Ip(ip) => match &ip.transport {
            Transport::Tcp(tcp) if tcp.flags.opens() => {
                let place = (ip.destination, tcp.destination);
                Some((Manner::Connections, ip.source, place, tcp.source))
            }
            Transport::Icmp(icmp) if icmp.asks_echo() => {
                Some((Manner::Pings, ip.source, (ip.destination, 0), 0))
            }
            _ => None,
        },
        _ => None,
    }
}

fn runs(manner: Manner, source: IpAddr, attempts: &[(u64, Place)]) -> Vec<Scan> {
    let mut scans: Vec<Scan> = Vec::new();
    let mut from = 0;
    for (index, (at, _)) in attempts.iter().enumerate() {
        while at - attempts[from].0 > WINDOW_US {
            from += 1;
        }
        let window = &attempts[from..=index];
        let places: BTreeSet<_> = window.iter().map(|(_, place)| place).collect();
        if places.len() < PLACES {
            continue;
        }
        match scans.last_mut() {
            Some(scan) if at - scan.ended_us <= PAUSE_US => scan.ended_us = *at,
            _ => scans.push(Scan {
                source,
                manner,
                began_us: window[0].0,
                tenth_us: *at,
                ended_us: *at,
            }),
        }
    }
    scans
}
