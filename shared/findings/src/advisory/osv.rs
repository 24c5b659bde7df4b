//! The Open Source Vulnerability format: one record, a list of records, or one record a line.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::severity::Severity;
use super::{Advisory, Affected, ImportError, Imported, Package, Source, id, json, link};
use crate::limits;
use crate::purl::Purl;
use crate::range::{Event, EventRange};
use crate::scan::is_cve;
use crate::shown::block;
use crate::time::Moment;
use crate::version::Scheme;

#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Many(Vec<Record>),
    One(Box<Record>),
}

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    modified: String,
    #[serde(default)]
    published: String,
    #[serde(default)]
    withdrawn: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    upstream: Vec<String>,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    details: String,
    #[serde(default)]
    severity: Vec<RawSeverity>,
    #[serde(default)]
    affected: Vec<RawAffected>,
    #[serde(default)]
    references: Vec<Reference>,
}

#[derive(Deserialize)]
struct RawSeverity {
    score: String,
}

#[derive(Deserialize)]
struct Reference {
    url: String,
}

#[derive(Deserialize)]
struct RawAffected {
    package: Option<RawPackage>,
    #[serde(default)]
    severity: Vec<RawSeverity>,
    #[serde(default)]
    ranges: Vec<RawRange>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct RawPackage {
    #[serde(default)]
    ecosystem: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    purl: String,
}

#[derive(Deserialize)]
struct RawRange {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<RawEvent>,
}

#[derive(Deserialize)]
struct RawEvent {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

/// Reads records. One that names several CVEs becomes an advisory under each of them.
pub fn import(bytes: &[u8]) -> Result<Imported<Advisory>, ImportError> {
    let records = match json(
        bytes,
        limits::ADVISORY_FILE_BYTES,
        "a record of OSV, or a list of them",
    ) {
        Ok(File::Many(records)) => records,
        Ok(File::One(record)) => vec![*record],
        Err(error) => lines(bytes).ok_or(error)?,
    };
    let mut imported = Imported {
        items: Vec::new(),
        as_of: None,
        skipped: 0,
    };
    for record in records {
        imported.as_of = imported.as_of.max(Moment::parse(&record.modified));
        let found = advisories(&record);
        if found.is_empty() || imported.items.len() + found.len() > limits::ADVISORIES {
            imported.skipped += 1;
            continue;
        }
        imported.items.extend(found);
    }
    Ok(imported)
}

/// One record a line, when there is more than one line and each is a record.
fn lines(bytes: &[u8]) -> Option<Vec<Record>> {
    if bytes.len() > limits::ADVISORY_FILE_BYTES {
        return None;
    }
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty());
    let records: Option<Vec<Record>> = lines
        .map(|line| serde_json::from_slice(line).ok())
        .collect();
    records.filter(|records| records.len() > 1)
}

fn advisories(record: &Record) -> Vec<Advisory> {
    let Some(own) = id(&record.id) else {
        return Vec::new();
    };
    let others = record
        .aliases
        .iter()
        .chain(&record.upstream)
        .filter_map(|other| id(other));
    let others: BTreeSet<String> = others
        .filter(|other| *other != own)
        .take(limits::ALIASES)
        .collect();
    let mut cves: BTreeSet<&String> = others.iter().filter(|other| is_cve(other)).collect();
    if is_cve(&own) {
        cves = BTreeSet::from([&own]);
    }
    let base = base(record);
    let with = |id: &String, aliases: BTreeSet<String>| {
        let mut advisory = Advisory {
            id: id.clone(),
            aliases,
            ..base.clone()
        };
        advisory.settle();
        advisory
    };
    match cves.len() {
        0 => vec![with(&own, others)],
        1 => cves
            .iter()
            .map(|cve| with(cve, others.iter().cloned().chain([own.clone()]).collect()))
            .collect(),
        // A record about several is no other name of any of them: it is only where the packages come from.
        _ => cves.iter().map(|cve| with(cve, BTreeSet::new())).collect(),
    }
}

fn base(record: &Record) -> Advisory {
    let vectors = record.severity.iter().chain(
        record
            .affected
            .iter()
            .flat_map(|affected| &affected.severity),
    );
    let text = match record.summary.is_empty() {
        true => &record.details,
        false => &record.summary,
    };
    Advisory {
        summary: block(text, limits::SUMMARY_CHARS),
        published: Moment::parse(&record.published),
        modified: Moment::parse(&record.modified),
        withdrawn: Moment::parse(&record.withdrawn),
        severities: vectors
            .filter_map(|severity| Severity::parse(&severity.score))
            .collect(),
        affected: record
            .affected
            .iter()
            .filter_map(package)
            .map(Affected::Package)
            .collect(),
        references: record
            .references
            .iter()
            .filter_map(|reference| link(&reference.url))
            .collect(),
        sources: [Source::Osv].into(),
        ..Advisory::default()
    }
}

fn package(raw: &RawAffected) -> Option<Package> {
    let package = raw.package.as_ref()?;
    let purl = package.purl.parse::<Purl>().ok();
    let purl = purl.or_else(|| purl_of(&package.ecosystem, &package.name))?;
    let scheme = match package.ecosystem.is_empty() {
        true => Scheme::of_purl_type(purl.kind()),
        false => Scheme::of_ecosystem(&package.ecosystem),
    };
    let ranges = raw.ranges.iter().take(limits::RANGES).filter_map(|range| {
        Some(EventRange {
            scheme: match range.kind.as_str() {
                "SEMVER" => Scheme::Semver,
                "ECOSYSTEM" => scheme,
                // Commits say nothing about what a device reports.
                _ => return None,
            },
            events: range
                .events
                .iter()
                .take(limits::RANGES)
                .filter_map(event)
                .collect(),
        })
    });
    let versions = raw
        .versions
        .iter()
        .filter(|version| version.len() <= limits::VERSION_BYTES);
    Some(Package {
        key: purl.package_key(),
        release: release(&package.ecosystem),
        ranges: ranges.filter(|range| !range.events.is_empty()).collect(),
        versions: versions.take(limits::VERSIONS).cloned().collect(),
    })
}

fn event(raw: &RawEvent) -> Option<Event> {
    let introduced = raw.introduced.clone().map(Event::Introduced);
    let fixed = || raw.fixed.clone().map(Event::Fixed);
    let last = || raw.last_affected.clone().map(Event::LastAffected);
    let event = introduced.or_else(fixed).or_else(last)?;
    (event.version().len() <= limits::VERSION_BYTES).then_some(event)
}

/// `Debian:12` is 12, `Alpine:v3.20` is 3.20, `Ubuntu:22.04:LTS` is 22.04.
fn release(ecosystem: &str) -> Option<String> {
    let release = ecosystem.split(':').find(|part| {
        part.trim_start_matches('v')
            .starts_with(|letter: char| letter.is_ascii_digit())
    })?;
    Some(release.trim_start_matches('v').to_owned())
}

fn purl_of(ecosystem: &str, name: &str) -> Option<Purl> {
    let (kind, namespace) = match ecosystem.split(':').next().unwrap_or_default() {
        "Debian" => ("deb", "debian"),
        "Ubuntu" => ("deb", "ubuntu"),
        "Alpine" => ("apk", "alpine"),
        "Wolfi" => ("apk", "wolfi"),
        "Chainguard" => ("apk", "chainguard"),
        "OpenWrt" | "opkg" => ("opkg", ""),
        "PyPI" => ("pypi", ""),
        "npm" => ("npm", ""),
        "crates.io" => ("cargo", ""),
        "Go" => ("golang", ""),
        "NuGet" => ("nuget", ""),
        "RubyGems" => ("gem", ""),
        "Packagist" => ("composer", ""),
        "Hex" => ("hex", ""),
        "Pub" => ("pub", ""),
        "Maven" => ("maven", ""),
        _ => ("generic", ""),
    };
    let (namespace, name) = match kind {
        "maven" => name.split_once(':')?,
        "npm" | "golang" | "composer" => name.rsplit_once('/').unwrap_or(("", name)),
        _ => (namespace, name),
    };
    // A namespace of several parts is written with its slashes, everything else that means something is quoted.
    let mut path = [namespace, name].join("/").replace('%', "%25");
    for (letter, quoted) in [('@', "%40"), ('?', "%3F"), ('#', "%23")] {
        path = path.replace(letter, quoted);
    }
    format!("pkg:{kind}/{}", path.trim_start_matches('/'))
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"schema_version":"1.7.0","id":"GHSA-aaaa","modified":"2026-01-02T00:00:00Z","published":"2025-01-01T00:00:00Z",
"aliases":["CVE-2025-1234"],"summary":"Bad","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
"affected":[{"package":{"ecosystem":"PyPI","name":"Some_Lib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.31.0"}]},{"type":"GIT","events":[{"introduced":"0"}]}],"versions":["2.0"]},
{"package":{"ecosystem":"Debian:12","name":"openssl","purl":"pkg:deb/debian/openssl?arch=source"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.11-1~deb12u2"}]}]}]}"#;

    #[test]
    fn a_record_goes_under_its_cve() {
        let read = import(RECORD.as_bytes()).unwrap();
        let advisory = &read.items[0];
        assert_eq!(advisory.id, "CVE-2025-1234");
        assert!(advisory.aliases.contains("GHSA-aaaa"));
        let packages: Vec<&Package> = advisory
            .affected
            .iter()
            .filter_map(|affected| match affected {
                Affected::Package(package) => Some(package),
                Affected::Products(_) => None,
            })
            .collect();
        assert_eq!(packages[0].key, "deb/debian/openssl");
        assert_eq!(packages[0].release.as_deref(), Some("12"));
        assert_eq!(packages[1].key, "pypi/some-lib");
        assert_eq!(packages[1].ranges.len(), 1);
        assert!(packages[1].ranges[0].holds("2.30"));
    }

    #[test]
    fn lists_and_lines_are_read_and_a_record_of_two_is_two() {
        let two = RECORD
            .replace(
                "[\"CVE-2025-1234\"]",
                "[\"CVE-2025-1234\",\"CVE-2025-1235\"]",
            )
            .replace('\n', "");
        assert_eq!(
            import(format!("[{two},{two}]").as_bytes())
                .unwrap()
                .items
                .len(),
            4
        );
        let lines = import(format!("{two}\n{two}\n").as_bytes()).unwrap();
        assert_eq!(lines.items[1].id, "CVE-2025-1235");
        assert!(lines.items[1].aliases.is_empty());
        assert!(import(b"{}").is_err());
    }

    #[test]
    fn ecosystems_have_their_keys() {
        for (ecosystem, name, key) in [
            ("Maven", "org.x:y", "maven/org.x/y"),
            ("npm", "@a/b", "npm/@a/b"),
            ("Go", "github.com/a/b", "golang/github.com/a/b"),
            ("Alpine:v3.20", "busybox", "apk/alpine/busybox"),
            ("OSS-Fuzz", "x", "generic/x"),
        ] {
            assert_eq!(purl_of(ecosystem, name).unwrap().package_key(), key);
        }
    }
}
