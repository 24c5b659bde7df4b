//! Whoever judges only where something has changed comes to what judging everybody would.

use proptest::prelude::*;

use super::*;
use crate::id::{Digest, Epoch, MeshId};
use crate::key::SecretKey;
use crate::record::{Flags, Incarnation};
use crate::rings;
use crate::time::Timestamp;

const FLEET: u8 = 24;

/// What a view hears next.
#[derive(Debug, Clone)]
enum Turn {
    Word { of: u8, names: Vec<(u8, u32)> },
    Head { of: u8, at: u32, ring_mask: u16 },
    Convicted { device: u8 },
    OtherSeats,
    Nothing { for_ms: u64 },
}

fn heard() -> impl Strategy<Value = Turn> {
    let device = || 0..FLEET;
    let names = proptest::collection::vec((0..8_u8, 0..3_u32), 0..6);
    prop_oneof![
        12 => (device(), names).prop_map(|(of, names)| Turn::Word { of, names }),
        4 => (device(), 0..4_u32, prop_oneof![4 => Just(0), 1 => 0..256_u16])
            .prop_map(|(of, at, ring_mask)| Turn::Head { of, at, ring_mask }),
        1 => device().prop_map(|device| Turn::Convicted { device }),
        1 => Just(Turn::OtherSeats),
        4 => (0..4_000_u64).prop_map(|for_ms| Turn::Nothing { for_ms }),
    ]
}

fn name(device: u8) -> DeviceId {
    DeviceId::from_bytes([device; 8])
}

fn at(sequence: u32) -> Position {
    Position {
        incarnation: Incarnation(1),
        sequence,
    }
}

fn rings_of(turn: u8) -> Rings {
    let seed = rings::frozen_seed(&MeshId::from_bytes([turn; 32]), Epoch::FROZEN);
    Rings::new(&seed, (0..FLEET).map(name).collect())
}

/// A view, and how often everybody in it has spoken.
struct View {
    silence: Silence,
    rings: Rings,
    turn: u8,
    number: u32,
    now: Instant,
    /// How long words are on their way.
    late: Duration,
    key: SecretKey,
}

impl View {
    fn new() -> Self {
        Self {
            silence: Silence::default(),
            rings: rings_of(0),
            turn: 0,
            number: 0,
            now: Instant::from_millis(1_000_000),
            late: Duration::ZERO,
            key: SecretKey::from_seed(&[1; 32]),
        }
    }

    fn hears(&mut self, heard: Turn) {
        match heard {
            Turn::Word { of, names } => self.hears_word(of, &names),
            Turn::Head { of, at, ring_mask } => self.hears_head(of, at, ring_mask),
            Turn::Convicted { device } => self.silence.bury(name(device)),
            Turn::OtherSeats => {
                self.turn += 1;
                self.rings = rings_of(self.turn);
                self.silence.hand_over();
            }
            Turn::Nothing { for_ms } => self.now = self.now + Duration::from_millis(for_ms),
        }
    }

    /// A witness speaks, mostly of those whom it watches.
    fn hears_word(&mut self, of: u8, names: &[(u8, u32)]) {
        let subjects = self.rings.subjects(&name(of));
        let named = names.iter().filter_map(|(which, last)| {
            let subject = subjects.get(usize::from(*which)).copied()?;
            let last = Some(at(*last));
            Some(Silent { subject, last })
        });
        self.says(name(of), named.collect());
    }

    fn says(&mut self, witness: DeviceId, mut silent: Vec<Silent>) {
        silent.sort_by_key(|silent| silent.subject);
        silent.dedup_by_key(|silent| silent.subject);
        self.number += 1;
        let accusation = Accusation {
            witness,
            number: at(self.number),
            epoch: Epoch::FROZEN,
            log_size: 1,
            time: Timestamp::from_millis((self.now - self.late).as_millis()),
            silent,
        };
        self.silence
            .accuse(Signed::seal(accusation, &self.key), self.now);
    }

