//! Delivery: letters of the bulletin brought to people by mail, webhook and ntfy.
//!
//! A task of its own: it writes what is due into the outbox, and sends what the outbox holds. A letter is stored before
//! anybody is told, and marked as sent after somebody took it; between the two a crash sends it again under its old name.

pub mod channel;
pub mod document;
mod mail;
mod ntfy;
mod render;
pub mod settings;
mod webhooks;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alerts::letter::Letter;
use alerts::outbox::{Entry, Hope, State};
use alerts::planner::write_letters;
use alerts::text::{Name, fitted};
use protocol::id::{DeviceId, MeshId};
use thiserror::Error;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::bulletin::Bulletin;
use crate::live::LiveHandle;
use crate::store::fault::ChangeError;
use channel::{Channel, SendError};
use settings::{Settings, SettingsError};

/// The longest that somebody outside may take over one letter.
pub const LONGEST: Duration = mail::IN_ALL;

/// How often the clock is looked at: gathering, quiet hours and escalations end with time.
const TICK: Duration = Duration::from_secs(1);
/// The settings' file is looked at this often.
const LOOK: Duration = Duration::from_secs(5);

/// A handle to delivery.
#[derive(Debug, Clone)]
pub struct Delivery(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bulletin: Bulletin,
    live: LiveHandle,
    /// Where the settings lie; `None` where there are none to be.
    folder: Option<PathBuf>,
    mesh: MeshId,
    loaded: Mutex<Loaded>,
}

#[derive(Debug, Default)]
struct Loaded {
    settings: Arc<Settings>,
    /// Why the file as it is now is not used.
    error: Option<String>,
    changed: Vec<settings::Changed>,
}

#[derive(Debug, Error)]
pub enum TestError {
    #[error("there is no such channel: delivery.toml names {0}")]
    NoSuchChannel(String),
    #[error("nobody took the test message: {0}")]
    Send(#[from] SendError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl Delivery {
    pub fn new(
        folder: Option<PathBuf>,
        bulletin: Bulletin,
        live: LiveHandle,
        mesh: MeshId,
    ) -> Self {
        let delivery = Self(Arc::new(Inner {
            bulletin,
            live,
            folder,
            mesh,
            loaded: Mutex::default(),
        }));
        delivery.reload();
        delivery
    }

    /// Writes and sends until the coordinator stops.
    pub async fn run(self, stopping: CancellationToken) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut look = tokio::time::interval(LOOK);
        // One letter of a channel at a time, so that a slow one holds up nobody else's.
        let mut underway: JoinSet<Name> = JoinSet::new();
        let mut busy: BTreeSet<Name> = BTreeSet::new();
        loop {
            tokio::select! {
                () = stopping.cancelled() => break,
                _ = tick.tick() => {}
                () = self.0.bulletin.changed() => {}
                _ = look.tick() => self.reload(),
                Some(done) = underway.join_next() => {
                    match done {
                        Ok(channel) => { busy.remove(&channel); }
                        // A task that panicked does not say whose it was: everybody may go on.
                        Err(_) => busy.clear(),
                    }
                }
            }
            for entry in self.due().await {
                let channel = entry.letter.channel.clone();
                if busy.insert(channel.clone()) {
                    let delivery = self.clone();
                    underway.spawn(async move {
                        delivery.bring(entry).await;
                        channel
                    });
                }
            }
        }
        underway.shutdown().await;
    }

