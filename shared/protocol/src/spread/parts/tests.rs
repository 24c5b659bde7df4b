//! Images are cut alike where they are alike, and no index is believed that is not of its image.

use proptest::prelude::*;

use super::*;
use crate::release::CHUNK_BYTES;

const LENGTH: usize = 9 * CHUNK_BYTES as usize + 77;

/// Bytes without any pattern, which the seed decides.
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

fn index(bytes: &[u8]) -> Index {
    let mut indexing = Indexing::default();
    for chunk in bytes.chunks(CHUNK_BYTES as usize) {
        indexing.push(chunk);
    }
    indexing.end().expect("an image like others")
}

fn image(index: &Index) -> Image {
    index.cut.image().expect("it is not empty")
}

fn written(chunks: &[u8], parts: &[u8]) -> Vec<u8> {
    cbor::encode(&Written {
        chunks: chunks.to_vec().into(),
        parts: parts.to_vec().into(),
    })
}

fn rows(lengths: &[u32]) -> Vec<u8> {
    let rows = lengths.iter().flat_map(|length| {
        let sum = [7; 8];
        length.to_be_bytes().into_iter().chain(sum)
    });
    rows.collect()
}

#[test]
fn an_index_says_of_every_byte_of_the_image_in_which_part_it_is() {
    let bytes = noise(1, LENGTH);
    let index = index(&bytes);
    let mut rest = bytes.as_slice();
    for part in index.parts() {
        let (data, after) = rest.split_at(part.length as usize);
        assert_eq!(sum(data), part.sum);
        rest = after;
    }
    assert!(rest.is_empty());
    let again = Index::decode(image(&index), &index.encode()).expect("it is its own");
    assert_eq!(again.parts(), index.parts());
    assert_eq!(again.cut().leaves(), index.cut().leaves());
}

#[test]
fn where_bytes_are_put_in_the_parts_behind_them_stay_the_same() {
    let before = noise(2, LENGTH);
    let mut after = before.clone();
    after.splice(200_000..200_000, noise(3, 1_234));
    let (before, after) = (index(&before), index(&after));
    let known: Vec<Sum> = before.parts().iter().map(|part| part.sum).collect();
    let new = after
        .parts()
        .iter()
        .filter(|part| !known.contains(&part.sum));
    let new: u64 = new.map(|part| u64::from(part.length)).sum();
    assert!(new < 2 * MOST as u64, "{new} bytes are new to it");
}

#[test]
fn an_index_of_another_image_or_with_other_hashes_is_refused() {
    let (own, other) = (index(&noise(4, LENGTH)), index(&noise(5, LENGTH)));
    assert_eq!(
        Index::decode(image(&own), &other.encode()).err(),
        Some(IndexError::Root)
    );
    let short = written(&own.cut().leaves().as_flattened()[1..], &[]);
    assert!(matches!(
        Index::decode(image(&own), &short),
        Err(IndexError::Chunks { chunks: 10, .. })
    ));
    assert!(matches!(
        Index::decode(image(&own), b"\xff"),
        Err(IndexError::Decode(_))
    ));
}

#[test]
fn parts_that_are_too_many_too_short_too_long_or_not_the_whole_image_are_refused() {
    let own = index(&noise(6, LENGTH));
    let image = image(&own);
    let hashes = own.cut().leaves().as_flattened();
    let refused = |parts: &[u8]| Index::decode(image, &written(hashes, parts)).err();
    let (least, most) = (LEAST as u32, MOST as u32);
    let length = LENGTH as u64;
    assert_eq!(
        refused(&rows(&[least; 81])),
        Some(IndexError::Parts {
            found: 81 * ROW,
            most: 80
        })
    );
    assert_eq!(
        refused(&rows(&[least])[1..]),
        Some(IndexError::Parts {
            found: ROW - 1,
            most: 80
        })
    );
    assert_eq!(refused(&rows(&[1, least])), Some(IndexError::Length(0)));
    assert_eq!(refused(&rows(&[least, 0])), Some(IndexError::Length(1)));
    assert_eq!(refused(&rows(&[most + 1])), Some(IndexError::Length(0)));
    let found = 10 * u64::from(most);
    assert_eq!(
        refused(&rows(&[most; 10])),
        Some(IndexError::Sum { found, length })
    );
    assert_eq!(refused(&[]), Some(IndexError::Sum { found: 0, length }));
}

proptest! {
    #[test]
    fn however_bytes_come_they_are_cut_alike(
        seed in any::<u64>(),
        length in 0_usize..400_000,
        piece in 1_usize..70_000,
    ) {
        let bytes = noise(seed, length);
        let (mut whole, mut apart) = (Vec::new(), Vec::new());
        let mut cutter = Cutter::default();
        cutter.push(&bytes, |part| whole.push(part.to_vec()));
        cutter.end(|part| whole.push(part.to_vec()));
        let mut cutter = Cutter::default();
        for piece in bytes.chunks(piece) {
            cutter.push(piece, |part| apart.push(part.to_vec()));
        }
        cutter.end(|part| apart.push(part.to_vec()));
        prop_assert_eq!(whole.concat(), bytes);
        prop_assert_eq!(whole, apart);
    }

    #[test]
    fn no_bytes_make_the_reader_fall(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let own = index(&noise(7, 100_000));
        prop_assert!(Index::decode(image(&own), &bytes).is_err());
    }
}
