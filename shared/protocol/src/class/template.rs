//! What each class of devices means, in one table: whoever decides something by a class asks it here.
//!
//! Data labels are not in it. They belong to the fields of what a device says ([`super::Classified`]), and are the same for
//! every class; nor is a period: whatever administrators have not set for a class is usual for all of them.

use super::DeviceClass;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    pub class: DeviceClass,
    pub quarantine: Quarantine,
    pub scans: Scans,
    pub calls: Calls,
    pub telling: Telling,
}

/// Whether a device may be held: by a person's order, or by neighbours that are agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quarantine {
    /// Never, whatever the charter says: people and plants depend on it. A new charter names the class exempt as well.
    Never,
    /// Unless the charter exempts the class; by neighbours only where it automates it.
    ByTheCharter,
}

/// Whether nodes scan it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scans {
    /// Only alone, and only if an administrator types its name; larger targets leave it out.
    ByNameOnly,
    Open,
}

/// How a guardian may ask one that runs no node whether it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// For its hardware address alone (ARP): nothing reaches its stack.
    HardwareOnly,
    /// By ARP, an echo request, or a port that it offers.
    Any,
}

/// Who tells people outside of alerts while the coordinator is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    First,
    /// Where there are too few of the first.
    Otherwise,
}

impl Quarantine {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::ByTheCharter => "by_the_charter",
        }
    }
}

impl Scans {
    pub const fn word(self) -> &'static str {
        match self {
            Self::ByNameOnly => "by_name_only",
            Self::Open => "open",
        }
    }
}

impl Calls {
    pub const fn word(self) -> &'static str {
        match self {
            Self::HardwareOnly => "hardware_only",
            Self::Any => "any",
        }
    }
}

impl Telling {
    pub const fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Otherwise => "otherwise",
        }
    }
}

use Calls::{Any, HardwareOnly};
use DeviceClass::{
    Camera, Computer, Gateway, Medical, Meter, Other, Phone, Plc, Printer, Sensor, Vehicle,
};
use Quarantine::{ByTheCharter, Never};
use Scans::{ByNameOnly, Open};
use Telling::{First, Otherwise};

#[rustfmt::skip]
const TABLE: [Template; 11] = [
    row(Sensor,   ByTheCharter, Open,       Any,          Otherwise),
    row(Meter,    ByTheCharter, Open,       Any,          Otherwise),
    row(Camera,   ByTheCharter, Open,       Any,          Otherwise),
    row(Plc,      Never,        ByNameOnly, HardwareOnly, Otherwise),
    row(Medical,  Never,        ByNameOnly, HardwareOnly, Otherwise),
    row(Vehicle,  ByTheCharter, Open,       Any,          Otherwise),
    row(Gateway,  Never,        Open,       Any,          First),
    row(Printer,  ByTheCharter, Open,       Any,          Otherwise),
    row(Phone,    ByTheCharter, Open,       Any,          Otherwise),
    row(Computer, ByTheCharter, Open,       Any,          Otherwise),
    row(Other,    ByTheCharter, Open,       Any,          Otherwise),
];

const fn row(
    class: DeviceClass,
    quarantine: Quarantine,
    scans: Scans,
    calls: Calls,
    telling: Telling,
) -> Template {
    Template {
        class,
        quarantine,
        scans,
        calls,
        telling,
    }
}

impl DeviceClass {
    pub const fn template(self) -> Template {
        TABLE[self as usize]
    }

    /// The classes that a new charter exempts.
    pub fn exempt_at_first() -> Vec<Self> {
        let never = TABLE.iter().filter(|row| row.quarantine == Never);
        never.map(|row| row.class).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_own_row() {
        for class in DeviceClass::ALL {
            assert_eq!(class.template().class, class);
        }
    }

    #[test]
    fn what_people_depend_on_is_neither_held_nor_touched() {
        for class in [Plc, Medical] {
            let template = class.template();
            assert_eq!(
                (template.quarantine, template.scans, template.calls),
                (Never, ByNameOnly, HardwareOnly),
                "{class}"
            );
        }
        assert_eq!(DeviceClass::exempt_at_first(), [Plc, Medical, Gateway]);
    }
}
