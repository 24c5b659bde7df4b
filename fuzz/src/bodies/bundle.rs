//! Whatever lies in a bundle, no more of it is held than there is, than its bounds say, and each name once.

use std::io::Cursor;

use protocol::limits;

use crate::carried::{BYTES, CarriedError, DOCUMENTS, read};

use super::archive::mend_blocks;
use super::{Tally, count};

/// The first byte says whether the sums of all blocks that could be headers are mended first.
pub fn bundle(data: &[u8]) {
    bundle_tally(data);
}

/// What a bundle has brought about.
pub fn bundle_tally(data: &[u8]) -> Tally {
    let mut tally = Tally::new();
    let Some((choice, file)) = data.split_first() else {
        return tally;
    };
    let mut file = file.to_vec();
    if choice & 1 == 1 {
        mend_blocks(&mut file);
    }
    let length = file.len();
    match read(Cursor::new(file)) {
        Ok(carried) => {
            let documents = carried.documents.values();
            let held: usize = documents.clone().map(Vec::len).sum();
            assert!(held <= length.min(BYTES), "more is held than came");
            assert!(carried.documents.len() <= DOCUMENTS);
            assert!(
                documents
                    .clone()
                    .all(|bytes| bytes.len() <= limits::METADATA_BYTES)
            );
            if let Some((from, _)) = carried.image {
                assert!(from <= length as u64, "the image begins in the file");
                count(&mut tally, "image");
            }
            count(&mut tally, "read");
            if held > 0 {
                count(&mut tally, "document");
            }
        }
        Err(CarriedError::Read(_)) => count(&mut tally, "unreadable"),
        Err(CarriedError::Form(what)) => count(&mut tally, what),
    }
    tally
}
