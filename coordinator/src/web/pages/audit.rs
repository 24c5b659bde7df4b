//! Who did what, and whether the chain of entries holds.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State as Handle;
use axum::response::Response;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::pages::audit::{self, AuditView, ChainState};

use super::html;
use crate::store::audit::{AuditBreak, AuditEntry, AuditVerdict};
use crate::web::error::WebError;
use crate::web::forms::AskedFor;
use crate::web::frame::Frame;
use crate::web::{Web, wall};

/// Entries of one page.
const ROWS: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    after: Option<String>,
}

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    AskedFor(query): AskedFor<AuditQuery>,
) -> Result<Response, WebError> {
    let after = query.after.and_then(|after| after.parse().ok());
    let view = web.read(move |web| view(web, after)).await?;
    Ok(html(&audit::page(&web.shell(&frame), &view)))
}

fn view(web: &Web, before: Option<u64>) -> Result<AuditView, WebError> {
    let page = web.reader.audit_page(before, ROWS + 1)?;
    let next = page.get(ROWS - 1).filter(|_| page.len() > ROWS);
    Ok(AuditView {
        chain: web.notes.verdict.renewed(web)?,
        after: before.map(|before| before.to_string()),
        next: next.map(|last| last.index.to_string()),
        entries: page.iter().take(ROWS).map(row).collect(),
    })
}

/// What the newest walk along the chain found; the walk grows with the trail.
#[derive(Debug, Default)]
pub struct LastVerdict(Mutex<Option<(Timestamp, AuditVerdict)>>);

/// How old a verdict may be.
const VERDICT: Duration = Duration::from_secs(15);

impl LastVerdict {
    /// One walk at a time: who asks meanwhile waits for it.
    fn renewed(&self, web: &Web) -> Result<ChainState, WebError> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = wall();
        match *last {
            Some((at, verdict)) if at <= now && now.since(at) < VERDICT => Ok(chain(verdict, at)),
            _ => {
                let verdict = web.reader.audit_verify()?;
                *last = Some((now, verdict));
                Ok(chain(verdict, now))
            }
        }
    }
}

fn chain(verdict: AuditVerdict, at: Timestamp) -> ChainState {
    match verdict {
        AuditVerdict::Whole { entries, head } => ChainState::Holds {
            entries,
            head: head.to_string(),
            checked_ms: at.as_millis(),
        },
        AuditVerdict::Broken { index, how } => ChainState::Broken {
            entry: index + 1,
            why: why(how).to_owned(),
        },
    }
}

fn why(how: AuditBreak) -> &'static str {
    match how {
        AuditBreak::Missing => "It is not there, though later ones are.",
        AuditBreak::Changed => "Its bytes are not those that were written.",
        AuditBreak::Unchained => "It does not follow from the entry before it.",
        AuditBreak::HeadChanged => "The list ends there, and the head of the chain says otherwise.",
    }
}

fn row(entry: &AuditEntry) -> audit::AuditEntry {
    let act = &entry.act;
    audit::AuditEntry {
        number: entry.index + 1,
        at_ms: act.time.as_millis(),
        actor: act.actor.to_string(),
        action: act.action.to_string(),
        object: act.object.to_string(),
        before: act.before.as_ref().map(ToString::to_string),
        after: act.after.as_ref().map(ToString::to_string),
        address: act.address.as_ref().map(ToString::to_string),
        request_id: act.request.as_ref().map(ToString::to_string),
    }
}
