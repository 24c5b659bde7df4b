//! One of each: a page about a profile, an alert about strange traffic, and words about profiles.

use protocol::alert::Matter;
use protocol::flows::{
    Count, Flows, Habit, HabitOrder, HabitWord, Origin, Sight, Stage, Standing, Strange, Usual,
    Whose, Words,
};
use protocol::heard::Mac;
use protocol::message::Message;

use super::{device, mesh, name, time};

fn words(text: &str) -> Words {
    Words::new(text).expect("it is one line")
}

const CAMERA: Whose = Whose::Mac {
    mac: Mac([2, 0, 0, 0, 0, 7]),
};

pub fn page() -> Flows {
    let standing = Standing {
        origin: Origin::Learnt,
        first: time(1_000),
        last: time(2_000),
        support: 12,
    };
    Flows {
        whose: CAMERA,
        stage: Stage::Trial,
        since: time(2_000),
        lent: Some(name("camera")),
        obeyed: 3,
        count: Count {
            flows: 40,
            unusual: 1,
            sent: 70_000,
            received: 9_000,
        },
        habits: 5,
        told: vec![
            Habit {
                words: words("out tcp maker.com 443"),
                standing: Some(standing),
            },
            Habit {
                words: words("in tcp local 22"),
                standing: None,
            },
        ],
        usual: Some(Usual {
            median: 360_000,
            deviation: 12_000,
        }),
        dropped: 2,
    }
}

pub fn strange() -> Strange {
    Strange {
        whose: CAMERA,
        address: std::net::IpAddr::from([10, 0, 0, 7]).into(),
        rule: name("unusual"),
        sight: Sight::Frames,
        observed: 41,
        usual: 3,
        window_s: 0,
        examples: vec![name("c2.example.org:443")],
        habit: Some(words("out tcp example.org 443")),
    }
}

pub fn alarm() -> Matter {
    Matter::Strange(Box::new(strange()))
}

pub fn order() -> HabitOrder {
    HabitOrder {
        mesh: mesh(),
        device: device(),
        number: 4,
        whose: CAMERA,
        until: time(3_000),
        word: HabitWord::Allow {
            habit: words("out tcp maker.com 443"),
        },
    }
}

pub fn messages() -> [(&'static str, Message); 1] {
    let order = vec![1, 2, 3].into();
    [("habit", Message::Habit { order })]
}
