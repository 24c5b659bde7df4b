//! Zeek's connection log (`conn.log`) as flows: the tab-separated form with its `#fields` line, and JSON lines.
//!
//! Format: docs.zeek.org, "Zeek Log Formats" and the fields of `Conn::Info`. Fields may come in any order; those that
//! are not known are passed over, but for the labels that research data sets add.

mod line;

use thiserror::Error;

use crate::flow::{Answer, Count, Endpoint, Flow, Key, NameOrigin, Nets, PeerName, protocol};
use crate::limits::{LOG_FIELDS, LOG_LINE_BYTES};
use crate::moment::Moment;
use crate::text::plain;

use self::line::Fields;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub flow: Flow,
    /// How Zeek judges the course of the connection: `S0`, `SF`, `REJ` …
    pub state: Option<String>,
    /// What the column `label` says, in data sets that have one.
    pub label: Option<String>,
    pub detailed_label: Option<String>,
}

/// Why one line is no connection; the lines after it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ZeekError {
    #[error("line {0} comes before any #fields line and is no JSON: keep the head of the log")]
    NoFields(usize),
    #[error("line {0} is longer than {LOG_LINE_BYTES} bytes or has more than {LOG_FIELDS} fields")]
    TooLong(usize),
    #[error("line {0} is no JSON object")]
    Json(usize),
    #[error("line {line} has no `{field}` that can be read")]
    Field { line: usize, field: &'static str },
}

/// The connections of one log, in the order of its lines.
#[derive(Debug)]
pub struct ConnectionLog<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    fields: Vec<&'a str>,
    local: &'a Nets,
}

impl<'a> ConnectionLog<'a> {
    pub fn open(text: &'a str, local: &'a Nets) -> Self {
        Self {
            lines: text.lines().enumerate(),
            fields: Vec::new(),
            local,
        }
    }

    fn read(&mut self, line: &'a str, number: usize) -> Option<Result<Connection, ZeekError>> {
        if line.len() > LOG_LINE_BYTES {
            return Some(Err(ZeekError::TooLong(number)));
        }
        if let Some(fields) = line.strip_prefix("#fields") {
            self.fields = split(fields.trim_start()).take(LOG_FIELDS + 1).collect();
            let too_many = self.fields.len() > LOG_FIELDS;
            return too_many.then_some(Err(ZeekError::TooLong(number)));
        }
        if line.trim_start().starts_with('#') || line.trim().is_empty() {
            return None;
        }
        let fields = if line.starts_with('{') {
            Fields::json(line).ok_or(ZeekError::Json(number))
        } else if self.fields.is_empty() {
            Err(ZeekError::NoFields(number))
        } else {
            Ok(Fields::Columns(
                self.fields.iter().copied().zip(split(line)).collect(),
            ))
        };
        Some(fields.and_then(|fields| connection(&fields, self.local, number)))
    }
}

/// Labelled data sets put three blanks between the columns that they add; no column of this log holds free text.
fn split(line: &str) -> impl Iterator<Item = &str> {
    line.split('\t')
        .flat_map(|cell| cell.split("   "))
        .map(str::trim)
}

impl Iterator for ConnectionLog<'_> {
    type Item = Result<Connection, ZeekError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (number, line) = self.lines.next()?;
            if let Some(read) = self.read(line, number + 1) {
                return Some(read);
            }
        }
    }
}

fn connection(fields: &Fields<'_>, local: &Nets, line: usize) -> Result<Connection, ZeekError> {
    let missing = |field| ZeekError::Field { line, field };
    let end = |host: &'static str, port: &'static str| {
        let address = fields.text(host).and_then(|text| text.parse().ok());
        let port_number = fields
            .number(port)
            .and_then(|port| u16::try_from(port).ok());
        Ok(Endpoint {
            address: address.ok_or(missing(host))?,
            port: port_number.ok_or(missing(port))?,
        })
    };
    let ts = fields.decimal("ts").and_then(Moment::from_decimal_secs);
    let first = ts.ok_or(missing("ts"))?;
    let key = Key {
        initiator: end("id.orig_h", "id.orig_p")?,
        responder: end("id.resp_h", "id.resp_p")?,
        protocol: fields
            .text("proto")
            .and_then(number_of)
            .ok_or(missing("proto"))?,
    };
    let micros = fields.decimal("duration").unwrap_or(0.0).clamp(0.0, 1e9) * 1e6;
    let count = |packets, bytes, payload| Count {
        packets: fields.number(packets).unwrap_or(0),
        bytes: fields
            .number(bytes)
            .or_else(|| fields.number(payload))
            .unwrap_or(0),
    };
    let state = fields.text("conn_state").map(|text| plain(text.as_bytes()));
    let name = fields.text("server_name").map(|text| PeerName {
        text: plain(text.as_bytes()),
        origin: NameOrigin::Log,
    });
    let flow = Flow {
        last: Moment::from_micros(first.micros().saturating_add(micros as u64)),
        forward: count("orig_pkts", "orig_ip_bytes", "orig_bytes"),
        back: count("resp_pkts", "resp_ip_bytes", "resp_bytes"),
        answer: answer(state.as_deref()),
        direction: local.direction(key.initiator.address, key.responder.address),
        name,
        ..Flow::new(key, first)
    };
    let label = |field| fields.text(field).map(|text| plain(text.as_bytes()));
    Ok(Connection {
        flow,
        state,
        label: label("label"),
        detailed_label: label("detailedlabel").or_else(|| label("detailed-label")),
    })
}

fn number_of(name: &str) -> Option<u8> {
    Some(match name {
        "tcp" => protocol::TCP,
        "udp" => protocol::UDP,
        "icmp" => protocol::ICMP,
        "icmp6" | "ipv6-icmp" => protocol::ICMP6,
        "igmp" => 2,
        "unknown_transport" => 255,
        _ => return None,
    })
}

/// What each state means for the one who began (`Conn::Info`, `conn_state`).
fn answer(state: Option<&str>) -> Answer {
    match state {
        Some("S0" | "SH" | "RSTOS0") => Answer::Nothing,
        Some("REJ" | "RSTRH") => Answer::Refused,
        Some("S1" | "S2" | "S3" | "SF" | "RSTO" | "RSTR" | "SHR") => Answer::Given,
        _ => Answer::Unknown,
    }
}

#[cfg(test)]
mod tests;
