//! From what is known about a device to what it has: names and packages against advisories, and the makers' words on them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::decision::VendorWord;
use super::inventory::Inventory;
use super::{Confidence, Occurrence, Place, Subject};
use crate::advisory::catalogue::{Catalogue, Lookup};
use crate::advisory::vex::{Identity, Product, Statement};
use crate::advisory::{Advisory, Affected};
use crate::cpe::{Attribute, Cpe, Value};
use crate::limits;
use crate::purl::Purl;
use crate::range::Fit;
use crate::shown::line;

mod judging;

use judging::{Judged, fit, judge};

/// Advisories and makers' words, ready to be asked for many devices.
#[derive(Debug)]
pub struct Matcher<'a> {
    catalogue: &'a Catalogue,
    lookup: Cow<'a, Lookup>,
    vex: BTreeMap<&'a str, Vec<&'a Statement>>,
}

/// What one device has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matched {
    pub occurrences: Vec<Occurrence>,
    /// Vulnerabilities that nobody can rule out because a version or a release is not known.
    pub undecided: BTreeSet<String>,
}

impl<'a> Matcher<'a> {
    pub fn new(catalogue: &'a Catalogue, vex: &'a [Statement]) -> Self {
        Self::with(catalogue, Cow::Owned(catalogue.lookup()), vex)
    }

    /// The same with what [`Catalogue::lookup`] of this catalogue gave: to make it takes longer than to match a device.
    pub fn over(catalogue: &'a Catalogue, lookup: &'a Lookup, vex: &'a [Statement]) -> Self {
        Self::with(catalogue, Cow::Borrowed(lookup), vex)
    }

    fn with(catalogue: &'a Catalogue, lookup: Cow<'a, Lookup>, vex: &'a [Statement]) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
        for statement in vex {
            let name = catalogue
                .find(&statement.vulnerability)
                .map_or(statement.vulnerability.as_str(), |advisory| &advisory.id);
            by_name.entry(name).or_default().push(statement);
        }
        Self {
            catalogue,
            lookup,
            vex: by_name,
        }
    }

    /// Everything that the device has, in order.
    pub fn device(&self, inventory: &Inventory) -> Matched {
        let mut matched = Matched::default();
        for (cpe, place) in &inventory.names {
            self.name(inventory, cpe, place, &mut matched);
        }
        for (purl, place) in &inventory.packages {
            self.package(inventory, purl, place, &mut matched);
        }
        self.seen(inventory, &mut matched);
        matched.occurrences.sort_unstable();
        matched.occurrences.dedup_by(|later, kept| {
            (&later.subject, &later.place) == (&kept.subject, &kept.place)
                && later.evidence == kept.evidence
        });
        for occurrence in &matched.occurrences {
            if let Subject::Vulnerability(id) = &occurrence.subject {
                matched.undecided.remove(id);
            }
        }
        matched
    }

    fn name(&self, inventory: &Inventory, cpe: &Cpe, place: &Place, matched: &mut Matched) {
        let Some(key) = cpe.product_key() else { return };
        for advisory in self.catalogue.of_product(&self.lookup, &key) {
            let configurations = advisory
                .affected
                .iter()
                .filter_map(|affected| match affected {
                    Affected::Products(configuration) => Some(configuration),
                    Affected::Package(_) => None,
                });
            let best = configurations
                .filter_map(|configuration| judge(configuration, cpe, inventory))
                .min();
            match best {
                Some((Judged::Yes(confidence), fixed_in)) => {
                    let identity = Identity::Cpe(cpe.clone());
                    let found = Found {
                        place,
                        evidence: cpe.to_string(),
                        confidence,
                        fixed_in: fixed_in.map(str::to_owned),
                    };
                    matched
                        .occurrences
                        .push(self.occurrence(inventory, advisory, found, &identity));
                }
                Some((Judged::Undecided, _)) => {
                    matched.undecided.insert(advisory.id.clone());
                }
                None => {}
            }
        }
    }

    fn package(&self, inventory: &Inventory, purl: &Purl, place: &Place, matched: &mut Matched) {
        let mut keys = vec![purl.package_key()];
        if let Some(source) = purl.source_key() {
            keys.push(source);
        }
        for key in keys {
            for advisory in self.catalogue.of_package(&self.lookup, &key) {
                let packages = advisory
                    .affected
                    .iter()
                    .filter_map(|affected| match affected {
                        Affected::Package(package) if package.key == key => Some(package),
                        _ => None,
                    });
                let fits: Vec<(Fit, Option<String>)> =
                    packages.map(|package| fit(package, purl)).collect();
                match fits.into_iter().max_by_key(|(fit, _)| *fit) {
                    Some((Fit::Yes, fixed_in)) => {
                        let identity = Identity::Purl(purl.clone());
                        let found = Found {
                            place,
                            evidence: purl.to_string(),
                            confidence: Confidence::Package,
                            fixed_in,
                        };
                        matched
                            .occurrences
                            .push(self.occurrence(inventory, advisory, found, &identity));
                    }
                    Some((Fit::Unknown, _)) => {
                        matched.undecided.insert(advisory.id.clone());
                    }
                    _ => {}
                }
            }
        }
    }

