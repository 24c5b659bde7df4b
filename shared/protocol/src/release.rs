//! What administrators sign about a firmware image beside its length and hashes: the target's `custom` fields (TUF §4.5).
//!
//! ```json
//! {"product": "camera", "version": "2.1.0", "counter": 7, "hardware": ["ipc-3"],
//!  "chunks": {"bytes": 65536, "root": "hex of SHA-256"}, "sbom": "firmware/camera/2.1.0.cdx.json",
//!  "index": {"bytes": 20480, "path": "firmware/camera/2.1.0.index", "root": "hex of SHA-256"}}
//! ```

mod listed;

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};
use thiserror::Error;
use tuf_core::canonical::{Json, Object};
use tuf_core::targets::Target;

use crate::merkle::Hash;
use crate::text::{Name, Path, TextError};
pub use listed::IndexFile;

/// Bytes of a chunk; only the last of an image is shorter.
pub const CHUNK_BYTES: u64 = 64 * 1024;
/// Kinds of hardware that one image may be for.
pub const HARDWARE: usize = 32;

/// One version of one product's firmware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub product: Name,
    pub version: Name,
    pub counter: Counter,
    /// The models it runs on.
    pub hardware: BTreeSet<Name>,
    /// Bytes of the image.
    pub length: u64,
    /// The root of the Merkle tree (RFC 9162) over its chunks.
    pub chunk_root: Hash,
    /// The path of the target that lists its parts (CycloneDX).
    pub sbom: Option<Path>,
    /// The target that says what the image is made of; without it nothing of what runs is used again.
    pub index: Option<IndexFile>,
}

