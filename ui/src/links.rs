//! Every URL of the web interface; no other file of the workspace spells one.
//!
//! It is long because the whole map of addresses is to be read, and searched, in one place.

use std::fmt::Write as _;

use crate::assets::Asset;

mod audit;
mod state;
mod streams;

pub use audit::{AuditFilter, audit, audit_export};
pub use state::{AlertFilter, DeviceFilter, Direction, MeshMode, Range, Sort, SortKey};
pub use streams::{LivePage, events};

/// Route patterns, in the syntax of the router that serves them.
pub mod route {
    pub const OVERVIEW: &str = "/";
    pub const SETUP: &str = "/setup/{token}";
    pub const LOGIN: &str = "/login";
    pub const LOGIN_PASSKEY: &str = "/login/passkey";
    pub const OIDC: &str = "/login/oidc";
    pub const OIDC_CALLBACK: &str = "/login/oidc/callback";
    pub const LOGOUT: &str = "/logout";
    pub const THEME: &str = "/theme";
    pub const DEVICES: &str = "/devices";
    pub const DEVICES_CSV: &str = "/devices.csv";
    pub const DEVICE_NEW: &str = "/devices/new";
    pub const JOIN: &str = "/devices/new/{token}";
    pub const DEVICE: &str = "/devices/{id}";
    pub const DEVICE_TELEMETRY: &str = "/devices/{id}/telemetry";
    pub const DEVICE_PEERS: &str = "/devices/{id}/peers";
    pub const NEIGHBOUR: &str = "/neighbours/{mac}";
    pub const APPROVE: &str = "/devices/{id}/approve";
    pub const DESCRIBE: &str = "/devices/{id}/describe";
    pub const DEVICE_VIEWS: &str = "/devices/views";
    pub const RETIRE: &str = "/devices/{id}/retire";
    pub const QUARANTINE: &str = "/devices/{id}/quarantine";
    pub const CLEAR: &str = "/devices/{id}/clear";
    pub const MESH: &str = "/mesh";
    pub const ROTATION: &str = "/mesh/rotation";
    pub const ROTATION_NEW: &str = "/mesh/rotation/new";
    pub const ROTATION_PROPOSAL: &str = "/mesh/rotation/proposal";
    pub const FIRMWARE: &str = "/firmware";
    pub const REPOSITORY: &str = "/firmware/signers";
    pub const RELEASE_NEW: &str = "/firmware/new";
    pub const RELEASES: &str = "/firmware/releases";
    pub const DRAFT: &str = "/firmware/drafts/{id}";
    pub const DRAFT_DISCARD: &str = "/firmware/drafts/{id}/discard";
    pub const DRAFT_PUBLISH: &str = "/firmware/drafts/{id}/publish";
    pub const DRAFT_PAPER: &str = "/firmware/drafts/{id}/payload/{role}";
    pub const ROLLOUTS: &str = "/rollouts";
    pub const ROLLOUT_NEW: &str = "/rollouts/new";
    pub const ROLLOUT: &str = "/rollouts/{id}";
    pub const CLASSES: &str = "/classes";
    pub const CLASS: &str = "/classes/{id}";
    pub const COMMANDS: &str = "/commands";
    pub const COMMAND_NEW: &str = "/commands/new";
    pub const COMMAND: &str = "/commands/{id}";
    pub const COMMAND_RESULT: &str = "/api/v1/commands/{id}/results/{device}";
    pub const SETTINGS: &str = "/settings";
    pub const SETTINGS_NEW: &str = "/settings/new";
    pub const FINDINGS: &str = "/findings";
    pub const FINDING: &str = "/findings/{id}";
    pub const FINDINGS_ON: &str = "/findings/on/{id}";
    pub const VIEWS: &str = "/findings/views";
    pub const LIBRARIES: &str = "/findings/libraries";
    pub const SCANS: &str = "/scans";
    pub const SCAN_NEW: &str = "/scans/new";
    pub const SCAN: &str = "/scans/{id}";
    pub const SCAN_CANCEL: &str = "/scans/{id}/cancel";
    pub const SCHEDULES: &str = "/scans/schedules";
    pub const EVIDENCE: &str = "/evidence";
    pub const EVIDENCE_PROOF: &str = "/evidence/{id}";
    pub const EVIDENCE_FILE: &str = "/evidence/{id}/file";
    pub const ALERTS: &str = "/alerts";
    pub const ALERT: &str = "/alerts/{id}";
    pub const ALERT_TUNE: &str = "/alerts/{id}/tune";
    pub const RULES: &str = "/alerts/rules";
    pub const TUNING_REMOVE: &str = "/alerts/rules/{id}/remove";
    pub const DEVICE_LOGS: &str = "/devices/{id}/logs";
    pub const DEVICE_PROFILE: &str = "/devices/{id}/profile";
    pub const NEIGHBOUR_PROFILE: &str = "/neighbours/{mac}/profile";
    pub const PROFILE_WORD: &str = "/profiles/{id}/{word}";
    pub const PROFILE_MUD: &str = "/profiles/{id}/mud";
    pub const WELCOME: &str = "/welcome";
    pub const WELCOME_TEST: &str = "/welcome/{id}/test";
    pub const DELIVERY: &str = "/delivery";
    pub const DELIVERY_TEST: &str = "/delivery/{id}/test";
    pub const API: &str = "/interface";
    pub const API_TRY: &str = "/interface/try";
    pub const API_DESCRIPTION: &str = "/api/v1/openapi.json";
    pub const AUDIT: &str = "/audit";
    pub const REPORTS: &str = "/reports";
    pub const REPORT: &str = "/reports/{id}";
    pub const REPORT_SCHEDULES: &str = "/reports/schedules";
    pub const REPORT_UNSCHEDULE: &str = "/reports/schedules/{id}/remove";
    pub const COMPLIANCE: &str = "/compliance";
    pub const SYSTEM: &str = "/system";
    pub const PRIVACY: &str = "/privacy";
    pub const PRIVACY_ERASE: &str = "/privacy/erase";
    pub const AUDIT_EXPORT: &str = "/audit/export";
    pub const PEOPLE: &str = "/people";
    pub const PERSON_NEW: &str = "/people/new";
    pub const PERSON: &str = "/people/{id}";
    pub const INVITED: &str = "/invited/{token}";
    pub const ACCOUNT: &str = "/account";
    pub const ACCOUNT_PASSWORD: &str = "/account/password";
    pub const ACCOUNT_LANGUAGE: &str = "/account/language";
    pub const ACCOUNT_SESSIONS: &str = "/account/sessions";
    pub const ACCOUNT_TOKENS: &str = "/account/tokens";
    pub const ACCOUNT_TOKEN: &str = "/account/tokens/{id}";
    pub const ACCOUNT_PASSKEYS: &str = "/account/passkeys";
    pub const ACCOUNT_CODE: &str = "/account/code";
    pub const KEYED: &str = "/devices/keys";
    pub const KEYED_ONE: &str = "/devices/keys/{id}";
    pub const EVENTS: &str = "/events";
    pub const ASSET: &str = "/assets/{file}";
}

