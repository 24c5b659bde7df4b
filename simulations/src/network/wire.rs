//! What a frame costs on the wire, headers and acknowledgements included.

/// TCP and IPv4 headers with timestamps, for every segment.
const SEGMENT_HEADERS: u64 = 52;
/// Payload of one segment on Ethernet.
const SEGMENT_PAYLOAD: u64 = 1448;
/// UDP and IPv4 headers.
const DATAGRAM_HEADERS: u64 = 28;
/// Length and tag of one Noise message.
const NOISE: u64 = 18;
/// Header of one Yamux data frame.
const YAMUX: u64 = 12;
/// Payload bits in each byte of the length that stands in front of a frame.
const LENGTH_BITS: u32 = 7;

/// A segment without payload that acknowledges a frame.
pub const ACKNOWLEDGEMENT_BYTES: u64 = SEGMENT_HEADERS;
/// What each side sends until a link stands: TCP, three Noise messages, credentials, stream opening.
pub const HANDSHAKE_BYTES: u64 = 1_400;
/// Three attempts to open a connection that nobody answers.
pub const UNANSWERED_BYTES: u64 = 3 * 60;

/// Bytes of one frame of this payload.
pub const fn frame_bytes(payload: usize) -> u64 {
    let inner = payload as u64 + length_prefix(payload) + YAMUX + NOISE;
    inner + inner.div_ceil(SEGMENT_PAYLOAD) * SEGMENT_HEADERS
}

/// Bytes with which the receiver of a long frame acknowledges every second segment of it.
pub const fn acknowledgement_bytes(payload: usize) -> u64 {
    (payload as u64).div_ceil(2 * SEGMENT_PAYLOAD) * SEGMENT_HEADERS
}

/// Bytes of one datagram of this payload, which fits into one packet.
pub const fn datagram_bytes(payload: usize) -> u64 {
    payload as u64 + DATAGRAM_HEADERS
}

const fn length_prefix(payload: usize) -> u64 {
    (usize::BITS - (payload | 1).leading_zeros()).div_ceil(LENGTH_BITS) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_frame_needs_more_segments() {
        assert_eq!(frame_bytes(16), 16 + 1 + 12 + 18 + 52);
        assert_eq!(frame_bytes(3000), 3000 + 2 + 12 + 18 + 3 * 52);
    }
}
