//! Flow records as routers and `softflowd` export them: NetFlow 5 and 9 (RFC 3954) and IPFIX (RFC 7011).
//!
//! Exporters say first how their records look, in templates; what comes before its template cannot be read and is
//! counted. Whoever sends to the port may claim anything: the caller chooses whom it listens to.

mod fields;
mod templates;
mod version5;

use std::net::IpAddr;

use thiserror::Error;

use crate::bytes::Reader;
use crate::flow::{Flow, Nets};
use crate::limits::RECORDS_PER_DATAGRAM;
use crate::moment::Moment;

use self::fields::Clock;
use self::templates::{Shape, Source, Templates};

/// What one datagram brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    pub flows: Vec<Flow>,
    /// Sets whose template is not known, or is about something else than flows.
    pub unread_sets: u32,
}

/// Why a datagram is no export. Sets before the damage count all the same, with the next datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ExportError {
    #[error(
        "version {0} is neither NetFlow 5 or 9 nor IPFIX (10): set the exporter to one of them"
    )]
    Version(u16),
    #[error("the datagram ends within its {0}")]
    CutOff(&'static str),
    #[error("a set claims {0} bytes, which is less than its own head or more than there are")]
    SetLength(u16),
    #[error("template {0} has no fields of any length, or too many: at most 128 are kept")]
    Template(u16),
}

/// What is known of all exporters.
#[derive(Debug, Clone)]
pub struct Collector {
    local: Nets,
    templates: Templates,
}

/// How sets are numbered, which differs between the two formats with templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    NetFlow9,
    Ipfix,
}

impl Collector {
    pub const fn new(local: Nets) -> Self {
        Self {
            local,
            templates: Templates::new(),
        }
    }

    /// Takes in one datagram that `exporter` sent.
    pub fn read(
        &mut self,
        now: Moment,
        exporter: IpAddr,
        datagram: &[u8],
    ) -> Result<Export, ExportError> {
        let mut rest = Reader(datagram);
        match rest.short().ok_or(ExportError::CutOff("header"))? {
            5 => version5::read(rest, &self.local),
            9 => {
                let header = rest.array::<18>().ok_or(ExportError::CutOff("header"))?;
                let word = |at: usize| {
                    u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
                };
                let clock = Clock::uptime(word(2), word(6));
                let source = Source::new(exporter, word(14));
                self.sets(now, Format::NetFlow9, source, clock, rest)
            }
            10 => {
                let header = rest.array::<14>().ok_or(ExportError::CutOff("header"))?;
                let word = |at: usize| {
                    u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
                };
                let length = usize::from(u16::from_be_bytes([header[0], header[1]]));
                let sets = length.checked_sub(16).and_then(|sets| rest.take(sets));
                let sets = sets.ok_or(ExportError::CutOff("message"))?;
                let source = Source::new(exporter, word(10));
                self.sets(
                    now,
                    Format::Ipfix,
                    source,
                    Clock::export(word(2)),
                    Reader(sets),
                )
            }
            version => Err(ExportError::Version(version)),
        }
    }

    /// How many templates are kept.
    pub fn templates(&self) -> usize {
        self.templates.len()
    }

    fn sets(
        &mut self,
        now: Moment,
        format: Format,
        source: Source,
        clock: Clock,
        mut rest: Reader<'_>,
    ) -> Result<Export, ExportError> {
        self.templates.forget_old(now);
        let mut export = Export::default();
        while rest.0.len() >= 4 {
            let (Some(id), Some(length)) = (rest.short(), rest.short()) else {
                break;
            };
            let body = usize::from(length)
                .checked_sub(4)
                .and_then(|body| rest.take(body));
            let body = body.ok_or(ExportError::SetLength(length))?;
            match (format, id) {
                (Format::NetFlow9, 0) | (Format::Ipfix, 2) => {
                    self.templates
                        .learn(now, source, format == Format::Ipfix, body)?;
                }
                (Format::NetFlow9, 1) | (Format::Ipfix, 3) => export.unread_sets += 1,
                (_, 256..) => self.records(source, id, clock, body, &mut export),
                _ => export.unread_sets += 1,
            }
        }
        Ok(export)
    }

    fn records(&self, source: Source, id: u16, clock: Clock, body: &[u8], export: &mut Export) {
        let Some(shape) = self.templates.find(source, id) else {
            export.unread_sets += 1;
            return;
        };
        let mut rest = Reader(body);
        while export.flows.len() < RECORDS_PER_DATAGRAM && rest.0.len() >= shape.least_bytes() {
            let Some(record) = record(shape, &mut rest) else {
                break;
            };
            export
                .flows
                .extend(fields::flow(&record, clock, &self.local));
        }
    }
}

/// The values of one record, each with its field; `None` when it is cut off.
fn record<'a>(shape: &Shape, rest: &mut Reader<'a>) -> Option<Vec<(templates::Field, &'a [u8])>> {
    let mut value = |field: &templates::Field| match field.bytes {
        // RFC 7011 §7: the length comes with the value.
        u16::MAX => match rest.byte()? {
            u8::MAX => rest.counted16(),
            short => rest.take(usize::from(short)),
        },
        bytes => rest.take(usize::from(bytes)),
    };
    let values: Option<Vec<_>> = shape.fields.iter().map(&mut value).collect();
    Some(shape.fields.iter().copied().zip(values?).collect())
}

#[cfg(test)]
mod tests;