/// The word by which devices are found whose metadata has ended.
pub const STALE: &str = "stale";

/// Names of query parameters.
pub mod query {
    pub const STATUS: &str = "status";
    pub const CLASS: &str = "class";
    pub const METADATA: &str = "metadata";
    pub const SEARCH: &str = "q";
    pub const FILTER: &str = "filter";
    pub const SORT: &str = "sort";
    pub const AFTER: &str = "after";
    pub const VIEW: &str = "view";
    pub const CELL: &str = "cell";
    pub const RANGE: &str = "range";
    pub const NEXT: &str = "next";
    pub const PAGE: &str = "page";
    pub const ID: &str = "id";
    pub const STATE: &str = "state";
    pub const SEVERITY: &str = "severity";
    pub const DEVICE: &str = "device";
    pub const RULE: &str = "rule";
    pub const INCIDENT: &str = "incident";
    pub const ACTOR: &str = "actor";
    pub const ACTION: &str = "action";
    pub const OBJECT: &str = "object";
    pub const FROM: &str = "from";
    pub const UNTIL: &str = "until";
    pub const FORMAT: &str = "format";
}

pub fn overview() -> &'static str {
    route::OVERVIEW
}

pub fn setup(token: &str) -> String {
    format!("/setup/{}", encode(token))
}

