//! Who made a device, as far as the first three bytes of its hardware address tell: a hint for people, never proof.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::class::Class;
use crate::mac::Mac;

/// A maker, and what it mostly makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendor {
    pub name: String,
    /// What its devices mostly are; `None` where it makes many things.
    pub class: Option<Class>,
}

/// The vendors that the caller knows.
#[derive(Debug, Clone, Default)]
pub struct Vendors(BTreeMap<[u8; 3], Vendor>);

/// A line of a table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "line {0} of the vendor table is not `001122 class name`: write `-` where there is no class"
)]
pub struct VendorsError(usize);

/// Vendors of sensors, cameras, controllers and meters that are met often.
///
/// Picked by hand from the IEEE's public registry (MA-L, standards-oui.ieee.org) and not compared with its latest
/// edition. It is a start: a caller may read the whole registry into the same form.
pub const WELL_KNOWN: &str = include_str!("vendor/well_known.txt");

impl Vendors {
    /// Reads lines of six hexadecimal digits, a class or `-`, and a name; `#` begins a comment.
    pub fn read(table: &str) -> Result<Self, VendorsError> {
        let mut vendors = Self::default();
        for (line, number) in table.lines().zip(1..) {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                let (part, vendor) = entry(line).ok_or(VendorsError(number))?;
                vendors.0.insert(part, vendor);
            }
        }
        Ok(vendors)
    }

    /// The vendors of [`WELL_KNOWN`].
    pub fn well_known() -> Self {
        Self::read(WELL_KNOWN).expect("the table that ships is read in the tests")
    }

    /// `None` for addresses that their owners chose.
    pub fn of(&self, mac: Mac) -> Option<&Vendor> {
        self.0
            .get(&mac.vendor_part())
            .filter(|_| !mac.is_own_choice())
    }
}

fn entry(line: &str) -> Option<([u8; 3], Vendor)> {
    let (digits, rest) = line.split_once(' ')?;
    let (class, name) = rest.trim_start().split_once(' ')?;
    let class = match class {
        "-" => None,
        word => Some(Class::of(word)?),
    };
    let digits = Some(digits).filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let [_, high, mid, low] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    let name = name.trim().to_owned();
    Some(([high, mid, low], Vendor { name, class }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_that_ships_is_sound() {
        let vendors = Vendors::read(WELL_KNOWN).expect("it is sound");
        assert!(vendors.0.len() >= 50, "{}", vendors.0.len());
        let hue = vendors
            .of(Mac([0x00, 0x17, 0x88, 1, 2, 3]))
            .expect("it is there");
        assert_eq!(hue.name, "Philips Lighting");
        assert_eq!(vendors.of(Mac([0x02, 0x17, 0x88, 1, 2, 3])), None);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let read = |table| Vendors::read(table).map(|_| ());
        assert_eq!(read("# x\n\n001788 gateway Philips"), Ok(()));
        assert_eq!(read("# x\n00178 - Philips"), Err(VendorsError(2)));
        assert_eq!(read("001788 toaster Philips"), Err(VendorsError(1)));
        assert_eq!(read("001788"), Err(VendorsError(1)));
    }
}
