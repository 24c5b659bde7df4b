//! Errands at the coordinator: signed before a scan, and told to everybody.

use std::time::Duration;

use super::{Coordinator, Event, Output};
use crate::address::Address;
use crate::errand::{Errand, Errands};
use crate::evidence::Evidence;
use crate::id::DeviceId;
use crate::limits;
use crate::signed::Signed;
use crate::time::Now;

impl Coordinator {
    /// The scans that are excused.
    pub fn errands(&self) -> &Errands {
        &self.errands
    }

    /// Signs and spreads that a member is about to scan from an address; longer than [`limits::ERRAND`] takes another.
    pub(super) fn excuse(
        &mut self,
        scanner: DeviceId,
        source: Address,
        length: Duration,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let errand = Errand {
            mesh: self.roster.charter().mesh,
            scanner,
            source,
            from: now.wall,
            until: now.wall.saturating_add(length.min(limits::ERRAND)),
        };
        let until = errand.until;
        let errand = Signed::seal(errand, self.offices.admission.as_ref());
        let piece = Evidence::from(&errand);
        if self.errands.take(errand).is_none() {
            return;
        }
        out.push(Output::Event(Event::Excused {
            scanner,
            source,
            until,
        }));
        self.herald(&piece, out);
    }

    /// Somebody brings an errand that this life has not signed.
    pub(super) fn take_errand(&mut self, bytes: &[u8], out: &mut Vec<Output>) {
        let opened = Errand::open(bytes, &self.roster, self.offices.verifier.as_ref());
        let Ok(errand) = opened else { return };
        let (scanner, source, until) = (errand.scanner, errand.source, errand.until);
        if self.errands.take(errand).is_some() {
            out.push(Output::Event(Event::Excused {
                scanner,
                source,
                until,
            }));
        }
    }
}
