//! Reports for programs and for the links of pages, and what the mesh shows for controls of standards.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Json, Response};
use language::Language;
use language::present::present;
use protocol::id::DeviceId;
use schemars::JsonSchema;
use serde::Deserialize;

use super::operation::Operation;
use super::{Listing, flaw};
use crate::compliance::{self, Judged};
use crate::report::document::ReportDocument;
use crate::report::{ReportError, Wish};
use crate::store::reports::{Kind, ReportFormat, ReportLanguage};
use crate::web::caller::{Caller, Need};
use crate::web::error::WebError;
use crate::web::forms::{ApiJson, AskedFor, Named};
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

/// What a report is to be, in a query or a document.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportWish {
    /// The whole fleet where none is named.
    #[serde(default = "whole_fleet")]
    pub kind: Kind,
    #[serde(default)]
    pub format: ReportFormat,
    #[serde(default)]
    pub device: Option<String>,
    /// That of the page which asks without it; English for programs.
    #[serde(default)]
    pub language: Option<ReportLanguage>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ComplianceQuery {
    framework: Option<String>,
}

const fn whole_fleet() -> Kind {
    Kind::Fleet
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/reports/generate", "Makes a report, and keeps nothing.")
            .query::<ReportWish>()
            .file(&["application/pdf", "text/csv"]),
        Operation::get("/api/v1/reports", "Reports that are kept, the newest first.")
            .lists::<ReportDocument>(),
        Operation::post("/api/v1/reports", "Make a report and keep it.")
            .takes::<ReportWish>()
            .gives_as::<ReportDocument>(StatusCode::CREATED),
        Operation::get("/api/v1/reports/{id}", "The file of a report that is kept.")
            .file(&["application/pdf", "text/csv"]),
        Operation::get(
            "/api/v1/compliance",
            "Controls of standards, each with a figure and the page that shows it, or what would meet it.",
        )
        .query::<ComplianceQuery>()
        .lists::<Judged>(),
    ]
}

impl ReportWish {
    /// The checked wish, if the caller may see what stands in such a report.
    pub fn check(&self, caller: &Caller) -> Result<Wish, WebError> {
        if self.kind == Kind::Audit && !Need::Audit.allows(caller.role) {
            return Err(WebError::NotAllowed);
        }
        let device = self.device.as_deref().filter(|id| !id.is_empty());
        let device = device.map(str::parse::<DeviceId>).transpose();
        Ok(Wish {
            kind: self.kind,
            device: device.map_err(|_| flaw("device", "this is no id of a device"))?,
            format: self.format,
            language: self.language.map_or_else(present, Language::from),
        })
    }
}

impl From<ReportError> for WebError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::NoDevice => flaw("device", error),
            ReportError::NoSuchDevice => Self::NoSuch("device"),
            ReportError::NotScheduled => flaw("kind", error),
            ReportError::TooLarge => {
                Self::AlreadySo("the report is too large: ask for it as CSV, or for less")
            }
            ReportError::Read(error) => error.into(),
            ReportError::Change(error) => error.into(),
            ReportError::Pdf(error) => {
                tracing::error!(%error, "a report was not made");
                Self::Broken
            }
        }
    }
}

/// Made on the spot, and not kept.
pub async fn generate(
    Handle(web): Handle<Web>,
    caller: Caller,
    AskedFor(asked): AskedFor<ReportWish>,
) -> Result<Response, WebError> {
    let wish = asked.check(&caller)?;
    let made = web
        .read(move |web| Ok(web.reporter.make(&wish, wall())?))
        .await?;
    let name = format!("{}.{}", wish.kind.word(), wish.format.word());
    Ok(download(wish.format, &name, made.file))
}

pub async fn list(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let kept = web.read(|web| Ok(web.reader.reports()?)).await?;
    let items: Vec<_> = kept.iter().map(ReportDocument::of).collect();
    Ok(Listing::whole(items).answer(None))
}

/// Made and kept.
pub async fn keep(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    ApiJson(asked): ApiJson<ReportWish>,
) -> Result<Response, WebError> {
    let kept = kept(&web, &caller, &trail, &asked).await?;
    let place = format!("/api/v1/reports/{}", kept.id);
    Ok((StatusCode::CREATED, [(LOCATION, place)], Json(kept)).into_response())
}

pub async fn kept(
    web: &Web,
    caller: &Caller,
    trail: &Trail,
    asked: &ReportWish,
) -> Result<ReportDocument, WebError> {
    let wish = asked.check(caller)?;
    let object = format!("{} report", wish.kind.word());
    let change = Change {
        after: Some(wish.format.word()),
        ..Change::default()
    };
    let act = trail.act("report.make", &object, change);
    let by = caller.name.to_string();
    let kept = web
        .read(move |web| Ok(web.reporter.keep(&wish, &by, act, wall())?))
        .await?;
    Ok(ReportDocument::of(&kept))
}

/// The file of a report that is kept.
pub async fn file(
    Handle(web): Handle<Web>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let number: u64 = id.parse().map_err(|_| WebError::NoSuch("report"))?;
    let found = web.read(move |web| Ok(web.reader.report(number)?)).await?;
    let (kept, file) = found.ok_or(WebError::NoSuch("report"))?;
    if kept.kind == Kind::Audit && !Need::Audit.allows(caller.role) {
        return Err(WebError::NotAllowed);
    }
    Ok(download(
        kept.format,
        &ReportDocument::of(&kept).file(),
        file,
    ))
}

fn download(format: ReportFormat, name: &str, file: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, format.media_type().to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, file).into_response()
}

pub async fn compliance(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<ComplianceQuery>,
) -> Result<Response, WebError> {
    let figures = web.read(|web| Ok(web.reporter.figures()?)).await?;
    let chosen = compliance::ALL.iter().filter(|known| {
        let framework = query.framework.as_deref();
        framework.is_none_or(|slug| slug == known.slug)
    });
    let items: Vec<Judged> = chosen.flat_map(|known| known.judged(&figures)).collect();
    if items.is_empty() {
        return Err(flaw(
            "framework",
            "write iso-27001, iec-62443, en-303-645, hipaa or gdpr",
        ));
    }
    Ok(Listing::whole(items).answer(None))
}
