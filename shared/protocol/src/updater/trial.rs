//! While a new version is on trial, the witnesses of the device are asked to look at it.

use std::time::Duration;

use super::{Output, Updater};
use crate::install::{Install, State};
use crate::time::Now;

/// The pause between two requests; shorter than a trial, so that a witness that was away is heard yet.
const PAUSE: Duration = Duration::from_secs(15);

impl Updater {
    pub(super) fn plan_looks(&mut self, now: Now) {
        let on_trial = self
            .step()
            .is_some_and(|step| step.state == State::Probation);
        match (on_trial, self.look) {
            (true, None) => self.look = Some(now.monotonic),
            (false, Some(_)) => self.look = None,
            _ => {}
        }
    }

    pub(super) fn ask_for_looks(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.look.is_none_or(|look| now.monotonic < look) {
            return;
        }
        self.look = Some(now.monotonic + PAUSE);
        let listened = self.install.as_ref().map(Install::may_listen);
        out.extend(listened.map(|listened| Output::Look { listened }));
    }
}
