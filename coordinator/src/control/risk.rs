//! Findings over the control socket: files in, lists and decisions.

use std::path::{Component, Path, PathBuf};

use findings::filter::{FINDING_FIELDS, Filter};

use super::{Answer, Desk};
use crate::access::{self, ACTOR};
use crate::risk::asked::{RiskAsked, RiskTold};
use crate::risk::document::{
    self, FeedDocument, FindingDocument, OccurrenceDocument, ScoreDocument,
};
use crate::risk::holder::{Holder, HolderError};
use crate::risk::intake::{Bringer, FeedKind, IntakeError, Owner};
use crate::risk::{self, FLEET, Risk};
use crate::store::advice::Shelf;

/// Findings that one answer lists at most.
const LISTED: usize = 1_000;
/// Bytes of a file that is taken in.
const FILE: u64 = 600 * 1024 * 1024;

impl Desk {
    pub(super) async fn risk(&self, asked: RiskAsked) -> Result<Answer, String> {
        let (risk, intake) = (self.service.risk.clone(), self.service.paths.intake());
        let done = tokio::task::spawn_blocking(move || answer(&risk, &intake, asked)).await;
        let told = done.map_err(|error| error.to_string())??;
        Ok(Answer::Risk(Box::new(told)))
    }
}

impl Desk {
    /// A draft of a feed, for administrators to sign.
    pub(super) async fn prepare_feed(&self, file: &str) -> Result<Answer, String> {
        let bytes = taken_in(&self.service.paths.intake(), file)?;
        findings::advisory::feed::Feed::read(&bytes).map_err(|error| error.to_string())?;
        let act = access::act("feed.prepare", "feed").map_err(|error| error.to_string())?;
        let draft = self.releases().prepare_feed(&bytes, act).await;
        self.drafted(draft)
    }
}

fn answer(risk: &Risk, intake: &Path, asked: RiskAsked) -> Result<RiskTold, String> {
    let taken = |brought: Result<_, IntakeError>| {
        brought
            .map(RiskTold::Brought)
            .map_err(|error| error.to_string())
    };
    let act =
        |action: &str, object: &str| access::act(action, object).map_err(|error| error.to_string());
    match asked {
        RiskAsked::ImportFeed { file, kind } => {
            let bytes = taken_in(intake, &file)?;
            let kind = kind.or_else(|| FeedKind::guess(&bytes));
            let kind = kind.ok_or(
                "nobody can tell what the file is: say --kind feed, nvd, osv, kev, epss, csaf or patterns",
            )?;
            let act = act("feed.import", &format!("{kind:?}").to_lowercase())?;
            taken(risk.import_feed(kind, &bytes, None, act))
        }
        RiskAsked::Feed => Ok(RiskTold::Feed(FeedDocument::of(&risk.index(), risk::now()))),
        RiskAsked::ExportFeed { file } => {
            let path = intake.join(plain(&file)?);
            let written = std::fs::write(&path, risk.feed_file());
            written
                .map(|()| RiskTold::Done)
                .map_err(|error| error.to_string())
        }
        RiskAsked::ImportScan { file, device } => {
            let bytes = taken_in(intake, &file)?;
            let device = device.map(|text| holder(&text)).transpose()?;
            let by = Bringer {
                by: ACTOR.to_owned(),
                job: None,
            };
            let act = act(
                "scan.import",
                &device.map_or("all".to_owned(), |d| d.to_string()),
            )?;
            taken(risk.import_scan(&bytes, device, &by, Some(act)))
        }
        RiskAsked::ImportSbom { file, owner } => {
            let bytes = taken_in(intake, &file)?;
            let owner: Owner = owner.parse().map_err(|error| format!("{error}"))?;
            let act = act("sbom.import", &owner.to_string())?;
            taken(risk.import_sbom(&bytes, &owner, act))
        }
        RiskAsked::Libraries { text } => Ok(RiskTold::Libraries {
            items: document::libraries(&risk.index(), &text),
        }),
        RiskAsked::Vex => Ok(RiskTold::Vex {
            document: String::from_utf8(risk.vex()).map_err(|error| error.to_string())?,
        }),
        RiskAsked::Findings {
            filter,
            after,
            limit,
        } => {
            let kept = risk
                .reader()
                .views(Shelf::Findings)
                .map_err(|error| error.to_string())?;
            let filter = kept.get(&filter).cloned().unwrap_or(filter);
            let filter =
                Filter::parse(&filter, FINDING_FIELDS).map_err(|error| error.to_string())?;
            let index = risk.index();
            let page = index.page(&filter, after.as_deref(), limit.clamp(1, LISTED));
            let next = page.items.last().filter(|_| page.more);
            Ok(RiskTold::Findings {
                matching: page.matching,
                next: next.map(|(_, row)| row.id.clone()),
                items: page
                    .items
                    .iter()
                    .map(|(finding, row)| FindingDocument::of(finding, row))
                    .collect(),
            })
        }
        RiskAsked::Finding { id } => {
            let index = risk.index();
            let (finding, row) = index.find(&id).ok_or("there is no such finding")?;
            let on = finding.occurrences.iter().take(LISTED);
            Ok(RiskTold::Finding {
                finding: Box::new(FindingDocument::of(finding, row)),
                devices: on
                    .map(|(found, state)| OccurrenceDocument::of(&index, found, state))
                    .collect(),
            })
        }
        RiskAsked::Decide { id, decision } => {
            let act = act("finding.decide", &id)?;
            let decided = risk.decide(&id, &decision, ACTOR, act);
            decided
                .map(|()| RiskTold::Done)
                .map_err(|error| error.to_string())
        }
        RiskAsked::Score { device } => score(risk, device.as_deref()),
        RiskAsked::Describe { device, words } => {
            let holder = holder(&device)?;
            let said = words.checked(&holder).map_err(|error| error.to_string())?;
            let act = act("device.describe", &device)?;
            let done = risk.describe(holder, &said, act);
            done.map(|()| RiskTold::Done)
                .map_err(|error| error.to_string())
        }
    }
}

