//! What is known about one device, from scans, banners and bills of materials, as matching looks at it.

use std::collections::{BTreeMap, BTreeSet};

use super::Place;
use crate::banner::{Fingerprint, Patterns, Subject};
use crate::cpe::{Attribute, Cpe, Value};
use crate::limits;
use crate::purl::Purl;
use crate::sbom::Sbom;
use crate::scan::compare::Difference;
use crate::scan::{Host, PortKey, ScanResult};
use crate::weakness::{Weakness, weaknesses};

/// One device with everything that was found on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inventory {
    pub device: String,
    pub(super) names: BTreeMap<Cpe, Place>,
    pub(super) packages: BTreeMap<Purl, Place>,
    pub(super) weaknesses: Vec<Weakness>,
    pub(super) differences: Vec<Difference>,
    pub(super) results: Vec<ScanResult>,
}

/// Products that nmap's probes name otherwise than NVD does: nmap's vendor and product, then NVD's.
const OTHER_NAMES: [[&str; 4]; 2] = [
    [
        "matt_johnston",
        "dropbear_ssh_server",
        "dropbear_ssh_project",
        "dropbear_ssh",
    ],
    ["igor_sysoev", "nginx", "f5", "nginx"],
];

/// What NVD calls a product that a scanner calls something else, of the same version.
fn other_name(cpe: &Cpe) -> Option<Cpe> {
    let (vendor, product) = cpe.product_key()?;
    let [_, _, vendor, product] = OTHER_NAMES
        .iter()
        .find(|[scanned, named, ..]| (*scanned, *named) == (vendor.as_str(), product.as_str()))?;
    Cpe::of_product('a', vendor, product, cpe.version().as_deref()).ok()
}

impl Inventory {
    pub fn new(device: &str) -> Self {
        Self {
            device: device.to_owned(),
            ..Self::default()
        }
    }

    /// Adds what a scan says: names of services and of the system, weak services, results of a foreign scanner.
    pub fn add_host(&mut self, host: &Host) {
        for (key, port) in host.ports.iter().filter(|(_, port)| port.is_open()) {
            let cpes = port.service.iter().flat_map(|service| &service.cpes);
            for cpe in cpes.filter_map(|cpe| Cpe::parse(cpe).ok()) {
                if let Some(other) = other_name(&cpe) {
                    self.add_name(other, Place::Port(*key));
                }
                self.add_name(cpe, Place::Port(*key));
            }
        }
        // Guesses below the best one contradict it.
        if let Some(os) = host.os.first().filter(|os| os.accuracy >= 90) {
            for cpe in os.cpes.iter().filter_map(|cpe| Cpe::parse(cpe).ok()) {
                self.add_name(cpe, Place::System);
            }
        }
        self.weaknesses.extend(weaknesses(host));
        self.weaknesses.sort_unstable();
        self.weaknesses.dedup();
        self.results.extend(
            host.results
                .iter()
                .filter(|result| !result.ids.is_empty())
                .cloned(),
        );
        self.results.truncate(limits::RESULTS);
    }

    /// Adds what services say of themselves, as far as patterns know it.
    pub fn add_greetings(&mut self, host: &Host, patterns: &Patterns) {
        for (key, port) in host.ports.iter().filter(|(_, port)| port.is_open()) {
            let known = port.greetings.iter();
            for found in known.filter_map(|greeting| patterns.identify(greeting)) {
                self.add_banner(*key, &found);
            }
        }
    }

    /// Adds what a banner told.
    pub fn add_banner(&mut self, port: PortKey, found: &Fingerprint) {
        for (subject, cpe) in found.cpes() {
            let place = match subject {
                Subject::Service => Place::Port(port),
                Subject::OperatingSystem | Subject::Hardware => Place::System,
            };
            self.add_name(cpe, place);
        }
    }

