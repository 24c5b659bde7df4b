//! What somebody outside reads: who, what, when, told by whom, and the signed alert itself to check it.

use data_encoding::{BASE64, HEXLOWER};
use protocol::alert::{Alert, Matter};
use protocol::evidence::EvidenceId;
use protocol::id::{DeviceId, MeshId};
use protocol::text::Name;
use serde::Serialize;

/// The body of the request.
#[derive(Debug, Serialize)]
pub(super) struct Letter {
    #[serde(rename = "type")]
    kind: &'static str,
    /// One sentence, for receivers that show text.
    text: String,
    data: Data,
}

#[derive(Debug, Serialize)]
struct Data {
    alert: String,
    mesh: String,
    #[serde(flatten)]
    parties: Parties,
    matter: Told,
    /// By the clock of the device, in milliseconds since 1970.
    time_ms: u64,
    incarnation: u32,
    sequence: u32,
    /// The alert as the device signed it.
    signed: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Parties {
    /// Who says so.
    pub device: Party,
    /// Of whom.
    pub subject: Party,
    /// Who tells it.
    pub deputy: Party,
}

#[derive(Debug, Serialize)]
pub(super) struct Party {
    id: String,
    name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Told {
    FileChanged {
        path: String,
        before: Option<String>,
        after: Option<String>,
    },
    AutomationStopped {
        cell: String,
    },
    WrongChunk {
        image: String,
        chunk: u32,
        found: String,
    },
    DocumentRefused {
        role: String,
        version: u64,
        flaw: &'static str,
    },
    DecoyTouched {
        source: String,
        service: &'static str,
        port: u16,
    },
    StrangeTraffic {
        whose: String,
        address: String,
        rule: String,
        observed: u64,
        usual: u64,
    },
    Unknown,
}

/// The name of an alert towards the outside: the same whoever tells it.
pub(super) fn name(id: EvidenceId) -> String {
    HEXLOWER.encode(&id.0)
}

impl Letter {
    pub(super) fn new(
        id: EvidenceId,
        mesh: MeshId,
        alert: &Alert,
        parties: Parties,
        signed: &[u8],
    ) -> Self {
        let matter = Told::of(&alert.alarm.matter);
        Self {
            kind: match matter {
                Told::FileChanged { .. } => "alert.file_changed",
                Told::AutomationStopped { .. } => "alert.automation_stopped",
                Told::WrongChunk { .. } => "alert.wrong_chunk",
                Told::DocumentRefused { .. } => "alert.document_refused",
                Told::DecoyTouched { .. } => "alert.decoy_touched",
                Told::StrangeTraffic { .. } => "alert.strange_traffic",
                Told::Unknown => "alert.unknown",
            },
            text: matter.sentence(&parties),
            data: Data {
                alert: name(id),
                mesh: mesh.to_string(),
                parties,
                matter,
                time_ms: alert.time.as_millis(),
                incarnation: alert.position.incarnation.0,
                sequence: alert.position.sequence,
                signed: BASE64.encode(signed),
            },
        }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain values always have a JSON form")
    }
}

impl Party {
    pub(super) fn new(device: DeviceId, name: Option<&Name>) -> Self {
        Self {
            id: device.to_string(),
            name: name.map(Name::to_string),
        }
    }