/// The login page; `next` is the local path to return to.
pub fn login(next: Option<&str>) -> String {
    with_query(
        route::LOGIN,
        next.map(|next| (query::NEXT, next.to_owned())),
    )
}

/// Where one logs in with a passkey alone.
pub fn login_passkey(next: Option<&str>) -> String {
    with_query(
        route::LOGIN_PASSKEY,
        next.map(|next| (query::NEXT, next.to_owned())),
    )
}

/// Where a login at an identity provider begins.
pub fn oidc(next: Option<&str>) -> String {
    with_query(route::OIDC, next.map(|next| (query::NEXT, next.to_owned())))
}

pub fn logout() -> &'static str {
    route::LOGOUT
}

pub fn theme() -> &'static str {
    route::THEME
}

pub fn devices(filter: &DeviceFilter) -> String {
    with_query(route::DEVICES, filter.pairs())
}

pub fn devices_csv(filter: &DeviceFilter) -> String {
    with_query(route::DEVICES_CSV, filter.with_after(None).pairs())
}

/// The device list narrowed to one status.
pub fn devices_with_status(status: &str) -> String {
    devices(&DeviceFilter::default().with_status(Some(status)))
}

/// All devices whose field has this value, written in the filter language.
pub fn devices_alike(field: &str, operator: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    devices(&DeviceFilter {
        filter: Some(format!("{field}{operator}\"{value}\"")),
        ..DeviceFilter::default()
    })
}

/// A form posted there keeps a filter of devices.
pub fn device_views() -> &'static str {
    route::DEVICE_VIEWS
}

pub fn device_new() -> &'static str {
    route::DEVICE_NEW
}

/// The page that shows a join line and waits for its node.
pub fn join(token: &str) -> String {
    format!("/devices/new/{}", encode(token))
}

pub fn device(id: &str) -> String {
    format!("/devices/{}", encode(id))
}

/// A device that runs no node.
pub fn neighbour(mac: &str) -> String {
    format!("/neighbours/{}", encode(mac))
}

pub fn device_telemetry(id: &str, range: Range) -> String {
    let range = (range != Range::default()).then(|| (query::RANGE, range.slug().to_owned()));
    with_query(&format!("{}/telemetry", device(id)), range)
}

pub fn device_peers(id: &str) -> String {
    format!("{}/peers", device(id))
}

/// What people say of a device, with a node or without: its site and its tags.
pub fn describe(id: &str) -> String {
    format!("{}/describe", device(id))
}

pub fn approve(id: &str) -> String {
    format!("{}/approve", device(id))
}

pub fn retire(id: &str) -> String {
    format!("{}/retire", device(id))
}

pub fn quarantine(id: &str) -> String {
    format!("{}/quarantine", device(id))
}

pub fn clear(id: &str) -> String {
    format!("{}/clear", device(id))
}

/// The mesh as map or table; `cell` opens one cell of a mesh too large to draw whole.
pub fn mesh(mode: MeshMode, cell: Option<&str>) -> String {
    with_query(route::MESH, mesh_pairs(mode, cell))
}

/// How far a rotation has come; a form posted there puts another one into force.
pub fn rotation() -> &'static str {
    route::ROTATION
}

pub fn rotation_new() -> &'static str {
    route::ROTATION_NEW
}

/// The file that the root signs; a form posted there makes it.
pub fn rotation_proposal() -> &'static str {
    route::ROTATION_PROPOSAL
}

