//! recog's real patterns in the data folder, tried on the examples that they give for themselves.

use std::collections::BTreeMap;
use std::time::Instant;

use findings::banner::{PatternSet, Subject};

use crate::data;

#[test]
fn at_least_98_of_100_examples_hold() {
    let Some(files) = data::files("recog-xml/xml", "xml") else {
        return;
    };
    let (mut tried, mut held, mut patterns) = (0, 0, 0);
    let mut refused = BTreeMap::new();
    let mut failures = Vec::new();
    for (name, bytes) in &files {
        let set = PatternSet::read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let examples = set.check_examples();
        patterns += set.len();
        tried += examples.tried;
        held += examples.held;
        failures.extend(examples.failures.into_iter().map(|failure| (name, failure)));
        for pattern in set.refused() {
            refused.insert(pattern.description.clone(), pattern.reason.clone());
        }
    }
    println!(
        "{patterns} patterns compiled, {} refused: {refused:#?}",
        refused.len()
    );
    println!("{held} of {tried} examples hold");
    for (name, failure) in failures.iter().take(40) {
        println!("{name}: {}: {}", failure.description, failure.reason);
    }
    assert_eq!((patterns, refused.len()), (4657, 0));
    assert!(held * 100 >= tried * 98, "{held} of {tried} hold");
}

#[test]
fn an_old_dropbear_is_named() {
    let Some(path) = data::path("recog-xml/xml/ssh_banners.xml") else {
        return;
    };
    let started = Instant::now();
    let set =
        PatternSet::read(&std::fs::read(path).expect("the file can be read")).expect("patterns");
    println!(
        "{} patterns read in {} ms",
        set.len(),
        started.elapsed().as_millis()
    );
    let found = set.identify(b"dropbear_2013.59").expect("it is known");
    assert_eq!(found.product(Subject::Service), Some("Dropbear SSH"));
    assert_eq!(found.version(Subject::Service), Some("2013.59"));
    let (_, cpe) = found.cpes().remove(0);
    assert_eq!(cpe.version().as_deref(), Some("2013.59"));
    println!("{cpe}");
}
