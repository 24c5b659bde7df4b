//! Questions and answers beside the frames.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use mesh::{AskId, Config, DownReason, Event, Handover, QuestionId, limits};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::{
    rig::{Peer, linked, open_gate},
    road::Road,
};

impl Peer {
    fn ask(&self, other: &Self, question: &'static [u8]) -> AskId {
        self.mesh.ask(other.key(), Bytes::from_static(question))
    }

    async fn asked(&mut self) -> (QuestionId, Bytes) {
        self.wait(|event| match event {
            Event::Asked { id, bytes, .. } => Some((*id, bytes.clone())),
            _ => None,
        })
        .await
    }

    async fn answered(&mut self) -> (AskId, Option<Bytes>) {
        self.wait(|event| match event {
            Event::Answered { id, answer, .. } => Some((*id, answer.clone())),
            _ => None,
        })
        .await
    }

    async fn withdrawn(&mut self) -> QuestionId {
        self.wait(|event| match event {
            Event::Withdrawn { id, .. } => Some(*id),
            _ => None,
        })
        .await
    }

    async fn served(&mut self) -> (QuestionId, Handover) {
        self.wait(|event| match event {
            Event::Served { id, how, .. } => Some((*id, *how)),
            _ => None,
        })
        .await
    }

    /// Nothing more is reported for a moment.
    async fn hears_no_more(&mut self) {
        let more = timeout(Duration::from_millis(200), self.events.recv()).await;
        assert!(more.is_err(), "{more:?}");
    }
}

fn long(length: usize) -> Bytes {
    (0..length)
        .map(|at| u8::try_from(at % 251).expect("it is below 251"))
        .collect()
}

#[tokio::test]
async fn either_side_asks_and_gets_the_answer_to_its_own_question() {
    let (mut a, mut b) = linked().await;
    let (first, second) = (a.ask(&b, b"first"), a.ask(&b, b"second"));
    let third = b.ask(&a, b"third");
    for _ in 0..2 {
        let (id, question) = b.asked().await;
        b.mesh.answer(id, [b"re: ", &question[..]].concat().into());
        assert_eq!(b.served().await, (id, Handover::Taken));
    }
    let (id, question) = a.asked().await;
    assert_eq!(question, "third");
    a.mesh.answer(id, Bytes::new());
    assert_eq!(b.answered().await, (third, Some(Bytes::new())));
    let mut answers = [a.answered().await, a.answered().await];
    answers.sort();
    let of = |text: &'static str| Some(Bytes::from(text));
    assert_eq!(
        answers,
        [(first, of("re: first")), (second, of("re: second"))]
    );
}

#[tokio::test]
async fn the_longest_question_and_answer_arrive_whole() {
    let (mut a, mut b) = linked().await;
    let ask = a.mesh.ask(b.key(), long(limits::MAX_QUESTION));
    let (id, question) = b.asked().await;
    assert_eq!(question, long(limits::MAX_QUESTION));
    b.mesh.answer(id, long(limits::MAX_ANSWER));
    assert_eq!(a.answered().await, (ask, Some(long(limits::MAX_ANSWER))));
    assert_eq!(b.served().await, (id, Handover::Taken));
}

/// Longer than a connection without streams may stay idle.
#[tokio::test]
async fn a_parked_question_is_answered_later() {
    let (mut a, mut b) = linked().await;
    let ask = a.ask(&b, b"whichever you like");
    let (id, _) = b.asked().await;
    tokio::time::sleep(limits::IDLE_TIMEOUT + Duration::from_secs(1)).await;
    b.mesh.answer(id, Bytes::from_static(b"this one"));
    assert_eq!(a.answered().await, (ask, Some("this one".into())));
}

#[tokio::test]
async fn whoever_withdraws_hears_nothing_and_the_other_side_is_told() {
    let (mut a, mut b) = linked().await;
    let ask = a.ask(&b, b"never mind");
    let (id, _) = b.asked().await;
    a.mesh.withdraw(ask);
    assert_eq!(b.withdrawn().await, id);
    b.mesh.answer(id, Bytes::from_static(b"too late"));
    a.hears_no_more().await;
    b.hears_no_more().await;
}

