//! Whether the coordinator works, for whatever restarts it.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::error::dress::Dressed;
use super::{Web, wall};
use crate::live;

/// The run loop publishes twice a second; after this long it hangs.
const LATE: Duration = Duration::from_secs(30);

pub async fn show(State(web): State<Web>) -> Response {
    match trouble(&web).await {
        None => "ok\n".into_response(),
        Some(why) => {
            let mut response =
                (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response();
            response.extensions_mut().insert(Dressed);
            response
        }
    }
}

async fn trouble(web: &Web) -> Option<&'static str> {
    if web.stopping.is_cancelled() {
        return Some("stopping");
    }
    if wall().since(web.snapshot().at) > LATE {
        return Some("the run loop does not answer");
    }
    let read = web.read(|web| Ok(web.reader.counts()?)).await;
    let unreadable = read.err().map(|_| "the store cannot be read");
    unreadable.or(live::trouble(web.snapshot().log))
}
