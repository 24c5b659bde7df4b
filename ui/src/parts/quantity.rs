//! Measured quantities as people read them, and meters that show a share of a whole.

use language::number::{decimal, grouped};
use language::{fill, say, word};
use maud::{Markup, html};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Percent,
    Bytes,
    BytesPerSecond,
    Celsius,
}

impl Unit {
    pub fn format(self, value: f64) -> String {
        match self {
            Self::Percent => say!("{n} %", n = digits(value)),
            Self::Celsius => say!("{n} °C", n = digits(value)),
            Self::Bytes => bytes(value),
            Self::BytesPerSecond => say!("{size}/s", size = bytes(value)),
        }
    }

    /// A round top for an axis that must hold `highest`.
    pub fn axis_top(self, highest: f64) -> f64 {
        match self {
            Self::Percent if highest <= 100.0 => 100.0,
            Self::Percent | Self::Celsius => round_up(highest.max(1.0), 10.0),
            Self::Bytes | Self::BytesPerSecond => round_up(highest.max(1.0), 1024.0),
        }
    }
}

/// The share of `total` that is used, in words and as a bar.
pub fn usage(label: &str, used: u64, total: u64) -> Markup {
    let (used_f, total_f) = (used as f64, total as f64);
    let share = if total == 0 { 0.0 } else { used_f / total_f };
    html! {
        span.usage {
            meter min="0" max="1" low=".75" high=".9" optimum="0" value=(format!("{share:.3}")) aria-label=(label) {}
            span { (say!("{used} of {total} ({share})", used = bytes(used_f), total = bytes(total_f), share = Unit::Percent.format(share * 100.0))) }
        }
    }
}

/// A number with thin spaces between thousands.
pub fn count(number: u64) -> String {
    grouped(number)
}

/// Tenths of something, such as the points of a score: "71.3".
pub fn tenths(number: u32) -> String {
    decimal(f64::from(number) / 10.0, 1)
}

pub fn bytes(value: f64) -> String {
    let mut scaled = value.max(0.0);
    for unit in [
        word!("{n} B", n),
        word!("{n} KiB", n),
        word!("{n} MiB", n),
        word!("{n} GiB", n),
    ] {
        if scaled < 1024.0 {
            return fill(unit.now(), &[("n", &digits(scaled))]);
        }
        scaled /= 1024.0;
    }
    say!("{n} TiB", n = digits(scaled))
}

fn digits(value: f64) -> String {
    let mut digits = decimal(value, usize::from(value.abs() < 9.95));
    if digits.ends_with(".0") || digits.ends_with(",0") {
        digits.truncate(digits.len() - 2);
    }
    digits
}

fn round_up(value: f64, base: f64) -> f64 {
    let mut power = 1.0;
    while power * base < value {
        power *= base;
    }
    let steps = if base > 10.0 {
        &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0][..]
    } else {
        &[1.0, 2.0, 5.0][..]
    };
    let fitting = steps
        .iter()
        .map(|step| step * power)
        .find(|top| *top >= value);
    fitting.unwrap_or(power * base)
}

#[cfg(test)]
mod tests {
    use language::{Language, present::speaking};

    use super::*;

    #[test]
    fn quantities_read_as_people_write_them() {
        assert_eq!(Unit::Percent.format(3.0), "3 %");
        assert_eq!(Unit::Percent.format(12.34), "12 %");
        assert_eq!(Unit::BytesPerSecond.format(1536.0), "1.5 KiB/s");
        assert_eq!(bytes(5.0 * 1024.0 * 1024.0 * 1024.0), "5 GiB");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn french_has_its_own_units_and_a_comma() {
        let french = |write: fn() -> String| speaking(Language::French, write);
        assert_eq!(french(|| bytes(1536.0)), "1,5\u{202f}Kio");
        assert_eq!(french(|| bytes(2048.0)), "2\u{202f}Kio");
        assert_eq!(french(|| Unit::Percent.format(3.25)), "3,2\u{202f}%");
        assert_eq!(french(|| tenths(713)), "71,3");
    }

    #[test]
    fn an_axis_ends_on_a_round_number_above_the_highest_value() {
        assert!((Unit::Percent.axis_top(37.0) - 100.0).abs() < f64::EPSILON);
        assert!((Unit::Celsius.axis_top(62.0) - 100.0).abs() < f64::EPSILON);
        assert!((Unit::Celsius.axis_top(47.0) - 50.0).abs() < f64::EPSILON);
        assert!((Unit::BytesPerSecond.axis_top(3_000.0) - 4_096.0).abs() < f64::EPSILON);
        assert!((Unit::Bytes.axis_top(0.0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_disk_of_unknown_size_is_not_full() {
        assert!(
            usage("Disk", 0, 0)
                .into_string()
                .contains("value=\"0.000\"")
        );
    }
}
