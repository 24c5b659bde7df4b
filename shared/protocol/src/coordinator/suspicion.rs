//! Whom witnesses suspect, as the coordinator hears of it; and of how many kinds its fleet is.

use std::collections::BTreeSet;

use super::{Coordinator, Event, Output};
use crate::id::DeviceId;
use crate::signed::{Signed, Unchecked};
use crate::statement::host::Start;
use crate::suspicion::{Heard, Kin, Report, Suspicion};
use crate::time::Now;
use crate::unlike::MIXED;

/// Whether the votes of this fleet are more than the word of one hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jury {
    /// So many groups of one model and firmware.
    Mixed { groups: usize },
    /// Too few of them: nothing is ever automated here.
    OneModel { groups: usize },
}

impl Coordinator {
    /// Everybody's reports.
    pub fn suspicion(&self) -> &Suspicion {
        &self.suspicion
    }

    pub fn jury(&self) -> Jury {
        let kins = self.devices.values().filter_map(|known| known.kin);
        let groups = kins.collect::<BTreeSet<Kin>>().len();
        if groups < MIXED {
            Jury::OneModel { groups }
        } else {
            Jury::Mixed { groups }
        }
    }

    /// What a device said of itself before this start, which it says once in each of its own.
    pub fn recall_host(&mut self, device: DeviceId, host: &Start) {
        self.note_kin(device, host);
        self.note_host(device, host);
    }

    pub(super) fn note_kin(&mut self, device: DeviceId, host: &Start) {
        if let Some(known) = self.devices.get_mut(&device) {
            known.kin = Some(Kin::of(host));
        }
    }

    pub(super) fn take_report(&mut self, bytes: &[u8], now: Now, out: &mut Vec<Output>) {
        let Some(report) = self.open_report(bytes) else {
            return;
        };
        let witness = report.witness;
        let before = self.suspicion.report(&witness);
        let before: BTreeSet<DeviceId> = before.into_iter().flat_map(named_by).collect();
        let named: BTreeSet<DeviceId> = named_by(&report).collect();
        if self.suspicion.take(report, now.wall) == Heard::Stale {
            return;
        }
        let concerned: Vec<DeviceId> = named.iter().copied().collect();
        self.summon(&concerned, now);
        for &device in named.difference(&before) {
            let case = self.suspicion.case(&device, &self.roster);
            if case.witnesses.contains(&witness) {
                let suspected = case.is_suspected();
                out.push(Output::Event(Event::Suspected {
                    device,
                    witness,
                    suspected,
                }));
            }
        }
    }

    fn open_report(&self, bytes: &[u8]) -> Option<Signed<Report>> {
        let unchecked = Unchecked::<Report>::parse(bytes).ok()?;
        let witness = unchecked.claim().witness;
        let key = &self.roster.member(&witness)?.membership.key;
        if !unchecked.claim().is_well_formed() || self.roster.is_convicted(&witness) {
            return None;
        }
        unchecked.check(key, self.offices.verifier.as_ref()).ok()
    }
}

fn named_by(report: &Signed<Report>) -> impl Iterator<Item = DeviceId> + '_ {
    report.suspects.iter().map(|suspect| suspect.subject)
}
