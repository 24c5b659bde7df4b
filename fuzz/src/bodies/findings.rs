//! What scanners, sources of advisories and people write: read within bounds, written as it was read.

use std::cmp::Ordering;

use ::findings::advisory::catalogue::Catalogue;
use ::findings::advisory::feed::Feed;
use ::findings::advisory::{Source, csaf, epss, kev, nvd, osv};
use ::findings::banner::PatternSet;
use ::findings::cpe::{Cpe, Relation, relation};
use ::findings::filter::{DEVICE_FIELDS, Filter};
use ::findings::purl::Purl;
use ::findings::sbom::cyclonedx;
use ::findings::sbom::packages::{Distribution, Manager, read};
use ::findings::scan::nmap::{NmapReader, import};
use ::findings::scan::{Host, openvas};
use ::findings::shown::steers;
use ::findings::time::Moment;
use ::findings::version::Scheme;
use ::findings::weakness::weaknesses;

/// Reports of scanners, and patterns of banners, which are XML too.
pub fn scans(data: &[u8]) {
    if let Ok(scan) = import(data) {
        let mut reader = NmapReader::new();
        for part in data.chunks(7) {
            reader.feed(part).expect("whole it was a scan");
        }
        assert_eq!(reader.finish().expect("whole it was a scan"), scan);
        scan.hosts.iter().for_each(shown);
    }
    if let Ok(scan) = openvas::import(data) {
        scan.hosts.iter().for_each(shown);
    }
    if let Ok(patterns) = PatternSet::read(data) {
        let _ = patterns.identify(data);
        patterns.check_examples();
    }
}

/// Nothing that a page shows of a host may steer it.
fn shown(host: &Host) {
    let services = host.ports.values().filter_map(|port| port.service.as_ref());
    let words = services.flat_map(|service| {
        [
            &service.product,
            &service.version,
            &service.extra,
            &service.name,
        ]
    });
    let scripts = host
        .ports
        .values()
        .flat_map(|port| &port.scripts)
        .map(|script| &script.output);
    let results = host
        .results
        .iter()
        .flat_map(|result| [&result.title, &result.summary]);
    for text in words.chain(scripts).chain(results).chain(&host.names) {
        assert!(
            !text.chars().any(|letter| steers(letter) && letter != '\n'),
            "{text:?}"
        );
    }
    weaknesses(host);
}

/// Every importer, and the feed that they make together.
pub fn advisories(data: &[u8]) {
    if let Ok(feed) = Feed::read(data) {
        assert_eq!(feed.write(), data);
    }
    let mut catalogue = Catalogue::default();
    let found = [nvd::import(data), osv::import(data)];
    for advisory in found
        .into_iter()
        .flatten()
        .flat_map(|imported| imported.items)
    {
        catalogue.add(advisory).expect("there is room");
    }
    if let Ok(imported) = kev::import(data) {
        catalogue.add_kev(imported.items).expect("there is room");
    }
    if let Ok(imported) = epss::import(data) {
        catalogue.add_epss(imported.items);
    }
    let mut feed = Feed {
        catalogue,
        ..Feed::default()
    };
    if let Ok(imported) = csaf::import(data) {
        feed.add_vex(imported.items);
    }
    feed.note(Source::Nvd, Moment(1), 1);
    let written = feed.write();
    assert_eq!(
        Feed::read(&written).expect("what is written can be read"),
        feed
    );
}

/// A name, a package or two versions on each line.
pub fn product_names(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let names: Vec<Cpe> = text
        .lines()
        .take(8)
        .filter_map(|line| Cpe::parse(line).ok())
        .collect();
    for name in &names {
        assert_eq!(
            Cpe::parse(&name.to_string()).expect("what is written can be read"),
            *name
        );
        for other in &names {
            let is_disjoint = relation(name, other) == Relation::Disjoint;
            assert!(!is_disjoint || name != other);
        }
    }
    for line in text.lines().take(8) {
        if let Ok(purl) = line.parse::<Purl>() {
            assert_eq!(
                purl.to_string()
                    .parse::<Purl>()
                    .expect("what is written can be read"),
                purl
            );
        }
        let (a, b) = line.split_once(' ').unwrap_or((line, ""));
        for scheme in [
            Scheme::Generic,
            Scheme::Semver,
            Scheme::Debian,
            Scheme::Apk,
            Scheme::Pypi,
        ] {
            assert_eq!(
                scheme.compare(a, b),
                scheme.compare(b, a).reverse(),
                "{scheme:?}"
            );
            assert_eq!(scheme.compare(a, a), Ordering::Equal, "{scheme:?}");
        }
    }
}

/// A filter over the fields of devices.
pub fn filters(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match Filter::parse(text, DEVICE_FIELDS) {
        Ok(filter) => {
            let again = Filter::parse(&filter.to_string(), DEVICE_FIELDS);
            assert_eq!(again.expect("what is printed can be read"), filter);
        }
        Err(error) => assert!((1..=text.chars().count() + 1).contains(&error.column)),
    }
}

/// Bills of materials, and the status texts that become some.
pub fn sboms(data: &[u8]) {
    let distribution = Distribution {
        id: "debian".into(),
        version: "12".into(),
    };
    let text = String::from_utf8_lossy(data);
    let managers = [Manager::Dpkg, Manager::Apk, Manager::Opkg];
    let read = managers
        .into_iter()
        .filter_map(|manager| read(manager, &text, &distribution).ok());
    for sbom in read.chain(cyclonedx::import(data).ok()) {
        let written = cyclonedx::write(&sbom, [1; 16], Moment(1));
        let again = cyclonedx::import(&written).expect("what is written can be read");
        assert_eq!(again.components, sbom.components);
    }
}