/// The answer is longer than the windows on its way, so it cannot have left when the question is withdrawn.
#[tokio::test]
async fn an_answer_that_is_withdrawn_on_its_way_has_failed() {
    let (mut a, mut b) = linked().await;
    let mut asks = Vec::new();
    for _ in 0..limits::MAX_QUESTIONS {
        asks.push(a.ask(&b, b"a chunk"));
    }
    for ask in asks {
        let (id, _) = b.asked().await;
        a.mesh.withdraw(ask);
        b.mesh.answer(id, long(limits::MAX_ANSWER));
    }
    for _ in 0..limits::MAX_QUESTIONS {
        let end = b
            .wait(|event| match event {
                Event::Withdrawn { .. } => Some(Handover::Failed),
                Event::Served { how, .. } => Some(*how),
                _ => None,
            })
            .await;
        assert_eq!(end, Handover::Failed);
    }
    a.hears_no_more().await;
}

#[tokio::test]
async fn what_is_too_long_fails_and_the_link_stands() {
    let (mut a, mut b) = linked().await;
    let longer = a.mesh.ask(b.key(), long(limits::MAX_QUESTION + 1));
    assert_eq!(a.answered().await, (longer, None));
    let ask = a.ask(&b, b"more than is allowed");
    let (id, _) = b.asked().await;
    b.mesh.answer(id, long(limits::MAX_ANSWER + 1));
    assert_eq!(b.served().await, (id, Handover::Failed));
    assert_eq!(a.answered().await, (ask, None));
    a.send(&b, b"still here");
    assert_eq!(b.frame().await, "still here");
}

#[tokio::test]
async fn without_a_link_nothing_is_asked_and_nobody_is_dialled() {
    let mut a = Peer::start(1, open_gate()).await;
    let mut b = Peer::start(2, open_gate()).await;
    let ask = a.ask(&b, b"anybody there");
    assert_eq!(a.answered().await, (ask, None));
    a.hears_no_more().await;
    assert_eq!(b.links_to(a.key()), 0);
}

#[tokio::test]
async fn the_end_of_a_link_fails_what_is_open_before_it_is_reported() {
    let (mut a, mut b) = linked().await;
    let (of_a, of_b) = (a.ask(&b, b"of a"), b.ask(&a, b"of b"));
    let ((at_b, _), (at_a, _)) = (b.asked().await, a.asked().await);
    a.mesh.disconnect(b.key());
    for (peer, ask, question) in [(&mut a, of_a, at_a), (&mut b, of_b, at_b)] {
        let mut ends = BTreeSet::new();
        while ends.len() < 2 {
            match peer.events.recv().await.expect("the mesh runs") {
                Event::Answered {
                    id, answer: None, ..
                } if id == ask => ends.insert("answered"),
                Event::Withdrawn { id, .. } if id == question => ends.insert("withdrawn"),
                other => panic!("{other:?} came before {ends:?} were both"),
            };
        }
        let last = peer.events.recv().await;
        assert!(matches!(last, Some(Event::LinkDown { .. })), "{last:?}");
    }
}

#[tokio::test]
async fn a_question_that_is_asked_as_soon_as_the_link_stands_is_heard_after_that() {
    for _ in 0..20 {
        let mut a = Peer::start(1, open_gate()).await;
        let mut b = Peer::start(2, open_gate()).await;
        a.dial(&b);
        b.up(a.key()).await;
        let ask = b.ask(&a, b"at once");
        let first = a.events.recv().await;
        let first = match first {
            Some(Event::Listening { .. }) => a.events.recv().await,
            other => other,
        };
        assert!(matches!(first, Some(Event::LinkUp { .. })), "{first:?}");
        let (id, _) = a.asked().await;
        a.mesh.answer(id, Bytes::from_static(b"welcome"));
        assert_eq!(b.answered().await, (ask, Some("welcome".into())));
    }
}

