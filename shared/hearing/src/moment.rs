//! When something was heard, as the caller's clock or the capture file has it.

use std::time::Duration;

/// Microseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Seconds and a part of one, as logs write them; `None` for what no clock shows.
    pub fn from_decimal_secs(secs: f64) -> Option<Self> {
        let micros = secs * 1e6;
        ((0.0..1e18).contains(&micros)).then_some(Self(micros as u64))
    }

    pub const fn micros(self) -> u64 {
        self.0
    }

    /// The time since then; none where the clock was set back in between.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(micros))
    }
}
