//! Commands as people and programs see them: given, answered, and what came of them fetched and opened.

use std::time::Duration;

use axum::http::StatusCode;
use coordinator::store::operators::Role;
use protocol::command::{self, Answer, By, CommandId, CommandPart, Outcome, Refusal, Yield};
use protocol::coordinator::Event;
use protocol::coordinator::save::Save;
use protocol::id::{DeviceId, Digest};
use protocol::seal::DataKey;
use protocol::statement::Statement;
use serde_json::Value;
use tokio::sync::mpsc;

use super::mesh::{collected, device_id};
use super::rig::{Asker, Rig, form, now};
use super::streams::{message, open};

const KEY: [u8; 32] = [0x77; 32];
const DOOR: &str = "/api/v1/commands";

struct Bench {
    rig: Rig,
    admin: Asker,
    parts: mpsc::Sender<(DeviceId, CommandPart)>,
    device: DeviceId,
}

impl Bench {
    async fn new() -> Self {
        let (rig, admin) = Rig::with_admin().await;
        let device = device_id(1);
        rig.save(Save::Enrolled {
            device,
            data_key: DataKey::from_bytes(KEY),
            at: now(),
        });
        let (parts, received) = mpsc::channel(8);
        let events = rig.events.subscribe();
        let work = rig
            .commands
            .clone()
            .work(events, received, rig.stopping.clone());
        tokio::spawn(work);
        Self {
            rig,
            admin,
            parts,
            device,
        }
    }

