//! All advisories by id, found by any of their names, by product and by package.

use std::collections::{BTreeMap, BTreeSet};

use super::epss::Epss;
use super::kev::Kev;
use super::{Advisory, Affected, Source};
use crate::limits;

/// Advisories under their ids. Iteration is by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    by_id: BTreeMap<String, Advisory>,
    by_alias: BTreeMap<String, String>,
}

/// Where to look for a product or a package: it belongs to the catalogue that made it, and says nothing of another.
#[derive(Debug, Clone, Default)]
pub struct Lookup {
    by_product: BTreeMap<(String, String), Vec<String>>,
    by_package: BTreeMap<String, Vec<String>>,
}

/// The catalogue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "more than {} advisories: leave out a source or a year",
    limits::ADVISORIES
)]
pub struct Full;

impl Catalogue {
    /// Adds an advisory, or merges it into the one of the same id or alias.
    pub fn add(&mut self, mut advisory: Advisory) -> Result<(), Full> {
        advisory.settle();
        let known = advisory.names().find_map(|name| self.place(name));
        let id = known.map_or_else(|| advisory.id.clone(), str::to_owned);
        if self.by_id.len() >= limits::ADVISORIES && !self.by_id.contains_key(&id) {
            return Err(Full);
        }
        let kept = match self.by_id.remove(&id) {
            // The CVE gives the name, whichever of them came first.
            Some(mut kept) if is_better(&advisory.id, &kept.id) => {
                std::mem::swap(&mut kept, &mut advisory);
                kept.merge(advisory);
                kept
            }
            Some(mut kept) => {
                kept.merge(advisory);
                kept
            }
            None => advisory,
        };
        for alias in &kept.aliases {
            self.by_alias.insert(alias.clone(), kept.id.clone());
        }
        self.by_id.insert(kept.id.clone(), kept);
        Ok(())
    }

    /// Marks what is exploited; a vulnerability that no other source names is kept with what the list says.
    pub fn add_kev(&mut self, entries: Vec<(String, Kev)>) -> Result<(), Full> {
        for (id, kev) in entries {
            let summary = kev.title.clone();
            let sources = BTreeSet::from([Source::Kev]);
            self.add(Advisory {
                id,
                summary,
                sources,
                kev: Some(kev),
                ..Advisory::default()
            })?;
        }
        Ok(())
    }

    /// Adds probabilities to the advisories that are here; others are not kept, since EPSS alone says nothing about a device.
    pub fn add_epss(&mut self, entries: Vec<(String, Epss)>) {
        for (id, epss) in entries {
            if let Some(advisory) = self.by_id.get_mut(&id) {
                advisory.epss = Some(epss);
                advisory.sources.insert(Source::Epss);
            }
        }
    }

    /// The advisory of that id or alias.
    pub fn find(&self, name: &str) -> Option<&Advisory> {
        self.by_id.get(self.place(name)?)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Advisory> {
        self.by_id.values()
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Builds the index that matching uses; what is withdrawn is not in it.
    pub fn lookup(&self) -> Lookup {
        let mut lookup = Lookup::default();
        for advisory in self.iter().filter(|advisory| advisory.withdrawn.is_none()) {
            let mut products = BTreeSet::new();
            let mut packages = BTreeSet::new();
            for affected in &advisory.affected {
                match affected {
                    Affected::Products(configuration) => {
                        products.extend(configuration.product_keys());
                    }
                    Affected::Package(package) => {
                        packages.insert(package.key.clone());
                    }
                }
            }
            for key in products {
                lookup
                    .by_product
                    .entry(key)
                    .or_default()
                    .push(advisory.id.clone());
            }
            for key in packages {
                lookup
                    .by_package
                    .entry(key)
                    .or_default()
                    .push(advisory.id.clone());
            }
        }
        lookup
    }

    /// What speaks of a product, by id.
    pub fn of_product<'c>(
        &'c self,
        lookup: &'c Lookup,
        key: &(String, String),
    ) -> impl Iterator<Item = &'c Advisory> + use<'c> {
        let ids = lookup.by_product.get(key).into_iter().flatten();
        ids.filter_map(|id| self.by_id.get(id))
    }

    /// What speaks of a package, by id.
    pub fn of_package<'c>(
        &'c self,
        lookup: &'c Lookup,
        key: &str,
    ) -> impl Iterator<Item = &'c Advisory> + use<'c> {
        let ids = lookup.by_package.get(key).into_iter().flatten();
        ids.filter_map(|id| self.by_id.get(id))
    }

    fn place<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        match self.by_id.contains_key(name) {
            true => Some(name),
            false => self.by_alias.get(name).map(String::as_str),
        }
    }
}

fn is_better(new: &str, old: &str) -> bool {
    new.starts_with("CVE-") && !old.starts_with("CVE-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advisory(id: &str, aliases: &[&str]) -> Advisory {
        Advisory {
            id: id.into(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            ..Advisory::default()
        }
    }

    #[test]
    fn sources_of_one_vulnerability_become_one_advisory_under_its_cve() {
        let mut catalogue = Catalogue::default();
        catalogue.add(advisory("GHSA-1", &[])).unwrap();
        catalogue
            .add(advisory("CVE-2024-0001", &["GHSA-1"]))
            .unwrap();
        catalogue.add(advisory("GHSA-1", &["PYSEC-1"])).unwrap();
        assert_eq!(catalogue.len(), 1);
        for name in ["CVE-2024-0001", "GHSA-1", "PYSEC-1"] {
            assert_eq!(catalogue.find(name).unwrap().id, "CVE-2024-0001");
        }
        assert_eq!(catalogue.find("CVE-2024-0002"), None);
    }

    #[test]
    fn probabilities_do_not_make_advisories() {
        let mut catalogue = Catalogue::default();
        catalogue.add(advisory("CVE-2024-0001", &[])).unwrap();
        let epss = Epss {
            probability_ppm: 10,
            percentile_ppm: 20,
        };
        catalogue.add_epss(vec![
            ("CVE-2024-0001".into(), epss),
            ("CVE-2024-0002".into(), epss),
        ]);
        assert_eq!(catalogue.len(), 1);
        assert_eq!(catalogue.find("CVE-2024-0001").unwrap().epss, Some(epss));
    }
}
