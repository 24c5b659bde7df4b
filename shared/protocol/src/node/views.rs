//! What neighbours compare: whom they hold to be silent, not the words behind it, which differ between those who agree.

use std::collections::{BTreeMap, BTreeSet};

use super::{Node, Output};
use crate::evidence::{Evidence, EvidenceId, Slot};
use crate::gossip;
use crate::id::DeviceId;
use crate::key::PeerKey;

impl Node {
    /// Names of everything held, with one name for each device that is silent in place of the words about it.
    pub(super) fn names_to_compare(&self) -> BTreeSet<EvidenceId> {
        let mut names = self.gossip.names();
        for word in self.silence.accusations() {
            let held = self.gossip.told(&Slot::WordOf(word.witness));
            if let Some(held) = held.filter(|_| self.names_only_the_silent(word)) {
                names.remove(&held.id());
            }
        }
        names.extend(self.silence.certified().map(EvidenceId::of_silence));
        names
    }

    /// Of what a neighbour names, all but the silence of those who are down here as well.
    pub(super) fn without_known_silence(&self, ids: &[EvidenceId]) -> Vec<EvidenceId> {
        let down = self.silence.down().iter();
        let known: BTreeSet<EvidenceId> = down.map(EvidenceId::of_silence).collect();
        let news = ids.iter().filter(|id| !known.contains(id));
        news.copied().collect()
    }

    /// Whoever lacks a silent device gets the words that certify it.
    pub(super) fn show_silence(&self, to: PeerKey, ids: &[EvidenceId], out: &mut Vec<Output>) {
        let unknown = ids.iter().filter(|id| !self.gossip.holds(id));
        let asked: BTreeSet<&EvidenceId> = unknown.collect();
        if asked.is_empty() {
            return;
        }
        let rings = self.ledger.roster().rings();
        let certified = self.silence.certified();
        let devices = certified.filter(|device| asked.contains(&EvidenceId::of_silence(device)));
        let mut words: BTreeMap<DeviceId, Evidence> = BTreeMap::new();
        for device in devices {
            let certificate = self.silence.certificate(device, rings).into_iter();
            words.extend(certificate.map(|word| (word.witness, Evidence::from(word))));
        }
        self.post(gossip::frames(to, words.into_values()), out);
    }
}
