//! Whoever changes something leaves one entry in the audit log, at whatever door; and the log is sought, verified, exported.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use coordinator::store::Reader;
use coordinator::store::operators::Role;
use coordinator::web::doors::all;

use super::rig::{Answer, PASSWORD, Rig};

/// Doors whose passing changes nothing that anybody else sees, and what they do instead.
const UNAUDITED: [(&str, &str); 7] = [
    (
        "/account/language",
        "says how one reads, and changes nothing else",
    ),
    ("/theme", "sets a cookie of the browser that asks"),
    (
        "/logs/send",
        "takes what a device says, which has a log of its own",
    ),
    ("/api/v1/self/heartbeat", "takes what a device says"),
    ("/api/v1/self/telemetry", "takes what a device says"),
    (
        "/api/v1/auth/refresh",
        "goes on with a grant that was noted; its misuse is an entry",
    ),
    (
        "/account/code",
        "shows what waits for a code; what then changes is an entry",
    ),
];

thread_local! {
    /// Doors that this test has passed with success, and how many entries a passing left at most.
    static PASSED: RefCell<BTreeMap<&'static str, usize>> = const { RefCell::new(BTreeMap::new()) };
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part)) if wanted == part || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// The door behind an address: one without names in it goes before one with.
fn door(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap_or_default();
    let doors = all().into_iter().filter(|door| door.method == Method::POST);
    let mut fitting: Vec<&str> = doors
        .map(|door| door.path)
        .filter(|pattern| fits(pattern, path))
        .collect();
    fitting.sort_by_key(|pattern| pattern.matches('{').count());
    fitting.first().copied()
}

/// Every rig calls this after each request: one that wrote with success left one entry.
pub fn look(reader: &Reader, method: &Method, path: &str, answer: &Answer) {
    let done = answer.status.is_success() || answer.status.is_redirection();
    let refused = answer.location().starts_with("/login?");
    let Some(door) = door(path).filter(|_| *method == Method::POST && done && !refused) else {
        return;
    };
    let request = answer.header("x-request-id");
    let page = reader.audit_page(None, 50).unwrap();
    let of_it = |name: &protocol::text::Name| name.as_str() == request;
    let entries = page
        .iter()
        .filter(|entry| entry.act.request.as_ref().is_some_and(of_it))
        .count();
    PASSED.with_borrow_mut(|passed| {
        let most = passed.entry(door).or_default();
        *most = entries.max(*most);
    });
}

