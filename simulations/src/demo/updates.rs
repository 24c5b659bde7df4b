//! A release that an administrator signs, and its way through the cameras.

use std::time::Duration;

use coordinator::live::Live;
use coordinator::releases::Releases;
use coordinator::releases::firmware::NewRelease;
use coordinator::rollouts::wish::Wish;
use coordinator::store::fault::ChangeError;
use protocol::coordinator::{Command, Input};
use protocol::key::Signer as _;
use protocol::rollout::{RolloutId, Word};
use protocol::time::Timestamp;
use tuf_core::draft::detached;

use super::site::Site;
use super::{act, name};

/// What cameras run at the end of the week.
pub const VERSION: &str = "2.4.1";
const PRODUCT: &str = "ipc-firmware";
const IMAGE_BYTES: u64 = 1_000_000;
/// Each ring is looked at for this long.
const SOAK_S: u64 = 4 * 3_600;

/// Two releases, prepared, signed and published.
pub async fn release(releases: &Releases, site: &Site) -> anyhow::Result<()> {
    let at = site.live.borrow().at;
    for (version, counter) in [("2.3.0", 23), (VERSION, 24)] {
        let image = format!("invented firmware {version}").repeat(2_000);
        let image = releases.blobs().take(image.as_bytes(), IMAGE_BYTES)?;
        let hardware = ["ipc-3".to_owned()];
        let release = NewRelease::new((PRODUCT, version), counter, &hardware, image, None)?;
        let object = format!("{PRODUCT} {version}");
        let noted = |action| act(at, "amina", action, &object);
        let draft = releases
            .prepare_release(&release, noted("release.prepare"))
            .await?;
        for paper in &draft.papers {
            let signature = site.administrator.sign(paper.payload()).0;
            let file = detached::to_bytes(&(*site.administrator.public().as_bytes(), signature));
            releases
                .add_signature(draft.number, &file, noted("release.sign"))
                .await?;
        }
        releases
            .publish(draft.number, noted("release.publish"))
            .await?;
    }
    Ok(())
}

/// When somebody says what to the rollout.
pub struct Rollout {
    begins: Timestamp,
    id: Option<RolloutId>,
}

impl Rollout {
    pub fn new(start: Timestamp, now: Timestamp) -> Self {
        let half = now.since(start) / 2;
        Self {
            begins: start.saturating_add(half),
            id: None,
        }
    }

    pub fn go_on(
        &mut self,
        site: &mut Site,
        releases: &Releases,
        at: Timestamp,
    ) -> anyhow::Result<()> {
        if self.id.is_some() || at < self.begins {
            return Ok(());
        }
        let by = name("otto");
        let wish = Wish {
            product: PRODUCT.to_owned(),
            version: VERSION.to_owned(),
            soak_s: Some(SOAK_S),
            errors: Some(3),
            success_percent: Some(60),
            ..Wish::default()
        };
        let live = Live::of(&site.core, Vec::new(), at);
        let plan = wish.plan(releases, &live, &by)?;
        let id = site.core.judge_plan(&plan)?;
        site.tell(Input::Command(Command::PlanRollout(Box::new(plan))), at)?;
        let word = Word::Start;
        site.tell(Input::Command(Command::TellRollout { id, word, by }), at)?;
        self.id = Some(id);
        let noted = site.store.writer().write(|changes| {
            changes.audit(act(at, "otto", "rollout.plan", &wish.words()))?;
            changes.audit(act(
                at.saturating_add(Duration::from_secs(40)),
                "otto",
                "rollout.start",
                &wish.words(),
            ))
        });
        noted.map(drop).map_err(|error: ChangeError| error.into())
    }
}