    /// Those who watch the dead say so, and some of them name the first device of the fleet as well.
    fn loses(&mut self, dead: &[DeviceId], and_the_first: &[DeviceId]) {
        let silent = |subject: DeviceId| Silent {
            subject,
            last: Some(at(0)),
        };
        for witness in (1..FLEET)
            .map(name)
            .filter(|witness| !dead.contains(witness))
        {
            let watched = dead.iter().copied().filter(|subject| {
                let witnesses = self.rings.witnesses(subject);
                witnesses.contains(&witness)
            });
            let first = and_the_first.contains(&witness).then(|| name(0));
            let named: Vec<Silent> = watched.chain(first).map(silent).collect();
            self.says(witness, named);
        }
        self.judges();
        self.now = self.now + WEAKER_AFTER;
        self.judges();
        assert!(
            dead.iter()
                .all(|device| self.silence.down().contains(device))
        );
    }

    fn hears_head(&mut self, of: u8, sequence: u32, ring_mask: u16) {
        let head = Head {
            device: name(of),
            position: at(sequence),
            time: Timestamp::from_millis(1),
            previous: Digest::ZERO,
            body: Digest::ZERO,
            epoch: Epoch::FROZEN,
            entangled: None,
            flags: Flags::NONE,
            ring_mask,
            attachment: None,
            checkpoint: None,
        };
        self.silence.refute(Signed::seal(head, &self.key));
    }

    fn judges(&mut self) -> Changes {
        self.silence.judge(&self.rings, self.now)
    }

    fn every_judgement_stands(&mut self) -> bool {
        let silence = &mut self.silence;
        let open = (0..FLEET)
            .map(name)
            .filter(|device| !silence.buried.contains(device));
        let open: Vec<DeviceId> = open.collect();
        open.iter().all(|device| {
            silence.is_held_down(device, &self.rings, self.now) == silence.down.contains(device)
        })
    }
}

/// Story: one old word that had long been answered made the time for an answer seem to be over, so that three liars held
/// somebody down at once.
#[test]
fn who_has_answered_has_the_whole_time_for_the_next_answer() {
    let mut view = View::new();
    let subject = name(0);
    let witnesses = view.rings.witnesses(&subject);
    let silent = |subject: DeviceId, last: u32| Silent {
        subject,
        last: Some(at(last)),
    };
    // Half of its witnesses are doubted: the votes of three others are enough, but not at once.
    let doubted = witnesses[4..].iter();
    let doubted: Vec<Silent> = doubted.map(|witness| silent(*witness, 0)).collect();
    let others = (1..FLEET).map(name);
    for other in others.filter(|other| !witnesses.contains(other)).take(2) {
        view.says(other, doubted.clone());
    }
    view.says(witnesses[3], vec![silent(subject, 0)]);
    view.hears_head(0, 1, 0);
    view.now = view.now + Duration::from_secs(10);
    view.judges();
    for witness in &witnesses[..3] {
        view.says(*witness, vec![silent(subject, 1)]);
    }
    view.judges();
    assert!(!view.silence.down().contains(&subject), "it may answer yet");
    view.now = view.now + WEAKER_AFTER;
    view.judges();
    assert!(view.silence.down().contains(&subject));
}

/// Story: half of a fleet died at once. As soon as the first were certified, those who took over their seats were expected
/// to have a word on the rest, of whom they knew nothing, and everybody spoke twice.
#[test]
fn who_has_just_taken_over_a_seat_is_not_waited_for() {
    for (later, is_down) in [
        (Duration::from_secs(10), true),
        (SETTLED_AFTER + WEAKER_AFTER, false),
    ] {
        let mut view = View::new();
        let subject = name(0);
        let witnesses = view.rings.witnesses(&subject);
        let (dead, living) = witnesses.split_at(4);
        view.loses(dead, &[]);
        view.now = view.now + later;
        let three = &living[..3];
        view.loses(dead, three);
        assert_eq!(view.silence.down().contains(&subject), is_down, "{later:?}");
        // What certified it goes on being enough.
        view.now = view.now + SETTLED_AFTER * 2;
        view.silence.open.insert(subject);
        view.judges();
        assert_eq!(view.silence.down().contains(&subject), is_down, "{later:?}");
    }
}

