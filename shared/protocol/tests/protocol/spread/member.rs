//! A member alone before peers that the test plays.

use protocol::release::CHUNK_BYTES;
use protocol::spread::chunks::Chunks;
use protocol::spread::frame::{Answer, Frame, Want};
use protocol::spread::member::Member;
use protocol::spread::{Config, Fault, Input, Output, Part};

use super::{Load, asks, at, dice, holds, neighbour, peer};

fn member(load: &Load) -> Member {
    Member::new(load.image, [], Config::default(), dice(1))
}

fn answered(number: u8, answer: Answer) -> Input {
    let from = peer(number);
    Input::Answered { from, answer }
}

/// Hands the member a chunk that it asked for, and lets its disk write it.
fn give(member: &mut Member, load: &Load, number: u8, chunk: u32, ms: u64) -> Vec<Output> {
    let stores = member.handle(answered(number, load.answer(chunk)), at(ms));
    assert!(
        stores
            .iter()
            .any(|output| matches!(output, Output::Store { .. }))
    );
    let mut outputs = stores;
    outputs.extend(member.handle(Input::Stored { chunk }, at(ms)));
    outputs
}

#[test]
fn a_wrong_chunk_is_not_stored_and_its_sender_is_named_and_left_alone() {
    let load = Load::of_chunks(4);
    let mut member = member(&load);
    member.handle(neighbour(1), at(0));
    let asked = asks(&member.handle(holds(1, &[0, 1, 2, 3]), at(0)));
    let [(_, Some(chunk))] = asked[..] else {
        panic!("{asked:?}")
    };
    let outputs = member.handle(answered(1, load.false_answer(chunk)), at(50));
    let [
        Output::Expose {
            peer: named,
            fault: Fault::Chunk(wrong),
        },
    ] = &outputs[..]
    else {
        panic!("{outputs:?}");
    };
    assert_eq!((*named, wrong.chunk), (peer(1), chunk));
    // Not even when it comes again.
    member.handle(neighbour(1), at(60));
    assert_eq!(member.handle(holds(1, &[0, 1, 2, 3]), at(60)), []);
    let refused = Input::Asked {
        from: peer(1),
        want: Want::Chunk { chunk: 0 },
    };
    assert_eq!(
        member.handle(refused, at(60)),
        [Output::Refuse { to: peer(1) }]
    );
    assert!(member.held().is_empty());
}

#[test]
fn another_chunk_than_the_one_asked_for_is_a_wrong_one() {
    let load = Load::of_chunks(2);
    let mut member = member(&load);
    member.handle(neighbour(1), at(0));
    member.handle(holds(1, &[0]), at(0));
    let outputs = member.handle(answered(1, load.answer(1)), at(50));
    assert!(
        matches!(outputs[..], [Output::Expose { .. }]),
        "{outputs:?}"
    );
}

#[test]
fn a_map_of_another_length_and_a_chunk_beyond_the_end_are_held_against_their_sender() {
    let load = Load::of_chunks(2);
    let frames = [
        Frame::Map {
            bits: vec![0, 0].into(),
        },
        Frame::Map {
            bits: vec![0xff].into(),
        },
        Frame::Holds { chunks: vec![2] },
    ];
    for frame in frames {
        let mut member = member(&load);
        member.handle(neighbour(1), at(0));
        let said = Input::Frame {
            from: peer(1),
            frame,
        };
        let exposed = Output::Expose {
            peer: peer(1),
            fault: Fault::Map,
        };
        assert_eq!(member.handle(said, at(0)), [exposed]);
    }
}

