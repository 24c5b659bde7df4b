//! What a draft changes, as its page shows it to whoever is about to sign.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{Method, StatusCode};
use coordinator::offices::Paths;
use data_encoding::HEXLOWER;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use sha2::{Digest as _, Sha256};

use super::drafts::{archive, bring, released};
use super::releases::{Founded, founded};
use super::rig::{Asker, Rig};

fn parts(listed: &[(&str, &str)]) -> String {
    let listed = listed.iter();
    let listed =
        listed.map(|(name, version)| format!(r#"{{"name":"{name}","version":"{version}"}}"#));
    let listed = listed.collect::<Vec<_>>().join(",");
    format!(r#"{{"bomFormat":"CycloneDX","components":[{listed}]}}"#)
}

/// The page of what was brought.
async fn drafted(founded: &Founded, version: (&str, &str), files: &[(&str, &[u8])]) -> String {
    let brought = bring(&founded.rig, &founded.admin, version, files).await;
    assert_eq!(brought.status, StatusCode::CREATED, "{}", brought.body);
    let number = brought.location().rsplit('/').next().unwrap();
    format!("/firmware/drafts/{number}")
}

async fn page(rig: &Rig, asker: &Asker, path: &str) -> String {
    let shown = rig.get(asker, path).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    shown.body
}

/// Where the words stand; they have to.
fn place(page: &str, words: &str) -> usize {
    let found = page.find(words);
    found.unwrap_or_else(|| panic!("no `{words}` in {page}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_release_changes_stands_on_its_draft_before_the_place_to_sign() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    let first = archive(&[
        ("bin/service", "one"),
        ("etc/banner", "hello"),
        ("etc/old", ""),
    ]);
    let list = parts(&[("zlib", "1.2"), ("musl", "1"), ("busybox", "1.36")]);
    let files: [(&str, &[u8]); 2] = [("image", &first), ("sbom", list.as_bytes())];
    released(&founded, ("1.0", "1"), &files).await;
    let second = archive(&[
        ("bin/<telnet>", "x"),
        ("bin/service", "twofold"),
        ("etc/banner", "hello"),
    ]);
    let list = parts(&[("zlib", "1.3"), ("musl", "1"), ("telnetd", "0.17")]);
    let files: [(&str, &[u8]); 2] = [("image", &second), ("sbom", list.as_bytes())];
    let draft = drafted(&founded, ("2.0", "2"), &files).await;
    let shown = page(rig, admin, &draft).await;
    let changes = place(&shown, "What changes");
    for place_to_sign in [">To sign<", "Add a signature"] {
        assert!(changes < place(&shown, place_to_sign), "{shown}");
    }
    place(
        &shown,
        "Version <bdi hx-ignore>2.0</bdi> is compared with version <bdi hx-ignore>1.0</bdi>",
    );
    place(&shown, "Files: 1 added, 1 removed, 1 changed, 1 the same.");
    place(
        &shown,
        "Parts: 1 added, 1 removed, 1 in another version, 1 the same.",
    );
    let row = |name: &str| {
        let row = &shown[place(&shown, &format!("<bdi hx-ignore>{name}</bdi></th>"))..];
        row[..place(row, "</tr>")].to_owned()
    };
    let hash = |content: &str| HEXLOWER.encode(&Sha256::digest(content)[..8]);
    let service = row("bin/service");
    for words in ["changed", "3 B", &hash("one"), "7 B", &hash("twofold")] {
        place(&service, words);
    }
    place(&row("bin/&lt;telnet&gt;"), "added");
    place(&row("etc/old"), "removed");
    let zlib = row("zlib");
    assert!(place(&zlib, "1.2") < place(&zlib, "1.3"), "{zlib}");
    place(&row("telnetd"), "added");
    place(&row("busybox"), "removed");
    assert!(
        !shown.contains("etc/banner") && !shown.contains("musl"),
        "{shown}"
    );

    let request = admin.request(Method::GET, &draft);
    let request = request.header(ACCEPT_LANGUAGE, "fr");
    let french = rig.ask(request.body(Body::empty()).unwrap()).await.body;
    place(&french, "Ce qui change");
    place(&french, "dans une autre version\u{202f}: 1");
    let wrong = rig.post(admin, &draft, "signature=none").await;
    place(&wrong.body, "Files: 1 added, 1 removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_compared_says_why() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    let list = parts(&[("zlib", "1.2")]);
    let image = archive(&[("bin/service", "one")]);
    let files: [(&str, &[u8]); 2] = [("image", &image), ("sbom", list.as_bytes())];
    let draft = drafted(&founded, ("1.0", "1"), &files).await;
    place(
        &page(rig, admin, &draft).await,
        "This is the first release of its product",
    );
    released(&founded, ("1.0", "1"), &files).await;
    let draft = drafted(
        &founded,
        ("2.0", "2"),
        &[("image", b"nothing that has files")],
    )
    .await;
    let shown = page(rig, admin, &draft).await;
    place(
        &shown,
        "the image of version <bdi hx-ignore>2.0</bdi> is no tar archive",
    );
    place(
        &shown,
        "version <bdi hx-ignore>2.0</bdi> came without a list of them",
    );
}

/// Reading an image may take minutes where it is large and the disk slow: here it is a pipe that nobody fills. The page
/// is there all the same, for everybody who asks, with the way to throw the draft away, and the difference is shown
/// once it is known.
#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_that_takes_long_does_not_hold_the_page_up() {
    let founded = founded().await;
    let Founded { rig, admin, .. } = &founded;
    released(
        &founded,
        ("1.0", "1"),
        &[("image", &archive(&[("a", "1")]))],
    )
    .await;
    let image = archive(&[("a", "1"), ("b", "2")]);
    let draft = drafted(&founded, ("2.0", "2"), &[("image", &image)]).await;
    let kept = Paths::new(rig.home.path()).targets();
    let kept = kept.join(HEXLOWER.encode(&Sha256::digest(&image)));
    fs::remove_file(&kept).unwrap();
    mkfifo(&kept, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    let pipe = OpenOptions::new().read(true).write(true).open(&kept);
    let mut pipe = pipe.unwrap();
    let begun = Instant::now();
    let shown = tokio::join!(page(rig, admin, &draft), page(rig, admin, &draft));
    for shown in [shown.0, shown.1] {
        place(&shown, "The two releases are still being compared");
        place(&shown, "Discard this draft");
        assert!(!shown.contains("Files:"), "{shown}");
    }
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    pipe.write_all(&image).unwrap();
    drop(pipe);
    while begun.elapsed() < Duration::from_secs(60) {
        let shown = page(rig, admin, &draft).await;
        if !shown.contains("still being compared") {
            place(&shown, "Files: 1 added, 0 removed, 0 changed, 1 the same.");
            return;
        }
    }
    panic!("what was read to its end is never shown");
}
