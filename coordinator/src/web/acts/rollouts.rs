//! Rollouts: asked for, and told to go on or to stop.

use std::time::Duration;

use protocol::rollout::{RolloutId, Word};

use super::done;
use crate::rollouts::document::RolloutDocument;
use crate::rollouts::wish::{Wish, WishError};
use crate::web::Web;
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::trail::{Change, Trail};

/// How long the run loop gets to publish what was ordered.
const PUBLISHING: Duration = Duration::from_secs(2);

/// Whether a rollout begins when it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    AtOnce,
    WhenTold,
}

pub async fn plan(
    web: &Web,
    (caller, trail): (&Caller, &Trail),
    wish: Wish,
    begin: Begin,
) -> Result<RolloutDocument, WebError> {
    let object = wish.words();
    let by = caller.account.clone();
    let plan = web.read(move |web| {
        let plan = wish.plan(&web.releases, &web.snapshot(), &by);
        plan.map_err(WebError::from)
    });
    let plan = plan.await?;
    let after = format!("{} rings, {}", plan.rings.len(), plan.image.path);
    let change = Change {
        after: Some(&after),
        ..Change::default()
    };
    trail.note(web, "rollout.plan", &object, change).await?;
    let planned = web.orders.plan_rollout(plan).await;
    let id = done(web, trail, &object, planned).await?;
    if begin == Begin::AtOnce {
        tell(web, (caller, trail), id, Word::Start).await?;
    }
    let mut live = web.live.clone();
    let shown = live.wait_for(|live| live.rollout(id).is_some());
    let shown = tokio::time::timeout(PUBLISHING, shown).await;
    let live = shown.map_err(|_| WebError::Slow)?;
    let live = live.map_err(|_| WebError::Stopping)?.clone();
    let rollout = live.rollout(id).ok_or(WebError::Slow)?;
    Ok(RolloutDocument::of(rollout, &live))
}

/// Says something to a rollout, and waits for the snapshot that shows it.
pub async fn tell(
    web: &Web,
    (caller, trail): (&Caller, &Trail),
    id: RolloutId,
    word: Word,
) -> Result<(), WebError> {
    let before = web.snapshot();
    let before = before.rollout(id).map(|rollout| rollout.stage().word());
    let action = match word {
        Word::Approve => "rollout.approve",
        Word::Start => "rollout.start",
        Word::Pause => "rollout.pause",
        Word::Resume => "rollout.resume",
        Word::Abort => "rollout.abort",
        Word::RollBack => "rollout.roll_back",
    };
    let (object, change) = (
        format!("rollout {id}"),
        Change {
            before,
            ..Change::default()
        },
    );
    trail.note(web, action, &object, change).await?;
    let mut live = web.live.clone();
    live.mark_unchanged();
    let by = caller.account.clone();
    let told = web.orders.tell_rollout(id, word, by).await;
    done(web, trail, &object, told).await?;
    // Whoever reads sooner sees it a moment later.
    drop(tokio::time::timeout(PUBLISHING, live.changed()).await);
    Ok(())
}

impl From<WishError> for WebError {
    fn from(error: WishError) -> Self {
        match error {
            WishError::Releases(error) => error.into(),
            error => Self::Invalid(vec![Flaw::new(error.place(), &error)]),
        }
    }
}
