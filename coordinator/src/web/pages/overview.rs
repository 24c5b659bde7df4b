//! The first page: how many are well, what happened last, and how the coordinator is.

use std::fs;
use std::path::Path;

use axum::extract::State as Handle;
use axum::response::Response;
use ui::pages::overview::{self, CoordinatorFacts, Onboarding, OverviewView, Step};

use super::html;
use crate::live::{Live, State};
use crate::web::error::WebError;
use crate::web::frame::Frame;
use crate::web::{Web, fleet, known, risk, system};

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let view = web.read(view).await?;
    Ok(html(&overview::page(&web.shell(&frame), &view)))
}

pub fn view(web: &Web) -> Result<OverviewView, WebError> {
    let live = web.snapshot();
    Ok(OverviewView {
        counts: fleet::counts(&live),
        onboarding: onboarding(web, &live),
        events: web.notes.chronicle.tell(&live),
        alerts: super::alerts::card(web),
        coordinator: coordinator(web, &live)?,
        risk: risk::card(web),
    })
}

/// The three first steps, until all of them are done.
fn onboarding(web: &Web, live: &Live) -> Option<Onboarding> {
    let silent = live.count(State::Silent) > 0 || web.silence_seen();
    let seen = live.devices.iter().any(|device| device.heard.is_some());
    let steps = Onboarding {
        device_added: step(!live.devices.is_empty()),
        device_live: step(seen),
        silence_seen: step(silent),
    };
    let done = [steps.device_added, steps.device_live, steps.silence_seen];
    done.contains(&Step::Open).then_some(steps)
}

fn step(done: bool) -> Step {
    if done { Step::Done } else { Step::Open }
}

fn coordinator(web: &Web, live: &Live) -> Result<CoordinatorFacts, WebError> {
    let facts = &web.facts;
    let store = facts.store.as_deref();
    Ok(CoordinatorFacts {
        version: facts.version.to_owned(),
        mesh_id: facts.id.to_string(),
        address: known::plain(&facts.address),
        started_ms: facts.started.as_millis(),
        nodes_connected: live.devices.iter().filter(|device| device.linked).count() as u64,
        records_stored: web.reader.counts()?.records,
        store_bytes: store
            .and_then(|path| fs::metadata(path).ok())
            .map_or(0, |file| file.len()),
        memory_bytes: system::memory(),
        disk: store.and_then(Path::parent).and_then(system::disk),
    })
}
