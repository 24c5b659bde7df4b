//! How much of the identity log enough gateways have seen: whoever stands behind that holds no seat.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Member, Roster};
use crate::cosign::{self, Cosigned};
use crate::id::DeviceId;
use crate::key::PublicKey;
use crate::limits;
use crate::proof::{Past, Proof};

impl Roster {
    /// The roster after one cosignature more; `None` if its gateway has signed a newer head, or one for which
    /// it is not needed.
    pub fn with_cosigned(&self, cosigned: Cosigned) -> Option<Self> {
        let known = self.cosigned.get(cosigned.gateway());
        if known.is_some_and(|known| known.head().size >= cosigned.head().size) {
            return None;
        }
        let mut grown = self.clone();
        Arc::make_mut(&mut grown.cosigned).insert(*cosigned.gateway(), cosigned);
        grown.cover();
        Some(grown)
    }

    /// The newest cosignature of each gateway.
    pub fn cosigned(&self) -> impl Iterator<Item = &Cosigned> {
        self.cosigned.values()
    }

    /// What one gateway has signed last.
    pub fn cosigned_by(&self, gateway: &PublicKey) -> Option<&Cosigned> {
        self.cosigned.get(gateway)
    }

    /// Entries at the beginning of the log that enough gateways have seen; all of them where there is no gateway.
    pub fn covered(&self) -> u64 {
        self.covered
    }

    /// Whether a member may hold seats and pass evidence on.
    pub fn is_seated(&self, device: &DeviceId) -> bool {
        self.member(device)
            .is_some_and(|member| self.holds_a_seat(member))
    }

    /// Members who wait for gateways to see that they were admitted.
    pub fn waiting(&self) -> impl Iterator<Item = DeviceId> + '_ {
        let belongs = self.members().filter(|member| self.belongs(member));
        let waiting = belongs.filter(|member| member.included >= self.covered);
        waiting.map(|member| member.membership.device)
    }

    /// The gateways that answer for the next head, the first of them first.
    pub fn panel(&self) -> Vec<PublicKey> {
        self.panel_of(u64::MAX)
    }

    /// Every gateway that was admitted, the longest-serving first.
    pub fn gateways(&self) -> Vec<(PublicKey, DeviceId)> {
        let known = self.log.gateways.iter();
        let mut gateways: Vec<_> = known.map(|(key, of)| (of.since, *key, of.device)).collect();
        gateways.sort_unstable();
        gateways
            .into_iter()
            .map(|(_, key, device)| (key, device))
            .collect()
    }

    /// The proof that two gateways were shown different logs of one size.
    pub fn split_between(&self, shown: &Cosigned) -> Option<Proof> {
        let size = shown.head().size;
        let other = self
            .cosigned()
            .find(|known| known.head().size == size && known.head().root != shown.head().root)?;
        Proof::of_logs(self.charter(), other.head(), shown.head(), &Past::default())
    }

    pub(super) fn belongs(&self, member: &Member) -> bool {
        let device = &member.membership.device;
        member.withdrawal.is_none() && !self.is_convicted_in_log(device)
    }

    pub(super) fn holds_a_seat(&self, member: &Member) -> bool {
        self.belongs(member) && member.included < self.covered
    }

    /// What was covered stays so: a gateway that comes later does not unseat anybody.
    pub(super) fn cover(&mut self) {
        let covered = self.covered.max(self.coverage());
        if covered != self.covered {
            (self.covered, self.rings) = (covered, Arc::default());
            self.turn = self.turn.afresh();
        }
    }

    fn coverage(&self) -> u64 {
        let ours: Vec<(PublicKey, u64)> = self
            .cosigned()
            .filter(|known| self.tree().root_at(known.head().size) == Some(known.head().root))
            .map(|known| (*known.gateway(), known.head().size))
            .collect();
        let unseen = self
            .log
            .gateways
            .values()
            .map(|gateway| gateway.since)
            .min();
        let unseen = unseen.unwrap_or_else(|| self.size());
        let sizes: BTreeSet<u64> = ours.iter().map(|(_, size)| *size).collect();
        let enough = |size: &u64| {
            let panel = self.panel_of(*size);
            let votes = ours
                .iter()
                .filter(|(gateway, signed)| signed >= size && panel.contains(gateway));
            votes.count() >= cosign::quorum(panel.len())
        };
        sizes
            .into_iter()
            .rev()
            .find(enough)
            .unwrap_or(0)
            .max(unseen)
    }

    /// Those that were there before a head of this size, the longest-serving first.
    fn panel_of(&self, size: u64) -> Vec<PublicKey> {
        let mut gateways: Vec<(u64, PublicKey)> = self
            .log
            .gateways
            .iter()
            .filter(|(_, gateway)| gateway.since < size)
            .map(|(key, gateway)| (gateway.since, *key))
            .collect();
        gateways.sort_unstable();
        let keys = gateways.into_iter().map(|(_, key)| key);
        keys.take(limits::COSIGNERS).collect()
    }
}
