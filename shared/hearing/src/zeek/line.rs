//! The fields of one line by name, whichever form the line has.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::limits::LOG_FIELDS;

#[derive(Debug)]
pub(super) enum Fields<'a> {
    Columns(BTreeMap<&'a str, &'a str>),
    Json(Map<String, Value>),
}

impl Fields<'_> {
    /// `None` for what is no object, or one of too many fields.
    pub fn json(line: &str) -> Option<Self> {
        match serde_json::from_str(line) {
            Ok(Value::Object(fields)) if fields.len() <= LOG_FIELDS => Some(Self::Json(fields)),
            _ => None,
        }
    }

    /// `None` for fields that are missing, unset (`-`) or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let text = match self {
            Self::Columns(columns) => *columns.get(name)?,
            Self::Json(fields) => fields.get(name)?.as_str()?,
        };
        Some(text).filter(|text| !matches!(*text, "-" | "" | "(empty)"))
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        match self {
            Self::Json(fields) if fields.get(name)?.is_number() => fields.get(name)?.as_u64(),
            _ => self.text(name)?.parse().ok(),
        }
    }

    pub fn decimal(&self, name: &str) -> Option<f64> {
        match self {
            Self::Json(fields) if fields.get(name)?.is_number() => fields.get(name)?.as_f64(),
            _ => self.text(name)?.parse().ok(),
        }
    }
}