pub fn firmware() -> &'static str {
    route::FIRMWARE
}

/// Who signs what devices are given.
pub fn repository() -> &'static str {
    route::REPOSITORY
}

pub fn release_new() -> &'static str {
    route::RELEASE_NEW
}

/// Where an image is posted to with what it is.
pub fn releases() -> &'static str {
    route::RELEASES
}

pub fn draft_discard(number: u64) -> String {
    format!("{}/discard", draft(number))
}

/// A draft; a form posted there adds a signature.
pub fn draft(number: u64) -> String {
    format!("/firmware/drafts/{number}")
}

pub fn draft_publish(number: u64) -> String {
    format!("{}/publish", draft(number))
}

/// The bytes to sign for one role.
pub fn draft_paper(number: u64, role: &str) -> String {
    format!("{}/payload/{}", draft(number), encode(role))
}

/// All rollouts; a form posted there asks for one.
pub fn rollouts() -> &'static str {
    route::ROLLOUTS
}

pub fn rollout_new() -> &'static str {
    route::ROLLOUT_NEW
}

/// One rollout; a form posted there says something to it.
pub fn rollout(id: u64) -> String {
    format!("/rollouts/{id}")
}

/// What devices are to do; a form posted there asks for something else.
pub fn commands() -> &'static str {
    route::COMMANDS
}

/// The form for a command, to one device where one is meant.
pub fn command_new(device: Option<&str>) -> String {
    let pairs = device.map(|id| (query::ID, id.to_owned()));
    with_query(route::COMMAND_NEW, pairs)
}

pub fn command(id: &str) -> String {
    format!("/commands/{id}")
}

/// What came of a command on a device.
pub fn command_result(id: &str, device: &str) -> String {
    format!("/api/v1/commands/{id}/results/{device}")
}

/// What each class of devices means.
pub fn classes() -> &'static str {
    route::CLASSES
}

pub fn class(word: &str) -> String {
    format!("{}/{}", route::CLASSES, encode(word))
}

pub fn settings() -> &'static str {
    route::SETTINGS
}

pub fn settings_new() -> &'static str {
    route::SETTINGS_NEW
}

pub fn alerts(filter: &AlertFilter) -> String {
    with_query(route::ALERTS, filter.pairs())
}

/// One alert; a form posted there does something about it.
pub fn alert(number: u64) -> String {
    format!("/alerts/{number}")
}

pub fn alert_tune(number: u64) -> String {
    format!("{}/tune", alert(number))
}

/// The rules, and what people have tuned.
pub fn rules() -> &'static str {
    route::RULES
}

pub fn tuning_remove(number: u64) -> String {
    format!("{}/{number}/remove", route::RULES)
}

/// What a device wrote into its log.
pub fn device_logs(id: &str, after: Option<&str>) -> String {
    let after = after.map(|after| (query::AFTER, after.to_owned()));
    with_query(&format!("{}/logs", device(id)), after)
}

/// What a device usually does on the network.
pub fn device_profile(id: &str) -> String {
    format!("{}/profile", device(id))
}

pub fn neighbour_profile(mac: &str) -> String {
    format!("{}/profile", neighbour(mac))
}

/// Where a word about a profile is posted to; the device is a member's id, `mac:…` or `ip:…`.
pub fn profile_word(id: &str, word: &str) -> String {
    format!("/profiles/{}/{}", encode(id), encode(word))
}

pub fn profile_mud(id: &str) -> String {
    format!("/profiles/{}/mud", encode(id))
}

/// The last step of the first setup.
pub fn welcome() -> &'static str {
    route::WELCOME
}

pub fn welcome_test(channel: &str) -> String {
    format!("/welcome/{}/test", encode(channel))
}

/// Who is told of alerts.
pub fn delivery() -> &'static str {
    route::DELIVERY
}

pub fn delivery_test(channel: &str) -> String {
    format!("/delivery/{}/test", encode(channel))
}

