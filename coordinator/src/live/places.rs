//! Where each device stands in a list, found once for all who ask for one by its id.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use protocol::id::DeviceId;

use super::LiveDevice;

/// Made when somebody first asks. A copy has none yet, so that its list may be changed.
#[derive(Debug, Default)]
pub struct Places(OnceLock<BTreeMap<DeviceId, usize>>);

impl Clone for Places {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Places {
    pub(super) fn of(&self, device: &DeviceId, devices: &[LiveDevice]) -> Option<usize> {
        let places = self.0.get_or_init(|| {
            let all = devices.iter().enumerate();
            all.map(|(place, one)| (one.device, place)).collect()
        });
        let place = *places.get(device)?;
        let stands = devices.get(place).is_some_and(|one| one.device == *device);
        // A list that was changed after somebody had asked is looked through.
        let look = || devices.iter().position(|one| one.device == *device);
        if stands { Some(place) } else { look() }
    }
}
