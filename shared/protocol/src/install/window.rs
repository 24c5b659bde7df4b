//! When a device may switch, by its own wall clock.

use crate::time::Timestamp;

const DAY_MIN: u64 = 24 * 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    #[default]
    Always,
    /// Every day from one minute of the local day up to another; over midnight where it ends before it begins.
    Daily {
        from_min: u16,
        until_min: u16,
        /// How far the device's local time is ahead of UTC.
        ahead_min: i16,
    },
}

impl Window {
    pub fn is_open(&self, wall: Timestamp) -> bool {
        match *self {
            Self::Always => true,
            Self::Daily {
                from_min,
                until_min,
                ahead_min,
            } => {
                let minute = minute_of_day(wall, ahead_min);
                let (from, until) = (u64::from(from_min), u64::from(until_min));
                if from <= until {
                    (from..until).contains(&minute)
                } else {
                    minute >= from || minute < until
                }
            }
        }
    }
}

fn minute_of_day(wall: Timestamp, ahead_min: i16) -> u64 {
    let utc = wall.as_millis() / 60_000 % DAY_MIN;
    let ahead = i64::from(ahead_min)
        .rem_euclid(DAY_MIN as i64)
        .unsigned_abs();
    (utc + ahead) % DAY_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u64, minute: u64) -> Timestamp {
        Timestamp::from_millis(((20_000 * 24 + hour) * 60 + minute) * 60_000)
    }

    #[test]
    fn a_window_opens_and_closes_in_the_time_of_the_device() {
        let night = Window::Daily {
            from_min: 23 * 60,
            until_min: 4 * 60,
            ahead_min: 60,
        };
        assert!(night.is_open(at(22, 0)), "23:00 where the device is");
        assert!(night.is_open(at(2, 59)));
        assert!(!night.is_open(at(3, 0)), "04:00 where the device is");
        assert!(!night.is_open(at(12, 0)));
        let morning = Window::Daily {
            from_min: 60,
            until_min: 120,
            ahead_min: -300,
        };
        assert!(morning.is_open(at(6, 30)));
        assert!(!morning.is_open(at(1, 30)));
        assert!(Window::Always.is_open(at(0, 0)));
    }
}
