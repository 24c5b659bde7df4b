//! All alerts and incidents: sightings go in, and what has to be stored comes out.

use std::collections::{BTreeMap, BTreeSet};

use protocol::class::DeviceClass;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use thiserror::Error;

use crate::act::{Act, ActError};
use crate::alert::{Alert, State, bounded};
use crate::filter::Filter;
use crate::incident::{Incident, Told};
use crate::limits;
use crate::origins::Origins;
use crate::severity::Severity;
use crate::sighting::Sighting;
use crate::text::{Name, Says};
use crate::tuning::{self, Effect, Of, Tuning};

/// What is kept of one rule of one device, or of what else it is about.
type Key = (Name, Option<DeviceId>, Option<Name>);

/// Everything that is known, and what of it is not stored yet.
#[derive(Debug, Default)]
pub struct Book {
    alerts: BTreeMap<u64, Alert>,
    /// The newest alert of each rule and device.
    newest: BTreeMap<Key, u64>,
    incidents: BTreeMap<u64, Incident>,
    tunings: Vec<Tuning>,
    /// The highest number of each that was ever given.
    last: Numbers,
    dirty: Dirty,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Numbers {
    alert: u64,
    incident: u64,
    tuning: u64,
}

#[derive(Debug, Default)]
struct Dirty {
    alerts: BTreeSet<u64>,
    incidents: BTreeSet<u64>,
    tunings: BTreeSet<u64>,
}

/// Rows to write, and to remove where there is `None`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Rows {
    pub alerts: Vec<(u64, Option<Alert>)>,
    pub incidents: Vec<(u64, Option<Incident>)>,
    pub tunings: Vec<(u64, Option<Tuning>)>,
}

/// What became of a sighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    New(u64),
    Counted(u64),
    /// Its witnesses had told it before.
    Known(u64),
    /// Somebody has switched the rule off.
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TuneError {
    #[error(
        "until: choose a day within the next year, so that nothing stays off that nobody remembers"
    )]
    Until,
    #[error("there are {max} tunings: remove some first", max = limits::TUNINGS)]
    TooMany,
    #[error("there is no such tuning")]
    NoSuchTuning,
}

impl Book {
    /// Everything as it was stored.
    pub fn restore(alerts: Vec<Alert>, incidents: Vec<Incident>, tunings: Vec<Tuning>) -> Self {
        let last = Numbers {
            alert: alerts.iter().map(|alert| alert.number).max().unwrap_or(0),
            incident: incidents.iter().map(|it| it.number).max().unwrap_or(0),
            tuning: tunings.iter().map(|it| it.number).max().unwrap_or(0),
        };
        let mut book = Self {
            last,
            ..Self::default()
        };
        for alert in alerts {
            let key = (alert.rule.name.clone(), alert.device, alert.about.clone());
            let newest = book.newest.entry(key).or_insert(alert.number);
            *newest = (*newest).max(alert.number);
            book.alerts.insert(alert.number, alert);
        }
        book.incidents = incidents.into_iter().map(|it| (it.number, it)).collect();
        book.tunings = tunings;
        book
    }

    /// Takes a sighting. Who was closed begins a new alert; a false positive counts on and stays quiet.
    pub fn sight(
        &mut self,
        sighting: &Sighting,
        class: Option<DeviceClass>,
        now: Timestamp,
    ) -> Outcome {
        let (rule, device) = (&sighting.rule.name, sighting.device);
        let effect = tuning::effect(&self.tunings, rule, device, class, now);
        let severity = match effect {
            Some(Effect::Off) => return Outcome::Off,
            Some(Effect::Severity(severity)) => severity,
            None => sighting.rule.severity,
        };
        let key = (rule.clone(), device, sighting.about.clone());
        let before = self.newest.get(&key).copied();
        if let Some(alert) = before.and_then(|number| self.alerts.get_mut(&number)) {
            let number = alert.number;
            let mut again = alert.clone();
            if !again.count(sighting) {
                return Outcome::Known(number);
            }
            if alert.state != State::Closed {
                again.severity = severity;
                *alert = again;
                self.dirty.alerts.insert(number);
                self.touch(number, now);
                return Outcome::Counted(number);
            }
        }
        let number = self.begin(sighting, (severity, class, before), now);
        self.newest.insert(key, number);
        Outcome::New(number)
    }

    fn begin(
        &mut self,
        sighting: &Sighting,
        (severity, class, before): (Severity, Option<DeviceClass>, Option<u64>),
        now: Timestamp,
    ) -> u64 {
        self.make_room();
        self.last.alert += 1;
        let number = self.last.alert;
        let mut alert = Alert {
            number,
            rule: sighting.rule.clone(),
            severity,
            device: sighting.device,
            class,
            count: sighting.times.max(1),
            first: sighting.at,
            last: sighting.at,
            says: sighting.says.clone(),
            values: bounded(&sighting.values),
            witnesses: Vec::new(),
            cause: sighting.cause.clone(),
            incident: 0,
            state: State::Open,
            done: None,
            before,
            about: sighting.about.clone(),
            origins: Origins::default(),
        };
        alert.hear(&sighting.witnesses);
        alert.came_from(sighting);
        alert.incident = self.incident_for(&alert, now);
        self.alerts.insert(number, alert);
        self.dirty.alerts.insert(number);
        number
    }

