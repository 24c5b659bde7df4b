//! What this device's software is made of, as its package manager has written it down.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use findings::limits::STATUS_BYTES;
use findings::sbom::packages::{Distribution, Manager, StatusError, read};
use findings::sbom::{Sbom, cyclonedx};
use findings::time::Moment;
use thiserror::Error;

/// Where the package managers keep what they know, in the order in which they are looked for.
const STATUSES: [(Manager, &str); 4] = [
    (Manager::Dpkg, "var/lib/dpkg/status"),
    (Manager::Apk, "lib/apk/db/installed"),
    (Manager::Opkg, "usr/lib/opkg/status"),
    (Manager::Opkg, "var/lib/opkg/status"),
];
const RELEASES: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

#[derive(Debug, Error)]
pub enum SbomError {
    #[error("no package manager is known here: dpkg, apk and opkg are")]
    Nothing,
    #[error("cannot read {path}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path} tells no bill of materials: {source}")]
    Status { path: PathBuf, source: StatusError },
}

/// The bill of a system below this root.
pub fn of(root: &Path) -> Result<Sbom, SbomError> {
    let distribution = distribution(root);
    let found = STATUSES.map(|(manager, path)| (manager, root.join(path)));
    let (manager, path) = found
        .into_iter()
        .find(|(_, path)| path.is_file())
        .ok_or(SbomError::Nothing)?;
    let mut text = Vec::new();
    let opened = File::open(&path).and_then(|file| {
        // One byte more than is read tells that the file is too long.
        file.take(STATUS_BYTES as u64 + 1).read_to_end(&mut text)
    });
    opened.map_err(|source| SbomError::File {
        path: path.clone(),
        source,
    })?;
    let text = String::from_utf8_lossy(&text);
    read(manager, &text, &distribution).map_err(|source| SbomError::Status { path, source })
}

/// CycloneDX 1.6.
pub fn document(sbom: &Sbom, serial: [u8; 16], now_ms: u64) -> Vec<u8> {
    cyclonedx::write(sbom, serial, Moment(now_ms / 1000))
}

/// `ID` and `VERSION_ID` of os-release(5); empty where nobody says so, and then no advisory of a distribution fits.
fn distribution(root: &Path) -> Distribution {
    let texts = RELEASES
        .iter()
        .map(|path| fs::read_to_string(root.join(path)));
    let text = texts.flatten().next().unwrap_or_default();
    let value = |key: &str| {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let found = lines.into_iter().find(|(name, _)| *name == key);
        found.map_or(String::new(), |(_, value)| {
            value.trim().trim_matches(['"', '\'']).to_owned()
        })
    };
    Distribution {
        id: value("ID"),
        version: value("VERSION_ID"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().expect("it has one")).expect("it is made");
            fs::write(path, text).expect("it is written");
        }
        dir
    }

    #[test]
    fn packages_of_every_manager_become_a_bill_that_reads_back() {
        let release = (
            "etc/os-release",
            "NAME=\"X\"\nID=debian\nVERSION_ID=\"12\"\n",
        );
        for (path, text, expected) in [
            (
                "var/lib/dpkg/status",
                "Package: curl\nStatus: install ok installed\nVersion: 7.1-1\n",
                "pkg:deb/debian/curl@7.1-1",
            ),
            ("lib/apk/db/installed", "P:curl\nV:8.1-r0\n", "curl@8.1-r0"),
            (
                "usr/lib/opkg/status",
                "Package: curl\nStatus: install user installed\nVersion: 7.2\n",
                "curl@7.2",
            ),
        ] {
            let dir = root(&[release, (path, text)]);
            let sbom = of(dir.path()).expect("a bill");
            let bytes = document(&sbom, [7; 16], 1_795_254_000_000);
            let written = String::from_utf8(bytes.clone()).expect("text");
            assert!(written.contains(expected), "{path}: {written}");
            let back = cyclonedx::import(&bytes).expect("it reads back");
            assert_eq!(back.components, sbom.components, "{path}");
        }
    }

    #[test]
    fn without_a_package_manager_nothing_is_invented() {
        let dir = root(&[]);
        assert!(matches!(of(dir.path()), Err(SbomError::Nothing)));
        let empty = root(&[("var/lib/dpkg/status", "")]);
        assert!(matches!(of(empty.path()), Err(SbomError::Status { .. })));
    }
}
