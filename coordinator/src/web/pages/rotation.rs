//! Rotation: the proposal for the root to sign, its signature put into force, and who has heard of it.

use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};

use axum::extract::State as Handle;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use protocol::coordinator::Replacement;
use protocol::id::DeviceId;
use protocol::ledger::Entry;
use protocol::succession::Succession;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links;
use ui::pages::rotation::RotationView;
use ui::pages::rotation::{self as page, Progress, ProposedView, ReplaceView, Straggler};
use ui::parts::form::Field;
use ui::parts::status::Status;

use super::device::named;
use super::{device_ref, html};
use crate::live::Live;
use crate::orders::OrderError;
use crate::rotation::{self, Proposed};
use crate::web::acts::{self, sentence};
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;
use crate::web::{Web, fleet, wall};

/// Days that memberships by the former key may still open doors, and what the form begins with.
const OVERLAP_DAYS: RangeInclusive<u64> = 1..=365;
const USUAL_DAYS: &str = "30";
/// Letters of a wrong form that are shown again.
const TYPED: usize = 8 * 1024;

/// The newest proposal; a coordinator that starts anew is asked for another one.
#[derive(Debug, Default)]
pub struct Waiting(Mutex<Option<(Proposed, Timestamp)>>);

impl Waiting {
    fn put(&self, proposed: Proposed) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = Some((proposed, wall()));
    }

    /// What still waits while this charter is in force.
    fn beyond(&self, charter: u32) -> Option<(Proposed, Timestamp)> {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.clone().filter(|(one, _)| one.charter > charter)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalForm {
    days: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentsForm {
    documents: String,
    confirm: String,
}

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Response {
    html(&page::page(&web.shell(&frame), &view(&web)))
}

pub fn view(web: &Web) -> RotationView {
    let live = web.snapshot();
    RotationView {
        charter: live.roster.charter().version,
        progress: live.rotation.as_ref().map(|known| progress(&live, known)),
    }
}

fn progress(live: &Live, rotation: &Replacement) -> Progress {
    let straggler = |id: &DeviceId| {
        let device = live.device(id);
        Straggler {
            device: device.map_or_else(|| named(live, id), device_ref),
            status: device.map_or(Status::NeverHeard, |device| fleet::shown(device.state)),
            heard_ms: device.and_then(|device| device.heard.map(Timestamp::as_millis)),
        }
    };
    Progress {
        issued_ms: rotation.issued.as_millis(),
        until_ms: rotation.until.map(Timestamp::as_millis),
        members: rotation.members,
        done: rotation.done,
        stragglers: rotation.stragglers.iter().map(straggler).collect(),
    }
}

pub async fn begin(Handle(web): Handle<Web>, frame: Frame) -> Response {
    html(&page::replace_page(&web.shell(&frame), &blank(&web)))
}

fn blank(web: &Web) -> ReplaceView {
    let charter = web.snapshot().roster.charter().version;
    let proposed = web.notes.proposal.beyond(charter);
    ReplaceView {
        charter,
        days: Field::new(USUAL_DAYS),
        proposed: proposed.map(|(proposed, made)| ProposedView {
            charter: proposed.charter,
            made_ms: made.as_millis(),
            file: file_name(&proposed),
        }),
        documents: Field::default(),
        confirm: Field::default(),
    }
}

pub async fn propose(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<ProposalForm>,
) -> Result<Response, WebError> {
    let days = form.days.trim().parse();
    let Some(days) = days.ok().filter(|days| OVERLAP_DAYS.contains(days)) else {
        let view = ReplaceView {
            days: Field::wrong(typed(&form.days), say!("Choose 1 to 365 days.")),
            ..blank(&web)
        };
        return Ok(again(&page::replace_page(&web.shell(&frame), &view)));
    };
    let proposed = acts::propose_rotation(&web, &trail, days).await?;
    web.notes.flashes.put(
        &caller,
        say!("{file} is made: sign it.", file = file_name(&proposed)),
    );
    web.notes.proposal.put(proposed);
    Ok(Redirect::to(links::rotation_new()).into_response())
}

/// The file for the root's holders. It holds no secret.
pub async fn proposal(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let charter = web.snapshot().roster.charter().version;
    let waiting = web.notes.proposal.beyond(charter);
    let (proposed, _) =
        waiting.ok_or(WebError::NoSuch("proposal: make it on the rotation page"))?;
    let disposition = format!("attachment; filename=\"{}\"", file_name(&proposed));
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, proposed.file).into_response())
}

fn file_name(proposed: &Proposed) -> String {
    format!("charter-{}.proposal", proposed.charter)
}

pub async fn put_into_force(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<DocumentsForm>,
) -> Result<Response, WebError> {
    let mut view = blank(&web);
    view.documents = Field::new(typed(&form.documents));
    view.confirm = Field::new(typed(&form.confirm));
    match read(&web, &form) {
        Err(Wrong::Confirm(why)) => view.confirm.error = Some(why),
        Err(Wrong::Documents(why)) => view.documents.error = Some(why),
        Ok(ready) => match acts::rotate(&web, &trail, ready.documents, &ready.says).await {
            Ok(()) => {
                web.notes
                    .flashes
                    .put(&caller, say!("{what} is in force.", what = ready.says));
                return Ok(Redirect::to(links::rotation()).into_response());
            }
            Err(WebError::NotYet(
                why @ (OrderError::Succession(_)
                | OrderError::NotWritten(_)
                | OrderError::LogNotOpen),
            )) => view.documents.error = Some(sentence(&why.to_string())),
            Err(error) => return Err(error),
        },
    }
    Ok(again(&page::replace_page(&web.shell(&frame), &view)))
}

/// Documents that follow what is in force, and what they say.
struct Ready {
    documents: Vec<Entry>,
    says: String,
}

/// Which field is wrong, and why.
enum Wrong {
    Documents(String),
    Confirm(String),
}

fn read(web: &Web, form: &DocumentsForm) -> Result<Ready, Wrong> {
    let documents = rotation::from_text(&form.documents)
        .map_err(|why| Wrong::Documents(sentence(&why.to_string())))?;
    let trust = web.snapshot().roster.trust();
    let after = trust
        .followed(&Succession::of(&documents))
        .map_err(|why| Wrong::Documents(sentence(&OrderError::from(why).to_string())))?;
    let (before, after) = (trust.charter(), after.charter());
    if after.version == before.version {
        return Err(Wrong::Documents(
            say!("They are in force already.").to_owned(),
        ));
    }
    if form.confirm.trim() != web.facts.name.shown() {
        let why = say!(
            "Type the whole name: {name}.",
            name = web.facts.name.shown()
        );
        return Err(Wrong::Confirm(why));
    }
    let changes = rotation::changes(before, after);
    let says = format!("charter {} with {}", after.version, changes.join(", "));
    Ok(Ready { documents, says })
}

fn typed(text: &str) -> String {
    text.chars().take(TYPED).collect()
}