#[tokio::test]
async fn a_peer_that_vanishes_withdraws() {
    let (a, mut b) = linked().await;
    a.ask(&b, b"a chunk");
    let (id, _) = b.asked().await;
    let key = a.key();
    drop(a);
    assert_eq!(b.withdrawn().await, id);
    assert_ne!(b.down(key).await, DownReason::Requested);
}

#[tokio::test]
async fn one_question_too_many_fails_at_once_and_a_place_is_free_after_an_answer() {
    let (mut a, mut b) = linked().await;
    for _ in 0..limits::MAX_QUESTIONS {
        a.ask(&b, b"a chunk");
    }
    let surplus = a.ask(&b, b"one more");
    assert_eq!(a.answered().await, (surplus, None));
    for _ in 0..limits::MAX_QUESTIONS {
        let (id, question) = b.asked().await;
        assert_eq!(question, "a chunk");
        b.mesh.answer(id, Bytes::from_static(b"here"));
        assert_eq!(a.answered().await.1, Some("here".into()));
    }
}

/// This peer does not hold itself back.
#[tokio::test]
async fn more_questions_than_a_peer_may_keep_open_are_reset_one_by_one() {
    let mut config = Config::new(Zeroizing::new([1; 32]));
    config.max_asks = 2 * limits::MAX_QUESTIONS;
    let mut a = Peer::start_with(config, open_gate()).await;
    let mut b = Peer::start(2, open_gate()).await;
    a.dial(&b);
    a.up(b.key()).await;
    let mut open: BTreeSet<_> = (0..2 * limits::MAX_QUESTIONS)
        .map(|_| a.ask(&b, b"a chunk"))
        .collect();
    while open.len() > limits::MAX_QUESTIONS {
        let (id, answer) = a.answered().await;
        assert_eq!((open.remove(&id), answer), (true, None));
    }
    for _ in 0..limits::MAX_QUESTIONS {
        let (id, _) = b.asked().await;
        b.mesh.answer(id, Bytes::from_static(b"here"));
        let (id, answer) = a.answered().await;
        assert_eq!((open.remove(&id), answer), (true, Some("here".into())));
    }
    a.hears_no_more().await;
}

/// A stream counts until both sides have closed it, so an honest peer is never one too many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_anew_where_a_place_is_free_is_never_refused() {
    let (mut a, mut b) = linked().await;
    let mut open = VecDeque::new();
    for round in 0..200 {
        if open.len() == limits::MAX_QUESTIONS {
            let (ask, id) = open.pop_front().expect("some are open");
            if round % 3 == 0 {
                a.mesh.withdraw(ask);
                assert_eq!(b.withdrawn().await, id);
            } else {
                b.mesh.answer(id, long(10_000));
                assert_eq!(a.answered().await, (ask, Some(long(10_000))));
            }
        }
        open.push_back((a.ask(&b, b"a chunk"), b.asked().await.0));
    }
}

#[tokio::test]
async fn a_frame_does_not_wait_behind_chunks() {
    let mut a = Peer::start(1, open_gate()).await;
    let mut b = Peer::start(2, open_gate()).await;
    let road = Road::to(&b).await;
    a.mesh.connect(b.key(), vec![road.address.clone()]);
    a.up(b.key()).await;
    b.up(a.key()).await;
    for _ in 0..limits::MAX_QUESTIONS {
        a.ask(&b, b"a chunk");
    }
    for _ in 0..limits::MAX_QUESTIONS {
        let (id, _) = b.asked().await;
        b.mesh.answer(id, long(1024 * 1024));
    }
    let before = road.bytes();
    while road.bytes() - before < 64 * 1024 {
        tokio::task::yield_now().await;
    }
    b.send(&a, b"head");
    assert_eq!(a.frame().await, "head");
    let chunks = road.bytes() - before;
    assert!(chunks < 2 * 1024 * 1024, "{chunks} bytes came before it");
    for _ in 0..limits::MAX_QUESTIONS {
        assert_eq!(a.answered().await.1, Some(long(1024 * 1024)));
    }
}
