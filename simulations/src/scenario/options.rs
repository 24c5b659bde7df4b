//! What a run may be told beside its size and its seed; every scenario names its own defaults.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use thiserror::Error;

/// Choices that a scenario reads where it has them.
#[derive(Debug, Clone, PartialEq, Default, Args)]
pub struct Options {
    /// Virtual hours, where the scenario has a choice; fractions are fine.
    #[arg(long)]
    pub hours: Option<f64>,
    /// Virtual minutes, where the scenario has a choice.
    #[arg(long)]
    pub minutes: Option<f64>,
    /// Virtual days, where the scenario has a choice.
    #[arg(long)]
    pub days: Option<f64>,
    /// Seconds between two readings of a node, in place of what its class does.
    #[arg(long)]
    pub period: Option<f64>,
    /// How long a partition lasts.
    #[arg(long)]
    pub seconds: Option<f64>,
    /// The share of segments that is lost, between 0 and 1.
    #[arg(long)]
    pub loss: Option<f64>,
    /// The share of the fleet on the smaller side of a partition.
    #[arg(long)]
    pub share: Option<f64>,
    /// The share of the fleet that dies at once.
    #[arg(long)]
    pub dead: Option<f64>,
    /// The share of the fleet that lies.
    #[arg(long)]
    pub liars: Option<f64>,
    /// MiB of firmware that spread.
    #[arg(long)]
    pub mib: Option<f64>,
    /// MiB that every host sends and takes in a second, where the scenario caps them.
    #[arg(long)]
    pub rate_mib: Option<f64>,
    /// The share of the fleet that goes away meanwhile; half of them come back.
    #[arg(long)]
    pub churn: Option<f64>,
    /// The share of an image that is new to whoever runs the version before, where there is one.
    #[arg(long)]
    pub changed: Option<f64>,
    /// Power cuts, where the scenario makes them.
    #[arg(long)]
    pub cuts: Option<u64>,
    /// Whether the coordinator is there, where the scenario has a choice.
    #[arg(long, value_enum)]
    pub coordinator: Option<Presence>,
    /// Whether hosts have decoys, where the scenario has a choice.
    #[arg(long, value_enum)]
    pub decoys: Option<Presence>,
    /// The folder of public data, where the scenario reads some.
    #[arg(long, env = "PALISADE_DATA")]
    pub data: Option<PathBuf>,
    /// Worlds in one run, where the scenario draws them itself.
    #[arg(long)]
    pub seeds: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Presence {
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OptionError {
    #[error("--{0} must be more than zero")]
    NotPositive(&'static str),
    #[error("--{0} must lie between 0 and 1")]
    NoShare(&'static str),
}

impl Presence {
    fn word(self) -> String {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
        .to_owned()
    }
}

impl Options {
    /// Refuses what no scenario could run.
    pub fn check(&self) -> Result<(), OptionError> {
        for (name, value) in self.spans() {
            if value.is_some_and(|value| !(value.is_finite() && value > 0.0)) {
                return Err(OptionError::NotPositive(name));
            }
        }
        for (name, value) in self.shares() {
            if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
                return Err(OptionError::NoShare(name));
            }
        }
        Ok(())
    }

    /// Those that were given, as they stand on a command line.
    pub fn given(&self) -> impl Iterator<Item = (&'static str, String)> {
        let figures = self.spans().into_iter().chain(self.shares());
        let figures = figures.filter_map(|(name, value)| Some((name, value?.to_string())));
        let counts = [("cuts", self.cuts), ("seeds", self.seeds)];
        let counts = counts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.to_string())));
        let coordinator = self.coordinator.map(|there| ("coordinator", there.word()));
        let decoys = self.decoys.map(|there| ("decoys", there.word()));
        let data = self.data.as_ref();
        let data = data.map(|data| ("data", data.display().to_string()));
        figures
            .chain(counts)
            .chain(coordinator)
            .chain(decoys)
            .chain(data)
    }

    const fn spans(&self) -> [(&'static str, Option<f64>); 7] {
        [
            ("period", self.period),
            ("hours", self.hours),
            ("minutes", self.minutes),
            ("days", self.days),
            ("seconds", self.seconds),
            ("mib", self.mib),
            ("rate-mib", self.rate_mib),
        ]
    }

    const fn shares(&self) -> [(&'static str, Option<f64>); 6] {
        [
            ("loss", self.loss),
            ("share", self.share),
            ("dead", self.dead),
            ("liars", self.liars),
            ("churn", self.churn),
            ("changed", self.changed),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_options_are_named() {
        let hours = |hours| Options {
            hours: Some(hours),
            ..Options::default()
        };
        assert_eq!(hours(0.1).check(), Ok(()));
        assert_eq!(hours(0.0).check(), Err(OptionError::NotPositive("hours")));
        assert!(hours(f64::NAN).check().is_err());
        let loss = Options {
            loss: Some(1.5),
            ..Options::default()
        };
        assert_eq!(loss.check(), Err(OptionError::NoShare("loss")));
    }

    #[test]
    fn what_was_given_is_repeated_and_nothing_else() {
        let options = Options {
            dead: Some(0.5),
            cuts: Some(10),
            ..Options::default()
        };
        let given: Vec<_> = options.given().collect();
        assert_eq!(
            given,
            [("dead", "0.5".to_owned()), ("cuts", "10".to_owned())]
        );
    }
}
