//! Doors to what threatens the fleet: alerts, traffic, findings and scans.

use axum::routing::{get, post};
use ui::links::route;

use super::{Hung, read, write};
use crate::web::caller::Need;
use crate::web::{api, pages};

/// Alerts, logs and delivery, for people and programs.
pub(super) fn alarms() -> Vec<Hung> {
    vec![
        read(route::ALERTS, Need::See, get(pages::alerts::show)),
        read(route::ALERT, Need::See, get(pages::alerts::one)),
        write(route::ALERT, Need::Act, post(pages::alerts::act)),
        write(route::ALERT_TUNE, Need::Act, post(pages::alerts::tune)),
        read(route::RULES, Need::See, get(pages::rules::show)),
        write(route::TUNING_REMOVE, Need::Act, post(pages::rules::untune)),
        read(route::DEVICE_LOGS, Need::See, get(pages::device::logs)),
        read(route::WELCOME, Need::Govern, get(pages::welcome::show)),
        write(
            route::WELCOME_TEST,
            Need::Govern,
            post(pages::welcome::test),
        ),
        read(route::DELIVERY, Need::See, get(pages::delivery::show)),
        write(route::DELIVERY_TEST, Need::Act, post(pages::delivery::test)),
        write("/logs/send", Need::Report, post(api::logs::send)),
        read("/api/v1/devices/{id}/logs", Need::See, get(api::logs::list)),
        read("/api/v1/rules", Need::See, get(api::logs::rules)),
        read("/api/v1/alerts", Need::See, get(api::bulletin::list)),
        read("/api/v1/alerts/{id}", Need::See, get(api::bulletin::one)),
        write(
            "/api/v1/alerts/{id}/{word}",
            Need::Act,
            post(api::bulletin::act),
        ),
        read(
            "/api/v1/incidents",
            Need::See,
            get(api::bulletin::incidents),
        ),
        read("/api/v1/tunings", Need::See, get(api::bulletin::tunings)),
        write("/api/v1/tunings", Need::Act, post(api::bulletin::tune)),
        write(
            "/api/v1/tunings/{id}/remove",
            Need::Act,
            post(api::bulletin::untune),
        ),
        read("/api/v1/delivery", Need::See, get(api::delivery::show)),
        write(
            "/api/v1/delivery/{id}/test",
            Need::Act,
            post(api::delivery::test),
        ),
    ]
}

/// Profiles of traffic, for people and programs.
pub(super) fn profiles() -> Vec<Hung> {
    use api::profiles as found;
    vec![
        read(
            route::DEVICE_PROFILE,
            Need::See,
            get(pages::device::profile),
        ),
        read(
            route::NEIGHBOUR_PROFILE,
            Need::See,
            get(pages::profile::show),
        ),
        read(route::PROFILE_MUD, Need::See, get(found::mud)),
        write(route::PROFILE_WORD, Need::Act, post(pages::profile::tell)),
        read("/api/v1/devices/{id}/profile", Need::See, get(found::show)),
        read("/api/v1/devices/{id}/why", Need::See, get(found::ask)),
        read(
            "/api/v1/devices/{id}/profile/mud",
            Need::See,
            get(found::mud),
        ),
        write(
            "/api/v1/devices/{id}/profile/mud",
            Need::Act,
            post(found::declare),
        ),
        write(
            "/api/v1/devices/{id}/profile/words/{word}",
            Need::Act,
            post(found::tell),
        ),
    ]
}

/// Findings, for programs.
pub(super) fn risks() -> Vec<Hung> {
    use api::vulnerabilities as found;
    vec![
        read("/api/v1/vulnerabilities", Need::See, get(found::list)),
        read("/api/v1/vulnerabilities/{id}", Need::See, get(found::one)),
        write(
            "/api/v1/vulnerabilities/{id}/decisions",
            Need::Act,
            post(found::decide),
        ),
        read(
            "/api/v1/devices/{id}/findings",
            Need::See,
            get(found::of_device),
        ),
        read(
            "/api/v1/devices/{id}/score",
            Need::See,
            get(found::score_of_device),
        ),
        read("/api/v1/score", Need::See, get(found::score_of_fleet)),
        read("/api/v1/feed", Need::See, get(found::feed)),
        read("/api/v1/libraries", Need::See, get(found::where_is)),
        read("/api/v1/scans", Need::See, get(api::scans::list)),
        write("/api/v1/scans", Need::Act, post(api::scans::ask)),
        read(
            "/api/v1/scans/schedules",
            Need::See,
            get(api::scans::schedules),
        ),
        read("/api/v1/scans/{id}", Need::See, get(api::scans::one)),
        write(
            "/api/v1/scans/{id}/cancel",
            Need::Act,
            post(api::scans::cancel),
        ),
        read("/api/v1/scans/kept/{id}", Need::Act, get(api::scans::raw)),
        read("/api/v1/views", Need::See, get(found::views)),
        write("/api/v1/views", Need::Act, post(found::keep)),
        read("/api/v1/vex", Need::See, get(found::vex)),
    ]
}
