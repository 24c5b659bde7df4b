//! Appeals in words, for the pages and for programs.

use language::{Word, say, word};
use protocol::appeal::{Automation, Finding, Spared};
use protocol::limits;
use protocol::ruling::is_exempt;
use protocol::suspicion::Ground;
use ui::pages::appeal::{AppealView, AppealsView, Bearing, VoteView};

use super::pages::device::named;
use crate::live::appeal::{Appeal, Cast};
use crate::live::{Live, LiveDevice};

const CLEARS: Word = word!(
    "Somebody clears it here or on a gateway's console; otherwise it ends by itself after a day. Each member said what it saw over a link of its own."
);

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
        clears: CLEARS.now().to_owned(),
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
    CLEARS.now()
}

/// How the committee has found.
pub fn weight(appeal: &Appeal) -> String {
    let voted = appeal.committee.iter().filter(|cast| cast.vote.is_some());
    let found = say!(
        "{against} of {members} strangers saw it themselves; {quorum} hold it, and {voted} have voted.",
        against = appeal.against,
        members = appeal.committee.len(),
        quorum = appeal.quorum,
        voted = voted.count(),
    );
    match appeal.spared {
        Some(why) => say!("{found} It is not held: {why}.", found, why = spared(why)),
        None => found,
    }
}

/// Whether anything is automated at this moment, and why not.
pub fn automation(live: &Live) -> String {
    match live.automation {
        Automation::Off => {
            say!("Nothing is automated: the root allows it for no class of devices.").to_owned()
        }
        Automation::TooSmall { others } => say!(
            "Nothing is automated: a committee has {members} members, and {others} others have a seat.",
            members = limits::COMMITTEE,
            others
        ),
        Automation::NoSeeds => say!("Nothing is automated: no seed is open by which a committee could be drawn that nobody knew beforehand.").to_owned(),
        Automation::Braked { .. } => say!("Nothing is automated for a day: too many devices of one cell were sentenced within an hour. Signing the classes anew ends that.").to_owned(),
        Automation::On => {
            let classes = live.roster.charter().automate.iter();
            let classes: Vec<&str> = classes.map(|class| class.word()).collect();
            say!(
                "A committee may hold a suspected device for a day, if it is of class {classes}.",
                classes = classes.join(", ")
            )
        }
    }
}

/// Why somebody is not held, as [`Spared::says`] in English.
pub fn spared(why: Spared) -> &'static str {
    match why {
        Spared::Exempt => say!("the root does not allow that for a device of its class or office"),
        Spared::Cleared => say!("somebody has cleared it since"),
        Spared::SmallCell => say!("it alone is more than a fifth of its cell"),
        Spared::Braked => {
            say!("too many of one cell were sentenced within an hour, and automation has stopped")
        }
        Spared::Hour => say!("three devices were held within the hour before"),
        Spared::Full => say!("as many devices are in quarantine as may be at once"),
    }
}

/// What a member of a committee says, as [`Finding::says`] in English.
fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::Saw(Ground::Garbage) => {
            say!("it sent what no honest program makes, to this member too")
        }
        Finding::Saw(Ground::Replay) => {
            say!("it showed old heads as if they were new, to this member too")
        }
        Finding::Saw(Ground::Accounts | Ground::Accusations) => {
            say!("a word on what no stranger can see")
        }
        Finding::Answered => say!("it answered, and nothing was wrong with what it sent"),
        Finding::Unreached => say!("it could not be tried: too little came over a link to it"),
    }
}

/// Whether a committee may hold this device, and what that means; its class alone does not decide it.
pub fn automation_for(live: &Live, device: &LiveDevice) -> String {
    let class = device.class.word();
    if is_exempt(&device.device, &live.roster) {
        return say!(
            "Never: it is exempt by its class ({class}) or its office, since people or plants may depend on it. What witnesses report is shown, and nothing follows from it.",
            class
        );
    }
    if !live.roster.charter().automate.contains(&device.class) {
        return say!(
            "Off for class {class}: only a person puts it into quarantine. The root may allow it for the class, with palisade-coordinator offices automate.",
            class
        );
    }
    match live.automation {
        Automation::On => say!(
            "On for class {class}: when its witnesses report it, and 21 of 31 strangers find the same, neighbours take nothing from it for a day but its signs of life, its log and its alerts. Whoever clears it ends that.",
            class
        ),
        _ => say!(
            "Allowed for class {class}, and not at this moment. {why}",
            class,
            why = automation(live)
        ),
    }
}

fn vote(live: &Live, cast: &Cast) -> VoteView {
    let (says, at_ms, bearing) = match cast.vote {
        Some((found, at)) => (
            finding(found),
            Some(at.as_millis()),
            if found.is_against() {
                Bearing::Against
            } else {
                Bearing::For
            },
        ),
        None => (say!("it has no vote yet"), None, Bearing::None),
    };
    VoteView {
        member: named(live, &cast.member),
        says: says.to_owned(),
        at_ms,
        bearing,
    }
}
