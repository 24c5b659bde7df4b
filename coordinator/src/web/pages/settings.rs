//! Settings of devices: what is wanted and done, and a change of it prepared for administrators to sign.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use protocol::command::{KindError, Kinds};
use protocol::settings::Settings;
use serde::Deserialize;
use ui::links;
use ui::pages::settings::{self as page, NewSettingsView, SettingsView, Straggler, WantedRow};
use ui::parts::form::Field;
use ui::parts::text::DeviceRef;

use super::html;
use crate::releases::settings::{Change, words};
use crate::settings::{DeviceSettings, SettingsDocument};
use crate::web::Web;
use crate::web::acts::sentence;
use crate::web::api::settings::document;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::{self, Trail};

/// Letters of a wrong form that are shown again.
const TYPED: usize = 256;
/// Rows of the list of those that are not there yet.
const ROWS: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsForm {
    scope: String,
    record: String,
    accounts: String,
    online: String,
}

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let view = web.read(view).await?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

pub fn view(web: &Web) -> Result<SettingsView, WebError> {
    Ok(shown(&document(web)?))
}

fn shown(document: &SettingsDocument) -> SettingsView {
    let behind = document.devices.iter().filter(|device| !device.in_step);
    SettingsView {
        wanted: document
            .wanted
            .iter()
            .map(|wanted| WantedRow {
                scope: wanted.scope.clone(),
                words: words(&wanted.settings.settings()),
            })
            .collect(),
        devices: document.devices.len(),
        in_step: document.in_step(),
        stragglers: behind.take(ROWS).map(straggler).collect(),
    }
}

fn straggler(device: &DeviceSettings) -> Straggler {
    Straggler {
        device: DeviceRef {
            id: device.id.clone(),
            name: device.name.clone(),
        },
        online: device.online,
        wanted: words(&device.wanted.settings()),
        obeyed: words(&device.obeyed.settings()),
    }
}

pub async fn begin(Handle(web): Handle<Web>, frame: Frame) -> Response {
    html(&page::new_page(
        &web.shell(&frame),
        &NewSettingsView::default(),
    ))
}

/// What is typed becomes a draft, which administrators sign elsewhere.
pub async fn prepare(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<SettingsForm>,
) -> Result<Response, WebError> {
    let change = match change(&form) {
        Ok(change) => change,
        Err(view) => return Ok(again(&page::new_page(&web.shell(&frame), &view))),
    };
    let act = trail.act(
        "settings.prepare",
        &change.words(),
        trail::Change::default(),
    );
    match web.releases.prepare_settings(&change, act).await {
        Ok(draft) => {
            let said = say!("Administrators sign it elsewhere; then it can be published.");
            web.notes.flashes.put(&caller, said);
            Ok(Redirect::to(&links::draft(draft.number)).into_response())
        }
        Err(error) => {
            let mut view = typed(&form);
            view.scope.error = Some(sentence(&error.to_string()));
            Ok(again(&page::new_page(&web.shell(&frame), &view)))
        }
    }
}

fn typed(form: &SettingsForm) -> NewSettingsView {
    let field = |text: &str| Field::new(text.chars().take(TYPED).collect::<String>());
    NewSettingsView {
        scope: field(&form.scope),
        record: field(&form.record),
        accounts: field(&form.accounts),
        online: field(&form.online),
    }
}

/// Fields that are left empty are as usual; where both are, the scope is told nothing any more.
fn change(form: &SettingsForm) -> Result<Change, Box<NewSettingsView>> {
    let mut view = typed(form);
    let scope = form.scope.trim().parse();
    if let Err(error) = &scope {
        let error: &protocol::settings::ScopeError = error;
        view.scope.error = Some(sentence(&error.to_string()));
    }
    let record_s = seconds(&form.record, &mut view.record);
    let accounts_s = seconds(&form.accounts, &mut view.accounts);
    let online = kinds(&form.online, &mut view.online);
    match (scope, record_s, accounts_s, online) {
        (Ok(scope), Ok(record_s), Ok(accounts_s), Ok(online)) => {
            let settings = Settings {
                record_s,
                accounts_s,
                online,
            };
            Ok(Change {
                scope,
                settings: (!settings.is_empty()).then_some(settings),
            })
        }
        _ => Err(Box::new(view)),
    }
}

fn kinds(text: &str, field: &mut Field) -> Result<Option<Kinds>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: KindError| {
        field.error = Some(sentence(&error.to_string()));
    })
}

fn seconds(text: &str, field: &mut Field) -> Result<Option<u32>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        field.error = Some(say!("Write a number of seconds.").to_owned());
    })
}
