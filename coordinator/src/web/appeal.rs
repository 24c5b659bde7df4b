//! Appeals in words, for the pages and for programs.

use protocol::appeal::Automation;
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
    let classes = live.roster.charter().automate.iter();
    let classes: Vec<&str> = classes.map(|class| class.word()).collect();
    match live.automation {
        Automation::Off => "Nothing is automated: the root allows it for no class of devices.".to_owned(),
        Automation::TooSmall { others } => format!(
            "Nothing is automated: a committee has 31 members, and {others} others have a seat."
        ),
        Automation::NoSeeds => "Nothing is automated: no seed is open by which a committee could be drawn that nobody knew beforehand.".to_owned(),
        Automation::Braked { .. } => "Nothing is automated for a day: too many devices of one cell were sentenced within an hour. Signing the classes anew ends that.".to_owned(),
        Automation::On => format!(
            "A committee may hold a suspected device for a day, if it is of class {}.",
            classes.join(", ")
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
