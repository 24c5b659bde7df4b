//! What a draft changes, for its page: read within a moment, or said to be underway.

use std::time::Duration;

use data_encoding::HEXLOWER;
use tokio::time::timeout;
use ui::pages::firmware::difference::{Content, Counts, Difference, Held, Lists, Row};

use crate::releases::comparison::{Compared, Comparison, DraftDifference, Unread, Wait};
use crate::releases::contents::File;
use crate::web::Web;
use crate::web::error::WebError;

/// How long a page waits for a comparison. What takes longer goes on, is kept, and is there when somebody looks again.
const PATIENCE: Duration = Duration::from_secs(2);

pub async fn of(web: &Web, number: u64) -> Result<Difference, WebError> {
    let compared = web.read(move |web| {
        let draft = web.releases.draft(number)?;
        let wait = Wait::AtMost(PATIENCE);
        Ok(web.releases.compare_draft(&draft, wait)?)
    });
    let compared = timeout(PATIENCE, compared).await;
    Ok(match compared.unwrap_or(Ok(DraftDifference::Underway))? {
        DraftDifference::NoRelease => Difference::NoRelease,
        DraftDifference::First => Difference::First,
        DraftDifference::Underway => Difference::Underway,
        DraftDifference::Held(comparison) => Difference::Held(held(comparison)),
    })
}

fn held(comparison: Comparison) -> Held {
    let file = |file: File| Content::File {
        bytes: file.length,
        sha256: HEXLOWER.encode(&file.sha256[..8]),
    };
    Held {
        from: comparison.from.to_string(),
        to: comparison.to.to_string(),
        files: lists(comparison.files, file),
        parts: lists(comparison.parts, Content::Versions),
    }
}

fn lists<T>(compared: Compared<T>, content: impl Fn(T) -> Content) -> Lists {
    let found = match compared {
        Compared::Told(found) => found,
        Compared::Not(Unread::NoList(version)) => return Lists::NoList(version.to_string()),
        Compared::Not(Unread::NotAnArchive(version)) => {
            return Lists::NotAnArchive(version.to_string());
        }
        Compared::Not(why @ Unread::Broken(..)) => return Lists::Broken(why.to_string()),
    };
    let counts = Counts {
        same: found.same as u64,
        added: found.added as u64,
        removed: found.removed as u64,
        changed: found.changed as u64,
    };
    let rows = found.listed.into_iter().map(|one| {
        let (before, after) = one.change.map(&content).sides();
        Row {
            name: one.name,
            before,
            after,
        }
    });
    Lists::Told(counts, rows.collect())
}
