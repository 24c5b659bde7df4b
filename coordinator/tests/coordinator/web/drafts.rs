//! A release by the interface alone: brought, signed elsewhere, published, and taken by a device; or refused, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use coordinator::releases::plan::Wish;
use coordinator::releases::standing::short;
use coordinator::store::operators::Role;
use coordinator::store::repository::{Draft, Paper};
use protocol::key::{SecretKey, Signer as _};
use serde_json::Value;
use tuf_core::draft::targets::TargetsDraft;
use tuf_core::draft::{Signers, detached};
use tuf_core::floors::Floors;
use tuf_core::key::PublicKey;
use tuf_core::name;
use tuf_core::schemes::Ed25519Only;
use tuf_core::search::{Search, Step};
use tuf_core::targets::Target;
use tuf_core::update::{Need, Update};

use super::releases::{Founded, TYPED, filled, form_kind, founded};
use super::rig::{Answer, Asker, Rig, now};

const RELEASES: &str = "/api/v1/releases";
const DRAFTS: &str = "/api/v1/releases/drafts";

/// Brings an image of this version, with or without a list of its parts.
pub async fn bring(
    rig: &Rig,
    asker: &Asker,
    (version, counter): (&str, &str),
    files: &[(&str, &[u8])],
) -> Answer {
    let typed = TYPED.map(|(name, typed)| match name {
        "version" => (name, version),
        "counter" => (name, counter),
        _ => (name, typed),
    });
    let request = asker.request(Method::POST, RELEASES);
    let request = request.header(CONTENT_TYPE, form_kind());
    let body = Body::from(filled(&typed, files));
    rig.ask(request.body(body).unwrap()).await
}

/// What somebody else's machine makes of a payload.
pub fn signed(key: &SecretKey, payload: &[u8]) -> String {
    let signature = (*key.public().as_bytes(), key.sign(payload).0);
    String::from_utf8(detached::to_bytes(&signature)).unwrap()
}

fn id(key: &SecretKey) -> String {
    short(&PublicKey::from_bytes(key.public().as_bytes()).unwrap())
}

pub async fn payload(rig: &Rig, asker: &Asker, draft: &str) -> String {
    let path = format!("{draft}/payload/firmware");
    rig.get(asker, &path).await.body
}

async fn sign(rig: &Rig, asker: &Asker, draft: &str, file: &str) -> Answer {
    rig.post_json(asker, &format!("{draft}/signatures"), file)
        .await
}

async fn publish(rig: &Rig, asker: &Asker, draft: &str) -> Answer {
    rig.post_json(asker, &format!("{draft}/publish"), "").await
}

/// Brought, signed by the administrator, published.
pub async fn released(founded: &Founded, version: (&str, &str), files: &[(&str, &[u8])]) {
    let Founded { rig, admin, .. } = founded;
    let brought = bring(rig, admin, version, files).await;
    assert_eq!(brought.status, StatusCode::CREATED, "{}", brought.body);
    let draft = brought.location();
    let file = signed(
        &founded.administrator,
        payload(rig, admin, draft).await.as_bytes(),
    );
    let added = sign(rig, admin, draft, &file).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let done = publish(rig, admin, draft).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
}

fn refused(answer: &Answer, status: u16, place: &str, words: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    let said = match place {
        "" => &problem["detail"],
        place => {
            let kind = match place.starts_with('/') {
                true => "pointer",
                false => "parameter",
            };
            assert_eq!(problem["errors"][0][kind], place, "{problem}");
            &problem["errors"][0]["detail"]
        }
    };
    assert!(said.as_str().unwrap().contains(words), "{said}");
}

