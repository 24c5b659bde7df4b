//! Every door of the web side: method, address, who may pass, and what is behind it.

use axum::Router;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use ui::links::route;

use super::caller::Need;
use super::{Web, api, assets, events, gate, health, metrics, pages, tuf};
use crate::permissions::{self, Area};

/// One method of one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    pub method: Method,
    pub path: &'static str,
    pub need: Need,
}

type Hung = (Door, MethodRouter<Web>);

/// What a gate knows of its door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    pub need: Need,
    pub area: Area,
}

impl Door {
    /// What the permission table says of the door. A door that the table does not know, or knows otherwise, is not hung:
    /// nothing starts, and every test of the web side says which line is missing.
    fn pass(&self) -> Pass {
        let Some(row) = permissions::of(&self.method, self.path) else {
            panic!(
                "{} {} has no line in permissions.txt",
                self.method, self.path
            );
        };
        assert_eq!(
            row.who,
            self.need.letters(),
            "{} {}: permissions.txt has other roles than the door asks for",
            self.method,
            self.path
        );
        Pass {
            need: self.need,
            area: row.area,
        }
    }
}

/// All doors, for tests that must not miss one.
pub fn all() -> Vec<Door> {
    hung().into_iter().map(|(door, _)| door).collect()
}

/// The router, with each door behind its gate.
pub(super) fn open(web: &Web) -> Router<Web> {
    let mut router = Router::new();
    for (door, handler) in hung() {
        let gate = from_fn_with_state((web.clone(), door.pass()), gate::admit);
        let handler = if api::serves(door.path) {
            let once = from_fn_with_state(web.clone(), api::idempotency::once);
            handler
                .route_layer(once)
                .route_layer(from_fn(api::conditional::tag))
        } else {
            handler
        };
        router = router.route(door.path, handler.route_layer(gate));
    }
    router
}

fn hung() -> Vec<Hung> {
    let mut doors = entrances();
    doors.extend(rooms());
    doors.extend(programs());
    doors.extend(alarms());
    doors.extend(profiles());
    doors.extend(risks());
    doors.extend(archives());
    doors.extend(papers());
    doors.extend(accounts());
    doors.extend(keyed());
    doors.extend(data());
    doors
}

