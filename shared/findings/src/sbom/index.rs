//! "Where is library X": all components of a fleet by name, in memory.

use std::collections::{BTreeMap, BTreeSet};

use super::Sbom;
use crate::limits;

/// Components by lower-case key, then by version, with the devices that have them.
#[derive(Debug, Clone, Default)]
pub struct Index {
    devices: Vec<String>,
    by_name: BTreeMap<String, BTreeMap<String, Vec<u32>>>,
}

/// One version of one component, and who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit<'a> {
    pub component: &'a str,
    pub version: &'a str,
    pub devices: Vec<&'a str>,
}

/// The index holds as many devices as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the index holds {} devices and takes no more", limits::DEVICES)]
pub struct Full;

impl Index {
    /// Adds a device with all that its bill names.
    pub fn add(&mut self, device: &str, sbom: &Sbom) -> Result<(), Full> {
        if self.devices.len() == limits::DEVICES {
            return Err(Full);
        }
        let place = u32::try_from(self.devices.len()).map_err(|_| Full)?;
        self.devices.push(device.to_owned());
        for component in &sbom.components {
            let versions = self
                .by_name
                .entry(component.key().to_lowercase())
                .or_default();
            let holders = match versions.get_mut(&component.version) {
                Some(holders) => holders,
                None => versions.entry(component.version.clone()).or_default(),
            };
            if holders.last() != Some(&place) {
                holders.push(place);
            }
        }
        Ok(())
    }

    /// Components whose key has the text in it, whatever its case: `log4j` finds `maven/org.apache.logging.log4j/log4j-core`.
    pub fn find(&self, text: &str) -> Vec<Hit<'_>> {
        let text = text.to_lowercase();
        let named = self.by_name.iter().filter(|(name, _)| name.contains(&text));
        let versions =
            named.flat_map(|(name, versions)| versions.iter().map(move |found| (name, found)));
        versions
            .map(|(component, (version, holders))| Hit {
                component,
                version,
                devices: holders
                    .iter()
                    .filter_map(|place| self.devices.get(*place as usize))
                    .map(String::as_str)
                    .collect(),
            })
            .collect()
    }

    /// The devices that have a component with the text in its key.
    pub fn devices_with(&self, text: &str) -> BTreeSet<&str> {
        self.find(text)
            .into_iter()
            .flat_map(|hit| hit.devices)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Component;
    use super::*;

    #[test]
    fn whoever_has_a_library_is_found_by_a_part_of_its_name() {
        let component = |purl: &str, version: &str| Component {
            name: "x".into(),
            version: version.into(),
            purl: Some(purl.parse().unwrap()),
            cpe: None,
        };
        let mut index = Index::default();
        let log4j = "pkg:maven/org.apache.logging.log4j/log4j-core";
        let sbom = |version: &str| Sbom {
            components: [component(log4j, version)].into(),
            ..Sbom::default()
        };
        index.add("cam-1", &sbom("2.14.1")).unwrap();
        index.add("cam-2", &sbom("2.14.1")).unwrap();
        index.add("cam-3", &sbom("2.20.0")).unwrap();
        index.add("cam-4", &Sbom::default()).unwrap();
        let hits = index.find("LOG4J");
        assert_eq!(hits.len(), 2);
        assert_eq!(hits[0].devices, ["cam-1", "cam-2"]);
        assert_eq!(index.devices_with("log4j").len(), 3);
        assert!(index.find("curl").is_empty());
    }
}