    fn incident_for(&mut self, alert: &Alert, now: Timestamp) -> u64 {
        let mut newest_first = self.incidents.values_mut().rev();
        let found = newest_first.find(|incident| incident.takes(alert, now));
        if let Some(incident) = found {
            incident.last = now;
            incident.alerts += 1;
            // One cause that turns up beside what one device had is what they all share.
            incident.cause = incident.cause.take().or_else(|| alert.cause.clone());
            self.dirty.incidents.insert(incident.number);
            return incident.number;
        }
        self.last.incident += 1;
        let number = self.last.incident;
        let incident = Incident {
            number,
            cause: alert.cause.clone(),
            device: alert.device,
            first: now,
            last: now,
            alerts: 1,
            told: BTreeMap::new(),
        };
        self.incidents.insert(number, incident);
        self.dirty.incidents.insert(number);
        number
    }

    fn touch(&mut self, alert: u64, now: Timestamp) {
        let number = self.alerts.get(&alert).map(|alert| alert.incident);
        if let Some(incident) = number.and_then(|number| self.incidents.get_mut(&number)) {
            incident.last = now;
            self.dirty.incidents.insert(incident.number);
        }
    }

    /// Does what a person asks; hands out the alert as it was before and as it is.
    pub fn act(
        &mut self,
        number: u64,
        act: &Act,
        by: &Name,
        why: Option<Says>,
        now: Timestamp,
    ) -> Result<(Alert, Alert), ActError> {
        let alert = self.alerts.get_mut(&number).ok_or(ActError::NoSuchAlert)?;
        let before = alert.clone();
        alert.act(act, by, why, now)?;
        let after = alert.clone();
        self.dirty.alerts.insert(number);
        Ok((before, after))
    }

    /// Tunes a rule; what was said to the same of the same rule before is replaced. Alerts that are there already are
    /// weighed anew.
    pub fn tune(&mut self, tuning: Tuning, now: Timestamp) -> Result<Tuning, TuneError> {
        let length = tuning.until.since(now);
        if length.is_zero() || length > limits::LONGEST {
            return Err(TuneError::Until);
        }
        let same = |other: &Tuning| other.rule == tuning.rule && other.of == tuning.of;
        let gone: Vec<u64> = self
            .tunings
            .iter()
            .filter(|it| same(it) || it.until <= now)
            .map(|it| it.number)
            .collect();
        if self.tunings.len() - gone.len() >= limits::TUNINGS {
            return Err(TuneError::TooMany);
        }
        self.tunings.retain(|it| !gone.contains(&it.number));
        self.dirty.tunings.extend(gone);
        self.last.tuning += 1;
        let tuning = Tuning {
            number: self.last.tuning,
            ..tuning
        };
        self.dirty.tunings.insert(tuning.number);
        self.tunings.push(tuning.clone());
        self.weigh(&tuning.rule, now);
        Ok(tuning)
    }

    pub fn untune(&mut self, number: u64, now: Timestamp) -> Result<Tuning, TuneError> {
        let place = self.tunings.iter().position(|it| it.number == number);
        let tuning = self.tunings.remove(place.ok_or(TuneError::NoSuchTuning)?);
        self.dirty.tunings.insert(number);
        self.weigh(&tuning.rule, now);
        Ok(tuning)
    }

    fn weigh(&mut self, rule: &Name, now: Timestamp) {
        for alert in self.alerts.values_mut() {
            if alert.rule.name != *rule {
                continue;
            }
            let effect = tuning::effect(&self.tunings, rule, alert.device, alert.class, now);
            let severity = match effect {
                Some(Effect::Severity(severity)) => severity,
                Some(Effect::Off) | None => alert.rule.severity,
            };
            if alert.severity != severity {
                alert.severity = severity;
                self.dirty.alerts.insert(alert.number);
            }
        }
    }

    /// Whether somebody has switched a rule off for a device.
    pub fn is_off(&self, alert: &Alert, now: Timestamp) -> bool {
        let (rule, device) = (&alert.rule.name, alert.device);
        tuning::effect(&self.tunings, rule, device, alert.class, now) == Some(Effect::Off)
    }

    /// Notes what a route has told of an incident.
    pub fn tell(&mut self, incident: u64, route: &Name, told: Told) {
        if let Some(incident) = self.incidents.get_mut(&incident) {
            incident.told.insert(route.clone(), told);
            self.dirty.incidents.insert(incident.number);
        }
    }

