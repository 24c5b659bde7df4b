//! What a device probably is, guessed from what it says of itself, with the reasons in words.
//!
//! A guess decides how gently a device is treated (a controller is never scanned), never what it may do.

mod signs;

use std::fmt;

use crate::text::plain;

pub use signs::{of_dhcp_vendor_class, of_group, of_name, of_port, of_server, of_service};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Sensor,
    Meter,
    Camera,
    Plc,
    Medical,
    Vehicle,
    Gateway,
    Printer,
    Phone,
    Computer,
    Other,
}

const WORDS: [(Class, &str); 11] = [
    (Class::Sensor, "sensor"),
    (Class::Meter, "meter"),
    (Class::Camera, "camera"),
    (Class::Plc, "plc"),
    (Class::Medical, "medical"),
    (Class::Vehicle, "vehicle"),
    (Class::Gateway, "gateway"),
    (Class::Printer, "printer"),
    (Class::Phone, "phone"),
    (Class::Computer, "computer"),
    (Class::Other, "other"),
];

impl Class {
    pub const fn word(self) -> &'static str {
        WORDS[self as usize].1
    }

    pub fn of(word: &str) -> Option<Self> {
        WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(class, _)| *class)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One sign of a class. The weight is how surely it tells: 90 for a protocol that only such devices speak, 20 for a
/// word in a name that anybody may choose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hint {
    pub class: Class,
    pub weight: u8,
    /// Why, in words for people: "offers _ipp._tcp over mDNS".
    pub reason: String,
}

impl Hint {
    pub fn new(class: Class, weight: u8, reason: &str) -> Self {
        Self {
            class,
            weight,
            reason: plain(reason.as_bytes()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    pub class: Class,
    /// The weights for it less those for the next best, at most 100.
    pub confidence: u8,
    /// The hints for it, the weightiest first.
    pub reasons: Vec<Hint>,
}

/// Less than this is no guess but [`Class::Other`].
const ENOUGH: u32 = 20;

impl Guess {
    /// Adds up the weights; the class with most wins, of equal ones the one that is to be treated more gently.
    pub fn from_hints<'a>(hints: impl IntoIterator<Item = &'a Hint> + Clone) -> Self {
        const GENTLE: [Class; 3] = [Class::Medical, Class::Plc, Class::Vehicle];
        let weight = |class: Class| -> u32 {
            let of_class = hints.clone().into_iter().filter(|hint| hint.class == class);
            of_class.map(|hint| u32::from(hint.weight)).sum()
        };
        let mut ranked: Vec<_> = WORDS
            .iter()
            .map(|(class, _)| (weight(*class), *class))
            .collect();
        ranked.sort_by_key(|(weight, class)| {
            (std::cmp::Reverse(*weight), !GENTLE.contains(class), *class)
        });
        let (best, class) = ranked[0];
        if best < ENOUGH {
            return Self {
                class: Class::Other,
                confidence: 0,
                reasons: Vec::new(),
            };
        }
        let of_class = hints.into_iter().filter(|hint| hint.class == class);
        let mut reasons: Vec<_> = of_class.cloned().collect();
        reasons.sort_by(|a, b| {
            b.weight
                .cmp(&a.weight)
                .then_with(|| a.reason.cmp(&b.reason))
        });
        Self {
            class,
            confidence: (best - ranked[1].0).min(100) as u8,
            reasons,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_word() {
        for (class, word) in WORDS {
            assert_eq!((class.word(), Class::of(word)), (word, Some(class)));
        }
    }

    #[test]
    fn the_weightiest_class_wins_and_says_why() {
        let hints = [
            Hint::new(Class::Camera, 40, "listens on port 554"),
            Hint::new(Class::Computer, 30, "offers _workstation._tcp"),
            Hint::new(Class::Camera, 60, "offers _axis-video._tcp"),
        ];
        let guess = Guess::from_hints(&hints);
        assert_eq!((guess.class, guess.confidence), (Class::Camera, 70));
        assert_eq!(guess.reasons[0].reason, "offers _axis-video._tcp");
        assert_eq!(guess.reasons.len(), 2);
    }

    #[test]
    fn little_is_no_guess_and_doubt_is_gentle() {
        assert_eq!(Guess::from_hints(&[]).class, Class::Other);
        let hints = [
            Hint::new(Class::Computer, 50, "a"),
            Hint::new(Class::Plc, 50, "b"),
        ];
        let guess = Guess::from_hints(&hints);
        assert_eq!((guess.class, guess.confidence), (Class::Plc, 0));
    }
}
