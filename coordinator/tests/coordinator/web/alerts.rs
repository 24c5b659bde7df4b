//! Alerts as people and programs see them, and what they do about them.

use alerts::severity::Severity;
use alerts::sighting::{Known, Sighting};
use axum::http::StatusCode;
use coordinator::store::operators::Role;
use protocol::alert::{Alarm, Matter};
use protocol::flows::{Count, Flows, Sight, Stage, Strange, Whose, Words};
use protocol::heard::Mac;
use protocol::record::{Incarnation, Position};
use protocol::statement::Statement;
use serde_json::json;

use super::mesh::device_id;
use super::rig::{Asker, HOSTILE, Rig, form, now};

const LOGINS: Known = Known {
    name: "failed_logins",
    title: "Failed logins",
    severity: Severity::High,
    attack: Some("T1110"),
    stops: "Nobody tries a wrong password any more.",
};

const WHOSE: Whose = Whose::Mac {
    mac: Mac([2, 0, 0, 0, 0, 7]),
};

fn sighting(number: u8) -> Sighting {
    LOGINS
        .sighting(Some(device_id(number)), now(), HOSTILE)
        .value("lines in 5 min", Some("4 at most"), "5 or more")
        .value("user", None, HOSTILE)
        .witness(device_id(2), None)
}

async fn with_alerts(count: u8) -> (Rig, Asker) {
    let (rig, admin) = Rig::with_admin().await;
    let bulletin = rig.delivery.bulletin();
    let sightings: Vec<Sighting> = (1..=count).map(sighting).collect();
    bulletin.take(&sightings, now()).unwrap();
    (rig, admin)
}

#[tokio::test]
async fn an_alert_says_its_rule_its_values_who_saw_it_and_what_would_stop_it() {
    let (rig, admin) = with_alerts(1).await;
    let page = rig.get(&admin, "/alerts/1").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for part in [
        "failed_logins",
        "T1110",
        "4 at most",
        "5 or more",
        "Who saw it",
        "Nobody tries a wrong password any more.",
        "&lt;script&gt;alert(1)",
    ] {
        assert!(page.body.contains(part), "{part} is not in {}", page.body);
    }
    assert!(!page.body.contains("<script>alert(1)"), "{}", page.body);
    let told = rig.get(&admin, "/api/v1/alerts/1").await.json();
    assert_eq!(told["evidence"][0]["usual"], "4 at most");
    assert_eq!(told["witnesses"][0]["id"], device_id(2).to_string());
    assert_eq!(told["state"], "open");
    let list = rig.get(&admin, "/alerts").await.body;
    assert!(list.contains("/alerts/1"), "{list}");
    let first = rig.get(&admin, "/").await.body;
    assert!(first.contains("/alerts/1"), "{first}");
}