#[test]
fn what_fewest_have_is_asked_for_first() {
    let load = Load::of_chunks(6);
    let mut member = member(&load);
    // While its only free neighbour has a chunk that two others have as well, and one that nobody else has.
    for number in 1..=3 {
        member.handle(neighbour(number), at(0));
    }
    member.handle(holds(1, &[0]), at(0));
    member.handle(holds(2, &[1]), at(0));
    member.handle(holds(1, &[0, 3]), at(0));
    member.handle(holds(2, &[1, 3]), at(0));
    let asked = asks(&member.handle(holds(3, &[2, 3]), at(0)));
    assert_eq!(asked, [(peer(3), Some(2))]);
}

#[test]
fn a_peer_is_asked_for_one_chunk_at_a_time() {
    let load = Load::of_chunks(4);
    let mut member = member(&load);
    member.handle(neighbour(1), at(0));
    let asked = asks(&member.handle(holds(1, &[0, 1, 2, 3]), at(0)));
    assert_eq!(asked.len(), 1);
    let again = member.handle(holds(1, &[0, 1, 2, 3]), at(10));
    assert_eq!(asks(&again), []);
    let next = give(&mut member, &load, 1, asked[0].1.unwrap(), 50);
    assert_eq!(asks(&next).len(), 1);
}

#[test]
fn no_more_bytes_are_asked_for_than_granted() {
    let load = Load::of_chunks(8);
    let config = Config {
        fetch: Some(CHUNK_BYTES),
        ..Config::default()
    };
    let mut member = Member::new(load.image, [], config, dice(1));
    let all: Vec<u32> = (0..8).collect();
    for number in 1..=4 {
        member.handle(neighbour(number), at(0));
        member.handle(holds(number, &all), at(0));
    }
    // One chunk at once, and one more in each second.
    let mut asked = Vec::new();
    for ms in (0..=3_000).step_by(100) {
        asked.extend(asks(&member.handle(Input::Tick, at(ms))));
    }
    assert_eq!(asked.len(), 3);
    assert!(member.next_deadline().is_some());
}

#[test]
fn of_one_neighbour_no_more_is_asked_for_than_granted_and_others_are_asked_meanwhile() {
    let load = Load::of_chunks(8);
    let config = Config {
        fetch_each: Some(CHUNK_BYTES / 2),
        ..Config::default()
    };
    let mut member = Member::new(load.image, [], config, dice(1));
    let all: Vec<u32> = (0..8).collect();
    let mut asked = Vec::new();
    for number in [1, 2] {
        member.handle(neighbour(number), at(0));
        asked.extend(asks(&member.handle(holds(number, &all), at(0))));
    }
    let mut times = Vec::new();
    for ms in (0..=6_000).step_by(100) {
        let due = member.next_deadline().is_some_and(|due| due <= at(ms));
        if due {
            asked.extend(asks(&member.handle(Input::Tick, at(ms))));
        }
        for (to, chunk) in std::mem::take(&mut asked) {
            let from = to.0[0];
            times.push((from, ms));
            let chunk = chunk.expect("it is asked by name");
            let answer = member.handle(answered(from, load.answer(chunk)), at(ms));
            asked.extend(asks(&answer));
            asked.extend(asks(&member.handle(Input::Stored { chunk }, at(ms))));
        }
    }
    for from in [1, 2] {
        let own: Vec<u64> = times
            .iter()
            .filter(|(peer, _)| *peer == from)
            .map(|(_, ms)| *ms)
            .collect();
        assert_eq!(own, [0, 2_000, 4_000, 6_000], "one in two seconds");
    }
}

#[test]
fn a_chunk_is_announced_when_it_is_on_the_disk_and_not_before() {
    let load = Load::of_chunks(3);
    let mut member = member(&load);
    member.handle(neighbour(1), at(0));
    member.handle(neighbour(2), at(0));
    member.handle(holds(1, &[1]), at(0));
    member.handle(answered(1, load.answer(1)), at(50));
    let wants = Input::Asked {
        from: peer(2),
        want: Want::Chunk { chunk: 1 },
    };
    assert_eq!(
        member.handle(wants.clone(), at(60)),
        [Output::Refuse { to: peer(2) }]
    );
    assert_eq!(member.handle(Input::Tick, at(1_000)), []);
    member.handle(Input::Stored { chunk: 1 }, at(1_000));
    let told = member.handle(Input::Tick, at(1_100));
    let frame = Frame::Holds { chunks: vec![1] };
    assert_eq!(told, [Output::Send { to: peer(2), frame }]);
    assert_eq!(
        member.handle(wants, at(1_200)),
        [Output::Serve {
            to: peer(2),
            chunk: 1
        }]
    );
}

