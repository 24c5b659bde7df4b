//! Doors to what is kept: reports, the audit log, and the data of devices and people.

use axum::routing::{get, post};
use ui::links::route;

use super::{Hung, read, write};
use crate::web::caller::Need;
use crate::web::{api, pages};

/// Reports and compliance, for people and programs.
pub(super) fn papers() -> Vec<Hung> {
    use api::reports as made;
    vec![
        read(route::REPORTS, Need::See, get(pages::reports::show)),
        write(route::REPORTS, Need::Act, post(pages::reports::make)),
        read(route::REPORT, Need::See, get(made::file)),
        write(
            route::REPORT_SCHEDULES,
            Need::Act,
            post(pages::reports::schedule),
        ),
        write(
            route::REPORT_UNSCHEDULE,
            Need::Act,
            post(pages::reports::unschedule),
        ),
        read(route::COMPLIANCE, Need::See, get(pages::compliance::show)),
        read("/reports/generate", Need::See, get(made::generate)),
        read("/api/v1/reports", Need::See, get(made::list)),
        write("/api/v1/reports", Need::Act, post(made::keep)),
        read("/api/v1/reports/{id}", Need::See, get(made::file)),
        read("/api/v1/compliance", Need::See, get(made::compliance)),
    ]
}

/// What is kept, exported and erased.
pub(super) fn data() -> Vec<Hung> {
    use api::privacy as kept;
    vec![
        read(route::PRIVACY, Need::Audit, get(pages::privacy::show)),
        write(
            route::PRIVACY_ERASE,
            Need::Govern,
            post(pages::privacy::erase),
        ),
        read("/api/v1/retention", Need::See, get(kept::retention)),
        read(
            "/api/v1/devices/{id}/export",
            Need::Audit,
            get(kept::device),
        ),
        write(
            "/api/v1/devices/{id}/erase",
            Need::Govern,
            post(kept::erase),
        ),
        read("/api/v1/people/{id}/export", Need::Audit, get(kept::person)),
    ]
}

/// The audit log, for people and programs.
pub(super) fn archives() -> Vec<Hung> {
    vec![
        read(route::AUDIT, Need::Audit, get(pages::audit::show)),
        read(route::AUDIT_EXPORT, Need::Audit, get(api::audit::export)),
        read("/api/v1/audit", Need::Audit, get(api::audit::list)),
        read("/api/v1/audit/verify", Need::Audit, get(api::audit::verify)),
        read("/api/v1/audit/export", Need::Audit, get(api::audit::export)),
    ]
}