/// A device that knows the first root and nothing else: what it is given for a path.
async fn device(rig: &Rig, path: &str) -> Option<Target> {
    let stranger = Asker::default();
    let ask = async |need: Need| match need {
        Need::Stored(_) => None,
        Need::Fetch(fetch) => {
            let answer = rig
                .get(&stranger, &format!("/tuf/{}", fetch.file_name()))
                .await;
            (answer.status == StatusCode::OK).then_some(answer.body)
        }
    };
    let slice = |answer: &Option<String>| answer.clone().map(String::into_bytes);
    let root = rig.get(&stranger, "/tuf/1.root.json").await.body;
    let now_s = now().as_millis() / 1000;
    let update = Update::begin(root.as_bytes(), Floors::default(), now_s, &Ed25519Only);
    let mut update = update.unwrap();
    while let Some(need) = update.need() {
        let answer = slice(&ask(need).await);
        let answer = answer.as_deref();
        update.feed(answer.as_slice()).unwrap();
    }
    let mut trusted = update.finish().unwrap();
    let mut search = Search::new(path, now_s);
    loop {
        let need = match search.step(&trusted).unwrap() {
            Step::Found(target) => return Some(target.clone()),
            Step::Absent => return None,
            Step::Need(need) => need,
        };
        let answer = slice(&ask(need).await);
        let answer = answer.as_deref();
        search.feed(&mut trusted, answer.as_slice()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
pub async fn a_release_goes_the_whole_way_by_the_interface_alone() {
    let founded = founded().await;
    let rig = &founded.rig;
    let [viewer, operator, admin] =
        [Role::Viewer, Role::Operator, Role::Admin].map(|role| rig.token(role));
    let none = rig.get(&viewer, RELEASES).await.json();
    assert_eq!(none["items"].as_array().map(Vec::len), Some(0));
    let image = vec![7; 70_000];
    let brought = bring(rig, &operator, ("2.1", "7"), &[("image", &image)]).await;
    assert_eq!(brought.status, StatusCode::CREATED, "{}", brought.body);
    let (draft, told) = (brought.location(), brought.json());
    assert_eq!(draft, format!("{DRAFTS}/{}", told["number"]));
    assert_eq!(told["purpose"], "release camera 2.1, counter 7");
    let need = |told: &Value| told["needs"][0].clone();
    assert_eq!(need(&told)["missing"][0], id(&founded.administrator));
    assert_eq!(
        (&need(&told)["lacks"], &told["complete"]),
        (&1.into(), &false.into())
    );
    let waiting = rig.get(&viewer, DRAFTS).await.json();
    assert_eq!(waiting["items"][0], told);
    refused(
        &publish(rig, &admin, draft).await,
        409,
        "",
        "0 of the 1 keys",
    );
    assert_eq!(device(rig, "firmware/camera/2.1.img").await, None);

    let payload = payload(rig, &viewer, draft).await;
    let hash = tuf_core::file::Hashes::sha256_of(payload.as_bytes());
    assert_eq!(told["papers"][0]["sha256"], hash);
    let file = signed(&founded.administrator, payload.as_bytes());
    let added = sign(rig, &operator, draft, &file).await.json();
    assert_eq!(added["complete"], true, "{added}");
    assert_eq!(need(&added)["signed"][0], id(&founded.administrator));
    assert_eq!(need(&added)["lacks"], 0);
    let forbidden = publish(rig, &operator, draft).await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    let done = publish(rig, &admin, draft).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);

    let target = device(rig, "firmware/camera/2.1.img").await.unwrap();
    let served = name::target_path("firmware/camera/2.1.img", target.hashes.prefix().as_deref());
    let request = Asker::default().request(Method::GET, &format!("/tuf/targets/{served}"));
    let answer = rig.open(request.body(Body::empty()).unwrap()).await;
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    assert_eq!(bytes.as_ref(), image);

    let listed = rig.get(&viewer, RELEASES).await.json()["items"][0].clone();
    assert_eq!(
        (&listed["version"], &listed["counter"]),
        (&"2.1".into(), &7.into())
    );
    assert_eq!(listed["length"], image.len());
    assert_eq!(listed["hardware"], serde_json::json!(["ipc-3", "ipc-4"]));
    assert_eq!(
        listed["signers"],
        serde_json::json!([id(&founded.administrator)])
    );
    assert!(
        listed["published"].as_str() < listed["expires"].as_str(),
        "{listed}"
    );
    let acts = rig.audited();
    assert_eq!(
        acts[..3],
        ["release.publish", "release.sign", "release.prepare"]
    );
    refused(
        &rig.get(&viewer, draft).await,
        404,
        "",
        "it was published or discarded",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_are_given_page_by_page_and_of_one_product() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    for (version, counter) in [("1", "1"), ("2", "2"), ("3", "3")] {
        released(
            &founded,
            (version, counter),
            &[("image", version.as_bytes())],
        )
        .await;
    }
    let first = rig.get(admin, &format!("{RELEASES}?limit=2")).await;
    let versions = |answer: &Answer| {
        let items = answer.json()["items"].clone();
        let items = items.as_array().unwrap().iter();
        items
            .map(|one| one["version"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(versions(&first), ["3", "2"]);
    let link = first.header("link");
    let next = link.strip_prefix('<').and_then(|link| link.split_once('>'));
    let second = rig.get(admin, next.unwrap().0).await;
    assert_eq!(versions(&second), ["1"]);
    assert_eq!(second.json()["next_cursor"], Value::Null);
    let none = rig.get(admin, &format!("{RELEASES}?product=pump")).await;
    assert!(versions(&none).is_empty());
    let wrong = rig.get(admin, &format!("{RELEASES}?cursor=soon")).await;
    refused(&wrong, 422, "cursor", "next_cursor");
}

pub fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, path, content.as_bytes())
            .unwrap();
    }
    archive.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_held_against_the_release_before_it() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    let parts = |version: &str| {
        format!(
            r#"{{"bomFormat":"CycloneDX","components":[{{"name":"zlib","version":"{version}"}}]}}"#
        )
    };
    let first = archive(&[("bin/service", "one"), ("etc/banner", "hello")]);
    let list = parts("1.2");
    let files: [(&str, &[u8]); 2] = [("image", &first), ("sbom", list.as_bytes())];
    let brought = bring(rig, admin, ("1", "1"), &files).await;
    let alone = rig.get(admin, brought.location()).await.json();
    assert_eq!(alone["comparison"], Value::Null, "{alone}");
    released(&founded, ("1", "1"), &files).await;
    let second = archive(&[
        ("bin/service", "two"),
        ("bin/telnet", "x"),
        ("etc/banner", "hello"),
    ]);
    let list = parts("1.3");
    let files: [(&str, &[u8]); 2] = [("image", &second), ("sbom", list.as_bytes())];
    let brought = bring(rig, admin, ("2", "2"), &files).await;
    let compared = rig.get(admin, brought.location()).await.json()["comparison"].clone();
    assert_eq!(
        (&compared["from"], &compared["to"]),
        (&"1".into(), &"2".into())
    );
    let files = &compared["files"]["differences"];
    assert_eq!(
        (&files["changed"], &files["added"], &files["same"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!(files["listed"][1]["name"], "bin/telnet");
    let part = &compared["parts"]["differences"]["listed"][0];
    assert_eq!(
        (&part["before"], &part["after"]),
        (&"1.2".into(), &"1.3".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_helps_nobody_is_refused_with_the_reason() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    let brought = bring(rig, admin, ("2.1", "7"), &[("image", b"an image")]).await;
    let draft = brought.location();
    let payload = payload(rig, admin, draft).await;
    let stranger = SecretKey::from_seed(&[66; 32]);
    let file = signed(&stranger, payload.as_bytes());
    let answer = sign(rig, admin, draft, &file).await;
    refused(&answer, 422, "/key", "is not one that may sign firmware");
    let other = signed(&founded.administrator, b"something else");
    let answer = sign(rig, admin, draft, &other).await;
    refused(&answer, 422, "/signature", "is on none of the documents");
    let answer = sign(rig, admin, draft, r#"{"key":"00","signature":"00"}"#).await;
    refused(&answer, 422, "/key", "the field `key`");
    let answer = sign(rig, admin, draft, r#"{"key":"00"}"#).await;
    refused(&answer, 422, "", "does not fit");
    let own = signed(&founded.administrator, payload.as_bytes());
    assert_eq!(sign(rig, admin, draft, &own).await.status, StatusCode::OK);
    let answer = sign(rig, admin, draft, &own).await;
    refused(&answer, 422, "/key", "has signed firmware already");
    let answer = sign(rig, admin, &format!("{DRAFTS}/99"), &own).await;
    refused(
        &answer,
        404,
        "",
        "no such draft: it was published or discarded",
    );
    let strange = rig.get(admin, &format!("{DRAFTS}/soon")).await;
    refused(&strange, 404, "", "no such draft");
    let role = rig.get(admin, &format!("{draft}/payload/models")).await;
    refused(&role, 404, "", "its papers name the roles");
    assert_eq!(rig.audited()[..2], ["release.sign", "release.prepare"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_signature_is_missing_is_told_until_enough_have_signed() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    let people = [1, 2, 3].map(|number| SecretKey::from_seed(&[number; 32]));
    let signers = Signers {
        threshold: 2,
        keys: people.iter().map(|key| *key.public().as_bytes()).collect(),
    };
    let role = "firmware".to_owned();
    let act = crate::releases::rig::act("repository.prepare");
    let wish = Wish::Appoint { role, signers };
    let raised = founded.releases.prepare(&wish, "2 of 3".to_owned(), act);
    let draft = format!("{DRAFTS}/{}", raised.await.unwrap().number);
    let told = rig.get(admin, &draft).await.json();
    let roles: Vec<_> = told["papers"].as_array().unwrap().iter().collect();
    let roles: Vec<_> = roles.iter().map(|paper| &paper["role"]).collect();
    assert_eq!(roles, ["targets", "firmware"]);
    let targets = rig
        .get(admin, &format!("{draft}/payload/targets"))
        .await
        .body;
    let by_administrator = signed(&founded.administrator, targets.as_bytes());
    sign(rig, admin, &draft, &by_administrator).await;
    let payload = payload(rig, admin, &draft).await;
    let added = sign(rig, admin, &draft, &signed(&people[0], payload.as_bytes()))
        .await
        .json();
    let need = &added["needs"][1];
    assert_eq!((&need["threshold"], &need["lacks"]), (&2.into(), &1.into()));
    assert_eq!(need["signed"], serde_json::json!([id(&people[0])]));
    let missing = need["missing"].as_array().unwrap().iter();
    let missing: BTreeSet<_> = missing.filter_map(Value::as_str).collect();
    let others = [&people[1], &people[2]].map(id);
    assert_eq!(missing, others.iter().map(String::as_str).collect());
    let early = publish(rig, admin, &draft).await;
    refused(&early, 409, "", "1 of the 2 keys");
    assert!(early.body.contains(&id(&people[0])), "{}", early.body);
    sign(rig, admin, &draft, &signed(&people[2], payload.as_bytes())).await;
    let done = publish(rig, admin, &draft).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
    let repository = rig.get(admin, "/api/v1/repository").await.json();
    let roles = repository["roles"].as_array().unwrap();
    let role = |name: &str| roles.iter().find(|one| one["role"] == name).unwrap();
    let firmware = role("firmware");
    assert_eq!(
        (&firmware["version"], &firmware["threshold"]),
        (&2.into(), &2.into())
    );
    assert_eq!(firmware["keys"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        (&firmware["online"], &role("timestamp")["online"]),
        (&false.into(), &true.into())
    );
    assert!(firmware["expires"].as_str() > role("timestamp")["expires"].as_str());
}

/// A draft of the role firmware that says nothing, planted where nobody would have made one like it.
fn planted(rig: &Rig, version: u64, expires_unix_s: u64) -> String {
    let draft = TargetsDraft::new(version, expires_unix_s);
    let payload = draft.unsigned().unwrap().payload();
    let draft = Draft {
        number: 0,
        made: now(),
        purpose: "planted".to_owned(),
        papers: vec![Paper::new("firmware".to_owned(), version, payload)],
    };
    let kept = rig.writer.write(|changes| changes.add_draft(draft));
    format!("{DRAFTS}/{}", kept.unwrap().number)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_device_would_take_is_not_published() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    let now_s = now().as_millis() / 1000;
    let mut said = BTreeMap::new();
    for (version, expires) in [(2, now_s - 60), (5, now_s + 86_400)] {
        let draft = planted(rig, version, expires);
        let payload = payload(rig, admin, &draft).await;
        let file = signed(&founded.administrator, payload.as_bytes());
        let added = sign(rig, admin, &draft, &file).await.json();
        assert_eq!(added["complete"], true);
        said.insert(version, publish(rig, admin, &draft).await);
    }
    refused(&said[&2], 409, "", "expired");
    refused(
        &said[&5],
        409,
        "",
        "begins with firmware 5, and 1 is in force",
    );
    let repository = rig.get(admin, "/api/v1/repository").await.json();
    assert_eq!(repository["roles"][2]["version"], 1, "{repository}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_is_not_above_and_a_version_that_is_there_are_refused_by_their_names() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    released(&founded, ("2.1", "7"), &[("image", b"an image")]).await;
    let lower = bring(rig, admin, ("2.2", "7"), &[("image", b"another")]).await;
    refused(&lower, 422, "/counter", "is not above 7");
    let again = bring(rig, admin, ("2.1", "8"), &[("image", b"another")]).await;
    refused(&again, 422, "/version", "was released already");
    let waiting = rig.get(admin, DRAFTS).await.json();
    assert_eq!(waiting["items"].as_array().map(Vec::len), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_published_only_as_it_was_looked_at() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    let brought = bring(rig, admin, ("2.1", "7"), &[("image", b"an image")]).await;
    let draft = brought.location();
    let tag = rig.get(admin, draft).await.header("etag").to_owned();
    let payload = payload(rig, admin, draft).await;
    let file = signed(&founded.administrator, payload.as_bytes());
    assert_eq!(sign(rig, admin, draft, &file).await.status, StatusCode::OK);
    let under = async |tag: &str| {
        let request = admin.request(Method::POST, &format!("{draft}/publish"));
        let request = request.header("if-match", tag);
        rig.ask(request.body(Body::empty()).unwrap()).await.status
    };
    assert_eq!(under(&tag).await, StatusCode::PRECONDITION_FAILED);
    let tag = rig.get(admin, draft).await.header("etag").to_owned();
    assert_eq!(under(&tag).await, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
pub async fn a_draft_that_is_discarded_is_gone() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    let brought = bring(rig, admin, ("2.1", "7"), &[("image", b"an image")]).await;
    let discard = format!("{}/discard", brought.location());
    let gone = rig.post_json(admin, &discard, "").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    let again = rig.post_json(admin, &discard, "").await;
    refused(&again, 404, "", "it was published or discarded");
}
