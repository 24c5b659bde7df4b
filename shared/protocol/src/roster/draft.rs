//! A roster under way: each entry is checked as it comes, and a signed head that covers them all makes it one.

use std::sync::Arc;

use super::log::{Gateway, Log};
use super::{ExtendError, Member, Roster};
use crate::key::Verifier;
use crate::ledger::{Entry, LogHead, Strength, Withdrawal};
use crate::limits;
use crate::membership::Membership;
use crate::signed::{OpenError, Signed, Unchecked};

/// Checked entries behind a roster that no head covers yet.
#[derive(Debug)]
pub struct Draft {
    log: Log,
    behind: Roster,
}

impl Draft {
    /// The draft that begins where a roster ends.
    pub fn behind(roster: &Roster) -> Self {
        Self {
            log: Log::clone(&roster.log),
            behind: roster.clone(),
        }
    }

    /// Entries of the log so far, those of the roster included.
    pub fn size(&self) -> u64 {
        self.log.size()
    }

    /// Checks one entry and takes it.
    pub fn append(&mut self, bytes: &[u8], verifier: &dyn Verifier) -> Result<(), ExtendError> {
        let index = self.size();
        if index >= limits::LOG_ENTRIES as u64 {
            return Err(ExtendError::Full);
        }
        match Entry::decode(bytes).map_err(|source| ExtendError::Entry { index, source })? {
            Entry::Admission(envelope) => self.admit(index, &envelope, verifier)?,
            Entry::Withdrawal(envelope) => self.withdraw(index, &envelope, verifier)?,
            Entry::Conviction(proof) => self.convict(index, &proof, verifier)?,
            entry @ (Entry::Charter(_) | Entry::Root(_)) => self.succeed(index, &entry, bytes)?,
        }
        self.log.tree.push(Entry::leaf(bytes));
        self.log.entries.push(bytes.into());
        Ok(())
    }

    fn admit(
        &mut self,
        index: u64,
        envelope: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<(), ExtendError> {
        let membership =
            Signed::<Membership>::open(envelope, &self.log.charter.admission, verifier)
                .map_err(|source| ExtendError::Signature { index, source })?;
        self.place(
            index,
            membership.mesh == self.log.charter.mesh,
            membership.log_index,
        )?;
        if let Some(why) = self.objection(&membership) {
            return Err(ExtendError::Misplaced { index, why });
        }
        let (device, key) = (membership.device, membership.key);
        let before = self.log.members.get(&device);
        let before = before.map(|member| (member.membership.key, member.included));
        if let Some((before, _)) = before {
            self.log.keys.remove(&before.peer());
        }
        self.log.keys.insert(key.peer(), device);
        if self.log.charter.gateways.contains(&key) {
            let since = index + 1;
            let gateways = &mut self.log.gateways;
            gateways.entry(key).or_insert(Gateway { device, since });
        }
        let same_key = before.filter(|(before, _)| *before == key);
        let member = Member {
            membership,
            admission: self.log.charter.admission,
            withdrawal: None,
            included: same_key.map_or(index, |(_, included)| included),
        };
        self.log.members.insert(device, Arc::new(member));
        Ok(())
    }

    /// From here on entries and heads are judged by another charter, or the next charter by another root.
    fn succeed(&mut self, index: u64, entry: &Entry, bytes: &[u8]) -> Result<(), ExtendError> {
        let refused = |source| ExtendError::Succession { index, source };
        let trust = self.log.trust().after(entry).map_err(refused)?;
        let succession = self.log.succession.clone().and(bytes).map_err(refused)?;
        if trust.charter().admission != self.log.charter.admission {
            self.log.admission_from = index + 1;
        }
        self.log.root = trust.root().cloned();
        self.log.charter = Arc::clone(trust.charter());
        self.log.succession = succession;
        self.log.in_force_from = index + 1;
        self.appoint_gateways(index + 1);
        Ok(())
    }

    /// Members that a charter names are gateways from its place on, and those that it names no more are none.
    fn appoint_gateways(&mut self, since: u64) {
        let Log {
            charter,
            gateways,
            keys,
            members,
            convicted,
            ..
        } = &mut self.log;
        gateways.retain(|key, _| charter.gateways.contains(key));
        for key in &charter.gateways {
            let Some(&device) = keys.get(&key.peer()) else {
                continue;
            };
            let revoked = members.get(&device).is_none_or(|member| is_revoked(member));
            if !revoked && !convicted.contains_key(&device) {
                gateways.entry(*key).or_insert(Gateway { device, since });
            }
        }
    }

    fn objection(&self, membership: &Membership) -> Option<&'static str> {
        let holder = self.log.keys.get(&membership.key.peer()).copied();
        let known = self.log.members.get(&membership.device);
        let convicted = self.log.convicted.contains_key(&membership.device);
        if membership.not_after.since(membership.not_before) > limits::MEMBERSHIP {
            Some("a membership lasts thirty days at most")
        } else if holder.is_some_and(|holder| holder != membership.device) {
            Some("its key belongs to another device")
        } else if known.is_none() && self.log.members.len() >= limits::MEMBERS {
            Some("the mesh is full")
        } else if convicted || known.is_some_and(|member| is_revoked(member)) {
            Some("the device was revoked for good")
        } else {
            None
        }
    }

