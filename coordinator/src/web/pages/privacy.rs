//! What is kept how long, and the form that erases what a retired device said.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use serde::Deserialize;
use ui::links;
use ui::pages::privacy::{self as page, KeptRow, PrivacyView, RetiredRow};
use ui::parts::form::Field;

use super::html;
use crate::privacy::KEPT;
use crate::web::Web;
use crate::web::acts::{privacy as acts, sentence};
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::fleet::device_id;
use crate::web::forms::{PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;

/// Letters of a wrong form that are shown again.
const TYPED: usize = 256;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraseForm {
    device: String,
    name: String,
    why: String,
}

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let view = web.read(view).await?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

fn view(web: &Web) -> Result<PrivacyView, WebError> {
    let live = web.snapshot();
    let mut retired = Vec::new();
    let gone = live.devices.iter();
    for device in gone.filter(|device| device.withdrawal.is_some() || device.proof.is_some()) {
        retired.push(RetiredRow {
            id: device.device.to_string(),
            name: device.name.to_string(),
            erased: web.reader.is_erased(&device.device)?,
        });
    }
    Ok(PrivacyView {
        rows: KEPT
            .iter()
            .map(|kept| KeptRow {
                what: kept.what.now(),
                class: kept.class.word(),
                kept: kept.kept.now(),
                erasure: kept.erasure.says(),
            })
            .collect(),
        retired,
        device: Field::default(),
        name: Field::default(),
        why: Field::default(),
    })
}

pub async fn erase(
    Handle(web): Handle<Web>,
    (caller, trail, frame): (Caller, Trail, Frame),
    PageForm(form): PageForm<EraseForm>,
) -> Result<Response, WebError> {
    let Ok(device) = device_id(form.device.trim()) else {
        return wrong(&web, &frame, &form, WebError::NoSuch("device")).await;
    };
    match acts::erase(&web, &trail, &device, &form.name, &form.why).await {
        Ok(()) => {
            let said = say!(
                "Nothing opens any more what {name} said.",
                name = form.name.trim()
            );
            web.notes.flashes.put(&caller, said);
            Ok(Redirect::to(links::privacy()).into_response())
        }
        Err(error) => wrong(&web, &frame, &form, error).await,
    }
}

/// The form again, with what was typed and what is wrong with it.
async fn wrong(
    web: &Web,
    frame: &Frame,
    form: &EraseForm,
    error: WebError,
) -> Result<Response, WebError> {
    let typed = |text: &str| Field::new(text.chars().take(TYPED).collect::<String>());
    let mut view = web.read(view).await?;
    (view.device, view.name, view.why) = (typed(&form.device), typed(&form.name), typed(&form.why));
    match error {
        WebError::Invalid(flaws) => {
            for flaw in flaws {
                let field = match flaw.place.as_str() {
                    "/name" => &mut view.name,
                    _ => &mut view.why,
                };
                field.error = Some(sentence(&flaw.what));
            }
        }
        WebError::AlreadySo(_) | WebError::NoSuch(_) => {
            view.device.error = Some(sentence(&error.to_string()));
        }
        error => return Err(error),
    }
    Ok(again(&page::page(&web.shell(frame), &view)))
}
