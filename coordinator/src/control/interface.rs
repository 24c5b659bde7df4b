//! The interface for programs over the control socket, for whoever owns this machine.

use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use tower::ServiceExt as _;

use super::{Answer, Desk, LINE};
use crate::web::AtTheConsole;
use crate::web::api::serves;

impl Desk {
    /// The answer as the interface gives it, failures too.
    pub(super) async fn interface(
        &self,
        method: &str,
        path: &str,
        body: String,
    ) -> Result<Answer, String> {
        let method = match method {
            "GET" => Method::GET,
            "POST" => Method::POST,
            other => return Err(format!("{other}: use GET or POST")),
        };
        if !serves(path.split('?').next().unwrap_or_default()) {
            return Err(format!(
                "{path} is no address of the interface: see docs/api.md"
            ));
        }
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(CONTENT_TYPE, "application/json")
            .extension(AtTheConsole)
            .body(Body::from(body));
        let request = request.map_err(|error| format!("{path}: {error}"))?;
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status().as_u16();
        let bound = usize::try_from(LINE / 2).expect("a few megabytes");
        let bytes = to_bytes(response.into_body(), bound).await;
        let bytes = bytes.map_err(|_| "the answer is too long: ask for fewer with limit=")?;
        let body = String::from_utf8(bytes.into())
            .map_err(|_| "the answer is a file: fetch it over HTTPS")?;
        Ok(Answer::Interface { status, body })
    }
}
