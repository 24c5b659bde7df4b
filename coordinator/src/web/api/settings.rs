//! Settings of devices for programs: what is wanted, and what each device does.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Json, Response};

use super::operation::Operation;
use crate::settings::SettingsDocument;
use crate::web::Web;
use crate::web::error::WebError;

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/settings",
            "What is wanted of devices, and what each does.",
        )
        .gives::<SettingsDocument>(),
    ]
}

pub async fn show(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    Ok(Json(web.read(document).await?).into_response())
}

pub fn document(web: &Web) -> Result<SettingsDocument, WebError> {
    let (wanted, said) = (web.releases.wanted_of_devices()?, web.reader.obeyed()?);
    Ok(SettingsDocument::of(&wanted, &said, &web.snapshot()))
}
