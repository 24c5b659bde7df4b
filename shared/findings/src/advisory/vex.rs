//! What a maker says about a vulnerability in its product (VEX), whatever the form it came in.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cpe::{Cpe, Relation, Value, relation};
use crate::purl::Purl;
use crate::time::Moment;

/// One statement about one vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Statement {
    pub vulnerability: String,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Justification>,
    pub products: BTreeSet<Product>,
    /// The maker's own words.
    pub detail: String,
    pub issuer: String,
    /// The id of the document that says it.
    pub document: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Status {
    NotAffected,
    Fixed,
    Affected,
    UnderInvestigation,
}

/// Why a product is not affected, in the words of CycloneDX, which every other form maps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Justification {
    CodeNotPresent,
    CodeNotReachable,
    RequiresConfiguration,
    RequiresDependency,
    RequiresEnvironment,
    ProtectedByCompiler,
    ProtectedAtRuntime,
    ProtectedAtPerimeter,
    ProtectedByMitigatingControl,
}

/// A product that a statement is about: a component, and the platform it is part of when the statement says one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Product {
    pub component: Identity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Identity>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Identity {
    Cpe(Cpe),
    Purl(Purl),
}

impl Status {
    /// Whether the statement closes a finding.
    pub fn closes(self) -> bool {
        matches!(self, Self::NotAffected | Self::Fixed)
    }
}

impl Justification {
    pub const ALL: [Self; 9] = [
        Self::CodeNotPresent,
        Self::CodeNotReachable,
        Self::RequiresConfiguration,
        Self::RequiresDependency,
        Self::RequiresEnvironment,
        Self::ProtectedByCompiler,
        Self::ProtectedAtRuntime,
        Self::ProtectedAtPerimeter,
        Self::ProtectedByMitigatingControl,
    ];

    /// The word of CycloneDX.
    pub fn word(self) -> &'static str {
        match self {
            Self::CodeNotPresent => "code_not_present",
            Self::CodeNotReachable => "code_not_reachable",
            Self::RequiresConfiguration => "requires_configuration",
            Self::RequiresDependency => "requires_dependency",
            Self::RequiresEnvironment => "requires_environment",
            Self::ProtectedByCompiler => "protected_by_compiler",
            Self::ProtectedAtRuntime => "protected_at_runtime",
            Self::ProtectedAtPerimeter => "protected_at_perimeter",
            Self::ProtectedByMitigatingControl => "protected_by_mitigating_control",
        }
    }
}

impl Identity {
    /// Whether something that was found is what is meant. What the statement leaves open fits everything; what was
    /// found and leaves open what the statement fixes does not fit, because a statement must not close too much.
    pub fn names(&self, cpes: &BTreeSet<Cpe>, purls: &BTreeSet<Purl>) -> bool {
        match self {
            Self::Cpe(meant) => cpes.iter().any(|found| {
                matches!(relation(meant, found), Relation::Equal | Relation::Superset)
                    && *meant.attribute(crate::cpe::Attribute::Product) != Value::Any
            }),
            Self::Purl(meant) => purls.iter().any(|found| names(meant, found)),
        }
    }
}

fn names(meant: &Purl, found: &Purl) -> bool {
    let version = meant
        .version()
        .is_none_or(|version| Some(version) == found.version());
    let qualifiers = meant.qualifiers().all(|(key, value)| {
        // Where an archive was fetched from says nothing about which package it is.
        matches!(
            key,
            "repository_url" | "download_url" | "vcs_url" | "file_name"
        ) || found.qualifier(key) == Some(value)
    });
    version && qualifiers && meant.package_key() == found.package_key()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_names_what_it_says_and_no_more() {
        let found: BTreeSet<Purl> = ["pkg:deb/debian/curl@7.1?arch=arm64".parse().unwrap()].into();
        for (meant, expected) in [
            ("pkg:deb/debian/curl", true),
            ("pkg:deb/debian/curl@7.1", true),
            ("pkg:deb/debian/curl@7.2", false),
            ("pkg:deb/debian/curl@7.1?arch=amd64", false),
            ("pkg:deb/debian/curl?repository_url=x", true),
            ("pkg:deb/debian/libcurl", false),
        ] {
            let identity = Identity::Purl(meant.parse().unwrap());
            assert_eq!(
                identity.names(&BTreeSet::new(), &found),
                expected,
                "{meant}"
            );
        }
        let cpes: BTreeSet<Cpe> = ["cpe:/a:acme:cam:1.0".parse().unwrap()].into();
        for (meant, expected) in [
            ("cpe:/a:acme:cam", true),
            ("cpe:/a:acme:cam:1.0", true),
            ("cpe:/a:acme:cam:1.1", false),
            ("cpe:/a:acme", false),
            ("cpe:/a:acme:cam:1.0:u1", false),
        ] {
            let identity = Identity::Cpe(meant.parse().unwrap());
            assert_eq!(identity.names(&cpes, &BTreeSet::new()), expected, "{meant}");
        }
    }
}
