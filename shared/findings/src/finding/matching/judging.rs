//! Whether a configuration or a package of an advisory means what is on a device.

use super::super::Confidence;
use super::super::inventory::Inventory;
use crate::advisory::{Configuration, Criterion, Node, Operator, Package, Role};
use crate::cpe::{Attribute, Cpe};
use crate::purl::Purl;
use crate::range::Fit;
use crate::version::Scheme;

/// How a configuration comes out; the first is the one to report.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Judged {
    Yes(Confidence),
    Undecided,
}

/// Judges a configuration for one name: it must be vulnerable itself, and all nodes must hold.
pub(super) fn judge<'a>(
    configuration: &'a Configuration,
    cpe: &Cpe,
    inventory: &Inventory,
) -> Option<(Judged, Option<&'a str>)> {
    let own = configuration
        .vulnerable()
        .map(|range| (range.fit(cpe), range))
        .max_by_key(|(fit, _)| *fit)?;
    let mut confidence = Confidence::Banner;
    let mut is_decided = match own.0 {
        Fit::No => return None,
        Fit::Unknown => false,
        Fit::Yes => true,
    };
    for node in &configuration.nodes {
        match node_fit(node, inventory) {
            Fit::Yes => {}
            Fit::No => return None,
            Fit::Unknown
                if node
                    .criteria
                    .iter()
                    .all(|criterion| criterion.role == Role::Platform) =>
            {
                confidence = Confidence::PlatformUnknown;
            }
            Fit::Unknown => is_decided = false,
        }
    }
    let judged = match is_decided {
        true => Judged::Yes(confidence),
        false => Judged::Undecided,
    };
    Some((judged, own.1.fixed_in()))
}

fn node_fit(node: &Node, inventory: &Inventory) -> Fit {
    let fits = node
        .criteria
        .iter()
        .map(|criterion| criterion_fit(criterion, inventory));
    match node.operator {
        Operator::Any => fits.max().unwrap_or(Fit::No),
        Operator::All => fits.min().unwrap_or(Fit::No),
        Operator::NotAny => match fits.max() {
            Some(Fit::Yes) => Fit::No,
            _ => Fit::Yes,
        },
    }
}

/// A platform that nobody has looked for is unknown: scans seldom tell the hardware.
fn criterion_fit(criterion: &Criterion, inventory: &Inventory) -> Fit {
    let best = inventory
        .names
        .keys()
        .map(|cpe| criterion.range.fit(cpe))
        .max()
        .unwrap_or(Fit::No);
    let part = criterion.range.criteria.attribute(Attribute::Part);
    let is_looked_for = inventory
        .names
        .keys()
        .any(|cpe| cpe.attribute(Attribute::Part) == part);
    match (best, criterion.role) {
        (Fit::No, Role::Platform) if !is_looked_for => Fit::Unknown,
        (best, _) => best,
    }
}

/// Whether a package in its version is meant, and what mends it.
pub(super) fn fit(package: &Package, purl: &Purl) -> (Fit, Option<String>) {
    let fits_release = match (&package.release, purl.release()) {
        (Some(meant), Some(found)) if !is_release(meant, &found) => return (Fit::No, None),
        (Some(_), None) => Fit::Unknown,
        _ => Fit::Yes,
    };
    let Some(version) = purl.version() else {
        return (Fit::Unknown, None);
    };
    let scheme = package
        .ranges
        .first()
        .map_or(Scheme::of_purl_type(purl.kind()), |range| range.scheme);
    let is_listed = package
        .versions
        .iter()
        .any(|listed| scheme.compare(listed, version).is_eq());
    let range = package.ranges.iter().find(|range| range.holds(version));
    match range.is_some() || is_listed {
        true => (
            fits_release,
            range
                .and_then(|range| range.fixed_in(version))
                .map(str::to_owned),
        ),
        false => (Fit::No, None),
    }
}

/// `3.20` is the release of `3.20.1`; `12` is not that of `120`.
pub(super) fn is_release(meant: &str, found: &str) -> bool {
    found == meant
        || found
            .strip_prefix(meant)
            .is_some_and(|rest| rest.starts_with('.'))
}

impl Purl {
    /// The source package that a binary one was built from.
    pub(super) fn source_key(&self) -> Option<String> {
        let source = self.qualifier("upstream")?;
        let source = source.split_once('@').map_or(source, |(name, _)| name);
        let key = self.package_key();
        let namespace = key.rsplit_once('/').map_or("", |(namespace, _)| namespace);
        Some(format!("{namespace}/{}", source.to_lowercase()))
    }

    /// The release of its distribution: 12 of `distro=debian-12`.
    fn release(&self) -> Option<String> {
        let distro = self.qualifier("distro")?;
        let release = distro
            .rsplit_once('-')
            .map_or(distro, |(_, release)| release);
        release
            .starts_with(|letter: char| letter.is_ascii_digit())
            .then(|| release.to_owned())
    }
}
