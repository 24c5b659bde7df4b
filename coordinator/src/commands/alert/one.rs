//! `alert show`: everything that the alert's page says, as lines.

use alerts::letter::times;

use super::whose;
use crate::bulletin::document::{AlertDocument, OriginDocument, ValueDocument, WitnessDocument};

pub(super) fn lines(alert: &AlertDocument) -> Vec<String> {
    let mut lines = about(alert);
    lines.extend(state(alert));
    if !alert.evidence.is_empty() {
        lines.push("what was seen, and what is usual:".to_owned());
        lines.extend(alert.evidence.iter().map(value));
    }
    if !alert.origins.is_empty() {
        lines.push("where it came from:".to_owned());
        lines.extend(alert.origins.iter().map(origin));
    }
    lines.push(format!("seen by: {}", seers(alert)));
    // The newest first, as on the page.
    lines.extend(alert.witnesses.iter().rev().map(witness));
    lines.push(format!("what would make it stop: {}", alert.stops));
    lines
}

/// How many saw it, and of how many, where that is known.
pub(super) fn share(alert: &AlertDocument) -> String {
    let saw = alert.witnesses.len();
    match alert.could_see {
        Some(all) => format!("{saw} of {all}"),
        None => saw.to_string(),
    }
}

fn about(alert: &AlertDocument) -> Vec<String> {
    let attack = alert.attack.as_deref().unwrap_or("-");
    let class = alert.class.as_ref().map(|class| format!(" ({class})"));
    let mut lines = vec![
        format!(
            "alert {}: {} on {}{}",
            alert.id,
            alert.title,
            whose(alert),
            class.unwrap_or_default()
        ),
        format!("  {}", alert.says),
        format!("rule: {} ({}, ATT&CK {attack})", alert.rule, alert.severity),
    ];
    if alert.rule_off {
        let off = "  somebody has switched it off for this device: nothing more is counted";
        lines.push(off.to_owned());
    }
    lines
}

fn state(alert: &AlertDocument) -> Vec<String> {
    let mut state = format!("state: {}", alert.state);
    if let Some(to) = &alert.assigned_to {
        state += &format!(" to {to}");
    }
    if let Some(until) = &alert.snoozed_until {
        state += &format!(" until {until}");
    }
    if let Some(done) = &alert.done {
        let why = done.why.as_ref().map(|why| format!(": {why}"));
        state += &format!(", by {} at {}{}", done.by, done.at, why.unwrap_or_default());
    }
    let cause = alert
        .cause
        .as_ref()
        .map(|cause| format!(", cause: {cause}"));
    let mut lines = vec![
        state,
        format!("incident: {}{}", alert.incident, cause.unwrap_or_default()),
        format!(
            "seen: {}, from {} to {}",
            times(alert.count),
            alert.first,
            alert.last
        ),
    ];
    let before = alert.before;
    lines.extend(before.map(|before| format!("the same was closed before: alert {before}")));
    lines
}

fn value(value: &ValueDocument) -> String {
    match &value.usual {
        Some(usual) => format!("  {}: usually {usual}, now {}", value.what, value.seen),
        None => format!("  {}: {}", value.what, value.seen),
    }
}

fn origin(origin: &OriginDocument) -> String {
    let OriginDocument {
        from,
        first,
        last,
        count,
        said,
    } = origin;
    let said = said.as_ref().map(|said| format!(", said last: {said}"));
    let said = said.unwrap_or_default();
    let times = times(*count);
    format!("  {from}: {times}, from {first} to {last}{said}")
}

fn seers(alert: &AlertDocument) -> String {
    match (alert.witnesses.is_empty(), alert.could_see) {
        (_, Some(_)) => format!("{} that watch its traffic", share(alert)),
        (true, None) => "the coordinator itself: nobody else has said so".to_owned(),
        (false, None) => share(alert),
    }
}

