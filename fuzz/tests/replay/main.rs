//! Replays every committed input through its target, with any compiler.
//!
//! `PALISADE_BLESS=1 cargo test -p fuzz -- --test-threads 1`
//! writes the seeds anew after a change of a format, and chooses from what `ops/fuzz` has found on this
//! machine the shortest scripts that bring each thing about.

use std::path::{Path, PathBuf};
use std::{env, fs};

use fuzz::bodies;
use protocol::dice::Dice;

mod changed;
mod seeds;

/// What the scripts of a node bring about together.
const NODE: [&str; 27] = [
    "acknowledged",
    "beat",
    "began",
    "began confirmed",
    "caught up",
    "contact",
    "contact_request",
    "contacts",
    "proven",
    "head",
    "head_answer",
    "head_request",
    "hello",
    "kept for another",
    "link down",
    "link up",
    "log_entries",
    "log_grown",
    "log_request",
    "misbehaviour",
    "parted",
    "record",
    "recorded",
    "renew_request",
    "roster grown",
    "withdrawn",
    "witnessed",
];
/// What the scripts of a coordinator bring about together.
const COORDINATOR: [&str; 17] = [
    "admitted",
    "collected",
    "contact",
    "contacts",
    "gap",
    "hello",
    "log_entries",
    "log_grown",
    "misbehaviour",
    "online",
    "parted",
    "refused",
    "renewed",
    "silent",
    "standing",
    "stopped",
    "withdrawn",
];
/// What the images bring about together.
const ARCHIVE: [&str; 7] = [
    "directory",
    "file",
    "kind",
    "path",
    "twice",
    "unpacked",
    "unreadable",
];
/// What the bundles bring about together.
const BUNDLE: [&str; 7] = [
    "a file is in it twice",
    "a name in it is no text",
    "document",
    "image",
    "it holds more than plain files",
    "read",
    "unreadable",
];
/// What to do when a change of the machines has made the scripts mean something else.
const AGAIN: &str = "so run `ops/fuzz 120` and bless";

#[test]
fn every_input_of_every_corpus_is_survived() {
    if env::var("PALISADE_BLESS").is_ok_and(|word| word == "1") {
        seeds::bless();
    }
    for (target, body) in bodies::ALL {
        let inputs = inputs(&corpus(target));
        assert!(inputs.len() >= 8, "{target} has {} inputs", inputs.len());
        for path in inputs {
            let data = fs::read(&path).expect("the corpus can be read");
            let run = std::panic::catch_unwind(|| body(&data));
            assert!(run.is_ok(), "{target} fails on {}", path.display());
        }
    }
}

/// A corpus that only knocks at the door would prove little.
#[test]
fn the_scripts_reach_what_matters() {
    let node = reached("node_inputs", bodies::node_tally);
    for what in NODE {
        assert!(
            node.contains_key(what),
            "no script of a node reaches `{what}`, {AGAIN}: {node:?}"
        );
    }
    let archive = reached("archive", bodies::archive_tally);
    for what in ARCHIVE {
        assert!(
            archive.contains_key(what),
            "no image reaches `{what}`: {archive:?}"
        );
    }
    let bundle = reached("bundle", bodies::bundle_tally);
    for what in BUNDLE {
        assert!(
            bundle.contains_key(what),
            "no bundle reaches `{what}`: {bundle:?}"
        );
    }
    let coordinator = reached("coordinator_inputs", bodies::coordinator_tally);
    for what in COORDINATOR {
        assert!(
            coordinator.contains_key(what),
            "no script reaches `{what}`, {AGAIN}: {coordinator:?}"
        );
    }
}

fn reached(target: &str, run: fn(&[u8]) -> bodies::Tally) -> bodies::Tally {
    let mut all = bodies::Tally::new();
    for path in inputs(&corpus(target)) {
        for (what, times) in run(&fs::read(path).expect("the corpus can be read")) {
            *all.entry(what).or_default() += times;
        }
    }
    println!("{target}: {all:?}");
    all
}

#[test]
fn every_target_takes_nothing_and_noise() {
    let mut dice = Dice::from_seed([7; 32]);
    for (_, body) in bodies::ALL {
        body(&[]);
        for _ in 0..50 {
            body(&dice.bytes::<700>());
        }
    }
}

#[test]
fn every_target_file_has_a_body_and_a_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
    let mut files: Vec<_> = inputs(&folder)
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    let mut names: Vec<_> = bodies::ALL
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    files.sort_unstable();
    names.sort_unstable();
    assert_eq!(files, names);
}

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target)
}

fn inputs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is committed");
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort_unstable();
    paths
}
