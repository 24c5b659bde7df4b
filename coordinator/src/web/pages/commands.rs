//! Commands: what devices were told to do, what they have answered, and the form for another.

use std::time::Duration;

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use protocol::command::{By, KindError};
use protocol::settings::ScopeError;
use serde::Deserialize;
use ui::links;
use ui::pages::commands::{self as page, AnswerRow, CommandRow, CommandView, NewCommandView};
use ui::parts::form::Field;
use ui::parts::text::DeviceRef;

use super::html;
use crate::command::CommandWish;
use crate::command::document::{CommandAnswerDocument, CommandDocument};
use crate::web::Web;
use crate::web::acts::sentence;
use crate::web::api::commands::{documents, given, known, place};
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{AskedFor, Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;

/// Rows of the list.
const ROWS: usize = 50;
/// Letters of a wrong form that are shown again.
const TYPED: usize = 256;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CommandForm {
    kind: String,
    to: String,
    minutes: String,
    signed: String,
}

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let rows = web.read(rows).await?;
    Ok(html(&page::page(&web.shell(&frame), &rows)))
}

pub async fn one(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let view = web.read(move |web| one_view(web, &id)).await?;
    Ok(html(&page::one_page(&web.shell(&frame), &view)))
}

pub fn rows(web: &Web) -> Result<Vec<CommandRow>, WebError> {
    Ok(documents(web, ROWS)?.iter().map(row).collect())
}

pub fn one_view(web: &Web, id: &str) -> Result<CommandView, WebError> {
    let document = known(web, id)?;
    Ok(CommandView {
        row: row(&document),
        draft: document.draft,
        answers: document.devices.iter().map(answer).collect(),
    })
}

fn row(document: &CommandDocument) -> CommandRow {
    CommandRow {
        id: document.id.clone(),
        kind: document.kind.clone(),
        to: document.to.clone(),
        given: document.given.clone(),
        until: document.until.clone(),
        by: document.by.clone(),
        signed_by: document.signed_by.clone(),
        done: document.done(),
        devices: document.devices.len(),
        ended: document.ended,
    }
}

pub fn answer(answer: &CommandAnswerDocument) -> AnswerRow {
    AnswerRow {
        device: DeviceRef {
            id: answer.id.clone(),
            name: answer.name.clone(),
        },
        state: answer.state.clone(),
        why: answer.why.clone(),
        at: answer.at.clone(),
        result: answer.result.clone(),
        kept: answer.kept,
    }
}

pub async fn begin(
    Handle(web): Handle<Web>,
    frame: Frame,
    AskedFor(query): AskedFor<NewQuery>,
) -> Response {
    let to = query.id.map(|id| format!("device:{id}"));
    let view = NewCommandView {
        kind: Field::new("logs"),
        to: field(&to.unwrap_or_default()),
        minutes: Field::new("10"),
        signed: Field::new("coordinator"),
    };
    html(&page::new_page(&web.shell(&frame), &view))
}

pub async fn give(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<CommandForm>,
) -> Result<Response, WebError> {
    let wish = match wish(&form) {
        Ok(wish) => wish,
        Err(view) => return Ok(again(&page::new_page(&web.shell(&frame), &view))),
    };
    match given(&web, &caller, &trail, &wish).await? {
        Ok(given) => {
            if let Some(draft) = given.draft {
                let said = say!("Administrators sign it elsewhere; then it can be published.");
                web.notes.flashes.put(&caller, said);
                return Ok(Redirect::to(&links::draft(draft)).into_response());
            }
            Ok(Redirect::to(&links::command(&given.id)).into_response())
        }
        Err(error) => {
            let mut view = typed(&form);
            let field = match place(&error) {
                "/kind" => &mut view.kind,
                "/life_s" => &mut view.minutes,
                _ => &mut view.to,
            };
            field.error = Some(sentence(&error.to_string()));
            Ok(again(&page::new_page(&web.shell(&frame), &view)))
        }
    }
}

fn field(text: &str) -> Field {
    Field::new(text.chars().take(TYPED).collect::<String>())
}

fn typed(form: &CommandForm) -> NewCommandView {
    NewCommandView {
        kind: field(&form.kind),
        to: field(&form.to),
        minutes: field(&form.minutes),
        signed: field(&form.signed),
    }
}

fn wish(form: &CommandForm) -> Result<CommandWish, Box<NewCommandView>> {
    let mut view = typed(form);
    let kind = form.kind.trim().parse().map_err(|error: KindError| {
        view.kind.error = Some(sentence(&error.to_string()));
    });
    let to = form.to.trim().parse().map_err(|error: ScopeError| {
        view.to.error = Some(sentence(&error.to_string()));
    });
    let minutes = form.minutes.trim();
    let life = match minutes.is_empty() {
        true => Ok(None),
        false => minutes.parse::<u32>().map(Some).map_err(|_| {
            view.minutes.error = Some(say!("Write a number of minutes.").to_owned());
        }),
    };
    let by = match form.signed.trim() {
        "" | "coordinator" => Ok(By::Online),
        "administrators" => Ok(By::Administrators),
        _ => {
            view.signed.error = Some(say!("Write coordinator or administrators.").to_owned());
            Err(())
        }
    };
    match (kind, to, life, by) {
        (Ok(kind), Ok(to), Ok(life), Ok(by)) => Ok(CommandWish {
            kind,
            to,
            life: life.map(|minutes| Duration::from_secs(u64::from(minutes) * 60)),
            by,
        }),
        _ => Err(Box::new(view)),
    }
}
