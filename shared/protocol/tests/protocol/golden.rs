//! Golden vectors: the bytes of every form are those that were written down once.
//!
//! A change of any format fails here. If it is meant, `PALISADE_BLESS=1 cargo test -p protocol golden`
//! writes the files anew, and the difference goes into the commit that changes the format.

use std::path::PathBuf;
use std::{env, fs};

use data_encoding::HEXLOWER;

use super::forms::{self, Form};
use super::head_deltas;

#[test]
fn documents_keep_their_bytes() {
    compare("documents", &forms::documents(), |bytes| {
        HEXLOWER.encode(bytes)
    });
}

#[test]
fn records_and_statements_keep_their_bytes() {
    let forms: Vec<Form> = forms::records()
        .into_iter()
        .chain(head_deltas::forms())
        .collect();
    compare("records", &forms, |bytes| HEXLOWER.encode(bytes));
}

#[test]
fn every_message_keeps_its_bytes() {
    compare("messages", &forms::messages(), |bytes| {
        HEXLOWER.encode(bytes)
    });
}

#[test]
fn what_is_said_of_updates_keeps_its_bytes() {
    let forms: Vec<Form> = forms::states()
        .into_iter()
        .chain(forms::questions())
        .collect();
    compare("updates", &forms, |bytes| HEXLOWER.encode(bytes));
}

#[test]
fn the_enrolment_conversation_keeps_its_bytes() {
    compare("enrolment", &forms::enrolment(), |bytes| {
        HEXLOWER.encode(bytes)
    });
}

#[test]
fn join_strings_keep_their_text() {
    compare("join_strings", &forms::join_strings(), |bytes| {
        String::from_utf8_lossy(bytes).into_owned()
    });
}

fn compare(file: &str, forms: &[Form], show: impl Fn(&[u8]) -> String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(file)
        .with_extension("txt");
    let written: String = forms
        .iter()
        .map(|form| format!("{} {}\n", form.name, show(&form.bytes)))
        .collect();
    if bless() {
        fs::write(&path, &written).unwrap();
    }
    let golden = fs::read_to_string(&path).expect("the vectors are committed");
    assert_eq!(golden.lines().count(), forms.len(), "vectors of {file}");
    for (form, line) in forms.iter().zip(golden.lines()) {
        let expected = format!("{} {}", form.name, show(&form.bytes));
        assert_eq!(
            expected, line,
            "{file}: the sample has other bytes than its vector"
        );
        let again = (form.reread)(&form.bytes);
        assert_eq!(again.as_deref(), Ok(&*form.bytes), "{file}: {}", form.name);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a person asks for new vectors in the environment"
)]
fn bless() -> bool {
    env::var("PALISADE_BLESS").is_ok_and(|word| word == "1")
}
