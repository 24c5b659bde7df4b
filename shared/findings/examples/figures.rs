//! Figures of this crate on this machine: `cargo run -p findings --profile quick --example figures`.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it measures time, and finds the data folder by a variable"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use findings::advisory::catalogue::Catalogue;
use findings::advisory::feed::Feed;
use findings::advisory::{epss, nvd};
use findings::banner::PatternSet;
use findings::filter::{DEVICE_FIELDS, Fields, Filter, Value};
use findings::finding::decision::Ledger;
use findings::finding::inventory::Inventory;
use findings::finding::matching::Matcher;
use findings::finding::priority::Exposure;
use findings::finding::{Device, Place, findings};
use findings::sbom::index::Index;
use findings::sbom::{Component, Sbom};
use findings::time::Moment;

const DEVICES: usize = 5000;
const COMPONENTS: usize = 400;
const VULNERABILITIES: usize = 4000;
const PER_DEVICE: usize = 40;

fn main() {
    libraries();
    fleet();
    filters();
    patterns();
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let value = work();
    println!("{what}: {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    value
}

fn libraries() {
    let sboms: Vec<Sbom> = (0..50).map(sbom).collect();
    let index = timed(
        "index of 5,000 devices with 400 components each, built",
        || {
            let mut index = Index::default();
            for device in 0..DEVICES {
                index
                    .add(&format!("device-{device}"), &sboms[device % sboms.len()])
                    .expect("there is room");
            }
            index
        },
    );
    for text in ["library-17", "lib", "log4j"] {
        let found = timed(&format!("where is {text}"), || {
            index.devices_with(text).len()
        });
        println!("  {found} devices");
    }
}

/// A firmware: most components are shared, some are its own.
fn sbom(firmware: usize) -> Sbom {
    let component = |at: usize| {
        let name = match at % 10 {
            0 => format!("own-{firmware}-{at}"),
            _ => format!("library-{at}"),
        };
        let version = format!("1.{}", (firmware * 7 + at) % 9);
        let purl = format!("pkg:generic/{name}@{version}").parse().ok();
        Component {
            name,
            version,
            purl,
            cpe: None,
        }
    };
    Sbom {
        components: (0..COMPONENTS).map(component).collect(),
        ..Sbom::default()
    }
}

fn catalogue() -> Catalogue {
    let entries: Vec<String> = (0..VULNERABILITIES)
        .map(|at| {
            let product = at / PER_DEVICE;
            format!(
                r#"{{"cve":{{"id":"CVE-2025-{at:05}","vulnStatus":"Analyzed","descriptions":[{{"lang":"en","value":"Something is wrong"}}],
"metrics":{{"cvssMetricV31":[{{"cvssData":{{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}}}]}},
"configurations":[{{"nodes":[{{"operator":"OR","cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:a:acme:product{product}:*:*:*:*:*:*:*:*","versionEndExcluding":"2.0"}}]}}]}}]}}}}"#
            )
        })
        .collect();
    let file = format!("{{\"vulnerabilities\":[{}]}}", entries.join(","));
    let read = timed("4,000 advisories of NVD read", || {
        nvd::import(file.as_bytes()).expect("a file of NVD")
    });
    let mut catalogue = Catalogue::default();
    for advisory in read.items {
        catalogue.add(advisory).expect("there is room");
    }
    let rows: String = (0..VULNERABILITIES)
        .map(|at| format!("CVE-2025-{at:05},0.{:05},0.5\n", at * 7 % 99_999))
        .collect();
    catalogue.add_epss(
        epss::import(format!("cve,epss,percentile\n{rows}").as_bytes())
            .expect("scores")
            .items,
    );
    catalogue
}

fn fleet() {
    let catalogue = catalogue();
    let feed = Feed {
        catalogue: catalogue.clone(),
        ..Feed::default()
    };
    let bytes = timed("a feed of 4,000 advisories written", || feed.write());
    timed("the feed read and checked", || {
        Feed::read(&bytes).expect("a feed")
    });
    println!("  {} bytes", bytes.len());
    let mut devices = BTreeMap::new();
    let inventories: Vec<Inventory> = (0..DEVICES)
        .map(|at| {
            let name = format!("device-{at}");
            devices.insert(
                name.clone(),
                Device {
                    class: "camera".into(),
                    exposure: Exposure::Site,
                },
            );
            let mut inventory = Inventory::new(&name);
            let cpe = format!(
                "cpe:/a:acme:product{}:1.{}",
                at % (VULNERABILITIES / PER_DEVICE),
                at % 7
            );
            inventory.add_name(cpe.parse().expect("a name"), Place::System);
            inventory
        })
        .collect();
    let matcher = timed("index over advisories built", || {
        Matcher::new(&catalogue, &[])
    });
    let found = timed("5,000 devices matched", || {
        inventories
            .iter()
            .flat_map(|inventory| matcher.device(inventory).occurrences)
            .collect::<Vec<_>>()
    });
    println!("  {} occurrences", found.len());
    let grouped = timed("grouped and put in order", || {
        findings(
            found,
            &devices,
            &catalogue,
            &Ledger::default(),
            Moment(1_800_000_000),
        )
    });
    println!("  {} findings", grouped.len());
}

struct Row(usize);

impl Fields for Row {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        Some(match name {
            "class" => Value::Text(if self.0.is_multiple_of(3) {
                "camera"
            } else {
                "printer"
            }),
            "tag" => Value::Set(vec![
                "floor1",
                if self.0.is_multiple_of(2) {
                    "floor2"
                } else {
                    "floor3"
                },
            ]),
            "last_heard" => Value::Age(std::time::Duration::from_secs(self.0 as u64 % 600)),
            _ => return None,
        })
    }
}

fn filters() {
    let filter = Filter::parse(
        "class==camera && tag:floor2 && last_heard<5m",
        DEVICE_FIELDS,
    )
    .expect("a filter");
    let passed = timed("5,000 devices filtered", || {
        (0..DEVICES).filter(|at| filter.passes(&Row(*at))).count()
    });
    println!("  {passed} pass");
}

fn patterns() {
    let data = std::env::var("PALISADE_DATA").unwrap_or_else(|_| "../shared/data".into());
    let Ok(entries) = std::fs::read_dir(format!("{data}/recog-xml/xml")) else {
        println!("skipped: recog's patterns are not there (set PALISADE_DATA)");
        return;
    };
    let files: Vec<Vec<u8>> = entries
        .filter_map(|entry| std::fs::read(entry.ok()?.path()).ok())
        .collect();
    let before = resident();
    let sets: Vec<PatternSet> = timed("all patterns of recog compiled", || {
        files
            .iter()
            .filter_map(|bytes| PatternSet::read(bytes).ok())
            .collect()
    });
    println!(
        "  {} patterns, {} MB resident more",
        sets.iter().map(PatternSet::len).sum::<usize>(),
        (resident().saturating_sub(before)) / 1024
    );
    let ssh = sets
        .iter()
        .find(|set| set.matches == "ssh.banner")
        .expect("the patterns for SSH");
    timed("1,000 SSH banners tried", || {
        for number in 0..1000 {
            black_box(ssh.identify(format!("dropbear_2013.{number}").as_bytes()));
        }
    });
}

/// Resident memory in KB, where /proc says it.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}
