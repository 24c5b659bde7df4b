//! One way to somebody: a mail server with recipients, a webhook, or a topic of ntfy.

use std::fs::{self, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use alerts::letter::Letter;
use protocol::id::MeshId;
use serde::Deserialize;
use thiserror::Error;
use webhook::address::AddressError;
use webhook::post::PostError;
use webhook::secret::SecretError;
use zeroize::Zeroizing;

use super::mail::{Mail, MailError, MailText};
use super::ntfy::{Ntfy, NtfyText};
use super::render::Place;
use super::settings::Settings;
use super::webhooks::{Webhook, WebhookText};

/// Bytes of a file with a secret, or with certificates.
const FILE_BYTES: u64 = 64 * 1024;

#[derive(Debug)]
pub enum Channel {
    Mail(Box<Mail>),
    Webhook(Webhook),
    Ntfy(Ntfy),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelText {
    pub name: String,
    mail: Option<MailText>,
    webhook: Option<WebhookText>,
    ntfy: Option<NtfyText>,
}

/// What is wrong with the settings of a channel.
#[derive(Debug, Error)]
pub enum ChannelError {
    #[error("write one of mail, webhook and ntfy")]
    Kind,
    #[error("{key}: {what}")]
    Value {
        key: &'static str,
        what: &'static str,
    },
    #[error("{key}: {source}")]
    Address {
        key: &'static str,
        source: AddressError,
    },
    #[error("secret_file: {0}")]
    Secret(#[from] SecretError),
    #[error("{key}: cannot read {path}: {source}", path = path.display())]
    Read {
        key: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{key}: {path} may be read by others: run chmod 600 {path}", path = path.display())]
    TooOpen { key: &'static str, path: PathBuf },
    #[error("{0}")]
    Mail(#[from] MailError),
}

/// Why nobody took a letter.
#[derive(Debug, Error)]
pub enum SendError {
    #[error("the channel is no longer in delivery.toml")]
    Gone,
    #[error("{0}")]
    Mail(#[from] MailError),
    /// The setting that would allow it is named, because nobody can guess it.
    #[error(
        "the receiver is on this machine or in a private network: where that is meant, write private = true beside its url in delivery.toml"
    )]
    NotPublic,
    #[error("{0}")]
    Post(PostError),
}

impl From<PostError> for SendError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::NotPublic => Self::NotPublic,
            other => Self::Post(other),
        }
    }
}

impl SendError {
    /// Whether trying again is in vain.
    pub fn is_for_good(&self) -> bool {
        match self {
            Self::Gone => true,
            // Gone, says the receiver: Standard Webhooks has senders stop at that.
            Self::Post(PostError::Refused(status)) => status.as_u16() == 410,
            Self::NotPublic | Self::Post(_) | Self::Mail(_) => false,
        }
    }
}

impl Channel {
    pub(super) fn read(text: ChannelText, folder: &Path) -> Result<Self, ChannelError> {
        match (text.mail, text.webhook, text.ntfy) {
            (Some(mail), None, None) => Ok(Self::Mail(Box::new(Mail::read(mail, folder)?))),
            (None, Some(webhook), None) => Ok(Self::Webhook(Webhook::read(&webhook, folder)?)),
            (None, None, Some(ntfy)) => Ok(Self::Ntfy(Ntfy::read(&ntfy, folder)?)),
            _ => Err(ChannelError::Kind),
        }
    }

    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Webhook(_) => "webhook",
            Self::Ntfy(_) => "ntfy",
        }
    }

    /// To whom, without anything secret: paths of webhooks and topics of ntfy carry keys.
    pub fn to(&self) -> String {
        match self {
            Self::Mail(mail) => mail.to(),
            Self::Webhook(webhook) => webhook.to(),
            Self::Ntfy(ntfy) => ntfy.to(),
        }
    }

    pub async fn send(
        &self,
        letter: &Letter,
        mesh: &MeshId,
        settings: &Settings,
    ) -> Result<(), SendError> {
        let place = Place {
            pages: settings.pages.as_deref(),
            zone: settings.plan.offset,
        };
        match self {
            Self::Mail(mail) => Ok(mail.send(letter, mesh, place).await?),
            Self::Webhook(webhook) => Ok(webhook.send(letter, place).await?),
            Self::Ntfy(ntfy) => Ok(ntfy.send(letter, place).await?),
        }
    }
}

/// A secret's text, from the credentials that systemd hands over or from a file beside the settings.
pub(super) fn secret(
    key: &'static str,
    file: &str,
    folder: &Path,
) -> Result<Zeroizing<String>, ChannelError> {
    let handed_over = std::env::var_os("CREDENTIALS_DIRECTORY")
        .map(|folder| Path::new(&folder).join(file))
        .filter(|path| !file.contains('/') && path.exists());
    let path = handed_over.unwrap_or_else(|| folder.join(file));
    let read = |source| ChannelError::Read {
        key,
        path: path.clone(),
        source,
    };
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(&path)
        .map_err(read)?;
    let mode = opened.metadata().map_err(read)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(ChannelError::TooOpen { key, path });
    }
    let mut text = Zeroizing::new(String::new());
    opened
        .take(FILE_BYTES)
        .read_to_string(&mut text)
        .map_err(read)?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// Certificates that a channel trusts instead of the system's.
pub(super) fn certificates(file: &str, folder: &Path) -> Result<Vec<u8>, ChannelError> {
    let path = folder.join(file);
    fs::read(&path).map_err(|source| ChannelError::Read {
        key: "ca_file",
        path,
        source,
    })
}
