//! Doors for programs.

use axum::routing::{get, post};

use super::{Hung, read, write};
use crate::web::caller::Need;
use crate::web::{api, contact, health, metrics, tuf};

pub(super) fn programs() -> Vec<Hung> {
    vec![
        read("/healthz", Need::Nothing, get(health::show)),
        read(contact::PATH, Need::Nothing, get(contact::show)),
        read("/metrics", Need::SeeOrLocal, get(metrics::show)),
        read("/tuf/{file}", Need::Nothing, get(tuf::document)),
        read("/tuf/targets/{*path}", Need::Nothing, get(tuf::target)),
        read(
            "/api/v1/network-traffic",
            Need::See,
            get(api::traffic::list),
        ),
        read(api::follow::EVENTS, Need::See, get(api::follow::events)),
        read(api::follow::SOCKET, Need::See, get(api::follow::socket)),
        read(api::openapi::PATH, Need::See, get(api::openapi::show)),
        read("/api/v1/devices", Need::See, get(api::devices::list)),
        read("/api/v1/devices/{id}", Need::See, get(api::devices::one)),
        read(
            "/api/v1/devices/{id}/telemetry",
            Need::See,
            get(api::telemetry::list),
        ),
        read(
            "/api/v1/devices/{id}/records",
            Need::See,
            get(api::records::list),
        ),
        read(
            "/api/v1/devices/{id}/alerts",
            Need::See,
            get(api::alerts::list),
        ),
        write(
            "/api/v1/devices/{id}/retire",
            Need::Act,
            post(api::devices::retire),
        ),
        write(
            "/api/v1/devices/{id}/describe",
            Need::Act,
            post(api::devices::describe),
        ),
        write(
            "/api/v1/devices/{id}/quarantine",
            Need::Act,
            post(api::devices::quarantine),
        ),
        write(
            "/api/v1/devices/{id}/clear",
            Need::Act,
            post(api::devices::clear),
        ),
        write("/api/v1/tokens", Need::Act, post(api::tokens::make)),
        read("/api/v1/rotation", Need::See, get(api::rotation::show)),
        read("/api/v1/classes", Need::See, get(api::classes::list)),
        read("/api/v1/commands", Need::See, get(api::commands::list)),
        write("/api/v1/commands", Need::Act, post(api::commands::give)),
        read("/api/v1/commands/{id}", Need::See, get(api::commands::one)),
        read(
            "/api/v1/commands/{id}/results/{device}",
            Need::Act,
            get(api::commands::result),
        ),
        read("/api/v1/settings", Need::See, get(api::settings::show)),
        read("/api/v1/system", Need::See, get(api::system::show)),
        read("/api/v1/evidence", Need::See, get(api::evidence::list)),
        read("/api/v1/evidence/{id}", Need::See, get(api::evidence::one)),
        read(
            "/api/v1/evidence/{id}/file",
            Need::See,
            get(api::evidence::file),
        ),
        read(
            "/api/v1/observations",
            Need::See,
            get(api::observations::list),
        ),
        read(
            "/api/v1/devices/{id}/observations",
            Need::See,
            get(api::observations::of),
        ),
        read("/api/v1/rollouts", Need::See, get(api::rollouts::list)),
        write("/api/v1/rollouts", Need::Act, post(api::rollouts::plan)),
        read("/api/v1/rollouts/{id}", Need::See, get(api::rollouts::one)),
        write(
            "/api/v1/rollouts/{id}/{word}",
            Need::Act,
            post(api::rollouts::tell),
        ),
        write("/updates/deploy", Need::Act, post(api::rollouts::deploy)),
        read(
            "/api/v1/dashboard/metrics",
            Need::See,
            get(api::dashboard::show),
        ),
    ]
}
