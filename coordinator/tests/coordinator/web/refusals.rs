//! Whoever tries what is not allowed, or sends what does not fit, is in the log, and nothing of what they sent is.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use coordinator::store::operators::Role;
use tracing_subscriber::fmt::MakeWriter;

use super::rig::{Asker, Rig, form};

/// The log of this test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8(bytes).unwrap();
        let lines = text.lines().filter(|line| line.contains(" refused "));
        lines.map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn whoever_is_refused_is_in_the_log_with_door_and_reason_and_nothing_of_what_was_sent() {
    let (rig, _) = Rig::with_admin_at_a_standstill().await;
    let log = Log::default();
    // Where there is one subscriber alone, what other tests call first is switched off for this one.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(log.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let viewer = rig.token(Role::Viewer);

    let beyond = rig
        .post_json(
            &viewer,
            "/api/v1/people",
            r#"{"name": "eve", "role": "admin"}"#,
        )
        .await;
    assert_eq!(beyond.status, StatusCode::FORBIDDEN);
    let foreign = Asker::default()
        .request(axum::http::Method::POST, "/login")
        .header("sec-fetch-site", "cross-site");
    let foreign = rig
        .ask(foreign.body(axum::body::Body::empty()).unwrap())
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    rig.post(
        &Asker::default(),
        "/login",
        &form(&[("name", "amina"), ("password", "sesame open")]),
    )
    .await;
    rig.post_json(
        &rig.token(Role::Admin),
        "/api/v1/access-tokens",
        r#"{"title": "secret words"}"#,
    )
    .await;
    rig.get(&Asker::default(), "/invited/a-token-of-somebody")
        .await;
    let lines = log.take();
    for (line, words) in lines.iter().zip([
        [
            "actor=\"viewer\"",
            "door=\"/api/v1/people\"",
            "why=\"not-allowed\"",
        ],
        ["actor=\"nobody\"", "status=403", "why=\"foreign-origin\""],
        ["actor=\"nobody\"", "door=\"/login\"", "why=\"form\""],
        [
            "actor=\"admin\"",
            "door=\"/api/v1/access-tokens\"",
            "status=4",
        ],
        [
            "address=10.0.0.50",
            "door=\"/invited/{token}\"",
            "status=410",
        ],
    ]) {
        for word in words {
            assert!(line.contains(word), "{word}: {line}");
        }
    }
    assert_eq!(lines.len(), 5, "{lines:#?}");
    for sent in ["eve", "sesame", "secret words", "a-token-of-somebody"] {
        assert!(
            !lines.iter().any(|line| line.contains(sent)),
            "{sent}: {lines:#?}"
        );
    }
    // A flood fills no disk.
    for _ in 0..900 {
        rig.get(&viewer.at("10.3.0.1:1"), "/api/v1/people").await;
    }
    let flood = log.take().len();
    assert!((590..=600).contains(&flood), "{flood} lines");
}
