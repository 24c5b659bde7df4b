//! DNS messages as they pass by: unicast (RFC 1035), multicast (RFC 6762, RFC 6763), LLMNR (RFC 4795) and the
//! records of NetBIOS names (RFC 1002), which all have one form.

mod name;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use crate::bytes::Reader;
use crate::limits::{DNS_QUESTIONS, DNS_RECORDS, DNS_TEXTS};
use crate::text::plain;

/// Ports on which the family of formats is spoken.
pub const PORT: u16 = 53;
pub const MULTICAST_PORT: u16 = 5353;
pub const LLMNR_PORT: u16 = 5355;

/// Numbers of record types (IANA, "DNS Parameters"); NetBIOS has two of its own.
pub mod kind {
    pub const A: u16 = 1;
    pub const CNAME: u16 = 5;
    pub const PTR: u16 = 12;
    pub const TXT: u16 = 16;
    pub const AAAA: u16 = 28;
    pub const NETBIOS: u16 = 32;
    pub const SRV: u16 = 33;
    pub const NETBIOS_STATUS: u16 = 33;
    pub const HTTPS: u16 = 65;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: u16,
    pub direction: Direction,
    pub opcode: u8,
    /// 0 is success, 3 is "no such name".
    pub code: u8,
    pub questions: Vec<Question>,
    /// Answers, authorities and additions, in this order.
    pub records: Vec<Record>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Query,
    Response,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub name: String,
    pub kind: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Labels with dots between them; a dot or a backslash within a label has a backslash before it.
    pub name: String,
    pub kind: u16,
    /// Seconds for which it may be believed; 0 takes a multicast record back.
    pub ttl_secs: u32,
    pub data: Data,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    Address(IpAddr),
    /// What a PTR or a CNAME leads to.
    Name(String),
    Service {
        port: u16,
        host: String,
    },
    Text(Vec<String>),
    /// The addresses of a NetBIOS name.
    NetBios(Vec<Ipv4Addr>),
    /// What a NetBIOS status answers, still to be read.
    Status(Vec<u8>),
    Other,
}

/// Why bytes are no DNS message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DnsError {
    #[error("the message ends within its {0}")]
    CutOff(&'static str),
    #[error(
        "a name is longer than 255 bytes, points forward or at itself, or has a label of an unknown kind"
    )]
    Name,
}

impl Message {
    /// Reads a whole message; what follows the bounds of `limits` is left unread.
    pub fn read(bytes: &[u8]) -> Result<Self, DnsError> {
        let header = bytes
            .first_chunk::<12>()
            .ok_or(DnsError::CutOff("header"))?;
        let half = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let flags = half(2);
        let mut at = header.len();
        let mut questions = Vec::new();
        for _ in 0..usize::from(half(4)).min(DNS_QUESTIONS) {
            questions.push(question(bytes, &mut at)?);
        }
        let mut records = Vec::new();
        let claimed = usize::from(half(6)) + usize::from(half(8)) + usize::from(half(10));
        if usize::from(half(4)) <= DNS_QUESTIONS {
            for _ in 0..claimed.min(DNS_RECORDS) {
                records.push(record(bytes, &mut at)?);
            }
        }
        Ok(Self {
            id: half(0),
            direction: if flags & 0x8000 == 0 {
                Direction::Query
            } else {
                Direction::Response
            },
            opcode: (flags >> 11 & 0xf) as u8,
            code: (flags & 0xf) as u8,
            questions,
            records,
        })
    }
}

fn question(bytes: &[u8], at: &mut usize) -> Result<Question, DnsError> {
    let name = name::read(bytes, at)?;
    let mut rest = Reader(bytes.get(*at..).unwrap_or_default());
    let (kind, _class) = (
        rest.short(),
        rest.short().ok_or(DnsError::CutOff("question"))?,
    );
    *at += 4;
    Ok(Question {
        name,
        kind: kind.ok_or(DnsError::CutOff("question"))?,
    })
}

fn record(bytes: &[u8], at: &mut usize) -> Result<Record, DnsError> {
    let name = name::read(bytes, at)?;
    let head = bytes.get(*at..).and_then(|rest| rest.first_chunk::<10>());
    let head = head.ok_or(DnsError::CutOff("record"))?;
    let kind = u16::from_be_bytes([head[0], head[1]]);
    let length = usize::from(u16::from_be_bytes([head[8], head[9]]));
    let start = *at + head.len();
    let value = bytes
        .get(start..start + length)
        .ok_or(DnsError::CutOff("record"))?;
    *at = start + length;
    Ok(Record {
        data: data(bytes, kind, start, value, name::is_netbios(&name))?,
        name,
        kind,
        ttl_secs: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
    })
}

/// Names within it may point back into the whole message, but their own bytes lie within the record.
fn data(bytes: &[u8], kind: u16, start: usize, value: &[u8], form: Form) -> Result<Data, DnsError> {
    let name_at = |skip: usize| {
        let mut at = start + skip;
        let name = name::read(bytes, &mut at)?;
        let fits = at <= start + value.len();
        fits.then_some(name).ok_or(DnsError::Name)
    };
    let other = Data::Other;
    Ok(match (kind, form) {
        (kind::A, _) => four(value).map_or(other, |ip| Data::Address(ip.into())),
        (kind::AAAA, _) => {
            <[u8; 16]>::try_from(value).map_or(other, |ip| Data::Address(Ipv6Addr::from(ip).into()))
        }
        (kind::PTR | kind::CNAME, _) => Data::Name(name_at(0)?),
        (kind::NETBIOS_STATUS, Form::NetBios) => Data::Status(value.to_vec()),
        (kind::SRV, Form::Plain) => match value {
            [_, _, _, _, high, low, ..] => Data::Service {
                port: u16::from_be_bytes([*high, *low]),
                host: name_at(6)?,
            },
            _ => other,
        },
        (kind::TXT, _) => Data::Text(texts(value)),
        (kind::NETBIOS, _) => Data::NetBios(
            value
                .chunks_exact(6)
                .filter_map(|entry| four(&entry[2..]))
                .take(DNS_TEXTS)
                .collect(),
        ),
        _ => other,
    })
}

/// Whether a name is one that NetBIOS has encoded, which decides what type 33 means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    NetBios,
}

fn four(bytes: &[u8]) -> Option<Ipv4Addr> {
    <[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from)
}

fn texts(value: &[u8]) -> Vec<String> {
    let mut rest = Reader(value);
    std::iter::from_fn(|| rest.counted8())
        .filter(|text| !text.is_empty())
        .take(DNS_TEXTS)
        .map(plain)
        .collect()
}

#[cfg(test)]
mod tests;