    fn withdraw(
        &mut self,
        index: u64,
        envelope: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<(), ExtendError> {
        let withdrawal = self.open_withdrawal(index, envelope, verifier)?;
        self.place(
            index,
            withdrawal.mesh == self.log.charter.mesh,
            withdrawal.log_index,
        )?;
        let members = self.log.members.len();
        let Some(member) = self.log.members.get_mut(&withdrawal.device) else {
            return Err(ExtendError::Misplaced {
                index,
                why: "nobody of that id was admitted",
            });
        };
        let (device, strength) = (withdrawal.device, withdrawal.strength);
        let before = member.withdrawal.as_ref().map(|before| before.strength);
        if !strength.is_permanent() {
            if !self.log.suspensions.admit(withdrawal.time, members) {
                return Ok(());
            }
            self.log.suspensions.note(withdrawal.time);
        }
        if strength.adds_to(before) {
            Arc::make_mut(member).withdrawal = Some(withdrawal);
        }
        if strength.is_permanent() {
            self.log.retire_gateway(&device);
        }
        Ok(())
    }

    /// Whoever wrote it down, the device's own signatures are what convicts.
    fn convict(
        &mut self,
        index: u64,
        proof: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<(), ExtendError> {
        let proof = self.log.open_proof(proof, verifier);
        let proof = proof.map_err(|source| ExtendError::Proof { index, source })?;
        let Some(device) = proof.convicts() else {
            return Err(ExtendError::Misplaced {
                index,
                why: "it convicts no device",
            });
        };
        if self.log.convicted.contains_key(&device) {
            return Err(ExtendError::Misplaced {
                index,
                why: "the device was convicted before",
            });
        }
        self.log.retire_gateway(&device);
        self.log.convicted.insert(device, Arc::new(proof));
        Ok(())
    }

    /// The admission key may suspend for a day; only an administrator may revoke, or order a device to wipe itself.
    fn open_withdrawal(
        &self,
        index: u64,
        envelope: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<Signed<Withdrawal>, ExtendError> {
        let unchecked = Unchecked::<Withdrawal>::parse(envelope)
            .map_err(|source| ExtendError::Entry { index, source })?;
        let claim = unchecked.claim();
        if let Strength::Suspension { until } = claim.strength {
            if until > claim.time.saturating_add(limits::SUSPENSION) {
                return Err(ExtendError::Misplaced {
                    index,
                    why: "a suspension lasts a day at most",
                });
            }
            return unchecked
                .check(&self.log.charter.admission, verifier)
                .map_err(|source| ExtendError::Signature { index, source });
        }
        let administrators = &self.log.charter.administrators;
        let signed = administrators
            .iter()
            .find_map(|key| unchecked.clone().check(key, verifier).ok());
        let source = OpenError::BadSignature("withdrawal");
        signed.ok_or(ExtendError::Signature { index, source })
    }

    fn place(&self, index: u64, same_mesh: bool, claimed: u64) -> Result<(), ExtendError> {
        if !same_mesh {
            return Err(ExtendError::Misplaced {
                index,
                why: "it belongs to another mesh",
            });
        }
        if claimed != index {
            return Err(ExtendError::Misplaced {
                index,
                why: "it was signed for another place",
            });
        }
        Ok(())
    }

    /// The roster, if the head covers exactly what was appended.
    pub fn conclude(mut self, head: &[u8], verifier: &dyn Verifier) -> Result<Roster, ExtendError> {
        let head = Signed::<LogHead>::open(head, &self.log.charter.admission, verifier)
            .map_err(ExtendError::Head)?;
        if head.mesh != self.log.charter.mesh
            || head.size != self.size()
            || head.root != self.log.tree.root()
        {
            return Err(ExtendError::Forked);
        }
        self.log.head = Some(head);
        Ok(self.behind.over(self.log))
    }
}

fn is_revoked(member: &Member) -> bool {
    member
        .withdrawal
        .as_ref()
        .is_some_and(|withdrawal| withdrawal.strength.is_permanent())
}
