//! Controls of a standard, each beside what this mesh shows for it.

use axum::extract::State as Handle;
use axum::response::Response;
use serde::Deserialize;
use ui::pages::compliance::{self as page, ComplianceView, ControlRow, FrameworkLink};

use super::html;
use crate::compliance::{ALL, Framework, Standing};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::forms::AskedFor;
use crate::web::frame::Frame;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ComplianceQuery {
    view: Option<String>,
}

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    AskedFor(query): AskedFor<ComplianceQuery>,
) -> Result<Response, WebError> {
    let framework = query.view.as_deref().map_or(Some(ALL[0]), Framework::find);
    let framework = framework.ok_or(WebError::NoSuch("framework"))?;
    let figures = web.read(|web| Ok(web.reporter.figures()?)).await?;
    let rows: Vec<ControlRow> = framework
        .judged(&figures)
        .into_iter()
        .map(|judged| {
            let (shows, would) = match judged.standing {
                Standing::Met { figure, link } => (Some((figure, link)), None),
                Standing::NotMet { would } => (None, Some(would)),
            };
            ControlRow {
                id: judged.id,
                title: judged.title,
                shows,
                would,
            }
        })
        .collect();
    let view = ComplianceView {
        name: framework.name.to_owned(),
        frameworks: ALL
            .iter()
            .map(|known| FrameworkLink {
                slug: known.slug,
                name: known.name,
                chosen: known.slug == framework.slug,
            })
            .collect(),
        rows,
    };
    Ok(html(&page::page(&web.shell(&frame), &view)))
}
