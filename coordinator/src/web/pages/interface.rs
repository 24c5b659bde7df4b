//! The interface for programs: what there is, and a page that tries it.

use axum::extract::State as Handle;
use axum::response::Response;
use ui::pages::api::{self, ApiView, OperationRow};

use super::html;
use crate::web::Web;
use crate::web::api::openapi::{need, operations};
use crate::web::caller::Need;
use crate::web::frame::Frame;

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Response {
    let rows = operations().into_iter().map(|operation| OperationRow {
        method: operation.method.to_string(),
        path: operation.path.to_owned(),
        summary: operation.summary.to_owned(),
        needs: need(&operation).map_or("nothing", Need::word).to_owned(),
    });
    let view = ApiView {
        operations: rows.collect(),
    };
    html(&api::page(&web.shell(&frame), &view))
}

pub async fn try_out(Handle(web): Handle<Web>, frame: Frame) -> Response {
    html(&api::try_page(&web.shell(&frame)))
}
