//! What one channel is told at once: an incident with its alerts and their counts, or several that share a letter.

use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};
use protocol::id::DeviceId;
use protocol::text::Line;
use protocol::time::Timestamp;

use crate::alert::Alert;
use crate::limits;
use crate::severity::Severity;
use crate::text::{Name, Title, fitted};

/// One letter, as it was when it was written: sending it again sends the same.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Letter {
    /// The same for every attempt: a receiver takes it once.
    #[n(0)]
    pub id: Name,
    #[n(1)]
    pub channel: Name,
    #[n(2)]
    pub kind: Kind,
    #[n(3)]
    pub severity: Severity,
    #[n(4)]
    pub incidents: Vec<u64>,
    /// The gravest first, [`limits::LETTER_ALERTS`] at most.
    #[n(5)]
    pub items: Vec<Item>,
    /// Alerts that are not among them.
    #[n(6)]
    pub more: u32,
    /// How often all of them were seen.
    #[n(7)]
    pub count: u32,
    #[n(8)]
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    /// The daily list.
    #[n(0)]
    Digest,
    /// It goes on.
    #[n(1)]
    Again,
    #[n(2)]
    New,
    /// It became graver than what was told.
    #[n(3)]
    Worse,
    /// Nobody has acknowledged it in time.
    #[n(4)]
    Escalation,
    /// Nothing has happened.
    #[n(5)]
    Test,
}

/// One alert in a letter.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Item {
    #[n(0)]
    pub alert: u64,
    #[n(1)]
    pub title: Title,
    #[n(2)]
    pub severity: Severity,
    /// What the device is called, which it may have chosen itself.
    #[n(3)]
    pub device: Option<Name>,
    #[n(4)]
    pub count: u32,
    #[n(5)]
    pub first: Timestamp,
    #[n(6)]
    pub last: Timestamp,
    #[n(7)]
    pub says: Line<256>,
    /// "usually 3, now 41".
    #[n(8)]
    pub evidence: Option<Line<200>>,
}

impl Kind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Again => "again",
            Self::New => "new",
            Self::Worse => "worse",
            Self::Escalation => "escalation",
            Self::Test => "test",
        }
    }
}

impl Item {
    fn of(alert: &Alert, name: &dyn Fn(&DeviceId) -> Name) -> Self {
        let evidence = alert.values.iter().find(|value| value.usual.is_some());
        Self {
            alert: alert.number,
            title: alert.rule.title.clone(),
            severity: alert.severity,
            device: alert.device.as_ref().map(name),
            count: alert.count,
            first: alert.first,
            last: alert.last,
            says: fitted(alert.says.as_str()),
            evidence: evidence.and_then(|value| {
                let usual = value.usual.as_ref()?;
                Line::fitted(&format!(
                    "{}: usually {usual}, now {}",
                    value.what, value.seen
                ))
            }),
        }
    }
}

impl Letter {
    /// A letter about some alerts, of which one at least is there.
    pub(crate) fn about(
        (channel, kind): (&Name, Kind),
        alerts: &mut Vec<&Alert>,
        name: &dyn Fn(&DeviceId) -> Name,
        now: Timestamp,
    ) -> Self {
        alerts.sort_by_key(|alert| {
            (
                std::cmp::Reverse((alert.severity, alert.last)),
                alert.number,
            )
        });
        let mut incidents: Vec<u64> = alerts.iter().map(|alert| alert.incident).collect();
        incidents.sort_unstable();
        incidents.dedup();
        incidents.truncate(limits::LETTER_INCIDENTS);
        let count = alerts.iter().map(|alert| alert.count);
        let shown = alerts.iter().take(limits::LETTER_ALERTS);
        let items: Vec<Item> = shown.map(|alert| Item::of(alert, name)).collect();
        let more = alerts.len() - items.len();
        let severity = alerts
            .first()
            .map_or(Severity::Info, |alert| alert.severity);
        let count = count.fold(0, u32::saturating_add);
        Self {
            id: id(channel, kind, &incidents, count, now),
            channel: channel.clone(),
            kind,
            severity,
            incidents,
            items,
            more: u32::try_from(more).unwrap_or(u32::MAX),
            count,
            at: now,
        }
    }

    /// A letter that says that nothing has happened.
    pub fn test(channel: &Name, now: Timestamp) -> Self {
        Self {
            id: id(channel, Kind::Test, &[], 0, now),
            channel: channel.clone(),
            kind: Kind::Test,
            severity: Severity::Info,
            incidents: Vec::new(),
            items: Vec::new(),
            more: 0,
            count: 0,
            at: now,
        }
    }

    /// One line, without anything that could end a header.
    pub fn subject(&self) -> String {
        let Some(first) = self.items.first() else {
            return "Palisade: this is a test, nothing has happened".to_owned();
        };
        let alerts = self.items.len() + self.more as usize;
        let device = first
            .device
            .as_ref()
            .map_or("the mesh", |name| name.as_str());
        let mut subject = match self.kind {
            Kind::Digest => return format!("Palisade: {alerts} alerts are open"),
            Kind::Again => "Palisade, again".to_owned(),
            Kind::Escalation => "Palisade, nobody has acknowledged".to_owned(),
            Kind::New | Kind::Worse | Kind::Test => "Palisade".to_owned(),
        };
        write!(subject, ": {}: {} on {device}", self.severity, first.title)
            .expect("writing to a String cannot fail");
        if alerts > 1 {
            write!(subject, " and {} more", alerts - 1).expect("writing to a String cannot fail");
        }
        if self.count > 1 {
            write!(subject, " ({} times)", self.count).expect("writing to a String cannot fail");
        }
        subject
    }

    /// What stands above the list.
    pub fn opening(&self) -> String {
        let alerts = self.items.len() + self.more as usize;
        match self.kind {
            Kind::Test => "This is a test. Nothing has happened.".to_owned(),
            Kind::Digest => format!("{alerts} alerts are open."),
            Kind::New => format!("{alerts} new, seen {} in all.", times(self.count)),
            Kind::Again => format!("It goes on: seen {} by now.", times(self.count)),
            Kind::Worse => format!(
                "It became worse: {alerts} open, seen {}.",
                times(self.count)
            ),
            Kind::Escalation => {
                format!(
                    "Nobody has acknowledged it yet: {alerts} open, seen {}.",
                    times(self.count)
                )
            }
        }
    }
}

/// "once", "3 times".
pub fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

fn id(channel: &Name, kind: Kind, incidents: &[u64], count: u32, now: Timestamp) -> Name {
    let mut hasher = blake3::Hasher::new_derive_key("palisade 2026 letter");
    hasher.update(&(channel.as_str().len() as u64).to_le_bytes());
    hasher.update(channel.as_str().as_bytes());
    hasher.update(kind.word().as_bytes());
    for incident in incidents {
        hasher.update(&incident.to_le_bytes());
    }
    hasher.update(&count.to_le_bytes());
    hasher.update(&now.as_millis().to_le_bytes());
    fitted(&HEXLOWER.encode(&hasher.finalize().as_bytes()[..16]))
}