fn score(risk: &Risk, device: Option<&str>) -> Result<RiskTold, String> {
    let index = risk.index();
    let (score, name) = match device {
        None => (index.fleet.as_ref(), FLEET),
        Some(device) => (index.scores.get(device), device),
    };
    let score = score.ok_or("there is no such device, or no device at all")?;
    let trend = risk.reader().score_trend(name);
    let trend = trend.map_err(|error| error.to_string())?;
    Ok(RiskTold::Score(ScoreDocument::of(score, &trend)))
}

fn holder(text: &str) -> Result<Holder, String> {
    text.parse().map_err(|error: HolderError| error.to_string())
}

/// A name that leads nowhere else.
fn plain(name: &str) -> Result<&Path, String> {
    let plain = Path::new(name);
    let mut parts = plain.components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) => Ok(plain),
        _ => Err("the name of a file in the intake folder has no folders".to_owned()),
    }
}

/// Reads a file of the intake folder and removes it; names that lead elsewhere are none.
fn taken_in(intake: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path: PathBuf = intake.join(plain(name)?);
    let length = std::fs::metadata(&path)
        .map_err(|error| error.to_string())?
        .len();
    let bytes = match length <= FILE {
        true => std::fs::read(&path).map_err(|error| error.to_string()),
        false => Err(format!(
            "the file has {length} bytes, more than the {FILE} that are read"
        )),
    };
    if let Err(error) = std::fs::remove_file(&path) {
        tracing::warn!(%error, "a file stays in the intake folder");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_intake_folder_is_read_once_and_no_other_is() {
        let dir = tempfile::tempdir().expect("a folder");
        let outside = dir.path().join("secret");
        std::fs::write(&outside, b"key").expect("it is written");
        let intake = dir.path().join("intake");
        std::fs::create_dir(&intake).expect("it is made");
        std::fs::write(intake.join("a"), b"scan").expect("it is written");
        assert_eq!(taken_in(&intake, "a"), Ok(b"scan".to_vec()));
        assert!(taken_in(&intake, "a").is_err());
        for name in ["../secret", "/etc/hostname", "", ".", "x/../../secret"] {
            assert!(taken_in(&intake, name).is_err(), "{name}");
        }
        assert!(outside.exists());
    }
}
