//! Rollouts over the control socket.

use std::time::Duration;

use protocol::coordinator::RolloutError;
use protocol::rollout::{RolloutId, Word};
use protocol::text::Name;

use super::{Answer, Desk};
use crate::access;
use crate::rollouts::document::RolloutDocument;
use crate::rollouts::wish::Wish;

/// How long the run loop gets to publish what was ordered.
const PUBLISHING: Duration = Duration::from_secs(2);

impl Desk {
    pub(super) async fn plan_rollout(&self, wish: Wish, start: bool) -> Result<Answer, String> {
        let (object, by) = (wish.words(), person());
        let plan = {
            let live = self.service.live.borrow().clone();
            wish.plan(&self.service.releases, &live, &by)
        };
        let plan = plan.map_err(|error| error.to_string())?;
        self.note("rollout.plan", &object)?;
        let planned = self.orders.plan_rollout(plan).await;
        let id = self.done(&object, planned)?;
        if start {
            self.tell_rollout(id.0, Word::Start.word()).await?;
        }
        self.shown(id).await
    }

    pub(super) async fn tell_rollout(&self, id: u64, word: &str) -> Result<Answer, String> {
        let said = Word::ALL.into_iter().find(|known| known.word() == word);
        let said = said.ok_or_else(|| format!("nobody says {word} to a rollout"))?;
        let object = format!("rollout {id}");
        self.note(&format!("rollout.{}", word.replace('-', "_")), &object)?;
        let mut live = self.service.live.clone();
        live.mark_unchanged();
        let told = self.orders.tell_rollout(RolloutId(id), said, person());
        let told = told.await;
        self.done(&object, told)?;
        // Whoever reads sooner sees it a moment later.
        drop(tokio::time::timeout(PUBLISHING, live.changed()).await);
        self.rollout(id)
    }

    pub(super) fn rollouts(&self) -> Answer {
        let live = self.service.live.borrow();
        let all = live.rollouts.iter();
        Answer::Rollouts {
            items: all.map(|one| RolloutDocument::of(one, &live)).collect(),
        }
    }

    pub(super) fn rollout(&self, id: u64) -> Result<Answer, String> {
        let live = self.service.live.borrow();
        let rollout = live.rollout(RolloutId(id));
        let rollout = rollout.ok_or_else(|| RolloutError::NoSuch.to_string())?;
        let shown = RolloutDocument::of(rollout, &live);
        Ok(Answer::Rollout(Box::new(shown)))
    }

    /// What was ordered a moment ago is in the next snapshot.
    async fn shown(&self, id: RolloutId) -> Result<Answer, String> {
        let mut live = self.service.live.clone();
        let shown = live.wait_for(|live| live.rollout(id).is_some());
        drop(tokio::time::timeout(PUBLISHING, shown).await);
        self.rollout(id.0)
    }
}

/// Whoever may use this machine's command line counts as one person.
fn person() -> Name {
    Name::new(access::ACTOR).expect("it is a short word of ours")
}
