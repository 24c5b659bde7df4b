//! Rotation: a charter that names another admission key, memberships signed anew, and who has heard of it.

use std::sync::Arc;
use std::time::Duration;

use super::registry::GATHER;
use super::{Coordinator, Deadline, Event, LogState, Output};
use crate::id::DeviceId;
use crate::key::{PublicKey, Signer};
use crate::ledger::Entry;
use crate::limits;
use crate::membership::Membership;
use crate::roster::Member;
use crate::signed::Signed;
use crate::succession::SuccessionError;
use crate::time::{Now, Timestamp};

/// Between two batches of memberships that are signed anew.
const PAUSE: Duration = Duration::from_secs(1);

/// How far the last replacement of root or charter has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Version of the charter in force.
    pub charter: u32,
    /// When it was issued.
    pub issued: Timestamp,
    /// Until when memberships by the admission key before it open doors, if that key was replaced.
    pub until: Option<Timestamp>,
    /// Members that are not shut out.
    pub members: usize,
    /// Of these, how many hold the charter and a membership by its admission key.
    pub done: usize,
    /// The others.
    pub stragglers: Vec<DeviceId>,
}

impl Coordinator {
    /// The last replacement of root or charter; `None` where there was none.
    pub fn replacement(&self) -> Option<Replacement> {
        let (roster, charter) = (&self.roster, self.roster.charter());
        if roster.in_force_from() == 0 {
            return None;
        }
        let members: Vec<&Arc<Member>> = roster
            .members()
            .filter(|member| self.is_in(member))
            .collect();
        let stragglers: Vec<DeviceId> = members
            .iter()
            .filter(|member| !self.is_done(member))
            .map(|member| member.membership.device)
            .collect();
        Some(Replacement {
            charter: charter.version,
            issued: charter.issued,
            until: charter.former.first().map(|former| former.until),
            members: members.len(),
            done: members.len() - stragglers.len(),
            stragglers,
        })
    }

    /// Puts documents of the root into force as soon as the log may be appended to.
    pub(super) fn succeed(
        &mut self,
        documents: Vec<Entry>,
        admission: Arc<dyn Signer>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        self.heir = Some(Heir {
            documents,
            admission,
        });
        if self.reunion.state() == LogState::Open {
            self.inherit(now, out);
        }
    }

    /// Behind a charter the log is signed by its admission key: one head covers all documents.
    pub(super) fn inherit(&mut self, now: Now, out: &mut Vec<Output>) {
        let Some(heir) = self.heir.take() else { return };
        let fresh = match self.judge_succession(&heir.documents) {
            Ok(fresh) if fresh.leads_to(heir.admission.as_ref()) => fresh.documents,
            Ok(_) | Err(_) => {
                out.push(Output::Event(Event::Misbehaviour {
                    device: None,
                    what: "documents that do not follow the root and the charter in force",
                }));
                return;
            }
        };
        self.offices.admission = heir.admission;
        if fresh.is_empty() {
            return;
        }
        self.append_all(&fresh, now, out);
        self.announce(out);
        self.deadlines.set(Deadline::Reissue, now.monotonic + PAUSE);
    }

    /// Whether the admission key that this coordinator holds is the one in force.
    pub(super) fn holds_office(&self) -> bool {
        self.offices.admission.public() == self.roster.charter().admission
    }

    /// Those of the documents that are not in force yet, if they follow what is.
    pub fn judge_succession(&self, documents: &[Entry]) -> Result<Heirs, SuccessionError> {
        let mut trust = self.roster.trust();
        let mut succession = self.roster.succession().clone();
        let mut fresh = Vec::new();
        for document in documents {
            if !trust.is_past(document)? {
                trust = trust.after(document)?;
                succession = succession.and(&document.encode())?;
                fresh.push(document.clone());
            }
        }
        Ok(Heirs {
            documents: fresh,
            admission: trust.charter().admission,
        })
    }

    /// Signs the memberships of those anew whom a former admission key had admitted.
    pub(super) fn reissue_due(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.log_state() != LogState::Open {
            return;
        }
        let pending: Vec<Arc<Member>> = self
            .roster
            .members()
            .filter(|member| self.is_in(member) && !self.is_reissued(member))
            .take(limits::REISSUED_AT_ONCE)
            .cloned()
            .collect();
        if pending.is_empty() {
            // By then most members hold the charter that names the key.
            return self.renew_halts(now, out);
        }
        let size = self.roster.size();
        let reissued = (size..).zip(&pending).map(|(log_index, member)| {
            let membership = Membership {
                log_index,
                ..(*member.membership).clone()
            };
            Entry::admission(&Signed::seal(membership, self.offices.admission.as_ref()))
        });
        let entries: Vec<Entry> = reissued.collect();
        self.append_all(&entries, now, out);
        self.deadlines
            .hasten(Deadline::Announce, now.monotonic + GATHER);
        self.deadlines.set(Deadline::Reissue, now.monotonic + PAUSE);
    }

    fn is_in(&self, member: &Member) -> bool {
        let device = &member.membership.device;
        member.withdrawal.is_none() && !self.roster.is_convicted(device)
    }

    fn is_reissued(&self, member: &Member) -> bool {
        member.admission == self.roster.charter().admission
    }

    /// A device is done when its copy of the log reaches the charter and its own new membership.
    fn is_done(&self, member: &Member) -> bool {
        let needed = self
            .roster
            .in_force_from()
            .max(member.membership.log_index + 1);
        let known = self.devices.get(&member.membership.device);
        self.is_reissued(member) && known.is_some_and(|device| device.holds >= needed)
    }
}

/// Documents that wait until the identity log may be appended to, and the admission key to which they lead.
#[derive(Debug)]
pub(super) struct Heir {
    documents: Vec<Entry>,
    admission: Arc<dyn Signer>,
}

/// Documents that may come into force.
#[derive(Debug)]
pub struct Heirs {
    documents: Vec<Entry>,
    admission: PublicKey,
}

impl Heirs {
    /// Whether this signer holds the admission key that will be in force.
    pub fn leads_to(&self, admission: &dyn Signer) -> bool {
        self.admission == admission.public()
    }
}
