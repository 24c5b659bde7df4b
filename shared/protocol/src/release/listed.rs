//! What a release says of the file that lists the parts of its image.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use tuf_core::canonical::{Json, Object};

use super::{ReleaseError, root, text, words};
use crate::limits;
use crate::merkle::Hash;
use crate::spread::image::Image;
use crate::text::Path;

/// A target of its own beside the image, which travels in chunks as the image does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFile {
    /// Its path in the repository.
    pub path: Path,
    /// Bytes, at most [`limits::INDEX_BYTES`].
    pub length: u64,
    /// The root of the Merkle tree over its chunks.
    pub root: Hash,
}

impl IndexFile {
    /// What moves from neighbour to neighbour; nothing that is longer than any index may be.
    pub fn image(&self) -> Option<Image> {
        let fits = self.length <= limits::INDEX_BYTES as u64;
        Image::new(self.root, self.length).filter(|_| fits)
    }

    pub(super) fn read(custom: &Object) -> Result<Option<Self>, ReleaseError> {
        let fields = match custom.get("index") {
            None => return Ok(None),
            Some(Json::Object(fields)) => fields,
            Some(_) => return Err(ReleaseError::Field("index")),
        };
        let length = length(fields).ok_or(ReleaseError::Field("index.bytes"))?;
        let field = "index.path";
        let path = words(fields, "path").map_err(|_| ReleaseError::Field(field))?;
        Ok(Some(Self {
            length,
            path: Path::new(path).map_err(|why| ReleaseError::Text { field, why })?,
            root: root(fields, "index.root")?,
        }))
    }

    pub(super) fn custom(&self) -> Object {
        BTreeMap::from([
            ("bytes".to_owned(), Json::Integer(self.length.into())),
            ("path".to_owned(), text(self.path.as_str())),
            ("root".to_owned(), text(&HEXLOWER.encode(&self.root))),
        ])
    }
}

fn length(fields: &Object) -> Option<u64> {
    let Some(Json::Integer(bytes)) = fields.get("bytes") else {
        return None;
    };
    let bytes = u64::try_from(*bytes).ok();
    bytes.filter(|bytes| (1..=limits::INDEX_BYTES as u64).contains(bytes))
}
