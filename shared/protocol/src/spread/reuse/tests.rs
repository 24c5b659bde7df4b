//! What of an image is made again, and that nothing else ever is.

use super::super::parts::{Cutter, Indexing};
use super::*;

const CHUNK: usize = CHUNK_BYTES as usize;

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

fn reuse(bytes: &[u8]) -> Reuse {
    let mut indexing = Indexing::default();
    bytes.chunks(CHUNK).for_each(|chunk| indexing.push(chunk));
    let index = indexing.end().expect("an image like others");
    Reuse::new(index.cut().image().expect("it is not empty"), index)
}

/// Puts all that is found of `base` into a new file, and says which of its chunks are proven then.
fn made(reuse: &mut Reuse, base: &[u8]) -> (Vec<u8>, Vec<u32>) {
    let mut file = vec![0; reuse.image.length() as usize];
    let mut put = |part: &[u8]| {
        for at in reuse.offer(part) {
            file[at as usize..][..part.len()].copy_from_slice(part);
        }
    };
    let mut cutter = Cutter::default();
    cutter.push(base, &mut put);
    cutter.end(&mut put);
    let chunks = reuse.chunks().into_iter().filter(|chunk| {
        let data = chunk_of(&file, *chunk);
        reuse.prove(*chunk, data.into()).is_some()
    });
    let chunks = chunks.collect();
    (file, chunks)
}

fn chunk_of(file: &[u8], chunk: u32) -> &[u8] {
    file.chunks(CHUNK).nth(chunk as usize).expect("it is one")
}

#[test]
fn an_image_is_made_of_itself() {
    let bytes = noise(1, 12 * CHUNK + 5);
    let mut reuse = reuse(&bytes);
    let (file, chunks) = made(&mut reuse, &bytes);
    assert_eq!(file, bytes);
    assert_eq!(chunks.len(), 13);
    assert!(reuse.is_all());
}

#[test]
fn what_has_moved_is_found_and_what_has_changed_is_not() {
    let before = noise(2, 64 * CHUNK);
    let mut after = before.clone();
    after.splice(1_000_000..1_050_000, noise(3, 80_001));
    let mut reuse = reuse(&after);
    let (file, chunks) = made(&mut reuse, &before);
    let missing = reuse.image.chunks() as usize - chunks.len();
    assert!((2..=5).contains(&missing), "{missing} chunks are missing");
    for chunk in chunks {
        assert_eq!(chunk_of(&file, chunk), chunk_of(&after, chunk));
    }
}

#[test]
fn of_something_else_nothing_is_made() {
    let mut reuse = reuse(&noise(4, 20 * CHUNK));
    let (_, chunks) = made(&mut reuse, &noise(5, 20 * CHUNK));
    assert!(chunks.is_empty());
}

#[test]
fn bytes_that_are_not_the_chunks_prove_nothing() {
    let bytes = noise(6, 3 * CHUNK);
    let reuse = reuse(&bytes);
    let own = chunk_of(&bytes, 1);
    assert!(reuse.prove(1, own.into()).is_some());
    assert!(reuse.prove(0, own.into()).is_none());
    assert!(reuse.prove(3, own.into()).is_none());
    let mut changed = own.to_vec();
    changed[9] ^= 1;
    assert!(reuse.prove(1, changed.into()).is_none());
}

#[test]
fn a_part_that_is_there_many_times_is_put_to_each_place_once() {
    let part = noise(7, CHUNK);
    let bytes = part.repeat(6);
    let mut reuse = reuse(&bytes);
    let (file, chunks) = made(&mut reuse, &bytes);
    assert_eq!((file, chunks.len()), (bytes, 6));
    assert!(reuse.offer(&part).is_empty());
}
