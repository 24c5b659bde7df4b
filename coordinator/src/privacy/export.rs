//! Everything that is kept of one device, or of one person, as one document after the other.

use data_encoding::HEXLOWER;
use protocol::id::DeviceId;
use protocol::record::{Incarnation, Position};
use protocol::text::Name;
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::accounts::{self, PersonDocument};
use crate::audit::EntryDocument;
use crate::store::Reader;
use crate::store::audit::Sought;
use crate::store::fault::ReadError;
use crate::store::records::StoredRecord;
use crate::store::samples::metric::Metric;
use crate::web::api::instant;
use crate::web::api::passkeys::PasskeyDocument;

/// Points of one metric: a point for every two hours of what is kept.
const POINTS: usize = 3_000;
/// What is kept of figures reaches back so far.
const BACK: std::time::Duration = std::time::Duration::from_secs(400 * 86_400);
/// Log lines of a device that are kept.
const LINES: usize = 2_000;

/// One page of what is kept of a device. Figures and lines are on the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceExport {
    pub id: String,
    pub erased: bool,
    pub figures: Vec<ExportedFigures>,
    pub lines: Vec<ExportedLine>,
    pub records: Vec<ExportedRecord>,
    /// For the next page of records.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportedFigures {
    pub metric: String,
    pub points: Vec<ExportedPoint>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportedPoint {
    pub time: String,
    pub min: i64,
    pub max: i64,
    pub mean: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportedLine {
    pub received: String,
    pub program: Option<String>,
    pub message: String,
}

/// A record with what it says, where that can be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportedRecord {
    pub position: String,
    pub time: String,
    pub received: String,
    /// The signed head, in hexadecimal.
    pub head: String,
    /// What kind of statement it is, and the statement as docs/protocol.md encodes it, in hexadecimal; absent where the key was
    /// destroyed.
    pub statement: Option<String>,
    pub said: Option<String>,
}

/// Everything that is kept of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonExport {
    pub account: Option<PersonDocument>,
    pub sessions: Vec<ExportedSession>,
    pub tokens: Vec<ExportedToken>,
    pub passkeys: Vec<PasskeyDocument>,
    /// Of the audit log: what they did, newest first.
    pub did: Vec<EntryDocument>,
    /// For the next page of the audit log.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportedSession {
    pub began: String,
    pub last_seen: String,
    pub address: Option<String>,
    pub agent: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportedToken {
    pub name: String,
    pub role: String,
    pub created: String,
    pub last_used: Option<String>,
}

/// A page of what is kept of a device: `limit` records behind a place.
pub fn device(
    reader: &Reader,
    device: &DeviceId,
    after: Option<Position>,
    (limit, now): (usize, Timestamp),
) -> Result<DeviceExport, ReadError> {
    let found = reader.records(device, after, limit)?;
    let key = reader.data_key(device)?;
    let next = found.last().filter(|_| found.len() == limit);
    let next = next.map(|record| place(record.position));
    let first = after.is_none();
    Ok(DeviceExport {
        id: device.to_string(),
        erased: reader.is_erased(device)?,
        figures: if first {
            figures(reader, device, now)?
        } else {
            Vec::new()
        },
        lines: if first {
            lines(reader, device)?
        } else {
            Vec::new()
        },
        records: found
            .iter()
            .map(|record| exported(record, key.as_ref()))
            .collect(),
        next_cursor: next,
    })
}

fn exported(record: &StoredRecord, key: Option<&protocol::seal::DataKey>) -> ExportedRecord {
    let said = key.and_then(|key| record.record.body.open(key).ok());
    ExportedRecord {
        position: place(record.position),
        time: instant(record.time.as_millis()),
        received: instant(record.received.as_millis()),
        head: HEXLOWER.encode(&record.record.head),
        statement: said.as_ref().map(|said| said.word().to_owned()),
        said: said.as_ref().map(|said| HEXLOWER.encode(&said.encode())),
    }
}

fn place(position: Position) -> String {
    format!("{}.{}", position.incarnation.0, position.sequence)
}

/// The place that a cursor names.
pub fn position(text: &str) -> Option<Position> {
    let (incarnation, sequence) = text.split_once('.')?;
    Some(Position {
        incarnation: Incarnation(incarnation.parse().ok()?),
        sequence: sequence.parse().ok()?,
    })
}

fn figures(
    reader: &Reader,
    device: &DeviceId,
    now: Timestamp,
) -> Result<Vec<ExportedFigures>, ReadError> {
    let mut all = Vec::new();
    for metric in Metric::ALL {
        let points = reader.series(device, metric, now.saturating_sub(BACK), now, POINTS)?;
        let points = points.iter().map(|point| ExportedPoint {
            time: instant(point.time.as_millis()),
            min: point.min,
            max: point.max,
            mean: point.mean,
        });
        all.push(ExportedFigures {
            metric: metric.word().to_owned(),
            points: points.collect(),
        });
    }
    Ok(all)
}

fn lines(reader: &Reader, device: &DeviceId) -> Result<Vec<ExportedLine>, ReadError> {
    let lines = reader.log_lines(device, None, LINES)?;
    let lines = lines.into_iter().map(|kept| ExportedLine {
        received: instant(kept.received.as_millis()),
        program: kept.line.program,
        message: kept.line.message,
    });
    Ok(lines.collect())
}

/// A page of what is kept of a person.
pub fn person(
    reader: &Reader,
    name: &Name,
    before: Option<u64>,
    (limit, now): (usize, Timestamp),
) -> Result<PersonExport, ReadError> {
    let people = accounts::list(reader, now)?;
    let sessions = reader.sessions()?.into_iter().map(|(_, session)| session);
    let tokens = reader.api_tokens()?.into_iter().map(|(_, token)| token);
    let sought = Sought {
        actor: Some(name.to_string()),
        ..Sought::default()
    };
    let found = reader.audit_search(&sought, before, limit)?;
    let own = |entry: &&crate::store::audit::AuditEntry| entry.act.actor == *name;
    Ok(PersonExport {
        account: people
            .into_iter()
            .find(|person| person.name == name.as_str()),
        sessions: sessions
            .filter(|session| session.operator == *name)
            .map(|session| ExportedSession {
                began: instant(session.created.as_millis()),
                last_seen: instant(session.seen.as_millis()),
                address: session.address.as_ref().map(ToString::to_string),
                agent: session.agent.as_ref().map(ToString::to_string),
            })
            .collect(),
        tokens: tokens
            .filter(|token| token.operator == *name)
            .map(|token| ExportedToken {
                name: token.name.to_string(),
                role: token.role.to_string(),
                created: instant(token.created.as_millis()),
                last_used: token.used.map(|used| instant(used.as_millis())),
            })
            .collect(),
        passkeys: reader
            .passkeys_of(name)?
            .iter()
            .map(PasskeyDocument::of)
            .collect(),
        did: found
            .entries
            .iter()
            .filter(own)
            .map(EntryDocument::of)
            .collect(),
        next_cursor: found.next.map(|next| next.to_string()),
    })
}
