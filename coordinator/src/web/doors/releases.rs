//! Doors of releases for programs.

use axum::routing::{get, post};

use super::{Hung, read, write};
use crate::web::api::{drafts, releases as api};
use crate::web::caller::Need;

pub(super) fn releases() -> Vec<Hung> {
    vec![
        read("/api/v1/releases", Need::See, get(api::list)),
        read("/api/v1/repository", Need::See, get(api::repository)),
        read("/api/v1/releases/drafts", Need::See, get(drafts::list)),
        read("/api/v1/releases/drafts/{id}", Need::See, get(drafts::one)),
        read(
            "/api/v1/releases/drafts/{id}/payload/{role}",
            Need::See,
            get(drafts::payload),
        ),
        write(
            "/api/v1/releases/drafts/{id}/signatures",
            Need::Act,
            post(drafts::sign),
        ),
        write(
            "/api/v1/releases/drafts/{id}/publish",
            Need::Govern,
            post(drafts::publish),
        ),
        write(
            "/api/v1/releases/drafts/{id}/discard",
            Need::Act,
            post(drafts::discard),
        ),
    ]
}

/// What takes files.
pub(super) fn uploads() -> Vec<Hung> {
    vec![write("/api/v1/releases", Need::Act, post(api::prepare))]
}