/// Findings that a filter lets through.
pub fn findings(filter: &str, after: Option<&str>) -> String {
    let filter = Some(filter).filter(|filter| !filter.is_empty());
    let pairs = filter.map(|filter| (query::SEARCH, filter.to_owned()));
    let after = after.map(|after| (query::AFTER, after.to_owned()));
    with_query(route::FINDINGS, pairs.into_iter().chain(after))
}

/// One finding; a form posted there decides about it.
pub fn finding(id: &str) -> String {
    format!("/findings/{}", encode(id))
}

/// Further devices that have it.
pub fn finding_after(id: &str, after: &str) -> String {
    with_query(&finding(id), Some((query::AFTER, after.to_owned())))
}

/// What is found on one device, with or without a node.
pub fn findings_on(device: &str) -> String {
    format!("/findings/on/{}", encode(device))
}

/// A form posted there keeps a filter.
pub fn views() -> &'static str {
    route::VIEWS
}

/// Who has a library.
pub fn libraries(text: &str) -> String {
    let text = Some(text).filter(|text| !text.is_empty());
    let pairs = text.map(|text| (query::SEARCH, text.to_owned()));
    with_query(route::LIBRARIES, pairs)
}

/// All scans; a form posted there orders one.
pub fn scans() -> &'static str {
    route::SCANS
}

/// The form for a scan, of one device where one is meant.
pub fn scan_new(device: Option<&str>) -> String {
    let device = device.map(|device| (query::ID, device.to_owned()));
    with_query(route::SCAN_NEW, device)
}

pub fn scan(id: u64) -> String {
    format!("/scans/{id}")
}

pub fn scan_cancel(id: u64) -> String {
    format!("/scans/{id}/cancel")
}

pub fn schedules() -> &'static str {
    route::SCHEDULES
}

pub fn evidence() -> &'static str {
    route::EVIDENCE
}

pub fn evidence_proof(id: &str) -> String {
    format!("/evidence/{}", encode(id))
}

/// The file that verifies without network.
pub fn evidence_file(id: &str) -> String {
    format!("{}/file", evidence_proof(id))
}

pub fn api() -> &'static str {
    route::API
}

/// Where the operations can be tried.
pub fn api_try() -> &'static str {
    route::API_TRY
}

pub fn api_description() -> &'static str {
    route::API_DESCRIPTION
}

pub fn reports() -> &'static str {
    route::REPORTS
}

pub fn report(number: u64) -> String {
    format!("{}/{number}", route::REPORTS)
}

pub fn report_schedules() -> &'static str {
    route::REPORT_SCHEDULES
}

pub fn report_unschedule(number: u64) -> String {
    format!("{}/{number}/remove", route::REPORT_SCHEDULES)
}

pub fn compliance(framework: &str) -> String {
    with_query(route::COMPLIANCE, [(query::VIEW, framework.to_owned())])
}

/// What is kept, and how it is erased.
pub fn privacy() -> &'static str {
    route::PRIVACY
}

pub fn privacy_erase() -> &'static str {
    route::PRIVACY_ERASE
}

/// How the coordinator itself is.
pub fn system() -> &'static str {
    route::SYSTEM
}

/// Who has an account; a form posted there invites somebody.
pub fn people() -> &'static str {
    route::PEOPLE
}

pub fn person_new() -> &'static str {
    route::PERSON_NEW
}

/// A form posted there orders something about an account.
pub fn person(name: &str) -> String {
    format!("/people/{}", encode(name))
}

/// Where somebody who was invited chooses a password.
pub fn invited(token: &str) -> String {
    format!("/invited/{}", encode(token))
}

/// One's own account.
pub fn account() -> &'static str {
    route::ACCOUNT
}

pub fn account_password() -> &'static str {
    route::ACCOUNT_PASSWORD
}

pub fn account_language() -> &'static str {
    route::ACCOUNT_LANGUAGE
}

pub fn account_sessions() -> &'static str {
    route::ACCOUNT_SESSIONS
}

