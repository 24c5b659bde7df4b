//! Cosignatures at the coordinator: it cannot make one, and counts them like anybody else.

use std::sync::Arc;

use super::save::{Brought, Memory, Save};
use super::{Coordinator, Event, Output};
use crate::cosign::{CosignError, Cosigned};
use crate::key::Verifier;
use crate::node::split_by_cosigned;
use crate::roster::Roster;
use crate::time::Now;

/// The roster together with the cosignatures that the store holds.
pub(super) fn recalled(roster: Roster, memory: &Memory, verifier: &dyn Verifier) -> Roster {
    memory.cosigned.iter().fold(roster, |roster, bytes| {
        let cosigned = Cosigned::open(bytes, roster.charter(), verifier).ok();
        let grown = cosigned.and_then(|cosigned| roster.with_cosigned(cosigned));
        grown.unwrap_or(roster)
    })
}

impl Coordinator {
    pub(super) fn take_cosigned(
        &mut self,
        bytes: &[u8],
        brought: Brought,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let verifier = self.offices.verifier.as_ref();
        let cosigned = match Cosigned::open(bytes, self.roster.charter(), verifier) {
            Ok(cosigned) => cosigned,
            Err(CosignError::NotAGateway) => return,
            Err(_) => {
                return out.push(Output::Event(Event::Misbehaviour {
                    device: brought.by(),
                    what: "a cosignature that does not check",
                }));
            }
        };
        if let Some(proof) = split_by_cosigned(&self.roster, &cosigned) {
            return self.proven(&proof, brought, now, out);
        }
        let covered = self.roster.covered();
        let Some(roster) = self.roster.with_cosigned(cosigned) else {
            return;
        };
        self.roster = Arc::new(roster);
        if self.roster.covered() > covered {
            let envelopes = self.roster.cosigned().map(|known| known.bytes().to_vec());
            out.push(Output::Save(Save::Cosigned(envelopes.collect())));
            out.push(Output::Roster(Arc::clone(&self.roster)));
        }
    }
}