/// Orders a product's releases whatever their versions are called: what a device never falls below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Counter(#[n(0)] pub u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReleaseError {
    #[error("the target says nothing about itself in `custom`, so it is no release")]
    Silent,
    #[error("`custom.{0}` is missing or is not what it has to be")]
    Field(&'static str),
    #[error("`custom.{field}` does not fit: {why}")]
    Text { field: &'static str, why: TextError },
    #[error("`custom.hardware` names nothing, or more than {HARDWARE} models")]
    Hardware,
    #[error("the image is cut into chunks of {0} bytes, not of {CHUNK_BYTES}")]
    ChunkBytes(i128),
    #[error("the image is empty")]
    Empty,
}

impl Release {
    /// What a verified target says about itself; fields that it does not know are left alone.
    pub fn of(target: &Target) -> Result<Self, ReleaseError> {
        let Some(Json::Object(custom)) = &target.custom else {
            return Err(ReleaseError::Silent);
        };
        if target.length == 0 {
            return Err(ReleaseError::Empty);
        }
        Ok(Self {
            product: name(custom, "product")?,
            version: name(custom, "version")?,
            counter: counter(custom)?,
            hardware: hardware(custom)?,
            length: target.length,
            chunk_root: chunk_root(custom)?,
            sbom: sbom(custom)?,
            index: IndexFile::read(custom)?,
        })
    }

    /// The `custom` fields of its target.
    pub fn custom(&self) -> Object {
        let hardware = self.hardware.iter().map(|model| text(model.as_str()));
        let chunks = BTreeMap::from([
            ("bytes".to_owned(), Json::Integer(CHUNK_BYTES.into())),
            ("root".to_owned(), text(&HEXLOWER.encode(&self.chunk_root))),
        ]);
        let mut custom = BTreeMap::from([
            ("product".to_owned(), text(self.product.as_str())),
            ("version".to_owned(), text(self.version.as_str())),
            ("counter".to_owned(), Json::Integer(self.counter.0.into())),
            ("hardware".to_owned(), Json::List(hardware.collect())),
            ("chunks".to_owned(), Json::Object(chunks)),
        ]);
        if let Some(sbom) = &self.sbom {
            custom.insert("sbom".to_owned(), text(sbom.as_str()));
        }
        if let Some(index) = &self.index {
            custom.insert("index".to_owned(), Json::Object(index.custom()));
        }
        custom
    }

    /// Of how many chunks its image is.
    pub const fn chunks(&self) -> u64 {
        self.length.div_ceil(CHUNK_BYTES)
    }
}

fn text(words: &str) -> Json {
    Json::Text(words.to_owned())
}

fn words<'a>(fields: &'a Object, field: &'static str) -> Result<&'a str, ReleaseError> {
    match fields.get(field) {
        Some(Json::Text(words)) => Ok(words),
        _ => Err(ReleaseError::Field(field)),
    }
}

fn name(fields: &Object, field: &'static str) -> Result<Name, ReleaseError> {
    Name::new(words(fields, field)?).map_err(|why| ReleaseError::Text { field, why })
}

fn counter(fields: &Object) -> Result<Counter, ReleaseError> {
    match fields.get("counter") {
        Some(Json::Integer(number)) => u64::try_from(*number).ok(),
        _ => None,
    }
    .filter(|number| *number > 0)
    .map(Counter)
    .ok_or(ReleaseError::Field("counter"))
}

fn hardware(fields: &Object) -> Result<BTreeSet<Name>, ReleaseError> {
    let field = "hardware";
    let Some(Json::List(listed)) = fields.get(field) else {
        return Err(ReleaseError::Field(field));
    };
    if listed.is_empty() || listed.len() > HARDWARE {
        return Err(ReleaseError::Hardware);
    }
    let models = listed.iter().map(|model| match model {
        Json::Text(model) => Name::new(model).map_err(|why| ReleaseError::Text { field, why }),
        _ => Err(ReleaseError::Field(field)),
    });
    models.collect()
}

fn chunk_root(fields: &Object) -> Result<Hash, ReleaseError> {
    let Some(Json::Object(chunks)) = fields.get("chunks") else {
        return Err(ReleaseError::Field("chunks"));
    };
    match chunks.get("bytes") {
        Some(Json::Integer(bytes)) if *bytes == i128::from(CHUNK_BYTES) => {}
        Some(Json::Integer(bytes)) => return Err(ReleaseError::ChunkBytes(*bytes)),
        _ => return Err(ReleaseError::Field("chunks.bytes")),
    }
    root(chunks, "chunks.root")
}

fn root(fields: &Object, field: &'static str) -> Result<Hash, ReleaseError> {
    let root = words(fields, "root").map_err(|_| ReleaseError::Field(field))?;
    let bytes = HEXLOWER.decode(root.as_bytes()).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(ReleaseError::Field(field))
}

fn sbom(fields: &Object) -> Result<Option<Path>, ReleaseError> {
    if !fields.contains_key("sbom") {
        return Ok(None);
    }
    let field = "sbom";
    let path = Path::new(words(fields, field)?);
    path.map(Some)
        .map_err(|why| ReleaseError::Text { field, why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tuf_core::file::Hashes;

    fn release() -> Release {
        Release {
            product: Name::new("camera").expect("it fits"),
            version: Name::new("2.1.0").expect("it fits"),
            counter: Counter(7),
            hardware: BTreeSet::from([Name::new("ipc-3").expect("it fits")]),
            length: CHUNK_BYTES * 2 + 1,
            chunk_root: [7; 32],
            sbom: None,
            index: None,
        }
    }

    fn target(release: &Release) -> Target {
        Target {
            length: release.length,
            hashes: Hashes {
                sha256: Some([1; 32]),
                sha512: None,
            },
            custom: Some(Json::Object(release.custom())),
        }
    }

    /// The same target with one field changed.
    fn with(field: &str, value: Json) -> Result<Release, ReleaseError> {
        let mut target = target(&release());
        let Some(Json::Object(custom)) = &mut target.custom else {
            unreachable!("a release has fields");
        };
        custom.insert(field.to_owned(), value);
        Release::of(&target)
    }

    #[test]
    fn what_is_signed_about_a_release_is_what_is_read() {
        let plain = release();
        let listed = Release {
            sbom: Some(Path::new("firmware/camera/2.1.0.cdx.json").expect("it fits")),
            ..release()
        };
        let indexed = Release {
            index: Some(IndexFile {
                path: Path::new("firmware/camera/2.1.0.index").expect("it fits"),
                length: 4096,
                root: [9; 32],
            }),
            ..release()
        };
        for release in [plain, listed, indexed] {
            assert_eq!(Release::of(&target(&release)), Ok(release));
        }
        assert_eq!(release().chunks(), 3);
    }

    #[test]
    fn unknown_fields_are_left_alone() {
        assert_eq!(with("colour", Json::Null), Ok(release()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let too_many = (0..=HARDWARE).map(|number| text(&number.to_string()));
        let cases = [
            ("product", Json::Null, ReleaseError::Field("product")),
            ("counter", Json::Integer(0), ReleaseError::Field("counter")),
            ("hardware", Json::List(Vec::new()), ReleaseError::Hardware),
            (
                "hardware",
                Json::List(too_many.collect()),
                ReleaseError::Hardware,
            ),
            ("chunks", Json::Null, ReleaseError::Field("chunks")),
            ("sbom", Json::Integer(1), ReleaseError::Field("sbom")),
            ("index", Json::Null, ReleaseError::Field("index")),
            (
                "index",
                Json::Object(BTreeMap::from([("bytes".to_owned(), Json::Integer(0))])),
                ReleaseError::Field("index.bytes"),
            ),
            (
                "version",
                text("two\nlines"),
                ReleaseError::Text {
                    field: "version",
                    why: TextError::Control,
                },
            ),
        ];
        for (field, value, why) in cases {
            assert_eq!(with(field, value), Err(why), "{field}");
        }
    }

    #[test]
    fn other_chunks_than_ours_are_refused() {
        let chunks = BTreeMap::from([("bytes".to_owned(), Json::Integer(1024))]);
        let why = ReleaseError::ChunkBytes(1024);
        assert_eq!(with("chunks", Json::Object(chunks)), Err(why));
    }
}
