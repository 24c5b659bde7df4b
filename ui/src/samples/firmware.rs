//! A release that is out, one that waits, and who signs.

use maud::Markup;

use super::{HOSTILE, NOW_MS};
use crate::layout::Shell;
use crate::pages::firmware::difference::{Content, Counts, Difference, Held, Lists, Row};
use crate::pages::firmware::{
    self, DraftRow, DraftView, FirmwareView, NeedRow, PaperRow, Publication, ReleaseRow,
    RepositoryView, RoleRow,
};
use crate::pages::release_new::{self, NewReleaseView};
use crate::parts::form::Field;

const SHA256: &str = "b097d14729fc366afbe96d687549f1cc119939adeb85552b671ea97b04a9857a";

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let empty = FirmwareView {
        stale: 0,
        publication: Publication::Ended,
        releases: Vec::new(),
        drafts: Vec::new(),
    };
    let wrong = DraftView {
        signature: Field::wrong("{}", "The file holds no signature."),
        ..draft(true)
    };
    let waiting = |difference| {
        let view = DraftView {
            difference,
            ..draft(false)
        };
        firmware::draft_page(inside, &view)
    };
    let opaque = Held {
        files: Lists::NotAnArchive("2.1.0".into()),
        parts: Lists::NoList("2.2.0".into()),
        ..held_against_the_one_before()
    };
    let refused = NewReleaseView {
        product: Field::new("camera"),
        counter: Field::wrong(
            "7",
            "The release counter 7 is not above 8, which camera 2.1.0 has.",
        ),
        models: vec!["sample".into(), HOSTILE.into()],
        ..NewReleaseView::default()
    };
    vec![
        (
            "release-new",
            release_new::page(inside, &NewReleaseView::default()),
        ),
        ("release-new-wrong", release_new::page(inside, &refused)),
        ("firmware", firmware::page(inside, &view())),
        ("firmware-empty", firmware::page(inside, &empty)),
        (
            "firmware-draft",
            firmware::draft_page(inside, &draft(false)),
        ),
        ("firmware-draft-first", waiting(Difference::First)),
        ("firmware-draft-underway", waiting(Difference::Underway)),
        ("firmware-draft-opaque", waiting(Difference::Held(opaque))),
        ("firmware-draft-wrong", firmware::draft_page(inside, &wrong)),
        (
            "firmware-keys",
            firmware::repository_page(inside, &repository()),
        ),
    ]
}

fn view() -> FirmwareView {
    let release = |version: &str, counter| ReleaseRow {
        product: "camera".into(),
        version: version.into(),
        counter,
        hardware: HOSTILE.into(),
        bytes: 16_777_216,
        sha256: SHA256.into(),
    };
    FirmwareView {
        stale: 3,
        publication: Publication::Fresh,
        releases: vec![release("2.1.0", 8), release("2.0.0", 7)],
        drafts: vec![draft(false).draft],
    }
}

fn draft(complete: bool) -> DraftView {
    let (first, second) = ("d3b31caa790b".to_owned(), "289024d0a116".to_owned());
    DraftView {
        draft: DraftRow {
            number: 3,
            purpose: "release camera 2.2.0, counter 9".into(),
            made_ms: NOW_MS - 3_600_000,
            complete,
        },
        difference: Difference::Held(held_against_the_one_before()),
        papers: vec![PaperRow {
            role: "firmware".into(),
            version: 4,
            sha256: SHA256.into(),
            file: "draft-3-firmware-4.payload".into(),
        }],
        needs: vec![NeedRow {
            role: "firmware".into(),
            by: "targets 2".into(),
            threshold: if complete { 1 } else { 2 },
            signed: vec![first],
            missing: vec![second],
        }],
        signature: Field::default(),
    }
}

/// Of each kind one difference, and a name of a stranger's choice.
pub fn held_against_the_one_before() -> Held {
    let file = |bytes, sha256: &str| {
        let sha256 = sha256.into();
        Some(Content::File { bytes, sha256 })
    };
    let versions = |versions: &str| Some(Content::Versions(versions.into()));
    let row = |name: &str, before, after| Row {
        name: name.into(),
        before,
        after,
    };
    let counts = |changed, added, removed, same| Counts {
        same,
        added,
        removed,
        changed,
    };
    let (old, new) = ("b097d14729fc366a", "0f3dc1c6a7f0b2de");
    let files = vec![
        row("bin/service", file(812_340, old), file(815_104, new)),
        row(
            "usr/lib/firmware/modules/a-path-that-is-long-and-holds-no-place-to-break.so",
            None,
            file(48, new),
        ),
        row("etc/banner", file(12, old), None),
        row(HOSTILE, None, file(1, new)),
    ];
    let parts = vec![
        row("openssl", versions("3.0.11"), versions("3.0.15")),
        row("telnetd", None, versions("0.17")),
        row("zlib", versions("1.2.13, 1.3"), None),
    ];
    Held {
        from: "2.1.0".into(),
        to: "2.2.0".into(),
        files: Lists::Told(counts(1, 2, 1, 1_204), files),
        parts: Lists::Told(counts(1, 1, 1, 38), parts),
    }
}

fn repository() -> RepositoryView {
    let role = |role: &str, online, expires_ms| RoleRow {
        role: role.into(),
        online,
        version: 2,
        expires_ms,
        threshold: 1,
        keys: vec!["d3b31caa790b".into()],
    };
    RepositoryView {
        roles: vec![
            role("firmware", false, Some(NOW_MS + 86_400_000)),
            role("policy", false, Some(NOW_MS - 86_400_000)),
            role("timestamp", true, None),
        ],
        root: 2,
        served_root: 1,
    }
}
