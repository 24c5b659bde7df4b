//! Profiles as programs, pages and the command line are told them.

use language::{count, say};
use protocol::flows::Stage;
use protocol::id::DeviceId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::why::{Answer, Ground, Why};
use super::{Joint, Known, Vantage, Word};
use crate::bulletin::document::{Named, time};
use crate::live::Live;
use protocol::flows::HabitWord;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileDocument {
    /// A member's id, `mac:…` or `ip:…`.
    pub id: String,
    pub vantages: Vec<VantageDocument>,
    pub habits: Vec<HabitDocument>,
    pub words: Vec<WordDocument>,
}

/// One member's own profile of the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VantageDocument {
    pub member: Named,
    /// `learning`, `trial` or `enforcing`.
    pub stage: String,
    pub since: String,
    /// The class whose baseline it borrowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lent: Option<String>,
    pub flows: u64,
    pub unusual: u64,
    pub sent: u64,
    pub received: u64,
    /// Bytes that it usually sends out of its network in a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<u64>,
    /// Habits that it holds, and those of them that are listed here.
    pub habits: u32,
    pub told: u32,
    /// Flows of all devices that this member could not judge, because there were too many at once.
    pub dropped: u64,
    pub at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HabitDocument {
    pub habit: String,
    /// `learnt`, `lent`, `declared` or `allowed`.
    pub origin: String,
    pub first: String,
    pub last: String,
    pub flows: u64,
    pub seen_by: Vec<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WordDocument {
    pub number: u64,
    pub member: Named,
    pub says: String,
    pub by: String,
    pub at: String,
    pub heard: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WhyDocument {
    /// `allowed`, `unusual`, `denied`, `learning` or `unknown`.
    pub answer: String,
    pub says: String,
    pub grounds: Vec<GroundDocument>,
    /// The habit that would allow it.
    pub would_allow: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroundDocument {
    pub member: Named,
    pub stage: String,
    pub since: String,
    pub answer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub habit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flows: Option<u64>,
}

impl ProfileDocument {
    pub fn of(known: &Known, live: &Live) -> Self {
        Self {
            id: known.holder.to_string(),
            vantages: known
                .profiles
                .iter()
                .map(|one| VantageDocument::of(one, live))
                .collect(),
            habits: known
                .habits()
                .iter()
                .map(|one| HabitDocument::of(one, live))
                .collect(),
            words: known
                .words
                .iter()
                .map(|one| WordDocument::of(known, one, live))
                .collect(),
        }
    }
}

fn named(device: &DeviceId, live: &Live) -> Named {
    Named::of(device, live)
}

impl VantageDocument {
    fn of(vantage: &Vantage, live: &Live) -> Self {
        let profile = &vantage.told.profile;
        Self {
            member: named(&vantage.told.member, live),
            stage: profile.stage.word().to_owned(),
            since: time(profile.since),
            lent: profile.lent.as_ref().map(ToString::to_string),
            flows: profile.count.flows,
            unusual: profile.count.unusual,
            sent: profile.count.sent,
            received: profile.count.received,
            usual: profile.usual.map(|usual| usual.median),
            habits: profile.habits,
            told: profile.kept,
            dropped: profile.dropped,
            at: time(profile.received),
        }
    }
}

impl HabitDocument {
    fn of(joint: &Joint, live: &Live) -> Self {
        Self {
            habit: joint.words.to_string(),
            origin: joint.standing.origin.word().to_owned(),
            first: time(joint.standing.first),
            last: time(joint.standing.last),
            flows: joint.standing.support,
            seen_by: joint.members.iter().map(|one| named(one, live)).collect(),
        }
    }
}

impl WordDocument {
    fn of(known: &Known, word: &Word, live: &Live) -> Self {
        Self {
            number: word.number,
            member: named(&word.member, live),
            says: says(known, word),
            by: word.spoken.by.to_string(),
            at: time(word.spoken.at),
            heard: word.heard,
        }
    }
}

/// A word in words; one that takes another back names what that said.
pub fn says(known: &Known, word: &Word) -> String {
    match &word.spoken.word {
        HabitWord::Undo { number } => match known.word(word.member, *number) {
            Some(HabitWord::Allow { habit }) => {
                say!("no longer said to be normal: {habit}", habit)
            }
            _ => say!("takes an earlier word back").to_owned(),
        },
        spoken => alone(spoken),
    }
}

fn alone(word: &HabitWord) -> String {
    match word {
        HabitWord::Allow { habit } => say!("this is normal: {habit}", habit),
        HabitWord::Undo { .. } => say!("takes an earlier word back").to_owned(),
        HabitWord::Enter { stage } => match stage {
            Stage::Learning => say!("stage: learning").to_owned(),
            Stage::Trial => say!("stage: trial").to_owned(),
            Stage::Enforcing => say!("stage: enforcing").to_owned(),
        },
        HabitWord::Declare { habits } => count!(
            habits.len(),
            "the maker declares {n} habit",
            "the maker declares {n} habits"
        ),
        HabitWord::Lend { class, habits } => {
            count!(
                habits.len(),
                "lends {n} habit of the class {class}",
                "lends {n} habits of the class {class}",
                class
            )
        }
    }
}

fn shown(answer: Answer) -> &'static str {
    match answer {
        Answer::Allowed => say!("answer|allowed"),
        Answer::Unusual => say!("answer|unusual"),
        Answer::Denied => say!("answer|denied"),
        Answer::Learning => say!("answer|learning"),
        Answer::Unknown => say!("answer|unknown"),
    }
}

impl WhyDocument {
    pub fn of(why: &Why, live: &Live) -> Self {
        let agree = why.grounds.iter();
        let agree = agree.filter(|ground| ground.answer == why.answer).count();
        let answer = why.answer.word();
        let mut says = match why.grounds.len() {
            0 => say!("nobody tells of this device's traffic").to_owned(),
            all => say!(
                "{answer}, say {agree} of {all} that watch its traffic",
                answer = shown(why.answer),
                agree,
                all
            ),
        };
        if why.answer == Answer::Denied {
            says += say!(
                "; a host with `[flows] enforce = true` does not forward it, any other only says so"
            );
        }
        Self {
            answer: answer.to_owned(),
            says,
            grounds: why
                .grounds
                .iter()
                .map(|ground| GroundDocument::of(ground, live))
                .collect(),
            would_allow: why.would_allow.clone(),
        }
    }
}

impl GroundDocument {
    fn of(ground: &Ground, live: &Live) -> Self {
        let standing = ground.habit.as_ref().map(|(_, standing)| standing);
        Self {
            member: named(&ground.member, live),
            stage: ground.stage.word().to_owned(),
            since: time(ground.since),
            answer: ground.answer.word().to_owned(),
            habit: ground.habit.as_ref().map(|(words, _)| words.to_string()),
            origin: standing.map(|standing| standing.origin.word().to_owned()),
            first: standing.map(|standing| time(standing.first)),
            last: standing.map(|standing| time(standing.last)),
            flows: standing.map(|standing| standing.support),
        }
    }
}
