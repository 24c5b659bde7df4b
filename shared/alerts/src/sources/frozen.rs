//! Devices whose metadata has ended though newer is published: somebody may keep it from them.

use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 2] = [FROZEN, STALE];

/// So many devices at once are no accident of one device.
pub const SEVERAL: usize = 3;
/// Devices that an alert names.
const NAMED: usize = 5;

const FROZEN: Known = Known {
    name: "metadata_frozen",
    title: "Several devices are kept from newer metadata",
    severity: Severity::High,
    attack: Some("T1562"),
    stops: "They hold metadata that has not ended. Newer is published and they are linked, so somebody between may hold it back, or their clocks are ahead: compare their clocks, look at who hands them metadata, and restart one of them on another network.",
};

const STALE: Known = Known {
    name: "metadata_stale",
    title: "A device is linked and holds metadata that has ended",
    severity: Severity::Low,
    attack: Some("T1562"),
    stops: "It takes the newer metadata that is published. Look at its clock and at its log (palisade-node status says since when).",
};

/// What is wrong with devices that have been linked for a while and say that their metadata has ended, while what is
/// published has not: several are one matter, of the mesh; one or two are each its own.
pub fn held_back(stale: &[(DeviceId, Timestamp)], members: usize, now: Timestamp) -> Vec<Sighting> {
    if stale.len() < SEVERAL {
        let each = stale.iter().map(|(device, since)| {
            let says = "its metadata has ended, and it has not taken what is newer";
            STALE
                .sighting(Some(*device), now, says)
                .value(
                    "ended",
                    Some("in the future"),
                    &format!("{} min ago", now.since(*since).as_secs() / 60),
                )
                .witness(*device, None)
        });
        return each.collect();
    }
    let count = stale.len().to_string();
    let names: Vec<String> = stale
        .iter()
        .take(NAMED)
        .map(|(device, _)| device.to_string())
        .collect();
    let says = format!(
        "{count} linked devices hold metadata that has ended, while what is published has not"
    );
    let sighting = FROZEN
        .sighting(None, now, &says)
        .value("devices", Some("none"), &format!("{count} of {members}"))
        .value("among them", None, &names.join(", "));
    let told = stale.iter().take(NAMED);
    vec![told.fold(sighting, |sighting, (device, _)| {
        sighting.witness(*device, None)
    })]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_are_one_matter_of_the_mesh_and_few_are_each_its_own() {
        let now = Timestamp::from_millis(9);
        let stale = |count: u8| -> Vec<(DeviceId, Timestamp)> {
            let devices = (0..count).map(|number| DeviceId::from_bytes([number; 8]));
            devices.map(|device| (device, now)).collect()
        };
        assert_eq!(held_back(&[], 9, now), []);
        let few = held_back(&stale(2), 9, now);
        assert_eq!(few.len(), 2);
        assert_eq!(few[0].rule.severity, Severity::Low);
        assert_eq!(few[0].device, Some(DeviceId::from_bytes([0; 8])));
        let several = held_back(&stale(8), 9, now);
        assert_eq!(several.len(), 1);
        assert_eq!(several[0].device, None);
        assert_eq!(several[0].rule.severity, Severity::High);
        assert_eq!(several[0].values[0].seen.as_str(), "8 of 9");
        assert_eq!(several[0].witnesses.len(), NAMED);
    }
}
