//! NetFlow 5: one fixed form for IPv4 (Cisco, "NetFlow Export Datagram Format").

use std::net::Ipv4Addr;

use crate::bytes::Reader;
use crate::flow::{Answer, Count, Endpoint, Flow, Key, Nets, protocol};
use crate::frame::TcpFlags;

use super::fields::Clock;
use super::{Export, ExportError};

/// What follows the version.
pub(super) fn read(mut rest: Reader<'_>, local: &Nets) -> Result<Export, ExportError> {
    let header = rest.array::<22>().ok_or(ExportError::CutOff("header"))?;
    let word = |at: usize| {
        u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let clock = Clock::uptime(word(2), word(6));
    let mut export = Export::default();
    for _ in 0..u16::from_be_bytes([header[0], header[1]]) {
        let record = rest.array::<48>().ok_or(ExportError::CutOff("record"))?;
        export.flows.push(flow(&record, clock, local));
    }
    Ok(export)
}

fn flow(record: &[u8; 48], clock: Clock, local: &Nets) -> Flow {
    let word = |at: usize| {
        u32::from_be_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]])
    };
    let short = |at: usize| u16::from_be_bytes([record[at], record[at + 1]]);
    let end = |address, port| Endpoint {
        address: Ipv4Addr::from_bits(word(address)).into(),
        port: short(port),
    };
    let key = Key {
        initiator: end(0, 32),
        responder: end(4, 34),
        protocol: record[38],
    };
    let forward_flags = TcpFlags(record[37] & 0x1f);
    let is_lone_syn = key.protocol == protocol::TCP && forward_flags == TcpFlags::SYN;
    let first = clock.at_uptime(word(24).into());
    Flow {
        last: clock.at_uptime(word(28).into()).max(first),
        forward: Count {
            packets: word(16).into(),
            bytes: word(20).into(),
        },
        forward_flags,
        answer: if is_lone_syn {
            Answer::Nothing
        } else {
            Answer::Unknown
        },
        direction: local.direction(key.initiator.address, key.responder.address),
        ..Flow::new(key, first)
    }
}
