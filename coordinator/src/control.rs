//! The control socket: how the command line of this machine speaks with the running coordinator.
//!
//! One request and one answer per connection, each a line of JSON. Whoever may open the socket owns
//! the coordinator's directory, so there is no other login.

mod admission;
pub mod alerts;
pub mod audit;
mod backup;
pub mod commands;
pub mod ddi;
mod devices;
mod evidence;
mod interface;
mod outside;
pub mod people;
pub mod profiles;
pub mod releases;
pub mod reports;
mod risk;
mod rollouts;
mod rotation;
pub mod scans;
mod settings;
mod words;

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use protocol::ruling::Decision;
use thiserror::Error;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use self::alerts::DeliveryAsked;
use crate::access;
use crate::addresses::Addresses;
use crate::offices::Paths;
use crate::orders::{OrderError, Orders};
use crate::people::Service;

pub use words::{Answer, Device, Progress, Request, Wipe};

/// Bytes of one request or answer.
const LINE: u64 = 4 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(15);
/// Longer than somebody outside may take over a message: a mail server has half a minute.
const OUTSIDE_PATIENCE: Duration = Duration::from_secs(crate::delivery::LONGEST.as_secs() + 15);
/// For what takes as long as the store is large.
const LONG_PATIENCE: Duration = Duration::from_secs(3600);

#[derive(Debug, Error)]
pub enum ControlError {
    #[error("the coordinator does not run: start it with palisade-coordinator serve")]
    NotRunning(#[source] std::io::Error),
    #[error("only the user who runs the coordinator in {} may ask it: run the command as that user", dir.display())]
    NotAllowed {
        dir: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "the coordinator ended before it answered, so what was asked may have been done: look when it runs again"
    )]
    Ended,
    #[error("the coordinator's answer cannot be read: {0}")]
    Answer(String),
    #[error("{0}")]
    Refused(String),
}

/// Asks the coordinator that runs in a directory.
pub async fn ask(dir: &Path, request: &Request) -> Result<Answer, ControlError> {
    ask_within(dir, request, patience(request)).await
}

/// The same for what may take an hour.
pub async fn ask_patiently(dir: &Path, request: &Request) -> Result<Answer, ControlError> {
    ask_within(dir, request, LONG_PATIENCE).await
}

/// What waits for somebody outside takes as long as they do; a request of the interface may be such.
fn patience(request: &Request) -> Duration {
    match request {
        Request::Delivery(DeliveryAsked::Test { .. })
        | Request::TestDeputies
        | Request::Interface { .. } => OUTSIDE_PATIENCE,
        _ => PATIENCE,
    }
}

async fn ask_within(
    dir: &Path,
    request: &Request,
    patience: Duration,
) -> Result<Answer, ControlError> {
    let stream = UnixStream::connect(Paths::new(dir).control()).await;
    let stream = stream.map_err(|source| unreachable(dir, source))?;
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
    let answered = tokio::time::timeout(patience, exchange).await;
    let text = answered
        .map_err(|_| ControlError::Answer("none came in time".to_owned()))?
        .map_err(|error| broken_off(&error))?;
    match serde_json::from_str(&text) {
        _ if text.is_empty() => Err(ControlError::Ended),
        Ok(Answer::Refused { why }) => Err(ControlError::Refused(why)),
        Ok(answer) => Ok(answer),
        Err(error) => Err(ControlError::Answer(error.to_string())),
    }
}

fn broken_off(error: &std::io::Error) -> ControlError {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => ControlError::Ended,
        _ => ControlError::Answer(error.to_string()),
    }
}

fn unreachable(dir: &Path, source: std::io::Error) -> ControlError {
    match source.kind() {
        ErrorKind::PermissionDenied => ControlError::NotAllowed {
            dir: dir.to_owned(),
            source,
        },
        _ => ControlError::NotRunning(source),
    }
}

