//! What the coordinator keeps is not as it was written.

use protocol::time::Timestamp;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 1] = [DAMAGED];

const DAMAGED: Known = Known {
    name: "store_damaged",
    title: "What the coordinator keeps is not as it was written",
    severity: Severity::Critical,
    attack: Some("T1565.001"),
    stops: "A check of everything finds nothing. Keep a copy of the store, look at the disk, and restore the newest backup; where an entry of the audit log differs and the disk is sound, somebody has changed it.",
};

/// What a check of everything found; nothing is sighted where it found nothing.
pub fn damaged(troubles: &[String], now: Timestamp) -> Option<Sighting> {
    let first = troubles.first()?;
    let sighting = DAMAGED.sighting(None, now, first);
    let found = troubles.len().to_string();
    Some(sighting.value("places", Some("none"), &found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_finds_nothing_is_no_news_and_one_that_finds_something_is_critical() {
        let now = Timestamp::from_millis(5);
        assert_eq!(damaged(&[], now), None);
        let troubles = ["a row cannot be read".to_owned(), "another".to_owned()];
        let told = damaged(&troubles, now).expect("it is told");
        assert_eq!(told.rule.severity, Severity::Critical);
        assert_eq!(told.says.as_str(), "a row cannot be read");
        assert_eq!(told.values[0].seen.as_str(), "2");
    }
}
