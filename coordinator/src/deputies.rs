//! What deputies tell somebody outside with: set, shown, cleared and tried by the owner of this machine.

use data_encoding::HEXLOWER;
use protocol::deputies::{self, Sink};
use protocol::text::{Line, Path, TextError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;
use webhook::address::{Address, AddressError};
use webhook::post::{Message, PostError, Roots, post};
use webhook::secret::{Secret, SecretError as SecretTextError};
use zeroize::Zeroizing;

use crate::access::{self, AccessError};
use crate::live::Live;
use crate::secrets::{self, SecretError};
use crate::store::fault::{ChangeError, ReadError};
use crate::store::{Reader, Writer};

/// A device that speaks to the outside while the coordinator is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deputy {
    pub id: String,
    pub name: String,
    /// Whether it has a link, and so has what it needs.
    pub linked: bool,
}

#[derive(Debug, Error)]
pub enum DeputiesError {
    #[error("url: {0}")]
    Address(#[from] AddressError),
    #[error("url: {0}")]
    Length(TextError),
    #[error("secret: {0}")]
    Secret(#[from] SecretTextError),
    #[error(
        "secret: it has {0} bytes; what deputies are told has room for 32: write whsec_ and 32 bytes in base64"
    )]
    SecretLength(usize),
    #[error("nobody outside is named: run palisade-coordinator deputies set --url URL")]
    NotSet,
    #[error("{to} did not take the test message: {source}")]
    Post { to: String, source: PostError },
    #[error(transparent)]
    Entropy(#[from] SecretError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<ChangeError> for DeputiesError {
    fn from(error: ChangeError) -> Self {
        Self::Access(error.into())
    }
}

/// Names the receiver. A secret that was made here is handed out, once.
pub fn set(
    writer: &Writer,
    url: &str,
    secret: Option<&str>,
) -> Result<Option<Zeroizing<String>>, DeputiesError> {
    let address: Address = url.parse()?;
    let (secret, made) = match secret {
        Some(text) => (text.trim().parse()?, None),
        None => {
            let fresh = Secret::from_bytes(secrets::random()?);
            let shown = fresh.reveal();
            (fresh, Some(shown))
        }
    };
    let bytes = secret.bytes();
    let sink = Sink {
        url: Path::new(url).map_err(DeputiesError::Length)?,
        secret: bytes
            .try_into()
            .map_err(|_| DeputiesError::SecretLength(bytes.len()))?,
    };
    keep(writer, Some(&sink), "deputies.set", address.authority())?;
    Ok(made)
}

/// Forgets the receiver; deputies that are linked forget it as well.
pub fn clear(reader: &Reader, writer: &Writer) -> Result<(), DeputiesError> {
    let sink = reader.sink()?.ok_or(DeputiesError::NotSet)?;
    let address: Address = sink.url.as_str().parse()?;
    keep(writer, None, "deputies.clear", address.authority())
}

/// Sends a test message from here, as a deputy would.
pub async fn test(reader: &Reader, writer: &Writer) -> Result<String, DeputiesError> {
    let sink = reader.sink()?.ok_or(DeputiesError::NotSet)?;
    let address: Address = sink.url.as_str().parse()?;
    let to = address.authority().to_owned();
    access::note(writer, "deputies.test", &to)?;
    let name: [u8; 8] = secrets::random()?;
    let body = json!({
        "type": "test",
        "text": "Palisade: this is a test message. Nothing has happened.",
    });
    let message = Message {
        id: format!("test-{}", HEXLOWER.encode(&name)),
        second: mesh::wall().as_millis() / 1000,
        body: body.to_string().into_bytes(),
    };
    let secret = Secret::from_bytes(sink.secret);
    match post(&address, &secret, &message, Roots::System).await {
        Ok(()) => Ok(to),
        Err(source) => Err(DeputiesError::Post { to, source }),
    }
}

/// Those who would speak, the same list that every node makes.
pub fn candidates(live: &Live) -> Vec<Deputy> {
    let devices = deputies::candidates(&live.roster).into_iter();
    devices
        .filter_map(|device| live.device(&device))
        .map(|known| Deputy {
            id: known.device.to_string(),
            name: known.name.to_string(),
            linked: known.linked,
        })
        .collect()
}

fn keep(writer: &Writer, sink: Option<&Sink>, action: &str, to: &str) -> Result<(), DeputiesError> {
    let mut act = access::act(action, "deputies")?;
    act.after = Line::fitted(to);
    writer.write(|changes| {
        changes.set_sink(sink)?;
        changes.audit(act)?;
        Ok(())
    })
}