    /// What needs no advisory to be found: weak services, differences between scans, results of a foreign scanner.
    fn seen(&self, inventory: &Inventory, matched: &mut Matched) {
        let seen = |subject, port, evidence: &str| Occurrence {
            subject,
            device: inventory.device.clone(),
            place: Place::Port(port),
            evidence: line(evidence, limits::LINE_CHARS),
            confidence: Confidence::Seen,
            fixed_in: None,
            vendor: None,
        };
        for weakness in &inventory.weaknesses {
            matched.occurrences.push(seen(
                Subject::Weakness(weakness.rule),
                weakness.port,
                &weakness.evidence,
            ));
        }
        for found in &inventory.differences {
            let evidence = format!(
                "{}: {:?} to one node, {:?} to the other",
                found.port, found.first, found.second
            );
            matched
                .occurrences
                .push(seen(Subject::Difference(found.kind), found.port, &evidence));
        }
        for result in &inventory.results {
            for id in &result.ids {
                let name = self.catalogue.find(id).map_or(id, |advisory| &advisory.id);
                let place = result.port.map_or(Place::System, Place::Port);
                matched.occurrences.push(Occurrence {
                    subject: Subject::Vulnerability(name.clone()),
                    device: inventory.device.clone(),
                    place,
                    evidence: result.title.clone(),
                    confidence: Confidence::Seen,
                    fixed_in: None,
                    vendor: None,
                });
            }
        }
    }

    fn occurrence(
        &self,
        inventory: &Inventory,
        advisory: &Advisory,
        found: Found<'_>,
        cause: &Identity,
    ) -> Occurrence {
        Occurrence {
            subject: Subject::Vulnerability(advisory.id.clone()),
            device: inventory.device.clone(),
            place: found.place.clone(),
            evidence: found.evidence,
            confidence: found.confidence,
            fixed_in: found.fixed_in,
            vendor: self.vendor_word(inventory, advisory, cause),
        }
    }

    /// The maker's latest word about the cause; one that says "affected" after one that says "not" opens it again.
    fn vendor_word(
        &self,
        inventory: &Inventory,
        advisory: &Advisory,
        cause: &Identity,
    ) -> Option<VendorWord> {
        let statements = self.vex.get(advisory.id.as_str())?;
        let about = statements.iter().filter(|statement| {
            statement
                .products
                .iter()
                .any(|product| is_about(product, inventory, cause))
        });
        let latest = about.max_by_key(|statement| (statement.at, statement.status))?;
        latest.status.closes().then(|| VendorWord {
            status: latest.status,
            justification: latest.justification,
            issuer: latest.issuer.clone(),
            document: latest.document.clone(),
            detail: latest.detail.clone(),
        })
    }
}

/// What was found, before it has a subject.
struct Found<'a> {
    place: &'a Place,
    evidence: String,
    confidence: Confidence,
    fixed_in: Option<String>,
}

/// Whether a statement is about the cause: about it alone, or about the firmware or device that it is part of.
fn is_about(product: &Product, inventory: &Inventory, cause: &Identity) -> bool {
    let (cpes, purls) = match cause {
        Identity::Cpe(cpe) => (BTreeSet::from([cpe.clone()]), BTreeSet::new()),
        Identity::Purl(purl) => (BTreeSet::new(), BTreeSet::from([purl.clone()])),
    };
    let is_whole = matches!(&product.component, Identity::Cpe(cpe)
        if matches!(cpe.attribute(Attribute::Part), Value::Text(part) if part != "a"));
    let names_whole = || is_whole && product.component.names(&inventory.cpes(), &BTreeSet::new());
    let names_cause = product.component.names(&cpes, &purls) || names_whole();
    let platform = product.platform.as_ref();
    names_cause
        && platform.is_none_or(|platform| platform.names(&inventory.cpes(), &inventory.purls()))
}

#[cfg(test)]
mod tests {
    use super::judging::is_release;
    use super::*;
    use crate::advisory::feed::tests::feed;
    use crate::advisory::nvd;
    use crate::sbom::packages::{Distribution, Manager, read};
    use crate::scan::nmap;
    use crate::weakness::Rule;

    fn scanned(service: &str) -> Inventory {
        let text = format!(
            "<nmaprun><host><status state='up'/><ports><port protocol='tcp' portid='22'><state state='open'/>{service}</port></ports></host></nmaprun>"
        );
        let mut inventory = Inventory::new("cam-1");
        inventory.add_host(&nmap::import(text.as_bytes()).unwrap().hosts[0]);
        inventory
    }

    fn matched(inventory: &Inventory) -> Matched {
        let feed = feed();
        Matcher::new(&feed.catalogue, &feed.vex).device(inventory)
    }

