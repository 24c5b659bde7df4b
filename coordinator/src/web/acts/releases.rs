//! Releases: brought as a form with files, signed, published, discarded; and why not, where they are not.

use std::collections::BTreeSet;

use language::say;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use tuf_core::draft::detached::DetachedError;
use tuf_core::fields::FieldError;
use ui::pages::release_new::fields;

use super::sentence;
use crate::releases::ReleaseError;
use crate::releases::blobs::{Blob, BlobError, IMAGE_BYTES, SBOM_BYTES};
use crate::releases::firmware::{FirmwareError, NewRelease};
use crate::releases::plan::PlanError;
use crate::releases::standing::SignError;
use crate::store::repository::Draft;
use crate::web::Web;
use crate::web::error::{Flaw, WebError};
use crate::web::trail::{Change, Trail};
use crate::web::upload::FileForm;

/// What came with the form; to programs it is described by these names.
#[derive(Debug, Default, JsonSchema)]
#[schemars(rename = "ReleaseForm", deny_unknown_fields)]
pub struct Brought {
    pub product: String,
    /// As people call it: letters, digits and . _ + -
    pub version: String,
    /// Above that of every release of the product before.
    #[schemars(with = "u64", range(min = 1))]
    pub counter: String,
    /// Models that it runs on, with commas between them.
    pub hardware: String,
    #[schemars(schema_with = "file", required)]
    image: Option<Blob>,
    /// The list of its parts, as CycloneDX writes it.
    #[schemars(schema_with = "file")]
    sbom: Option<Blob>,
    /// What is wrong with a file, and with which.
    #[schemars(skip)]
    flaw: Option<(&'static str, BlobError)>,
}

/// Why no draft came of it.
#[derive(Debug)]
pub enum Refused {
    Whole(WebError),
    /// Beside a field, a sentence.
    Field(&'static str, String),
}

fn file(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "binary", "minLength": 1})
}

impl Refused {
    fn of(error: &FirmwareError) -> Self {
        Self::Field(about(error), sentence(&error.to_string()))
    }
}

impl From<Refused> for WebError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Whole(error) => error,
            Refused::Field(name, why) => Self::Invalid(vec![Flaw::new(&format!("/{name}"), why)]),
        }
    }
}

impl Brought {
    pub async fn read(&mut self, web: &Web, form: &mut FileForm) -> Result<(), WebError> {
        let mut seen = BTreeSet::new();
        while let Some(part) = form.next().await? {
            let name = part.name();
            if seen.contains(&name) {
                let twice = say!("the field {name} comes twice", name = name);
                return Err(WebError::Unreadable(twice));
            }
            let (place, bound) = match name.as_str() {
                fields::IMAGE => (fields::IMAGE, IMAGE_BYTES),
                fields::SBOM => (fields::SBOM, SBOM_BYTES),
                _ => {
                    *self.typed(&name)? = part.text().await?;
                    seen.insert(name);
                    continue;
                }
            };
            seen.insert(name);
            match part.file(web.releases.blobs(), bound).await? {
                Ok(file) if place == fields::IMAGE => self.image = file,
                Ok(file) => self.sbom = file,
                Err(flaw) => self.flaw = Some((place, flaw)),
            }
        }
        Ok(())
    }

    fn typed(&mut self, name: &str) -> Result<&mut String, WebError> {
        Ok(match name {
            fields::PRODUCT => &mut self.product,
            fields::VERSION => &mut self.version,
            fields::COUNTER => &mut self.counter,
            fields::HARDWARE => &mut self.hardware,
            _ => {
                return Err(WebError::Unreadable(say!(
                    "it has no field {name}",
                    name = name
                )));
            }
        })
    }

    /// Makes a draft of it.
    pub async fn draft(&self, web: &Web, trail: &Trail) -> Result<Draft, Refused> {
        let release = self.release()?;
        let act = trail.act("release.prepare", &release.words(), Change::default());
        match web.releases.prepare_release(&release, act).await {
            Ok(draft) => Ok(draft),
            Err(ReleaseError::Firmware(error)) => Err(Refused::of(&error)),
            Err(error) => Err(Refused::Whole(error.into())),
        }
    }

    /// Files that nothing else names are not kept.
    pub async fn give_back(&self, web: &Web) -> Result<(), WebError> {
        let files = [self.image, self.sbom].into_iter().flatten();
        let files: Vec<_> = files.map(|file| file.sha256).collect();
        Ok(web.releases.give_back(&files).await?)
    }

