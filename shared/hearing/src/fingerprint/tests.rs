use proptest::prelude::*;

use super::forest::{Forest, ForestError, Settings};
use super::*;
use crate::capture::Link;

const DEVICE: Mac = Mac([0xb8, 0xa4, 0x4f, 1, 2, 3]);
const ROUTER: Mac = Mac([0x24, 0xa4, 0x3c, 0, 0, 1]);

fn datagram(to_port: u16, payload: &[u8]) -> Vec<u8> {
    let builder = etherparse::PacketBuilder::ethernet2(DEVICE.0, ROUTER.0)
        .ipv4([10, 0, 0, 7], [10, 0, 0, 1], 64)
        .udp(40_000, to_port);
    let mut bytes = Vec::new();
    builder.write(&mut bytes, payload).expect("memory takes it");
    bytes
}

fn capture(kind: usize, run: usize) -> Features {
    let mut gathering = Gathering::of(DEVICE);
    for number in 0..20 + run {
        let bytes = datagram(1_000 + 7 * kind as u16, &vec![7; 50 * kind + number % 3]);
        let frame = Frame::read(Link::Ethernet, &bytes).expect("it is a frame");
        gathering.hear(Moment::from_millis((number * 500) as u64), &frame);
    }
    gathering.features()
}

#[test]
fn only_the_devices_own_frames_count() {
    let bytes = datagram(53, b"x");
    let frame = Frame::read(Link::Ethernet, &bytes).expect("it is a frame");
    let mut gathering = Gathering::of(Mac([9; 6]));
    gathering.hear(Moment::default(), &frame);
    assert_eq!(gathering.sent(), 0);
    assert!(gathering.features().0.iter().all(|number| *number == 0.0));
}

#[test]
fn a_fingerprint_stays_within_its_bound_and_has_no_odd_numbers() {
    let mut gathering = Gathering::of(DEVICE);
    let bytes = datagram(53, b"x");
    let frame = Frame::read(Link::Ethernet, &bytes).expect("it is a frame");
    for number in 0..2 * FINGERPRINT_FRAMES as u64 {
        gathering.hear(Moment::from_micros(u64::MAX - number), &frame);
    }
    assert_eq!(gathering.sent(), FINGERPRINT_FRAMES);
    assert!(
        gathering
            .features()
            .0
            .iter()
            .all(|number| number.is_finite())
    );
}

fn samples() -> Vec<(Features, u8)> {
    let runs = |kind| (0..8).map(move |run| (capture(kind, run), kind as u8));
    (0..5).flat_map(runs).collect()
}

#[test]
fn a_forest_tells_types_apart_and_is_the_same_each_time() {
    let samples = samples();
    let forest = Forest::grow(&samples, Settings::default());
    assert_eq!(forest, Forest::grow(&samples, Settings::default()));
    for kind in 0..5 {
        let vote = forest.judge(&capture(kind, 20)).expect("it has learnt");
        assert_eq!(usize::from(vote.best), kind);
        assert!(vote.nearness() > 0.5, "{vote:?}");
    }
    let stranger = forest.judge(&capture(11, 3)).expect("it has learnt");
    let known = forest.judge(&capture(3, 3)).expect("it has learnt");
    assert!(
        stranger.nearness() < known.nearness(),
        "{stranger:?} {known:?}"
    );
}

#[test]
fn a_forest_without_samples_says_nothing() {
    let forest = Forest::grow(&[], Settings::default());
    assert_eq!(forest.judge(&capture(1, 1)), None);
}

#[test]
fn a_written_forest_says_the_same() {
    let forest = Forest::grow(&samples(), Settings::default());
    let bytes = forest.to_bytes();
    assert_eq!(Forest::from_bytes(&bytes), Ok(forest));
    assert_eq!(
        Forest::from_bytes(&bytes[..bytes.len() - 1]),
        Err(ForestError::Length)
    );
    assert_eq!(
        Forest::from_bytes(&[bytes, vec![0]].concat()),
        Err(ForestError::Length)
    );
    assert_eq!(
        Forest::from_bytes(b"something else"),
        Err(ForestError::Head)
    );
}

proptest! {
    #[test]
    fn no_bytes_make_a_forest_that_is_walked_without_end(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let settings = Settings { trees: 2, ..Settings::default() };
        let few: Vec<_> = samples().into_iter().step_by(4).collect();
        let mut bytes = Forest::grow(&few, settings).to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = to;
        if let Ok(forest) = Forest::from_bytes(&bytes) {
            let _any = forest.judge(&few[0].0);
        }
    }
}
