//! The blocks of a pcapng file: sections, the interfaces they describe, and the packets in between.

use pcap_parser::pcapng::{
    Block, InterfaceDescriptionBlock, OptionCode, parse_block_be, parse_block_le,
};
use pcap_parser::traits::PcapNGPacketBlock;

use crate::limits::{CAPTURE_INTERFACES, CAPTURE_PACKET_BYTES};
use crate::moment::Moment;

use super::{CaptureError, Link, Packet};

/// How each section of a file begins, in either byte order.
pub(super) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const LITTLE: [u8; 4] = [0x4d, 0x3c, 0x2b, 0x1a];
/// Microseconds, where a description names no unit.
const USUAL_RESOLUTION: u8 = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

#[derive(Debug)]
pub(super) struct Blocks<'a> {
    rest: &'a [u8],
    order: Order,
    interfaces: Vec<Interface>,
}

#[derive(Debug, Clone, Copy)]
struct Interface {
    link: Link,
    unit: Unit,
    offset_secs: i64,
    snap_bytes: u32,
}

/// Bytes of a block without a body: its type, and its length twice (draft-ietf-opsawg-pcapng §3.1).
const BLOCK_LEAST: u32 = 12;

/// What one tick of a time stamp is a part of a second of.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Decimal(u32),
    Binary(u32),
}

impl<'a> Blocks<'a> {
    pub(super) fn of(file: &'a [u8]) -> Self {
        Self {
            rest: file,
            order: Order::Little,
            interfaces: Vec::new(),
        }
    }

    pub(super) fn next_packet(&mut self) -> Option<Result<Packet<'a>, CaptureError>> {
        while !self.rest.is_empty() {
            match self.next_block() {
                Ok(None) => {}
                Ok(Some(packet)) => return Some(Ok(packet)),
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }

    fn next_block(&mut self) -> Result<Option<Packet<'a>>, CaptureError> {
        if self.rest.starts_with(&SECTION_HEADER) {
            self.order = match self.rest.get(8..12) {
                Some(magic) if magic == LITTLE => Order::Little,
                Some(_) => Order::Big,
                None => return Err(CaptureError::CutOff(self.rest.len())),
            };
        }
        self.check_length()?;
        let parsed = match self.order {
            Order::Little => parse_block_le(self.rest),
            Order::Big => parse_block_be(self.rest),
        };
        let (rest, block) = parsed.map_err(|error| match error {
            pcap_parser::nom::Err::Incomplete(_) => CaptureError::CutOff(self.rest.len()),
            _ => CaptureError::Damaged,
        })?;
        if rest.len() >= self.rest.len() {
            return Err(CaptureError::Damaged);
        }
        self.rest = rest;
        self.take(block)
    }

    /// A block is no shorter than what is around its body: the library subtracts that from what the file says.
    fn check_length(&self) -> Result<(), CaptureError> {
        let length = self.rest.get(4..8).and_then(|bytes| bytes.try_into().ok());
        let length = length.ok_or(CaptureError::CutOff(self.rest.len()))?;
        let length = match self.order {
            Order::Little => u32::from_le_bytes(length),
            Order::Big => u32::from_be_bytes(length),
        };
        match length < BLOCK_LEAST {
            true => Err(CaptureError::Damaged),
            false => Ok(()),
        }
    }

    fn take(&mut self, block: Block<'a>) -> Result<Option<Packet<'a>>, CaptureError> {
        match block {
            Block::SectionHeader(_) => self.interfaces.clear(),
            Block::InterfaceDescription(described) => {
                if self.interfaces.len() >= CAPTURE_INTERFACES {
                    return Err(CaptureError::Damaged);
                }
                self.interfaces.push(Interface::of(&described, self.order));
            }
            Block::EnhancedPacket(packet) => {
                let interface = self.interface(packet.if_id)?;
                let ticks = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                let kept = (packet.caplen as usize).min(packet.data.len());
                return packet_of(
                    interface.at(ticks),
                    interface.link,
                    &packet.data[..kept],
                    packet.origlen,
                );
            }
            // It has no time of its own: the start of 1970 says so.
            Block::SimplePacket(packet) => {
                let interface = self.interface(0)?;
                let snap = match interface.snap_bytes {
                    0 => u32::MAX,
                    snap => snap,
                };
                let kept = (packet.orig_len().min(snap) as usize).min(packet.data.len());
                return packet_of(
                    Moment::default(),
                    interface.link,
                    &packet.data[..kept],
                    packet.origlen,
                );
            }
            _ => {}
        }
        Ok(None)
    }

    fn interface(&self, number: u32) -> Result<Interface, CaptureError> {
        let known = self.interfaces.get(number as usize);
        known.copied().ok_or(CaptureError::UnknownInterface(number))
    }
}

fn packet_of(
    at: Moment,
    link: Link,
    bytes: &[u8],
    wire_bytes: u32,
) -> Result<Option<Packet<'_>>, CaptureError> {
    if bytes.len() > CAPTURE_PACKET_BYTES {
        return Err(CaptureError::TooLarge(bytes.len()));
    }
    Ok(Some(Packet {
        at,
        link,
        bytes,
        wire_bytes,
    }))
}

impl Interface {
    /// The unit and the offset are read here: the library knows neither powers of two nor big-endian offsets.
    fn of(described: &InterfaceDescriptionBlock<'_>, order: Order) -> Self {
        let option = |code: OptionCode| {
            let found = described.options.iter().find(|option| option.code == code);
            found.map(|option| option.value.as_ref())
        };
        let resolution = option(OptionCode::IfTsresol)
            .and_then(|value| value.first().copied())
            .unwrap_or(USUAL_RESOLUTION);
        let offset = option(OptionCode::IfTsoffset)
            .and_then(|value| value.get(..8)?.try_into().ok())
            .map_or(0, |bytes| match order {
                Order::Little => i64::from_le_bytes(bytes),
                Order::Big => i64::from_be_bytes(bytes),
            });
        let exponent = u32::from(resolution & 0x7f);
        Self {
            link: Link::of(described.linktype.0),
            unit: if resolution & 0x80 == 0 {
                Unit::Decimal(exponent)
            } else {
                Unit::Binary(exponent)
            },
            offset_secs: offset,
            snap_bytes: described.snaplen,
        }
    }

    fn at(&self, ticks: u64) -> Moment {
        let wide = u128::from(ticks) * 1_000_000;
        let micros = match self.unit {
            Unit::Decimal(exponent) => 10u128.checked_pow(exponent).map_or(0, |unit| wide / unit),
            Unit::Binary(exponent) => wide >> exponent.min(127),
        };
        let micros = i128::try_from(micros).unwrap_or(i128::MAX);
        let shifted = micros.saturating_add(i128::from(self.offset_secs) * 1_000_000);
        Moment::from_micros(u64::try_from(shifted.max(0)).unwrap_or(u64::MAX))
    }
}
