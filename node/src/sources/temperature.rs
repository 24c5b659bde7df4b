//! The hottest sensor of the host.

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// Sensors that are read at most.
const SENSORS: usize = 32;
/// What is outside comes from a sensor that is broken or not connected.
const PLAUSIBLE_MC: RangeInclusive<i32> = -60_000..=150_000;

/// The sensors as they were found at the start.
#[derive(Debug)]
pub(super) struct Sensors(Vec<PathBuf>);

impl Sensors {
    /// Thermal zones, or what the hardware monitors offer if there are none: reading some of those wakes a drive.
    pub(super) fn found() -> Self {
        let zones = sensors(Path::new("/sys/class/thermal"), "thermal_zone", "temp");
        let found = if zones.is_empty() { monitors() } else { zones };
        Self(found.into_iter().take(SENSORS).collect())
    }

    pub(super) fn hottest_mc(&self) -> Option<i32> {
        let read = |path: &PathBuf| parsed(&fs::read_to_string(path).ok()?);
        self.0.iter().filter_map(read).max()
    }
}

fn parsed(text: &str) -> Option<i32> {
    text.trim()
        .parse()
        .ok()
        .filter(|found| PLAUSIBLE_MC.contains(found))
}

fn monitors() -> Vec<PathBuf> {
    let input = |number| format!("temp{number}_input");
    (1..=4)
        .flat_map(|number| sensors(Path::new("/sys/class/hwmon"), "hwmon", &input(number)))
        .collect()
}

fn sensors(class: &Path, prefix: &str, file: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(class).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    let mut found: Vec<_> = named
        .map(|entry| entry.path().join(file))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disconnected_sensor_is_not_the_hottest() {
        assert_eq!(parsed("41500\n"), Some(41_500));
        assert_eq!(parsed("255000\n"), None);
        assert_eq!(parsed("-273150\n"), None);
        assert_eq!(parsed("hot\n"), None);
    }

    #[test]
    fn the_hottest_of_several_files_counts() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for (zone, value) in [
            ("thermal_zone0", "40000"),
            ("thermal_zone1", "52000"),
            ("cooling", "90000"),
        ] {
            fs::create_dir(dir.path().join(zone)).expect("it is free");
            fs::write(dir.path().join(zone).join("temp"), value).expect("it is ours");
        }
        let sensors = Sensors(sensors(dir.path(), "thermal_zone", "temp"));
        assert_eq!(sensors.hottest_mc(), Some(52_000));
    }
}
