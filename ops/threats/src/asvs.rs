//! The judgement over docs/asvs.csv: a line for each requirement of OWASP ASVS 5.0 up to level 2, and tests that exist.
//!
//! Ids and levels are facts of the standard and stand here; its text (CC BY-SA 4.0) is not in the tree. The chapters on
//! OAuth (V10) and WebRTC (V17) are left out.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::check::exists;
use crate::tree::Tree;

/// Where the lines are.
pub const FILE: &str = "docs/asvs.csv";
const HEAD: &str = "id,level,state,shown_by,why";

/// Each section with the levels of its requirements, in their order; a dot stands for one of level 3.
const SECTIONS: &[(&str, &str)] = &[
    ("V1.1", "22"),
    ("V1.2", "111112222."),
    ("V1.3", "11222222222."),
    ("V1.4", "222"),
    ("V1.5", "12."),
    ("V2.1", "122"),
    ("V2.2", "112"),
    ("V2.3", "1222."),
    ("V2.4", "2."),
    ("V3.2", "11."),
    ("V3.3", "1222."),
    ("V3.4", "112222.."),
    ("V3.5", "11122..."),
    ("V3.7", "22..."),
    ("V4.1", "122.."),
    ("V4.2", "2...."),
    ("V4.3", "22"),
    ("V4.4", "1222"),
    ("V5.1", "2"),
    ("V5.2", "112..."),
    ("V5.3", "11."),
    ("V5.4", "222"),
    ("V6.1", "122"),
    ("V6.2", "111111112222"),
    ("V6.3", "1122...."),
    ("V6.4", "1122.."),
    ("V6.5", "22222..."),
    ("V6.6", "222."),
    ("V6.8", "2222"),
    ("V7.1", "222"),
    ("V7.2", "1111"),
    ("V7.3", "22"),
    ("V7.4", "11222"),
    ("V7.5", "22."),
    ("V7.6", "22"),
    ("V8.1", "12.."),
    ("V8.2", "112."),
    ("V8.3", "1.."),
    ("V8.4", "2."),
    ("V9.1", "111"),
    ("V9.2", "1222"),
    ("V11.1", "22.."),
    ("V11.2", "222.."),
    ("V11.3", "112.."),
    ("V11.4", "1222"),
    ("V11.5", "2."),
    ("V11.6", "2."),
    ("V12.1", "122.."),
    ("V12.2", "11"),
    ("V12.3", "2222."),
    ("V13.1", "2..."),
    ("V13.2", "22222."),
    ("V13.3", "22.."),
    ("V13.4", "12222.."),
    ("V14.1", "22"),
    ("V14.2", "1222...."),
    ("V14.3", "122"),
    ("V15.1", "122.."),
    ("V15.2", "122.."),
    ("V15.3", "1222222"),
    ("V16.1", "2"),
    ("V16.2", "22222"),
    ("V16.3", "2222"),
    ("V16.4", "222"),
    ("V16.5", "222."),
];

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AsvsProblem {
    #[error("the first line has to be `{HEAD}`")]
    Head,
    #[error("this line has not five parts: {0}")]
    Malformed(String),
    #[error("{0} stands twice")]
    Twice(String),
    #[error("{0} has no line")]
    Missing(String),
    #[error("{0} is no requirement of level 1 or 2 outside of V10 and V17")]
    Unknown(String),
    #[error("{id} is of level {is}, and the line says {said}")]
    Level { id: String, is: char, said: String },
    #[error("{id}: the state `{state}` is neither `met`, `n/a` nor `not met`")]
    State { id: String, state: String },
    #[error("{0} is met and names no test, script or document that shows it")]
    Unshown(String),
    #[error("{0} says nothing of how or why")]
    Silent(String),
    #[error("{id}: there is no test, fuzz target, script or document {test}")]
    NoSuchTest { id: String, test: String },
}

/// How many lines are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub met: usize,
    pub not_applicable: usize,
    pub not_met: usize,
}

/// Every requirement that needs a line, with its level.
pub fn required() -> BTreeMap<String, char> {
    let each = SECTIONS.iter().flat_map(|(section, levels)| {
        let numbered = (1..).zip(levels.chars());
        numbered.map(move |(number, level)| (format!("{section}.{number}"), level))
    });
    each.filter(|(_, level)| *level != '.').collect()
}

/// Looks at the text of the file beside the tree.
pub fn problems(text: &str, tree: &Tree) -> (Vec<AsvsProblem>, Tally) {
    let (mut found, mut tally) = (Vec::new(), Tally::default());
    let (required, mut seen) = (required(), BTreeSet::new());
    let mut lines = text.lines();
    if lines.next() != Some(HEAD) {
        found.push(AsvsProblem::Head);
    }
    for line in lines.filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = line.splitn(5, ',').collect();
        let [id, level, state, shown_by, why] = parts[..] else {
            found.push(AsvsProblem::Malformed(line.to_owned()));
            continue;
        };
        if !seen.insert(id.to_owned()) {
            found.push(AsvsProblem::Twice(id.to_owned()));
        }
        found.extend(of_place(id, level, &required));
        found.extend(of_state(id, state, shown_by, &mut tally));
        if why.trim().is_empty() {
            found.push(AsvsProblem::Silent(id.to_owned()));
        }
        let unknown = shown_by
            .split_whitespace()
            .filter(|test| !is_there(test, tree));
        found.extend(unknown.map(|test| AsvsProblem::NoSuchTest {
            id: id.to_owned(),
            test: test.to_owned(),
        }));
    }
    let missing = required.into_keys().filter(|id| !seen.contains(id));
    found.extend(missing.map(AsvsProblem::Missing));
    (found, tally)
}

fn of_place(id: &str, level: &str, required: &BTreeMap<String, char>) -> Option<AsvsProblem> {
    match required.get(id) {
        None => Some(AsvsProblem::Unknown(id.to_owned())),
        Some(is) if level.chars().eq([*is]) => None,
        Some(is) => Some(AsvsProblem::Level {
            id: id.to_owned(),
            is: *is,
            said: level.to_owned(),
        }),
    }
}

fn of_state(id: &str, state: &str, shown_by: &str, tally: &mut Tally) -> Option<AsvsProblem> {
    match state {
        "met" => {
            tally.met += 1;
            let shown = !shown_by.trim().is_empty();
            (!shown).then(|| AsvsProblem::Unshown(id.to_owned()))
        }
        "n/a" => {
            tally.not_applicable += 1;
            None
        }
        "not met" => {
            tally.not_met += 1;
            None
        }
        state => Some(AsvsProblem::State {
            id: id.to_owned(),
            state: state.to_owned(),
        }),
    }
}

/// A test as the threat model names it, or a document at the root.
fn is_there(test: &str, tree: &Tree) -> bool {
    exists(test, tree) || (test.contains('.') && tree.text(test).is_some())
}