    async fn give(&self, kind: &str, to: &str) -> (StatusCode, Value) {
        let json = format!(r#"{{"kind":"{kind}","to":"{to}"}}"#);
        let answer = self.rig.post_json(&self.admin, DOOR, &json).await;
        (answer.status, answer.json())
    }

    fn me(&self) -> String {
        format!("device:{}", self.device)
    }

    /// The device's word comes with its log, and as an event.
    fn says(&self, sequence: u32, id: CommandId, outcome: Outcome) {
        let answer = Answer {
            command: id,
            by: By::Online,
            outcome,
        };
        let said = Statement::Command(answer.clone());
        let key = DataKey::from_bytes(KEY);
        let record = collected(self.device, sequence, now(), Digest::ZERO, &key, said);
        self.rig.save(Save::Record(Box::new(record)));
        let device = self.device;
        self.rig.happens([Event::Answered { device, answer }]);
    }

    async fn answer(&self, id: &str, expected: &str) -> Value {
        let door = format!("{DOOR}/{id}");
        for _ in 0..300 {
            let told = self.rig.get(&self.admin, &door).await.json();
            let answer = &told["devices"][0];
            if answer["state"] == expected || answer["result"] == expected {
                return answer.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!(
            "{expected}: {}",
            self.rig.get(&self.admin, &door).await.body
        );
    }
}

#[tokio::test]
async fn collected_logs_are_fetched_checked_and_read_by_whoever_may() {
    let bench = Bench::new().await;
    let (status, told) = bench.give("logs", &bench.me()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{told}");
    let id: CommandId = told["id"].as_str().expect("an id").parse().expect("an id");
    let text = id.to_string();
    bench.answer(&text, "open").await;
    let salt = [4; 16];
    let mut sealed = salt.to_vec();
    sealed.extend(DataKey::from_bytes(KEY).seal(&salt, b"the log of a boiler"));
    let result = Yield {
        digest: command::digest(&sealed),
        bytes: sealed.len() as u64,
    };
    bench.says(
        1,
        id,
        Outcome::Done {
            result: Some(result),
        },
    );
    bench.answer(&text, "done").await;
    let (front, back) = sealed.split_at(20);
    for (from, bytes) in [(0, front), (20, back)] {
        let part = CommandPart {
            command: id,
            from,
            total: sealed.len() as u64,
            bytes: bytes.to_vec().into(),
        };
        bench
            .parts
            .send((bench.device, part))
            .await
            .expect("it is taken");
    }
    bench.answer(&text, "kept").await;
    let file = format!("{DOOR}/{text}/results/{}", bench.device);
    let read = bench.rig.get(&bench.admin, &file).await;
    assert_eq!(
        (read.status, read.body.as_str()),
        (StatusCode::OK, "the log of a boiler")
    );
    let viewer = bench.rig.token(Role::Viewer);
    assert_eq!(
        bench.rig.get(&viewer, &file).await.status,
        StatusCode::FORBIDDEN
    );
    let page = bench
        .rig
        .get(&bench.admin, &format!("/devices/{}", bench.device))
        .await
        .body;
    assert!(
        page.contains(&format!("/commands/{text}")) && page.contains("Read it"),
        "{page}"
    );
    assert!(
        bench
            .rig
            .audited()
            .iter()
            .any(|line| line.contains("command.give"))
    );
}

#[tokio::test]
async fn an_open_page_of_a_command_follows_the_answers() {
    let bench = Bench::new().await;
    let (_, told) = bench.give("restart", &bench.me()).await;
    let word = told["id"].as_str().expect("an id");
    let page = format!("/events?page=command&id={word}");
    let mut one = open(&bench.rig, &bench.admin, &page).await;
    let mut all = open(&bench.rig, &bench.admin, "/events?page=commands").await;
    let first = message(&mut one).await;
    assert!(first.contains("hx-target=\"#answers\""), "{first}");
    assert!(!first.contains("<td>done"), "{first}");
    assert!(message(&mut all).await.contains("0 of 1"));
    bench.says(
        0,
        word.parse().expect("an id"),
        Outcome::Done { result: None },
    );
    assert!(message(&mut one).await.contains("<td>done"));
    assert!(message(&mut all).await.contains("1 of 1"));
    let none = "/events?page=command&id=0000";
    let refused = bench.rig.get(&bench.admin, none).await.status;
    assert_eq!(refused, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_not_what_was_signed_is_not_kept() {
    let bench = Bench::new().await;
    let (_, told) = bench.give("logs", &bench.me()).await;
    let id: CommandId = told["id"].as_str().expect("an id").parse().expect("an id");
    let result = Yield {
        digest: command::digest(b"what was signed"),
        bytes: 5,
    };
    bench.says(
        1,
        id,
        Outcome::Done {
            result: Some(result),
        },
    );
    bench.answer(&id.to_string(), "done").await;
    let part = CommandPart {
        command: id,
        from: 0,
        total: 5,
        bytes: b"other".to_vec().into(),
    };
    bench
        .parts
        .send((bench.device, part))
        .await
        .expect("it is taken");
    let expected = "the device sends something else than it has signed for";
    let answer = bench.answer(&id.to_string(), expected).await;
    assert_eq!(answer["kept"], false);
}

#[tokio::test]
async fn a_refusal_says_why_and_a_refused_copy_changes_no_answer() {
    let bench = Bench::new().await;
    let (_, told) = bench.give("restart", &bench.me()).await;
    let id: CommandId = told["id"].as_str().expect("an id").parse().expect("an id");
    let why = Refusal::NoService;
    bench.says(1, id, Outcome::Refused { why });
    let answer = bench.answer(&id.to_string(), "refused").await;
    assert_eq!(answer["why"], why.sentence());
    let why = Refusal::Seen;
    bench.says(2, id, Outcome::Refused { why });
    let answer = bench.answer(&id.to_string(), "refused").await;
    assert_eq!(
        answer["why"],
        Refusal::NoService.sentence(),
        "the first word counts"
    );
    let page = bench
        .rig
        .get(&bench.admin, &format!("/commands/{id}"))
        .await
        .body;
    assert!(page.contains("runs no service from a slot"), "{page}");
}

#[tokio::test]
async fn nobody_commands_a_wipe_a_whole_fleet_or_nobody() {
    let bench = Bench::new().await;
    for (kind, to, says) in [
        ("wipe", bench.me().as_str(), "device retire --wipe"),
        ("restart", "fleet", "whole fleet"),
        ("restart", "cell:nowhere at all", "no device is"),
        ("dance", bench.me().as_str(), "cannot be commanded"),
    ] {
        let (status, told) = bench.give(kind, to).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        assert!(told.to_string().contains(says), "{told}");
    }
    let listed = bench.rig.get(&bench.admin, DOOR).await.json();
    assert_eq!(
        listed["items"].as_array().map(Vec::len),
        Some(0),
        "{listed}"
    );
    let typed = form(&[
        ("kind", "wipe"),
        ("to", &bench.me()),
        ("minutes", "5"),
        ("signed", ""),
    ]);
    let page = bench.rig.post(&bench.admin, "/commands", &typed).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("device retire --wipe"), "{}", page.body);
}