    /// The same for two forms that say the same, whatever stands between their parts.
    pub fn fingerprint(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for text in [&self.product, &self.version, &self.counter, &self.hardware] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        for file in [self.image, self.sbom] {
            hasher.update(&file.map_or([0; 32], |file| file.sha256));
        }
        hasher.finalize()
    }

    fn release(&self) -> Result<NewRelease, Refused> {
        if let Some((name, flaw)) = &self.flaw {
            return Err(Refused::Field(name, sentence(&flaw.to_string())));
        }
        let counter = self.counter.trim().parse().map_err(|_| {
            Refused::Field(
                fields::COUNTER,
                say!("Write a whole number of at least 1.").to_owned(),
            )
        })?;
        let image = self
            .image
            .ok_or_else(|| Refused::Field(fields::IMAGE, say!("Choose the file.").to_owned()))?;
        let names = (self.product.trim(), self.version.trim());
        let hardware: Vec<String> = self.hardware.split(',').map(str::to_owned).collect();
        let release = NewRelease::new(names, counter, &hardware, image, self.sbom);
        release.map_err(|error| Refused::of(&error))
    }
}

/// Puts a signature file to a draft; says of which roles the documents are that it is on.
pub async fn sign(
    web: &Web,
    trail: &Trail,
    number: u64,
    file: &[u8],
) -> Result<Vec<String>, ReleaseError> {
    let act = trail.act("release.sign", &object(number), Change::default());
    web.releases.add_signature(number, file, act).await
}

pub async fn publish(web: &Web, trail: &Trail, number: u64) -> Result<Draft, ReleaseError> {
    let act = trail.act("release.publish", &object(number), Change::default());
    web.releases.publish(number, act).await
}

pub async fn discard(web: &Web, trail: &Trail, number: u64) -> Result<(), ReleaseError> {
    let act = trail.act("release.discard", &object(number), Change::default());
    web.releases.discard(number, act).await
}

fn object(number: u64) -> String {
    format!("draft {number}")
}

const fn about(error: &FirmwareError) -> &'static str {
    match error {
        FirmwareError::Text { field, .. } | FirmwareError::Letters(field) => field,
        FirmwareError::Counter | FirmwareError::NotAbove { .. } => fields::COUNTER,
        FirmwareError::Exists { .. } | FirmwareError::NoSuchRelease { .. } => fields::VERSION,
        FirmwareError::Hardware => fields::HARDWARE,
        FirmwareError::Blob(_) => fields::IMAGE,
    }
}

/// Which part of a signature file an error is about.
fn place(error: &SignError) -> &'static str {
    match error {
        SignError::OtherBytes(_) => "/signature",
        SignError::NoKey | SignError::NotAppointed { .. } | SignError::Twice { .. } => "/key",
    }
}

impl From<ReleaseError> for WebError {
    fn from(error: ReleaseError) -> Self {
        let flaw = |place: &str, error: &dyn std::fmt::Display| {
            Self::Invalid(vec![Flaw::new(place, error)])
        };
        match &error {
            ReleaseError::NoSuchDraft(_) => Self::NoSuch(
                "draft: it was published or discarded, or a later draft of the same role has made it void",
            ),
            ReleaseError::Sign(why) => flaw(place(why), why),
            ReleaseError::Detached(DetachedError::Field(FieldError(name))) => {
                flaw(&format!("/{name}"), &error)
            }
            ReleaseError::Detached(why) => flaw("", why),
            ReleaseError::Firmware(why) => flaw(&format!("/{}", about(why)), why),
            ReleaseError::Under(_)
            | ReleaseError::Stale { .. }
            | ReleaseError::NoOnlineKeys
            | ReleaseError::Candidate(_)
            | ReleaseError::Blob(BlobError::Missing)
            | ReleaseError::Plan(
                PlanError::Nothing | PlanError::OtherRoot | PlanError::OtherOnlineKeys,
            ) => Self::Unready(error.to_string()),
            _ => match error {
                ReleaseError::Read(error) => error.into(),
                ReleaseError::Change(error) => error.into(),
                ReleaseError::Order(error) => error.into(),
                error => {
                    tracing::error!(%error, "the repository cannot be read");
                    Self::Broken
                }
            },
        }
    }
}
