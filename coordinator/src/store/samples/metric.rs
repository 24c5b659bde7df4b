//! The figures that are kept over time, and how they follow from a reading.

use protocol::statement::host::{Disk, Reading};

/// One figure of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Busy share of all cores, in thousandths.
    CpuPermille,
    MemoryUsedKib,
    /// Used share of the memory, in thousandths.
    MemoryUsedPermille,
    /// The hottest sensor, in thousandths of a degree Celsius.
    TemperatureMc,
    /// Used share of the fullest disk, in thousandths.
    DiskUsedPermille,
    /// Bytes received on all interfaces in one period.
    ReceivedBytes,
    /// Bytes sent on all interfaces in one period.
    SentBytes,
}

pub(super) const METRICS: usize = 7;

impl Metric {
    pub const ALL: [Self; METRICS] = [
        Self::CpuPermille,
        Self::MemoryUsedKib,
        Self::MemoryUsedPermille,
        Self::TemperatureMc,
        Self::DiskUsedPermille,
        Self::ReceivedBytes,
        Self::SentBytes,
    ];

    /// The stable word used in addresses and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CpuPermille => "cpu_permille",
            Self::MemoryUsedKib => "memory_used_kib",
            Self::MemoryUsedPermille => "memory_used_permille",
            Self::TemperatureMc => "temperature_mc",
            Self::DiskUsedPermille => "disk_used_permille",
            Self::ReceivedBytes => "rx_bytes",
            Self::SentBytes => "tx_bytes",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.word() == word)
    }
}

/// The figures of a reading, in the order of [`Metric::ALL`].
pub(super) fn figures(reading: &Reading) -> [Option<i64>; METRICS] {
    let moved = |of: fn(&protocol::statement::host::Interface) -> u64| {
        let sum = reading
            .interfaces
            .iter()
            .fold(0, |sum: u64, interface| sum.saturating_add(of(interface)));
        (!reading.interfaces.is_empty()).then(|| signed(sum))
    };
    [
        Some(i64::from(reading.cpu_permille)),
        Some(signed(reading.memory_used_kib)),
        permille(reading.memory_used_kib, reading.memory_total_kib),
        reading.temperature_mc.map(i64::from),
        reading.disks.iter().filter_map(used).max(),
        moved(|interface| interface.received),
        moved(|interface| interface.sent),
    ]
}

fn used(disk: &Disk) -> Option<i64> {
    permille(disk.used_mib, disk.total_mib)
}

fn permille(part: u64, whole: u64) -> Option<i64> {
    let share = u128::from(part) * 1000;
    let share = share.checked_div(u128::from(whole))?;
    i64::try_from(share).ok()
}

fn signed(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for metric in Metric::ALL {
            assert_eq!(Metric::from_word(metric.word()), Some(metric));
        }
        assert_eq!(Metric::from_word("cpu"), None);
    }

    #[test]
    fn a_host_without_sensors_has_no_figure_for_them() {
        let figures = figures(&Reading {
            cpu_permille: 12,
            ..Reading::default()
        });
        assert_eq!(figures[Metric::CpuPermille as usize], Some(12));
        assert_eq!(figures[Metric::TemperatureMc as usize], None);
        assert_eq!(figures[Metric::MemoryUsedPermille as usize], None);
        assert_eq!(figures[Metric::ReceivedBytes as usize], None);
    }
}
