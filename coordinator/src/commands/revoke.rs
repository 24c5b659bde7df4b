//! `device revoke`: the permanent word, signed here with a key that the coordinator never sees.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use data_encoding::BASE64;
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

#[derive(Debug, clap::Args)]
pub(super) struct Revoke {
    /// The device's id or its name.
    device: String,
    /// The administrator's key file, or a file with the recovery words of the first root key.
    #[arg(long)]
    key: PathBuf,
    /// The file with the passphrase of the key file.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
    #[arg(long, default_value = "revoked by an administrator")]
    reason: String,
}

pub(super) async fn run(dir: &Path, revoke: &Revoke) -> anyhow::Result<Answer> {
    let key = administrator(revoke)?;
    let reason = Name::new(revoke.reason.as_str()).context("reason")?;
    let device = revoke.device.clone();
    for _ in 0..ATTEMPTS {
        let place = Request::PlaceOfRevocation {
            device: device.clone(),
        };
        let Answer::PlaceOfRevocation {
            mesh,
            device,
            log_index,
        } = control::ask(dir, &place).await?
        else {
            anyhow::bail!("the coordinator answered something else");
        };
        let withdrawal = Withdrawal {
            mesh: mesh.parse()?,
            device: device.parse()?,
            log_index,
            time: mesh::wall(),
            strength: Strength::Revocation,
            reason: reason.clone(),
        };
        let signed = Signed::seal(withdrawal, &key);
        let withdrawal = BASE64.encode(signed.bytes());
        match control::ask(dir, &Request::Revoke { withdrawal }).await? {
            Answer::LogHasGrown => {}
            answer => return Ok(answer),
        }
    }
    anyhow::bail!("the identity log grows faster than it can be signed for: try again")
}

fn administrator(revoke: &Revoke) -> anyhow::Result<SecretKey> {
    let file = Zeroizing::new(
        std::fs::read(&revoke.key)
            .with_context(|| format!("cannot read {}", revoke.key.display()))?,
    );
    let secret = if offline::is_key_file(&file) {
        let passphrase = revoke
            .passphrase_file
            .as_deref()
            .context("a key file needs its passphrase: name its file with --passphrase-file")?;
        offline::decrypt(&file, &super::read_passphrase(passphrase)?)?
    } else {
        let text = std::str::from_utf8(&file)
            .context("the file holds neither a key nor recovery words")?;
        let root = protocol::words::read(text)?;
        offline::administrator(&Secret::from_bytes(*root))
    };
    Ok(SecretKey::from_seed(secret.bytes()))
}
