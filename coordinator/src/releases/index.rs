//! The file that lists the parts of an image, which is published beside it: by it devices use again what they have.
//!
//! It follows from the image alone, so that whoever has the image can make it and compare.

use std::fs::File;
use std::io::{self, Read as _};

use protocol::limits;
use protocol::release::{CHUNK_BYTES, IndexFile};
use protocol::spread::parts::{Index, Indexing};
use protocol::text::Path;

use super::blobs::{Blob, BlobError, Blobs};

/// Bytes of an image for which an index is made: of less, all is fetched at once.
pub const LEAST: u64 = 16 * CHUNK_BYTES;

/// Makes and keeps the index of an image that is there; nothing where it would be of no use.
pub fn of(image: &Blob, blobs: &Blobs) -> Result<Option<Blob>, BlobError> {
    if image.length < LEAST {
        return Ok(None);
    }
    let file = File::open(blobs.path(&image.sha256))?;
    let Some(index) = read(file)? else {
        return Ok(None);
    };
    let bytes = index.encode();
    blobs
        .take(bytes.as_slice(), limits::INDEX_BYTES as u64)
        .map(Some)
}

/// What the release says of it.
pub fn listed(index: &Blob, path: Path) -> IndexFile {
    IndexFile {
        path,
        length: index.length,
        root: index.chunk_root,
    }
}

fn read(mut file: File) -> io::Result<Option<Index>> {
    let mut indexing = Indexing::default();
    loop {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES as usize);
        file.by_ref().take(CHUNK_BYTES).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(indexing.end());
        }
        indexing.push(&chunk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::spread::image::Image;

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn an_image_gets_the_index_that_devices_take_for_its_own_and_a_small_one_gets_none() {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(&dir.path().join("targets")).expect("it is made");
        let bytes = noise(20 * CHUNK_BYTES as usize + 3);
        let image = blobs.take(bytes.as_slice(), 1 << 21).expect("it fits");
        let index = of(&image, &blobs).expect("it is read");
        let index = index.expect("it is large enough");
        let written = std::fs::read(blobs.path(&index.sha256)).expect("it is there");
        let signed = Image::new(image.chunk_root, image.length).expect("it is one");
        let read = Index::decode(signed, &written).expect("it is its own");
        assert!(read.parts().len() > 20);
        let path = Path::new("firmware/camera/1.index").expect("it fits");
        let moved = listed(&index, path).image().expect("it is short");
        assert_eq!(moved.length(), written.len() as u64);
        let small = blobs.take(&bytes[..1000], 1 << 21).expect("it fits");
        assert_eq!(of(&small, &blobs).expect("it is read"), None);
    }
}
