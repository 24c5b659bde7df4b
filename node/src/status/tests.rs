use super::watch::{Accuser, Doubt, Down, Held, Named, Subject, Suspected, Witness};
use super::*;

#[test]
fn a_status_reads_back_as_it_was_written() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    assert!(matches!(
        Status::read(dir.path()),
        Err(StatusError::Missing { .. })
    ));
    sample().write(dir.path()).expect("the directory is ours");
    assert_eq!(
        Status::read(dir.path()).expect("it was just written"),
        sample()
    );
}

#[test]
fn a_person_reads_what_stands_and_since_when() {
    let text = sample().render_human(200_000);
    for part in [
        "pump-3",
        "not connected for 3 min",
        "7.12 newest, none stored, 13 waiting",
        "ends in 2 h",
    ] {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
}

#[test]
fn it_says_since_when_the_repository_is_stale() {
    let mut status = sample();
    assert!(!status.render_human(200_000).contains("stale"));
    status.stale_since_ms = Some(10_000);
    let text = status.render_human(200_000);
    assert!(text.contains("stale for 3 min"), "{text}");
    assert!(text.contains("no new order is taken"), "{text}");
}

#[test]
fn a_file_of_another_form_is_refused_by_name() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join(FILE), b"{}").expect("the directory is ours");
    let words = Status::read(dir.path())
        .expect_err("it is empty")
        .to_string();
    assert!(words.contains("status.json"), "{words}");
}

#[test]
fn it_explains_who_is_held_to_be_down_by_whose_word() {
    let told = sample().explain(200_000).join("\n");
    for part in [
        "The coordinator has not been reachable for 3 min; 13 records wait for it",
        "One device watches this node.\n  gate (bbbbbbbbbbbbb) was heard 2 s ago.",
        "camera (ccccccccccccc) was heard 40 s ago and did not answer a probe: this node signs that it is silent.",
        "One device is held to be down; the accusations of 2 witnesses are held.",
        "lamp (eeeeeeeeeeeee) is in quarantine for another 40 s (ordered by ada)",
        "press (ddddddddddddd) is under suspicion: 1 of the 3 votes that are needed.",
        "gate (bbbbbbbbbbbbb) signed 60 s ago: its accounts do not agree (seen 3 times).",
        "A committee may hold a suspected device for a day, if it is of class camera.",
        "camera (ccccccccccccc): 2 of 3 witnesses hold it to be silent: pump-3 (aaaaaaaaaaaaa) (30 s ago), gate (bbbbbbbbbbbbb) (29 s ago).",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
    assert!(!told.contains("this node of being silent"), "{told}");
    assert!(!told.contains("waits for gateways"), "{told}");
}

#[test]
fn it_says_that_gateways_have_not_seen_this_node_yet() {
    let mut status = sample();
    status.watch.seat = watch::Seat::WaitsForGateways;
    let told = status.explain(200_000).join("\n");
    assert!(told.contains("Its membership waits for gateways"), "{told}");
}

#[test]
fn it_says_who_accuses_this_very_node_and_when_it_has_long_been_written() {
    let mut status = sample();
    status.watch.accused_by = vec![accuser("bbbbbbbbbbbbb", "gate\u{1b}[2J", 195_000)];
    let told = status.explain(300_000).join("\n");
    for part in [
        "it has written nothing since, so it may not run",
        "One witness accuses this node of being silent: gate[2J (bbbbbbbbbbbbb) (105 s ago).",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
}

fn named(device: &str, name: &str) -> Named {
    Named {
        device: device.to_owned(),
        name: name.to_owned(),
    }
}

fn accuser(device: &str, name: &str, at_ms: u64) -> Accuser {
    Accuser {
        named: named(device, name),
        at_ms,
    }
}

/// The gate watches us and is there, the camera is silent.
fn neighbourhood() -> Watch {
    let gate = named("bbbbbbbbbbbbb", "gate");
    let camera = named("ccccccccccccc", "camera");
    Watch {
        witnesses: vec![Witness {
            named: gate.clone(),
            heard_ms: Some(198_000),
        }],
        subjects: vec![Subject {
            named: camera.clone(),
            heard_ms: Some(160_000),
            doubt: Some(Doubt::Accused),
        }],
        accused_by: Vec::new(),
        down: vec![Down {
            named: camera,
            witnesses: 3,
            accusers: vec![
                accuser("aaaaaaaaaaaaa", "pump-3", 170_000),
                accuser("bbbbbbbbbbbbb", "gate", 171_000),
            ],
        }],
        accusations: 2,
        automation: watch::Automation {
            state: "on".to_owned(),
            classes: vec!["camera".to_owned()],
            says: protocol::appeal::Automation::On.says(&[protocol::class::DeviceClass::Camera]),
        },
        seat: watch::Seat::Held,
        held: vec![Held {
            named: named("eeeeeeeeeeeee", "lamp"),
            reason: "ordered by ada".to_owned(),
            until_ms: 240_000,
        }],
        suspected: vec![Suspected {
            named: named("ddddddddddddd", "press"),
            votes: 1,
            quorum: Some(3),
            reports: vec![watch::Report {
                witness: named("bbbbbbbbbbbbb", "gate"),
                says: "its accounts do not agree".to_owned(),
                times: 3,
                at_ms: 140_000,
            }],
        }],
    }
}

fn sample() -> Status {
    Status {
        version: VERSION,
        written_ms: 199_000,
        device: "aaaaaaaaaaaaa".to_owned(),
        name: "pump-3".to_owned(),
        class: "plc".to_owned(),
        cell: "workshop".to_owned(),
        coordinator: Coordinator::Disconnected { since_ms: 10_000 },
        links: vec![Link {
            device: "bbbbbbbbbbbbb".to_owned(),
            name: Some("gate".to_owned()),
            address: "/ip4/192.0.2.7/tcp/7444".to_owned(),
            direction: Direction::Outbound,
            since_ms: 100_000,
        }],
        watch: neighbourhood(),
        hearing: Hearing::default(),
        incarnation: 7,
        unlinked: true,
        last_record: Some(Place {
            incarnation: 7,
            sequence: 12,
        }),
        acknowledged: None,
        backlog: 13,
        stale_since_ms: None,
        membership_until_ms: 200_000 + 7_200_000,
        refusals: vec![Refusal {
            at_ms: 150_000,
            who: "192.0.2.9:50000".to_owned(),
            reason: "expired".to_owned(),
            by: Judge::Us,
        }],
    }
}
