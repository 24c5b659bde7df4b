//! Commands to devices: given here, signed by the coordinator or prepared for administrators, brought to whoever is to do
//! them, and what came of them fetched part by part.
//!
//! Each is in the store from its beginning, so that a restart of either side only costs time.

pub mod document;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::command::{self, By, Command, CommandId, CommandPart, Kind, Outcome, Yield};
use protocol::coordinator::Event;
use protocol::id::DeviceId;
use protocol::limits;
use protocol::settings::{Place, Scope};
use protocol::time::Timestamp;
use thiserror::Error;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::live::{Live, LiveDevice, LiveHandle, State};
use crate::orders::Orders;
use crate::releases::Releases;
use crate::releases::fault::ReleaseError;
use crate::risk::Risk;
use crate::risk::intake::{Bringer, IntakeError, read_scan};
use crate::secrets::{self, SecretError};
use crate::settings::wanted_of;
use crate::store::audit::Act;
use crate::store::commands::{Fetched, Given};
use crate::store::fault::{ChangeError, ReadError};
use crate::store::{Reader, Writer};

/// Parts of results that wait to be taken up.
pub const PARTS: usize = 64;
/// How often commands are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// A device that has not answered is told again after this, and a part is asked for again.
const AGAIN_MS: u64 = 30_000;
const PART_AGAIN_MS: u64 = 10_000;
/// What a device has not handed over so long after the end of its command is given up.
const FETCHED_WITHIN: Duration = Duration::from_secs(7 * 86_400);
/// How long a command holds where nobody says so.
const USUAL_LIFE: Duration = Duration::from_secs(600);
const USUAL_LIFE_SIGNED: Duration = Duration::from_secs(86_400);

/// What somebody wants to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandWish {
    pub kind: Kind,
    pub to: Scope,
    /// How long it may be begun.
    pub life: Option<Duration>,
    pub by: By,
}

