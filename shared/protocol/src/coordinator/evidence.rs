//! The evidence plane at the coordinator: it takes what nodes bring up, checks it like anybody else, and draws conclusions.

use std::collections::BTreeSet;

use super::save::Brought;
use super::{Coordinator, Output};
use crate::accusation::Accusation;
use crate::evidence::{Evidence, EvidenceId};
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::message::Message;
use crate::name::ShortIds;
use crate::record::Head;
use crate::signed::Unchecked;
use crate::silence::{self, Silence};
use crate::time::Now;

impl Coordinator {
    /// Whom the witnesses hold to be down.
    pub fn silence(&self) -> &Silence {
        &self.silence
    }

    pub(super) fn take_evidence(
        &mut self,
        device: DeviceId,
        evidence: Vec<Evidence>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        for piece in evidence {
            match piece {
                Evidence::Accusation(bytes) => self.take_accusation(&bytes, now),
                Evidence::Head(bytes) => self.take_refutation(&bytes),
                Evidence::Alert(bytes) => self.take_alert(&bytes, now, out),
                Evidence::Delivery(bytes) => self.take_delivery(&bytes, out),
                Evidence::Report(bytes) => self.take_report(&bytes, now, out),
                piece @ (Evidence::Dealing(_) | Evidence::Share(_) | Evidence::Secret(_)) => {
                    self.take_seed_piece(&piece, now, out);
                }
                Evidence::Cosigned(bytes) => {
                    self.take_cosigned(&bytes, Brought::By(device), now, out);
                }
                Evidence::Ruling(bytes) => self.take_ruling(&bytes, now, out),
                Evidence::Vote(bytes) => self.take_vote(&bytes, now, out),
                Evidence::Halt(bytes) => self.take_halt(&bytes, out),
                Evidence::Errand(bytes) => self.take_errand(&bytes, out),
                Evidence::Proof(bytes) => {
                    self.take_proof(&bytes, Brought::By(device), now, out);
                }
            }
        }
        self.judge_silence(now, out);
    }

    /// A node names what it holds: what is missing here is asked for.
    pub(super) fn take_names(&self, from: PeerKey, ids: &[EvidenceId], out: &mut Vec<Output>) {
        let accusations = self.silence.accusations();
        let accusations = accusations.map(|accusation| Evidence::from(accusation).id());
        let refutations = self.silence.refutations();
        let refutations = refutations.map(|head| Evidence::from(head).id());
        let proofs = self.roster.convictions().chain(self.roster.alarms());
        let proofs = proofs.map(|proof| Evidence::from(proof.as_ref()).id());
        let rulings = self.rulings.all();
        let rulings = rulings.map(|ruling| Evidence::Ruling(ruling.bytes().to_vec().into()).id());
        let halts = self.halts.all().map(|halt| Evidence::from(halt).id());
        let votes = self.docket().votes().map(|vote| Evidence::from(vote).id());
        let known: BTreeSet<EvidenceId> = accusations
            .chain(refutations)
            .chain(proofs)
            .chain(self.beacon.names())
            .chain(self.roster.cosigned().map(|known| known.evidence().id()))
            .chain(self.alerts.names())
            .chain(rulings)
            .chain(halts)
            .chain(self.errands.all().map(|errand| Evidence::from(errand).id()))
            .chain(votes)
            .chain(
                self.suspicion
                    .reports()
                    .map(|report| Evidence::Report(report.bytes().to_vec().into()).id()),
            )
            .collect();
        let missing: Vec<EvidenceId> = ids
            .iter()
            .filter(|id| !known.contains(id))
            .copied()
            .collect();
        if !missing.is_empty() {
            let (ids, words) = (missing, ShortIds::default());
            let message = Message::Want { ids, words };
            out.push(Output::Send { to: from, message });
        }
    }

    /// A device that is heard here needs nobody's word: whoever accuses it is behind.
    pub(super) fn judge_silence(&mut self, now: Now, out: &mut Vec<Output>) {
        let changes = self.silence.judge(self.roster.rings(), now.monotonic);
        if !changes.is_empty() {
            self.presence_due(now, out);
        }
    }

    fn take_accusation(&mut self, bytes: &[u8], now: Now) {
        let Ok(unchecked) = Unchecked::<Accusation>::parse(bytes) else {
            return;
        };
        let Some(member) = self.roster.member(&unchecked.claim().witness) else {
            return;
        };
        let well_formed = unchecked.claim().is_well_formed();
        let checked = unchecked.check(&member.membership.key, self.offices.verifier.as_ref());
        if let (true, Ok(accusation)) = (well_formed, checked) {
            let since = now.monotonic - silence::WEAKER_AFTER;
            self.silence.accuse(accusation, since);
        }
    }

    fn take_refutation(&mut self, bytes: &[u8]) {
        let Ok(unchecked) = Unchecked::<Head>::parse(bytes) else {
            return;
        };
        let Some(member) = self.roster.member(&unchecked.claim().device) else {
            return;
        };
        if let Ok(head) = unchecked.check(&member.membership.key, self.offices.verifier.as_ref()) {
            self.silence.refute(head);
        }
    }
}
