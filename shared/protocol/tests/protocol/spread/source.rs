//! The coordinator before members that the test plays.

use protocol::spread::chunks::Chunks;
use protocol::spread::frame::{Frame, Want};
use protocol::spread::source::Source;
use protocol::spread::{Config, Delivery, Input, Output};

use super::{Load, at, dice, neighbour, peer};

fn source(chunks: u64) -> Source {
    Source::new(Load::of_chunks(chunks).image, Config::default(), dice(3))
}

fn any(number: u8, chunks: u32) -> Input {
    let held = Chunks::none(chunks).to_bytes().into();
    Input::Asked {
        from: peer(number),
        want: Want::Any { held },
    }
}

fn named(number: u8, chunk: u32) -> Input {
    Input::Asked {
        from: peer(number),
        want: Want::Chunk { chunk },
    }
}

fn served(number: u8, how: Delivery) -> Input {
    Input::Served {
        to: peer(number),
        how,
    }
}

fn serves(outputs: &[Output]) -> Vec<u32> {
    let serves = outputs.iter().filter_map(|output| match output {
        Output::Serve { chunk, .. } => Some(*chunk),
        _ => None,
    });
    serves.collect()
}

/// Hands everything out to one peer, and says which chunks went and in which order.
fn hand_out(source: &mut Source, chunks: u32) -> Vec<u32> {
    let mut sent = Vec::new();
    source.handle(neighbour(1), at(0));
    for _ in 0..chunks {
        sent.extend(serves(&source.handle(any(1, chunks), at(0))));
        source.handle(served(1, Delivery::Taken), at(0));
    }
    sent
}

#[test]
fn every_chunk_leaves_once_before_any_leaves_twice() {
    let mut source = source(20);
    let mut sent = hand_out(&mut source, 20);
    sent.sort_unstable();
    assert_eq!(sent, (0..20).collect::<Vec<u32>>());
    assert!(source.is_open());
    // Whoever comes now is told so.
    let bits = Chunks::all(20).to_bytes().into();
    let frame = Frame::Map { bits };
    assert_eq!(
        source.handle(neighbour(2), at(0)),
        [Output::Send { to: peer(2), frame }]
    );
}

#[test]
fn what_did_not_get_through_leaves_again_as_a_first_copy() {
    let mut source = source(2);
    source.handle(neighbour(1), at(0));
    let first = serves(&source.handle(any(1, 2), at(0)));
    source.handle(served(1, Delivery::Failed), at(0));
    let mut sent = serves(&source.handle(any(1, 2), at(0)));
    source.handle(served(1, Delivery::Taken), at(0));
    sent.extend(serves(&source.handle(any(1, 2), at(0))));
    assert!(sent.contains(&first[0]), "{first:?} of {sent:?}");
}

#[test]
fn of_many_who_ask_for_a_lost_chunk_one_gets_it_at_a_time() {
    let mut source = source(2);
    hand_out(&mut source, 2);
    for number in 2..=4 {
        source.handle(neighbour(number), at(10_000));
    }
    assert_eq!(serves(&source.handle(named(2, 1), at(10_000))), [1]);
    assert_eq!(source.handle(named(3, 1), at(10_000)), []);
    assert_eq!(source.handle(served(2, Delivery::Taken), at(10_000)), []);
    // It has had the time to come from a neighbour and has not.
    let due = source.next_deadline().unwrap();
    assert_eq!(serves(&source.handle(Input::Tick, due)), [1]);
}

#[test]
fn whoever_three_others_name_is_handed_nothing() {
    let mut source = source(8);
    for number in 1..=5 {
        source.handle(neighbour(number), at(0));
    }
    for by in [2, 2, 3] {
        source.handle(
            Input::Named {
                peer: peer(1),
                by: peer(by),
            },
            at(0),
        );
    }
    assert_eq!(serves(&source.handle(any(1, 8), at(0))).len(), 1);
    source.handle(served(1, Delivery::Taken), at(0));
    source.handle(
        Input::Named {
            peer: peer(1),
            by: peer(4),
        },
        at(0),
    );
    assert_eq!(
        source.handle(any(1, 8), at(0)),
        [Output::Refuse { to: peer(1) }]
    );
}

#[test]
fn a_source_that_starts_anew_does_not_send_what_everybody_has() {
    let mut source = source(2);
    source.handle(neighbour(1), at(0));
    let mut held = Chunks::none(2);
    held.insert(0);
    let want = Want::Any {
        held: held.to_bytes().into(),
    };
    let ask = Input::Asked {
        from: peer(1),
        want: want.clone(),
    };
    assert_eq!(serves(&source.handle(ask, at(0))), [1]);
    source.handle(served(1, Delivery::Taken), at(0));
    // It asks again, which means that the chunk came to nothing: all that is not out, it has.
    source.handle(
        Input::Asked {
            from: peer(1),
            want,
        },
        at(0),
    );
    let due = source.next_deadline().unwrap();
    source.handle(Input::Tick, due);
    assert!(source.is_open());
}
