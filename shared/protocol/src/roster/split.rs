//! The judgement on a head that somebody shows: whether it is of this log or of another version of it.

use super::Roster;
use crate::ledger::LogHead;
use crate::proof::{Accused, Past, Proof};
use crate::signed::Signed;

impl Roster {
    /// The proof that a checked head belongs to another version of the log. Of one that is longer than this
    /// log nothing can be said: whoever holds that one can say it of this head.
    pub fn split_by(&self, shown: &Signed<LogHead>) -> Option<Proof> {
        // What a replaced key has signed contradicts nothing that this one has.
        let own = self
            .head()
            .filter(|_| shown.size >= self.log.admission_from)?;
        let root = self.tree().root_at(shown.size)?;
        if root == shown.root {
            return None;
        }
        let path = self.tree().consistency_proof(shown.size, own.size).ok()?;
        Proof::of_logs(self.charter(), shown, own, &Past { root, path })
    }

    /// Whether it is proven that the log has two versions.
    pub fn is_split(&self) -> bool {
        self.alarms()
            .any(|proof| matches!(proof.accused(), Accused::Log { .. }))
    }
}
