//! The seeds of the fuzz targets, changed by a fixed row of dice: whatever comes of them, no importer panics.

use std::path::Path;

use findings::advisory::feed::Feed;
use findings::advisory::{csaf, epss, kev, nvd, osv};
use findings::banner::PatternSet;
use findings::cpe::Cpe;
use findings::filter::{DEVICE_FIELDS, Filter};
use findings::purl::Purl;
use findings::sbom::cyclonedx;
use findings::sbom::packages::{Distribution, Manager, read};
use findings::scan::{nmap, openvas};

const ROUNDS: usize = 60;

/// Numbers that are the same on every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).expect("it is below the limit")
    }

    /// Some bytes changed, removed, doubled or put in from elsewhere.
    fn change(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let length = self.below(12).min(bytes.len() - at);
            match self.below(5) {
                0 if at < bytes.len() => {
                    bytes[at] = b"<>&\"'{}[]:,\\/%*~-0\x00\xff"[self.below(20)];
                }
                1 => {
                    bytes.drain(at..at + length);
                }
                2 => {
                    let part = bytes[at..at + length].to_vec();
                    let to = self.below(bytes.len() + 1);
                    bytes.splice(to..to, part);
                }
                3 => bytes.truncate(at),
                _ => bytes.push(b"<{[\"0 "[self.below(6)]),
            }
        }
        bytes
    }
}

fn mutate(target: &str, mut run: impl FnMut(&[u8]) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the corpus is committed")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut taken = 0;
    for path in paths {
        let seed = std::fs::read(path).expect("it can be read");
        for _ in 0..ROUNDS {
            taken += usize::from(run(&dice.change(&seed)));
        }
    }
    // Changes that nothing takes any more would reach no code behind the door.
    assert!(
        taken > 20,
        "{taken} changed inputs of {target} are still taken"
    );
}

#[test]
fn no_changed_report_or_pattern_makes_an_importer_panic() {
    mutate("scans", |bytes| {
        let patterns = PatternSet::read(bytes);
        patterns.is_ok_and(|set| set.identify(bytes).is_some())
            | nmap::import(bytes).is_ok()
            | openvas::import(bytes).is_ok()
    });
}

#[test]
fn no_changed_advisory_makes_an_importer_panic() {
    mutate("advisories", |bytes| {
        let known = [
            nvd::import(bytes).is_ok(),
            osv::import(bytes).is_ok(),
            kev::import(bytes).is_ok(),
            epss::import(bytes).is_ok(),
        ];
        csaf::import(bytes).is_ok() | Feed::read(bytes).is_ok() | known.contains(&true)
    });
}

#[test]
fn no_changed_bill_name_or_filter_makes_a_reader_panic() {
    let distribution = Distribution {
        id: "debian".into(),
        version: "12".into(),
    };
    mutate("sboms", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let mut managers = [Manager::Dpkg, Manager::Apk, Manager::Opkg].into_iter();
        cyclonedx::import(bytes).is_ok()
            | managers.any(|manager| read(manager, &text, &distribution).is_ok())
    });
    let with_text =
        |run: fn(&str) -> bool| move |bytes: &[u8]| run(&String::from_utf8_lossy(bytes));
    mutate(
        "filters",
        with_text(|text| Filter::parse(text, DEVICE_FIELDS).is_ok()),
    );
    mutate(
        "product_names",
        with_text(|text| Cpe::parse(text).is_ok() | text.parse::<Purl>().is_ok()),
    );
}
