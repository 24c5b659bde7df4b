//! How the records of each exporter look, as it said last; what it does not repeat is forgotten.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::bytes::Reader;
use crate::limits::{TEMPLATE_FIELDS, TEMPLATE_LIFE, TEMPLATES, TEMPLATES_PER_EXPORTER};
use crate::moment::Moment;

use super::ExportError;

/// Who numbers templates: an exporter, and a domain within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Source {
    exporter: IpAddr,
    domain: u32,
}

/// One field: its number, the maker's number for fields that are not IANA's, and its length, 65535 for one that varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub number: u16,
    pub maker: u32,
    pub bytes: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub fields: Vec<Field>,
    heard: Moment,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Templates(BTreeMap<(Source, u16), Shape>);

impl Source {
    pub const fn new(exporter: IpAddr, domain: u32) -> Self {
        Self { exporter, domain }
    }
}

impl Shape {
    /// A record is never shorter; at least one, so that reading goes on.
    pub fn least_bytes(&self) -> usize {
        let least = |field: &Field| match field.bytes {
            u16::MAX => 1,
            bytes => usize::from(bytes),
        };
        self.fields.iter().map(least).sum::<usize>().max(1)
    }
}

impl Templates {
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn find(&self, source: Source, id: u16) -> Option<&Shape> {
        self.0.get(&(source, id))
    }

    pub fn forget_old(&mut self, now: Moment) {
        self.0
            .retain(|_, shape| now.since(shape.heard) < TEMPLATE_LIFE);
    }

    /// Reads a set of templates; one without fields takes its number back (RFC 7011 §8.1).
    pub fn learn(
        &mut self,
        now: Moment,
        source: Source,
        has_makers: bool,
        set: &[u8],
    ) -> Result<(), ExportError> {
        let cut = ExportError::CutOff("template");
        let mut rest = Reader(set);
        // What is less than a head pads the set.
        while rest.0.len() >= 4 {
            let (Some(id), Some(count)) = (rest.short(), rest.short()) else {
                return Err(cut);
            };
            if count == 0 {
                self.0.remove(&(source, id));
                continue;
            }
            if usize::from(count) > TEMPLATE_FIELDS || id < 256 {
                return Err(ExportError::Template(id));
            }
            let mut fields = Vec::new();
            for _ in 0..count {
                fields.push(field(&mut rest, has_makers).ok_or(cut)?);
            }
            if fields.iter().all(|field| field.bytes == 0) {
                return Err(ExportError::Template(id));
            }
            self.enter(source, id, Shape { fields, heard: now });
        }
        Ok(())
    }

    fn enter(&mut self, source: Source, id: u16, shape: Shape) {
        self.0.insert((source, id), shape);
        let of_exporter = |(other, _): &&(Source, u16)| other.exporter == source.exporter;
        if self.0.keys().filter(of_exporter).count() > TEMPLATES_PER_EXPORTER {
            self.drop_oldest((source, id), |other| other.exporter == source.exporter);
        }
        if self.0.len() > TEMPLATES {
            self.drop_oldest((source, id), |_| true);
        }
    }

    fn drop_oldest(&mut self, but: (Source, u16), among: impl Fn(&Source) -> bool) {
        let others = self
            .0
            .iter()
            .filter(|(key, _)| **key != but && among(&key.0));
        let oldest = others
            .min_by_key(|(_, shape)| shape.heard)
            .map(|(key, _)| *key);
        oldest.map(|oldest| self.0.remove(&oldest));
    }
}

fn field(rest: &mut Reader<'_>, has_makers: bool) -> Option<Field> {
    const MAKERS: u16 = 0x8000;
    let (number, bytes) = (rest.short()?, rest.short()?);
    if has_makers && number & MAKERS != 0 {
        let maker = rest.long()?;
        let number = number & !MAKERS;
        return Some(Field {
            number,
            maker,
            bytes,
        });
    }
    let maker = 0;
    Some(Field {
        number,
        maker,
        bytes,
    })
}
