//! A withdrawal for good, signed here with an administrator's key that the coordinator never sees.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use data_encoding::BASE64;
use protocol::id::{DeviceId, MeshId};
use protocol::key::SecretKey;
use protocol::ledger::{Strength, Withdrawal};
use protocol::signed::Signed;
use protocol::text::Name;
use zeroize::Zeroizing;

use crate::control::{self, Answer, Request};
use crate::offline;
use crate::secrets::Secret;

/// The identity log may grow between the question and the signature.
const ATTEMPTS: u32 = 5;
/// What the coordinator shows of the log is renewed once a second.
const PAUSE: Duration = Duration::from_secs(1);

/// What has to be signed for, at this moment.
#[derive(Debug)]
pub(super) struct Place {
    mesh: MeshId,
    pub(super) device: DeviceId,
    /// What the device is called.
    pub(super) name: String,
    log_index: u64,
}

/// Looks up a device, and the place in the identity log that comes next.
pub(super) async fn place(dir: &Path, device: &str) -> anyhow::Result<Place> {
    let device = device.to_owned();
    let answer = control::ask(dir, &Request::PlaceOfRevocation { device }).await?;
    let Answer::PlaceOfRevocation {
        mesh,
        device,
        name,
        log_index,
    } = answer
    else {
        anyhow::bail!("the coordinator answered something else");
    };
    Ok(Place {
        mesh: mesh.parse()?,
        device: device.parse()?,
        name,
        log_index,
    })
}

/// Signs for the place and hands the signature over; again where the log has grown meanwhile.
pub(super) async fn order(
    dir: &Path,
    key: &SecretKey,
    mut place: Place,
    strength: Strength,
    reason: &Name,
) -> anyhow::Result<Answer> {
    for _ in 0..ATTEMPTS {
        let withdrawal = Withdrawal {
            mesh: place.mesh,
            device: place.device,
            log_index: place.log_index,
            time: mesh::wall(),
            strength,
            reason: reason.clone(),
        };
        let signed = Signed::seal(withdrawal, key);
        let withdrawal = BASE64.encode(signed.bytes());
        match control::ask(dir, &Request::Revoke { withdrawal }).await? {
            Answer::LogHasGrown => {
                tokio::time::sleep(PAUSE).await;
                place = self::place(dir, &place.device.to_string()).await?;
            }
            answer => return Ok(answer),
        }
    }
    anyhow::bail!("the identity log grows faster than it can be signed for: try again")
}

/// Reads an administrator's key from its file, or makes it from the recovery words of the first root key.
pub(super) fn administrator(
    path: &Path,
    passphrase_file: Option<&Path>,
) -> anyhow::Result<SecretKey> {
    let file = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = Zeroizing::new(file);
    let secret = if keyfile::is_key_file(&file) {
        let passphrase = passphrase_file
            .context("a key file needs its passphrase: name its file with --passphrase-file")?;
        let opened = offline::decrypt(&file, &super::read_passphrase(passphrase)?);
        opened.with_context(|| path.display().to_string())?
    } else {
        let text = std::str::from_utf8(&file)
            .context("the file holds neither a key nor recovery words")?;
        let root = protocol::words::read(text).with_context(|| path.display().to_string())?;
        offline::administrator(&Secret::from_bytes(*root))
    };
    Ok(SecretKey::from_seed(secret.bytes()))
}
