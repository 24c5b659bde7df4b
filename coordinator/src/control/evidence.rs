//! Proofs that are kept, and one of them as a file.

use std::sync::Arc;

use data_encoding::BASE64;

use super::{Answer, Desk};
use crate::evidence::{self, Kept};
use crate::store::evidence::StoredProof;

impl Desk {
    pub(super) fn evidence(&self) -> Result<Vec<Kept>, String> {
        let roster = Arc::clone(&self.service.live.borrow().roster);
        let stored = self.service.reader.evidence();
        let stored = stored.map_err(|error| error.to_string())?;
        let kept = |stored: &StoredProof| Kept::of(stored, roster.charter());
        let kept: Result<_, _> = stored.iter().rev().map(kept).collect();
        kept.map_err(|error| format!("a stored proof does not check: {error}"))
    }

    pub(super) fn export(&self, id: &str) -> Result<Answer, String> {
        let roster = Arc::clone(&self.service.live.borrow().roster);
        let found = evidence::find(&self.service.reader, roster.charter(), id);
        let stored = found
            .map_err(|error| error.to_string())?
            .ok_or("no proof of that name, and none against a device of that id")?;
        Ok(Answer::Dossier {
            name: evidence::file_name(&stored.digest),
            bytes: BASE64.encode(&self.service.documents.dossier(&roster, &stored)),
        })
    }
}
