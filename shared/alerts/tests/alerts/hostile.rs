//! Whatever devices call themselves and say, a subject stays one line and every row stays within its bound.

use alerts::letter::Letter;
use alerts::text::fitted;
use proptest::prelude::*;
use protocol::cbor;

use crate::rig::{LOGINS, Rig, name};

const ROW: usize = 16 * 1024;

proptest! {
    #[test]
    fn hostile_words_make_no_second_line_and_no_large_row(words in ".{0,600}", times in any::<u32>()) {
        let mut rig = Rig::new();
        for number in 1..=40 {
            let mut sighting = rig.sighting(&LOGINS, number);
            sighting.says = fitted(&words);
            sighting.times = times;
            for _ in 0..20 {
                sighting = sighting.value(&words, Some(&words), &words);
            }
            let sighting = sighting.cause("one");
            rig.take(&sighting);
        }
        for (_, row) in rig.book.unstored().alerts {
            prop_assert!(cbor::encode(&row.expect("none was removed")).len() < ROW);
        }
        let called = |_: &protocol::id::DeviceId| name(&words);
        rig.wait(3);
        alerts::planner::write_letters(&rig.plan, &mut rig.book, &mut rig.outbox, &called, rig.now);
        let entry = rig.outbox.due(rig.now).remove(0);
        prop_assert!(!entry.letter.subject().chars().any(char::is_control));
        let bytes = cbor::encode(&entry);
        prop_assert!(bytes.len() < ROW, "{} bytes", bytes.len());
        let read: Letter = cbor::decode("letter", ROW, &cbor::encode(&entry.letter)).expect("it reads back");
        prop_assert_eq!(read, entry.letter);
    }
}
