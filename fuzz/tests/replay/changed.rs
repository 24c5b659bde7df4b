//! What a fuzzer does first, without one: every input of every corpus with something changed, from a seed.

use std::fs;

use fuzz::bodies;
use protocol::dice::Dice;

use super::{corpus, inputs};

/// Changed inputs for each target; those of the two machines cost a whole mesh each.
const ROUNDS: u64 = 2_000;
const ROUNDS_OF_MACHINES: u64 = 200;
/// Changes of one input.
const CHANGES_AT_MOST: u64 = 4;
/// Bytes that stand at the edges of what readers count with, or that mean something to them.
const TELLING: [u8; 16] = *b"\x00\x01\x7f\x80\xfe\xff\x18\x1b\x5f\x9f\xbf\"<&\\\n";

#[test]
fn every_target_survives_changed_inputs() {
    for ((target, body), seed) in bodies::ALL.iter().zip(0u8..) {
        let corpus: Vec<Vec<u8>> = inputs(&corpus(target))
            .iter()
            .map(|path| fs::read(path).expect("the corpus can be read"))
            .collect();
        let mut dice = Dice::from_seed([seed; 32]);
        let rounds = match *target {
            "node_inputs" | "coordinator_inputs" => ROUNDS_OF_MACHINES,
            _ => ROUNDS,
        };
        for round in 0..rounds {
            let data = changed(&corpus, &mut dice);
            let run = std::panic::catch_unwind(|| body(&data));
            assert!(
                run.is_ok(),
                "{target} fails in round {round} on {}",
                data.escape_ascii()
            );
        }
    }
}

fn changed(corpus: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut data = one_of(corpus, dice).clone();
    for _ in 0..=dice.below(CHANGES_AT_MOST) {
        change(&mut data, corpus, dice);
    }
    data
}

fn change(data: &mut Vec<u8>, corpus: &[Vec<u8>], dice: &mut Dice) {
    let at = place(data, dice);
    match dice.below(7) {
        0 if at < data.len() => data[at] ^= 1 << dice.below(8),
        1 if at < data.len() => data[at] = *one_of(&TELLING, dice),
        2 => data.insert(at, *one_of(&TELLING, dice)),
        3 => data.truncate(at),
        4 => {
            let until = at.max(place(data, dice)).min(at + 16);
            data.drain(at..until);
        }
        5 => {
            let until = at.max(place(data, dice)).min(at + 64);
            let again = data[at..until].to_vec();
            data.splice(at..at, again);
        }
        _ => {
            let other = one_of(corpus, dice);
            data.truncate(at);
            data.extend_from_slice(&other[place(other, dice)..]);
        }
    }
}

/// A place in it, or its end.
fn place(data: &[u8], dice: &mut Dice) -> usize {
    let bound = u64::try_from(data.len()).expect("inputs are small") + 1;
    usize::try_from(dice.below(bound)).expect("a place in something that is held")
}

fn one_of<'a, T>(all: &'a [T], dice: &mut Dice) -> &'a T {
    let bound = u64::try_from(all.len()).expect("there are few");
    &all[usize::try_from(dice.below(bound)).expect("a place in a list")]
}
