//! Which versions an advisory means: NVD's bounds on a CPE name, and OSV's events on a package.

use serde::{Deserialize, Serialize};

use crate::cpe::{Attribute, Cpe, Relation, Value, relation};
use crate::version::Scheme;

/// What a comparison says when the version may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fit {
    No,
    /// It would depend on the version, which nobody knows.
    Unknown,
    Yes,
}

/// One criterion of NVD: a name, and bounds where its version is any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CpeRange {
    pub criteria: Cpe,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Bound>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Bound>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Bound {
    Including(String),
    Excluding(String),
}

/// One range of OSV: events in rising order of their versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventRange {
    pub scheme: Scheme,
    pub events: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Event {
    /// From this version on; `0` is before every version.
    Introduced(String),
    /// No longer from this version on.
    Fixed(String),
    /// Still in this version, and in none after it.
    LastAffected(String),
}

impl CpeRange {
    /// Whether a product that was found is meant: its name must fit the criterion, its version the bounds.
    ///
    /// The name of what was found may leave attributes open that the criterion fixes (an edition, a target): those are
    /// no objection, because scanners never see them. Its vendor, product and version must be there.
    pub fn fit(&self, found: &Cpe) -> Fit {
        let mut criteria = self.criteria.clone();
        if self.from.is_some() || self.to.is_some() {
            criteria.clear(Attribute::Version);
            criteria.clear(Attribute::Update);
        }
        match relation(&criteria, &found.clone().opened(&criteria)) {
            Relation::Superset | Relation::Equal => {}
            Relation::Subset | Relation::Undefined if criteria.names_product_of(found) => {
                return Fit::Unknown;
            }
            _ => return Fit::No,
        }
        if self.from.is_none() && self.to.is_none() {
            return Fit::Yes;
        }
        match found.version() {
            Some(version) => self.holds(&version),
            None if *found.attribute(Attribute::Version) == Value::Na => Fit::No,
            None => Fit::Unknown,
        }
    }

    /// The first version that is not meant, when the range says so.
    pub fn fixed_in(&self) -> Option<&str> {
        match &self.to {
            Some(Bound::Excluding(version)) => Some(version),
            _ => None,
        }
    }

    fn holds(&self, version: &str) -> Fit {
        let compare = |bound: &str| Scheme::Generic.compare(version, bound);
        let is_from = match &self.from {
            None => true,
            Some(Bound::Including(bound)) => compare(bound).is_ge(),
            Some(Bound::Excluding(bound)) => compare(bound).is_gt(),
        };
        let is_to = match &self.to {
            None => true,
            Some(Bound::Including(bound)) => compare(bound).is_le(),
            Some(Bound::Excluding(bound)) => compare(bound).is_lt(),
        };
        match is_from && is_to {
            true => Fit::Yes,
            false => Fit::No,
        }
    }
}

impl EventRange {
    /// OSV's evaluation: the last event at or before the version decides.
    pub fn holds(&self, version: &str) -> bool {
        let mut is_affected = false;
        for event in self.sorted() {
            is_affected = match event {
                Event::Introduced(at) if at == "0" || self.scheme.compare(version, at).is_ge() => {
                    true
                }
                Event::Fixed(at) if self.scheme.compare(version, at).is_ge() => false,
                Event::LastAffected(at) if self.scheme.compare(version, at).is_gt() => false,
                _ => is_affected,
            };
        }
        is_affected
    }

    /// The lowest fix above a version.
    pub fn fixed_in(&self, version: &str) -> Option<&str> {
        self.sorted().into_iter().find_map(|event| match event {
            Event::Fixed(at) if self.scheme.compare(version, at).is_lt() => Some(at.as_str()),
            _ => None,
        })
    }

    fn sorted(&self) -> Vec<&Event> {
        let mut events: Vec<&Event> = self.events.iter().collect();
        events.sort_by(|a, b| match (a.version(), b.version()) {
            ("0", "0") => std::cmp::Ordering::Equal,
            ("0", _) => std::cmp::Ordering::Less,
            (_, "0") => std::cmp::Ordering::Greater,
            (a, b) => self.scheme.compare(a, b),
        });
        events
    }
}

impl Event {
    pub(crate) fn version(&self) -> &str {
        match self {
            Self::Introduced(at) | Self::Fixed(at) | Self::LastAffected(at) => at,
        }
    }
}

impl Cpe {
    fn clear(&mut self, attribute: Attribute) {
        *self.value_mut(attribute) = Value::Any;
    }

    /// What was found with its open attributes filled as the criterion has them, except for vendor, product and version.
    fn opened(mut self, criteria: &Self) -> Self {
        let attributes = [
            Attribute::Edition,
            Attribute::Language,
            Attribute::SoftwareEdition,
            Attribute::TargetSoftware,
            Attribute::TargetHardware,
            Attribute::Other,
        ];
        for attribute in attributes {
            if *self.attribute(attribute) == Value::Any {
                *self.value_mut(attribute) = criteria.attribute(attribute).clone();
            }
        }
        // NVD gives hardware no version, and scanners leave it open.
        let is_hardware =
            matches!(criteria.attribute(Attribute::Part), Value::Text(part) if part == "h");
        if is_hardware && *self.attribute(Attribute::Version) == Value::Any {
            *self.value_mut(Attribute::Version) = criteria.attribute(Attribute::Version).clone();
        }
        // A criterion for the release without an update means the version as scanners write it.
        let is_plain = *self.attribute(Attribute::Update) == Value::Any;
        if is_plain && *criteria.attribute(Attribute::Update) == Value::Na {
            *self.value_mut(Attribute::Update) = Value::Na;
        }
        self
    }