/// Profiles of traffic, for people and programs.
fn profiles() -> Vec<Hung> {
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

/// People, their accounts, and what programs may do for them.
fn accounts() -> Vec<Hung> {
    vec![
        read(route::PEOPLE, Need::Audit, get(pages::people::show)),
        read(route::PERSON_NEW, Need::Govern, get(pages::people::begin)),
        write(route::PEOPLE, Need::Govern, post(pages::people::invite)),
        write(route::PERSON, Need::Govern, post(pages::people::order)),
        read(route::OIDC, Need::Nothing, get(pages::oidc::begin)),
        read(
            route::OIDC_CALLBACK,
            Need::Nothing,
            get(pages::oidc::finish),
        ),
        read(route::INVITED, Need::Nothing, get(pages::invited::show)),
        write(route::INVITED, Need::Nothing, post(pages::invited::accept)),
        read(route::ACCOUNT, Need::See, get(pages::account::show)),
        write(
            route::ACCOUNT_PASSWORD,
            Need::See,
            post(pages::account::password),
        ),
        write(
            route::ACCOUNT_SESSIONS,
            Need::See,
            post(pages::account::end_sessions),
        ),
        write(
            route::ACCOUNT_TOKENS,
            Need::See,
            post(pages::account_tokens::make),
        ),
        write(
            route::ACCOUNT_TOKEN,
            Need::See,
            post(pages::account_tokens::tell),
        ),
        read(
            route::ACCOUNT_CODE,
            Need::See,
            get(pages::account_code::show),
        ),
        write(
            route::ACCOUNT_CODE,
            Need::See,
            post(pages::account_code::tell),
        ),
        read("/api/v1/people", Need::Audit, get(api::people::list)),
        write("/api/v1/people", Need::Govern, post(api::people::invite)),
        write(
            "/api/v1/people/{id}/{word}",
            Need::Govern,
            post(api::people::order),
        ),
        read(
            "/api/v1/account/sessions",
            Need::See,
            get(api::account::sessions),
        ),
        write(
            "/api/v1/account/sessions/{id}/revoke",
            Need::See,
            post(api::account::revoke),
        ),
        read(
            "/api/v1/access-tokens",
            Need::See,
            get(api::access_tokens::list),
        ),
        write(
            "/api/v1/access-tokens",
            Need::See,
            post(api::access_tokens::make),
        ),
        write(
            "/api/v1/access-tokens/{id}/{word}",
            Need::See,
            post(api::access_tokens::tell),
        ),
        write("/api/v1/auth/token", Need::Nothing, post(api::auth::grant)),
        write(
            "/api/v1/auth/refresh",
            Need::Nothing,
            post(api::auth::refresh),
        ),
        write(
            "/api/v1/auth/revoke",
            Need::Nothing,
            post(api::auth::revoke),
        ),
    ]
}

/// Reports and compliance, for people and programs.
fn papers() -> Vec<Hung> {
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
fn data() -> Vec<Hung> {
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
fn archives() -> Vec<Hung> {
    vec![
        read(route::AUDIT, Need::Audit, get(pages::audit::show)),
        read(route::AUDIT_EXPORT, Need::Audit, get(api::audit::export)),
        read("/api/v1/audit", Need::Audit, get(api::audit::list)),
        read("/api/v1/audit/verify", Need::Audit, get(api::audit::verify)),
        read("/api/v1/audit/export", Need::Audit, get(api::audit::export)),
    ]
}

/// Devices that run no node and speak with a key of their own.
fn keyed() -> Vec<Hung> {
    vec![
        read(route::KEYED, Need::See, get(pages::keyed::show)),
        write(route::KEYED, Need::Act, post(pages::keyed::register)),
        read(route::KEYED_ONE, Need::See, get(pages::keyed::one)),
        write(route::KEYED_ONE, Need::Act, post(pages::keyed::tell)),
        write("/devices/register", Need::Act, post(api::keyed::register)),
        read("/api/v1/keyed-devices", Need::See, get(api::keyed::list)),
        read(
            "/api/v1/keyed-devices/{id}",
            Need::See,
            get(api::keyed::one),
        ),
        write(
            "/api/v1/keyed-devices/{id}/{word}",
            Need::Act,
            post(api::keyed::tell),
        ),
        write(
            "/api/v1/self/heartbeat",
            Need::Device,
            post(api::keyed::heartbeat),
        ),
        write(
            "/api/v1/self/telemetry",
            Need::Device,
            post(api::keyed::telemetry),
        ),
    ]
}

/// Alerts, logs and delivery, for people and programs.
fn alarms() -> Vec<Hung> {
    vec![
        read(route::ALERTS, Need::See, get(pages::alerts::show)),
        read(route::ALERT, Need::See, get(pages::alerts::one)),
        write(route::ALERT, Need::Act, post(pages::alerts::act)),
        write(route::ALERT_TUNE, Need::Act, post(pages::alerts::tune)),
        read(route::RULES, Need::See, get(pages::rules::show)),
        write(route::TUNING_REMOVE, Need::Act, post(pages::rules::untune)),
        read(route::DEVICE_LOGS, Need::See, get(pages::device::logs)),
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

/// What people who are not signed in need.
fn entrances() -> Vec<Hung> {
    vec![
        read(route::SETUP, Need::Nothing, get(pages::setup::show)),
        write(route::SETUP, Need::Nothing, post(pages::setup::create)),
        read(route::LOGIN, Need::Nothing, get(pages::login::show)),
        write(route::LOGIN, Need::Nothing, post(pages::login::enter)),
        write(route::LOGOUT, Need::See, post(pages::login::leave)),
        read(route::ASSET, Need::Nothing, get(assets::serve)),
    ]
}

fn rooms() -> Vec<Hung> {
    vec![
        write(route::THEME, Need::See, post(pages::theme::choose)),
        read(route::OVERVIEW, Need::See, get(pages::overview::show)),
        read(route::DEVICES, Need::See, get(pages::devices::show)),
        read(route::DEVICES_CSV, Need::See, get(pages::devices::csv)),
        read(route::DEVICE_NEW, Need::Act, get(pages::device_new::show)),
        write(route::DEVICE_NEW, Need::Act, post(pages::device_new::make)),
        read(route::JOIN, Need::Act, get(pages::device_new::join)),
        read(route::DEVICE, Need::See, get(pages::device::summary)),
        read(
            route::DEVICE_TELEMETRY,
            Need::See,
            get(pages::device::telemetry),
        ),
        read(route::DEVICE_PEERS, Need::See, get(pages::device::peers)),
        write(route::RETIRE, Need::Act, post(pages::device::retire)),
        write(
            route::QUARANTINE,
            Need::Act,
            post(pages::device::quarantine),
        ),
        write(route::CLEAR, Need::Act, post(pages::device::clear)),
        read(route::APPROVE, Need::See, get(pages::pending::show)),
        write(route::APPROVE, Need::Act, post(pages::pending::decide)),
        read(route::NEIGHBOUR, Need::See, get(pages::neighbours::show)),
        read(route::MESH, Need::See, get(pages::mesh::show)),
        read(route::ROTATION, Need::See, get(pages::rotation::show)),
        write(
            route::ROTATION,
            Need::Govern,
            post(pages::rotation::put_into_force),
        ),
        read(
            route::ROTATION_NEW,
            Need::Govern,
            get(pages::rotation::begin),
        ),
        read(
            route::ROTATION_PROPOSAL,
            Need::Govern,
            get(pages::rotation::proposal),
        ),
        write(
            route::ROTATION_PROPOSAL,
            Need::Govern,
            post(pages::rotation::propose),
        ),
        read(route::FIRMWARE, Need::See, get(pages::firmware::show)),
        read(
            route::REPOSITORY,
            Need::See,
            get(pages::firmware::repository),
        ),
        read(route::DRAFT, Need::See, get(pages::firmware::draft)),
        write(route::DRAFT, Need::Act, post(pages::firmware::sign)),
        read(route::DRAFT_PAPER, Need::See, get(pages::firmware::paper)),
        write(
            route::DRAFT_PUBLISH,
            Need::Govern,
            post(pages::firmware::publish),
        ),
        read(route::ROLLOUTS, Need::See, get(pages::rollouts::show)),
        write(route::ROLLOUTS, Need::Act, post(pages::rollouts::plan)),
        read(route::ROLLOUT_NEW, Need::Act, get(pages::rollouts::begin)),
        read(route::ROLLOUT, Need::See, get(pages::rollouts::one)),
        write(route::ROLLOUT, Need::Act, post(pages::rollouts::tell)),
        read(route::COMMANDS, Need::See, get(pages::commands::show)),
        write(route::COMMANDS, Need::Act, post(pages::commands::give)),
        read(route::COMMAND_NEW, Need::Act, get(pages::commands::begin)),
        read(route::COMMAND, Need::See, get(pages::commands::one)),
        read(route::SETTINGS, Need::See, get(pages::settings::show)),
        write(route::SETTINGS, Need::Act, post(pages::settings::prepare)),
        read(route::SETTINGS_NEW, Need::Act, get(pages::settings::begin)),
        read(route::FINDINGS, Need::See, get(pages::findings::show)),
        read(route::FINDING, Need::See, get(pages::findings::one)),
        write(route::FINDING, Need::Act, post(pages::findings::decide)),
        read(
            route::FINDINGS_ON,
            Need::See,
            get(pages::findings::on_device),
        ),
        read(route::SCANS, Need::See, get(pages::scans::show)),
        write(route::SCANS, Need::Act, post(pages::scans::ask)),
        read(route::SCAN_NEW, Need::Act, get(pages::scans::begin)),
        write(route::SCHEDULES, Need::Act, post(pages::scans::unschedule)),
        read(route::SCAN, Need::See, get(pages::scans::one)),
        write(route::SCAN_CANCEL, Need::Act, post(pages::scans::cancel)),
        write(route::VIEWS, Need::Act, post(pages::findings::keep)),
        read(route::LIBRARIES, Need::See, get(pages::findings::libraries)),
        read(route::EVIDENCE, Need::See, get(pages::evidence::show)),
        read(route::EVIDENCE_PROOF, Need::See, get(pages::evidence::one)),
        read(route::EVIDENCE_FILE, Need::See, get(pages::evidence::file)),
        read(route::API, Need::See, get(pages::interface::show)),
        read(route::API_TRY, Need::See, get(pages::interface::try_out)),
        read(route::EVENTS, Need::See, get(events::stream)),
        read(route::SYSTEM, Need::See, get(pages::system::show)),
    ]
}

fn programs() -> Vec<Hung> {
    vec![
        read("/healthz", Need::Nothing, get(health::show)),
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

/// Findings, for programs.
fn risks() -> Vec<Hung> {
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

fn read(path: &'static str, need: Need, handler: MethodRouter<Web>) -> Hung {
    let door = Door {
        method: Method::GET,
        path,
        need,
    };
    (door, handler)
}

fn write(path: &'static str, need: Need, handler: MethodRouter<Web>) -> Hung {
    let door = Door {
        method: Method::POST,
        path,
        need,
    };
    (door, handler)
}
