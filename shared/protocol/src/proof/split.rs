//! Two versions of one identity log: what a head commits to at the size of another is not what that one says.

use super::{Contradiction, ProofError};
use crate::ledger::LogHead;
use crate::merkle::{self, Hash};
use crate::signed::Signed;

/// How the log of a longer head goes on from where it had the size of a shorter one (RFC 9162, section 2.1.4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Its root at that size.
    pub root: Hash,
    pub path: Vec<Hash>,
}

impl Past {
    /// The hashes of the path, one after the other: a list of its own would take the proof over its bound.
    pub(super) fn joined(&self) -> Vec<u8> {
        self.path.concat()
    }

    pub(super) fn split(root: Hash, joined: &[u8]) -> Option<Self> {
        let (path, rest) = joined.as_chunks();
        rest.is_empty().then(|| Self {
            root,
            path: path.to_vec(),
        })
    }
}

/// Whether the log of the second head, which is not shorter, ever was the log of the first.
pub(super) fn between_logs(
    first: &Signed<LogHead>,
    second: &Signed<LogHead>,
    past: &Past,
) -> Result<Contradiction, ProofError> {
    let sizes = (first.size, second.size);
    merkle::verify_consistency(sizes.0, sizes.1, &past.root, &second.root, &past.path)
        .map_err(ProofError::Past)?;
    if sizes.0 == 0 || past.root == first.root {
        return Err(ProofError::NoContradiction);
    }
    Ok(Contradiction::Logs {
        first: sizes.0,
        second: sizes.1,
    })
}
