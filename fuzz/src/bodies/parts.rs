//! The index of an image: no bytes are taken for one that is not of the image, and what is made by its help is right.

use std::sync::LazyLock;

use protocol::release::CHUNK_BYTES;
use protocol::spread::image::Image;
use protocol::spread::parts::{Cutter, Index, Indexing};
use protocol::spread::reuse::Reuse;

const CHUNK: usize = CHUNK_BYTES as usize;
/// A byte of the input stands for so many of an image, so that small inputs make large ones.
const SPREAD: usize = 997;

/// One image of which indices are told.
static KNOWN: LazyLock<(Image, Index)> = LazyLock::new(|| indexed(&grown(b"palisade")));

fn grown(data: &[u8]) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity((data.len() + 1) * SPREAD);
    for byte in data.iter().chain(&[0]) {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        for _ in 0..SPREAD {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.push(state as u8);
        }
    }
    bytes
}

fn indexed(bytes: &[u8]) -> (Image, Index) {
    let mut indexing = Indexing::default();
    bytes.chunks(CHUNK).for_each(|chunk| indexing.push(chunk));
    let index = indexing.end().expect("an image of noise");
    (index.cut().image().expect("it is not empty"), index)
}

/// The input is first an index, or changes to one, then two versions of an image, one after a zero byte.
pub fn parts(data: &[u8]) {
    let (image, own) = &*KNOWN;
    let mut changed = own.encode();
    let length = changed.len();
    for change in data.as_chunks::<3>().0 {
        changed[usize::from(u16::from_le_bytes([change[0], change[1]])) % length] ^= change[2];
    }
    for told in [data, &changed] {
        if let Ok(read) = Index::decode(*image, told) {
            assert_eq!(read.cut().leaves(), own.cut().leaves());
            assert_eq!(read.encode(), told);
            assert!(Reuse::new(*image, read).chunks().is_empty());
        }
    }
    let mut versions = data.splitn(2, |byte| *byte == 0);
    let (before, after) = (versions.next(), versions.next());
    let (before, after) = (
        grown(before.unwrap_or_default()),
        grown(after.unwrap_or_default()),
    );
    let (image, index) = indexed(&after);
    let index = Index::decode(image, &index.encode()).expect("it is its own");
    let mut reuse = Reuse::new(image, index);
    let mut file = vec![0; after.len()];
    let mut put = |part: &[u8]| {
        for at in reuse.offer(part) {
            file[at as usize..][..part.len()].copy_from_slice(part);
        }
    };
    let mut cutter = Cutter::default();
    cutter.push(&before, &mut put);
    cutter.end(&mut put);
    for chunk in reuse.chunks() {
        let start = chunk as usize * CHUNK;
        let end = (start + CHUNK).min(after.len());
        assert_eq!(
            file[start..end],
            after[start..end],
            "it was found by its sum"
        );
        assert!(reuse.prove(chunk, file[start..end].into()).is_some());
    }
}
