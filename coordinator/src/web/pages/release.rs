//! An image that somebody brings by the page: it becomes a draft, as `release prepare` makes one.

use std::collections::BTreeSet;

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use ui::links;
use ui::pages::release_new::{self as page, NewReleaseView, fields};
use ui::parts::form::Field;

use super::html;
use crate::releases::firmware;
use crate::releases::roles::FIRMWARE;
use crate::web::Web;
use crate::web::acts::releases::{Brought, Refused};
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::again;
use crate::web::frame::Frame;
use crate::web::trail::Trail;
use crate::web::upload::FileForm;

/// Letters of a wrong form that are shown again.
const SHOWN: usize = 256;

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
        Ok(()) => brought.draft(&web, &trail).await,
        Err(error) => Err(Refused::Whole(error)),
    };
    let refused = match made {
        Ok(draft) => {
            let said =
                say!("Administrators sign it elsewhere; then it can be published.").to_owned();
            web.notes.flashes.put(&caller, said);
            return Ok(Redirect::to(&links::draft(draft.number)).into_response());
        }
        Err(refused) => refused,
    };
    brought.give_back(&web).await?;
    match refused {
        Refused::Whole(error) => Err(error),
        Refused::Field(name, why) => {
            let mut view = web.read(offered).await?;
            show(&brought, &mut view);
            field(&mut view, name).error = Some(why);
            Ok(again(&page::page(&web.shell(&frame), &view)))
        }
    }
}

fn show(brought: &Brought, view: &mut NewReleaseView) {
    let shown = |text: &str| Field::new(text.chars().take(SHOWN).collect::<String>());
    view.product = shown(&brought.product);
    view.version = shown(&brought.version);
    view.counter = shown(&brought.counter);
    view.hardware = shown(&brought.hardware);
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
