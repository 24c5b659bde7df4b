//! Letters as mail: text and HTML in one, over TLS, under a name that stays the same for every attempt.

use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use alerts::letter::Letter;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use protocol::id::MeshId;
use serde::Deserialize;
use thiserror::Error;
use zeroize::Zeroizing;

use super::channel::{ChannelError, certificates, secret};
use super::render::{self, Place};

/// A server has this long for each step.
const PATIENCE: Duration = Duration::from_secs(10);
/// A server has this long for all steps together.
pub(super) const IN_ALL: Duration = Duration::from_secs(30);
/// Recipients of one channel.
const RECIPIENTS: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailText {
    /// host:port, or a host and the usual port.
    server: String,
    #[serde(default)]
    tls: TlsText,
    user: Option<String>,
    password_file: Option<String>,
    /// Certificates in PEM that are trusted instead of the system's.
    ca_file: Option<String>,
    from: String,
    to: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TlsText {
    /// Begins without, and goes on with TLS or not at all.
    #[default]
    Starttls,
    /// From the first byte on.
    Implicit,
    /// To this very machine only.
    None,
}

/// Everything that a mail needs, checked.
#[derive(Debug)]
pub struct Mail {
    host: String,
    port: u16,
    tls: TlsText,
    login: Option<(String, Zeroizing<String>)>,
    authorities: Option<Certificate>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

#[derive(Debug, Error)]
pub enum MailError {
    #[error("TLS cannot be used: {0}")]
    Tls(lettre::transport::smtp::Error),
    #[error("the mail server did not take it: {0}")]
    Send(lettre::transport::smtp::Error),
    #[error("the mail cannot be written: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("the mail server gave no answer within {} s", IN_ALL.as_secs())]
    TooLate,
}

impl Mail {
    pub(super) fn read(text: MailText, folder: &Path) -> Result<Self, ChannelError> {
        let wrong = |key, what| ChannelError::Value { key, what };
        let usual = match text.tls {
            TlsText::Starttls => 587,
            TlsText::Implicit => 465,
            TlsText::None => 25,
        };
        let (host, port) = match text.server.rsplit_once(':') {
            Some((host, port)) => {
                let port = port
                    .parse()
                    .map_err(|_| wrong("server", "write host:port"))?;
                (host.trim_matches(['[', ']']).to_owned(), port)
            }
            None => (text.server.clone(), usual),
        };
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if text.tls == TlsText::None && !here {
            return Err(wrong(
                "tls",
                "without TLS only this very machine is spoken to",
            ));
        }
        let login = match (text.user, text.password_file) {
            (Some(user), Some(file)) => Some((user, secret("password_file", &file, folder)?)),
            (None, None) => None,
            _ => return Err(wrong("user", "write user and password_file, or neither")),
        };
        if text.to.is_empty() || text.to.len() > RECIPIENTS {
            return Err(wrong("to", "name 1 to 50 addresses"));
        }
        let mailbox = |key, text: &String| {
            text.parse::<Mailbox>()
                .map_err(|_| wrong(key, "write an address as name@host.example"))
        };
        let to = text.to.iter().map(|to| mailbox("to", to));
        let authorities = text.ca_file.map(|file| {
            let pem = certificates(&file, folder)?;
            Certificate::from_pem(&pem).map_err(|error| ChannelError::from(MailError::Tls(error)))
        });
        Ok(Self {
            host,
            port,
            tls: text.tls,
            login,
            authorities: authorities.transpose()?,
            from: mailbox("from", &text.from)?,
            to: to.collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn to(&self) -> String {
        let to: Vec<String> = self.to.iter().map(|to| to.email.to_string()).collect();
        to.join(", ")
    }

    pub(super) async fn send(
        &self,
        letter: &Letter,
        mesh: &MeshId,
        place: Place<'_>,
    ) -> Result<(), MailError> {
        let message = self.message(letter, mesh, place)?;
        let transport = self.transport()?;
        let sent = tokio::time::timeout(IN_ALL, transport.send(message)).await;
        sent.map_err(|_| MailError::TooLate)?
            .map_err(MailError::Send)?;
        Ok(())
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .tls(self.cover()?)
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &self.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
        }
        Ok(builder.build())
    }

    fn cover(&self) -> Result<Tls, MailError> {
        if self.tls == TlsText::None {
            return Ok(Tls::None);
        }
        let mut parameters = TlsParameters::builder(self.host.clone());
        if let Some(authorities) = &self.authorities {
            parameters = parameters
                .certificate_store(lettre::transport::smtp::client::CertificateStore::None)
                .add_root_certificate(authorities.clone());
        }
        let parameters = parameters.build_rustls().map_err(MailError::Tls)?;
        Ok(match self.tls {
            TlsText::Implicit => Tls::Wrapper(parameters),
            TlsText::Starttls | TlsText::None => Tls::Required(parameters),
        })
    }

    /// Headers are built by the library from values without control characters, which encodes what is not ASCII.
    pub(super) fn message(
        &self,
        letter: &Letter,
        mesh: &MeshId,
        place: Place<'_>,
    ) -> Result<Message, MailError> {
        let mesh = mesh.to_string();
        let domain = format!("{}.palisade", &mesh[..mesh.len().min(16)]);
        let mut builder = Message::builder()
            .from(self.from.clone())
            .subject(letter.subject())
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            .date(UNIX_EPOCH + Duration::from_millis(letter.at.as_millis()));
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        let mut message = builder.multipart(
            // The name that nobody can guess stands in no letter but as this.
            MultiPart::builder()
                .kind(MultiPartKind::Alternative)
                .boundary(letter.id.as_str())
                .singlepart(SinglePart::plain(render::text(letter, place)))
                .singlepart(
                    SinglePart::builder()
                        .header(ContentType::TEXT_HTML)
                        .body(render::html(letter, place).into_string()),
                ),
        )?;
        let headers = message.headers_mut();
        for (name, value) in [
            ("List-Id", format!("Palisade alerts <alerts.{domain}>")),
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("Content-Language", letter.language.tag().to_owned()),
        ] {
            let name = HeaderName::new_from_ascii(name.to_owned()).expect("it is plain ASCII");
            headers.insert_raw(HeaderValue::new(name, value));
        }
        Ok(message)
    }
}

#[cfg(test)]
mod tests;