/// Why a command is not given.
#[derive(Debug, Error)]
pub enum GiveError {
    #[error("nobody commands a whole fleet at once: write class:camera, cell:NAME or device:ID")]
    Fleet,
    #[error(
        "wiping is ordered in the identity log: use `device retire --wipe` with an administrator's key"
    )]
    Wipe,
    #[error("no device is {0}")]
    Nobody(Scope),
    #[error("{kind} for {device} needs the administrators' keys: have it signed, with --sign")]
    NeedsSignatures { kind: &'static str, device: String },
    #[error("it may hold {} minutes at most", .0.as_secs() / 60)]
    TooLong(Duration),
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// One handle for pages, programs and the command line.
#[derive(Debug, Clone)]
pub struct Commands(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reader: Reader,
    writer: Writer,
    live: LiveHandle,
    orders: Orders,
    releases: Releases,
    risk: Risk,
    desk: Mutex<Desk>,
}

/// What stays between two looks.
#[derive(Debug, Default)]
struct Desk {
    /// What has come so far of results.
    fetched: BTreeMap<(CommandId, DeviceId), Vec<u8>>,
    /// When each device was last told or asked something.
    told: BTreeMap<(CommandId, DeviceId), Timestamp>,
}

/// What is to be told to whom.
#[derive(Debug)]
enum Word {
    Bring(DeviceId, Box<Command>),
    Want(DeviceId, CommandId, u64),
}

impl CommandWish {
    fn life(&self) -> Duration {
        self.life.unwrap_or(match self.by {
            By::Online => USUAL_LIFE,
            By::Administrators => USUAL_LIFE_SIGNED,
        })
    }

    /// In words, for the audit log.
    pub fn words(&self) -> String {
        format!("{} for {}", self.kind.word(), self.to)
    }
}

impl Commands {
    pub fn new(
        (reader, writer): (Reader, Writer),
        live: LiveHandle,
        orders: Orders,
        releases: Releases,
        risk: Risk,
    ) -> Self {
        Self(Arc::new(Inner {
            reader,
            writer,
            live,
            orders,
            releases,
            risk,
            desk: Mutex::default(),
        }))
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores a command that the coordinator signs, and devices hear of it at the next look; or prepares one for
    /// administrators, and they hear of it when it is published.
    pub async fn give(&self, wish: &CommandWish, by: &str, act: Act) -> Result<Given, GiveError> {
        let live = Arc::clone(&self.0.live.borrow());
        self.judge(wish, &live)?;
        let id = CommandId(secrets::random()?);
        let now = mesh::wall();
        let until = now.saturating_add(wish.life());
        let command = Command::new(live.roster.charter().mesh, id, wish.kind, &wish.to, until);
        let mut given = Given {
            id: id.to_string(),
            kind: command.kind,
            to: command.to.to_string(),
            given_ms: now.as_millis(),
            until_ms: until.as_millis(),
            by: by.to_owned(),
            draft: None,
        };
        let mut act = Some(act);
        if wish.by == By::Administrators {
            let act = act.take().expect("it is there until here");
            let draft = self.0.releases.prepare_command(&command, act).await?;
            given.draft = Some(draft.number);
        }
        self.0.writer.write(|changes| {
            changes.put_command(&given)?;
            if let Some(act) = act {
                changes.audit(act)?;
            }
            Ok::<_, ChangeError>(())
        })?;
        Ok(given)
    }

    /// The same judgement as a device's, before anybody is told.
    fn judge(&self, wish: &CommandWish, live: &Live) -> Result<(), GiveError> {
        if wish.kind == Kind::Wipe {
            return Err(GiveError::Wipe);
        }
        if wish.to == Scope::Fleet {
            return Err(GiveError::Fleet);
        }
        if wish.life() > wish.by.longest() {
            return Err(GiveError::TooLong(wish.by.longest()));
        }
        let wanted = self.0.releases.wanted_of_devices()?;
        let mut whom = addressed(live, &wish.to).peekable();
        if whom.peek().is_none() {
            return Err(GiveError::Nobody(wish.to.clone()));
        }
        let closed = whom.find(|device| !wanted_of(device, &wanted).online().contains(wish.kind));
        match closed.filter(|_| wish.by == By::Online) {
            Some(device) => Err(GiveError::NeedsSignatures {
                kind: wish.kind.word(),
                device: device.name.to_string(),
            }),
            None => Ok(()),
        }
    }

    /// Takes up what devices say and send, and looks now and then, until the coordinator stops.
    pub async fn work(
        self,
        mut events: Receiver<Event>,
        mut parts: mpsc::Receiver<(DeviceId, CommandPart)>,
        stopping: CancellationToken,
    ) {
        let mut look = tokio::time::interval(LOOK);
        loop {
            let done = tokio::select! {
                () = stopping.cancelled() => return,
                event = events.recv() => match event {
                    Ok(Event::Answered { .. }) => self.beside(Self::look).await,
                    // What was missed is found at the next look.
                    Ok(_) | Err(RecvError::Lagged(_)) => continue,
                    Err(RecvError::Closed) => return,
                },
                Some((device, part)) = parts.recv() => {
                    self.beside(move |commands| commands.part(device, &part)).await
                }
                _ = look.tick() => self.beside(Self::look).await,
            };
            match done {
                Ok(words) => self.tell(words).await,
                Err(error) => warn!(%error, "commands are not looked after"),
            }
        }
    }

    async fn beside(
        &self,
        work: impl FnOnce(&Self) -> Result<Vec<Word>, GiveError> + Send + 'static,
    ) -> Result<Vec<Word>, GiveError> {
        let commands = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&commands)).await;
        done.unwrap_or_else(|_| Ok(Vec::new()))
    }

    async fn tell(&self, words: Vec<Word>) {
        for word in words {
            let told = match word {
                Word::Bring(device, command) => self.0.orders.instruct(device, *command).await,
                Word::Want(device, command, from) => {
                    self.0.orders.want_result(device, command, from).await
                }
            };
            if told.is_err() {
                return;
            }
        }
    }

    /// Who has not answered is told again while the command holds, and what came of it is asked for.
    fn look(&self) -> Result<Vec<Word>, GiveError> {
        let live = Arc::clone(&self.0.live.borrow());
        let (mesh, now) = (live.roster.charter().mesh, mesh::wall());
        let mut desk = self.desk();
        let mut words = Vec::new();
        let old = now.saturating_sub(FETCHED_WITHIN).as_millis();
        for given in self.0.reader.commands()? {
            let (Some(id), Ok(to)) = (given.command(), given.to.parse::<Scope>()) else {
                continue;
            };
            if given.until_ms < old {
                continue;
            }
            let said = self.0.reader.command_answers(id)?;
            for device in addressed(&live, &to).filter(|device| device.linked) {
                let key = (id, device.device);
                let last = desk.told.get(&key).copied();
                let rested = |pause: u64| {
                    last.is_none_or(|last| now.as_millis() >= last.as_millis() + pause)
                };
                let answer = said.get(&device.device);
                match answer.map(|said| &said.answer.outcome) {
                    None if given.draft.is_none()
                        && now.as_millis() < given.until_ms
                        && rested(AGAIN_MS) =>
                    {
                        let command = Command {
                            mesh,
                            id,
                            kind: given.kind,
                            to: text(&to),
                            until: Timestamp::from_millis(given.until_ms),
                        };
                        desk.told.insert(key, now);
                        words.push(Word::Bring(device.device, Box::new(command)));
                    }
                    Some(Outcome::Done { result: Some(_) })
                        if self.0.reader.command_result(id, &device.device)?.is_none() =>
                    {
                        let from = desk.fetched.get(&key).map_or(0, Vec::len) as u64;
                        if from == 0 || rested(PART_AGAIN_MS) {
                            desk.told.insert(key, now);
                            words.push(Word::Want(device.device, id, from));
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(words)
    }

    /// A device sends a part of what came of a command.
    fn part(&self, device: DeviceId, part: &CommandPart) -> Result<Vec<Word>, GiveError> {
        let mut desk = self.desk();
        let id = part.command;
        let said = self.0.reader.command_answers(id)?;
        let Some(Outcome::Done {
            result: Some(signed),
        }) = said.get(&device).map(|said| &said.answer.outcome)
        else {
            return Ok(Vec::new());
        };
        let key = (id, device);
        let note = |note: &str| Fetched {
            note: note.to_owned(),
            sealed: Vec::new().into(),
        };
        let fetched = if part.total != signed.bytes || signed.bytes > limits::COMMAND_RESULT_BYTES {
            desk.fetched.remove(&key);
            note(match part.total {
                0 => "the device keeps it no longer",
                _ => "the device sends something else than it has signed for",
            })
        } else {
            let so_far = desk.fetched.entry(key).or_default();
            if part.from != so_far.len() as u64 {
                return Ok(Vec::new());
            }
            so_far.extend_from_slice(&part.bytes);
            if (so_far.len() as u64) < signed.bytes && !part.bytes.is_empty() {
                let from = so_far.len() as u64;
                desk.told.insert(key, mesh::wall());
                return Ok(vec![Word::Want(device, id, from)]);
            }
            let sealed = desk.fetched.remove(&key).unwrap_or_default();
            self.take_up(id, device, *signed, sealed)?
        };
        desk.told.remove(&key);
        info!(%device, command = %id, note = fetched.note, "what came of a command");
        self.0.writer.write(|changes| {
            changes.put_command_result(id, &device, &fetched)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(Vec::new())
    }

    fn take_up(
        &self,
        id: CommandId,
        device: DeviceId,
        signed: Yield,
        sealed: Vec<u8>,
    ) -> Result<Fetched, GiveError> {
        let noted = |note: String| Fetched {
            note,
            sealed: Vec::new().into(),
        };
        if command::digest(&sealed) != signed.digest {
            let note = "the device sends something else than it has signed for";
            return Ok(noted(note.to_owned()));
        }
        let given = self.0.reader.command(id)?;
        if given.and_then(|given| Kind::of(given.kind)) != Some(Kind::Scan) {
            return Ok(Fetched {
                note: "kept".to_owned(),
                sealed: sealed.into(),
            });
        }
        let Some(found) = self.unseal(&device, &sealed)? else {
            return Ok(noted("it cannot be opened".to_owned()));
        };
        let bringer = Bringer {
            by: device.to_string(),
            job: None,
        };
        let read = match read_scan(&found) {
            Ok(read) => read,
            Err(error) => return Ok(noted(error.to_string())),
        };
        let taken = self.0.risk.take_scan(&read, &found, None, &bringer, None);
        Ok(noted(match taken {
            Ok(brought) => format!("taken up as scan {}", brought.scan.unwrap_or_default()),
            Err(IntakeError::NobodyUp) => "nobody was found".to_owned(),
            Err(error) => error.to_string(),
        }))
    }

    /// What came of a command on a device, in clear; nothing where nothing is kept, or its key is destroyed.
    pub fn result(&self, id: CommandId, device: &DeviceId) -> Result<Option<Vec<u8>>, ReadError> {
        match self.0.reader.command_result(id, device)? {
            Some(fetched) if !fetched.sealed.is_empty() => self.unseal(device, &fetched.sealed),
            _ => Ok(None),
        }
    }

    fn unseal(&self, device: &DeviceId, sealed: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        let key = self.0.reader.data_key(device)?;
        let parts = sealed.split_first_chunk::<16>();
        Ok(key
            .zip(parts)
            .and_then(|(key, (salt, sealed))| key.open(salt, sealed).ok()))
    }
}

/// Members that a scope speaks to.
pub fn addressed<'a>(live: &'a Live, to: &'a Scope) -> impl Iterator<Item = &'a LiveDevice> {
    let members = live.devices.iter();
    members.filter(move |device| speaks_to(to, device))
}

fn speaks_to(to: &Scope, device: &LiveDevice) -> bool {
    let place = Place {
        device: device.device,
        class: device.class,
        cell: device.cell.clone(),
    };
    device.state != State::Retired && place.scopes().contains(to)
}

fn text(to: &Scope) -> protocol::text::Path {
    protocol::text::Path::new(to.to_string()).expect("a scope is a word and a name")
}
