//! Bills of materials from what package managers have written down: dpkg, apk and opkg.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Component, Sbom};
use crate::limits;
use crate::purl::Purl;
use crate::shown::line;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manager {
    /// `/var/lib/dpkg/status`
    Dpkg,
    /// `/lib/apk/db/installed`
    Apk,
    /// `/usr/lib/opkg/status`
    Opkg,
}

/// The system that the packages are of, as `/etc/os-release` has it: `debian` and `12`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    pub id: String,
    pub version: String,
}

/// Why a status text gives no bill.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StatusError {
    #[error("the status has {0} bytes, more than the {limit} that are read", limit = limits::STATUS_BYTES)]
    Long(usize),
    #[error("the status names no installed package: is it the file of another package manager?")]
    Empty,
}

/// Reads the status of a package manager; packages that are not installed, or only in part, are not in the bill.
pub fn read(
    manager: Manager,
    text: &str,
    distribution: &Distribution,
) -> Result<Sbom, StatusError> {
    if text.len() > limits::STATUS_BYTES {
        return Err(StatusError::Long(text.len()));
    }
    let mut sbom = Sbom {
        name: line(&distribution.id, limits::WORD_CHARS),
        version: line(&distribution.version, limits::VERSION_BYTES),
        ..Sbom::default()
    };
    for paragraph in paragraphs(text) {
        let Some(package) = package(manager, &paragraph) else {
            continue;
        };
        match component(manager, &package, distribution) {
            Some(component) if sbom.components.len() < limits::COMPONENTS => {
                sbom.components.insert(component);
            }
            _ => sbom.left_out += 1,
        }
    }
    match sbom.components.is_empty() {
        true => Err(StatusError::Empty),
        false => Ok(sbom),
    }
}

type Paragraph<'a> = BTreeMap<&'a str, &'a str>;

/// An installed package.
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    architecture: &'a str,
    /// What it was built from, when that has another name; advisories of distributions name this.
    source: Option<&'a str>,
}

/// Fields by name; lines that continue a field are left out.
fn paragraphs(text: &str) -> impl Iterator<Item = Paragraph<'_>> {
    let mut lines = text.lines();
    std::iter::from_fn(move || {
        let mut fields = Paragraph::new();
        for line in lines.by_ref() {
            if line.trim().is_empty() {
                if fields.is_empty() {
                    continue;
                }
                return Some(fields);
            }
            if let Some((name, value)) = line
                .split_once(':')
                .filter(|_| !line.starts_with([' ', '\t']))
            {
                fields.entry(name).or_insert(value.trim());
            }
        }
        (!fields.is_empty()).then_some(fields)
    })
}

fn package<'a>(manager: Manager, fields: &Paragraph<'a>) -> Option<Package<'a>> {
    let field = |name: &str| fields.get(name).copied();
    if manager == Manager::Apk {
        return Some(Package {
            name: field("P")?,
            version: field("V")?,
            architecture: field("A").unwrap_or_default(),
            source: field("o"),
        });
    }
    let is_installed = field("Status").is_some_and(|status| status.ends_with(" installed"));
    let source = field("Source").map(|source| source.split(' ').next().unwrap_or(source));
    is_installed.then_some(())?;
    Some(Package {
        name: field("Package")?,
        version: field("Version")?,
        architecture: field("Architecture").unwrap_or_default(),
        source,
    })
}

fn component(
    manager: Manager,
    package: &Package<'_>,
    distribution: &Distribution,
) -> Option<Component> {
    let kind = match manager {
        Manager::Dpkg => "deb",
        Manager::Apk => "apk",
        Manager::Opkg => "opkg",
    };
    let namespace = match manager {
        Manager::Opkg => "",
        _ => &distribution.id,
    };
    let mut purl = Purl::new(kind, namespace, package.name, Some(package.version)).ok()?;
    purl.qualify("arch", package.architecture);
    if !distribution.version.is_empty() {
        purl.qualify(
            "distro",
            &format!("{}-{}", distribution.id, distribution.version),
        );
    }
    if let Some(source) = package.source.filter(|source| *source != package.name) {
        purl.qualify("upstream", source);
    }
    let name = line(package.name, limits::WORD_CHARS);
    let is_sane = !name.is_empty()
        && package.version.len() <= limits::VERSION_BYTES
        && purl.to_string().len() <= limits::PURL_BYTES;
    is_sane.then(|| Component {
        name,
        version: line(package.version, limits::VERSION_BYTES),
        purl: Some(purl),
        cpe: None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn debian() -> Distribution {
        Distribution {
            id: "debian".into(),
            version: "12".into(),
        }
    }

    fn purls(manager: Manager, text: &str, distribution: &Distribution) -> Vec<String> {
        let sbom = read(manager, text, distribution).unwrap();
        sbom.components
            .iter()
            .map(|component| component.purl.as_ref().unwrap().to_string())
            .collect()
    }

    #[test]
    fn dpkg_gives_installed_packages_with_their_sources() {
        let text = "Package: libssl3\nStatus: install ok installed\nArchitecture: arm64\nSource: openssl (3.0.11-1)\nVersion: 3.0.11-1~deb12u2\nDescription: x\n more: y\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n";
        assert_eq!(
            purls(Manager::Dpkg, text, &debian()),
            [
                "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=arm64&distro=debian-12&upstream=openssl"
            ]
        );
        assert_eq!(read(Manager::Apk, text, &debian()), Err(StatusError::Empty));
    }

    #[test]
    fn apk_and_opkg_give_theirs() {
        let apk = "C:Q1x=\nP:ssl_client\nV:1.36.1-r15\nA:x86_64\no:busybox\nF:usr/bin\n\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n";
        let alpine = Distribution {
            id: "alpine".into(),
            version: "3.20.1".into(),
        };
        assert_eq!(
            purls(Manager::Apk, apk, &alpine),
            [
                "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.20.1",
                "pkg:apk/alpine/ssl_client@1.36.1-r15?arch=x86_64&distro=alpine-3.20.1&upstream=busybox",
            ]
        );
        let opkg = "Package: dropbear\nVersion: 2022.82-2\nStatus: install user installed\nArchitecture: mips_24kc\n";
        let openwrt = Distribution {
            id: "openwrt".into(),
            version: "23.05".into(),
        };
        assert_eq!(
            purls(Manager::Opkg, opkg, &openwrt),
            ["pkg:opkg/dropbear@2022.82-2?arch=mips_24kc&distro=openwrt-23.05"]
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), wild in "([PVAo]|Package|Version|Status|Source):[ -~]{0,20}\n{1,2}") {
            for manager in [Manager::Dpkg, Manager::Apk, Manager::Opkg] {
                let _ = read(manager, &text, &debian());
                let _ = read(manager, &wild, &debian());
            }
        }
    }
}
