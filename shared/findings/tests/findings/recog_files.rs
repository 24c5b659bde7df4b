//! recog's real patterns in the data folder, tried on the examples that they give for themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use findings::banner::{Fingerprint, PatternError, PatternSet, Patterns, Subject};
use findings::scan::greeting::Greeting;
use findings::scan::nmap;

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

#[test]
fn what_real_scans_have_recorded_is_known() {
    let (Some(files), Some(scans)) = (
        data::files("recog-xml/xml", "xml"),
        data::files("nmap-xml", "xml"),
    ) else {
        return;
    };
    let (mut patterns, mut unplaced) = (Patterns::default(), Vec::new());
    for (name, bytes) in &files {
        match patterns.add(bytes) {
            Ok(added) => assert_eq!(added.refused, 0, "{name}"),
            Err(PatternError::Unplaced) => unplaced.push(name.as_str()),
            Err(error) => panic!("{name}: {error}"),
        }
    }
    println!("these do not say what they are tried on: {unplaced:?}");
    let scans = scans
        .iter()
        .filter_map(|(_, bytes)| nmap::import(bytes).ok());
    let hosts = scans.flat_map(|scan| scan.hosts);
    let ports = hosts.flat_map(|host| host.ports.into_values());
    let greetings: BTreeSet<Greeting> = ports.flat_map(|port| port.greetings).collect();
    let known: Vec<(&Greeting, Fingerprint)> = greetings
        .iter()
        .filter_map(|greeting| Some((greeting, patterns.identify(greeting)?)))
        .collect();
    for (greeting, found) in &known {
        println!(
            "{:?} {:?}: {}",
            greeting.kind, greeting.text, found.description
        );
    }
    println!("{} of {} texts are known", known.len(), greetings.len());
    let says = |text: &str| known.iter().any(|(_, found)| found.description == text);
    assert!(says("FTPD on a Synology DiskStation NAS") && says("Apache"));
    let mut named = known.iter().flat_map(|(_, found)| found.cpes());
    assert!(named.any(|(_, cpe)| cpe.to_uri() == "cpe:/a:apache:http_server:2.2.15"));
}