    /// Writes what is due, and hands out what is to be sent.
    async fn due(&self) -> Vec<Entry> {
        let delivery = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let (plan, live) = (delivery.settings(), Arc::clone(&delivery.0.live.borrow()));
            let now = mesh::wall();
            let name = |device: &DeviceId| {
                let known = live.device(device).map(|known| known.name.clone());
                known.unwrap_or_else(|| fitted(&device.to_string()))
            };
            let written = delivery.0.bulletin.change(|pages| {
                write_letters(&plan.plan, &mut pages.book, &mut pages.outbox, &name, now)
            });
            if let Err(error) = written {
                // What is not stored is not sent: a crash would make it twice.
                warn!(%error, "letters are not stored, and wait");
                return Vec::new();
            }
            delivery.0.bulletin.look(|pages| pages.outbox.due(now))
        });
        done.await.unwrap_or_default()
    }

    async fn bring(&self, entry: Entry) {
        let settings = self.settings();
        let sent = match settings.channel(&entry.letter.channel) {
            Some(channel) => channel.send(&entry.letter, &self.0.mesh, &settings).await,
            None => Err(SendError::Gone),
        };
        let (number, channel) = (entry.number, entry.letter.channel.clone());
        match &sent {
            Ok(()) => info!(%channel, letter = %entry.letter.id, "a letter was taken"),
            Err(error) => {
                warn!(%channel, letter = %entry.letter.id, %error, "a letter was not taken");
            }
        }
        let delivery = self.clone();
        let noted = tokio::task::spawn_blocking(move || delivery.note(number, &sent)).await;
        if !matches!(noted, Ok(Ok(()))) {
            warn!(%channel, "what became of a letter is not stored");
        }
    }

    fn note(&self, number: u64, sent: &Result<(), SendError>) -> Result<(), ChangeError> {
        let now = mesh::wall();
        self.0.bulletin.change(|pages| match sent {
            Ok(()) => pages.outbox.sent(number, now),
            Err(error) => {
                let hope = if error.is_for_good() {
                    Hope::None
                } else {
                    Hope::Some
                };
                pages
                    .outbox
                    .failed(number, fitted(&error.to_string()), hope, now);
            }
        })
    }

    /// The channel of this name, before anybody notes that it is tested.
    pub fn channel_called(&self, channel: &str) -> Result<Name, TestError> {
        let settings = self.settings();
        called(&settings, channel).map(|(name, _)| name)
    }

    /// Sends a message that says that nothing has happened, and waits for the answer.
    pub async fn test(&self, channel: &str) -> Result<(), TestError> {
        let settings = self.settings();
        let (name, channel) = called(&settings, channel)?;
        let language = settings.plan.language_of(&name);
        let (delivery, letter) = (self.clone(), Letter::test(&name, language, mesh::wall()));
        let put = letter.clone();
        let entry = tokio::task::spawn_blocking(move || {
            delivery.0.bulletin.change(|pages| {
                let number = pages.outbox.put(put);
                // It is sent from here, so the loop must not find it.
                pages.outbox.hold(number);
                number
            })
        });
        let number = entry
            .await
            .map_err(|error| ChangeError::Closed(error.to_string()))??;
        let sent = channel.send(&letter, &self.0.mesh, &settings).await;
        let (delivery, kept) = (self.clone(), sent.is_ok());
        let said = sent.as_ref().err().map(ToString::to_string);
        let noted = tokio::task::spawn_blocking(move || {
            let now = mesh::wall();
            delivery.0.bulletin.change(|pages| {
                if kept {
                    pages.outbox.sent(number, now);
                } else {
                    let error = said.unwrap_or_default();
                    pages.outbox.failed(number, fitted(&error), Hope::None, now);
                }
            })
        });
        noted
            .await
            .map_err(|error| ChangeError::Closed(error.to_string()))??;
        Ok(sent?)
    }

    pub fn settings(&self) -> Arc<Settings> {
        let loaded = self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&loaded.settings)
    }

    /// Why the file as it is now is not used; what was read before goes on.
    pub fn error(&self) -> Option<String> {
        let loaded = self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.error.clone()
    }

    pub fn bulletin(&self) -> &Bulletin {
        &self.0.bulletin
    }

    fn reload(&self) {
        let Some(folder) = &self.0.folder else {
            return;
        };
        let changed = settings::changed(folder);
        let mut loaded = self.0.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.changed == changed && changed.first().is_some_and(Option::is_some) {
            return;
        }
        loaded.changed = changed;
        match Settings::load(folder) {
            Ok(settings) => {
                debug!(channels = settings.channels.len(), "delivery is set");
                loaded.settings = Arc::new(settings);
                loaded.error = None;
            }
            Err(SettingsError::Missing) => {
                loaded.settings = Arc::default();
                loaded.error = None;
            }
            Err(error) => {
                let words = error.to_string();
                if loaded.error.as_ref() != Some(&words) {
                    warn!(%error, "delivery.toml is not used as it is");
                }
                loaded.error = Some(words);
            }
        }
    }
}

fn called<'s>(settings: &'s Settings, name: &str) -> Result<(Name, &'s Channel), TestError> {
    let known = Name::new(name).ok();
    let known = known.and_then(|name| Some((name.clone(), settings.channel(&name)?)));
    known.ok_or_else(|| {
        let names: Vec<String> = settings.channels.keys().map(ToString::to_string).collect();
        TestError::NoSuchChannel(names.join(", "))
    })
}

/// The words of a letter's state.
pub fn state_word(state: State) -> &'static str {
    match state {
        State::Waiting(_) => "waiting",
        State::Sent(_) => "sent",
        State::GivenUp(_) => "given_up",
    }
}
