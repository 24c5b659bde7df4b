//! Releases: what is published, what waits, and the signatures that people bring.

mod difference;

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use data_encoding::HEXLOWER;
use language::say;
use serde::Deserialize;
use tuf_core::file::Hashes;
use ui::links;
use ui::pages::firmware::difference::Difference;
use ui::pages::firmware::{
    self as page, DraftRow, DraftView, FirmwareView, NeedRow, PaperRow, ReleaseRow, RepositoryView,
    RoleRow,
};
use ui::parts::form::Field;

use super::html;
use crate::releases::firmware::{self, Published};
use crate::releases::roles::FIRMWARE;
use crate::releases::standing::{Need, short};
use crate::releases::status::{Custody, RoleStatus};
use crate::releases::{ReleaseError, Releases};
use crate::staleness::Published as Freshness;
use crate::store::repository::{Draft, Paper};
use crate::web::Web;
use crate::web::acts::{releases as acts, sentence};
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;

/// Letters of a wrong form that are shown again.
const TYPED: usize = 1024;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureForm {
    signature: String,
}

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let view = web
        .read(|web| Ok(view(&web.releases, web.snapshot().count_stale())?))
        .await?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

fn view(releases: &Releases, stale: usize) -> Result<FirmwareView, ReleaseError> {
    let role = releases.before()?.targets(FIRMWARE);
    let published = role.map(|role| firmware::releases(&role));
    let published = published.unwrap_or_default();
    let drafts = releases.drafts()?;
    Ok(FirmwareView {
        stale: stale as u64,
        publication: match Freshness::of(releases, mesh::wall()) {
            Freshness::Fresh => page::Publication::Fresh,
            Freshness::Ended => page::Publication::Ended,
        },
        releases: published.iter().map(release).collect(),
        drafts: drafts.iter().map(|(one, needs)| row(one, needs)).collect(),
    })
}

fn release(published: &Published) -> ReleaseRow {
    let release = &published.release;
    let hardware = release.hardware.iter().map(ToString::to_string);
    ReleaseRow {
        product: release.product.to_string(),
        version: release.version.to_string(),
        counter: release.counter.0,
        hardware: hardware.collect::<Vec<_>>().join(", "),
        bytes: release.length,
        sha256: HEXLOWER.encode(&published.sha256),
    }
}

fn row(draft: &Draft, needs: &[Need]) -> DraftRow {
    DraftRow {
        number: draft.number,
        purpose: draft.purpose.clone(),
        made_ms: draft.made.as_millis(),
        complete: needs.iter().all(Need::is_met),
    }
}

pub async fn draft(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(number): Named<u64>,
) -> Result<Response, WebError> {
    let view = draft_view(&web, number).await?;
    Ok(html(&page::draft_page(&web.shell(&frame), &view)))
}

async fn draft_view(web: &Web, number: u64) -> Result<DraftView, WebError> {
    let difference = difference::of(web, number).await?;
    web.read(move |web| Ok(drawn(&web.releases, number, difference)?))
        .await
}

fn drawn(
    releases: &Releases,
    number: u64,
    difference: Difference,
) -> Result<DraftView, ReleaseError> {
    let draft = releases.draft(number)?;
    let needs = releases.needs(&draft)?;
    let ids = |keys: &[tuf_core::key::PublicKey]| keys.iter().map(short).collect();
    let paper = |paper: &Paper| PaperRow {
        role: paper.role.clone(),
        version: paper.version,
        sha256: Hashes::sha256_of(paper.payload()),
        file: paper.file_name(number),
    };
    Ok(DraftView {
        draft: row(&draft, &needs),
        difference,
        papers: draft.papers.iter().map(paper).collect(),
        needs: needs
            .iter()
            .map(|need| NeedRow {
                role: need.role.clone(),
                by: need.appointed.clone(),
                threshold: need.threshold,
                signed: ids(&need.signed),
                missing: ids(&need.missing),
            })
            .collect(),
        signature: Field::default(),
    })
}

pub async fn sign(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    Named(number): Named<u64>,
    PageForm(form): PageForm<SignatureForm>,
) -> Result<Response, WebError> {
    let file = form.signature.trim().as_bytes();
    let added = acts::sign(&web, &trail, number, file).await;
    let typed = form.signature.chars().take(TYPED).collect();
    let said = added.map(|roles| say!("The signature is on {roles}.", roles = roles.join(", ")));
    ended(&web, &caller, &frame, number, typed, said).await
}

pub async fn publish(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    Named(number): Named<u64>,
) -> Result<Response, WebError> {
    let published = acts::publish(&web, &trail, number).await;
    if let Ok(draft) = &published {
        let said = say!("Published: {purpose}.", purpose = draft.purpose);
        web.notes.flashes.put(&caller, said);
        return Ok(Redirect::to(links::firmware()).into_response());
    }
    let said = published.map(|draft| draft.purpose);
    ended(&web, &caller, &frame, number, String::new(), said).await
}

pub async fn discard(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(number): Named<u64>,
) -> Result<Response, WebError> {
    acts::discard(&web, &trail, number).await?;
    let said = say!("Draft {number} is gone.", number = number);
    web.notes.flashes.put(&caller, said);
    Ok(Redirect::to(links::firmware()).into_response())
}

/// Back to the draft, or the same page with the reason why not.
async fn ended(
    web: &Web,
    caller: &Caller,
    frame: &Frame,
    number: u64,
    typed: String,
    said: Result<String, ReleaseError>,
) -> Result<Response, WebError> {
    match said {
        Ok(said) => {
            web.notes.flashes.put(caller, said);
            Ok(Redirect::to(&links::draft(number)).into_response())
        }
        Err(
            why @ (ReleaseError::Under(_)
            | ReleaseError::Sign(_)
            | ReleaseError::Detached(_)
            | ReleaseError::Stale { .. }
            | ReleaseError::Candidate(_)
            | ReleaseError::Blob(_)),
        ) => {
            let mut view = draft_view(web, number).await?;
            view.signature = Field::wrong(typed, sentence(&why.to_string()));
            Ok(again(&page::draft_page(&web.shell(frame), &view)))
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn repository(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let status = web.read(|web| Ok(web.releases.status()?)).await?;
    let view = RepositoryView {
        roles: status.roles.iter().map(role).collect(),
        root: status.root,
        served_root: status.served_root,
    };
    Ok(html(&page::repository_page(&web.shell(&frame), &view)))
}

fn role(status: &RoleStatus) -> RoleRow {
    RoleRow {
        role: status.role.clone(),
        online: status.custody == Custody::Online,
        version: status.version,
        expires_ms: status.expires_unix_s.map(|seconds| seconds * 1000),
        threshold: status.threshold,
        keys: status.keys.iter().map(short).collect(),
    }
}
