//! Devices with a key of their own that stop speaking: no witness watches them, so that they say nothing is all there is.

use std::time::Duration;

use protocol::time::Timestamp;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};
use crate::text::fitted;

pub(super) const RULES: [Known; 1] = [SILENT];

const SILENT: Known = Known {
    name: "keyed_silent",
    title: "A device with a key fell silent",
    severity: Severity::Medium,
    attack: Some("T1489"),
    stops: "It speaks again with its key. Look at its power, its link and whether its key was replaced; remove it where it was taken away.",
};

/// One that says nothing.
#[derive(Debug, Clone, Copy)]
pub struct Quiet<'a> {
    pub name: &'a str,
    pub since: Timestamp,
    /// How long it may pause without anybody being told.
    pub patience: Duration,
}

/// One sighting for each; those that fell silent together share a cause, which may be the way to the coordinator.
pub fn silent(quiet: &[Quiet<'_>], now: Timestamp) -> Vec<Sighting> {
    let together = quiet.len();
    let each = quiet.iter().map(|one| {
        let seconds = now.since(one.since).as_secs();
        let says = match together {
            1 => format!("{} has said nothing for {seconds} s", one.name),
            _ => format!(
                "{} and {} others have said nothing for a while",
                one.name,
                together - 1
            ),
        };
        let usual = format!("every {} s at least", one.patience.as_secs());
        let mut sighting = SILENT.sighting(None, now, &says).value(
            "word of its own",
            Some(&usual),
            &format!("none for {seconds} s"),
        );
        sighting.about = Some(fitted(&format!("key:{}", one.name)));
        match together {
            1 => sighting,
            _ => sighting.cause(&format!("keyed devices {}", now.as_millis())),
        }
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_falls_silent_is_named_and_several_share_a_cause() {
        let now = Timestamp::from_millis(1_000_000);
        let quiet = |name| Quiet {
            name,
            since: Timestamp::from_millis(700_000),
            patience: Duration::from_secs(180),
        };
        assert_eq!(silent(&[], now), []);
        let alone = silent(&[quiet("pump-2")], now).remove(0);
        assert_eq!(alone.says.as_str(), "pump-2 has said nothing for 300 s");
        assert_eq!(
            alone.about.map(|about| about.to_string()).as_deref(),
            Some("key:pump-2")
        );
        assert_eq!((alone.device, alone.cause), (None, None));
        assert_eq!(alone.values[0].seen.as_str(), "none for 300 s");
        let both = silent(&[quiet("pump-1"), quiet("pump-2")], now);
        assert_eq!(both[0].cause, both[1].cause);
        assert!(both[0].cause.is_some() && both[0].about != both[1].about);
    }
}