/// Story: half of a fleet died at once. A survivor heard of its neighbours first and of the others minutes later, when those
/// who had taken over the seats of its neighbours counted in full, and never held the others down.
#[test]
fn a_word_that_comes_late_is_taken_as_it_was_meant() {
    for (late, is_down) in [(SETTLED_AFTER, true), (Duration::from_secs(5), false)] {
        let mut view = View::new();
        let subject = name(0);
        let witnesses = view.rings.witnesses(&subject);
        let (dead, living) = witnesses.split_at(4);
        view.loses(dead, &[]);
        view.now = view.now + SETTLED_AFTER + Duration::from_secs(10);
        view.late = late;
        view.loses(dead, &living[..3]);
        assert_eq!(view.silence.down().contains(&subject), is_down, "{late:?}");
    }
}

/// Story: a fleet was cut in two. Three who had just taken over seats, and whom a device had not found yet, were enough to
/// hold it down on its own side.
#[test]
fn three_who_have_just_taken_over_seats_hold_nobody_down() {
    let mut view = View::new();
    let subject = name(0);
    let witnesses = view.rings.witnesses(&subject);
    let (dead, living) = witnesses.split_at(5);
    view.loses(dead, &[]);
    let seats = view.rings.seats(&subject, view.silence.down());
    let heirs = seats.into_iter().filter(|seat| !witnesses.contains(seat));
    let heirs: Vec<DeviceId> = heirs.take(3).collect();
    view.loses(dead, &heirs);
    assert!(!view.silence.down().contains(&subject), "{heirs:?}");
    view.loses(dead, &[&heirs[..], &living[..2]].concat());
    assert!(view.silence.down().contains(&subject), "five are a quorum");
}

/// Story: half of a fleet died at once. One in seven of the dead had two witnesses left or one, and waited for five
/// words, of which all but those came from who had just taken over seats.
#[test]
fn who_has_just_taken_over_a_seat_completes_the_word_of_all_who_are_left() {
    for left in [1, 2] {
        let mut view = View::new();
        let subject = name(0);
        let witnesses = view.rings.witnesses(&subject);
        let (dead, living) = witnesses.split_at(witnesses.len() - left);
        view.loses(dead, &[]);
        let seats = view.rings.seats(&subject, view.silence.down());
        let heirs = seats.into_iter().filter(|seat| !witnesses.contains(seat));
        let heirs: Vec<DeviceId> = heirs.take(4 - left).collect();
        for hears_it in living {
            let others = living.iter().copied().filter(|other| other != hears_it);
            let heirs = heirs.iter().copied();
            view.loses(dead, &heirs.chain(others).collect::<Vec<_>>());
            let is_down = view.silence.down().contains(&subject);
            assert!(!is_down, "one who is left hears it");
        }
        view.loses(dead, &[&heirs[..3 - left], living].concat());
        assert!(view.silence.down().contains(&subject), "{left} are left");
        // Nobody who has taken over a seat has to have a word after that.
        view.now = view.now + SETTLED_AFTER * 2;
        view.silence.open.insert(subject);
        view.judges();
        assert!(view.silence.down().contains(&subject), "and it stays so");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_has_not_changed_need_not_be_judged_again(story in proptest::collection::vec(heard(), 1..160)) {
        let mut view = View::new();
        for heard in story {
            view.hears(heard);
            view.judges();
            let stands = view.every_judgement_stands();
            view.silence.open.extend((0..FLEET).map(name));
            view.judges();
            // Two of whom each is down only while the other is not find no rest.
            prop_assert!(stands || !view.every_judgement_stands());
        }
    }
}
