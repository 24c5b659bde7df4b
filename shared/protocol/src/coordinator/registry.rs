//! The identity log's only writer: admissions, renewals and withdrawals, announced as it grows.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::save::Save;
use super::{Coordinator, Deadline, Event, LogState, Output};
use crate::cbor::DecodeError;
use crate::id::DeviceId;
use crate::key::{PeerKey, Signer};
use crate::ledger::{Entry, LogHead, Strength, Withdrawal};
use crate::limits;
use crate::membership::Membership;
use crate::message::Message;
use crate::refusal::Refusal;
use crate::signed::{Signed, Unchecked};
use crate::text::Name;
use crate::time::{Now, Timestamp};

/// Admissions that come close together are announced once.
pub(super) const GATHER: Duration = Duration::from_millis(200);
/// A suspension is repeated this long before it ends.
const RESUSPEND: Duration = Duration::from_secs(2 * 3600);
/// How often suspensions are looked at.
const LOOK: Duration = Duration::from_secs(600);

/// Why a withdrawal that somebody signed does not revoke.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RevocationError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("it revokes no member of this mesh for good")]
    Foreign,
    #[error("it was signed for place {signed} of the identity log, which has {size} entries")]
    Place { signed: u64, size: u64 },
    #[error("no administrator whom the charter names has signed it")]
    NotAnAdministrator,
    #[error("the device was revoked for good before, or ordered to wipe itself")]
    Before,
}

impl Coordinator {
    /// Checks a withdrawal for good that an administrator has signed elsewhere.
    pub fn judge_revocation(&self, envelope: &[u8]) -> Result<Signed<Withdrawal>, RevocationError> {
        let unchecked = Unchecked::<Withdrawal>::parse(envelope)?;
        let (claim, charter) = (unchecked.claim(), self.roster.charter());
        let member = self.roster.member(&claim.device);
        let member = member.filter(|_| claim.mesh == charter.mesh);
        let member = member.filter(|_| claim.strength.is_permanent());
        let Some(member) = member else {
            return Err(RevocationError::Foreign);
        };
        let (signed, size) = (claim.log_index, self.roster.size());
        let strength = member.withdrawal.as_ref().map(|before| before.strength);
        if !claim.strength.adds_to(strength) {
            return Err(RevocationError::Before);
        }
        if signed != size {
            return Err(RevocationError::Place { signed, size });
        }
        let verifier = self.offices.verifier.as_ref();
        let by = |key| unchecked.clone().check(key, verifier).ok();
        let checked = charter.administrators.iter().find_map(by);
        checked.ok_or(RevocationError::NotAnAdministrator)
    }

    pub(super) fn revoke(&mut self, envelope: &[u8], now: Now, out: &mut Vec<Output>) {
        let Ok(withdrawal) = self.judge_revocation(envelope) else {
            out.push(Output::Event(Event::Misbehaviour {
                device: None,
                what: "revokes without the right to do so",
            }));
            return;
        };
        let state = self.log_state();
        if state != LogState::Open {
            return out.push(Output::Event(Event::Log { state }));
        }
        self.append(&Entry::withdrawal(&withdrawal), now, out);
        match withdrawal.strength {
            Strength::Retirement => self.hand_over_order(withdrawal.device, now, out),
            Strength::Revocation | Strength::Suspension { .. } => {
                self.shut_out(withdrawal.device, out);
            }
        }
    }

