//! Chunks and what leads from them to the root.

use proptest::prelude::*;
use protocol::release::CHUNK_BYTES;
use protocol::spread::frame::{Answer, Ask, Want};
use protocol::spread::image::{Image, ImageId, Piece};

use super::Load;

#[test]
fn an_image_is_neither_empty_nor_endless() {
    assert_eq!(Image::new([1; 32], 0), None);
    let most = u64::from(protocol::limits::IMAGE_CHUNKS) * CHUNK_BYTES;
    assert!(Image::new([1; 32], most).is_some());
    assert_eq!(Image::new([1; 32], most + 1), None);
}

#[test]
fn a_question_and_an_answer_read_back() {
    let load = Load::of_bytes(CHUNK_BYTES + 5);
    let held = vec![1].into();
    for want in [Want::Any { held }, Want::Chunk { chunk: 7 }] {
        let image = ImageId([9; 8]);
        let ask = Ask { image, want };
        assert_eq!(Ask::decode(&ask.encode()), Ok(ask));
    }
    for answer in [Answer::Nothing, load.answer(0), load.answer(1)] {
        let bytes = answer.encode();
        assert!(bytes.len() <= protocol::limits::ANSWER_BYTES);
        assert_eq!(Answer::decode(&bytes), Ok(answer));
    }
}

#[test]
fn the_longest_path_fits_beside_a_whole_chunk() {
    let piece = Piece {
        data: vec![0; CHUNK_BYTES as usize].into(),
        path: vec![[0; 32]; 15],
    };
    let answer = Answer::Chunk {
        chunk: u32::MAX,
        piece,
    };
    assert!(answer.encode().len() <= protocol::limits::ANSWER_BYTES);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_chunk_leads_to_the_root_and_nothing_else_does(
        length in 1..=5 * CHUNK_BYTES + 1,
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let load = Load::of_bytes(length);
        for (chunk, piece) in (0..).zip(&load.pieces) {
            prop_assert_eq!(load.image.check(chunk, piece), Ok(()));
            for other in (0..load.image.chunks()).filter(|other| *other != chunk) {
                prop_assert!(load.image.check(other, piece).is_err());
            }
            let mut turned = piece.clone();
            let mut data = turned.data.to_vec();
            let place = place.index(data.len());
            data[place] ^= 1 << bit;
            turned.data = data.into();
            prop_assert!(load.image.check(chunk, &turned).is_err());
            let mut longer = piece.clone();
            longer.path.push([0; 32]);
            prop_assert!(load.image.check(chunk, &longer).is_err());
        }
    }

    #[test]
    fn bytes_from_anywhere_are_refused_or_their_own_encoding(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(ask) = Ask::decode(&bytes) {
            prop_assert_eq!(ask.encode(), bytes.clone());
        }
        if let Ok(answer) = Answer::decode(&bytes) {
            prop_assert_eq!(answer.encode(), bytes);
        }
    }
}