fn witness(witness: &WitnessDocument) -> String {
    let record = witness.record;
    let record = record.map(|(incarnation, sequence)| format!(", record {incarnation}/{sequence}"));
    format!(
        "  {} at {}{}",
        witness.device.name,
        witness.at,
        record.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulletin::document::{DoneDocument, Named};

    fn alert() -> AlertDocument {
        let named = |id: &str, name: &str| Named {
            id: id.to_owned(),
            name: name.to_owned(),
        };
        AlertDocument {
            id: 7,
            rule: "traffic_unusual".to_owned(),
            title: "A device speaks with somebody it never spoke with".to_owned(),
            severity: "medium".to_owned(),
            state: "assigned".to_owned(),
            snoozed_until: None,
            assigned_to: Some("alice".to_owned()),
            device: Some(named("d1", "hall-camera")),
            about: None,
            class: Some("camera".to_owned()),
            count: 3,
            first: "2026-03-01T10:00:00Z".to_owned(),
            last: "2026-03-01T10:05:00Z".to_owned(),
            says: "normally 3, now 41: c2.example.org:443".to_owned(),
            evidence: vec![ValueDocument {
                what: "places it speaks with".to_owned(),
                usual: Some("3".to_owned()),
                seen: "41".to_owned(),
            }],
            witnesses: vec![WitnessDocument {
                device: named("d2", "gateway"),
                at: "2026-03-01T10:05:00Z".to_owned(),
                record: Some((1, 5)),
            }],
            could_see: Some(8),
            origins: vec![OriginDocument {
                from: "10.0.0.66".to_owned(),
                first: "2026-03-01T10:00:00Z".to_owned(),
                last: "2026-03-01T10:04:00Z".to_owned(),
                count: 2,
                said: Some("login root".to_owned()),
            }],
            rule_off: false,
            attack: Some("T1071".to_owned()),
            stops: "It speaks with nobody new any more.".to_owned(),
            cause: Some("traffic of d1".to_owned()),
            incident: 4,
            done: Some(DoneDocument {
                by: "bob".to_owned(),
                at: "2026-03-01T10:06:00Z".to_owned(),
                why: Some("her camera".to_owned()),
            }),
            before: Some(2),
        }
    }

    #[test]
    fn whoever_has_no_browser_reads_who_saw_it_and_of_how_many_and_what_would_stop_it() {
        let told = lines(&alert()).join("\n");
        for part in [
            "hall-camera (camera)",
            "places it speaks with: usually 3, now 41",
            "10.0.0.66: 2 times, from 2026-03-01T10:00:00Z to 2026-03-01T10:04:00Z, said last: login root",
            "seen by: 1 of 8 that watch its traffic",
            "gateway at 2026-03-01T10:05:00Z, record 1/5",
            "assigned to alice, by bob at 2026-03-01T10:06:00Z: her camera",
            "incident: 4, cause: traffic of d1",
            "closed before: alert 2",
            "what would make it stop: It speaks with nobody new any more.",
        ] {
            assert!(told.contains(part), "{part} is not in {told}");
        }
    }

    #[test]
    fn what_is_about_a_stranger_names_it_and_what_nobody_saw_is_the_coordinators_word() {
        let alone = AlertDocument {
            witnesses: Vec::new(),
            could_see: None,
            ..alert()
        };
        let told = lines(&alone).join("\n");
        assert!(told.contains("seen by: the coordinator itself"), "{told}");
        let stranger = AlertDocument {
            device: None,
            about: Some("mac:02:00:00:00:00:07".to_owned()),
            ..alert()
        };
        let told = lines(&stranger).join("\n");
        assert!(told.contains(" on mac:02:00:00:00:00:07"), "{told}");
        let unseen = AlertDocument {
            witnesses: Vec::new(),
            ..alert()
        };
        let told = lines(&unseen).join("\n");
        assert!(
            told.contains("seen by: 0 of 8"),
            "what is told is no sight: {told}"
        );
    }
}
