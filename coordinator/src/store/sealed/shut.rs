//! Which pages did not open, so that damage can be told by its place.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::page::SEALED;
use super::place_of;

/// Pages that are named; of more, only that there are more.
const NAMED: usize = 8;

/// The pages that did not open since the store was last found to open.
#[derive(Debug, Clone, Default)]
pub struct Shut(Arc<Mutex<BTreeSet<u64>>>);

impl Shut {
    pub(super) fn note(&self, page: u64) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.len() <= NAMED {
            pages.insert(page);
        }
    }

    pub fn forget(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Which they are and where they lie in the file; nothing where all of them opened.
    pub fn words(&self) -> Option<String> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let named: Vec<String> = pages.iter().take(NAMED).copied().map(named).collect();
        let more = match pages.len() > NAMED {
            true => " and more",
            false => "",
        };
        match named.as_slice() {
            [] => None,
            [one] => Some(format!("{one} does not open under its key")),
            many => Some(format!(
                "{}{more} do not open under its key",
                many.join(", ")
            )),
        }
    }
}

fn named(page: u64) -> String {
    if page == 0 {
        return "its first page, in both of its places,".to_owned();
    }
    let begin = place_of(page);
    format!(
        "page {page} (bytes {begin} to {})",
        begin + SEALED as u64 - 1
    )
}
