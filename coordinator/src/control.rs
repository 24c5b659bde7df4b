//! The control socket: how the command line of this machine speaks with the running coordinator.
//!
//! One request and one answer per connection, each a line of JSON. Whoever may open the socket owns
//! the coordinator's directory, so there is no other login.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::{BASE64, HEXLOWER};
use protocol::class::DeviceClass;
use protocol::coordinator::{Replacement, RevocationError};
use protocol::id::DeviceId;
use protocol::ledger::{Entry, Strength, Withdrawal};
use protocol::ruling::Decision;
use protocol::text::Name;
use protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::access;
use crate::addresses::Addresses;
use crate::deputies::{self, Deputy};
use crate::evidence::{self, Kept};
use crate::live;
use crate::offices::Paths;
use crate::orders::{OrderError, Orders, TokenTerms};
use crate::people::Service;
use crate::rotation;
use crate::store::evidence::StoredProof;

/// Bytes of one request or answer.
const LINE: u64 = 4 * 1024 * 1024;
/// Seconds that a join string can be used at most.
const LONGEST_LIFE_S: u64 = 3600;
/// Longer than somebody outside may take over a test message.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    SetupToken,
    MakeToken {
        name: String,
        class: String,
        cell: String,
        life_s: u64,
    },
    ApiToken {
        name: String,
    },
    Devices,
    Retire {
        device: String,
        reason: String,
    },
    /// Puts a device into quarantine.
    Quarantine {
        device: String,
        reason: String,
    },
    /// Ends a quarantine.
    Clear {
        device: String,
        reason: String,
    },
    Evidence,
    /// One proof, with all that it needs to verify elsewhere.
    ExportEvidence {
        id: String,
    },
    /// What an administrator has to sign for, to revoke a device.
    PlaceOfRevocation {
        device: String,
    },
    /// The key by which the root names a device.
    KeyOf {
        device: String,
    },
    /// A withdrawal that an administrator has signed, in base 64.
    Revoke {
        withdrawal: String,
    },
    /// Documents of the root, to be put into force: a succession in base 64.
    Succeed {
        documents: String,
    },
    /// How far the last rotation has come.
    Rotation,
    /// Admits a device that shows this code.
    Approve {
        code: String,
        name: String,
        class: String,
        cell: String,
    },
    SetDeputies {
        url: String,
        secret: Option<String>,
    },
    ShowDeputies,
    ClearDeputies,
    TestDeputies,
}

