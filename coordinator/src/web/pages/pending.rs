//! A device without a join line: a person compares the code that both sides show, and decides.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use serde::Deserialize;
use ui::links::{self, DeviceFilter};
use ui::pages::pending::{self, PendingView};

use super::device::alike;
use super::{html, offered};
use crate::live::Pending;
use crate::web::Web;
use crate::web::acts::{self, TOKEN_LIFE, Terms};
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::forms::{Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::pages::device_new::new_name;
use crate::web::trail::Trail;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    class: String,
    #[serde(default)]
    cell: String,
    decision: String,
}

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(ticket): Named<String>,
) -> Result<Response, WebError> {
    let waiting = web
        .pending(&ticket)
        .ok_or(WebError::NoSuch("waiting device"))?;
    let claimed = Terms {
        name: waiting.name.to_string(),
        ..Terms::default()
    };
    let view = view(&web, &waiting, &claimed, &[]);
    Ok(html(&pending::page(&web.shell(&frame), &view)))
}

pub async fn decide(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    Named(ticket): Named<String>,
    PageForm(form): PageForm<DecisionForm>,
) -> Result<Response, WebError> {
    let waiting = web
        .pending(&ticket)
        .ok_or(WebError::NoSuch("waiting device"))?;
    let DecisionForm {
        name,
        class,
        cell,
        decision,
    } = form;
    let list = Redirect::to(&links::devices(&DeviceFilter::default())).into_response();
    match decision.as_str() {
        pending::fields::REJECT => {
            acts::turn_down(&web, &trail, &waiting).await?;
            web.notes.flashes.put(
                &caller,
                say!("{device} was turned down.", device = waiting.name),
            );
            Ok(list)
        }
        pending::fields::APPROVE => {
            let typed = Terms { name, class, cell };
            let terms = match typed
                .check(TOKEN_LIFE)
                .and_then(|terms| new_name(&web, terms))
            {
                Ok(terms) => terms,
                Err(flaws) => {
                    let view = view(&web, &waiting, &typed, &flaws);
                    return Ok(again(&pending::page(&web.shell(&frame), &view)));
                }
            };
            let name = terms.name.clone();
            acts::approve(&web, &trail, &waiting, terms).await?;
            web.notes
                .flashes
                .put(&caller, say!("{device} was approved.", device = name));
            Ok(list)
        }
        _ => Err(WebError::Unreadable(
            say!("decide to approve or to reject").to_owned(),
        )),
    }
}

fn view(web: &Web, waiting: &Pending, typed: &Terms, flaws: &[Flaw]) -> PendingView {
    let live = web.snapshot();
    let (classes, cells) = offered(&live);
    let alike = alike(&live, waiting.name.as_str(), None);
    let [name, class, cell] = typed.fields(flaws);
    PendingView {
        id: waiting.ticket.to_string(),
        claimed_name: waiting.name.to_string(),
        alike,
        code: waiting.code.clone(),
        address: waiting.address.clone(),
        requested_ms: waiting.asked.as_millis(),
        key_fingerprint: say!("the code stands for it").to_owned(),
        name,
        class,
        cell,
        classes,
        cells,
    }
}
