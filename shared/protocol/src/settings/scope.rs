//! To whom a document of settings speaks, and under which path.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use thiserror::Error;

use crate::class::DeviceClass;
use crate::id::DeviceId;
use crate::text::Name;

/// Every document of settings lies here.
const FOLDER: &str = "policy/settings";

/// To whom it speaks; a later one is more particular.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    Fleet,
    Class(DeviceClass),
    /// A site or segment.
    Cell(Name),
    Device(DeviceId),
}

/// By what a device is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub device: DeviceId,
    pub class: DeviceClass,
    pub cell: Name,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no scope: write fleet, class:camera, cell:NAME or device:ID, with the id as the device page shows it"
)]
pub struct ScopeError(String);

impl Place {
    /// What may speak to it, the most particular last.
    pub fn scopes(&self) -> [Scope; 4] {
        [
            Scope::Fleet,
            Scope::Class(self.class),
            Scope::Cell(self.cell.clone()),
            Scope::Device(self.device),
        ]
    }
}

impl Scope {
    /// The path of its target. A cell may be called anything, so its name is written as hexadecimal digits.
    pub fn path(&self) -> String {
        match self {
            Self::Fleet => format!("{FOLDER}/fleet"),
            Self::Class(class) => format!("{FOLDER}/class.{class}"),
            Self::Cell(cell) => {
                let cell = HEXLOWER.encode(cell.as_str().as_bytes());
                format!("{FOLDER}/cell.{cell}")
            }
            Self::Device(device) => format!("{FOLDER}/device.{device}"),
        }
    }

    /// Whose path it is, if it is one of these.
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.strip_prefix(FOLDER)?.strip_prefix('/')?;
        let scope = match name.split_once('.') {
            None if name == "fleet" => Self::Fleet,
            Some(("class", class)) => Self::Class(class.parse().ok()?),
            Some(("cell", cell)) => {
                let cell = HEXLOWER.decode(cell.as_bytes()).ok()?;
                Self::Cell(Name::new(String::from_utf8(cell).ok()?).ok()?)
            }
            Some(("device", device)) => Self::Device(device.parse().ok()?),
            _ => return None,
        };
        (scope.path() == path).then_some(scope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fleet => f.write_str("fleet"),
            Self::Class(class) => write!(f, "class:{class}"),
            Self::Cell(cell) => write!(f, "cell:{cell}"),
            Self::Device(device) => write!(f, "device:{device}"),
        }
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let refused = || ScopeError(text.to_owned());
        match text.split_once(':') {
            None if text == "fleet" => Ok(Self::Fleet),
            Some(("class", class)) => class.parse().map(Self::Class).map_err(|_| refused()),
            Some(("cell", cell)) => Name::new(cell).map(Self::Cell).map_err(|_| refused()),
            Some(("device", device)) => device.parse().map(Self::Device).map_err(|_| refused()),
            _ => Err(refused()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_a_word_each_lead_back_to_their_scope() {
        let scopes = [
            Scope::Fleet,
            Scope::Class(DeviceClass::Plc),
            Scope::Cell(Name::new("Halle 3 / Süd").expect("it fits")),
            Scope::Device(DeviceId::from_bytes([0xa7; 8])),
        ];
        for scope in scopes {
            assert_eq!(Scope::of_path(&scope.path()).as_ref(), Some(&scope));
            assert_eq!(scope.to_string().parse().as_ref(), Ok(&scope));
            assert_eq!(scope.path().split('/').count(), 3, "the role's pattern");
        }
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for path in [
            "policy/settings/",
            "policy/settings/fleet.x",
            "policy/settings/class.robot",
            "policy/settings/cell.zz",
            "policy/settings/cell.6A",
            "policy/other/fleet",
            "firmware/settings/fleet",
        ] {
            assert_eq!(Scope::of_path(path), None, "{path}");
        }
        for word in ["", "class:robot", "device:1", "cell:", "all", "fleet:x"] {
            assert!(word.parse::<Scope>().is_err(), "{word}");
        }
    }
}
