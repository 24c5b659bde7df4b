//! A coordinator begins with what its store holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::accounts::Books;
use super::alert::Alerts;
use super::appeal::Appeals;
use super::beacon::Beacon;
use super::echo::Echo;
use super::presence::Presence;
use super::reunion::Reunion;
use super::rollout::Rollouts;
use super::save::{Memory, Remembered};
use super::verdict::Verdicts;
use super::{Config, Coordinator, Deadline, Device, Offices, Output, convict, cosign};
use crate::beacon::{Kept, Seeds};
use crate::deadlines::Deadlines;
use crate::depot::Depot;
use crate::errand::Errands;
use crate::id::DeviceId;
use crate::limits;
use crate::rollout::Halts;
use crate::roster::{ExtendError, Roster};
use crate::ruling::Rulings;
use crate::signed::Signed;
use crate::silence::Silence;
use crate::suspicion::Suspicion;
use crate::time::Now;

impl Coordinator {
    /// A coordinator over what its store holds.
    pub fn new(
        config: Config,
        offices: Offices,
        empty: Roster,
        memory: Memory,
        now: Now,
    ) -> Result<(Self, Vec<Output>), ExtendError> {
        let roster = match &memory.log_head {
            Some(head) => empty.extend(0, &memory.entries, head, offices.verifier.as_ref())?,
            None => empty,
        };
        let roster = convict::recalled(roster, &memory, offices.verifier.as_ref());
        let roster = cosign::recalled(roster, &memory, offices.verifier.as_ref());
        let kept = Kept::decode(memory.seeds.as_deref().unwrap_or_default());
        let seeds = Seeds::recalled(&kept, roster.charter(), offices.verifier.as_ref());
        let roster = Arc::new(roster);
        let config = Config {
            membership: config.membership.min(limits::MEMBERSHIP),
            ..config
        };
        let mut coordinator = Self {
            devices: BTreeMap::new(),
            tokens: memory
                .tokens
                .into_iter()
                .map(|token| (token.id, token))
                .collect(),
            links: BTreeSet::new(),
            retiring: BTreeMap::new(),
            silence: Silence::default(),
            verdicts: Verdicts::default(),
            alerts: Alerts::default(),
            books: Books::default(),
            suspicion: Suspicion::default(),
            rulings: Rulings::default(),
            halts: Halts::default(),
            errands: Errands::default(),
            rollouts: Rollouts::recalled(&memory.rollouts),
            appeals: Appeals::new(config.epoch),
            echo: Echo::default(),
            reunion: Reunion::new(&roster, now.monotonic),
            beacon: Beacon::new(seeds),
            heir: None,
            depot: Depot::default(),
            deadlines: Deadlines::default(),
            config,
            offices,
            roster,
        };
        for device in coordinator
            .roster
            .convictions()
            .filter_map(|proof| proof.convicts())
        {
            coordinator.silence.bury(device);
        }
        coordinator.recall_rulings(&memory.rulings);
        coordinator.recall_halts(&memory.halts);
        coordinator.recall_votes(&memory.votes, now);
        for (device, remembered) in memory.devices {
            coordinator.remember(device, remembered);
        }
        coordinator
            .deadlines
            .set(Deadline::Suspensions, now.monotonic);
        coordinator.deadlines.set(
            Deadline::Presence,
            now.monotonic + coordinator.config.silent_after,
        );
        coordinator.deadlines.set(Deadline::Beacon, now.monotonic);
        coordinator.plan_rollouts(now);
        if let Some(look) = coordinator.reunion.next_look() {
            coordinator.deadlines.set(Deadline::Reunion, look);
        }
        let out = vec![Output::Roster(Arc::clone(&coordinator.roster))];
        Ok((coordinator, out))
    }

    pub(super) fn remember(&mut self, device: DeviceId, remembered: Remembered) {
        let Some(member) = self.roster.member(&device) else {
            return;
        };
        let key = &member.membership.key;
        let contact = remembered
            .contact
            .and_then(|bytes| Signed::open(&bytes, key, self.offices.verifier.as_ref()).ok());
        let presence = Presence::remembered(remembered.enrolled, remembered.received);
        let known = Device {
            last: remembered.last,
            contact,
            retired: remembered.retired,
            obeyed: remembered.obeyed.unwrap_or_default(),
            ..Device::new(remembered.data_key, presence)
        };
        self.devices.insert(device, known);
    }
}
