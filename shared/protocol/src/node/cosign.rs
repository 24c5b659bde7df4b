//! Cosignatures at a node: a gateway signs the heads that it holds, everybody else counts the signatures.

use std::sync::Arc;
use std::time::Duration;

use super::alert;
use super::convict::Known;
use super::save::{Memory, Save};
use super::{Deadline, Node, Notice, Output};
use crate::cosign::{self, CosignError, Cosigned};
use crate::evidence::Evidence;
use crate::key::{PeerKey, Verifier};
use crate::proof::Proof;
use crate::roster::Roster;
use crate::time::{Instant, Now};

/// Entries that come close together are signed once.
const GATHER: Duration = Duration::from_millis(500);
/// A gateway that is not needed unless another is away gives each one before it this long.
const STAND_BY: Duration = Duration::from_secs(4);

/// The roster together with the cosignatures that the journal holds.
pub(super) fn recalled(
    roster: Arc<Roster>,
    memory: &Memory,
    verifier: &dyn Verifier,
) -> Arc<Roster> {
    let count = |roster: Arc<Roster>, bytes: &Vec<u8>| {
        let cosigned = Cosigned::open(bytes, roster.charter(), verifier).ok();
        let grown = cosigned.and_then(|cosigned| roster.with_cosigned(cosigned));
        grown.map_or(roster, Arc::new)
    };
    memory.cosigned.iter().fold(roster, count)
}

impl Node {
    /// What was cosigned before this start is told to whoever asks.
    pub(super) fn recall_cosigned(&mut self, now: Now, out: &mut Vec<Output>) {
        let roster = Arc::clone(self.ledger.roster());
        let held = roster.cosigned().map(Cosigned::evidence);
        self.spread(held.collect(), None, now, out);
        self.cosign_soon(now.monotonic);
    }

    /// The log has grown: those gateways whose turn it is sign its head, and the others look whether they did.
    pub(super) fn cosign_soon(&mut self, now: Instant) {
        let panel = self.ledger.roster().panel();
        let own = self.identity.signer.public();
        let Some(place) = panel.iter().position(|gateway| *gateway == own) else {
            return;
        };
        let before = (place + 1).saturating_sub(cosign::quorum(panel.len()));
        let patience = STAND_BY * u32::try_from(before).unwrap_or(u32::MAX);
        self.deadlines
            .hasten(Deadline::Cosign, now + GATHER + patience);
    }

    /// A gateway signs no second version, and nothing more once it is proven that there are two.
    pub(super) fn cosign_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let roster = Arc::clone(self.ledger.roster());
        let own = self.identity.signer.public();
        let Some(head) = roster.head().filter(|head| roster.covered() < head.size) else {
            return;
        };
        let signed = roster.cosigned_by(&own).map(|known| known.head().size);
        if roster.is_split() || !roster.panel().contains(&own) || signed >= Some(head.size) {
            return;
        }
        let cosigned = Cosigned::seal(head, self.identity.signer.as_ref());
        let piece = cosigned.evidence();
        if self.count_cosigned(cosigned, now, out) == Known::New {
            self.spread(vec![piece], None, now, out);
        }
    }

    /// Somebody passes a cosignature on. It is told on whether or not this log has come so far: of each
    /// gateway there is one.
    pub(super) fn take_cosigned(
        &mut self,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Option<Evidence>, &'static str> {
        let Evidence::Cosigned(bytes) = &piece else {
            return Ok(None);
        };
        let roster = self.ledger.roster();
        let verifier = self.identity.verifier.as_ref();
        let cosigned = match Cosigned::open(bytes, roster.charter(), verifier) {
            Ok(cosigned) => cosigned,
            // The charter that names it may be on its way.
            Err(CosignError::NotAGateway) => return Ok(None),
            Err(_) => return Err("a cosignature that does not check"),
        };
        if let Some(proof) = split_by(roster, &cosigned) {
            self.log_is_split(proof, None, now, out);
            return Ok(None);
        }
        let known = self.count_cosigned(cosigned, now, out);
        Ok((known == Known::New).then_some(piece))
    }

    /// The log came so far as somebody had cosigned before: it must be the same one.
    pub(super) fn compare_cosigned(&mut self, now: Now, out: &mut Vec<Output>) {
        let roster = self.ledger.roster();
        let proof = roster
            .cosigned()
            .find_map(|known| roster.split_by(known.head()));
        if let Some(proof) = proof {
            self.log_is_split(proof, None, now, out);
        }
    }

    fn count_cosigned(&mut self, cosigned: Cosigned, now: Now, out: &mut Vec<Output>) -> Known {
        let before = self.ledger.roster().cosigned_by(cosigned.gateway());
        let before = before.map(|known| known.evidence().id());
        let covered = self.ledger.roster().covered();
        let Some(roster) = self.ledger.roster().with_cosigned(cosigned) else {
            return Known::Before;
        };
        self.ledger.seen(Arc::new(roster));
        if let Some(before) = before {
            self.gossip.forget(&before);
        }
        if self.ledger.roster().covered() > covered {
            self.save_coverage(out);
            self.reseat(now);
        }
        Known::New
    }

    pub(super) fn save_coverage(&self, out: &mut Vec<Output>) {
        let roster = self.ledger.roster();
        let envelopes = roster.cosigned().map(|known| known.bytes().to_vec());
        out.push(Output::Save(Save::Cosigned(envelopes.collect())));
        out.push(Output::Roster(Arc::clone(roster)));
        out.push(Output::Notice(Notice::Covered {
            size: roster.covered(),
            waiting: roster.waiting().count(),
        }));
    }

    /// Whoever was admitted unseen passes nothing on: from it is taken what it says itself, and what proves
    /// itself to anybody. A node that does not hold the log yet cannot tell.
    pub(super) fn may_bring(&self, from: PeerKey, piece: &Evidence) -> bool {
        let proves_itself = matches!(
            piece,
            Evidence::Proof(_)
                | Evidence::Cosigned(_)
                | Evidence::Dealing(_)
                | Evidence::Share(_)
                | Evidence::Secret(_)
        );
        if proves_itself || self.is_coordinator(from) {
            return true;
        }
        let roster = self.ledger.roster();
        let Some(device) = self.device(from) else {
            return roster.member(&self.identity.device).is_none();
        };
        roster.is_seated(&device) || alert::author_of(piece) == Some(device)
    }
}

/// A head that a gateway has signed, beside this log and beside what other gateways have signed.
pub(crate) fn split_by(roster: &Roster, cosigned: &Cosigned) -> Option<Proof> {
    roster
        .split_by(cosigned.head())
        .or_else(|| roster.split_between(cosigned))
}
