//! Members whose names people would take for another's: they are not refused, because devices name themselves by habit.

use protocol::id::DeviceId;

use super::{Live, LiveDevice, State};
use crate::accounts::names::Looks;

/// As many as a page names.
const NAMED: usize = 5;

impl Live {
    /// Members whose names look like this one, but for the one whose name it is.
    pub fn look_alikes(&self, name: &str, own: Option<&DeviceId>) -> Vec<&LiveDevice> {
        let looks = Looks::of(name);
        let others = self
            .devices
            .iter()
            .filter(|other| other.state != State::Retired && Some(&other.device) != own);
        let alike = others.filter(|other| looks.are_like(&Looks::of(other.name.as_str())));
        alike.take(NAMED).collect()
    }
}
