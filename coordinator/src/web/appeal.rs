//! Appeals in words, for the pages and for programs.

use protocol::appeal::Automation;
use protocol::ruling::is_exempt;
use ui::pages::appeal::{AppealView, AppealsView, Bearing, VoteView};

use super::pages::device::named;
use crate::live::appeal::{Appeal, Cast};
use crate::live::{Live, LiveDevice};

const CLEARS: &str = "Somebody clears it here or on a gateway's console; otherwise it ends by itself after a day. Each member said what it saw over a link of its own.";

/// Nothing, unless a committee has tried the device.
pub fn view(live: &Live, device: &LiveDevice) -> Option<AppealView> {
    let appeal = device.appeal.as_ref()?;
    Some(AppealView {
        device: named(live, &device.device),
        weight: weight(appeal),
        held: appeal.sentenced.is_some() && appeal.spared.is_none(),
        votes: appeal
            .committee
            .iter()
            .map(|cast| vote(live, cast))
            .collect(),
        clears: CLEARS.to_owned(),
    })
}

/// Every appeal, and whether anything is automated.
pub fn all(live: &Live) -> AppealsView {
    let appeals = live.devices.iter().filter_map(|device| view(live, device));
    AppealsView {
        automation: automation(live),
        appeals: appeals.collect(),
    }
}

pub fn clears() -> &'static str {
    CLEARS
}

/// How the committee has found.
pub fn weight(appeal: &Appeal) -> String {
    let voted = appeal.committee.iter().filter(|cast| cast.vote.is_some());
    let found = format!(
        "{} of {} strangers saw it themselves; {} hold it, and {} have voted.",
        appeal.against,
        appeal.committee.len(),
        appeal.quorum,
        voted.count(),
    );
    match appeal.spared {
        Some(why) => format!("{found} It is not held: {}.", why.says()),
        None => found,
    }
}

/// Whether anything is automated at this moment, and why not.
pub fn automation(live: &Live) -> String {
    live.automation.says(&live.roster.charter().automate)
}

/// Whether a committee may hold this device, and what that means; its class alone does not decide it.
pub fn automation_for(live: &Live, device: &LiveDevice) -> String {
    let class = device.class.word();
    if is_exempt(&device.device, &live.roster) {
        return format!(
            "Never: it is exempt by its class ({class}) or its office, since people or plants may depend on it. What witnesses report is shown, and nothing follows from it."
        );
    }
    if !live.roster.charter().automate.contains(&device.class) {
        return format!(
            "Off for class {class}: only a person puts it into quarantine. The root may allow it for the class, with palisade-coordinator offices automate."
        );
    }
    match live.automation {
        Automation::On => format!(
            "On for class {class}: when its witnesses report it, and 21 of 31 strangers find the same, neighbours take nothing from it for a day but its signs of life, its log and its alerts. Whoever clears it ends that."
        ),
        _ => format!(
            "Allowed for class {class}, and not at this moment. {}",
            automation(live)
        ),
    }
}

fn vote(live: &Live, cast: &Cast) -> VoteView {
    let (says, at_ms, bearing) = match cast.vote {
        Some((finding, at)) => (
            finding.says(),
            Some(at.as_millis()),
            if finding.is_against() {
                Bearing::Against
            } else {
                Bearing::For
            },
        ),
        None => ("it has no vote yet", None, Bearing::None),
    };
    VoteView {
        member: named(live, &cast.member),
        says: says.to_owned(),
        at_ms,
        bearing,
    }
}
