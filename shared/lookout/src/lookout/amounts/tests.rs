use std::net::IpAddr;

use hearing::flow::{Answer, Count, Direction as Way, Endpoint, Flow, Key, Nets, protocol};
use hearing::frame::TcpFlags;
use hearing::moment::Moment;

use super::*;
use crate::firing::Evidence;
use crate::limits::AMOUNTS;
use crate::lookout::{Lookout, Settings};
use crate::whose::Whose;

const CAMERA: [u8; 4] = [10, 0, 0, 7];
const SPAN_S: u64 = 300;

/// A camera that calls its cloud two to five times in a span, and sends some hundred bytes each time.
struct Story {
    lookout: Lookout,
    now_s: u64,
    step: u64,
    said: Vec<(String, u64, u64, String)>,
}

impl Story {
    fn new() -> Self {
        Self {
            lookout: Lookout::new(&Settings::default(), Nets::private(), Vec::new()),
            now_s: 1_700_000_000,
            step: 0,
            said: Vec::new(),
        }
    }

    fn usual(&mut self, spans: u64) {
        for _ in 0..spans {
            self.step += 1;
            let step = self.step;
            self.span(2 + step * step * 7 % 4, 700 + step * 131 % 500);
        }
    }

    fn span(&mut self, calls: u64, bytes: u64) {
        for call in 0..SPAN_S / 10 {
            if call < calls {
                self.call(Answer::Given, [93, 184, 216, 34].into(), bytes);
            }
            self.now_s += 10;
            self.tick();
        }
    }

    fn call(&mut self, answer: Answer, to: IpAddr, bytes: u64) {
        self.call_from(CAMERA.into(), answer, to, bytes);
    }

    fn call_from(&mut self, from: IpAddr, answer: Answer, to: IpAddr, bytes: u64) {
        let end = |address, port| Endpoint { address, port };
        let now = Moment::from_secs(self.now_s);
        let count = |bytes| Count { packets: 4, bytes };
        let flow = Flow {
            key: Key {
                initiator: end(from, 40_000),
                responder: end(to, 443),
                protocol: protocol::TCP,
            },
            first: now,
            last: now,
            forward: count(bytes),
            back: count(3 * bytes),
            forward_flags: TcpFlags::SYN,
            back_flags: TcpFlags::default(),
            answer,
            direction: Way::Out,
            name: None,
            mac: None,
        };
        self.lookout.told(now, &flow, Evidence::Connections);
    }

    fn tick(&mut self) {
        self.lookout.tick(Moment::from_secs(self.now_s));
        let said = self.lookout.firings().map(|firing| {
            let what = firing.examples.join(" ");
            let rule = firing.rule.word().to_owned();
            (rule, firing.usual, firing.observed, what)
        });
        self.said.extend(said);
    }

    fn rows(&self) -> usize {
        let kept = self.lookout.kept();
        kept.iter().map(|(_, kept)| kept.amounts.0.len()).sum()
    }
}

#[test]
fn far_more_of_what_is_allowed_is_said_once_with_what_was_usual() {
    let mut story = Story::new();
    story.usual(2 * LEARNING);
    assert_eq!(story.said, []);
    (0..5).for_each(|_| story.span(25, 900));
    let [(rule, usual, observed, what)] = &story.said[..] else {
        panic!("once: {:?}", story.said);
    };
    assert_eq!((rule.as_str(), *observed), ("amounts", 25));
    assert_eq!(what, "connections out");
    assert!((2..=5).contains(usual), "{usual}");
}

#[test]
fn one_strange_span_may_be_a_restart_and_two_are_said() {
    let mut story = Story::new();
    story.usual(2 * LEARNING);
    let (_, kept) = story.lookout.kept().remove(0);
    let now = Moment::from_secs(story.now_s);
    let mut amounts = Amounts::new(&kept.amounts, now);
    let usual = kept.amounts.0[0];
    let busy = usual.map(|part| part + 3_000);
    for row in [busy, usual, usual, busy] {
        assert_eq!(amounts.judge(row, false, 1e-4, now), None);
    }
    assert!(amounts.judge(busy, false, 1e-4, now).is_some());
}

#[test]
fn less_than_ever_is_said_too() {
    let mut story = Story::new();
    story.usual(2 * LEARNING);
    (0..4).for_each(|_| story.span(0, 0));
    assert_eq!(story.said.len(), 1, "{:?}", story.said);
    assert_eq!(story.said[0].0, "amounts");
}

/// A camera sends its pictures every night for an hour.
#[test]
fn what_comes_every_night_is_said_once() {
    let mut story = Story::new();
    story.usual(LEARNING);
    for _ in 0..6 {
        story.usual(LEARNING - 12);
        (0..12).for_each(|_| story.span(25, 900));
    }
    assert_eq!(story.said.len(), 1, "{:?}", story.said);
}

#[test]
fn what_was_not_said_yet_teaches_nothing() {
    let mut story = Story::new();
    story.usual(LEARNING + 40);
    let before = story.rows();
    story.span(25, 900);
    // The span in which it begins may be half a usual one.
    assert!(story.rows() <= before + 1, "{}", story.rows());
    assert_eq!(story.said, []);
}

#[test]
fn what_was_counted_outlives_a_restart() {
    let mut story = Story::new();
    story.usual(2 * LEARNING);
    let kept = story.lookout.kept();
    assert_eq!(kept[0].1.amounts.0.len(), SPANS);
    let mut again = Story {
        now_s: story.now_s,
        step: story.step,
        ..Story::new()
    };
    again
        .lookout
        .restore(kept.clone(), Moment::from_secs(again.now_s));
    assert_eq!(again.lookout.kept(), kept);
    again.usual(3);
    assert_eq!(again.said, []);
    (0..3).for_each(|_| again.span(25, 900));
    assert_eq!(again.said.len(), 1, "{:?}", again.said);
}

#[test]
fn while_a_rule_speaks_nothing_is_learnt() {
    let mut story = Story::new();
    story.usual(60);
    let before = story.rows();
    for last in 0..40 {
        story.call(Answer::Nothing, [10, 0, 1, last].into(), 60);
    }
    story.now_s += 2;
    story.tick();
    assert_eq!(
        story.said.first().map(|said| said.0.as_str()),
        Some("fan_out")
    );
    story.usual(1);
    assert_eq!(story.rows(), before);
}

#[test]
fn memory_is_taken_by_few_and_the_host_itself_has_its_place() {
    let own = vec![[10, 0, 0, 1].into()];
    let mut story = Story {
        lookout: Lookout::new(&Settings::default(), Nets::private(), own),
        ..Story::new()
    };
    for last in (2..100).chain([1]) {
        for _ in 0..30 {
            let cloud = [93, 184, 216, 34].into();
            story.call_from([10, 0, 0, last].into(), Answer::Given, cloud, 9);
        }
    }
    story.now_s += 10;
    story.tick();
    let counted: Vec<Whose> = story.lookout.counted().collect();
    assert_eq!(counted.len(), AMOUNTS);
    assert!(counted.contains(&Whose::Own));
}