/// A second press that changes nothing leaves none; whatever changed something left one, and nothing left two.
#[test]
fn every_writing_door_leaves_exactly_one_entry() {
    super::entrance::login_leads_where_one_wanted_to_go_and_logout_ends_it_on_the_server();
    super::pages::a_join_line_is_shown_to_who_made_it_until_the_device_came();
    super::pages::a_device_is_retired_once_its_name_is_typed();
    super::pages::a_waiting_device_is_approved_or_turned_down();
    super::pages::the_theme_is_remembered_without_a_script();
    super::drafts::a_release_goes_the_whole_way_by_the_interface_alone();
    super::drafts::a_draft_that_is_discarded_is_gone();
    super::languages::the_choice_of_an_account_goes_before_the_browser_and_comes_with_each_login();
    super::programs::a_join_string_is_handed_out_once_and_noted();
    super::programs::a_device_is_retired_by_whoever_may();
    super::quarantine::the_buttons_put_a_device_into_quarantine_and_clear_it();
    super::rollouts::a_halted_rollout_says_why_who_saw_it_and_who_was_left_out();
    super::rotation::a_rotation_is_proposed_signed_and_put_into_force();
    super::alerts_shown::every_act_is_done_once_and_audited_with_who_and_why();
    super::alerts_shown::a_tuned_rule_says_so_and_ends_by_itself_or_by_hand();
    super::findings::a_decision_closes_its_scope_is_audited_and_is_exported();
    super::findings::programs_filter_page_and_decide_and_viewers_only_look();
    super::findings::a_kept_filter_and_a_tag_mean_the_same_to_pages_and_programs();
    super::groups::tags_and_a_site_are_said_by_programs_and_shown_where_the_device_is();
    super::groups::the_form_keeps_what_was_typed_and_says_what_is_wrong_with_it();
    super::groups::a_kept_filter_of_devices_is_shown_above_their_list_alone();
    super::scans::a_job_goes_to_the_nearest_node_and_what_it_finds_becomes_findings();
    super::scans::a_job_is_cancelled_and_a_schedule_asks_again_by_itself();
    super::reports::a_report_is_made_kept_scheduled_and_verified();
    super::logs_sent::a_device_s_own_key_speaks_for_it_alone();
    super::accounts::an_invitation_makes_one_account_with_the_role_that_was_meant();
    super::accounts::another_role_holds_at_once_and_takes_a_new_login();
    super::accounts::the_secret_of_a_link_is_in_its_answer_and_nowhere_else();
    super::accounts::whoever_changes_the_password_proves_the_old_one_and_ends_the_other_sessions();
    super::accounts::sessions_are_listed_with_their_place_and_ended_one_by_one_or_all_others();
    super::passkeys::a_passkey_opens_the_account_alone_and_stands_for_the_code_as_well();
    super::passkeys::an_account_without_a_password_lives_by_its_passkeys_and_keeps_the_last();
    super::passkeys::programs_list_name_and_remove_the_passkeys_of_their_own_person();
    super::tokens::a_token_is_shown_once_and_the_one_before_a_rotation_opens_nothing();
    super::tokens::a_grant_ends_when_it_is_revoked_and_with_its_account();
    super::privacy::only_a_retired_device_is_erased_by_whoever_types_its_name();
    super::privacy::the_page_lists_what_is_kept_and_keeps_a_wrong_form();
    super::keyed_devices::another_key_ends_the_one_before_at_once();
    super::keyed_devices::the_page_registers_and_says_what_is_wrong_beside_its_field();
    let passed = PASSED.with_borrow(Clone::clone);
    let exempt: BTreeSet<&str> = UNAUDITED.iter().map(|(door, _)| *door).collect();
    let wrong: Vec<_> = passed
        .iter()
        .filter(|(door, _)| !exempt.contains(*door))
        .filter(|(_, most)| **most != 1)
        .collect();
    assert!(wrong.is_empty(), "not one entry each: {wrong:?}");
    let doors = all().into_iter().filter(|door| door.method == Method::POST);
    let unseen: Vec<&str> = doors
        .map(|door| door.path)
        .filter(|door| !passed.contains_key(door) && !exempt.contains(door))
        .collect();
    let walked = passed.len();
    println!("{walked} writing doors walked, one entry each; not walked: {unseen:?}");
    assert!(walked >= 18, "{walked}");
}

#[tokio::test]
async fn the_log_is_sought_verified_and_exported_by_who_may() {
    let (rig, admin) = Rig::with_admin().await;
    rig.log_in("amina", PASSWORD).await;
    let token = rig.token(Role::Auditor);
    let verdict = rig.get(&token, "/api/v1/audit/verify").await.json();
    assert_eq!(verdict["whole"], true);
    let entries = verdict["entries"].as_u64().unwrap();
    assert!(entries >= 2, "{verdict}");
    let found = rig
        .get(&token, "/api/v1/audit?action=user.log_in&actor=AMINA")
        .await;
    let found = found.json();
    let items = found["items"].as_array().unwrap();
    assert!(items.iter().any(|item| item["actor"] == "amina"), "{found}");
    assert!(items.iter().all(|item| item["action"] == "user.log_in"));
    let none = rig
        .get(&token, "/api/v1/audit?from=2001-01-01&until=2001-12-31")
        .await;
    assert_eq!(none.json()["items"].as_array().unwrap().len(), 0);
    let wrong = rig.get(&token, "/api/v1/audit?until=soon").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("2026-11-27"), "{}", wrong.body);
    let csv = rig.get(&token, "/api/v1/audit/export?format=csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.body.starts_with("\"number\",\"time\""), "{}", csv.body);
    assert_eq!(csv.body.lines().count() as u64, entries + 1);
    let lines = rig
        .get(&admin, "/audit/export?format=jsonl&action=user.log_in")
        .await;
    let line: serde_json::Value = serde_json::from_str(lines.body.lines().next().unwrap()).unwrap();
    assert_eq!(line["actor"], "amina");
    let page = rig.get(&admin, "/audit?actor=nobody&until=soon").await;
    assert!(page.body.contains("is no time"), "{}", page.body);
    for role in [Role::Viewer, Role::Operator] {
        let refused = rig.get(&rig.token(role), "/api/v1/audit/export").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
}
