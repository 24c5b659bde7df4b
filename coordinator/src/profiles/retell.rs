//! What people said of a device goes also to members that come to keep a profile of it later, such as a guardian that has
//! taken over: each word that nobody took back, once.

use std::collections::BTreeSet;

use protocol::flows::HabitWord;
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::store::profiles::{Numbered, Of, SpokenWord, ToldProfile};

pub(super) fn due(
    profiles: &[ToldProfile],
    words: &[Numbered],
    now: Timestamp,
) -> Vec<(DeviceId, SpokenWord)> {
    let undone: BTreeSet<(DeviceId, u64)> = words
        .iter()
        .filter_map(|((member, _), spoken)| match spoken.word {
            HabitWord::Undo { number } => Some((*member, number)),
            _ => None,
        })
        .collect();
    let stands = |((member, number), spoken): &&Numbered| {
        let is_for_one = matches!(spoken.word, HabitWord::Undo { .. } | HabitWord::Lend { .. });
        !is_for_one && spoken.until > now && !undone.contains(&(*member, *number))
    };
    let mut told: Vec<(DeviceId, SpokenWord)> = Vec::new();
    for profile in profiles
        .iter()
        .filter(|told| !matches!(told.of, Of::Member(_)))
    {
        let (member, whose) = (profile.member, profile.of.whose());
        let about = words.iter().filter(|(_, spoken)| spoken.whose == whose);
        let same =
            |one: &SpokenWord, other: &SpokenWord| one.at == other.at && one.word == other.word;
        for (_, spoken) in about.clone().filter(stands) {
            let mut heard = about.clone().filter(|((of, _), _)| *of == member);
            let is_known = heard.any(|(_, before)| same(before, spoken))
                || told.iter().any(|(to, before)| {
                    *to == member && before.whose == whose && same(before, spoken)
                });
            if !is_known {
                told.push((member, spoken.clone()));
            }
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use protocol::flows::{Count, Stage};
    use protocol::heard::Mac;
    use protocol::text::Name;

    use super::*;
    use crate::store::profiles::KeptProfile;

    const MAC: Of = Of::Mac(Mac([2, 0, 0, 0, 0, 7]));

    fn member(number: u8) -> DeviceId {
        DeviceId::from_bytes([number; 8])
    }

    fn profile(by: u8) -> ToldProfile {
        ToldProfile {
            of: MAC,
            member: member(by),
            profile: KeptProfile {
                stage: Stage::Trial,
                since: Timestamp::from_millis(1),
                lent: None,
                obeyed: 0,
                count: Count::default(),
                habits: 0,
                kept: 0,
                usual: None,
                dropped: 0,
                received: Timestamp::from_millis(1),
            },
        }
    }

    fn word(to: u8, number: u64, word: HabitWord) -> Numbered {
        let spoken = SpokenWord {
            whose: MAC.whose(),
            word,
            by: Name::fitted("ana").expect("a name"),
            at: Timestamp::from_millis(number),
            until: Timestamp::from_millis(1_000_000),
        };
        ((member(to), number), spoken)
    }

    fn allow(to: u8, number: u64, habit: &str) -> Numbered {
        let habit = protocol::flows::Words::new(habit).expect("a habit");
        word(to, number, HabitWord::Allow { habit })
    }

    /// A guardian that took over had never heard that something is normal, or that the profile is enforced.
    #[test]
    fn who_comes_later_hears_what_stands_and_once() {
        let now = Timestamp::from_millis(5_000);
        let words = vec![
            allow(1, 10, "out tcp a.org 443"),
            allow(1, 11, "out tcp b.org 443"),
            word(1, 12, HabitWord::Undo { number: 11 }),
            word(
                1,
                13,
                HabitWord::Enter {
                    stage: Stage::Enforcing,
                },
            ),
            allow(2, 10, "out tcp a.org 443"),
        ];
        let profiles = [profile(1), profile(2), profile(3)];
        let told = due(&profiles, &words, now);
        let said: Vec<(DeviceId, &str, u64)> = told
            .iter()
            .map(|(to, spoken)| (*to, spoken.word.word(), spoken.at.as_millis()))
            .collect();
        let expected = [
            (member(2), "enter", 13),
            (member(3), "allow", 10),
            (member(3), "enter", 13),
        ];
        assert_eq!(said, expected);
        let mut words = words;
        words.extend(
            told.into_iter()
                .map(|(to, spoken)| ((to, spoken.at.as_millis()), spoken)),
        );
        assert_eq!(due(&profiles, &words, now), []);
        let over = Timestamp::from_millis(1_000_000);
        assert_eq!(due(&[profile(9)], &words, over), []);
    }
}
