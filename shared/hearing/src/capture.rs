//! Capture files as packets with their time: pcap of either byte order and precision, and pcapng.
//!
//! Formats: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng; link types: the registry of tcpdump.org.

mod blocks;

use pcap_parser::{
    LegacyPcapBlock, PcapHeader, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
    parse_pcap_header,
};
use thiserror::Error;

use crate::limits::CAPTURE_PACKET_BYTES;
use crate::moment::Moment;

use self::blocks::Blocks;

/// What the bytes of a packet begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Ethernet,
    /// Linux cooked capture, as from the interface `any`.
    Cooked,
    /// Its second version, with the number of the interface.
    Cooked2,
    /// An IPv4 or IPv6 header.
    RawIp,
    /// Four bytes of address family, then an IP header.
    Loopback,
    /// What nothing here reads; the number is the registry's.
    Other(u32),
}

/// One packet as it was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    pub at: Moment,
    pub link: Link,
    /// At most as much as the capture kept.
    pub bytes: &'a [u8],
    /// How long it was on the wire.
    pub wire_bytes: u32,
}

/// Why a file is no capture, or where it stops being one. What came before stays good.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaptureError {
    #[error("this is no pcap or pcapng file: its first four bytes name neither")]
    NoCapture,
    #[error(
        "the file ends within a packet, {0} bytes before its end: it was cut off while it was written"
    )]
    CutOff(usize),
    #[error(
        "a block of the file does not have the form it claims: capture anew, or repair it with `editcap`"
    )]
    Damaged,
    #[error("a packet is said to be {0} bytes long; at most {CAPTURE_PACKET_BYTES} are read")]
    TooLarge(usize),
    #[error("a packet names interface {0}, which the file does not describe before it")]
    UnknownInterface(u32),
}

/// The packets of one file, in the order of the file; after an error there are no more.
#[derive(Debug)]
pub struct Capture<'a>(Form<'a>);

#[derive(Debug)]
enum Form<'a> {
    Pcap { header: PcapHeader, rest: &'a [u8] },
    Pcapng(Blocks<'a>),
    Over,
}

impl<'a> Capture<'a> {
    /// Reads the head of a file.
    pub fn open(file: &'a [u8]) -> Result<Self, CaptureError> {
        if file.starts_with(&blocks::SECTION_HEADER) {
            return Ok(Self(Form::Pcapng(Blocks::of(file))));
        }
        match parse_pcap_header(file) {
            Ok((rest, header)) => Ok(Self(Form::Pcap { header, rest })),
            Err(_) => Err(CaptureError::NoCapture),
        }
    }
}

impl<'a> Iterator for Capture<'a> {
    type Item = Result<Packet<'a>, CaptureError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match &mut self.0 {
            Form::Pcap { header, rest } => next_frame(header, rest),
            Form::Pcapng(blocks) => blocks.next_packet(),
            Form::Over => None,
        };
        if !matches!(next, Some(Ok(_))) {
            self.0 = Form::Over;
        }
        next
    }
}

fn next_frame<'a>(
    header: &PcapHeader,
    rest: &mut &'a [u8],
) -> Option<Result<Packet<'a>, CaptureError>> {
    if rest.is_empty() {
        return None;
    }
    let parsed = match (header.is_bigendian(), header.is_modified_format()) {
        (true, _) => parse_pcap_frame_be(rest),
        (false, true) => parse_pcap_frame_modified(rest),
        (false, false) => parse_pcap_frame(rest),
    };
    Some(match parsed {
        Ok((_, frame)) if frame.data.len() > CAPTURE_PACKET_BYTES => {
            Err(CaptureError::TooLarge(frame.data.len()))
        }
        Ok((after, frame)) => {
            *rest = after;
            Ok(packet(header, &frame))
        }
        Err(pcap_parser::nom::Err::Incomplete(_)) => Err(CaptureError::CutOff(rest.len())),
        Err(_) => Err(CaptureError::Damaged),
    })
}

fn packet<'a>(header: &PcapHeader, frame: &LegacyPcapBlock<'a>) -> Packet<'a> {
    let part = if header.is_nanosecond_precision() {
        frame.ts_usec / 1_000
    } else {
        frame.ts_usec
    };
    Packet {
        at: Moment::from_micros(u64::from(frame.ts_sec) * 1_000_000 + u64::from(part)),
        link: Link::of(header.network.0),
        bytes: frame.data,
        wire_bytes: frame.origlen,
    }
}

impl Link {
    /// The link type of a file's head; the upper half of the number says other things.
    fn of(number: i32) -> Self {
        match number & 0xffff {
            0 | 108 => Self::Loopback,
            1 => Self::Ethernet,
            12 | 14 | 101 | 228 | 229 => Self::RawIp,
            113 => Self::Cooked,
            276 => Self::Cooked2,
            other => Self::Other(other.unsigned_abs()),
        }
    }
}

#[cfg(test)]
mod tests;