    /// Appends an admission and returns the membership's envelope.
    pub(super) fn append_admission(
        &mut self,
        membership: Membership,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Vec<u8> {
        let signed = Signed::seal(membership, self.offices.admission.as_ref());
        self.append_all(&[Entry::admission(&signed)], now, out);
        self.deadlines
            .hasten(Deadline::Announce, now.monotonic + GATHER);
        signed.bytes().to_vec()
    }

    /// A new membership under the same key and id, in the last third of the old one's life.
    pub(super) fn renew(&mut self, device: DeviceId, now: Now, out: &mut Vec<Output>) {
        let Some(member) = self.roster.member(&device).cloned() else {
            return;
        };
        let shut_out = member.withdrawal.is_some() || self.roster.is_convicted(&device);
        let may_append = self.log_state() == LogState::Open;
        if !may_append || shut_out || now.wall < member.membership.renews_from() {
            return;
        }
        let membership = Membership {
            log_index: self.roster.size(),
            not_before: now.wall,
            not_after: now.wall.saturating_add(self.config.membership),
            ..(*member.membership).clone()
        };
        self.append_admission(membership, now, out);
        out.push(Output::Event(Event::Renewed { device }));
    }

    pub(super) fn retire(
        &mut self,
        device: DeviceId,
        reason: Name,
        administrator: Option<&dyn Signer>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if self.peer(&device).is_none() {
            return;
        }
        let state = self.log_state();
        if state != LogState::Open {
            return out.push(Output::Event(Event::Log { state }));
        }
        let named = &self.roster.charter().administrators;
        if administrator.is_some_and(|signer| !named.contains(&signer.public())) {
            out.push(Output::Event(Event::Misbehaviour {
                device: None,
                what: "signs as an administrator whom the charter does not name",
            }));
            return;
        }
        if administrator.is_none() && !self.may_suspend(now.wall) {
            return out.push(Output::Event(Event::NotSuspended { device }));
        }
        let strength = match administrator {
            Some(_) => Strength::Revocation,
            None => Strength::Suspension {
                until: now.wall.saturating_add(limits::SUSPENSION),
            },
        };
        self.append_withdrawal(device, strength, reason, administrator, now, out);
        self.shut_out(device, out);
    }

    /// Whether the admission key alone may shut out one more at this time.
    pub fn may_suspend(&self, now: Timestamp) -> bool {
        self.roster.may_suspend(now)
    }

    fn shut_out(&self, device: DeviceId, out: &mut Vec<Output>) {
        self.announce(out);
        let peer = self.peer(&device);
        if let Some(peer) = peer.filter(|peer| self.links.contains(peer)) {
            out.push(Output::Disconnect {
                peer,
                why: Refusal::Revoked,
            });
        }
        out.push(Output::Event(Event::Withdrawn { device }));
    }

    /// A retired device stays out: its suspension is signed anew before it ends.
    pub(super) fn suspensions_due(&mut self, now: Now, out: &mut Vec<Output>) {
        self.deadlines
            .set(Deadline::Suspensions, now.monotonic + LOOK);
        if self.log_state() != LogState::Open {
            return;
        }
        let ending: Vec<(DeviceId, Name)> = self
            .roster
            .members()
            .filter_map(|member| member.withdrawal.as_ref())
            .filter(|withdrawal| !self.roster.is_convicted(&withdrawal.device))
            .filter(|withdrawal| ends_soon(withdrawal, now.wall))
            .map(|withdrawal| (withdrawal.device, withdrawal.reason.clone()))
            .collect();
        for (device, reason) in ending {
            // What is left over has its turn at a later look: there are ten before a suspension ends.
            if !self.may_suspend(now.wall) {
                return;
            }
            let strength = Strength::Suspension {
                until: now.wall.saturating_add(limits::SUSPENSION),
            };
            self.append_withdrawal(device, strength, reason, None, now, out);
            self.deadlines
                .hasten(Deadline::Announce, now.monotonic + GATHER);
        }
    }

    /// Tells every linked node that the log has grown.
    pub(super) fn announce(&self, out: &mut Vec<Output>) {
        for &to in &self.links {
            self.show_head(to, out);
        }
    }

    pub(super) fn show_head(&self, to: PeerKey, out: &mut Vec<Output>) {
        if let Some(head) = self.roster.head() {
            out.push(Output::Send {
                to,
                message: Message::LogGrown {
                    head: head.bytes().to_vec().into(),
                },
            });
        }
    }

    fn append_withdrawal(
        &mut self,
        device: DeviceId,
        strength: Strength,
        reason: Name,
        administrator: Option<&dyn Signer>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let withdrawal = Withdrawal {
            mesh: self.roster.charter().mesh,
            device,
            log_index: self.roster.size(),
            time: now.wall,
            strength,
            reason,
        };
        let signed = Signed::seal(
            withdrawal,
            administrator.unwrap_or(self.offices.admission.as_ref()),
        );
        self.append_all(&[Entry::withdrawal(&signed)], now, out);
    }

    pub(super) fn append(&mut self, entry: &Entry, now: Now, out: &mut Vec<Output>) {
        self.append_all(std::slice::from_ref(entry), now, out);
    }

    /// Appends entries under one head.
    pub(super) fn append_all(&mut self, entries: &[Entry], now: Now, out: &mut Vec<Output>) {
        let from = self.roster.size();
        let entries: Vec<Vec<u8>> = entries.iter().map(Entry::encode).collect();
        let mut tree = self.roster.tree().clone();
        for entry in &entries {
            tree.push(Entry::leaf(entry));
        }
        let head = LogHead {
            mesh: self.roster.charter().mesh,
            size: tree.size(),
            root: tree.root(),
            time: now.wall,
        };
        let head = Signed::seal(head, self.offices.admission.as_ref());
        match self
            .roster
            .extend(from, &entries, head.bytes(), self.offices.verifier.as_ref())
        {
            Ok(roster) => {
                self.roster = Arc::new(roster);
                out.push(Output::Save(Save::Entries {
                    from,
                    entries,
                    head: head.bytes().to_vec(),
                }));
                out.push(Output::Roster(Arc::clone(&self.roster)));
            }
            Err(error) => {
                debug_assert!(
                    false,
                    "an entry of our own does not fit our own log: {error}"
                );
                out.push(Output::Event(Event::Misbehaviour {
                    device: None,
                    what: "own entry refused",
                }));
            }
        }
    }
}

fn ends_soon(withdrawal: &Withdrawal, now: Timestamp) -> bool {
    match withdrawal.strength {
        Strength::Suspension { until } => now.saturating_add(RESUSPEND) >= until,
        Strength::Revocation | Strength::Retirement => false,
    }
}
