//! Which field of a document or a query does not fit: serde says where it stood, and names what is missing or unknown.

use std::error::Error;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use super::error::{Flaw, WebError};

type InDocument = serde_path_to_error::Error<serde_json::Error>;
type InQuery = serde_path_to_error::Error<serde_urlencoded::de::Error>;

/// A document that is read by hand because it may be left out.
pub fn document<T: DeserializeOwned>(body: &[u8]) -> Result<T, WebError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        match error.inner().classify() {
            serde_json::error::Category::Data => WebError::Invalid(vec![in_document(&error)]),
            _ => WebError::Unreadable(error.inner().to_string()),
        }
    })?;
    reader
        .end()
        .map_err(|error| WebError::Unreadable(error.to_string()))?;
    Ok(read)
}

pub fn of_document(rejection: &JsonRejection) -> Option<Flaw> {
    let JsonRejection::JsonDataError(error) = rejection else {
        return None;
    };
    Some(match cause::<InDocument>(error) {
        Some(error) => in_document(error),
        None => Flaw::new("", error.body_text()),
    })
}

pub fn of_query(rejection: &QueryRejection) -> Option<Flaw> {
    let error = cause::<InQuery>(rejection)?;
    let what = error.inner().to_string();
    let places = places(error.path(), &what);
    Some(Flaw::new(places.first()?, what))
}

fn in_document(error: &InDocument) -> Flaw {
    let what = error.inner().to_string();
    // Where it stood in the text is of no use to whoever has the field.
    let what = what.split(" at line ").next().unwrap_or(&what);
    Flaw::new(&pointer(error.path(), what), what)
}

fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    std::iter::successors(Some(error), |error| (*error).source()).find_map(|one| one.downcast_ref())
}

/// RFC 6901.
fn pointer(path: &Path, what: &str) -> String {
    let places = places(path, what).into_iter();
    let escaped = places.map(|place| place.replace('~', "~0").replace('/', "~1"));
    escaped.map(|place| format!("/{place}")).collect()
}

fn places(path: &Path, what: &str) -> Vec<String> {
    let mut places: Vec<String> = path.iter().filter_map(place).collect();
    if let Some(named) = named(what).filter(|named| places.last() != Some(named)) {
        places.push(named);
    }
    places
}

fn place(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// The field that stands in no path, because it is not there or nobody knows it.
fn named(what: &str) -> Option<String> {
    let kinds = ["missing field `", "unknown field `", "duplicate field `"];
    let rest = kinds.iter().find_map(|kind| what.strip_prefix(kind))?;
    Some(rest.split_once('`')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it is read is of interest")]
    struct Asked {
        name: String,
        #[serde(default)]
        limits: Vec<Limit>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it is read is of interest")]
    struct Limit {
        #[serde(rename = "a/b")]
        most: u8,
    }

    fn flaw(text: &str) -> (String, String) {
        match document::<Asked>(text.as_bytes()) {
            Err(WebError::Invalid(flaws)) => (flaws[0].place.clone(), flaws[0].what.clone()),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_field_is_named_wherever_it_stands_or_does_not_stand() {
        assert_eq!(flaw("{}"), ("/name".into(), "missing field `name`".into()));
        assert_eq!(flaw(r#"{"name": 1}"#).0, "/name");
        assert_eq!(flaw(r#"{"name": "a", "colour": 1}"#).0, "/colour");
        assert_eq!(flaw(r#"{"name": "a", "name": "b"}"#).0, "/name");
        let deep = |limit: &str| {
            flaw(&format!(
                r#"{{"name": "a", "limits": [{{"a/b": 1}}, {limit}]}}"#
            ))
        };
        assert_eq!(deep(r#"{"a/b": 256}"#).0, "/limits/1/a~1b");
        assert_eq!(deep("{}").0, "/limits/1/a~1b");
        assert_eq!(deep("[]").0, "/limits/1");
        assert_eq!(flaw("[]").0, "");
    }

    #[test]
    fn what_is_no_document_has_no_field() {
        for text in ["", "{", "{\"name\": \"a\"} x"] {
            let read = document::<Asked>(text.as_bytes());
            assert!(matches!(read, Err(WebError::Unreadable(_))), "{text}");
        }
    }
}
