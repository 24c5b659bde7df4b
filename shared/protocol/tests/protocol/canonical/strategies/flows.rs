//! What is said of traffic and of profiles.

use std::net::IpAddr;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use protocol::flows::{
    Count, Flows, Habit, HabitOrder, HabitWord, Origin, Sight, Stage, Standing, Strange, Usual,
    Whose, Words,
};
use protocol::heard::Mac;
use protocol::message::Message;

use super::{bytes, device, mesh, name, time};

fn words() -> impl Strategy<Value = Words> {
    "[a-z0-9 ./]{1,60}".prop_map(|text| Words::new(text).expect("it is one line"))
}

fn whose() -> impl Strategy<Value = Whose> {
    prop_oneof![
        Just(Whose::Own),
        any::<[u8; 6]>().prop_map(|mac| Whose::Mac { mac: Mac(mac) }),
        any::<IpAddr>().prop_map(|address| Whose::Address {
            address: address.into(),
        }),
    ]
}

fn stage() -> impl Strategy<Value = Stage> {
    prop::sample::select(Stage::ALL.to_vec())
}

fn habit() -> impl Strategy<Value = Habit> {
    let origin = prop::sample::select(vec![
        Origin::Learnt,
        Origin::Lent,
        Origin::Declared,
        Origin::Allowed,
    ]);
    let standing = (origin, time(), time(), any::<u64>());
    let standing = standing.prop_map(|(origin, first, last, support)| Standing {
        origin,
        first,
        last,
        support,
    });
    (words(), of(standing)).prop_map(|(words, standing)| Habit { words, standing })
}

pub fn page() -> impl Strategy<Value = Flows> {
    let count = any::<(u64, u64, u64, u64)>();
    let count = count.prop_map(|(flows, unusual, sent, received)| Count {
        flows,
        unusual,
        sent,
        received,
    });
    let usual = of(any::<(u64, u64)>());
    let usual =
        usual.prop_map(|usual| usual.map(|(median, deviation)| Usual { median, deviation }));
    let profile = (whose(), stage(), time(), of(name()), any::<u64>());
    let told = (any::<u32>(), vec(habit(), 0..4), any::<u64>());
    (profile, count, told, usual).prop_map(
        |((whose, stage, since, lent, obeyed), count, (habits, told, dropped), usual)| Flows {
            whose,
            stage,
            since,
            lent,
            obeyed,
            count,
            habits,
            told,
            usual,
            dropped,
        },
    )
}

pub fn strange() -> impl Strategy<Value = Strange> {
    let sight = prop::sample::select(vec![
        Sight::Frames,
        Sight::Connections,
        Sight::Exported,
        Sight::Replayed,
    ]);
    let who = (whose(), any::<IpAddr>(), name(), sight);
    let figures = any::<(u64, u64, u32)>();
    (who, figures, vec(name(), 0..2), of(words())).prop_map(
        |((whose, address, rule, sight), (observed, usual, window_s), examples, habit)| Strange {
            whose,
            address: address.into(),
            rule,
            sight,
            observed,
            usual,
            window_s,
            examples,
            habit,
        },
    )
}

fn word() -> impl Strategy<Value = HabitWord> {
    let habits = || vec(words(), 0..4);
    prop_oneof![
        words().prop_map(|habit| HabitWord::Allow { habit }),
        any::<u64>().prop_map(|number| HabitWord::Undo { number }),
        stage().prop_map(|stage| HabitWord::Enter { stage }),
        habits().prop_map(|habits| HabitWord::Declare { habits }),
        (name(), habits()).prop_map(|(class, habits)| HabitWord::Lend { class, habits }),
    ]
}

pub fn order() -> impl Strategy<Value = HabitOrder> {
    (mesh(), device(), any::<u64>(), whose(), time(), word()).prop_map(
        |(mesh, device, number, whose, until, word)| HabitOrder {
            mesh,
            device,
            number,
            whose,
            until,
            word,
        },
    )
}

pub fn message() -> impl Strategy<Value = Message> {
    bytes(300).prop_map(|order| Message::Habit { order })
}