    #[test]
    fn an_old_dropbear_has_its_cve_and_is_weak() {
        let found = matched(&scanned(
            "<service name='ssh' product='Dropbear sshd' version='2013.59'><cpe>cpe:/a:dropbear_ssh_project:dropbear_ssh:2013.59</cpe></service>",
        ));
        let subjects: Vec<String> = found
            .occurrences
            .iter()
            .map(|occurrence| occurrence.subject.to_string())
            .collect();
        assert_eq!(subjects, ["CVE-2016-7406", "service:old-ssh"]);
        assert_eq!(found.occurrences[0].fixed_in.as_deref(), Some("2016.74"));
        assert_eq!(found.occurrences[0].confidence, Confidence::Banner);
        assert_eq!(
            found.occurrences[1].subject,
            Subject::Weakness(Rule::OldSsh)
        );
    }

    #[test]
    fn a_current_one_has_nothing_and_one_without_version_is_undecided() {
        let with = |version: &str| {
            matched(&scanned(&format!(
                "<service name='ssh'><cpe>cpe:/a:dropbear_ssh_project:dropbear_ssh{version}</cpe></service>"
            )))
        };
        assert_eq!(with(":2022.83"), Matched::default());
        let unknown = with("");
        assert_eq!(unknown.occurrences, []);
        assert_eq!(unknown.undecided, ["CVE-2016-7406".to_owned()].into());
    }

    #[test]
    fn a_platform_is_asked_for_unless_nobody_can_know_it() {
        let text = nvd::tests::FILE.replace("Rejected", "Analyzed");
        let mut catalogue = Catalogue::default();
        for advisory in nvd::import(text.as_bytes()).unwrap().items {
            catalogue.add(advisory).unwrap();
        }
        let matcher = Matcher::new(&catalogue, &[]);
        let with = |names: &[&str]| {
            let mut inventory = Inventory::new("cam-1");
            for name in names {
                inventory.add_name(name.parse().unwrap(), Place::System);
            }
            matcher
                .device(&inventory)
                .occurrences
                .first()
                .map(|occurrence| occurrence.confidence)
        };
        assert_eq!(
            with(&["cpe:/o:acme:cam_firmware:1.0"]),
            Some(Confidence::PlatformUnknown)
        );
        assert_eq!(
            with(&["cpe:/o:acme:cam_firmware:1.0", "cpe:/h:acme:cam"]),
            Some(Confidence::Banner)
        );
        assert_eq!(
            with(&["cpe:/o:acme:cam_firmware:1.0", "cpe:/h:acme:cam:-"]),
            Some(Confidence::Banner)
        );
        assert_eq!(
            with(&["cpe:/o:acme:cam_firmware:1.0", "cpe:/h:other:cam:-"]),
            None
        );
        assert_eq!(with(&["cpe:/o:acme:cam_firmware:1.1"]), None);
    }

    #[test]
    fn packages_are_matched_by_source_and_release() {
        let status = |version: &str| {
            format!(
                "Package: libcurl4\nStatus: install ok installed\nSource: curl\nVersion: {version}\n"
            )
        };
        let found = |version: &str, release: &str| {
            let distribution = Distribution {
                id: "debian".into(),
                version: release.into(),
            };
            let mut inventory = Inventory::new("gw-1");
            inventory.add_sbom(&read(Manager::Dpkg, &status(version), &distribution).unwrap());
            matched(&inventory)
        };
        let hit = found("7.1-1", "12");
        assert_eq!(hit.occurrences[0].fixed_in.as_deref(), Some("7.2-1"));
        assert_eq!(hit.occurrences[0].confidence, Confidence::Package);
        assert_eq!(found("7.2-1", "12"), Matched::default());
        assert_eq!(found("7.1-1", "11"), Matched::default());
        assert_eq!(found("7.1-1", "").undecided.len(), 1);
        assert!(is_release("3.20", "3.20.1") && !is_release("12", "120"));
    }

    #[test]
    fn the_word_of_a_maker_closes_what_is_part_of_its_firmware() {
        let mut inventory = Inventory::new("cam-1");
        let distribution = Distribution {
            id: "debian".into(),
            version: "12".into(),
        };
        let status = "Package: curl\nStatus: install ok installed\nVersion: 7.1-1\n";
        inventory.add_sbom(&read(Manager::Dpkg, status, &distribution).unwrap());
        assert_eq!(matched(&inventory).occurrences[0].vendor, None);
        inventory.add_name(
            "cpe:/o:acme:cam_firmware:2.1".parse().unwrap(),
            Place::System,
        );
        let word = matched(&inventory).occurrences[0].vendor.clone().unwrap();
        assert_eq!(
            (word.issuer.as_str(), word.document.as_str()),
            ("ACME", "ACME-1")
        );
        let mut other = Inventory::new("cam-2");
        other.add_sbom(&read(Manager::Dpkg, status, &distribution).unwrap());
        other.add_name(
            "cpe:/o:acme:cam_firmware:2.0".parse().unwrap(),
            Place::System,
        );
        assert_eq!(matched(&other).occurrences[0].vendor, None);
    }
}
