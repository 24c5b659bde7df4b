//! Numbers as each language writes them.

use crate::Language;
use crate::present::present;

/// Between thousands: the narrow no-break space of both English (ISO 80000-1) and French.
const THIN: char = '\u{202f}';

/// Numbers that [`crate::count!`] takes.
pub trait Whole {
    fn whole(self) -> u64;
}

impl Whole for u64 {
    fn whole(self) -> u64 {
        self
    }
}

impl Whole for usize {
    fn whole(self) -> u64 {
        self as u64
    }
}

impl Whole for u32 {
    fn whole(self) -> u64 {
        self.into()
    }
}

impl Whole for u16 {
    fn whole(self) -> u64 {
        self.into()
    }
}

impl Whole for u8 {
    fn whole(self) -> u64 {
        self.into()
    }
}

/// A number with thin spaces between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(THIN);
        }
        grouped.push(digit);
    }
    grouped
}

/// A number with `places` after the point, or in French after the comma.
pub fn decimal(value: f64, places: usize) -> String {
    let plain = format!("{value:.places$}");
    match present() {
        Language::English => plain,
        Language::French => plain.replace('.', ","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::speaking;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn french_writes_a_comma() {
        assert_eq!(decimal(1.25, 2), "1.25");
        assert_eq!(speaking(Language::French, || decimal(1.25, 2)), "1,25");
    }
}
