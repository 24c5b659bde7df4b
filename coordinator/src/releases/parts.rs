//! The parts of a release, as a CycloneDX list names them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use thiserror::Error;

/// Parts of one list that are looked at.
pub const PARTS: usize = 50_000;

/// Versions of each part by its name; an image may hold two of one.
pub type Parts = BTreeMap<String, BTreeSet<String>>;

#[derive(Debug, Error)]
pub enum PartsError {
    #[error("the list of parts is not JSON as CycloneDX writes it: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the list of parts is not one of CycloneDX")]
    OtherFormat,
    #[error("the list names more than {PARTS} parts")]
    TooMany,
}

#[derive(Deserialize)]
struct List {
    #[serde(rename = "bomFormat")]
    format: String,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(default)]
    group: String,
    name: String,
    #[serde(default)]
    version: String,
    /// How deep they lie in one another, the parser bounds.
    #[serde(default)]
    components: Vec<Component>,
}

pub fn read(list: &[u8]) -> Result<Parts, PartsError> {
    let list: List = serde_json::from_slice(list)?;
    if list.format != "CycloneDX" {
        return Err(PartsError::OtherFormat);
    }
    let mut parts = Parts::new();
    let mut waiting = list.components;
    let mut seen = 0;
    while let Some(component) = waiting.pop() {
        seen += 1;
        if seen > PARTS {
            return Err(PartsError::TooMany);
        }
        let name = match component.group.as_str() {
            "" => component.name,
            group => format!("{group}/{}", component.name),
        };
        parts.entry(name).or_default().insert(component.version);
        waiting.extend(component.components);
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_with_their_groups_and_those_inside_one_another() {
        let list = br#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
            {"type":"library","name":"zlib","version":"1.3","components":[{"name":"crc","version":"2"}]},
            {"group":"org.x","name":"y"},{"name":"zlib","version":"1.2"}]}"#;
        let parts = read(list).expect("it is a list");
        let versions = |name: &str| parts[name].iter().cloned().collect::<Vec<_>>();
        assert_eq!(versions("zlib"), ["1.2", "1.3"]);
        assert_eq!(
            (versions("crc"), versions("org.x/y")),
            (vec!["2".to_owned()], vec![String::new()])
        );
    }

    #[test]
    fn what_is_no_list_or_too_long_or_too_deep_is_refused() {
        assert!(matches!(read(b"{}"), Err(PartsError::Json(_))));
        let other = br#"{"bomFormat":"SPDX"}"#;
        assert!(matches!(read(other), Err(PartsError::OtherFormat)));
        let many = vec![r#"{"name":"a"}"#; PARTS + 1].join(",");
        let many = format!(r#"{{"bomFormat":"CycloneDX","components":[{many}]}}"#);
        assert!(matches!(read(many.as_bytes()), Err(PartsError::TooMany)));
        let deep = format!(
            r#"{{"bomFormat":"CycloneDX","components":{}"#,
            r#"[{"name":"a","components":"#.repeat(10_000)
        );
        assert!(matches!(read(deep.as_bytes()), Err(PartsError::Json(_))));
    }
}
