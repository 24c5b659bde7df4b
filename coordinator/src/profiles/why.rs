//! Why: whether a device may speak with somebody, by which habit or rule, and who saw it.

use std::net::{IpAddr, Ipv4Addr};

use detect::profile::{Direction, Entry, Flow};
use protocol::flows::{Stage, Standing, Words};
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use super::{Known, is_local};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// A name, or an address.
    pub destination: String,
    pub port: u16,
    /// By its number.
    pub protocol: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A habit allows it.
    Allowed,
    /// No habit allows it; it is said.
    Unusual,
    /// No habit allows it, and somebody enforces the profile.
    Denied,
    /// Everybody still learns: it would become a habit.
    Learning,
    /// Nobody tells of the device's traffic.
    Unknown,
}

impl Answer {
    /// The stable word used in interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Unusual => "unusual",
            Self::Denied => "denied",
            Self::Learning => "learning",
            Self::Unknown => "unknown",
        }
    }
}

/// What one member's profile says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    pub member: DeviceId,
    pub stage: Stage,
    pub since: Timestamp,
    pub answer: Answer,
    /// The habit that allows it.
    pub habit: Option<(Words, Standing)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    pub answer: Answer,
    pub grounds: Vec<Ground>,
    /// The habit that would allow it.
    pub would_allow: String,
}

impl Question {
    fn flow(&self) -> Flow<'_> {
        let address: Option<IpAddr> = self.destination.parse().ok();
        Flow {
            direction: Direction::Out,
            protocol: self.protocol,
            // A name without an address is somewhere on the internet.
            address: address.unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            name: address.is_none().then_some(self.destination.as_str()),
            local: address.is_some_and(is_local),
            roles: &[],
            remote_port: self.port,
            local_port: 0,
        }
    }
}

/// The strictest answer of all members that keep a profile of the device.
pub fn why(known: &Known, question: &Question) -> Why {
    let flow = question.flow();
    let grounds: Vec<Ground> = known
        .profiles
        .iter()
        .map(|vantage| {
            let habit = vantage.habits.iter().find(|(words, _)| {
                let entry = words.as_str().parse::<Entry>();
                entry.is_ok_and(|entry| entry.allows(&flow))
            });
            let stage = vantage.told.profile.stage;
            let answer = match (habit, stage) {
                (Some(_), _) => Answer::Allowed,
                (None, Stage::Learning) => Answer::Learning,
                (None, Stage::Trial) => Answer::Unusual,
                (None, Stage::Enforcing) => Answer::Denied,
            };
            Ground {
                member: vantage.told.member,
                stage,
                since: vantage.told.profile.since,
                answer,
                habit: habit.cloned(),
            }
        })
        .collect();
    let of = |answer| grounds.iter().any(|ground| ground.answer == answer);
    let answer = [
        Answer::Denied,
        Answer::Unusual,
        Answer::Allowed,
        Answer::Learning,
    ]
    .into_iter()
    .find(|answer| of(*answer))
    .unwrap_or(Answer::Unknown);
    Why {
        answer,
        grounds,
        would_allow: Entry::of(&flow).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use protocol::flows::{Count, Origin};

    use super::*;
    use crate::profiles::Vantage;
    use crate::risk::holder::Holder;
    use crate::store::profiles::{KeptProfile, Of, ToldProfile};

    fn vantage(member: u8, stage: Stage, habit: &str) -> Vantage {
        let at = Timestamp::from_millis(1_000);
        let standing = Standing {
            origin: Origin::Learnt,
            first: at,
            last: at,
            support: 9,
        };
        let member = DeviceId::from_bytes([member; 8]);
        let profile = KeptProfile {
            stage,
            since: at,
            lent: None,
            obeyed: 0,
            count: Count::default(),
            habits: 1,
            kept: 1,
            usual: None,
            dropped: 0,
            received: at,
        };
        Vantage {
            told: ToldProfile {
                of: Of::Member(member),
                member,
                profile,
            },
            habits: vec![(Words::new(habit).expect("it is one line"), standing)],
        }
    }

    fn asked(profiles: Vec<Vantage>, destination: &str, port: u16) -> Why {
        let known = Known {
            holder: Holder::Member(DeviceId::from_bytes([1; 8])),
            profiles,
            words: Vec::new(),
        };
        let question = Question {
            destination: destination.to_owned(),
            port,
            protocol: 6,
        };
        why(&known, &question)
    }

    #[test]
    fn a_habit_allows_names_below_its_own_on_its_port_only() {
        let trial = || vec![vantage(1, Stage::Trial, "out tcp maker.com 443")];
        let allowed = asked(trial(), "api.maker.com", 443);
        assert_eq!(allowed.answer, Answer::Allowed);
        assert!(allowed.grounds[0].habit.is_some());
        assert_eq!(asked(trial(), "api.maker.com", 80).answer, Answer::Unusual);
        let other = asked(trial(), "maker.com.evil.org", 443);
        assert_eq!(other.answer, Answer::Unusual);
        assert_eq!(other.would_allow, "out tcp evil.org 443");
    }

    #[test]
    fn the_strictest_of_several_decides_and_nobody_is_no_answer() {
        let several = vec![
            vantage(1, Stage::Learning, "out tcp maker.com 443"),
            vantage(2, Stage::Enforcing, "out tcp local 22"),
        ];
        assert_eq!(
            asked(several.clone(), "maker.com", 443).answer,
            Answer::Denied
        );
        assert_eq!(asked(several, "10.0.0.9", 22).answer, Answer::Allowed);
        let learning = vec![vantage(1, Stage::Learning, "out tcp maker.com 443")];
        assert_eq!(asked(learning, "10.0.0.9", 22).answer, Answer::Learning);
        assert_eq!(asked(Vec::new(), "10.0.0.9", 22).answer, Answer::Unknown);
    }
}
