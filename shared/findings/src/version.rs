//! Which of two versions is older, by the rules of whoever numbers them.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

mod apk;
mod debian;
mod generic;
mod pypi;
mod semver;

/// Whose rules order the versions of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scheme {
    /// Numbers and words, for makers that follow no rule: what NVD's ranges need.
    Generic,
    /// Semantic Versioning 2.0, section 11.
    Semver,
    /// Debian Policy 5.6.12; opkg compares alike.
    Debian,
    /// Alpine's apk-tools.
    Apk,
    /// PEP 440.
    Pypi,
}

impl Scheme {
    /// Orders two versions; a text that breaks the rules of its scheme is compared by the generic ones.
    pub fn compare(self, a: &str, b: &str) -> Ordering {
        let (a, b) = (bounded(a), bounded(b));
        let by_rules = match self {
            Self::Generic => None,
            Self::Semver => semver::compare(a, b),
            Self::Debian => Some(debian::compare(a, b)),
            Self::Apk => apk::compare(a, b),
            Self::Pypi => pypi::compare(a, b),
        };
        by_rules.unwrap_or_else(|| generic::compare(a, b))
    }

    /// The scheme of an OSV ecosystem: `Debian:12`, `Alpine:v3.20`, `PyPI`, `npm`.
    pub fn of_ecosystem(name: &str) -> Self {
        match name.split(':').next().unwrap_or_default() {
            "Debian" | "Ubuntu" | "OpenWrt" | "opkg" => Self::Debian,
            "Alpine" | "Wolfi" | "Chainguard" | "Alpaquita" | "BellSoft Hardened Containers" => {
                Self::Apk
            }
            "PyPI" => Self::Pypi,
            "npm" | "crates.io" | "Go" | "Hex" | "Pub" | "SwiftURL" | "NuGet" => Self::Semver,
            _ => Self::Generic,
        }
    }

    /// The scheme of a package URL's type: `deb`, `apk`, `pypi`.
    pub fn of_purl_type(kind: &str) -> Self {
        match kind {
            "deb" | "opkg" => Self::Debian,
            "apk" => Self::Apk,
            "pypi" => Self::Pypi,
            "npm" | "cargo" | "golang" | "hex" | "pub" | "swift" | "nuget" => Self::Semver,
            _ => Self::Generic,
        }
    }
}

/// The part of a version that is looked at: nobody writes a longer one.
fn bounded(text: &str) -> &str {
    let text = text.trim();
    let end = text.len().min(crate::limits::VERSION_BYTES);
    let end = (0..=end)
        .rev()
        .find(|&end| text.is_char_boundary(end))
        .unwrap_or(0);
    &text[..end]
}

/// Two runs of digits of any length as numbers.
fn numbers(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// The length of the run of digits at the start.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each row rises; `=` joins what is equal.
    const ROWS: [(Scheme, &[&str]); 12] = [
        (
            Scheme::Generic,
            &[
                "0.9",
                "1.0-dev",
                "1.0-alpha1",
                "1.0a2",
                "1.0-beta",
                "1.0rc1",
                "1.0-rc2",
                "1.0=1.0.0=v1.0",
                "1.0.1",
                "1.0.2",
                "1.0.2a",
                "1.0.2k",
                "1.0.3",
                "1.0.10",
                "1.1",
                "2",
            ],
        ),
        (
            Scheme::Generic,
            &["2013.59", "2019.78", "2020.81", "2022.82"],
        ),
        (
            Scheme::Generic,
            &["7.1p2", "7.2", "7.2p1=7.2-p1", "7.2p2", "7.3"],
        ),
        (Scheme::Generic, &["5.3", "5.3 build 9", "5.3.1"]),
        (
            Scheme::Semver,
            &[
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0=1.0.0+build=1.0",
                "1.0.1",
                "2.0.0",
                "10.0.0",
            ],
        ),
        (
            Scheme::Debian,
            &[
                "1.0~rc1-1",
                "1.0~rc1-1+b1",
                "1.0-1~bpo9",
                "1.0-1",
                "1.0-1+deb12u1",
                "1.0-1+deb12u2",
                "1.0-1.1",
                "1.0-2",
                "1.0a-1",
                "1.0+dfsg-1",
                "1.0.1-1",
                "1.1-1",
                "1:0.1-1",
            ],
        ),
        (Scheme::Debian, &["~~", "~~a", "~", "=0", "a"]),
        (Scheme::Debian, &["0-0=0=00", "0-1", "1:0", "2:0"]),
        (
            Scheme::Apk,
            &[
                "1.0_alpha1",
                "1.0_beta",
                "1.0_pre2",
                "1.0_rc1",
                "1.0-r0=1.0",
                "1.0-r1",
                "1.0-r10",
                "1.0_p1",
                "1.0a",
                "1.0.0",
                "1.0.1",
                "1.10",
                "2.0",
            ],
        ),
        (
            Scheme::Apk,
            &["1.35.0-r17", "1.36.1-r0", "1.36.1-r2", "1.36.1-r15"],
        ),
        (
            Scheme::Pypi,
            &[
                "1.0.dev1",
                "1.0a1.dev1",
                "1.0a1",
                "1.0a2",
                "1.0b1",
                "1.0rc1=1.0c1=1.0-rc.1",
                "1.0=1.0.0",
                "1.0+abc",
                "1.0+5",
                "1.0.post1.dev2",
                "1.0.post1",
                "1.1",
                "1!0.1",
            ],
        ),
        (Scheme::Pypi, &["2.28.1", "2.31.0", "2.100"]),
    ];

    #[test]
    fn versions_stand_in_the_order_of_their_rules() {
        for (scheme, row) in ROWS {
            let rows: Vec<Vec<&str>> = row
                .iter()
                .map(|place| match *place {
                    "=0" => vec!["", "0"],
                    place => place.split('=').collect(),
                })
                .collect();
            for (at, these) in rows.iter().enumerate() {
                for (other, those) in rows.iter().enumerate() {
                    for (a, b) in these.iter().flat_map(|a| those.iter().map(move |b| (a, b))) {
                        assert_eq!(
                            scheme.compare(a, b),
                            at.cmp(&other),
                            "{scheme:?}: {a} and {b}"
                        );
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn every_scheme_is_an_order(a in "[0-9a-c.~+_:!-]{0,12}", b in "[0-9a-c.~+_:!-]{0,12}", c in "[0-9a-c.~+_:!-]{0,12}") {
            for scheme in [Scheme::Generic, Scheme::Debian] {
                prop_assert_eq!(scheme.compare(&a, &b), scheme.compare(&b, &a).reverse());
                prop_assert_eq!(scheme.compare(&a, &a), Ordering::Equal);
                if scheme.compare(&a, &b).is_le() && scheme.compare(&b, &c).is_le() {
                    prop_assert!(scheme.compare(&a, &c).is_le());
                }
            }
        }

        #[test]
        fn no_text_makes_a_comparison_panic(a in any::<String>(), b in any::<String>()) {
            for scheme in [Scheme::Generic, Scheme::Semver, Scheme::Debian, Scheme::Apk, Scheme::Pypi] {
                prop_assert_eq!(scheme.compare(&a, &b), scheme.compare(&b, &a).reverse());
            }
        }
    }
}
