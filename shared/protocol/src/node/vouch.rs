//! The answer to another witness's word: vouching for whom is heard here, a probe for whom is not.

use std::time::Duration;

use minicbor::bytes::ByteVec;

use super::doubt::{AGREE_AFTER, PROBE};
use super::{Deadline, Node, Output};
use crate::accusation::Silent;
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::message::Message;
use crate::record::Flags;
use crate::statement::Statement;
use crate::time::Now;

/// Between two signed answers to challenges at least.
const ANSWER_PAUSE: Duration = Duration::from_secs(2);

/// What a witness can say to the accusation of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// It has heard the subject a moment ago.
    Heard,
    Unsure,
}

impl Node {
    /// A co-witness accuses: whoever is heard here is challenged, whoever is not is probed at once.
    pub(super) fn accused_before(
        &mut self,
        from: PeerKey,
        bytes: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(accusation) = self.open_accusation(bytes) else {
            return self.misbehaved(from, "an accusation that does not check", out);
        };
        let witness = accusation.witness;
        // A word that is repeated because the link is new does not keep the link.
        let known = self.silence.accusation(&witness);
        if known.is_none_or(|known| known.number < accusation.number) {
            self.doubts.pool(from, now.monotonic);
        }
        if self.doubts.credit.answers(&witness, now.monotonic) {
            let silent = accusation.silent.iter();
            let answers = silent.map(|silent| self.answer_accusation(from, *silent, now, out));
            if answers.fold(false, |wrong, answer| wrong | (answer == Answer::Heard)) {
                self.doubts.credit.was_wrong(witness, now.monotonic);
            }
        }
        self.accused_by(accusation, now, out);
    }

    fn answer_accusation(
        &mut self,
        from: PeerKey,
        silent: Silent,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Answer {
        if !self.watch.watches(&silent.subject) {
            return Answer::Unsure;
        }
        let heard = self.watch.heard(&silent.subject);
        let quiet = heard.map(|heard| now.monotonic.since(heard));
        if quiet.is_none_or(|quiet| quiet >= self.config.beat * AGREE_AFTER / 10) {
            self.watch.expect(&silent.subject, now.monotonic);
            if !self.doubts.is_doubted(&silent.subject) {
                self.probe(silent.subject, now, out);
                self.deadlines
                    .hasten(Deadline::Doubts, now.monotonic + PROBE);
            }
            return Answer::Unsure;
        }
        match self.watch.head(&silent.subject) {
            Some(head) if Some(head.position) > silent.last => {
                out.push(vouch(from, head.bytes()));
            }
            _ => {
                let waiting = self.doubts.vouching.entry(silent.subject).or_default();
                waiting.insert(from);
                self.ask(silent.subject, Message::Challenge, out);
            }
        }
        Answer::Heard
    }

    /// A fresh head came: those who waited for it get it.
    pub(super) fn vouch_for(&mut self, subject: &DeviceId, head: &[u8], out: &mut Vec<Output>) {
        for waiting in self.doubts.vouching.remove(subject).unwrap_or_default() {
            if self.links.is_up(waiting) {
                out.push(vouch(waiting, head));
            }
        }
    }

    /// A co-witness shows heads of those whom this witness does not hear.
    pub(super) fn vouched(
        &mut self,
        from: PeerKey,
        heads: &[ByteVec],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        for bytes in heads {
            let Some(head) = self.open_any_head(bytes) else {
                return self.misbehaved(from, "vouches with a head that does not check", out);
            };
            self.compare(&head, now, out);
            let subject = head.device;
            let accused = self.doubts.accused.get(&subject).copied();
            let fresh = accused.is_some_and(|last| Some(head.position) > last);
            if fresh {
                *self.doubts.refuted.entry(subject).or_default() += 1;
                self.doubts.accused.remove(&subject);
                self.watch.excuse(&subject, now.monotonic);
                self.accuse_soon(now);
            }
            self.refuted_by(head, now, out);
        }
    }

    /// A witness asks for a sign of life.
    pub(super) fn probed(&mut self, from: PeerKey, out: &mut Vec<Output>) {
        if let Some(position) = self.report.newest() {
            out.push(Output::Send {
                to: from,
                message: Message::Beat { position },
            });
        }
    }

    /// Somebody asks for a fresh head: everybody who watches gets it, so one answer serves all for a while. A
    /// stranger who tries this device is shown the newest.
    pub(super) fn challenged(&mut self, from: PeerKey, now: Now, out: &mut Vec<Output>) {
        let answered = self.doubts.answered;
        if answered.is_none_or(|at| now.monotonic.since(at) >= ANSWER_PAUSE) {
            self.doubts.answered = Some(now.monotonic);
            self.record(Statement::Present, Flags::NONE, now, out);
        }
        let head = self.report.head_of_this_life().cloned();
        if let Some(head) = head.filter(|_| !self.witness_peers().contains(&from)) {
            out.push(Output::Send {
                to: from,
                message: Message::Head { head },
            });
        }
    }
}

fn vouch(to: PeerKey, head: &[u8]) -> Output {
    let heads = vec![head.to_vec().into()];
    Output::Send {
        to,
        message: Message::Vouch { heads },
    }
}
