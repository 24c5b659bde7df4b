//! Which question belongs to which peer and matter, for callers that ask each peer one thing of a kind at a time.

use std::collections::BTreeMap;

use crate::{AskId, Key, QuestionId};

/// Open questions of both sides, by peer and by what they are about.
#[derive(Debug)]
pub struct Book<K> {
    asks: BTreeMap<AskId, (Key, K)>,
    asked: BTreeMap<(Key, K), AskId>,
    questions: BTreeMap<QuestionId, (Key, K)>,
    unanswered: BTreeMap<(Key, K), QuestionId>,
}

/// Whether this side had given its answer when a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Unanswered,
    Answered,
}

impl<K> Default for Book<K> {
    fn default() -> Self {
        Self {
            asks: BTreeMap::new(),
            asked: BTreeMap::new(),
            questions: BTreeMap::new(),
            unanswered: BTreeMap::new(),
        }
    }
}

impl<K: Copy + Ord> Book<K> {
    /// This side has asked; the former question about the same, if it is open, is to be withdrawn.
    pub fn asked(&mut self, peer: Key, about: K, id: AskId) -> Option<AskId> {
        let former = self.withdrawn(peer, about);
        self.asks.insert(id, (peer, about));
        self.asked.insert((peer, about), id);
        former
    }

    /// This side wants no answer any more.
    pub fn withdrawn(&mut self, peer: Key, about: K) -> Option<AskId> {
        let id = self.asked.remove(&(peer, about))?;
        self.asks.remove(&id);
        Some(id)
    }

    /// Whom an answer is of, and about what; nobody where the question is void.
    pub fn answered(&mut self, id: AskId) -> Option<(Key, K)> {
        let (peer, about) = self.asks.remove(&id)?;
        self.asked.remove(&(peer, about));
        Some((peer, about))
    }

    /// A peer has asked; its former question about the same is void, and still wants an end.
    pub fn question(&mut self, peer: Key, about: K, id: QuestionId) -> Option<QuestionId> {
        let former = self.unanswered.insert((peer, about), id);
        self.questions.insert(id, (peer, about));
        former.inspect(|former| {
            self.questions.remove(former);
        })
    }

    /// The question that is answered now.
    pub fn answering(&mut self, peer: Key, about: K) -> Option<QuestionId> {
        self.unanswered.remove(&(peer, about))
    }

    /// A peer's question has ended. It may have been withdrawn while its answer was on the way: then the mesh
    /// says of it that it was withdrawn, and whoever answered still waits for the end of the answer.
    pub fn ended(&mut self, id: QuestionId) -> Option<(Key, K, Ended)> {
        let (peer, about) = self.questions.remove(&id)?;
        let waits = self.unanswered.get(&(peer, about)) == Some(&id);
        if waits {
            self.unanswered.remove(&(peer, about));
            return Some((peer, about, Ended::Unanswered));
        }
        Some((peer, about, Ended::Answered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: Key = [1; 32];

    #[test]
    fn a_newer_question_about_the_same_takes_the_place_of_the_older_on_both_sides() {
        let mut book = Book::default();
        assert_eq!(book.asked(PEER, 'a', AskId(1)), None);
        assert_eq!(book.asked(PEER, 'b', AskId(2)), None);
        assert_eq!(book.asked(PEER, 'a', AskId(3)), Some(AskId(1)));
        assert_eq!(book.answered(AskId(1)), None);
        assert_eq!(book.answered(AskId(3)), Some((PEER, 'a')));
        assert_eq!(book.withdrawn(PEER, 'b'), Some(AskId(2)));
        assert_eq!(book.withdrawn(PEER, 'b'), None);

        assert_eq!(book.question(PEER, 'a', QuestionId(1)), None);
        assert_eq!(book.question(PEER, 'a', QuestionId(2)), Some(QuestionId(1)));
        assert_eq!(book.ended(QuestionId(1)), None, "nobody waits for it");
        assert_eq!(book.answering(PEER, 'a'), Some(QuestionId(2)));
        assert_eq!(book.answering(PEER, 'a'), None);
        let answered = Some((PEER, 'a', Ended::Answered));
        assert_eq!(book.ended(QuestionId(2)), answered);
        assert_eq!(book.question(PEER, 'a', QuestionId(4)), None);
        let unanswered = Some((PEER, 'a', Ended::Unanswered));
        assert_eq!(book.ended(QuestionId(4)), unanswered);
        assert_eq!(book.answering(PEER, 'a'), None, "it was withdrawn");
    }

    #[test]
    fn a_question_that_is_withdrawn_while_its_answer_leaves_ends_as_an_answered_one() {
        let mut book = Book::default();
        assert_eq!(book.question(PEER, 'a', QuestionId(1)), None);
        assert_eq!(book.answering(PEER, 'a'), Some(QuestionId(1)));
        assert_eq!(book.question(PEER, 'a', QuestionId(2)), None);
        let answered = Some((PEER, 'a', Ended::Answered));
        assert_eq!(book.ended(QuestionId(1)), answered);
        assert_eq!(book.answering(PEER, 'a'), Some(QuestionId(2)));
    }
}
