//! An image that somebody brings by the page: it becomes a draft, as `release prepare` makes one.

use std::collections::BTreeSet;

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use ui::links;
use ui::pages::release_new::{self as page, NewReleaseView, fields};
use ui::parts::form::Field;

use super::html;
use crate::releases::ReleaseError;
use crate::releases::blobs::{Blob, BlobError, IMAGE_BYTES, SBOM_BYTES};
use crate::releases::firmware::{self, FirmwareError, NewRelease};
use crate::releases::roles::FIRMWARE;
use crate::web::Web;
use crate::web::acts::sentence;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::again;
use crate::web::frame::Frame;
use crate::web::trail::{Change, Trail};
use crate::web::upload::FileForm;

/// Letters of a wrong form that are shown again.
const SHOWN: usize = 256;

/// What came with the form.
#[derive(Debug, Default)]
struct Brought {
    product: String,
    version: String,
    counter: String,
    hardware: String,
    image: Option<Blob>,
    sbom: Option<Blob>,
    /// What is wrong with a file, and with which.
    flaw: Option<(&'static str, BlobError)>,
}

pub async fn begin(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let view = web.read(offered).await?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

pub async fn take(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    mut form: FileForm,
) -> Result<Response, WebError> {
    let mut brought = Brought::default();
    let read = brought.read(&web, &mut form).await;
    let made = match read {
        Ok(()) => draft(&web, &trail, &brought).await,
        Err(error) => Err(Refused::Whole(error)),
    };
    let refused = match made {
        Ok(number) => {
            let said =
                say!("Administrators sign it elsewhere; then it can be published.").to_owned();
            web.notes.flashes.put(&caller, said);
            return Ok(Redirect::to(&links::draft(number)).into_response());
        }
        Err(refused) => refused,
    };
    web.releases.give_back(&brought.files()).await?;
    match refused {
        Refused::Whole(error) => Err(error),
        Refused::Field(name, why) => {
            let mut view = web.read(offered).await?;
            brought.show(&mut view);
            field(&mut view, name).error = Some(why);
            Ok(again(&page::page(&web.shell(&frame), &view)))
        }
    }
}

/// Why no draft came of it.
#[derive(Debug)]
enum Refused {
    Whole(WebError),
    /// Beside a field, a sentence.
    Field(&'static str, String),
}

impl Refused {
    fn of(error: &FirmwareError) -> Self {
        Self::Field(about(error), sentence(&error.to_string()))
    }
}

impl Brought {
    async fn read(&mut self, web: &Web, form: &mut FileForm) -> Result<(), WebError> {
        while let Some(part) = form.next().await? {
            let (name, bound) = match part.name().as_str() {
                fields::IMAGE => (fields::IMAGE, IMAGE_BYTES),
                fields::SBOM => (fields::SBOM, SBOM_BYTES),
                name => {
                    *self.typed(name)? = part.text().await?;
                    continue;
                }
            };
            let kept = part.file(web.releases.blobs(), bound).await?;
            let place = if name == fields::IMAGE {
                &mut self.image
            } else {
                &mut self.sbom
            };
            match kept {
                // A second file under the same name would leave the first one behind.
                Ok(file) if place.is_none() => *place = file,
                Ok(file) => {
                    let again: Vec<_> = file.iter().map(|file| file.sha256).collect();
                    web.releases.give_back(&again).await?;
                }
                Err(flaw) => self.flaw = Some((name, flaw)),
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

    fn files(&self) -> Vec<[u8; 32]> {
        let files = [self.image, self.sbom].into_iter().flatten();
        files.map(|file| file.sha256).collect()
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

    fn show(&self, view: &mut NewReleaseView) {
        let shown = |text: &str| Field::new(text.chars().take(SHOWN).collect::<String>());
        view.product = shown(&self.product);
        view.version = shown(&self.version);
        view.counter = shown(&self.counter);
        view.hardware = shown(&self.hardware);
    }
}

async fn draft(web: &Web, trail: &Trail, brought: &Brought) -> Result<u64, Refused> {
    let release = brought.release()?;
    let act = trail.act("release.prepare", &release.words(), Change::default());
    match web.releases.prepare_release(&release, act).await {
        Ok(draft) => Ok(draft.number),
        Err(ReleaseError::Firmware(error)) => Err(Refused::Field(about(&error), error.to_string())),
        Err(error) => Err(Refused::Whole(error.into())),
    }
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

fn field<'v>(view: &'v mut NewReleaseView, name: &str) -> &'v mut Field {
    match name {
        fields::PRODUCT => &mut view.product,
        fields::VERSION => &mut view.version,
        fields::COUNTER => &mut view.counter,
        fields::HARDWARE => &mut view.hardware,
        fields::SBOM => &mut view.sbom,
        _ => &mut view.image,
    }
}

/// An empty form, with what was released before to choose from.
fn offered(web: &Web) -> Result<NewReleaseView, WebError> {
    let role = web.releases.before()?.targets(FIRMWARE);
    let published = role.map(|role| firmware::releases(&role));
    let published = published.unwrap_or_default();
    let releases = || published.iter().map(|one| &one.release);
    let products: BTreeSet<String> = releases().map(|one| one.product.to_string()).collect();
    let models = releases().flat_map(|one| &one.hardware);
    let models: BTreeSet<String> = models.map(ToString::to_string).collect();
    Ok(NewReleaseView {
        products: products.into_iter().collect(),
        models: models.into_iter().collect(),
        ..NewReleaseView::default()
    })
}
