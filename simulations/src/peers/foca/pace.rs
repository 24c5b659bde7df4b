//! foca's settings for a fleet of a size: its own two, and its own stretched to our beat.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use clap::ValueEnum;
use foca::Config;

/// How often our nodes tell their witnesses that they are there.
const BEAT: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Pace {
    /// `Config::new_lan`: a probe each second.
    #[default]
    Lan,
    /// The same with a probe each five seconds, as we beat; the suspicion grows with it, as foca computes it.
    Beat,
    /// `Config::new_wan`: a probe each five seconds, and a longer suspicion.
    Wan,
}

impl Pace {
    /// For people: where these settings come from.
    pub const fn settings(self) -> &'static str {
        match self {
            Self::Lan => "Config::new_lan",
            Self::Beat => "Config::new_lan at our beat",
            Self::Wan => "Config::new_wan",
        }
    }

    pub fn config(self, nodes: usize) -> Config {
        let nodes = u32::try_from(nodes).ok().and_then(NonZeroU32::new);
        let nodes = nodes.expect("a schedule has at least two nodes, and far fewer than 2^32");
        match self {
            Self::Lan => Config::new_lan(nodes),
            Self::Wan => Config::new_wan(nodes),
            Self::Beat => {
                let lan = Config::new_lan(nodes);
                let longer = BEAT.div_duration_f64(lan.probe_period);
                Config {
                    probe_period: BEAT,
                    suspect_to_down_after: lan.suspect_to_down_after.mul_f64(longer),
                    ..lan
                }
            }
        }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lan => "lan",
            Self::Beat => "beat",
            Self::Wan => "wan",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slower_probe_stretches_the_suspicion_alike() {
        let [lan, beat, wan] = [Pace::Lan, Pace::Beat, Pace::Wan].map(|pace| pace.config(1000));
        let periods = |config: &Config| {
            (
                config.probe_period.as_secs(),
                config.suspect_to_down_after.as_secs(),
            )
        };
        assert_eq!(
            [periods(&lan), periods(&beat), periods(&wan)],
            [(1, 12), (5, 60), (5, 90)]
        );
    }
}
