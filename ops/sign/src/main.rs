//! `palisade-sign`: an administrator's signature on a payload, made on a machine of their own.
#![forbid(unsafe_code)]

mod words;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use protocol::key::{SecretKey, Signer as _};
use tuf_core::draft::detached;
use zeroize::Zeroizing;

#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Says what a payload is.
    Show { payload: PathBuf },
    /// Says what a payload is, and signs it once that was confirmed.
    Sign {
        payload: PathBuf,
        /// The encrypted key file, as `palisade-coordinator init` leaves it.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// A file whose only line is the passphrase.
        #[arg(long, value_name = "FILE")]
        passphrase_file: PathBuf,
        /// Where the signature goes.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The SHA-256 that was shown, instead of an answer at the terminal.
        #[arg(long, value_name = "HEX")]
        confirm: Option<String>,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Show { payload } => {
            show(&read(&payload)?)?;
            Ok(())
        }
        Command::Sign {
            payload,
            key,
            passphrase_file,
            out,
            confirm,
        } => {
            let payload = read(&payload)?;
            let digest = show(&payload)?;
            confirmed(confirm.as_deref(), &digest)?;
            let signer = open(&key, &passphrase_file)?;
            let signature = (*signer.public().as_bytes(), signer.sign(&payload).0);
            save(&out, &detached::to_bytes(&signature))
        }
    }
}

/// Prints the payload in words; what it cannot put in words is not signed.
fn show(payload: &[u8]) -> anyhow::Result<String> {
    let described = words::describe(payload)?;
    let mut out = io::stdout().lock();
    for line in &described.lines {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "SHA-256 {}", described.digest)?;
    Ok(described.digest)
}

fn confirmed(given: Option<&str>, digest: &str) -> anyhow::Result<()> {
    let answer = match given {
        Some(given) => given.to_owned(),
        None => ask("Sign this? Type the first eight characters of the SHA-256: ")?,
    };
    let answer = answer.trim();
    if answer.len() < 8 || !digest.starts_with(answer) {
        bail!("not confirmed, so nothing is signed");
    }
    Ok(())
}

fn open(key: &Path, passphrase_file: &Path) -> anyhow::Result<SecretKey> {
    let passphrase = fs::read_to_string(passphrase_file);
    let cannot = || format!("cannot read {}", passphrase_file.display());
    let passphrase = Zeroizing::new(passphrase.with_context(cannot)?);
    let seed = keyfile::open(&read(key)?, passphrase.trim_end_matches('\n'))?;
    Ok(SecretKey::from_seed(&seed))
}

fn ask(question: &str) -> anyhow::Result<String> {
    eprint!("{question}");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A signature that is there already is never replaced.
fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let created = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    let mut file = created.with_context(|| format!("cannot create {}", path.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    println!("the signature is in {}", path.display());
    Ok(())
}
