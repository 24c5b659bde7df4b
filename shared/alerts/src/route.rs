//! Who hears of what, and when: routes, quiet hours, and how often a channel may be used.

use std::collections::BTreeSet;
use std::time::Duration;

use language::Language;
use protocol::class::DeviceClass;
use thiserror::Error;

use crate::alert::Alert;
use crate::hours::{Hours, Offset};
use crate::severity::Severity;
use crate::text::{Name, fitted};

/// Letters of a name of a route or a channel; two of them with a slash fit into a name.
pub const NAME_BYTES: usize = 24;

/// Everything that decides who is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    pub routes: Vec<Route>,
    /// Those that exist, by name.
    pub channels: BTreeSet<Name>,
    pub quiet: Option<Quiet>,
    pub pace: Pace,
    pub offset: Offset,
    pub digest: Option<Digest>,
}

/// Alerts of a kind go to some channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub name: Name,
    pub to: Vec<Name>,
    /// At least.
    pub severity: Severity,
    /// Of these classes only; empty for all.
    pub classes: BTreeSet<DeviceClass>,
    /// At these times of day only.
    pub hours: Option<Hours>,
    /// An escalation: only what nobody has acknowledged for so long.
    pub after: Duration,
    /// Of its letters; where two routes lead to one channel, the first that is due decides.
    pub language: Language,
}

/// When nobody is told but of what matters most; the rest waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub hours: Hours,
    /// What is told all the same.
    pub unless: Severity,
}

/// How often one channel is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Before the first letter of an incident, so that its copies are counted in it.
    pub gather: Duration,
    /// Between two letters about one incident that goes on.
    pub again: Duration,
    /// Letters of one channel in an hour.
    pub per_hour: u32,
    /// Where more incidents are due for one channel, they share a letter.
    pub together_above: usize,
}

/// All that is open, once a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Minute of the day.
    pub at: u16,
    pub to: Vec<Name>,
    pub language: Language,
}

/// What is wrong with a plan that can be obeyed all the same.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Warning {
    #[error("there is no route: nobody is told of any alert")]
    NoRoute,
    #[error("route {0} has no recipient: what it takes is told to nobody")]
    NoRecipient(Name),
    #[error("{from} names the channel {channel}, which does not exist")]
    NoSuchChannel { from: Name, channel: Name },
    #[error("no route takes {0} alerts at every time of day")]
    Uncovered(Severity),
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            gather: Duration::from_secs(3),
            again: Duration::from_secs(3_600),
            per_hour: 20,
            together_above: 3,
        }
    }
}

impl Route {
    pub fn takes(&self, alert: &Alert) -> bool {
        let of_class = self.classes.is_empty()
            || alert
                .class
                .is_some_and(|class| self.classes.contains(&class));
        of_class && alert.severity >= self.severity
    }

    pub fn is_open(&self, minute: u16) -> bool {
        self.hours.is_none_or(|hours| hours.covers(minute))
    }

    /// Under which an incident remembers what this route has told a channel.
    pub(crate) fn mark(&self, channel: &Name) -> Name {
        fitted(&format!("{}/{channel}", self.name))
    }
}

impl Plan {
    /// What a channel is told in where nothing is due: that of the first route to it.
    pub fn language_of(&self, channel: &Name) -> Language {
        let route = self.routes.iter().find(|route| route.to.contains(channel));
        route.map(|route| route.language).unwrap_or_default()
    }

    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if self.routes.is_empty() {
            warnings.push(Warning::NoRoute);
        }
        let digest = self.digest.iter().map(|it| (fitted("digest"), &it.to));
        let lists = self.routes.iter().map(|it| (it.name.clone(), &it.to));
        for (name, to) in lists.chain(digest) {
            let known = to.iter().filter(|to| self.channels.contains(*to)).count();
            let missing = to.iter().filter(|to| !self.channels.contains(*to));
            warnings.extend(missing.map(|channel| Warning::NoSuchChannel {
                from: name.clone(),
                channel: channel.clone(),
            }));
            if known == 0 {
                warnings.push(Warning::NoRecipient(name));
            }
        }
        if !self.routes.is_empty() && !self.covers(Severity::Critical) {
            warnings.push(Warning::Uncovered(Severity::Critical));
        }
        warnings
    }

    /// Whether alerts of a severity reach somebody at once, of whatever class and at whatever time.
    fn covers(&self, severity: Severity) -> bool {
        let takes = |route: &&Route| {
            route.severity <= severity && route.classes.is_empty() && route.after.is_zero()
        };
        let routes: Vec<&Route> = self.routes.iter().filter(takes).collect();
        (0..1_440).all(|minute| routes.iter().any(|route| route.is_open(minute)))
    }
}
