//! Images that come by the page.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::request::Builder;
use axum::http::{Method, StatusCode};
use coordinator::ceremony::{self, RootPlan};
use coordinator::config::Config;
use coordinator::offices::Paths;
use coordinator::orders::Orders;
use coordinator::releases::Releases;
use coordinator::store::operators::Role;
use coordinator::{holders, offline};
use protocol::key::SecretKey;
use tower::ServiceExt as _;

use super::entrance::planted_session;
use super::rig::{Answer, Asker, Rig, now};

const NEW: &str = "/firmware/new";
const RELEASES: &str = "/firmware/releases";
const BOUNDARY: &str = "between-the-fields";

/// A web side whose repository has its first administrator.
pub async fn with_repository() -> (Rig, Asker) {
    let founded = founded().await;
    (founded.rig, founded.admin)
}

/// The same, with the key that signs elsewhere.
pub struct Founded {
    pub rig: Rig,
    pub admin: Asker,
    pub administrator: SecretKey,
    /// The coordinator's own handle on the repository.
    pub releases: Releases,
}

pub async fn founded() -> Founded {
    let (rig, admin) = Rig::with_admin().await;
    let made = tempfile::tempdir().expect("a folder");
    let mesh = made.path().join("mesh");
    let plan = RootPlan {
        holders: 1,
        threshold: 1,
        passphrase: None,
    };
    let words = ceremony::init(&mesh, &Config::default(), &plan, now());
    let words = words.expect("a mesh").words;
    let root = holders::from_words(&words[0]).expect("they are its own");
    copy(&mesh, rig.home.path());
    let (orders, _) = Orders::channel();
    let paths = Paths::new(rig.home.path());
    let releases = Releases::new(&paths, rig.reader.clone(), rig.writer.clone(), orders);
    let releases = releases.expect("a repository");
    releases.take_up().expect("it is published");
    Founded {
        rig,
        admin,
        administrator: SecretKey::from_seed(offline::administrator(&root[0]).bytes()),
        releases,
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("it is read");
        let place = to.join(entry.file_name());
        if entry.file_type().expect("it is known").is_dir() {
            fs::create_dir_all(&place).expect("there is room");
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).expect("there is room");
        }
    }
}

/// What a browser makes of the form: a name beside what was typed, or beside a file.
pub fn filled(fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .as_bytes(),
        );
    }
    for (name, bytes) in files {
        body.extend_from_slice(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}.bin\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// Such a form with an image and everything typed, but this one field otherwise.
pub fn filled_with(field: &str, value: &str) -> Vec<u8> {
    let typed = TYPED.map(|(name, typed)| (name, if name == field { value } else { typed }));
    filled(&typed, &[("image", b"an image")])
}

/// How the kind of such a body is called.
pub fn form_kind() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// The head of such a form.
fn posted(asker: &Asker) -> Builder {
    let request = asker.request(Method::POST, RELEASES);
    request
        .header(CONTENT_TYPE, form_kind())
        .header("sec-fetch-site", "same-origin")
}

async fn send(rig: &Rig, asker: &Asker, body: Vec<u8>) -> Answer {
    let request = posted(asker).body(Body::from(body));
    rig.ask(request.expect("a request")).await
}

/// Files of the folder in which images lie.
pub fn kept(rig: &Rig) -> Vec<PathBuf> {
    let folder = Paths::new(rig.home.path()).targets();
    let entries = fs::read_dir(folder).expect("it is there");
    entries
        .map(|entry| entry.expect("it is read").path())
        .collect()
}

pub const TYPED: [(&str, &str); 4] = [
    ("product", "camera"),
    ("version", "2.1"),
    ("counter", "7"),
    ("hardware", "ipc-3, ipc-4"),
];

#[tokio::test]
async fn an_image_that_is_brought_becomes_a_draft_and_a_draft_that_is_discarded_leaves_nothing() {
    let (rig, admin) = with_repository().await;
    assert!(
        rig.get(&admin, NEW)
            .await
            .body
            .contains("multipart/form-data")
    );
    let before = kept(&rig).len();
    let image = vec![7; 3 * 1024 * 1024 + 5];
    let taken = send(
        &rig,
        &admin,
        filled(&TYPED, &[("sbom", b""), ("image", &image)]),
    )
    .await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    let draft = taken.headers[LOCATION]
        .to_str()
        .expect("an address")
        .to_owned();
    let page = rig.get(&admin, &draft).await.body;
    assert!(page.contains("release camera 2.1, counter 7"), "{page}");
    let largest = kept(&rig)
        .iter()
        .filter_map(|file| fs::read(file).ok())
        .max_by_key(Vec::len);
    assert_eq!(largest.as_deref(), Some(image.as_slice()));
    assert!(rig.audited().contains(&"release.prepare".to_owned()));

    let gone = rig.post(&admin, &format!("{draft}/discard"), "").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.body);
    assert_eq!(rig.get(&admin, &draft).await.status, StatusCode::NOT_FOUND);
    assert_eq!(kept(&rig).len(), before);
    assert!(rig.audited().contains(&"release.discard".to_owned()));
}