#[tokio::test]
pub async fn every_act_is_done_once_and_audited_with_who_and_why() {
    let (rig, admin) = with_alerts(1).await;
    let token = rig.token(Role::Operator);
    let act = |word: &str, body: serde_json::Value| {
        let path = format!("/api/v1/alerts/1/{word}");
        let (rig, token) = (&rig, &token);
        async move { rig.post_json(token, &path, &body.to_string()).await }
    };
    assert_eq!(
        act("acknowledge", json!({})).await.json()["state"],
        "acknowledged"
    );
    let mistyped = act("assign", json!({"to": "bela"})).await;
    assert_eq!(mistyped.json()["errors"][0]["pointer"], "/to");
    let assigned = act("assign", json!({"to": "amina", "why": "she knows it"}))
        .await
        .json();
    assert_eq!(
        (assigned["state"].clone(), assigned["assigned_to"].clone()),
        (json!("assigned"), json!("amina"))
    );
    let hidden = act("snooze", json!({"for": "8h"})).await;
    assert_eq!(hidden.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(hidden.json()["errors"][0]["pointer"], "/why");
    let wrong = act("snooze", json!({"for": "soon", "why": "x"})).await;
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/for");
    assert_eq!(
        act("snooze", json!({"for": "8h", "why": "planned"}))
            .await
            .json()["state"],
        "snoozed"
    );
    assert_eq!(act("close", json!({})).await.json()["state"], "closed");
    assert_eq!(act("close", json!({})).await.status, StatusCode::CONFLICT);
    assert_eq!(act("dance", json!({})).await.status, StatusCode::NOT_FOUND);
    let posted = form(&[
        ("word", "reopen"),
        ("why", "it is back"),
        ("to", ""),
        ("for", ""),
    ]);
    let answer = rig.post(&admin, "/alerts/1", &posted).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let actions = rig.audited();
    assert_eq!(
        actions[..5],
        [
            "alert.reopen",
            "alert.close",
            "alert.snooze",
            "alert.assign",
            "alert.acknowledge"
        ]
    );
    let newest = rig.reader.audit_page(None, 1).unwrap().remove(0).act;
    assert_eq!(newest.actor.as_str(), "amina");
    assert_eq!(newest.after.unwrap().as_str(), "open: it is back");
}

#[tokio::test]
async fn a_wrong_form_is_shown_again_with_what_was_typed() {
    let (rig, admin) = with_alerts(1).await;
    let posted = form(&[
        ("word", "snooze"),
        ("why", "because <b>"),
        ("to", ""),
        ("for", "soon"),
    ]);
    let answer = rig.post(&admin, "/alerts/1", &posted).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("because &lt;b&gt;"), "{}", answer.body);
    assert!(
        answer.body.contains("Write a length as 30m"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let (rig, admin) = with_alerts(30).await;
    rig.post_json(&admin, "/api/v1/alerts/3/close", "{}").await;
    let count = |answer: &serde_json::Value| answer["items"].as_array().unwrap().len();
    let first = rig.get(&admin, "/api/v1/alerts?limit=20").await;
    assert!(
        first.header("link").contains("cursor="),
        "{:?}",
        first.headers
    );
    let first = first.json();
    assert_eq!(count(&first), 20);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = rig
        .get(&admin, &format!("/api/v1/alerts?limit=20&cursor={cursor}"))
        .await
        .json();
    assert_eq!(
        (count(&rest), rest["next_cursor"].clone()),
        (9, json!(null))
    );
    for (query, expected) in [
        ("state=all", 30),
        ("state=closed", 1),
        ("severity=critical", 0),
        ("rule=failed_logins", 29),
    ] {
        let told = rig
            .get(&admin, &format!("/api/v1/alerts?{query}"))
            .await
            .json();
        assert_eq!(count(&told), expected, "{query}");
    }
    let of = format!("/api/v1/alerts?device={}", device_id(4));
    assert_eq!(count(&rig.get(&admin, &of).await.json()), 1);
    let wrong = rig.get(&admin, "/api/v1/alerts?state=loud").await;
    assert_eq!(wrong.json()["errors"][0]["parameter"], "state");
    let page = rig.get(&admin, "/alerts?state=closed").await.body;
    assert!(
        page.contains("/alerts/3\"") && !page.contains("/alerts/4\""),
        "{page}"
    );
}

#[tokio::test]
pub async fn a_tuned_rule_says_so_and_ends_by_itself_or_by_hand() {
    let (rig, admin) = with_alerts(1).await;
    let posted = form(&[
        ("of", &format!("device:{}", device_id(1))),
        ("effect", "off"),
        ("why", "our own scanner"),
        ("for", "7d"),
    ]);
    let answer = rig.post(&admin, "/alerts/1/tune", &posted).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = rig.get(&admin, "/alerts/1").await.body;
    assert!(page.contains("switched this rule off"), "{page}");
    let rules = rig.get(&admin, "/alerts/rules").await.body;
    assert!(rules.contains("our own scanner"), "{rules}");
    let again = rig.delivery.bulletin().take(&[sighting(1)], now()).unwrap();
    assert_eq!(again, [alerts::book::Outcome::Off]);
    let removed = rig.post(&admin, "/alerts/rules/1/remove", "").await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.audited()[..2], ["rule.untune", "rule.tune"]);
    let wrong = rig
        .post_json(&admin, "/api/v1/tunings", "{\"rule\":\"x\"}")
        .await;
    let places: Vec<_> = wrong.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["pointer"].clone())
        .collect();
    assert_eq!(places, ["/of", "/effect", "/why", "/for"]);
    let mistyped = json!({"rule": "failed_login", "of": "everybody", "effect": "off", "why": "x", "for": "7d"});
    let wrong = rig
        .post_json(&admin, "/api/v1/tunings", &mistyped.to_string())
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/rule");
}

fn strange(node: u8) -> protocol::alert::Alert {
    let strange = Strange {
        whose: WHOSE,
        address: std::net::IpAddr::from([10, 0, 0, 7]).into(),
        rule: protocol::text::Name::new("unusual").unwrap(),
        sight: Sight::Frames,
        observed: 4,
        usual: 3,
        window_s: 0,
        examples: Vec::new(),
        habit: Some(Words::new("out tcp new.example 443").unwrap()),
    };
    protocol::alert::Alert {
        device: device_id(node),
        position: Position::first(Incarnation(1)),
        time: now(),
        alarm: Alarm {
            subject: device_id(node),
            matter: Matter::Strange(Box::new(strange)),
        },
    }
}

