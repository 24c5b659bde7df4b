//! Who did what, and whether the chain of entries holds.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State as Handle;
use axum::response::Response;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links::AuditFilter;
use ui::pages::audit::{self, AuditView, ChainState, GatewayWord};

use super::device::named;
use super::html;
use crate::audit::{AuditAsked, says};
use crate::live::Live;
use crate::store::audit::{
    Agreement, AuditCheck, AuditEntry, AuditVerdict, Countersignature, Found,
};
use crate::web::acts::sentence;
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
    actor: String,
    action: String,
    object: String,
    from: String,
    until: String,
}

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    AskedFor(query): AskedFor<AuditQuery>,
) -> Result<Response, WebError> {
    let after = query.after.as_deref().and_then(|after| after.parse().ok());
    let filter = AuditFilter {
        actor: query.actor,
        action: query.action,
        object: query.object,
        from: query.from,
        until: query.until,
    };
    let view = web.read(move |web| view(web, filter, after)).await?;
    Ok(html(&audit::page(&web.shell(&frame), &view)))
}

fn view(web: &Web, filter: AuditFilter, before: Option<u64>) -> Result<AuditView, WebError> {
    let (found, flaw) = match asked(&filter).sought() {
        Ok(sought) => (web.reader.audit_search(&sought, before, ROWS)?, None),
        Err(error) => (Found::default(), Some(sentence(&error.to_string()))),
    };
    let (at, check) = web.notes.verdict.renewed(web)?;
    let live = web.snapshot();
    let gateways = check.countersigned.iter();
    Ok(AuditView {
        chain: chain(check.verdict, at),
        gateways: gateways.map(|word| gateway(&live, word)).collect(),
        filter,
        flaw,
        after: before.map(|before| before.to_string()),
        next: found.next.map(|next| next.to_string()),
        entries: found.entries.iter().map(row).collect(),
    })
}

fn asked(filter: &AuditFilter) -> AuditAsked {
    AuditAsked {
        actor: Some(filter.actor.clone()),
        action: Some(filter.action.clone()),
        object: Some(filter.object.clone()),
        from: Some(filter.from.clone()),
        until: Some(filter.until.clone()),
    }
}

/// What the newest walk along the chain found; the walk grows with the trail.
#[derive(Debug, Default)]
pub struct LastVerdict(Mutex<Option<(Timestamp, AuditCheck)>>);

/// How old a verdict may be.
const VERDICT: Duration = Duration::from_secs(15);

impl LastVerdict {
    /// One walk at a time: who asks meanwhile waits for it.
    pub(in crate::web) fn renewed(&self, web: &Web) -> Result<(Timestamp, AuditCheck), WebError> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = wall();
        match &*last {
            Some((at, check)) if *at <= now && now.since(*at) < VERDICT => Ok((*at, check.clone())),
            _ => {
                let check = web.reader.audit_check()?;
                *last = Some((now, check.clone()));
                Ok((now, check))
            }
        }
    }
}

fn gateway(live: &Live, word: &Countersignature) -> GatewayWord {
    GatewayWord {
        device: named(live, &word.gateway),
        at_ms: word.at.as_millis(),
        entries: word.head.entries,
        disagrees: (word.agreement != Agreement::Agrees).then(|| says(word)),
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
            why: how.says().to_owned(),
        },
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
