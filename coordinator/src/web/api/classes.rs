//! Classes of devices for programs.

use axum::extract::State as Handle;
use axum::response::Response;

use super::Listing;
use super::operation::Operation;
use crate::classes::{ClassDocument, Makings};
use crate::web::Web;
use crate::web::error::WebError;

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/classes",
            "What each class of devices means, and what is set for it.",
        )
        .lists::<ClassDocument>(),
    ]
}

pub async fn list(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let all = web.read(documents).await?;
    Ok(Listing::whole(all).answer(None))
}

pub fn documents(web: &Web) -> Result<Vec<ClassDocument>, WebError> {
    let (live, index) = (web.snapshot(), web.risk.index());
    let neighbours = crate::neighbours::all(&web.reader, |device| live.is_member(device))?;
    let wanted = web.releases.wanted_of_devices()?;
    let tunings = web.bulletin.look(|pages| {
        let all = pages.book.tunings().iter();
        all.map(crate::bulletin::document::TuningDocument::of)
            .collect::<Vec<_>>()
    });
    let makings = Makings {
        live: &live,
        index: &index,
        neighbours: &neighbours,
        wanted: &wanted,
        tunings: &tunings,
    };
    Ok(makings.documents())
}