    fn spoken(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

impl Told {
    fn of(matter: &Matter) -> Self {
        match matter {
            Matter::FileChanged {
                path,
                before,
                after,
            } => Self::FileChanged {
                path: path.to_string(),
                before: before.map(|digest| digest.to_string()),
                after: after.map(|digest| digest.to_string()),
            },
            Matter::AutomationStopped { cell } => Self::AutomationStopped {
                cell: cell.to_string(),
            },
            Matter::WrongChunk {
                image,
                chunk,
                found,
            } => Self::WrongChunk {
                image: image.to_string(),
                chunk: *chunk,
                found: found.to_string(),
            },
            Matter::DocumentRefused(refused) => Self::DocumentRefused {
                role: refused.role.to_string(),
                version: refused.version,
                flaw: refused.flaw.word(),
            },
            Matter::Touched(touched) => Self::DecoyTouched {
                source: touched.source.to_string(),
                service: touched.service.word(),
                port: touched.port,
            },
            Matter::Strange(strange) => Self::StrangeTraffic {
                whose: strange.whose.to_string(),
                address: strange.address.to_string(),
                rule: strange.rule.to_string(),
                observed: strange.observed,
                usual: strange.usual,
            },
            Matter::Unknown { .. } => Self::Unknown,
        }
    }

    fn sentence(&self, parties: &Parties) -> String {
        let what = match self {
            Self::FileChanged {
                path,
                after: Some(_),
                ..
            } => format!("a watched file has changed: {path}"),
            Self::FileChanged { path, .. } => {
                format!("a watched file is gone or cannot be read: {path}")
            }
            Self::AutomationStopped { cell } => format!(
                "committees have sentenced more than a fifth of {cell} within an hour: nothing is automated for a day"
            ),
            Self::WrongChunk { chunk, .. } => {
                format!(
                    "a neighbour says that it was sent wrong bytes for chunk {chunk} of an update"
                )
            }
            Self::DocumentRefused {
                role,
                version,
                flaw,
            } => format!(
                "the coordinator hands out version {version} of the role {role}, which is {flaw}: it was not taken, and the coordinator's keys may be in wrong hands"
            ),
            Self::DecoyTouched {
                source,
                service,
                port,
            } => format!("{source} touched its {service} decoy on port {port}"),
            Self::StrangeTraffic {
                whose,
                address,
                rule,
                observed,
                usual,
            } => format!(
                "traffic of {whose} ({address}) is not as usual by the rule {rule}: normally {usual}, now {observed}"
            ),
            Self::Unknown => "an alert that this version does not know".to_owned(),
        };
        let (subject, deputy) = (parties.subject.spoken(), parties.deputy.spoken());
        format!("{subject}: {what} (told by {deputy} while the coordinator is out of reach)")
    }
}

#[cfg(test)]
mod tests {
    use protocol::alert::Alarm;
    use protocol::id::Digest;
    use protocol::record::{Incarnation, Position};
    use protocol::text::Path;
    use protocol::time::Timestamp;

    use super::*;

    #[test]
    fn a_letter_says_who_what_when_and_by_whom() {
        let device = DeviceId::from_bytes([3; 8]);
        let alert = Alert {
            device,
            position: Position {
                incarnation: Incarnation(2),
                sequence: 7,
            },
            time: Timestamp::from_millis(1_795_254_000_120),
            alarm: Alarm {
                subject: device,
                matter: Matter::FileChanged {
                    path: Path::new("/etc/passwd").expect("short"),
                    before: Some(Digest::from_bytes([0xaa; 32])),
                    after: None,
                },
            },
        };
        let name = Name::new("gate-camera").expect("short");
        let parties = Parties {
            device: Party::new(device, Some(&name)),
            subject: Party::new(device, Some(&name)),
            deputy: Party::new(DeviceId::from_bytes([4; 8]), None),
        };
        let mesh = MeshId::from_bytes([9; 32]);
        let letter = Letter::new(EvidenceId([1; 8]), mesh, &alert, parties, b"signed");
        let read: serde_json::Value = serde_json::from_slice(&letter.to_json()).expect("JSON");
        assert_eq!(read["type"], "alert.file_changed");
        let data = &read["data"];
        assert_eq!(data["alert"], "0101010101010101");
        assert_eq!(data["mesh"], mesh.to_string());
        assert_eq!(data["device"]["name"], "gate-camera");
        assert_eq!(data["deputy"]["name"], serde_json::Value::Null);
        assert_eq!(data["matter"]["kind"], "file_changed");
        assert_eq!(data["matter"]["path"], "/etc/passwd");
        assert_eq!(data["matter"]["before"], "aa".repeat(32));
        assert_eq!(data["matter"]["after"], serde_json::Value::Null);
        assert_eq!(data["incarnation"], 2);
        assert_eq!(data["sequence"], 7);
        assert_eq!(data["signed"], "c2lnbmVk");
        let text = read["text"].as_str().expect("a sentence");
        assert!(
            text.starts_with("gate-camera: a watched file is gone"),
            "{text}"
        );
    }
}
