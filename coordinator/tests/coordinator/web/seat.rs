//! A member that gateways have not seen: its page says what it waits for, and what automation means for it.

use std::sync::Arc;

use coordinator::live::State;
use protocol::appeal::Automation;
use protocol::charter::Charter;
use protocol::class::DeviceClass;
use protocol::cosign::Cosigned;
use protocol::key::{SecretKey, Signer as _, Strict};
use protocol::ledger::{Entry, LogHead};
use protocol::membership::Membership;
use protocol::merkle::Frontier;
use protocol::record::Incarnation;
use protocol::roster::Roster;
use protocol::seal::UnsealingKey;
use protocol::signed::Signed;

use super::mesh::{device, device_id};
use super::rig::{Asker, Rig, name, now};

/// The seed of the key that admits in the invented charter.
const ADMISSION: [u8; 32] = [2; 32];

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// Two gateways, then a sensor; the head covers all three.
fn admitted(charter: Charter) -> (Roster, Signed<LogHead>) {
    let admission = SecretKey::from_seed(&ADMISSION);
    let mut log = Frontier::new();
    let mesh = charter.mesh;
    let entry = |(index, called): (u8, &str)| {
        let membership = Membership {
            mesh,
            device: device_id(11 + index),
            log_index: u64::from(index),
            key: key(11 + index).public(),
            sealing: UnsealingKey::from_seed(&[11 + index; 32]).public(),
            name: name(called),
            class: DeviceClass::Sensor,
            cell: name("workshop"),
            not_before: now(),
            not_after: now().saturating_add(std::time::Duration::from_secs(86_400)),
            incarnation_floor: Incarnation(0),
            next_key: None,
        };
        let entry = Entry::admission(&Signed::seal(membership, &admission)).encode();
        log.push(Entry::leaf(&entry));
        entry
    };
    let entries: Vec<_> = (0..).zip(["north", "south", "late"]).map(entry).collect();
    let head = LogHead {
        mesh,
        size: 3,
        root: log.root(),
        time: now(),
    };
    let head = Signed::seal(head, &admission);
    let roster = Roster::new(Arc::new(charter));
    let roster = roster.extend(0, &entries, head.bytes(), &Strict);
    (roster.unwrap(), head)
}

/// The rig's mesh with the three members; a class may be automated.
fn found(rig: &Rig, automate: Vec<DeviceClass>) -> Signed<LogHead> {
    let charter = Charter {
        gateways: vec![key(11).public(), key(12).public()],
        automate,
        ..Charter::clone(rig.live.borrow().roster.charter())
    };
    let (roster, head) = admitted(charter);
    rig.change_live(|live| {
        live.roster = Arc::new(roster);
        live.devices = vec![
            device(11, "north", State::Silent),
            device(12, "south", State::Online),
            device(13, "late", State::Online),
        ];
    });
    head
}

async fn page(rig: &Rig, admin: &Asker, number: u8) -> String {
    let path = format!("/devices/{}", device_id(number));
    rig.get(admin, &path).await.body
}

#[tokio::test]
async fn a_member_that_no_gateway_has_seen_says_what_it_waits_for() {
    let (rig, admin) = Rig::with_admin().await;
    let head = found(&rig, Vec::new());
    let late = page(&rig, &admin, 13).await;
    for words in [
        "Its membership waits for gateways.",
        "0 of the 1 that are needed",
        "north</bdi></a> has not signed yet",
        "Start the gateways that are off",
    ] {
        assert!(late.contains(words), "{words}: {late}");
    }
    rig.change_live(|live| {
        let cosigned = Cosigned::seal(&head, &key(12));
        live.roster = Arc::new(live.roster.with_cosigned(cosigned).unwrap());
    });
    let late = page(&rig, &admin, 13).await;
    assert!(!late.contains("waits for gateways"), "{late}");
}

#[tokio::test]
async fn where_all_gateways_are_there_nothing_is_asked_of_anybody() {
    let (rig, admin) = Rig::with_admin().await;
    found(&rig, Vec::new());
    rig.change_live(|live| live.devices[0].state = State::Online);
    let late = page(&rig, &admin, 13).await;
    assert!(late.contains("they are online, and sign within seconds"));
}

#[tokio::test]
async fn a_device_says_whether_a_committee_may_hold_it() {
    let (rig, admin) = Rig::with_admin().await;
    found(&rig, Vec::new());
    let off = page(&rig, &admin, 13).await;
    assert!(off.contains("Off for class sensor"), "{off}");
    found(&rig, vec![DeviceClass::Sensor]);
    let small = Automation::TooSmall { others: 2 };
    rig.change_live(|live| live.automation = small);
    let allowed = page(&rig, &admin, 13).await;
    let words = "Allowed for class sensor, and not at this moment. Nothing is automated: a committee has 31 members, and 2 others have a seat.";
    assert!(allowed.contains(words), "{allowed}");
    rig.change_live(|live| live.automation = Automation::On);
    let on = page(&rig, &admin, 13).await;
    assert!(
        on.contains("On for class sensor: when its witnesses"),
        "{on}"
    );
    let gateway = page(&rig, &admin, 12).await;
    assert!(gateway.contains("Never: it is exempt"), "{gateway}");
}
