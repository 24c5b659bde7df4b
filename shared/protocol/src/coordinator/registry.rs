//! The identity log's only writer: admissions, renewals and withdrawals, announced as it grows.

use std::sync::Arc;
use std::time::Duration;

use super::save::Save;
use super::{Coordinator, Deadline, Event, LogState, Output};
use crate::id::DeviceId;
use crate::key::{PeerKey, Signer};
use crate::ledger::{Entry, LogHead, Strength, Withdrawal};
use crate::limits;
use crate::membership::Membership;
use crate::message::Message;
use crate::refusal::Refusal;
use crate::signed::Signed;
use crate::text::Name;
use crate::time::{Now, Timestamp};

/// Admissions that come close together are announced once.
const GATHER: Duration = Duration::from_millis(200);
/// A suspension is repeated this long before it ends.
const RESUSPEND: Duration = Duration::from_secs(2 * 3600);
/// How often suspensions are looked at.
const LOOK: Duration = Duration::from_secs(600);

impl Coordinator {
    /// Appends an admission and returns the membership's envelope.
    pub(super) fn append_admission(
        &mut self,
        membership: Membership,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Vec<u8> {
        let signed = Signed::seal(membership, self.offices.admission.as_ref());
        self.append(&Entry::admission(&signed), now, out);
        self.deadlines
            .hasten(Deadline::Announce, now.monotonic + GATHER);
        signed.bytes().to_vec()
    }

    /// A new membership under the same key and id, in the last third of the old one's life.
    pub(super) fn renew(&mut self, device: DeviceId, now: Now, out: &mut Vec<Output>) {
        let Some(member) = self.roster.member(&device).cloned() else {
            return;
        };
        let may_append = self.log_state() == LogState::Open;
        if !may_append || member.withdrawal.is_some() || now.wall < member.membership.renews_from()
        {
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
        let Some(peer) = self.peer(&device) else {
            return;
        };
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
        let strength = match administrator {
            Some(_) => Strength::Revocation,
            None => Strength::Suspension {
                until: now.wall.saturating_add(limits::SUSPENSION),
            },
        };
        self.append_withdrawal(device, strength, reason, administrator, now, out);
        self.announce(out);
        if self.links.contains(&peer) {
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
            .filter(|withdrawal| ends_soon(withdrawal, now.wall))
            .map(|withdrawal| (withdrawal.device, withdrawal.reason.clone()))
            .collect();
        for (device, reason) in ending {
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
        self.append(&Entry::withdrawal(&signed), now, out);
    }

    fn append(&mut self, entry: &Entry, now: Now, out: &mut Vec<Output>) {
        let from = self.roster.size();
        let entries = vec![entry.encode()];
        let mut tree = self.roster.tree().clone();
        tree.push(Entry::leaf(&entries[0]));
        let head = LogHead {
            mesh: self.roster.charter().mesh,
            size: from + 1,
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
        Strength::Revocation => false,
    }
}
