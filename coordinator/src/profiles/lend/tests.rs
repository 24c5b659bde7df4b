use protocol::flows::{Count, Origin};
use protocol::heard::Mac;

use super::*;
use crate::store::profiles::KeptProfile;

const NOW: Timestamp = Timestamp::from_millis(100_000_000);

fn member(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 8])
}

/// A device with a node of its own.
fn told(number: u8, stage: Stage, flows: u64) -> ToldProfile {
    ToldProfile {
        of: Of::Member(member(number)),
        member: member(number),
        profile: KeptProfile {
            stage,
            since: NOW,
            lent: None,
            obeyed: 0,
            count: Count {
                flows,
                ..Count::default()
            },
            habits: 3,
            kept: 3,
            usual: None,
            dropped: 0,
            received: NOW,
        },
    }
}

fn habit(words: &str, support: u64) -> (Words, Standing) {
    let standing = Standing {
        origin: Origin::Learnt,
        first: NOW,
        last: NOW,
        support,
    };
    (Words::new(words).expect("a habit"), standing)
}

/// Each calls the maker and a place of its own; the fourth was only told of a third place, as was the third.
fn habits(told: &ToldProfile) -> Result<Habits, ReadError> {
    let own = format!("out tcp own{}.org 443", told.member.as_bytes()[0]);
    Ok(vec![
        habit("out tcp maker.com 443", 9),
        habit("out udp maker.com 123", 4),
        habit(&own, 50),
        habit("out tcp echo.org 443", 0),
    ])
}

fn class(of: Of) -> Option<DeviceClass> {
    match of {
        Of::Member(device) if device == member(8) => Some(DeviceClass::Phone),
        Of::Member(device) if device.as_bytes()[0] >= 50 => Some(DeviceClass::Meter),
        Of::Member(_) => Some(DeviceClass::Camera),
        _ => None,
    }
}

fn lent(profiles: &[ToldProfile], words: &[Numbered]) -> Vec<(DeviceId, SpokenWord)> {
    due(habits, profiles, words, class, NOW).expect("it can be read")
}

fn cameras() -> Vec<ToldProfile> {
    (1..=4)
        .map(|number| told(number, Stage::Trial, 900))
        .collect()
}

/// A new camera with a node of its own learnt for a day, and whatever it did on it became its habit.
#[test]
fn a_newcomer_of_a_known_class_gets_what_most_of_its_kind_do_and_once() {
    let mut profiles = cameras();
    profiles.push(told(21, Stage::Learning, 3));
    let given = lent(&profiles, &[]);
    let [(to, spoken)] = &given[..] else {
        panic!("one is new: {given:?}");
    };
    assert_eq!(*to, member(21));
    let HabitWord::Lend { class, habits } = &spoken.word else {
        panic!("{spoken:?}");
    };
    assert_eq!(class.as_str(), "camera");
    let habits: Vec<&str> = habits.iter().map(Words::as_str).collect();
    assert_eq!(habits, ["out tcp maker.com 443", "out udp maker.com 123"]);
    let words = [((member(21), 7), spoken.clone())];
    assert_eq!(lent(&profiles, &words), []);
}

#[test]
fn nothing_is_lent_to_whom_it_would_not_fit() {
    let mut profiles = cameras();
    profiles.push(told(21, Stage::Learning, NEWCOMER_FLOWS + 1));
    profiles.push(told(22, Stage::Trial, 3));
    profiles.push(told(8, Stage::Learning, 3));
    profiles.push(told(50, Stage::Learning, 3));
    let mut stale = told(23, Stage::Learning, 3);
    stale.profile.received = Timestamp::from_millis(1);
    profiles.push(stale);
    let mut hardware = told(24, Stage::Learning, 3);
    hardware.of = Of::Mac(Mac([2; 6]));
    profiles.push(hardware);
    assert_eq!(lent(&profiles, &[]), []);
}

#[test]
fn two_of_a_class_are_no_class() {
    let mut profiles = cameras();
    profiles.truncate(2);
    profiles.push(told(21, Stage::Learning, 3));
    assert_eq!(lent(&profiles, &[]), []);
}
