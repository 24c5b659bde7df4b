//! The last step of the first setup: a test message to whoever is to be told of alerts.

use axum::extract::State as Handle;
use axum::response::Response;
use ui::links;
use ui::pages::welcome::{self as page, WelcomeView};

use super::{delivery, html};
use crate::web::Web;
use crate::web::api::delivery::document;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::Named;
use crate::web::frame::Frame;
use crate::web::trail::Trail;

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let told = web.read(|web| Ok(document(&web.delivery))).await?;
    let view = WelcomeView {
        error: told.error,
        channels: told.channels.into_iter().map(delivery::channel).collect(),
    };
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

pub async fn test(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    delivery::tried(&web, &caller, &trail, &id, links::welcome()).await
}
