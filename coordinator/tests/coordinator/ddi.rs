//! Devices without a node, as they ask over hawkBit's interface: with curl's eyes, through the router.

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, StatusCode};
use coordinator::ddi::{Ddi, DdiError};
use coordinator::store::ddi::{State, Target};
use coordinator::store::repository::{Current, Publication};
use coordinator::web;
use data_encoding::HEXLOWER;
use protocol::coordinator::save::Save;
use protocol::id::{Digest, MeshId};
use protocol::rollout::{Halt, RolloutId, Standing};
use protocol::signed::Signed;
use protocol::text::Name;
use protocol::time::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::releases::rig::{Rig as Repository, somebody};

const BASE: &str = "/DEFAULT/controller/v1/pump-7";
const IMAGE: &str = "the image of 1.0";

struct Rig {
    repository: Repository,
    ddi: Ddi,
    router: axum::Router,
    token: String,
}

/// For whoever counts requests no time passes.
fn standstill() -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000)
}

impl Rig {
    /// With two releases, and one device that may run them.
    async fn new() -> Self {
        let repository = Repository::new();
        repository.released("1.0", 1).await;
        repository.released("2.0", 2).await;
        let (reader, writer) = (repository.store.reader(), repository.store.writer());
        let ddi = Ddi::new(reader, writer, repository.releases.clone());
        let token = ddi.add("pump-7", "camera", "ipc-3").unwrap().to_string();
        let router = web::ddi::router(ddi.clone(), standstill);
        Self {
            repository,
            ddi,
            router,
            token,
        }
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "hub.example:8444")
            .header("authorization", format!("TargetToken {}", self.token))
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        let answer = self.send(request).await;
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn poll(&self) -> Value {
        let (status, document) = self.get(BASE).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(document["config"]["polling"]["sleep"], "00:05:00");
        document["_links"].clone()
    }

    async fn tell(&self, method: Method, path: &str, document: &Value) -> StatusCode {
        let request = self
            .request(method, path)
            .header("content-type", "application/json")
            .body(Body::from(document.to_string()))
            .unwrap();
        self.send(request).await.status()
    }

    async fn say(&self, place: &str, execution: &str, finished: &str) -> StatusCode {
        let document = json!({
            "id": "1",
            "status": {
                "execution": execution,
                "result": { "finished": finished, "progress": { "cnt": 1, "of": 2 } },
                "details": ["began", "went on"],
            },
        });
        let path = format!("{BASE}/{place}/feedback");
        self.tell(Method::POST, &path, &document).await
    }

    fn target(&self) -> Target {
        let name = Name::new("pump-7").unwrap();
        let all = self.ddi.list().unwrap();
        all.into_iter().find(|(one, _)| *one == name).unwrap().1
    }

    fn state(&self) -> State {
        self.target().action.unwrap().state
    }

    fn acts(&self) -> Vec<(String, String)> {
        let page = self
            .repository
            .store
            .reader()
            .audit_page(None, 100)
            .unwrap();
        let of_ddi = page.into_iter().map(|entry| entry.act);
        of_ddi
            .filter(|act| act.action.as_str().starts_with("ddi."))
            .map(|act| (act.actor.to_string(), act.action.to_string()))
            .collect()
    }
}