    /// Drops what is too old.
    pub fn prune(&mut self, now: Timestamp) {
        let newest = self.last.alert;
        let is_old = |alert: &Alert| {
            let age = now.since(alert.last);
            // The newest stays, so that a restart knows which numbers were given.
            alert.number != newest
                && (age > limits::OPEN_KEPT || (alert.state.is_over() && age > limits::OVER_KEPT))
        };
        let old: Vec<u64> = self
            .alerts
            .values()
            .filter(|alert| is_old(alert))
            .map(|alert| alert.number)
            .collect();
        for number in old {
            self.forget(number);
        }
        let expired: Vec<u64> = self
            .tunings
            .iter()
            .filter(|it| it.until <= now)
            .map(|it| it.number)
            .collect();
        for number in expired {
            // It is in the list, because it was just read from there.
            let _ = self.untune(number, now);
        }
    }

    fn make_room(&mut self) {
        if self.alerts.len() < limits::ALERTS {
            return;
        }
        let oldest = self
            .alerts
            .values()
            .filter(|alert| alert.number != self.last.alert)
            .min_by_key(|alert| (!alert.state.is_over(), alert.last, alert.number));
        if let Some(number) = oldest.map(|alert| alert.number) {
            self.forget(number);
        }
    }

    fn forget(&mut self, number: u64) {
        let Some(alert) = self.alerts.remove(&number) else {
            return;
        };
        self.dirty.alerts.insert(number);
        let key = (alert.rule.name, alert.device, alert.about);
        if self.newest.get(&key) == Some(&number) {
            self.newest.remove(&key);
        }
        let is_last = self
            .alerts
            .values()
            .all(|other| other.incident != alert.incident);
        if is_last && self.incidents.remove(&alert.incident).is_some() {
            self.dirty.incidents.insert(alert.incident);
        }
    }

    pub fn alert(&self, number: u64) -> Option<&Alert> {
        self.alerts.get(&number)
    }

    pub fn incident(&self, number: u64) -> Option<&Incident> {
        self.incidents.get(&number)
    }

    pub fn incidents(&self) -> impl DoubleEndedIterator<Item = &Incident> {
        self.incidents.values()
    }

    /// Alerts of one incident, in the order of their numbers.
    pub fn of_incident(&self, number: u64) -> impl Iterator<Item = &Alert> {
        self.alerts
            .values()
            .filter(move |alert| alert.incident == number)
    }

    /// Those that wait for somebody to look at them, and whose rule nobody has switched off.
    pub fn open(&self, now: Timestamp) -> impl Iterator<Item = &Alert> {
        self.alerts
            .values()
            .filter(move |alert| alert.is_open(now) && !self.is_off(alert, now))
    }

    pub fn tunings(&self) -> &[Tuning] {
        &self.tunings
    }

    /// The tuning that holds for exactly this rule and these devices.
    pub fn tuning(&self, rule: &Name, of: Of) -> Option<&Tuning> {
        self.tunings
            .iter()
            .find(|it| it.rule == *rule && it.of == of)
    }

    /// Those that pass a filter: seen last first, after a cursor, `limit` at most.
    pub fn page(
        &self,
        filter: &Filter,
        after: Option<Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Vec<&Alert> {
        let mut found: Vec<&Alert> = self
            .alerts
            .values()
            .filter(|alert| filter.shows(alert, now))
            .filter(|alert| after.is_none_or(|after| Cursor::of(alert) < after))
            .collect();
        found.sort_by_key(|alert| std::cmp::Reverse(Cursor::of(alert)));
        found.truncate(limit);
        found
    }

    /// How many pass a filter.
    pub fn count(&self, filter: &Filter, now: Timestamp) -> usize {
        let all = self.alerts.values();
        all.filter(|alert| filter.shows(alert, now)).count()
    }

    /// What changed since [`Self::stored`] was last called.
    pub fn unstored(&self) -> Rows {
        let (alerts, incidents) = (&self.dirty.alerts, &self.dirty.incidents);
        let tuning = |number: &u64| self.tunings.iter().find(|it| it.number == *number);
        Rows {
            alerts: alerts
                .iter()
                .map(|number| (*number, self.alerts.get(number).cloned()))
                .collect(),
            incidents: incidents
                .iter()
                .map(|number| (*number, self.incidents.get(number).cloned()))
                .collect(),
            tunings: self
                .dirty
                .tunings
                .iter()
                .map(|number| (*number, tuning(number).cloned()))
                .collect(),
        }
    }

    /// Everything that [`Self::unstored`] handed out is durable.
    pub fn stored(&mut self) {
        self.dirty = Dirty::default();
    }
}

/// A place in the list of alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub last: Timestamp,
    pub number: u64,
}

impl Cursor {
    pub fn of(alert: &Alert) -> Self {
        Self {
            last: alert.last,
            number: alert.number,
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (last, number) = text.split_once('-')?;
        Some(Self {
            last: Timestamp::from_millis(last.parse().ok()?),
            number: number.parse().ok()?,
        })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.last.as_millis(), self.number)
    }
}

impl Rows {
    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.incidents.is_empty() && self.tunings.is_empty()
    }
}
