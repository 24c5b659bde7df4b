//! The questions of both sides that the caller can still end.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio_util::sync::CancellationToken;

use super::{AskId, QuestionId};
use crate::{Key, mesh::lock};

/// What is open, bounded for each link by the places of its two sides.
#[derive(Debug, Default)]
pub(crate) struct Open {
    last: AtomicU64,
    asks: Mutex<BTreeMap<AskId, Asked>>,
    questions: Mutex<BTreeMap<QuestionId, oneshot::Sender<Bytes>>>,
    /// Could not even be asked; only the caller on this device fills it.
    failed: Mutex<Vec<(Key, AskId)>>,
}

/// A question that the caller has not heard about.
#[derive(Debug)]
struct Asked {
    withdrawn: CancellationToken,
    /// Free for another question when this one is answered or withdrawn; none if it was never asked.
    _place: Option<OwnedSemaphorePermit>,
}

impl Open {
    pub(super) fn new_ask(
        &self,
        place: Option<OwnedSemaphorePermit>,
    ) -> (AskId, CancellationToken) {
        let (id, withdrawn) = (AskId(self.next()), CancellationToken::new());
        let asked = Asked {
            withdrawn: withdrawn.clone(),
            _place: place,
        };
        lock(&self.asks).insert(id, asked);
        (id, withdrawn)
    }

    pub(crate) fn withdraw(&self, id: AskId) {
        if let Some(asked) = lock(&self.asks).remove(&id) {
            asked.withdrawn.cancel();
        }
    }

    /// A question that cannot even be asked; the driver says so.
    pub(crate) fn fail(&self, key: Key) -> AskId {
        let (id, _) = self.new_ask(None);
        lock(&self.failed).push((key, id));
        id
    }

    /// Those that failed and were not withdrawn since.
    pub(crate) fn take_failed(&self) -> Vec<(Key, AskId)> {
        let mut failed = std::mem::take(&mut *lock(&self.failed));
        failed.retain(|(_, id)| self.was_open(*id));
        failed
    }

    /// Ends a question of this side; false if the caller has withdrawn it.
    pub(super) fn was_open(&self, id: AskId) -> bool {
        lock(&self.asks).remove(&id).is_some()
    }

    pub(super) fn new_question(&self) -> (QuestionId, oneshot::Receiver<Bytes>) {
        let id = QuestionId(self.next());
        let (answer, receiver) = oneshot::channel();
        lock(&self.questions).insert(id, answer);
        (id, receiver)
    }

    pub(crate) fn answer(&self, id: QuestionId, answer: Bytes) {
        if let Some(question) = lock(&self.questions).remove(&id) {
            // An error means that the asker has just left, which is reported.
            question.send(answer).ok();
        }
    }

    pub(super) fn forget_question(&self, id: QuestionId) {
        lock(&self.questions).remove(&id);
    }

    fn next(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed)
    }
}