pub fn account_tokens() -> &'static str {
    route::ACCOUNT_TOKENS
}

pub fn account_token(id: &str) -> String {
    format!("/account/tokens/{}", encode(id))
}

/// The authenticator of one's account.
pub fn account_code() -> &'static str {
    route::ACCOUNT_CODE
}

/// The passkeys of one's account.
pub fn account_passkeys() -> &'static str {
    route::ACCOUNT_PASSKEYS
}

/// Devices that speak with a key of their own; a form posted there registers one.
pub fn keyed() -> &'static str {
    route::KEYED
}

pub fn keyed_one(id: &str) -> String {
    format!("/devices/keys/{}", encode(id))
}

pub fn asset(asset: &Asset) -> String {
    format!("/assets/{}", asset.file)
}

fn mesh_pairs(mode: MeshMode, cell: Option<&str>) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    if mode != MeshMode::default() {
        pairs.push((query::VIEW, mode.slug().to_owned()));
    }
    if let Some(cell) = cell {
        pairs.push((query::CELL, cell.to_owned()));
    }
    pairs
}

fn with_query(path: &str, pairs: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let mut url = path.to_owned();
    for (number, (name, value)) in pairs.into_iter().enumerate() {
        url.push(if number == 0 { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        url.push_str(&encode(&value));
    }
    url
}

/// A word as one part of an address, whatever is in it.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_ids_stay_inside_their_path_segment() {
        assert_eq!(
            device("../../logout?x=1#y"),
            "/devices/..%2F..%2Flogout%3Fx%3D1%23y"
        );
        assert_eq!(setup("a/b"), "/setup/a%2Fb");
    }

    #[test]
    fn a_value_cannot_end_the_filter_that_it_stands_in() {
        assert_eq!(
            devices_alike("tag", ":", "a\" || \\b"),
            "/devices?filter=tag%3A%22a%5C%22%20%7C%7C%20%5C%5Cb%22"
        );
    }

    #[test]
    fn the_device_list_keeps_its_state_in_the_url() {
        let filter = DeviceFilter {
            status: Some("silent".into()),
            class: Some("camera & co".into()),
            metadata: Some(STALE.into()),
            search: Some("10.0".into()),
            filter: None,
            sort: Sort::parse("-cpu"),
            after: Some("abc".into()),
        };
        let url = devices(&filter);
        assert_eq!(
            url,
            "/devices?status=silent&class=camera%20%26%20co&metadata=stale&q=10.0&after=abc&sort=-cpu"
        );
        assert_eq!(devices(&DeviceFilter::default()), "/devices");
    }

    #[test]
    fn builders_agree_with_route_patterns() {
        let filled = |route: &str| {
            let route = route.replace("{id}", "x").replace("{token}", "x");
            route.replace("{mac}", "x")
        };
        assert_eq!(neighbour("x"), filled(route::NEIGHBOUR));
        assert_eq!(setup("x"), filled(route::SETUP));
        assert_eq!(join("x"), filled(route::JOIN));
        assert_eq!(device("x"), filled(route::DEVICE));
        assert_eq!(
            device_telemetry("x", Range::Day),
            filled(route::DEVICE_TELEMETRY)
        );
        assert_eq!(device_peers("x"), filled(route::DEVICE_PEERS));
        assert_eq!(describe("x"), filled(route::DESCRIBE));
        assert_eq!(class("x"), filled(route::CLASS));
        assert_eq!(approve("x"), filled(route::APPROVE));
        assert_eq!(retire("x"), filled(route::RETIRE));
        assert_eq!(quarantine("x"), filled(route::QUARANTINE));
        assert_eq!(clear("x"), filled(route::CLEAR));
        assert_eq!(evidence_proof("x"), filled(route::EVIDENCE_PROOF));
        assert_eq!(finding("x"), filled(route::FINDING));
        assert_eq!(findings_on("x"), filled(route::FINDINGS_ON));
        assert_eq!(evidence_file("x"), filled(route::EVIDENCE_FILE));
    }
}
