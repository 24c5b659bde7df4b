//! An image that a program brings: one draft for each, however often it is sent, and no file of what was refused.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use coordinator::store::operators::Role;
use futures::stream;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::drafts::{bring, payload, signed};
use super::interface::served;
use super::releases::{
    Founded, TYPED, filled, filled_with, form_kind, founded, kept, with_repository,
};
use super::rig::{Answer, Asker, Rig};

const RELEASES: &str = "/api/v1/releases";
const DRAFTS: &str = "/api/v1/releases/drafts";

/// Sends a form under a header.
async fn under(
    rig: &Rig,
    asker: &Asker,
    header: (&str, &str),
    (kind, body): (&str, &[u8]),
) -> Answer {
    let request = asker
        .request(Method::POST, RELEASES)
        .header(CONTENT_TYPE, kind)
        .header(header.0, header.1);
    rig.ask(request.body(Body::from(body.to_vec())).unwrap())
        .await
}

async fn waiting(rig: &Rig, asker: &Asker) -> usize {
    let drafts = rig.get(asker, DRAFTS).await.json();
    drafts["items"].as_array().map_or(0, Vec::len)
}

/// The same form as another try of the same program sends it: with another line between its parts.
fn another_boundary(body: &[u8]) -> (String, Vec<u8>) {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let (kind, body) = (form_kind(), text.replace("between-the-fields", "other"));
    (
        kind.replace("between-the-fields", "other"),
        body.into_bytes(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_sent_twice_under_one_key_is_one_draft() {
    let (rig, admin) = with_repository().await;
    let key = ("idempotency-key", "9f");
    let (kind, body) = (form_kind(), filled(&TYPED, &[("image", b"an image")]));
    let first = under(&rig, &admin, key, (&kind, &body)).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let (audited, files) = (rig.audited(), kept(&rig).len());
    let (kind, body) = another_boundary(&body);
    let again = under(&rig, &admin, key, (&kind, &body)).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.location(), first.location());
    let kind = form_kind();
    for other in [
        filled(&TYPED, &[("image", b"an innage")]),
        filled(&TYPED, &[("image", b"an image"), ("sbom", b"{}")]),
        filled(&TYPED[..3], &[("image", b"an image")]),
    ] {
        let other = under(&rig, &admin, key, (&kind, &other)).await;
        assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(other.body.contains("another request"), "{}", other.body);
    }
    assert_eq!(rig.audited(), audited);
    assert_eq!((waiting(&rig, &admin).await, kept(&rig).len()), (1, files));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_may_be_brought_again_under_its_key() {
    let (rig, admin) = with_repository().await;
    let (key, kind) = (("idempotency-key", "9f"), form_kind());
    let without = filled(&TYPED, &[]);
    let refused = under(&rig, &admin, key, (&kind, &without)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let whole = filled(&TYPED, &[("image", b"an image")]);
    let taken = under(&rig, &admin, key, (&kind, &whole)).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);
    let unfit = under(&rig, &admin, ("idempotency-key", "a b"), (&kind, &whole)).await;
    assert_eq!(unfit.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_taken_only_while_the_releases_are_those_that_were_looked_at() {
    let Founded {
        rig,
        admin,
        releases,
        administrator,
    } = founded().await;
    let tag = rig.get(&admin, RELEASES).await.header("etag").to_owned();
    let (kind, body) = (form_kind(), filled(&TYPED, &[("image", b"an image")]));
    let before = kept(&rig).len();
    let elsewhere = crate::releases::rig::act("release.publish");
    let draft = bring(&rig, &admin, ("1", "1"), &[("image", b"the first")]).await;
    let number = draft.json()["number"].as_u64().unwrap();
    let payload = payload(&rig, &admin, draft.location()).await;
    let file = signed(&administrator, payload.as_bytes());
    let added = releases.add_signature(number, file.as_bytes(), elsewhere.clone());
    added.await.unwrap();
    releases.publish(number, elsewhere).await.unwrap();
    let stale = under(&rig, &admin, ("if-match", &tag), (&kind, &body)).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(
        (waiting(&rig, &admin).await, kept(&rig).len()),
        (0, before + 1)
    );
    let unread = under(&rig, &admin, ("if-match", "{}"), (&kind, &body)).await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
    let tag = rig.get(&admin, RELEASES).await.header("etag").to_owned();
    let taken = under(&rig, &admin, ("if-match", &tag), (&kind, &body)).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_images_come_at_once() {
    let (rig, admin) = with_repository().await;
    let body = filled(&TYPED, &[("image", b"an image")]);
    let (half, rest) = body.split_at(body.len() / 2);
    let (pieces, open) = mpsc::channel::<Bytes>(4);
    let request = admin
        .request(Method::POST, RELEASES)
        .header(CONTENT_TYPE, form_kind());
    let stream = stream::unfold(open, async |mut open| {
        let piece = open.recv().await?;
        Some((Ok::<_, std::io::Error>(piece), open))
    });
    let request = request.body(Body::from_stream(stream)).unwrap();
    pieces.send(Bytes::copy_from_slice(half)).await.unwrap();
    let coming = tokio::spawn({
        let router = rig.router.clone();
        async move { tower::ServiceExt::oneshot(router, request).await.unwrap() }
    });
    // It is being read once there is room for more than was sent.
    while pieces.capacity() < pieces.max_capacity() {
        tokio::task::yield_now().await;
    }
    let second = bring(&rig, &admin, ("2", "8"), &[("image", b"another")]).await;
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!second.header("retry-after").is_empty());
    assert_eq!(second.header("content-type"), "application/problem+json");
    pieces.send(Bytes::copy_from_slice(rest)).await.unwrap();
    drop(pieces);
    assert_eq!(coming.await.unwrap().status(), StatusCode::CREATED);
    let next = bring(&rig, &admin, ("2", "8"), &[("image", b"another")]).await;
    assert_eq!(next.status, StatusCode::CREATED, "{}", next.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_a_problem_with_a_pointer_and_no_file_stays() {
    let (rig, admin) = with_repository().await;
    let before = kept(&rig).len();
    let image: (&str, &[u8]) = ("image", b"an image");
    let long = vec![b' '; 16 * 1024 * 1024 + 1];
    let cases = [
        (filled_with("counter", "soon"), "/counter"),
        (filled_with("counter", "0"), "/counter"),
        (filled_with("product", "a/b"), "/product"),
        (filled_with("version", ""), "/version"),
        (filled_with("hardware", " , "), "/hardware"),
        (filled(&TYPED, &[("image", b"")]), "/image"),
        (filled(&TYPED, &[image, ("sbom", &long)]), "/sbom"),
    ];
    let none = ("accept", "application/json");
    for (body, place) in cases {
        let refused = under(&rig, &admin, none, (&form_kind(), &body)).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            refused.body
        );
        assert_eq!(refused.json()["errors"][0]["pointer"], place);
        assert_eq!(kept(&rig).len(), before, "{place}");
    }
    let twice = [TYPED[0], TYPED[0]];
    for (kind, body, status) in [
        (form_kind(), filled(&twice, &[image]), 400),
        (form_kind(), filled(&[("telnet", "x")], &[image]), 400),
        (
            form_kind(),
            filled(&[("product", &"c".repeat(5000))], &[]),
            413,
        ),
        ("application/json".to_owned(), b"{}".to_vec(), 415),
    ] {
        let refused = under(&rig, &admin, none, (&kind, &body)).await;
        assert_eq!(refused.status.as_u16(), status, "{}", refused.body);
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
    assert_eq!((waiting(&rig, &admin).await, kept(&rig).len()), (0, before));
    let viewer = rig.token(Role::Viewer);
    let refused = under(
        &rig,
        &viewer,
        none,
        (&form_kind(), &filled(&TYPED, &[image])),
    )
    .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

/// Sends a head and, a moment later, what belongs to it; gives back the head of the answer.
async fn exchange(stream: &mut TcpStream, head: &str, body: &[u8]) -> String {
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    stream.write_all(body).await.unwrap();
    let mut answer = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        let read = answer.read_line(&mut line).await.unwrap();
        assert_ne!(read, 0, "closed without an answer: {head:?}");
        let line = line.to_lowercase();
        if let Some(told) = line.strip_prefix("content-length:") {
            length = told.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    answer.read_exact(&mut vec![0; length]).await.unwrap();
    head
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_bring_an_image_hears_so_and_goes_on_with_the_connection() {
    let (rig, _) = with_repository().await;
    let viewer = rig.token(Role::Viewer);
    let host = served(&rig).await;
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let body = filled(&TYPED, &[("image", &vec![7; 100_000])]);
    for _ in 0..3 {
        let head = format!(
            "POST {RELEASES} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\n\
             content-type: {}\r\ncontent-length: {}\r\n\r\n",
            viewer.bearer(),
            form_kind(),
            body.len()
        );
        let answer = exchange(&mut stream, &head, &body).await;
        assert!(answer.starts_with("http/1.1 403"), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }
}