impl Request {
    /// Asks to put documents of the root into force.
    pub fn succeed(documents: &[Entry]) -> Self {
        Self::Succeed {
            documents: rotation::to_text(documents),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Answer {
    SetupToken {
        url: String,
    },
    Join {
        join: String,
        expires_ms: u64,
    },
    ApiToken {
        token: String,
    },
    Devices {
        items: Vec<Device>,
    },
    Evidence {
        items: Vec<Kept>,
    },
    Dossier {
        name: String,
        bytes: String,
    },
    PlaceOfRevocation {
        mesh: String,
        device: String,
        /// What the device is called.
        name: String,
        log_index: u64,
    },
    KeyOf {
        device: String,
        /// In hexadecimal.
        key: String,
    },
    /// What was signed was for a place that is taken now.
    LogHasGrown,
    Rotation {
        rotation: Option<Progress>,
    },
    Deputies {
        url: Option<String>,
        /// Only where it was just made.
        secret: Option<String>,
        items: Vec<Deputy>,
    },
    Taken {
        by: String,
    },
    Done,
    Refused {
        why: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: String,
    pub name: String,
    pub status: String,
    pub class: String,
    pub cell: String,
    pub last_heard_ms: Option<u64>,
    /// If an administrator has ordered it to wipe itself.
    pub wipe: Option<Wipe>,
}

/// How far an order to wipe has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Wipe {
    Ordered,
    Confirmed { at_ms: u64 },
}

impl Wipe {
    fn of(wipe: live::Wipe) -> Self {
        match wipe {
            live::Wipe::Ordered => Self::Ordered,
            live::Wipe::Confirmed { at } => Self::Confirmed {
                at_ms: at.as_millis(),
            },
        }
    }
}

/// How far a rotation has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub charter: u32,
    pub issued_ms: u64,
    /// Until when memberships by the former admission key open doors.
    pub until_ms: Option<u64>,
    pub members: usize,
    pub done: usize,
    pub stragglers: Vec<String>,
}

impl Progress {
    pub fn of(rotation: &Replacement) -> Self {
        Self {
            charter: rotation.charter,
            issued_ms: rotation.issued.as_millis(),
            until_ms: rotation.until.map(Timestamp::as_millis),
            members: rotation.members,
            done: rotation.done,
            stragglers: rotation
                .stragglers
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }
}

#[derive(Debug, Error)]
pub enum ControlError {
    #[error("the coordinator does not run: start it with palisade-coordinator serve")]
    NotRunning(#[source] std::io::Error),
    #[error("the coordinator's answer cannot be read: {0}")]
    Answer(String),
    #[error("{0}")]
    Refused(String),
}

/// Asks the coordinator that runs in a directory.
pub async fn ask(dir: &Path, request: &Request) -> Result<Answer, ControlError> {
    let stream = UnixStream::connect(Paths::new(dir).control())
        .await
        .map_err(ControlError::NotRunning)?;
    let line = serde_json::to_string(request).expect("plain values always have a JSON form");
    let exchange = async {
        let (reader, mut writer) = stream.into_split();
        writer.write_all(format!("{line}\n").as_bytes()).await?;
        let mut answer = String::new();
        BufReader::new(reader.take(LINE))
            .read_line(&mut answer)
            .await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answered = tokio::time::timeout(PATIENCE, exchange).await;
    let text = answered
        .map_err(|_| ControlError::Answer("none came in time".to_owned()))?
        .map_err(|error| ControlError::Answer(error.to_string()))?;
    match serde_json::from_str(&text) {
        Ok(Answer::Refused { why }) => Err(ControlError::Refused(why)),
        Ok(answer) => Ok(answer),
        Err(error) => Err(ControlError::Answer(error.to_string())),
    }
}

/// Serves the socket until the coordinator stops; a socket left by a killed one is replaced.
pub async fn listen(
    paths: &Paths,
    service: &Service,
    orders: Orders,
    addresses: &Addresses,
    stopping: CancellationToken,
) -> std::io::Result<()> {
    let path = paths.control();
    if path.exists() {
        std::fs::remove_file(&path)?;
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    let json = serde_json::to_vec(addresses).expect("plain values always have a JSON form");
    std::fs::write(paths.addresses(), json)?;
    let desk = Desk {
        service: service.clone(),
        orders,
        people: addresses.people.clone(),
    };
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stopping.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            if let Ok((stream, _)) = accepted
                && let Err(error) = desk.serve(stream).await
            {
                warn!(%error, "a control request broke off");
            }
        }
    });
    Ok(())
}

struct Desk {
    service: Service,
    orders: Orders,
    people: String,
}

impl Desk {
    async fn serve(&self, stream: UnixStream) -> std::io::Result<()> {
        let (reader, mut writer) = stream.into_split();
        let mut line = String::new();
        let mut reader = BufReader::new(reader.take(LINE));
        tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await??;
        let answer = match serde_json::from_str(&line) {
            Ok(request) => self
                .answer(request)
                .await
                .unwrap_or_else(|why| Answer::Refused { why }),
            Err(error) => Answer::Refused {
                why: format!("the request cannot be read: {error}"),
            },
        };
        let text = serde_json::to_string(&answer).expect("plain values always have a JSON form");
        writer.write_all(format!("{text}\n").as_bytes()).await
    }

    /// The error is a sentence for the person at the terminal.
    async fn answer(&self, request: Request) -> Result<Answer, String> {
        match request {
            Request::SetupToken => {
                let token = access::new_setup_token(&self.service.writer)
                    .map_err(|error| error.to_string())?;
                Ok(Answer::SetupToken {
                    url: format!("{}/setup/{}", self.people, token.as_str()),
                })
            }
            Request::ApiToken { name } => {
                let token = access::new_api_token(&self.service.writer, &name)
                    .map_err(|error| error.to_string())?;
                Ok(Answer::ApiToken {
                    token: token.to_string(),
                })
            }
            Request::MakeToken {
                name,
                class,
                cell,
                life_s,
            } => {
                let terms = terms(&name, &class, &cell, life_s)?;
                let issued = self
                    .orders
                    .make_token(terms)
                    .await
                    .map_err(|error| error.to_string())?;
                self.note("token.create", &name)?;
                Ok(Answer::Join {
                    join: issued.join.to_string(),
                    expires_ms: issued.expires.as_millis(),
                })
            }
            Request::Devices => Ok(Answer::Devices {
                items: self.devices(),
            }),
            Request::Approve {
                code,
                name,
                class,
                cell,
            } => {
                let ticket = self.waiting(&code).ok_or("nobody waits with this code")?;
                let terms = terms(&name, &class, &cell, LONGEST_LIFE_S)?;
                let approved = self.orders.approve(ticket, terms).await;
                approved.map_err(|error| error.to_string())?;
                self.note("device.approve", &code)?;
                Ok(Answer::Done)
            }
            Request::Evidence => Ok(Answer::Evidence {
                items: self.evidence()?,
            }),
            Request::ExportEvidence { id } => self.export(&id),
            Request::PlaceOfRevocation { device } => self.place_of_revocation(&device),
            Request::KeyOf { device } => self.key_of(&device),
            Request::Revoke { withdrawal } => self.revoke(&withdrawal).await,
            Request::SetDeputies { url, secret } => {
                let made = deputies::set(&self.service.writer, &url, secret.as_deref())
                    .map_err(|error| error.to_string())?;
                self.appoint().await?;
                self.deputies(made.map(|secret| secret.to_string()))
            }
            Request::ShowDeputies => self.deputies(None),
            Request::ClearDeputies => {
                deputies::clear(&self.service.reader, &self.service.writer)
                    .map_err(|error| error.to_string())?;
                self.appoint().await?;
                Ok(Answer::Done)
            }
            Request::TestDeputies => {
                let taken = deputies::test(&self.service.reader, &self.service.writer).await;
                let by = taken.map_err(|error| error.to_string())?;
                Ok(Answer::Taken { by })
            }
            Request::Quarantine { device, reason } => {
                self.rule(&device, Decision::Hold, reason).await
            }
            Request::Clear { device, reason } => {
                self.rule(&device, Decision::Release, reason).await
            }
            Request::Succeed { documents } => {
                let entries = rotation::from_text(&documents).map_err(|error| error.to_string())?;
                let succeeded = self.orders.succeed(entries).await;
                succeeded.map_err(|error| error.to_string())?;
                self.note("charter.replace", "mesh")?;
                Ok(Answer::Done)
            }
            Request::Rotation => Ok(Answer::Rotation {
                rotation: self
                    .service
                    .live
                    .borrow()
                    .rotation
                    .as_ref()
                    .map(Progress::of),
            }),
            Request::Retire { device, reason } => {
                let id = self.meant(&device)?;
                let reason = Name::new(reason).map_err(|error| format!("reason: {error}"))?;
                self.orders
                    .retire(id, reason)
                    .await
                    .map_err(|error| error.to_string())?;
                self.note("device.retire", &id.to_string())?;
                Ok(Answer::Done)
            }
        }
    }

    async fn rule(
        &self,
        device: &str,
        decision: Decision,
        reason: String,
    ) -> Result<Answer, String> {
        let id: DeviceId = device
            .parse()
            .map_err(|error| format!("{device}: {error}"))?;
        let reason = Name::new(reason).map_err(|error| format!("reason: {error}"))?;
        let ruled = self.orders.rule(id, decision, reason).await;
        ruled.map_err(|error| error.to_string())?;
        self.note(&format!("device.{}", decision.word()), device)?;
        Ok(Answer::Done)
    }

    fn evidence(&self) -> Result<Vec<Kept>, String> {
        let roster = Arc::clone(&self.service.live.borrow().roster);
        let stored = self.service.reader.evidence();
        let stored = stored.map_err(|error| error.to_string())?;
        let kept = |stored: &StoredProof| Kept::of(stored, roster.charter());
        let kept: Result<_, _> = stored.iter().rev().map(kept).collect();
        kept.map_err(|error| format!("a stored proof does not check: {error}"))
    }

    fn export(&self, id: &str) -> Result<Answer, String> {
        let roster = Arc::clone(&self.service.live.borrow().roster);
        let found = evidence::find(&self.service.reader, roster.charter(), id);
        let stored = found
            .map_err(|error| error.to_string())?
            .ok_or("no proof of that name, and none against a device of that id")?;
        Ok(Answer::Dossier {
            name: evidence::file_name(&stored.digest),
            bytes: BASE64.encode(&self.service.documents.dossier(&roster, &stored)),
        })
    }

    /// The one device that an id or a name means.
    fn meant(&self, device: &str) -> Result<DeviceId, String> {
        let live = self.service.live.borrow();
        let id: Option<DeviceId> = device.parse().ok();
        let mut meant = live
            .devices
            .iter()
            .filter(|known| Some(known.device) == id || known.name.as_str() == device);
        let found = meant
            .next()
            .ok_or_else(|| format!("no device {device}: take an id or a name from device list"))?;
        if meant.next().is_some() {
            return Err(format!(
                "several devices are called {device}: take an id from device list"
            ));
        }
        Ok(found.device)
    }

    fn place_of_revocation(&self, device: &str) -> Result<Answer, String> {
        let device = self.meant(device)?;
        let live = self.service.live.borrow();
        Ok(Answer::PlaceOfRevocation {
            mesh: live.roster.charter().mesh.to_string(),
            device: device.to_string(),
            name: live.name(&device).unwrap_or_default(),
            log_index: live.roster.size(),
        })
    }

    fn key_of(&self, device: &str) -> Result<Answer, String> {
        let device = self.meant(device)?;
        let live = self.service.live.borrow();
        let member = live.roster.member(&device);
        let member = member.ok_or_else(|| format!("{device} is no member any more"))?;
        Ok(Answer::KeyOf {
            device: device.to_string(),
            key: HEXLOWER.encode(member.membership.key.as_bytes()),
        })
    }

    async fn revoke(&self, withdrawal: &str) -> Result<Answer, String> {
        let envelope = BASE64
            .decode(withdrawal.as_bytes())
            .map_err(|error| error.to_string())?;
        match self.orders.revoke(envelope).await {
            Ok(order) => {
                self.note_withdrawal(&order)?;
                Ok(Answer::Done)
            }
            Err(OrderError::Revocation(RevocationError::Place { .. })) => Ok(Answer::LogHasGrown),
            Err(error) => Err(error.to_string()),
        }
    }

    fn note_withdrawal(&self, order: &Withdrawal) -> Result<(), String> {
        let (action, what) = match order.strength {
            Strength::Retirement => ("device.retire", "ordered to wipe itself"),
            Strength::Revocation | Strength::Suspension { .. } => ("device.revoke", "shut out"),
        };
        let says = format!("{what}: {}", order.reason);
        access::note_withdrawal(&self.service.writer, action, &order.device, &says)
            .map_err(|error| error.to_string())
    }

    async fn appoint(&self) -> Result<(), String> {
        let appointed = self.orders.appoint().await;
        appointed.map_err(|error| error.to_string())
    }

    fn deputies(&self, secret: Option<String>) -> Result<Answer, String> {
        let sink = self.service.reader.sink();
        let sink = sink.map_err(|error| error.to_string())?;
        Ok(Answer::Deputies {
            url: sink.map(|sink| sink.url.to_string()),
            secret,
            items: deputies::candidates(&self.service.live.borrow()),
        })
    }

    fn waiting(&self, code: &str) -> Option<u64> {
        let live = self.service.live.borrow();
        let shown = live.pending.iter().find(|pending| pending.code == code);
        shown.map(|pending| pending.ticket)
    }

    fn note(&self, action: &str, object: &str) -> Result<(), String> {
        access::note(&self.service.writer, action, object).map_err(|error| error.to_string())
    }

    fn devices(&self) -> Vec<Device> {
        let live = self.service.live.borrow().clone();
        let device = |device: &live::LiveDevice| Device {
            id: device.device.to_string(),
            name: device.name.to_string(),
            status: device.state.word().to_owned(),
            class: device.class.to_string(),
            cell: device.cell.to_string(),
            last_heard_ms: device.heard.map(Timestamp::as_millis),
            wipe: device
                .withdrawal
                .as_ref()
                .and_then(|shut_out| shut_out.wipe)
                .map(Wipe::of),
        };
        let pending = live.pending.iter().map(|waiting| Device {
            id: waiting.code.clone(),
            name: waiting.name.to_string(),
            status: "pending".to_owned(),
            class: String::new(),
            cell: String::new(),
            last_heard_ms: None,
            wipe: None,
        });
        live.devices.iter().map(device).chain(pending).collect()
    }
}

fn terms(name: &str, class: &str, cell: &str, life_s: u64) -> Result<TokenTerms, String> {
    if !(1..=LONGEST_LIFE_S).contains(&life_s) {
        return Err("ttl: choose one second to one hour".to_owned());
    }
    Ok(TokenTerms {
        name: Name::new(name).map_err(|error| format!("name: {error}"))?,
        class: class
            .parse::<DeviceClass>()
            .map_err(|error| format!("class: {error}"))?,
        cell: Name::new(cell).map_err(|error| format!("cell: {error}"))?,
        life: Duration::from_secs(life_s),
    })
}
