//! The catalogue as one table that the compiler looks words up in.

use crate::Language;
use crate::french::AREAS;
use crate::present::present;

/// A text in every language. Only [`crate::word!`] and what is built on it make one, so there is none without a translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    english: &'static str,
    french: &'static str,
}

type Entry = (&'static str, &'static str);

const COUNT: usize = total();
/// All areas in one row; a constant behind a reference, so that a look-up copies nothing.
pub(crate) const ENTRIES: &[Entry; COUNT] = &flat();

/// Places of the table; a power of two, at least twice the entries, so that searches stay short.
const SLOTS: usize = 16_384;
const EMPTY: u16 = u16::MAX;
const _: () = assert!(
    COUNT * 2 <= SLOTS,
    "the catalogue has outgrown SLOTS: double it"
);
const TABLE: &[u16; SLOTS] = &table();

impl Word {
    /// The text in the language that is spoken at the moment.
    pub fn now(self) -> &'static str {
        self.in_language(present())
    }

    pub const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::French => self.french,
        }
    }
}

/// Every English text, without the context of its key, with its French: for checks of what pages show.
pub fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    let entries = ENTRIES.iter();
    entries.map(|(key, french)| (without_context(key), *french))
}

/// The word of a key whose placeholders are `names`; [`crate::word!`] calls it while the compiler runs.
///
/// The English text shown is the key without the context before a bar. `n`, the number of [`crate::count!`], may be left
/// out of a text: "one device".
///
/// # Panics
/// With `missing` where the catalogue lacks the key, with `uneven` where a text has other placeholders than `names`; both
/// stop the build.
pub const fn find(key: &'static str, names: &[&str], missing: &str, uneven: &str) -> Word {
    let Some(french) = look_up(key) else {
        panic!("{}", missing);
    };
    let english = without_context(key);
    if !fits(english, names) || !fits(french, names) {
        panic!("{}", uneven);
    }
    Word { english, french }
}

const fn look_up(key: &str) -> Option<&'static str> {
    let mut slot = slot_of(key);
    while TABLE[slot] != EMPTY {
        let (english, french) = ENTRIES[TABLE[slot] as usize];
        if same(english.as_bytes(), key.as_bytes()) {
            return Some(french);
        }
        slot = (slot + 1) % SLOTS;
    }
    None
}

const fn total() -> usize {
    let (mut area, mut sum) = (0, 0);
    while area < AREAS.len() {
        sum += AREAS[area].len();
        area += 1;
    }
    sum
}

const fn flat() -> [Entry; COUNT] {
    let mut all = [("", ""); COUNT];
    let (mut area, mut filled) = (0, 0);
    while area < AREAS.len() {
        let mut row = 0;
        while row < AREAS[area].len() {
            all[filled] = AREAS[area][row];
            filled += 1;
            row += 1;
        }
        area += 1;
    }
    all
}

/// Open addressing; a key that stands twice in the catalogue stops the build with its text.
const fn table() -> [u16; SLOTS] {
    let mut table = [EMPTY; SLOTS];
    let mut number = 0;
    while number < COUNT {
        let (english, _) = ENTRIES[number];
        let mut slot = slot_of(english);
        while table[slot] != EMPTY {
            if same(
                ENTRIES[table[slot] as usize].0.as_bytes(),
                english.as_bytes(),
            ) {
                panic!("{}", english);
            }
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = number as u16;
        number += 1;
    }
    table
}

/// FNV-1a of 32 bits: short, and good enough for a table that nobody from outside fills.
const fn slot_of(key: &str) -> usize {
    let bytes = key.as_bytes();
    let (mut hash, mut place) = (0x811c_9dc5_u32, 0);
    while place < bytes.len() {
        hash = (hash ^ bytes[place] as u32).wrapping_mul(0x0100_0193);
        place += 1;
    }
    hash as usize % SLOTS
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && begins_at(one, 0, other)
}

/// Whether `piece` stands in `text` at `start`.
const fn begins_at(text: &[u8], start: usize, piece: &[u8]) -> bool {
    if text.len() < start + piece.len() {
        return false;
    }
    let mut place = 0;
    while place < piece.len() {
        if text[start + place] != piece[place] {
            return false;
        }
        place += 1;
    }
    true
}

const fn without_context(key: &str) -> &str {
    let bytes = key.as_bytes();
    let mut place = 0;
    while place < bytes.len() {
        if bytes[place] == b'|' {
            return key.split_at(place + 1).1;
        }
        place += 1;
    }
    key
}

/// Whether the placeholders of a text are `names`: none other, and each of them at least once, except for `n`.
const fn fits(text: &str, names: &[&str]) -> bool {
    let bytes = text.as_bytes();
    let mut place = 0;
    while place < bytes.len() {
        if bytes[place] == b'{' && !any_stands_at(bytes, place + 1, names) {
            return false;
        }
        place += 1;
    }
    let mut number = 0;
    while number < names.len() {
        let name = names[number].as_bytes();
        if !same(name, b"n") && !holds(bytes, name) {
            return false;
        }
        number += 1;
    }
    true
}

const fn any_stands_at(text: &[u8], start: usize, names: &[&str]) -> bool {
    let mut number = 0;
    while number < names.len() {
        let name = names[number].as_bytes();
        if begins_at(text, start, name) && begins_at(text, start + name.len(), b"}") {
            return true;
        }
        number += 1;
    }
    false
}

const fn holds(text: &[u8], name: &[u8]) -> bool {
    let mut place = 0;
    while place < text.len() {
        if text[place] == b'{'
            && begins_at(text, place + 1, name)
            && begins_at(text, place + 1 + name.len(), b"}")
        {
            return true;
        }
        place += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_again() {
        for (english, french) in ENTRIES {
            assert_eq!(look_up(english), Some(*french), "{english}");
        }
        assert_eq!(look_up("A text that no page shows"), None);
        assert_eq!(look_up(""), None);
    }

    #[test]
    fn a_key_without_translation_and_uneven_placeholders_stop_the_build() {
        let stops = |key: &'static str, names: &'static [&str]| {
            let found = std::panic::catch_unwind(|| find(key, names, "missing", "uneven"));
            let why = found.expect_err("the word must not be made");
            why.downcast_ref::<String>()
                .cloned()
                .or_else(|| Some((*why.downcast_ref::<&str>()?).to_owned()))
        };
        assert_eq!(
            stops("A text that no page shows", &[]).as_deref(),
            Some("missing")
        );
        assert_eq!(stops("Devices", &["n", "name"]).as_deref(), Some("uneven"));
        assert_eq!(stops("{n} device", &[]).as_deref(), Some("uneven"));
    }

    #[test]
    fn placeholders_are_compared_by_name_and_not_by_place() {
        assert!(fits("{b} of {a}", &["a", "b"]));
        assert!(fits("one device", &["n"]));
        assert!(!fits("{ab}", &["a"]));
        assert!(!fits("{a", &["a"]));
        assert!(!fits("nothing", &["a"]));
    }

    #[test]
    fn the_context_before_a_bar_is_not_shown() {
        assert_eq!(without_context("verb|Open"), "Open");
        assert_eq!(without_context("Open"), "Open");
    }
}
