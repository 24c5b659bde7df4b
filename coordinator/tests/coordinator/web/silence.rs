//! A silence as people and programs are told it: its kind, on whose word, and what would clear it.

use std::time::Duration;

use coordinator::live::State;
use protocol::coordinator::Event;
use protocol::coordinator::pace::{Degraded, How};
use protocol::coordinator::presence::Status;
use protocol::coordinator::verdict::{Cause, Ended, Return, Verdict};
use protocol::id::DeviceId;

use super::mesh::{device, device_id, silenced};
use super::rig::{Asker, Rig, now};

async fn page(rig: &Rig, asker: &Asker, path: &str) -> String {
    rig.get(asker, path).await.body
}

async fn gate_camera(rig: &Rig, asker: &Asker) -> String {
    page(rig, asker, &format!("/devices/{}", device_id(2))).await
}

#[tokio::test]
async fn a_certificate_is_shown_with_every_accuser_and_what_would_clear_it() {
    let (rig, admin) = Rig::with_admin().await;
    rig.change_live(|live| silenced(&mut live.devices[1], Cause::Device, &[]));
    let shown = gate_camera(&rig, &admin).await;
    for part in [
        "device or its link",
        "5 of 8 witnesses hold it to be silent",
        "A certificate: 5 are needed.",
        "liveness probe without answer",
        "seen by 5 of 8",
        "What clears it",
        "One fresh record of its own: look",
        "Its return will tell which.",
    ] {
        assert!(shown.contains(part), "`{part}` is missing in:\n{shown}");
    }
    assert_eq!(shown.matches("that it is silent").count(), 5);
    let list = page(&rig, &admin, "/devices?status=silent").await;
    assert!(list.contains("device or its link; 5 of 8 witnesses agree"));
}

#[tokio::test]
async fn each_kind_of_silence_has_its_own_words() {
    let (rig, admin) = Rig::with_admin().await;
    let goodbye = page(&rig, &admin, &format!("/devices/{}", device_id(4))).await;
    assert!(goodbye.contains("said goodbye") && goodbye.contains("claimed"));
    let unwatched = gate_camera(&rig, &admin).await;
    assert!(unwatched.contains("silent since before the coordinator began"));

    let others: Vec<DeviceId> = (10..17).map(device_id).collect();
    rig.change_live(|live| silenced(&mut live.devices[1], Cause::Segment, &others));
    let segment = gate_camera(&rig, &admin).await;
    assert!(segment.contains("together with 7 other devices attached to the same segment"));
    assert!(segment.contains("Silent with it") && segment.contains("switch or access point"));

    rig.change_live(|live| {
        silenced(&mut live.devices[1], Cause::Uplink, &others);
        live.devices[1].testimony = Default::default();
    });
    let uplink = gate_camera(&rig, &admin).await;
    assert!(uplink.contains("uplink or coordinator") && uplink.contains("not visible from here"));
    assert!(uplink.contains("They may be well"));
}

#[tokio::test]
async fn a_return_says_whether_the_device_had_stopped() {
    let (rig, admin) = Rig::with_admin().await;
    for (what, words) in [
        (Return::Restarted, "It had stopped: its log began anew."),
        (Return::CutOff, "It was cut off: its log went on"),
    ] {
        rig.change_live(|live| {
            live.devices[1].state = State::Online;
            live.devices[1].returned = Some(Ended {
                cause: Cause::Device,
                what,
                at: now(),
            });
        });
        let shown = gate_camera(&rig, &admin).await;
        assert!(shown.contains(words), "{shown}");
        let path = format!("/api/v1/devices/{}", device_id(2));
        let told = rig.get(&admin, &path).await.json();
        assert_eq!(told["returned"]["what"], what.word());
        assert_eq!(told["silence"], serde_json::Value::Null);
    }
}

#[tokio::test]
async fn programs_read_the_kind_and_the_certificate() {
    let (rig, admin) = Rig::with_admin().await;
    let others: Vec<DeviceId> = (10..17).map(device_id).collect();
    rig.change_live(|live| silenced(&mut live.devices[1], Cause::Segment, &others));
    let list = rig.get(&admin, "/api/v1/devices?status=silent").await;
    let item = &list.json()["items"][0];
    assert_eq!(item["silence"]["kind"], "segment");
    assert_eq!(item["silence"]["together"], 8);
    let testimony = &item["testimony"];
    assert_eq!(testimony["certified"], true);
    assert_eq!(
        (&testimony["witnesses"], &testimony["quorum"]),
        (&8.into(), &5.into())
    );
    let accused_by = testimony["accused_by"].as_array().unwrap();
    assert_eq!(accused_by.len(), 5);
    assert_eq!(accused_by[0]["name"], serde_json::Value::Null);
    assert_eq!(accused_by[0]["evidence"], "liveness probe");
    assert_eq!(accused_by[0]["last_record"], "3.41");
    assert!(accused_by[0]["at"].as_str().unwrap().ends_with('Z'));
    let counts = rig.get(&admin, "/api/v1/dashboard/metrics").await.json();
    assert_eq!(
        (
            &counts["silences"]["segment"],
            &counts["silences"]["goodbye"]
        ),
        (&1.into(), &1.into())
    );
}