/// The part of a link behind the host.
fn path(link: &Value) -> String {
    let href = link["href"].as_str().unwrap();
    href.strip_prefix("https://hub.example:8444")
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_device_gets_what_was_assigned_and_says_how_it_ended() {
    let rig = Rig::new().await;
    let links = rig.poll().await;
    assert_eq!(links["deploymentBase"], Value::Null);
    let description = json!({ "mode": "merge", "data": { "serial": "77", "board": "r\u{7}2" } });
    let place = path(&links["configData"]);
    assert_eq!(
        rig.tell(Method::PUT, &place, &description).await,
        StatusCode::OK
    );
    assert_eq!(rig.poll().await, json!({}), "it has described itself");

    rig.ddi.assign("pump-7", "1.0").unwrap();
    let links = rig.poll().await;
    let (status, document) = rig.get(&path(&links["deploymentBase"])).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(rig.state(), State::Offered);
    let file = &document["deployment"]["chunks"][0]["artifacts"][0];
    assert_eq!(file["size"], IMAGE.len());
    assert_eq!(
        file["hashes"]["sha1"],
        "1e601a49a2ea67c8851fabe858e62026ca17b2af"
    );
    let request = rig.request(Method::GET, &path(&file["_links"]["download"]));
    let answer = rig.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(to_bytes(answer.into_body(), 100).await.unwrap(), IMAGE);

    let place = "deploymentBase/1";
    assert_eq!(rig.say(place, "proceeding", "none").await, StatusCode::OK);
    assert_eq!(rig.state(), State::Running);
    assert_eq!(rig.say(place, "closed", "success").await, StatusCode::OK);
    let target = rig.target();
    let action = target.action.unwrap();
    assert_eq!(action.state, State::Installed);
    assert_eq!(action.said.unwrap().as_str(), "went on");
    assert_eq!(target.floor.unwrap().0, 1);
    assert_eq!(
        target.attributes.unwrap()[&Name::new("board").unwrap()].as_str(),
        "r?2"
    );
    assert_eq!(rig.poll().await, json!({}), "there is nothing more to do");
    let acts = rig.acts();
    let installed = ("device pump-7".to_owned(), "ddi.installed".to_owned());
    assert_eq!(acts[0], installed);
    assert_eq!(acts.len(), 3, "{acts:?}");
}

#[tokio::test]
async fn who_lacks_the_token_of_a_device_learns_nothing_of_any() {
    let mut rig = Rig::new().await;
    let other = rig.ddi.add("pump-8", "camera", "ipc-3").unwrap();
    rig.ddi.assign("pump-7", "1.0").unwrap();
    let own = rig.token.clone();
    let file = format!("{BASE}/softwaremodules/1/artifacts/camera-1.0.img");
    for token in [other.as_str(), "", "plsd_ddi_", &own.to_uppercase()] {
        rig.token = token.to_owned();
        for path in [BASE, "/DEFAULT/controller/v1/nobody", &file] {
            assert_eq!(
                rig.get(path).await,
                (StatusCode::UNAUTHORIZED, Value::Null),
                "{path}"
            );
        }
        let said = rig.say("deploymentBase/1", "closed", "success").await;
        assert_eq!(said, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(rig.state(), State::Assigned);
    rig.token = own;
    assert_eq!(
        rig.get("/OTHER/controller/v1/pump-7").await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(rig.get(BASE).await.0, StatusCode::OK);
    rig.ddi.remove("pump-7").unwrap();
    assert_eq!(rig.get(BASE).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_is_not_in_what_is_kept() {
    let rig = Rig::new().await;
    let kept = format!("{:?}", rig.target());
    assert!(!kept.contains(&rig.token));
    assert!(rig.token.starts_with("plsd_ddi_") && rig.token.len() > 32);
}

#[tokio::test]
async fn a_transfer_goes_on_where_it_broke_off() {
    let rig = Rig::new().await;
    rig.ddi.assign("pump-7", "1.0").unwrap();
    let sha256 = HEXLOWER.encode(&rig.target().action.unwrap().artifact.sha256);
    let place = format!("{BASE}/softwaremodules/1/artifacts/camera-1.0.img");
    let (own, foreign) = (format!("\"{sha256}\""), format!("\"{}\"", "0".repeat(64)));
    for (range, condition, status, part, place_of_it) in [
        ("bytes=4-8", None, 206, "image", Some("bytes 4-8/16")),
        ("bytes=13-", Some(&own), 206, "1.0", Some("bytes 13-15/16")),
        ("bytes=13-", Some(&foreign), 200, IMAGE, None),
        ("bytes=16-", None, 416, "", Some("bytes */16")),
    ] {
        let mut request = rig.request(Method::GET, &place).header("range", range);
        if let Some(condition) = condition {
            request = request.header("if-range", condition);
        }
        let answer = rig.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), status, "{range} {condition:?}");
        assert_eq!(answer.headers()["etag"], own.as_str());
        let said = answer.headers().get("content-range");
        assert_eq!(said.map(|said| said.to_str().unwrap()), place_of_it);
        assert_eq!(to_bytes(answer.into_body(), 100).await.unwrap(), part);
    }
    let request = rig.request(Method::GET, &format!("{place}.MD5SUM"));
    let answer = rig.send(request.body(Body::empty()).unwrap()).await;
    let line = to_bytes(answer.into_body(), 100).await.unwrap();
    assert_eq!(line, "71d837709cd68555a26d0fae6c440391  camera-1.0.img\n");
}

#[tokio::test]
async fn only_a_published_release_for_its_hardware_and_above_its_floor_is_assigned() {
    let rig = Rig::new().await;
    let draft = rig.repository.prepare("3.0", 3).await.unwrap();
    let refused = rig.ddi.assign("pump-7", "3.0");
    assert!(
        matches!(refused, Err(DdiError::NoSuchRelease { .. })),
        "it waits for signatures"
    );
    rig.repository
        .sign(&draft, &rig.repository.administrator)
        .await;
    rig.repository.publish(&draft).await.unwrap();
    rig.ddi.assign("pump-7", "3.0").unwrap();
    let refused = rig.ddi.assign("pump-7", "2.0");
    assert!(matches!(refused, Err(DdiError::StillAt(_))));
    rig.say("deploymentBase/1", "closed", "success").await;
    let refused = rig.ddi.assign("pump-7", "2.0");
    assert!(matches!(
        refused,
        Err(DdiError::BelowFloor { given: 2, floor: 3 })
    ));
    rig.ddi.add("pump-8", "camera", "ipc-4").unwrap();
    let refused = rig.ddi.assign("pump-8", "3.0");
    assert!(matches!(refused, Err(DdiError::OtherHardware { .. })));
    rig.ddi.add("valve-1", "valve", "ipc-3").unwrap();
    let refused = rig.ddi.assign("valve-1", "3.0");
    assert!(matches!(refused, Err(DdiError::NoSuchRelease { .. })));
    for name in ["..", "a/b", "a b", ""] {
        assert!(rig.ddi.add(name, "camera", "ipc-3").is_err(), "{name}");
    }
}

#[tokio::test]
async fn what_no_published_role_vouches_for_any_more_is_neither_offered_nor_served() {
    let rig = Rig::new().await;
    rig.ddi.assign("pump-7", "1.0").unwrap();
    let file = format!("{BASE}/softwaremodules/1/artifacts/camera-1.0.img");
    for path in [
        format!("{BASE}/softwaremodules/2/artifacts/camera-1.0.img"),
        format!("{BASE}/softwaremodules/1/artifacts/camera-2.0.img"),
        format!("{BASE}/softwaremodules/1/artifacts/..%2F..%2Fstore"),
    ] {
        assert_eq!(rig.get(&path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(rig.get(&file).await.0, StatusCode::OK);
    let current = rig.repository.store.reader().repository().unwrap().unwrap();
    let mut roles = current.roles.clone();
    roles.remove("firmware");
    let publication = Publication {
        current: Current { roles, ..current },
        documents: Default::default(),
    };
    let writer = rig.repository.store.writer();
    writer
        .write(|changes| changes.publish(&publication))
        .unwrap();
    assert_eq!(rig.poll().await["deploymentBase"], Value::Null);
    assert_eq!(rig.get(&file).await.0, StatusCode::NOT_FOUND);
    let offered = rig.get(&format!("{BASE}/deploymentBase/1")).await;
    assert_eq!(offered.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_was_taken_back_is_given_up_unless_it_is_too_late() {
    let rig = Rig::new().await;
    assert!(matches!(
        rig.ddi.cancel("pump-7"),
        Err(DdiError::NothingOpen)
    ));
    rig.ddi.assign("pump-7", "1.0").unwrap();
    rig.poll().await;
    rig.ddi.cancel("pump-7").unwrap();
    let links = rig.poll().await;
    assert_eq!(links["deploymentBase"], Value::Null);
    let (_, document) = rig.get(&path(&links["cancelAction"])).await;
    assert_eq!(document["cancelAction"]["stopId"], "1");
    rig.say("cancelAction/1", "rejected", "none").await;
    assert_eq!(
        rig.state(),
        State::Running,
        "the device says that it goes on"
    );
    rig.ddi.cancel("pump-7").unwrap();
    assert_eq!(
        rig.say("cancelAction/1", "closed", "success").await,
        StatusCode::OK
    );
    assert_eq!(rig.state(), State::Cancelled);
    rig.ddi.assign("pump-7", "2.0").unwrap();
    assert_eq!(rig.target().action.unwrap().number, 2);
}

#[tokio::test]
async fn an_action_that_is_over_or_of_another_takes_no_word() {
    let rig = Rig::new().await;
    rig.ddi.assign("pump-7", "1.0").unwrap();
    let unknown = rig.say("deploymentBase/2", "closed", "success").await;
    assert_eq!(unknown, StatusCode::NOT_FOUND);
    let early = rig.say("cancelAction/1", "closed", "success").await;
    assert_eq!(early, StatusCode::GONE, "nobody has taken it back");
    assert_eq!(
        rig.say("deploymentBase/1", "closed", "failure").await,
        StatusCode::OK
    );
    assert_eq!(rig.state(), State::Failed);
    let late = rig.say("deploymentBase/1", "closed", "success").await;
    assert_eq!(late, StatusCode::GONE);
    assert_eq!(rig.target().floor, None);
    let nonsense = json!({ "status": { "execution": "exploded" } });
    let place = format!("{BASE}/deploymentBase/1/feedback");
    let refused = rig.tell(Method::POST, &place, &nonsense).await;
    assert!(refused.is_client_error(), "{refused}");
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_bounded_and_requests_are_paced() {
    let rig = Rig::new().await;
    let many = (0..100).map(|number| (format!("key {number}"), json!("x".repeat(500))));
    let many: serde_json::Map<_, _> = many.collect();
    let place = format!("{BASE}/configData");
    let said = rig
        .tell(Method::PUT, &place, &json!({ "data": many }))
        .await;
    assert_eq!(said, StatusCode::OK);
    assert_eq!(rig.target().attributes.unwrap().len(), 32);
    let endless = json!({ "data": { "key": "x".repeat(100_000) } });
    let refused = rig.tell(Method::PUT, &place, &endless).await;
    assert_eq!(refused, StatusCode::PAYLOAD_TOO_LARGE);
    let mut paced = false;
    for _ in 0..700 {
        paced |= rig.get("/DEFAULT/controller/v1/nobody").await.0 == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(paced, "nobody tries tokens without end");
}

/// Story: what a device was shown a moment ago was written over what an operator had ordered since.
#[tokio::test]
async fn a_device_that_looks_while_it_is_taken_back_does_not_undo_that() {
    let rig = Rig::new().await;
    rig.ddi.assign("pump-7", "1.0").unwrap();
    let (name, before) = rig.ddi.admit("pump-7", &rig.token).unwrap().unwrap();
    rig.ddi.cancel("pump-7").unwrap();
    rig.ddi.look(&name, &before, 1).unwrap();
    assert_eq!(rig.state(), State::Cancelling);
    rig.say("deploymentBase/1", "proceeding", "none").await;
    assert_eq!(rig.state(), State::Cancelling, "until the device says so");
}

/// What the coordinator says of the image of 1.0, as a rollout among members would have it say.
fn stand(rig: &mut Rig, standing: Standing) {
    let published = rig.repository.releases.published().unwrap();
    let first = published.iter().find(|one| one.release.counter.0 == 1);
    let target = Digest::from_bytes(first.unwrap().sha256);
    let halt = Halt {
        mesh: MeshId::from_bytes([9; 32]),
        target,
        rollout: RolloutId(1),
        sequence: 1,
        standing,
    };
    let halt = Signed::seal(halt, &somebody(1)).bytes().to_vec();
    let save = Save::Halt { target, halt };
    rig.repository.store.commit(&[save]).unwrap();
}

#[tokio::test]
async fn an_image_that_was_halted_is_taken_back_and_offered_to_nobody_until_that_is_lifted() {
    let mut rig = Rig::new().await;
    rig.ddi.assign("pump-7", "1.0").unwrap();
    let file = format!("{BASE}/softwaremodules/1/artifacts/camera-1.0.img");
    assert_eq!(rig.get(&file).await.0, StatusCode::OK);
    stand(&mut rig, Standing::Halted);
    assert_eq!(rig.get(&file).await.0, StatusCode::NOT_FOUND);
    let offered = rig.get(&format!("{BASE}/deploymentBase/1")).await;
    assert_eq!(offered.0, StatusCode::NOT_FOUND);
    let links = rig.poll().await;
    assert_eq!(links["deploymentBase"], Value::Null);
    assert_eq!(
        rig.get(&path(&links["cancelAction"])).await.0,
        StatusCode::OK
    );
    rig.say("cancelAction/1", "closed", "success").await;
    assert_eq!(rig.state(), State::Cancelled);
    let refused = rig.ddi.assign("pump-7", "1.0");
    assert!(matches!(refused, Err(DdiError::Halted { .. })));
    rig.ddi.assign("pump-7", "2.0").unwrap();
    assert_ne!(rig.poll().await["deploymentBase"], Value::Null);
    rig.say("deploymentBase/2", "closed", "failure").await;
    stand(&mut rig, Standing::Lifted);
    rig.ddi.assign("pump-7", "1.0").unwrap();
    assert_ne!(rig.poll().await["deploymentBase"], Value::Null);
}
