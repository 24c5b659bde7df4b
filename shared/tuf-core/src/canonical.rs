//! JSON as metadata uses it, without floats and doubled names, and its one canonical form (OLPC).

use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use thiserror::Error;

use crate::limits;

/// Fields ordered by code points, which is the order of UTF-8 bytes.
pub type Object = BTreeMap<String, Json>;

/// A JSON value with exactly one canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    Null,
    Bool(bool),
    Integer(i128),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JsonError {
    #[error("the document is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the document is nested deeper than {0} levels")]
    TooDeep(usize),
    #[error("a number is not a 64-bit integer, so it has no canonical form")]
    NotAnInteger,
    #[error("an object names one field twice, so two readers could disagree about it")]
    DuplicateName,
    #[error("the document is not JSON: line {line}, column {column}")]
    Syntax { line: usize, column: usize },
}

impl Json {
    /// Parses one document of at most `max_bytes`.
    pub fn parse(bytes: &[u8], max_bytes: usize) -> Result<Self, JsonError> {
        if bytes.len() > max_bytes {
            return Err(JsonError::TooLarge(max_bytes));
        }
        let fault = Cell::new(None);
        let mut document = serde_json::Deserializer::from_slice(bytes);
        Value {
            depth: 0,
            fault: &fault,
        }
        .deserialize(&mut document)
        .and_then(|value| document.end().map(|()| value))
        .map_err(|error| {
            fault.get().unwrap_or(JsonError::Syntax {
                line: error.line(),
                column: error.column(),
            })
        })
    }

    /// The bytes that are hashed and signed.
    pub fn to_canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Integer(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                write_separated(b"[]", items, out, Self::write);
            }
            Self::Object(fields) => write_separated(b"{}", fields, out, |(name, value), out| {
                write_text(name, out);
                out.push(b':');
                value.write(out);
            }),
        }
    }
}

fn write_separated<T>(
    brackets: &[u8; 2],
    items: impl IntoIterator<Item = T>,
    out: &mut Vec<u8>,
    write: impl Fn(T, &mut Vec<u8>),
) {
    out.push(brackets[0]);
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(brackets[1]);
}

/// Only the quote and the backslash are escaped; control characters stand as they are.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Reads one value at `depth`; what the parser cannot express in its own error goes to `fault`.
struct Value<'a> {
    depth: usize,
    fault: &'a Cell<Option<JsonError>>,
}

impl Value<'_> {
    fn fail<T, E: serde::de::Error>(&self, fault: JsonError) -> Result<T, E> {
        self.fault.set(Some(fault));
        Err(E::custom(fault))
    }

    fn inner<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth == limits::DEPTH {
            return self.fail(JsonError::TooDeep(limits::DEPTH));
        }
        Ok(Self {
            depth: self.depth + 1,
            fault: self.fault,
        })
    }

    fn again(&self) -> Self {
        Self {
            depth: self.depth,
            fault: self.fault,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value without floats")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Json, E> {
        self.fail(JsonError::NotAnInteger)
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner.again())? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut object = BTreeMap::new();
        while let Some(name) = fields.next_key::<String>()? {
            match object.entry(name) {
                Entry::Occupied(_) => return self.fail(JsonError::DuplicateName),
                Entry::Vacant(field) => field.insert(fields.next_value_seed(inner.again())?),
            };
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Result<String, JsonError> {
        Json::parse(text.as_bytes(), 1 << 20)
            .map(|json| String::from_utf8(json.to_canonical()).expect("text stays text"))
    }

    #[test]
    fn names_are_sorted_and_space_is_gone() {
        assert_eq!(
            canonical(" { \"b\" : [1, -2 ,true,null] , \"a\" : { } } ").unwrap(),
            r#"{"a":{},"b":[1,-2,true,null]}"#
        );
    }

    #[test]
    fn only_the_quote_and_the_backslash_are_escaped() {
        assert_eq!(
            canonical(r#""\"\\\n\u00e9\/""#).unwrap(),
            "\"\\\"\\\\\n\u{e9}/\""
        );
    }

    #[test]
    fn names_beyond_the_basic_plane_sort_by_code_point() {
        assert_eq!(
            canonical("{\"\u{1f600}\":1,\"\u{ffff}\":2}").unwrap(),
            "{\"\u{ffff}\":2,\"\u{1f600}\":1}"
        );
    }

    #[test]
    fn probe_a_float_is_refused() {
        for text in [
            "1.0",
            "[1e2]",
            "{\"version\":-0}",
            "18446744073709551616",
            "1e999",
        ] {
            assert!(canonical(text).is_err(), "{text}");
        }
        assert_eq!(canonical("[1.0]"), Err(JsonError::NotAnInteger));
    }

    #[test]
    fn probe_a_field_named_twice_is_refused() {
        assert_eq!(
            canonical(r#"{"a":1,"b":{"c":1,"\u0063":2}}"#),
            Err(JsonError::DuplicateName)
        );
    }

    #[test]
    fn probe_deep_nesting_is_refused_at_the_bound() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(canonical(&nested(limits::DEPTH)).is_ok());
        assert_eq!(
            canonical(&nested(limits::DEPTH + 1)),
            Err(JsonError::TooDeep(limits::DEPTH))
        );
        assert_eq!(
            canonical(&"{\"a\":".repeat(100_000)),
            Err(JsonError::TooDeep(limits::DEPTH))
        );
    }

    #[test]
    fn probe_what_is_not_exactly_one_json_document_is_refused() {
        for text in [
            "",
            "{}{}",
            "[1,]",
            "\u{feff}{}",
            r#""\ud800""#,
            "{'a':1}",
            "nul",
            "\"a\nb\"",
            "NaN",
            "01",
        ] {
            assert!(
                matches!(canonical(text), Err(JsonError::Syntax { .. })),
                "{text}"
            );
        }
        assert!(Json::parse(b"\"\xff\"", 10).is_err());
    }

    #[test]
    fn probe_an_oversized_document_is_not_read() {
        assert_eq!(Json::parse(b"[1,2]", 4), Err(JsonError::TooLarge(4)));
    }
}
