//! Words that a device uses, each in one of a few hundred slots chosen by its sum: names it asks for, how its DHCP and
//! TLS clients are built, ports, what it announces.

use crate::announcement::{Announcement, Dialect};
use crate::dns::Direction;
use crate::frame::{Frame, Net, Tcp, Transport};

pub(super) const WORDS: usize = 256;
/// Above it ports are chosen by chance.
const CHANCE: u16 = 32_768;

/// Calls `count` with the slot of each word of a frame.
pub(super) fn slots(frame: &Frame<'_>, mut count: impl FnMut(usize)) {
    let mut word = |kind: u8, parts: &[&[u8]]| count(slot(kind, parts));
    let Net::Ip(ip) = &frame.net else { return };
    match &ip.transport {
        Transport::Tcp(tcp) => tcp_words(tcp, &mut word),
        Transport::Udp(udp) if udp.destination < CHANCE => {
            word(b'u', &[&udp.destination.to_be_bytes()]);
        }
        _ => {}
    }
    match Announcement::of(frame) {
        Some(Announcement::Dhcp(message)) => {
            word(b'p', &[&message.parameters]);
            word(b'v', &[message.vendor_class.unwrap_or_default().as_bytes()]);
        }
        Some(Announcement::Dns(dialect, message)) if message.direction == Direction::Query => {
            for question in &message.questions {
                let labels = if dialect == Dialect::Unicast { 3 } else { 4 };
                word(
                    b'n',
                    &[ending(&question.name, labels)
                        .to_ascii_lowercase()
                        .as_bytes()],
                );
            }
        }
        Some(Announcement::Ssdp(message)) => {
            word(b's', &[message.target.unwrap_or_default().as_bytes()]);
            word(b'r', &[message.server.unwrap_or_default().as_bytes()]);
        }
        Some(Announcement::Tls(hello)) => word(b't', &[hello.fingerprint().as_bytes()]),
        _ => {}
    }
}

fn tcp_words(tcp: &Tcp<'_>, word: &mut impl FnMut(u8, &[&[u8]])) {
    if tcp.flags.opens() {
        word(b'w', &[&tcp.window.to_be_bytes(), &[tcp.options_bytes]]);
        if tcp.destination < CHANCE {
            word(b'c', &[&tcp.destination.to_be_bytes()]);
        }
    } else if tcp.flags.accepts() && tcp.source < CHANCE {
        word(b'l', &[&tcp.source.to_be_bytes()]);
    }
    if let Some(agent) = agent(tcp.payload) {
        word(b'a', &[agent]);
    }
}

/// What an HTTP client calls itself, without the rest of its line.
fn agent(payload: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"User-Agent: ";
    const BYTES: usize = 40;
    let is_request = [&b"GET "[..], b"POST", b"PUT "]
        .iter()
        .any(|verb| payload.starts_with(verb));
    let at = payload
        .windows(NAME.len())
        .take(1_400)
        .position(|window| window == NAME);
    let value = &payload[at.filter(|_| is_request)? + NAME.len()..];
    let end = value
        .iter()
        .position(|byte| *byte == b'\r')
        .unwrap_or(value.len());
    Some(&value[..end.min(BYTES)])
}

/// The last labels of a name.
fn ending(name: &str, labels: usize) -> &str {
    let dot = name.rmatch_indices('.').nth(labels - 1);
    dot.map_or(name, |(dot, _)| &name[dot + 1..])
}

/// FNV-1a, folded.
fn slot(kind: u8, parts: &[&[u8]]) -> usize {
    let bytes = std::iter::once(&kind).chain(parts.iter().copied().flatten());
    let sum = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    ((sum ^ sum >> 32) % WORDS as u64) as usize
}
