//! What one channel is told at once: an incident with its alerts and their counts, or several that share a letter.

use data_encoding::HEXLOWER;
use language::present::speaking;
use language::{Language, count, say, written};
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
    /// Of the route that was due; what devices and rules say stays as it is.
    #[cbor(n(9), with = "crate::tongue", has_nil)]
    pub language: Language,
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
                Line::fitted(&say!(
                    "{what}: usually {usual}, now {seen}",
                    what = value.what,
                    usual,
                    seen = value.seen
                ))
            }),
        }
    }
}

impl Letter {
    /// A letter about some alerts, of which one at least is there.
    pub(crate) fn about(
        (channel, kind, language): (&Name, Kind, Language),
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
        let items: Vec<Item> = speaking(language, || {
            shown.map(|alert| Item::of(alert, name)).collect()
        });
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
            language,
        }
    }

    /// A letter that says that nothing has happened.
    pub fn test(channel: &Name, language: Language, now: Timestamp) -> Self {
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
            language,
        }
    }

    /// One line, without anything that could end a header.
    pub fn subject(&self) -> String {
        speaking(self.language, || self.subject_now())
    }

    fn subject_now(&self) -> String {
        let Some(first) = self.items.first() else {
            return say!("Palisade: this is a test, nothing has happened").to_owned();
        };
        let alerts = self.items.len() + self.more as usize;
        let device = first
            .device
            .as_ref()
            .map_or(say!("the mesh"), |name| name.as_str());
        let begins = match self.kind {
            Kind::Digest => {
                return count!(
                    alerts,
                    "Palisade: {n} alert is open",
                    "Palisade: {n} alerts are open"
                );
            }
            Kind::Again => say!("Palisade, again"),
            Kind::Escalation => say!("Palisade, nobody has acknowledged"),
            Kind::New | Kind::Worse | Kind::Test => say!("letter|Palisade"),
        };
        let mut subject = say!(
            "{begins}: {severity}: {title} on {device}",
            begins,
            severity = self.severity.shown(),
            title = written::spoken(first.title.as_str()),
            device
        );
        if alerts > 1 {
            subject += &say!(" and {number} more", number = alerts - 1);
        }
        if self.count > 1 {
            subject += &say!(" ({number} times)", number = self.count);
        }
        subject
    }

    /// What stands above the list.
    pub fn opening(&self) -> String {
        speaking(self.language, || self.opening_now())
    }

    fn opening_now(&self) -> String {
        let times = times(self.count);
        let alerts = self.items.len() + self.more as usize;
        match self.kind {
            Kind::Test => say!("This is a test. Nothing has happened.").to_owned(),
            Kind::Digest => count!(alerts, "{n} alert is open.", "{n} alerts are open."),
            Kind::New => count!(
                alerts,
                "{n} new, seen {times} in all.",
                "many|{n} new, seen {times} in all.",
                times
            ),
            Kind::Again => say!("It goes on: seen {times} by now.", times),
            Kind::Worse => count!(
                alerts,
                "It became worse: {n} open, seen {times}.",
                "many|It became worse: {n} open, seen {times}.",
                times
            ),
            Kind::Escalation => count!(
                alerts,
                "Nobody has acknowledged it yet: {n} open, seen {times}.",
                "many|Nobody has acknowledged it yet: {n} open, seen {times}.",
                times
            ),
        }
    }
}

/// "once", "3 times", in the language of the moment.
pub fn times(count: u32) -> String {
    match count {
        1 => say!("once").to_owned(),
        number => say!("{number} times", number),
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
