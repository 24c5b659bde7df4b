//! Classes of devices: the list, and what one of them means here.

use axum::extract::State as Handle;
use axum::response::Response;
use ui::pages::classes::{self as page, ClassTuning, ClassView};

use super::html;
use crate::classes::ClassDocument;
use crate::releases::settings::words;
use crate::web::Web;
use crate::web::api::classes::documents;
use crate::web::error::WebError;
use crate::web::forms::Named;
use crate::web::frame::Frame;

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let views = web.read(views).await?;
    Ok(html(&page::page(&web.shell(&frame), &views)))
}

pub async fn one(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(class): Named<String>,
) -> Result<Response, WebError> {
    let views = web.read(views).await?;
    let view = views.into_iter().find(|view| view.class == class);
    let view = view.ok_or(WebError::NoSuch("class"))?;
    Ok(html(&page::one(&web.shell(&frame), &view)))
}

fn views(web: &Web) -> Result<Vec<ClassView>, WebError> {
    Ok(documents(web)?.into_iter().map(view).collect())
}

fn view(document: ClassDocument) -> ClassView {
    let tunings = document.tunings.into_iter();
    ClassView {
        members: document.members as u64,
        without_node: document.without_node as u64,
        settings: document.settings.map(|set| words(&set.settings())),
        tunings: tunings
            .map(|tuning| ClassTuning {
                rule: tuning.rule,
                effect: tuning.effect,
                why: tuning.why,
                by: tuning.by,
            })
            .collect(),
        decisions: document.decisions as u64,
        labels: document.labels.into_iter().collect(),
        class: document.class,
        quarantine: document.quarantine,
        scans: document.scans,
        calls: document.calls,
        telling: document.telling,
    }
}
