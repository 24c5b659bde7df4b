//! Suspicion and quarantine on the device's page and for programs.

use axum::http::StatusCode;
use coordinator::live::appeal::{Appeal, Cast};
use coordinator::live::suspicion::{Reported, Suspicion};
use protocol::appeal::{Automation, Finding, Spared};
use protocol::suspicion::Ground;

use super::mesh::device_id;
use super::rig::{Rig, now};

fn suspect(rig: &Rig) {
    rig.change_live(|live| {
        let report = |witness| Reported {
            witness: device_id(witness),
            ground: Ground::Accounts,
            since: now(),
            times: 3,
            at: now(),
        };
        live.devices[0].suspicion = Suspicion {
            reports: vec![report(2), report(4)],
            votes: 2,
            quorum: Some(6),
        };
    });
}

#[tokio::test]
async fn the_page_says_who_reports_what_and_what_clears_it() {
    let (rig, admin) = Rig::with_admin().await;
    let path = format!("/devices/{}", device_id(1));
    let before = rig.get(&admin, &path).await;
    assert!(!before.body.contains("suspect it"), "{}", before.body);
    suspect(&rig);
    let page = rig.get(&admin, &path).await;
    let witness = device_id(2).to_string();
    for words in [
        "Some witnesses suspect it",
        "2 of 6 votes that are needed.",
        "A one-model jury",
        witness.as_str(),
        "its accounts do not agree with what this witness counted",
        "nothing more of it for six hours",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let api = format!("/api/v1/devices/{}", device_id(1));
    let told = rig.get(&admin, &api).await.json();
    assert_eq!(told["suspicion"]["suspected"], false);
    assert_eq!(told["suspicion"]["reports"][1]["ground"], "accounts");
    assert_eq!(told["suspicion"]["one_model_jury"], true);
}

/// Three strangers of four have voted, two of them against the device.
fn tried(rig: &Rig) {
    rig.change_live(|live| {
        let cast = |member, vote: Option<Finding>| Cast {
            member: device_id(member),
            vote: vote.map(|finding| (finding, now())),
        };
        let saw = Finding::Saw(Ground::Garbage);
        live.automation = Automation::On;
        live.devices[0].appeal = Some(Appeal {
            committee: vec![
                cast(2, Some(saw)),
                cast(3, Some(saw)),
                cast(4, Some(Finding::Answered)),
                cast(5, None),
            ],
            against: 2,
            quorum: 2,
            sentenced: Some(now()),
            spared: Some(Spared::Hour),
        });
    });
}

#[tokio::test]
async fn the_pages_say_who_of_a_committee_voted_what_and_why_nobody_is_held() {
    let (rig, admin) = Rig::with_admin().await;
    let quiet = rig.get(&admin, "/evidence").await;
    assert!(
        quiet.body.contains("the root allows it for no class"),
        "{}",
        quiet.body
    );
    tried(&rig);
    for path in [format!("/devices/{}", device_id(1)), "/evidence".to_owned()] {
        let page = rig.get(&admin, &path).await;
        let member = device_id(4).to_string();
        for words in [
            "2 of 4 strangers saw it themselves; 2 hold it, and 3 have voted.",
            "It is not held: three devices were held within the hour before.",
            "it answered, and nothing was wrong with what it sent",
            "it has no vote yet",
            "on a gateway's console",
            member.as_str(),
        ] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
    }
    let api = format!("/api/v1/devices/{}", device_id(1));
    let told = rig.get(&admin, &api).await.json();
    assert_eq!(told["appeal"]["against"], 2);
    assert_eq!(told["appeal"]["spared"], "hour");
    assert_eq!(told["appeal"]["committee"][0]["finding"], "garbage");
    assert!(told["appeal"]["committee"][3]["finding"].is_null());
}

#[tokio::test]
pub async fn the_buttons_put_a_device_into_quarantine_and_clear_it() {
    let (rig, admin) = Rig::with_admin().await;
    let path = format!("/devices/{}", device_id(1));
    let offered = rig.get(&admin, &path).await;
    assert!(offered.body.contains(&format!("{path}/quarantine")));
    let answer = rig.post(&admin, &format!("{path}/quarantine"), "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let held = rig.get(&admin, &path).await;
    assert!(held.body.contains("In quarantine"), "{}", held.body);
    assert!(held.body.contains(&format!("{path}/clear")));
    let api = format!("/api/v1/devices/{}", device_id(1));
    let told = rig.get(&admin, &api).await.json();
    assert!(told["quarantine"]["until"].is_string(), "{told}");
    let answer = rig.post(&admin, &format!("{path}/clear"), "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let cleared = rig.get(&admin, &path).await;
    assert!(!cleared.body.contains("In quarantine"));
}