#[tokio::test]
async fn a_device_that_comes_late_is_degraded_with_its_reason_and_since_when() {
    let (rig, admin) = Rig::with_admin().await;
    rig.change_live(|live| {
        live.devices[0].state = State::Degraded;
        live.devices[0].degraded = Some(Degraded {
            since: now(),
            how: How::Stalls,
            count: 4,
            longest: Duration::from_millis(4_900),
        });
    });
    let id = device_id(1);
    let shown = page(&rig, &admin, &format!("/devices/{id}")).await;
    for part in [
        "Degraded",
        "It stands still again and again",
        "in 4 readings of the last minute, by up to 4.9 s",
        "A minute without any clears it",
    ] {
        assert!(shown.contains(part), "`{part}` is missing in:\n{shown}");
    }
    let list = page(&rig, &admin, "/devices?status=degraded").await;
    assert!(list.contains("stands still for up to 4.9 s"), "{list}");
    let told = rig.get(&admin, "/api/v1/devices?status=degraded").await;
    let items = told.json();
    assert_eq!(items["items"].as_array().unwrap().len(), 1);
    let degraded = &items["items"][0]["degraded"];
    assert_eq!(
        (&degraded["how"], &degraded["longest_ms"]),
        (&"stalls".into(), &4_900.into())
    );
    let figures = page(&rig, &admin, "/metrics").await;
    assert!(
        figures.contains("palisade_devices{state=\"degraded\"} 1"),
        "{figures}"
    );
}

#[tokio::test]
async fn the_figures_count_silences_by_kind_and_the_evidence_held() {
    let (rig, admin) = Rig::with_admin().await;
    rig.change_live(|live| silenced(&mut live.devices[1], Cause::Uplink, &[]));
    let text = page(&rig, &admin, "/metrics").await;
    for line in [
        "palisade_silences{kind=\"uplink\"} 1",
        "palisade_silences{kind=\"goodbye\"} 1",
        "palisade_silences{kind=\"segment\"} 0",
        "palisade_devices_certified_silent 1",
        "palisade_evidence_held{kind=\"accusation\"} 5",
        "palisade_evidence_held{kind=\"refutation\"} 1",
    ] {
        assert!(text.contains(line), "`{line}` is missing in:\n{text}");
    }
}

/// Story: a switch dies and comes back. Eight devices fall silent and return, and the overview has a line for
/// the silence and one for the return.
#[tokio::test]
async fn a_segment_of_eight_takes_one_line_to_go_and_one_to_return() {
    let (rig, admin) = Rig::with_admin().await;
    let eight: Vec<DeviceId> = (20..28).map(device_id).collect();
    let change = |device, status| Event::Status {
        device,
        status,
        since: now(),
    };
    rig.happens(eight.iter().map(|id| change(*id, Status::Silent)));
    rig.happens([Event::Verdict(Verdict {
        cause: Cause::Segment,
        devices: eight.clone(),
        since: now(),
    })]);
    let lines = overview(
        &rig,
        &admin,
        "8 devices behind one switch went silent together.",
    )
    .await;
    assert_eq!(lines, 1);
    let what = Return::CutOff;
    rig.happens(eight.iter().map(|id| change(*id, Status::Online)));
    rig.happens(eight.iter().map(|device| Event::Returned {
        device: *device,
        what,
    }));
    let lines = overview(&rig, &admin, "8 devices were cut off, and never stopped.").await;
    assert_eq!(
        lines, 3,
        "the verdict, that they are online, and what it was"
    );
}

#[tokio::test]
async fn the_map_draws_only_what_was_said_lately() {
    let (rig, admin) = Rig::with_admin().await;
    rig.change_live(|live| {
        silenced(&mut live.devices[1], Cause::Device, &[]);
        let mut old = device(8, "cellar-meter", State::Silent);
        for (_, heard) in &mut old.witnesses {
            heard.at = now().saturating_sub(Duration::from_secs(31));
        }
        live.devices.push(old);
    });
    let map = page(&rig, &admin, "/mesh").await;
    assert!(map.contains("Certified silent by its witnesses"));
    assert_eq!(
        map.matches("class=\"down\"").count(),
        2,
        "the device, and the legend"
    );
    assert!(map.contains("gate-camera, Silent: device or its link"));
    let table = page(&rig, &admin, "/mesh?view=table").await;
    let (_, row) = table.split_once("cellar-meter").unwrap();
    let row = row.split("</tr>").next().unwrap();
    assert!(row.contains("data-label=\"Links\">0<"), "{row}");
}

/// The lines of the overview's chronicle, once it has come to say this.
async fn overview(rig: &Rig, asker: &Asker, said: &str) -> usize {
    for _ in 0..200 {
        let shown = page(rig, asker, "/").await;
        if shown.contains(said) {
            let (_, events) = shown.split_once("class=\"events\"").unwrap();
            return events.split("</ul>").next().unwrap().matches("<li").count();
        }
        tokio::task::yield_now().await;
    }
    panic!("the overview never says: {said}");
}