/// Serves the socket until the coordinator stops; a socket left by a killed one is replaced.
pub async fn listen(
    paths: &Paths,
    (service, router): (Service, Router),
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
        service,
        router,
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
    router: Router,
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
            Request::SetupToken => self.setup_token(),
            Request::MeshName { name } => self.mesh_name(name.as_deref()),
            Request::MakeToken {
                name,
                class,
                cell,
                life_s,
            } => self.make_token(&name, &class, &cell, life_s).await,
            Request::Approve {
                code,
                name,
                class,
                cell,
            } => self.approve(&code, &name, &class, &cell).await,
            Request::Devices { filter } => {
                let (live, risk) = (
                    self.service.live.borrow().clone(),
                    self.service.risk.clone(),
                );
                let filter = filter.unwrap_or_default();
                let read = move || devices::listed(&live, &risk, &filter);
                let read = tokio::task::spawn_blocking(read).await;
                let items = read.map_err(|error| error.to_string())??;
                Ok(Answer::Devices { items })
            }
            Request::Retire { device, reason } => self.retire(&device, reason).await,
            Request::Quarantine { device, reason } => {
                self.rule(&device, Decision::Hold, reason).await
            }
            Request::Clear { device, reason } => {
                self.rule(&device, Decision::Release, reason).await
            }
            Request::PlaceOfRevocation { device } => self.place_of_revocation(&device),
            Request::KeyOf { device } => self.key_of(&device),
            Request::Revoke { withdrawal } => self.revoke(&withdrawal).await,
            Request::Evidence => Ok(Answer::Evidence {
                items: self.evidence()?,
            }),
            Request::ExportEvidence { id } => self.export(&id),
            Request::Succeed { documents } => self.succeed(&documents).await,
            Request::Rotation => Ok(self.rotation()),
            Request::SetDeputies { url, secret } => {
                self.set_deputies(&url, secret.as_deref()).await
            }
            Request::ShowDeputies => self.deputies(None),
            Request::ClearDeputies => self.clear_deputies().await,
            Request::TestDeputies => self.test_deputies().await,
            Request::PrepareRelease {
                product,
                version,
                counter,
                hardware,
                image,
                sbom,
            } => {
                self.prepare_release((product, version), counter, hardware, (image, sbom))
                    .await
            }
            Request::Prepare(wish) => self.prepare(wish).await,
            Request::Draft { number } => self.draft(number),
            Request::AddSignature { number, signature } => {
                self.add_signature(number, &signature).await
            }
            Request::Publish { number } => self.publish(number).await,
            Request::Discard { number } => self.discard(number).await,
            Request::Releases => self.releases_list(),
            Request::Repository => self.repository(),
            Request::PlanRollout { wish, start } => self.plan_rollout(wish, start).await,
            Request::TellRollout { id, word } => self.tell_rollout(id, &word).await,
            Request::Rollouts => Ok(self.rollouts()),
            Request::Rollout { id } => self.rollout(id),
            Request::Compare { product, from, to } => self.compare(product, from, to).await,
            Request::Ddi(asked) => self.ddi(asked).await,
            Request::Bundle {
                product,
                version,
                days,
            } => self.bundle(&product, &version, days).await,
            Request::Alert(asked) => self.alert(asked).await,
            Request::Delivery(asked) => self.delivery(asked).await,
            Request::Logs(asked) => self.logs(&asked),
            Request::Settings => self.settings(),
            Request::PrepareSettings { scope, settings } => {
                self.prepare_settings(&scope, settings).await
            }
            Request::PrepareFeed { file } => self.prepare_feed(&file).await,
            Request::Risk(asked) => self.risk(asked).await,
            Request::Scan(asked) => self.scan(asked).await,
            Request::Command(asked) => self.command(asked).await,
            Request::Interface { method, path, body } => self.interface(&method, &path, body).await,
            Request::Profile(asked) => self.profile(asked),
            Request::Backup { file, passphrase } => self.backup(file, passphrase).await,
            Request::Restored { file, done } => self.restored(&file, &done),
            Request::Audit(wish) => self.audit(&wish),
            Request::Report(asked) => self.report(asked).await,
            Request::People(asked) => self.people(asked),
            Request::Access(asked) => self.access(asked),
            Request::Keyed(asked) => self.keyed(asked),
        }
    }

    /// What was noted before, and is noted again where it was not carried out: as the pages do, so that nothing is
    /// done of which the audit log knows nothing.
    fn done<T>(&self, object: &str, outcome: Result<T, OrderError>) -> Result<T, String> {
        outcome.map_err(|error| self.refused(object, &error))
    }

    fn refused(&self, object: &str, error: &OrderError) -> String {
        let why = error.to_string();
        let noted = access::note_refused(&self.service.writer, object, &why);
        if let Err(error) = noted {
            warn!(%error, object, "a refused order is not in the audit log");
        }
        why
    }

    fn note(&self, action: &str, object: &str) -> Result<(), String> {
        access::note(&self.service.writer, action, object).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Story: another user was told to start a coordinator that ran.
    #[test]
    fn a_socket_that_may_not_be_opened_is_told_from_one_that_nobody_serves() {
        let told = |kind: ErrorKind| unreachable(Path::new("/m"), kind.into()).to_string();
        let other_user = told(ErrorKind::PermissionDenied);
        assert!(
            other_user.contains("only the user who runs"),
            "{other_user}"
        );
        for off in [ErrorKind::NotFound, ErrorKind::ConnectionRefused] {
            assert!(told(off).contains("does not run"));
        }
    }

    /// A mail server has half a minute, and the command gave up after fifteen seconds.
    #[test]
    fn whoever_tries_a_channel_waits_as_long_as_somebody_outside_may_take() {
        let channel = "ops".to_owned();
        let tries = [
            Request::Delivery(DeliveryAsked::Test { channel }),
            Request::TestDeputies,
            Request::Interface {
                method: "POST".to_owned(),
                path: "/api/v1/delivery/test".to_owned(),
                body: String::new(),
            },
        ];
        for request in tries {
            assert!(patience(&request) > crate::delivery::LONGEST, "{request:?}");
        }
        assert_eq!(patience(&Request::ShowDeputies), PATIENCE);
    }
}
