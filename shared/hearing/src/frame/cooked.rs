//! The heads that Linux puts before packets captured on `any` (LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2).

use crate::mac::Mac;

use super::Frame;

const ETHERNET: u16 = 1;

/// Packet type, hardware type, address length, address, ether type: sixteen bytes.
pub(super) fn first(bytes: &[u8]) -> Option<Frame<'_>> {
    let (head, rest) = bytes.split_first_chunk::<16>()?;
    let mut frame = Frame::below(two(head[14], head[15]), rest);
    frame.source = sender(two(head[2], head[3]), two(head[4], head[5]), &head[6..14]);
    Some(frame)
}

/// Ether type, two zeros, the interface, hardware type, packet type, address length, address: twenty bytes.
pub(super) fn second(bytes: &[u8]) -> Option<Frame<'_>> {
    let (head, rest) = bytes.split_first_chunk::<20>()?;
    let mut frame = Frame::below(two(head[0], head[1]), rest);
    frame.source = sender(two(head[8], head[9]), u16::from(head[11]), &head[12..20]);
    Some(frame)
}

const fn two(high: u8, low: u8) -> u16 {
    u16::from_be_bytes([high, low])
}

fn sender(hardware: u16, length: u16, address: &[u8]) -> Option<Mac> {
    let six = address.first_chunk::<6>()?;
    (hardware == ETHERNET && length == 6).then_some(Mac(*six))
}