    /// Whether part, vendor and product agree, whatever the version.
    fn names_product_of(&self, found: &Self) -> bool {
        [Attribute::Part, Attribute::Vendor, Attribute::Product]
            .into_iter()
            .all(|attribute| {
                let pair =
                    crate::cpe::values(self.attribute(attribute), found.attribute(attribute));
                matches!(pair, Relation::Superset | Relation::Equal)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(criteria: &str, from: Option<Bound>, to: Option<Bound>) -> CpeRange {
        CpeRange {
            criteria: criteria.parse().unwrap(),
            from,
            to,
        }
    }

    fn fit(range: &CpeRange, found: &str) -> Fit {
        range.fit(&found.parse().unwrap())
    }

    #[test]
    fn bounds_hold_as_nvd_means_them() {
        let any = "cpe:2.3:a:dropbear_ssh_project:dropbear_ssh:*:*:*:*:*:*:*:*";
        let including = |version: &str| Some(Bound::Including(version.into()));
        let excluding = |version: &str| Some(Bound::Excluding(version.into()));
        for (from, to, version, expected) in [
            (None, excluding("2016.74"), "2013.59", Fit::Yes),
            (None, excluding("2016.74"), "2016.74", Fit::No),
            (None, including("2016.74"), "2016.74", Fit::Yes),
            (
                including("2011.54"),
                excluding("2016.74"),
                "2011.54",
                Fit::Yes,
            ),
            (
                excluding("2011.54"),
                excluding("2016.74"),
                "2011.54",
                Fit::No,
            ),
            (
                excluding("2011.54"),
                excluding("2016.74"),
                "2022.83",
                Fit::No,
            ),
            (
                excluding("2011.54"),
                excluding("2016.74"),
                "*",
                Fit::Unknown,
            ),
            (None, excluding("2016.74"), "-", Fit::No),
            (None, None, "1", Fit::Yes),
            (None, None, "*", Fit::Yes),
        ] {
            let found =
                format!("cpe:2.3:a:dropbear_ssh_project:dropbear_ssh:{version}:*:*:*:*:*:*:*");
            assert_eq!(
                fit(&range(any, from.clone(), to.clone()), &found),
                expected,
                "{from:?} {to:?} {version}"
            );
        }
    }

    #[test]
    fn a_criterion_of_one_version_means_that_version() {
        let one = range("cpe:2.3:a:openbsd:openssh:7.2:p2:*:*:*:*:*:*", None, None);
        assert_eq!(fit(&one, "cpe:/a:openbsd:openssh:7.2:p2"), Fit::Yes);
        assert_eq!(fit(&one, "cpe:/a:openbsd:openssh:7.2:p1"), Fit::No);
        assert_eq!(fit(&one, "cpe:/a:openbsd:openssh:7.2"), Fit::Unknown);
        assert_eq!(fit(&one, "cpe:/a:openbsd:openssh"), Fit::Unknown);
        let plain = range("cpe:2.3:a:openbsd:openssh:7.2:-:*:*:*:*:*:*", None, None);
        assert_eq!(fit(&plain, "cpe:/a:openbsd:openssh:7.2"), Fit::Yes);
    }

    #[test]
    fn what_scanners_never_see_is_no_objection_and_another_product_is() {
        let windows = range("cpe:2.3:a:vim:vim:9.0:*:*:*:*:windows:*:*", None, None);
        assert_eq!(fit(&windows, "cpe:/a:vim:vim:9.0"), Fit::Yes);
        assert_eq!(
            fit(&windows, "cpe:2.3:a:vim:vim:9.0:*:*:*:*:linux:*:*"),
            Fit::No
        );
        assert_eq!(fit(&windows, "cpe:/a:vim:gvim:9.0"), Fit::No);
        assert_eq!(fit(&windows, "cpe:/o:vim:vim:9.0"), Fit::No);
    }

    #[test]
    fn events_hold_as_osv_evaluates_them() {
        let introduced = |at: &str| Event::Introduced(at.into());
        let fixed = |at: &str| Event::Fixed(at.into());
        let twice = EventRange {
            scheme: Scheme::Semver,
            events: vec![
                introduced("2.0.0"),
                fixed("1.5.0"),
                introduced("0"),
                Event::LastAffected("2.3.0".into()),
            ],
        };
        for (version, expected) in [
            ("1.0.0", true),
            ("1.5.0", false),
            ("1.9.9", false),
            ("2.0.0", true),
            ("2.3.0", true),
            ("2.3.1", false),
        ] {
            assert_eq!(twice.holds(version), expected, "{version}");
        }
        assert_eq!(twice.fixed_in("1.0.0"), Some("1.5.0"));
        let debian = EventRange {
            scheme: Scheme::Debian,
            events: vec![introduced("0"), fixed("3.0.11-1~deb12u2")],
        };
        assert!(debian.holds("3.0.11-1~deb12u1"));
        assert!(!debian.holds("3.0.11-1"));
        assert!(
            !EventRange {
                scheme: Scheme::Generic,
                events: vec![]
            }
            .holds("1")
        );
    }
}
