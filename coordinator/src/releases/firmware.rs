//! Releases of firmware: what a new one has to be, and which there are.

use std::collections::{BTreeMap, BTreeSet};

use protocol::release::{Counter, Release};
use protocol::text::{Name, Path, TextError};
use thiserror::Error;
use tuf_core::canonical::Json;
use tuf_core::draft::targets::{TargetDraft, TargetsDraft};
use tuf_core::file::Hashes;
use tuf_core::targets::Target;

use super::blobs::{Blob, BlobError, Blobs};
use super::index;
use super::roles::FIRMWARE;

/// A release that was published, with its image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub path: String,
    pub sha256: [u8; 32],
    pub release: Release,
    /// The SHA-256 of the file that lists the parts of the image, where one is published.
    pub index: Option<[u8; 32]>,
}

/// A release that somebody wants to make, with files that are there.
#[derive(Debug, Clone)]
pub struct NewRelease {
    pub product: Name,
    pub version: Name,
    pub counter: Counter,
    pub hardware: BTreeSet<Name>,
    pub image: Blob,
    /// A list of its parts, as CycloneDX writes it.
    pub sbom: Option<Blob>,
}

#[derive(Debug, Error)]
pub enum FirmwareError {
    #[error("{field} does not fit: {why}")]
    Text { field: &'static str, why: TextError },
    #[error("{0} may only have letters, digits and . _ + -, and begins with a letter or a digit")]
    Letters(&'static str),
    #[error("the counter is a number of at least 1")]
    Counter,
    #[error("choose 1 to {} kinds of hardware", protocol::release::HARDWARE)]
    Hardware,
    #[error(
        "the release counter {given} is not above {newest}, which {product} {version} has: devices never go back below it"
    )]
    NotAbove {
        product: Name,
        version: Name,
        given: u64,
        newest: u64,
    },
    #[error("{product} {version} was released already: a version is never another file")]
    Exists { product: Name, version: Name },
    #[error("there is no release {product} {version}")]
    NoSuchRelease { product: String, version: String },
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl NewRelease {
    /// Checks what somebody typed.
    pub fn new(
        (product, version): (&str, &str),
        counter: u64,
        hardware: &[String],
        image: Blob,
        sbom: Option<Blob>,
    ) -> Result<Self, FirmwareError> {
        if counter == 0 || i64::try_from(counter).is_err() {
            return Err(FirmwareError::Counter);
        }
        let models = hardware
            .iter()
            .map(|model| checked("hardware", model.trim()));
        let hardware = models.collect::<Result<BTreeSet<_>, _>>()?;
        if hardware.is_empty() || hardware.len() > protocol::release::HARDWARE {
            return Err(FirmwareError::Hardware);
        }
        Ok(Self {
            product: segment("product", product)?,
            version: segment("version", version)?,
            counter: Counter(counter),
            hardware,
            image,
            sbom,
        })
    }

    /// What it is, in words.
    pub fn words(&self) -> String {
        let (product, version) = (&self.product, &self.version);
        format!("release {product} {version}, counter {}", self.counter.0)
    }

    /// The targets to vouch for, if devices could take them after what is `known`.
    pub fn targets(
        &self,
        known: &[Published],
        blobs: &Blobs,
    ) -> Result<BTreeMap<String, TargetDraft>, FirmwareError> {
        let own = known.iter().map(|one| &one.release);
        let own = own.filter(|release| release.product == self.product);
        let newest = own.clone().max_by_key(|release| release.counter);
        if own.clone().any(|release| release.version == self.version) {
            return Err(FirmwareError::Exists {
                product: self.product.clone(),
                version: self.version.clone(),
            });
        }
        if let Some(newest) = newest.filter(|newest| newest.counter >= self.counter) {
            return Err(FirmwareError::NotAbove {
                product: self.product.clone(),
                version: newest.version.clone(),
                given: self.counter.0,
                newest: newest.counter.0,
            });
        }
        let files = [Some(&self.image), self.sbom.as_ref()];
        let mut files = files.into_iter().flatten();
        if !files.all(|file| blobs.has(&file.sha256, file.length)) {
            return Err(BlobError::Missing.into());
        }
        let image_path = self.path("img");
        let (sbom_path, index_path) = (self.line("cdx.json")?, self.line("index")?);
        let made = index::of(&self.image, blobs)?;
        let release = Release {
            product: self.product.clone(),
            version: self.version.clone(),
            counter: self.counter,
            hardware: self.hardware.clone(),
            length: self.image.length,
            chunk_root: self.image.chunk_root,
            sbom: self.sbom.map(|_| sbom_path.clone()),
            index: made.map(|made| index::listed(&made, index_path.clone())),
        };
        let mut targets = BTreeMap::from([(image_path, target(&self.image, release.custom()))]);
        if let Some(sbom) = &self.sbom {
            targets.insert(sbom_path.to_string(), target(sbom, BTreeMap::new()));
        }
        if let Some(made) = &made {
            targets.insert(index_path.to_string(), target(made, BTreeMap::new()));
        }
        Ok(targets)
    }

    fn line(&self, ending: &str) -> Result<Path, FirmwareError> {
        Path::new(self.path(ending)).map_err(|why| FirmwareError::Text {
            field: "product and version",
            why,
        })
    }

    fn path(&self, ending: &str) -> String {
        format!("{FIRMWARE}/{}/{}.{ending}", self.product, self.version)
    }
}

fn target(blob: &Blob, custom: BTreeMap<String, Json>) -> TargetDraft {
    TargetDraft {
        length: blob.length,
        sha256: blob.sha256,
        custom,
    }
}

/// All releases that the role vouches for, by product and counter, the newest first.
pub fn releases(role: &TargetsDraft) -> Vec<Published> {
    let mut all: Vec<_> = role
        .targets
        .iter()
        .filter_map(|(path, draft)| published(role, path, draft))
        .collect();
    all.sort_by(|a, b| {
        let product = a.release.product.cmp(&b.release.product);
        product.then(b.release.counter.cmp(&a.release.counter))
    });
    all
}

/// Other files of the role, such as lists of parts, are no releases.
fn published(role: &TargetsDraft, path: &str, draft: &TargetDraft) -> Option<Published> {
    let target = Target {
        length: draft.length,
        hashes: Hashes {
            sha256: Some(draft.sha256),
            sha512: None,
        },
        custom: Some(Json::Object(draft.custom.clone())),
    };
    let release = Release::of(&target).ok()?;
    let index = release.index.as_ref();
    let index = index.and_then(|index| role.targets.get(index.path.as_str()));
    Some(Published {
        path: path.to_owned(),
        sha256: draft.sha256,
        index: index.map(|draft| draft.sha256),
        release,
    })
}

fn checked(field: &'static str, text: &str) -> Result<Name, FirmwareError> {
    Name::new(text).map_err(|why| FirmwareError::Text { field, why })
}

/// A name that is a part of a path.
pub(crate) fn segment(field: &'static str, text: &str) -> Result<Name, FirmwareError> {
    let name = checked(field, text.trim())?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._+-".contains(letter);
    let begins = name
        .as_str()
        .starts_with(|first: char| first.is_ascii_alphanumeric());
    if begins && name.as_str().chars().all(plain) {
        Ok(name)
    } else {
        Err(FirmwareError::Letters(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(blobs: &Blobs, version: &str, counter: u64) -> Result<NewRelease, FirmwareError> {
        let image = blobs.take(version.as_bytes(), 100)?;
        NewRelease::new(
            ("camera", version),
            counter,
            &["ipc-3".to_owned()],
            image,
            None,
        )
    }

    #[test]
    fn a_counter_that_is_not_above_the_newest_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(&dir.path().join("targets")).expect("it is made");
        let mut role = TargetsDraft::new(1, 1_900_000_000);
        let first = release(&blobs, "1.0", 5).expect("it fits");
        let targets = first.targets(&releases(&role), &blobs);
        role.targets
            .extend(targets.expect("nothing was released before"));
        let known = releases(&role);
        for counter in [1, 4, 5] {
            let refused = release(&blobs, "2.0", counter).expect("it fits");
            let refused = refused.targets(&known, &blobs);
            assert!(
                matches!(refused, Err(FirmwareError::NotAbove { newest: 5, .. })),
                "{refused:?}"
            );
        }
        let again = release(&blobs, "1.0", 6).expect("it fits");
        assert!(matches!(
            again.targets(&known, &blobs),
            Err(FirmwareError::Exists { .. })
        ));
        let next = release(&blobs, "2.0", 6).expect("it fits");
        assert!(next.targets(&known, &blobs).is_ok());
    }

    #[test]
    fn a_name_that_would_leave_its_folder_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(&dir.path().join("targets")).expect("it is made");
        for version in ["..", "a/b", "a b", "-x", "*", ""] {
            let made = blobs.take(&b"image"[..], 100).expect("it fits");
            let hardware = ["ipc-3".to_owned()];
            let refused = NewRelease::new(("camera", version), 1, &hardware, made, None);
            assert!(refused.is_err(), "{version}");
        }
    }
}