#[test]
fn a_restart_goes_on_with_what_is_on_the_disk() {
    let load = Load::of_chunks(3);
    let mut member = Member::new(load.image, [0, 2], Config::default(), dice(1));
    let greeting = member.handle(neighbour(1), at(0));
    let frame = Frame::Map {
        bits: vec![0b101].into(),
    };
    assert_eq!(greeting, [Output::Send { to: peer(1), frame }]);
    let asked = asks(&member.handle(holds(1, &[0, 1, 2]), at(0)));
    assert_eq!(asked, [(peer(1), Some(1))]);
    let outputs = give(&mut member, &load, 1, 1, 50);
    assert!(outputs.contains(&Output::Whole));
}

#[test]
fn a_peer_that_does_not_answer_is_passed_over() {
    let load = Load::of_chunks(1);
    let mut member = member(&load);
    member.handle(neighbour(1), at(0));
    member.handle(holds(1, &[0]), at(0));
    member.handle(neighbour(2), at(0));
    member.handle(holds(2, &[0]), at(0));
    let mut seen = Vec::new();
    while let Some(due) = member.next_deadline() {
        if due > at(60_000) {
            break;
        }
        seen.extend(member.handle(Input::Tick, due));
    }
    assert!(seen.contains(&Output::Withdraw { to: peer(1) }), "{seen:?}");
    assert!(asks(&seen).contains(&(peer(2), Some(0))), "{seen:?}");
}

#[test]
fn the_last_chunks_are_asked_for_twice_and_the_slower_answer_is_not_waited_for() {
    let load = Load::of_chunks(2);
    let mut member = member(&load);
    member.handle(neighbour(1), at(0));
    member.handle(holds(1, &[0]), at(0));
    give(&mut member, &load, 1, 0, 100);
    member.handle(holds(1, &[1]), at(100));
    member.handle(neighbour(2), at(100));
    assert_eq!(asks(&member.handle(holds(2, &[1]), at(100))), []);
    let due = member.next_deadline().unwrap();
    let mut late = member.handle(Input::Tick, due);
    late.extend(member.handle(Input::Tick, at(1_000)));
    assert_eq!(asks(&late), [(peer(2), Some(1))]);
    let outputs = give(&mut member, &load, 2, 1, 1_100);
    assert!(outputs.contains(&Output::Withdraw { to: peer(1) }));
    assert!(outputs.contains(&Output::Whole));
}

#[test]
fn what_no_neighbour_has_is_asked_of_the_source_by_name_once_all_is_out() {
    let load = Load::of_chunks(3);
    let mut member = member(&load);
    member.handle(neighbour(1), at(0));
    member.handle(holds(1, &[0, 1]), at(0));
    let source = Input::Joined {
        peer: peer(9),
        part: Part::Source,
    };
    assert_eq!(asks(&member.handle(source, at(0))), [(peer(9), None)]);
    let bits = Chunks::all(3).to_bytes().into();
    let out = Input::Frame {
        from: peer(9),
        frame: Frame::Map { bits },
    };
    assert_eq!(asks(&member.handle(out, at(10))), []);
    member.handle(answered(9, Answer::Nothing), at(10));
    let mut later = Vec::new();
    for ms in (0..5_000).step_by(250) {
        later.extend(asks(&member.handle(Input::Tick, at(ms))));
    }
    assert!(later.contains(&(peer(9), Some(2))), "{later:?}");
}