#[tokio::test]
async fn what_does_not_fit_is_said_beside_its_field_and_no_file_stays() {
    let (rig, admin) = with_repository().await;
    let before = kept(&rig).len();
    for (body, place, words) in [
        (
            filled_with("counter", "soon"),
            "counter",
            "Write a whole number of at least 1",
        ),
        (filled_with("counter", "0"), "counter", "at least 1"),
        (
            filled_with("product", "a/b"),
            "product",
            "may only have letters",
        ),
        (
            filled_with("hardware", " , "),
            "hardware",
            "Hardware does not fit",
        ),
        (
            filled(&TYPED, &[("image", b"")]),
            "image",
            "Choose the file",
        ),
        (filled(&TYPED, &[]), "image", "Choose the file"),
    ] {
        let refused = send(&rig, &admin, body).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            refused.body
        );
        let error = format!("id=\"{place}-error\">");
        let said = refused.body.split(&error).nth(1).unwrap_or_default();
        let said = said.split('<').next().unwrap_or_default();
        assert!(
            said.contains(words) && !said.contains(".."),
            "{place}: {said:?}"
        );
        assert_eq!(kept(&rig).len(), before, "{place}");
    }
}

#[tokio::test]
async fn a_list_of_parts_that_is_too_long_is_read_to_its_end_and_refused() {
    let (rig, admin) = with_repository().await;
    let before = kept(&rig).len();
    let parts = vec![b' '; 16 * 1024 * 1024 + 1];
    let body = filled(&TYPED, &[("sbom", &parts), ("image", b"an image")]);
    let refused = send(&rig, &admin, body).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("larger than 16777216 bytes"),
        "{}",
        refused.body
    );
    assert_eq!(kept(&rig).len(), before);
}

#[tokio::test]
async fn what_is_no_such_form_is_refused_whole() {
    let (rig, admin) = with_repository().await;
    let before = kept(&rig).len();
    let plain = rig.post(&admin, RELEASES, "product=camera").await;
    assert_eq!(plain.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let stranger = filled(&TYPED, &[("image", b"an image"), ("telnet", b"x")]);
    let refused = send(&rig, &admin, stranger).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let twice = [TYPED[0], ("product", "pump")];
    let refused = send(&rig, &admin, filled(&twice, &[("image", b"an image")])).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let mut broken_off = filled(&TYPED, &[("image", b"an image")]);
    broken_off.truncate(broken_off.len() - BOUNDARY.len() - 6);
    let refused = send(&rig, &admin, broken_off).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let long = "c".repeat(5000);
    let refused = send(&rig, &admin, filled(&[("product", &long)], &[])).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(kept(&rig).len(), before);
    // Other forms are as small as ever.
    let large = rig.post(&admin, "/settings", &"x".repeat(70_000)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn one_form_with_files_is_read_at_once() {
    let (rig, admin) = with_repository().await;
    let endless = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = posted(&admin).body(Body::from_stream(endless));
    let first = tokio::spawn(rig.router.clone().oneshot(request.expect("a request")));
    let wait = Duration::from_millis(10);
    let mut answers = Vec::new();
    // The first has its turn as soon as it was let in.
    while answers.last() != Some(&StatusCode::SERVICE_UNAVAILABLE) && answers.len() < 500 {
        tokio::time::sleep(wait).await;
        answers.push(send(&rig, &admin, filled(&[], &[])).await.status);
    }
    assert_eq!(answers.last(), Some(&StatusCode::SERVICE_UNAVAILABLE));
    first.abort();
    first.await.expect_err("it was broken off");
    let next = send(&rig, &admin, filled(&[], &[])).await;
    assert_eq!(next.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn whoever_only_looks_brings_nothing() {
    let (rig, admin) = with_repository().await;
    rig.person("viewer", Role::Viewer);
    let (age, idle) = <_>::default();
    let viewer = planted_session(&rig, "viewer", age, idle);
    assert!(rig.get(&admin, "/firmware").await.body.contains(NEW));
    assert!(!rig.get(&viewer, "/firmware").await.body.contains(NEW));
    let refused = send(&rig, &viewer, filled(&TYPED, &[("image", b"an image")])).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
