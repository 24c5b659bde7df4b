//! A member who may hear the same segment.

use std::collections::{BTreeMap, BTreeSet};

use super::Told;
use crate::heard::Mac;
use crate::limits;

#[derive(Debug, Default)]
pub(super) struct Hearer {
    /// Its hardware, as it says.
    pub(super) own: BTreeSet<Mac>,
    /// Segments of this node on which that hardware is heard.
    pub(super) segments: BTreeSet<u32>,
    /// Devices of which it does not know what is known here.
    pub(super) untold: BTreeSet<Mac>,
    /// What it told that has not been taken in, because its hardware was not heard yet.
    pub(super) told: BTreeMap<Mac, Told>,
}

impl Hearer {
    pub(super) fn shares(&self) -> bool {
        !self.segments.is_empty()
    }

    pub(super) fn first_segment(&self) -> Option<u32> {
        self.segments.first().copied()
    }

    pub(super) fn keep(&mut self, told: Vec<Told>) {
        for told in told {
            if self.told.len() < limits::HEARD_DEVICES {
                self.told.insert(told.mac, told);
            }
        }
    }

    /// Something about a device is to be told to it.
    pub(super) fn learns(&mut self, mac: Mac) {
        self.untold.insert(mac);
    }

    /// It has to be told everything again.
    pub(super) fn forgets(&mut self) {
        self.segments.clear();
    }
}
