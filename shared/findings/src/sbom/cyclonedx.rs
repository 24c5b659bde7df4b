//! CycloneDX JSON, versions 1.4 to 1.6: read, and written as 1.6.

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use super::{Component, Sbom};
use crate::cpe::Cpe;
use crate::limits;
use crate::shown::line;
use crate::time::Moment;

/// Why a file is no bill of materials.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SbomError {
    #[error("the file has {0} bytes, more than the {limit} that are read", limit = limits::SBOM_BYTES)]
    Long(usize),
    #[error("the file is no JSON of CycloneDX: {0}")]
    Shape(String),
    #[error("bomFormat is {0:?} where \"CycloneDX\" is expected")]
    Format(String),
    #[error("specVersion is {0:?}; versions 1.4, 1.5 and 1.6 are read")]
    Version(String),
    #[error(
        "components stand more than {} deep in one another",
        limits::SBOM_DEPTH
    )]
    Deep,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    bom_format: String,
    #[serde(default)]
    spec_version: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    components: Vec<Raw>,
}

#[derive(Deserialize, Default)]
struct Metadata {
    component: Option<Raw>,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    group: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    purl: Option<String>,
    cpe: Option<String>,
    #[serde(default)]
    components: Vec<Raw>,
}

/// Reads a bill; components inside components are counted like others.
pub fn import(bytes: &[u8]) -> Result<Sbom, SbomError> {
    if bytes.len() > limits::SBOM_BYTES {
        return Err(SbomError::Long(bytes.len()));
    }
    let file: File = serde_json::from_slice(bytes)
        .map_err(|error| SbomError::Shape(line(&error.to_string(), limits::LINE_CHARS)))?;
    if file.bom_format != "CycloneDX" {
        return Err(SbomError::Format(line(&file.bom_format, 40)));
    }
    if !matches!(file.spec_version.as_str(), "1.4" | "1.5" | "1.6") {
        return Err(SbomError::Version(line(&file.spec_version, 40)));
    }
    let mut sbom = Sbom::default();
    if let Some(subject) = &file.metadata.component {
        sbom.name = line(&subject.name, limits::WORD_CHARS);
        sbom.version = line(&subject.version, limits::VERSION_BYTES);
    }
    let mut waiting: Vec<(usize, &Raw)> = file.components.iter().map(|raw| (1, raw)).collect();
    while let Some((depth, raw)) = waiting.pop() {
        if depth > limits::SBOM_DEPTH {
            return Err(SbomError::Deep);
        }
        waiting.extend(raw.components.iter().map(|below| (depth + 1, below)));
        match component(raw) {
            Some(component) if sbom.components.len() < limits::COMPONENTS => {
                sbom.components.insert(component);
            }
            _ => sbom.left_out += 1,
        }
    }
    Ok(sbom)
}

/// Writes CycloneDX 1.6; the serial is a UUID of the caller.
pub fn write(sbom: &Sbom, serial: [u8; 16], at: Moment) -> Vec<u8> {
    let components: Vec<Value> = sbom.components.iter().map(component_json).collect();
    let whole = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": urn(serial),
        "version": 1,
        "metadata": {
            "timestamp": at.rfc3339(),
            "component": {"type": "firmware", "name": sbom.name, "version": sbom.version},
        },
        "components": components,
    });
    serde_json::to_vec_pretty(&whole).expect("a value of JSON has text keys only")
}

/// A UUID of these bytes as version 4, in the form that CycloneDX asks for.
pub(crate) fn urn(bytes: [u8; 16]) -> String {
    let mut bytes = bytes;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

fn component(raw: &Raw) -> Option<Component> {
    let name = match raw.group.is_empty() {
        true => raw.name.clone(),
        false => format!("{}/{}", raw.group, raw.name),
    };
    let name = line(&name, limits::WORD_CHARS);
    (!name.is_empty()).then(|| Component {
        name,
        version: line(&raw.version, limits::VERSION_BYTES),
        purl: raw.purl.as_ref().and_then(|purl| purl.parse().ok()),
        cpe: raw.cpe.as_ref().and_then(|cpe| Cpe::parse(cpe).ok()),
    })
}

fn component_json(component: &Component) -> Value {
    let mut written =
        json!({"type": "library", "name": component.name, "version": component.version});
    if let Some(purl) = &component.purl {
        written["purl"] = Value::String(purl.to_string());
    }
    if let Some(cpe) = &component.cpe {
        written["cpe"] = Value::String(cpe.to_string());
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":{"type":"firmware","name":"cam","version":"2.1"}},
"components":[{"type":"library","group":"org.apache","name":"log4j-core","version":"2.14.1","purl":"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
"components":[{"type":"library","name":"inner","version":"1","cpe":"cpe:2.3:a:x:inner:1:*:*:*:*:*:*:*"}]},{"type":"library","name":""}]}"#;

    #[test]
    fn a_bill_is_read_with_what_is_inside_and_written_again() {
        let sbom = import(FILE.as_bytes()).unwrap();
        assert_eq!(
            (sbom.name.as_str(), sbom.components.len(), sbom.left_out),
            ("cam", 2, 1)
        );
        let bytes = write(&sbom, [7; 16], Moment(0));
        let again = import(&bytes).unwrap();
        assert_eq!(again.components, sbom.components);
        assert!(
            String::from_utf8(bytes)
                .unwrap()
                .contains("urn:uuid:07070707-0707-4707-8707-070707070707")
        );
    }

    #[test]
    fn other_files_are_refused_with_the_reason() {
        assert_eq!(import(b"{}"), Err(SbomError::Format(String::new())));
        let old = FILE.replace("1.5", "1.2");
        assert_eq!(
            import(old.as_bytes()),
            Err(SbomError::Version("1.2".into()))
        );
        let deep = format!(
            "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":{}{}}}",
            "[{\"name\":\"a\",\"components\":".repeat(limits::SBOM_DEPTH + 1) + "[]",
            "}]".repeat(limits::SBOM_DEPTH + 1),
        );
        assert_eq!(import(deep.as_bytes()), Err(SbomError::Deep));
    }
}