/// So many members keep a profile of the device.
fn watched_by(rig: &Rig, nodes: std::ops::RangeInclusive<u8>) {
    for node in nodes {
        let page = Flows {
            whose: WHOSE,
            stage: Stage::Trial,
            since: now(),
            lent: None,
            obeyed: 0,
            count: Count::default(),
            habits: 0,
            told: Vec::new(),
            usual: None,
            dropped: 0,
        };
        rig.says(device_id(node), vec![Statement::Flows(Box::new(page))]);
    }
}

/// "takes an earlier word back" left it to the reader which of ten words that was.
#[tokio::test]
async fn a_word_that_takes_another_back_says_which() {
    let (rig, admin) = Rig::with_admin().await;
    watched_by(&rig, 1..=1);
    let place = "/api/v1/devices/mac:02:00:00:00:00:07/profile";
    for (word, habit) in [
        ("allow", "out tcp new.example 443"),
        ("allow", "out tcp other.example 443"),
        ("undo", "out tcp new.example 443"),
    ] {
        let wish = json!({"habit": habit}).to_string();
        let answer = rig
            .post_json(&admin, &format!("{place}/words/{word}"), &wish)
            .await;
        assert!(answer.status.is_success(), "{word}: {}", answer.body);
    }
    let told = rig.get(&admin, place).await.json();
    let says: Vec<&str> = told["words"]
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word["says"].as_str().unwrap())
        .collect();
    assert_eq!(
        says[0],
        "no longer said to be normal: out tcp new.example 443"
    );
    assert_eq!(says.len(), 3, "{says:?}");
}

/// The page alone said of how many those were that saw it.
#[tokio::test]
async fn programs_are_told_who_saw_it_and_how_many_could_have() {
    let (rig, admin) = Rig::with_admin().await;
    watched_by(&rig, 1..=4);
    let sightings = [2, 3].map(|node| alerts::sources::raised(&strange(node)));
    rig.delivery.bulletin().take(&sightings, now()).unwrap();
    let page = rig.get(&admin, "/alerts/1").await.body;
    assert!(page.contains("seen by 2 of 4"), "{page}");
    let told = rig.get(&admin, "/api/v1/alerts/1").await.json();
    assert_eq!(
        told["witnesses"].as_array().map(Vec::len),
        Some(2),
        "{told}"
    );
    assert_eq!(
        (&told["could_see"], &told["rule_off"]),
        (&json!(4), &json!(false))
    );
    let listed = rig.get(&admin, "/api/v1/alerts").await.json();
    assert_eq!(listed["items"][0]["could_see"], 4, "{listed}");
    let off = json!({"rule": "traffic_unusual", "of": "everybody", "effect": "off", "why": "a test", "for": "7d"});
    rig.post_json(&admin, "/api/v1/tunings", &off.to_string())
        .await;
    let told = rig.get(&admin, "/api/v1/alerts/1").await.json();
    assert_eq!(told["rule_off"], true, "{told}");
}

/// The habit stood on the page, and had to be typed again on another one.
#[tokio::test]
async fn what_is_unusual_is_called_normal_where_it_is_read() {
    let (rig, admin) = Rig::with_admin().await;
    let sightings = [alerts::sources::raised(&strange(2))];
    rig.delivery.bulletin().take(&sightings, now()).unwrap();
    let page = rig.get(&admin, "/alerts/1").await.body;
    for part in [
        "This is normal",
        "value=\"out tcp new.example 443\"",
        "/allow",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let posted = form(&[("habit", "out tcp new.example 443"), ("alert", "1")]);
    let path = "/profiles/mac:02:00:00:00:00:07/allow";
    let answer = rig.post(&admin, path, &posted).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.location(), "/alerts/1");
}

#[tokio::test]
async fn whoever_only_looks_is_offered_nothing_to_do() {
    let (rig, _) = with_alerts(1).await;
    let viewer = coordinator::store::operators::Operator {
        name: super::rig::name("viewer"),
        role: Role::Viewer,
        created: now(),
        password: zeroize::Zeroizing::default(),
    };
    rig.writer
        .write(|changes| changes.add_operator(&viewer))
        .unwrap();
    let (age, idle) = <_>::default();
    let viewer = super::entrance::planted_session(&rig, "viewer", age, idle);
    let page = rig.get(&viewer, "/alerts/1").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        !page.body.contains("value=\"acknowledge\""),
        "{}",
        page.body
    );
    let refused = rig
        .post(&viewer, "/alerts/1", &form(&[("word", "close")]))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_stored_is_what_is_remembered() {
    let (rig, admin) = with_alerts(2).await;
    rig.post_json(&admin, "/api/v1/alerts/2/close", "{}").await;
    let kept = rig.reader.bulletin().unwrap();
    let states: Vec<_> = kept
        .alerts
        .iter()
        .map(|alert| (alert.number, alert.state.word()))
        .collect();
    assert_eq!(states, [(1, "open"), (2, "closed")]);
    assert_eq!(kept.incidents.len(), 2);
}
