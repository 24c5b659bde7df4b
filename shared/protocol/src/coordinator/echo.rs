//! The echo: a moment after an alert the coordinator names it to everybody, for those whose neighbours kept it back.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::{Coordinator, Deadline, Output};
use crate::evidence::{Evidence, EvidenceId};
use crate::gossip;
use crate::key::PeerKey;
use crate::limits;
use crate::time::Now;

/// Gossip is done by then: who still asks was left out.
const LATER: Duration = Duration::from_millis(1_500);

/// Alerts for whoever asks, the oldest first to go.
#[derive(Debug, Default)]
pub(super) struct Echo {
    kept: BTreeMap<EvidenceId, Vec<u8>>,
    order: VecDeque<EvidenceId>,
    /// Names that are still to be said.
    unsaid: Vec<EvidenceId>,
}

impl Echo {
    fn keep(&mut self, id: EvidenceId, alert: &[u8]) {
        if self.kept.insert(id, alert.to_vec()).is_some() {
            return;
        }
        self.order.push_back(id);
        self.unsaid.push(id);
        if self.order.len() > limits::ALERTS_ECHOED
            && let Some(oldest) = self.order.pop_front()
        {
            self.kept.remove(&oldest);
            self.unsaid.retain(|unsaid| *unsaid != oldest);
        }
    }
}

impl Coordinator {
    /// An alert that was news here.
    pub(super) fn echo(&mut self, id: EvidenceId, alert: &[u8], now: Now) {
        self.echo.keep(id, alert);
        self.deadlines.hasten(Deadline::Echo, now.monotonic + LATER);
    }

    pub(super) fn echo_due(&mut self, out: &mut Vec<Output>) {
        let unsaid = std::mem::take(&mut self.echo.unsaid);
        let posts = self.audience();
        let posts = posts.flat_map(|to| gossip::have_whole(to, &unsaid));
        out.extend(posts.map(|gossip::Post { to, message }| Output::Send { to, message }));
    }

    /// A node asks for what its neighbours did not hand over.
    pub(super) fn wanted_from_here(
        &self,
        from: PeerKey,
        ids: &[EvidenceId],
        out: &mut Vec<Output>,
    ) {
        let kept = ids.iter().filter_map(|id| self.echo.kept.get(id));
        let alerts = kept.map(|alert| Evidence::Alert(alert.clone().into()));
        let posts = gossip::frames(from, alerts);
        out.extend(posts.into_iter().map(|post| Output::Send {
            to: post.to,
            message: post.message,
        }));
    }
}
