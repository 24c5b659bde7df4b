//! From the fields of a record to a flow (IANA, "IPFIX Information Elements"; RFC 5103 for the way back).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::flow::{Answer, Endpoint, Flow, Key, Nets, protocol};
use crate::frame::TcpFlags;
use crate::mac::Mac;
use crate::moment::Moment;

use super::templates::Field;

/// What the times in a record count from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// When the message was sent.
    sent: Moment,
    /// When the exporter started, where it says so.
    started: Option<Moment>,
}

impl Clock {
    pub fn export(secs: u32) -> Self {
        Self {
            sent: Moment::from_secs(secs.into()),
            started: None,
        }
    }

    /// Milliseconds since the exporter's start and the time now, both of the message.
    pub fn uptime(uptime_ms: u32, secs: u32) -> Self {
        let sent = Moment::from_secs(secs.into());
        let started = sent.micros().saturating_sub(u64::from(uptime_ms) * 1_000);
        Self {
            sent,
            started: Some(Moment::from_micros(started)),
        }
    }

    pub fn at_uptime(&self, uptime_ms: u64) -> Moment {
        let started = self.started.unwrap_or(self.sent);
        Moment::from_micros(
            started
                .micros()
                .saturating_add(uptime_ms.saturating_mul(1_000)),
        )
    }
}

/// The maker's number under which fields of the way back stand.
const REVERSE: u32 = 29_305;

#[derive(Debug, Default)]
struct Parts {
    source: Option<IpAddr>,
    destination: Option<IpAddr>,
    source_port: u16,
    destination_port: u16,
    protocol: u8,
    first: Option<Moment>,
    last: Option<Moment>,
}

/// `None` for a record that names no two ends: counters of an interface, or statistics.
pub(super) fn flow(record: &[(Field, &[u8])], mut clock: Clock, local: &Nets) -> Option<Flow> {
    // Where the exporter says when it started, times since then can be read.
    let start = record
        .iter()
        .find(|(field, _)| (field.maker, field.number) == (0, 160));
    if let Some((_, value)) = start {
        clock.started = Some(Moment::from_millis(number(value)));
    }
    let mut parts = Parts::default();
    let nowhere = Endpoint {
        address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        port: 0,
    };
    let key = Key {
        initiator: nowhere,
        responder: nowhere,
        protocol: 0,
    };
    let mut flow = Flow::new(key, clock.sent);
    for (field, value) in record {
        match field.maker {
            0 => take(*field, value, &clock, &mut parts, &mut flow),
            REVERSE => take_reverse(*field, value, &mut flow),
            _ => {}
        }
    }
    let is_tcp = parts.protocol == protocol::TCP;
    let end = |address, port| Endpoint { address, port };
    flow.key = Key {
        initiator: end(parts.source?, parts.source_port),
        responder: end(parts.destination?, parts.destination_port),
        protocol: parts.protocol,
    };
    flow.first = parts.first.or(parts.last).unwrap_or(clock.sent);
    flow.last = parts.last.unwrap_or(flow.first).max(flow.first);
    flow.direction = local.direction(flow.key.initiator.address, flow.key.responder.address);
    flow.answer = match flow.back.packets {
        1.. => Answer::Given,
        // One way alone: a lone SYN was not answered on this way, and nothing else can be told.
        0 if is_tcp && flow.forward_flags == TcpFlags::SYN => Answer::Nothing,
        0 => Answer::Unknown,
    };
    Some(flow)
}

fn take(field: Field, value: &[u8], clock: &Clock, parts: &mut Parts, flow: &mut Flow) {
    let short = || u16::try_from(number(value)).unwrap_or(0);
    let millis = || Some(Moment::from_millis(number(value)));
    match field.number {
        1 | 85 => flow.forward.bytes = number(value),
        2 | 86 => flow.forward.packets = number(value),
        23 => flow.back.bytes = number(value),
        24 => flow.back.packets = number(value),
        4 => parts.protocol = value.last().copied().unwrap_or(0),
        6 => flow.forward_flags = flags(value),
        7 => parts.source_port = short(),
        11 => parts.destination_port = short(),
        8 => parts.source = four(value),
        12 => parts.destination = four(value),
        27 => parts.source = six(value),
        28 => parts.destination = six(value),
        56 => {
            flow.mac = <[u8; 6]>::try_from(value)
                .ok()
                .map(Mac)
                .filter(|mac| mac.is_device());
        }
        22 => parts.first = Some(clock.at_uptime(number(value))),
        21 => parts.last = Some(clock.at_uptime(number(value))),
        150 => parts.first = Some(Moment::from_secs(number(value))),
        151 => parts.last = Some(Moment::from_secs(number(value))),
        152 => parts.first = millis(),
        153 => parts.last = millis(),
        154 | 156 => parts.first = ntp(value),
        155 | 157 => parts.last = ntp(value),
        _ => {}
    }
}

fn take_reverse(field: Field, value: &[u8], flow: &mut Flow) {
    match field.number {
        1 | 85 => flow.back.bytes = number(value),
        2 | 86 => flow.back.packets = number(value),
        6 => flow.back_flags = flags(value),
        _ => {}
    }
}

/// Numbers may come in fewer bytes than their kind has (RFC 7011 §6.2).
fn number(value: &[u8]) -> u64 {
    let last = &value[value.len().saturating_sub(8)..];
    last.iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// One byte, or two with the newer flags in the first.
fn flags(value: &[u8]) -> TcpFlags {
    TcpFlags(value.last().copied().unwrap_or(0) & 0x1f)
}

fn four(value: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(value)
        .ok()
        .map(|four| Ipv4Addr::from(four).into())
}

fn six(value: &[u8]) -> Option<IpAddr> {
    <[u8; 16]>::try_from(value)
        .ok()
        .map(|six| Ipv6Addr::from(six).into())
}

/// Seconds since 1900 and a part of one in 2^-32 (RFC 7011 §6.1.9).
fn ntp(value: &[u8]) -> Option<Moment> {
    const UNTIL_1970: u64 = 2_208_988_800;
    let (secs, part) = (value.get(..4)?, value.get(4..8)?);
    let micros = (number(part) * 1_000_000) >> 32;
    let secs = number(secs).checked_sub(UNTIL_1970)?;
    Some(Moment::from_micros(secs * 1_000_000 + micros))
}