    /// Adds what is installed.
    pub fn add_sbom(&mut self, sbom: &Sbom) {
        for component in &sbom.components {
            let place = Place::Component(component.name.clone());
            if let Some(cpe) = &component.cpe {
                self.add_name(cpe.clone(), place.clone());
            }
            if let Some(purl) = &component.purl
                && self.packages.len() < limits::COMPONENTS
            {
                self.packages.entry(purl.clone()).or_insert(place);
            }
        }
    }

    /// Adds how two scans of the device differ.
    pub fn add_differences(&mut self, differences: Vec<Difference>) {
        self.differences.extend(differences);
        self.differences.truncate(limits::PORTS);
    }

    /// Adds a name; the first place stays. A name without a version goes when the same product is known with one.
    pub fn add_name(&mut self, cpe: Cpe, place: Place) {
        if self.names.len() >= limits::COMPONENTS || cpe.product_key().is_none() {
            return;
        }
        let is_open = |cpe: &Cpe| *cpe.attribute(Attribute::Version) == Value::Any;
        let is_same = |known: &Cpe| {
            known.attribute(Attribute::Part) == cpe.attribute(Attribute::Part)
                && known.product_key() == cpe.product_key()
        };
        if is_open(&cpe) {
            if self.names.keys().any(is_same) {
                return;
            }
        } else {
            self.names
                .retain(|known, _| !(is_open(known) && is_same(known)));
        }
        self.names.entry(cpe).or_insert(place);
    }

    pub(super) fn cpes(&self) -> BTreeSet<Cpe> {
        self.names.keys().cloned().collect()
    }

    pub(super) fn purls(&self) -> BTreeSet<Purl> {
        self.packages.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::nmap;

    #[test]
    fn a_service_that_the_scanner_does_not_know_is_known_by_what_it_says() {
        let scan = nmap::import(
            br#"<nmaprun><host><status state="up"/><ports>
            <port protocol="tcp" portid="22"><state state="open"/><service name="ssh" servicefp="SF-Port22-TCP:V=7.93%r(NULL,13,&quot;SSH-2\.0-acme_1\.2\r\n&quot;);"/></port>
            <port protocol="tcp" portid="23"><state state="closed"/><service name="ssh" servicefp="%r(NULL,13,&quot;SSH-2\.0-acme_9&quot;)"/></port>
            <port protocol="tcp" portid="80"><state state="open"/><script id="http-server-header" output="acme_3"/></port>
            </ports></host></nmaprun>"#,
        )
        .unwrap();
        let mut patterns = Patterns::default();
        for (matches, product) in [("ssh.banner", "sshd"), ("http_header.server", "httpd")] {
            let file = format!(
                r#"<fingerprints matches="{matches}"><fingerprint pattern="^acme_([\d.]+)$"><param pos="1" name="service.version"/>
                <param pos="0" name="service.cpe23" value="cpe:/a:acme:{product}:{{service.version}}"/></fingerprint></fingerprints>"#
            );
            patterns.add(file.as_bytes()).unwrap();
        }
        let mut inventory = Inventory::new("cam");
        inventory.add_greetings(&scan.hosts[0], &Patterns::default());
        assert_eq!(inventory.names.len(), 0);
        inventory.add_greetings(&scan.hosts[0], &patterns);
        let port = |number| Place::Port(format!("{number}/tcp").parse().unwrap());
        let names: Vec<(String, Place)> = (inventory.names.into_iter())
            .map(|(cpe, place)| (cpe.to_uri(), place))
            .collect();
        let expected = [("cpe:/a:acme:httpd:3", 80), ("cpe:/a:acme:sshd:1.2", 22)];
        assert_eq!(
            names,
            expected.map(|(name, number)| (name.to_owned(), port(number)))
        );
    }

    #[test]
    fn what_nmap_calls_otherwise_is_known_by_the_name_of_nvd_too() {
        let scanned = "cpe:/a:matt_johnston:dropbear_ssh_server:2013.59";
        let other = other_name(&scanned.parse().unwrap()).unwrap();
        let expected = "cpe:/a:dropbear_ssh_project:dropbear_ssh:2013.59";
        assert_eq!(other, expected.parse().unwrap());
        assert_eq!(other_name(&expected.parse().unwrap()), None);
    }
}
