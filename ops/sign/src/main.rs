//! `palisade-sign`: an administrator's signature on a payload, made on a machine of their own.
#![forbid(unsafe_code)]

mod words;

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use clap::{Parser, Subcommand};
use protocol::key::{SecretKey, Signer as _};
use tuf_core::draft::detached;
use tuf_core::key::PublicKey;
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
    /// Makes a key for somebody who is to sign, and prints its public half.
    New {
        /// Where the encrypted key goes.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// A file whose only line is the passphrase, of at least 15 characters.
        #[arg(long, value_name = "FILE")]
        passphrase_file: PathBuf,
    },
    /// Prints the public half of a key, and the id by which it is shown.
    Key {
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        #[arg(long, value_name = "FILE")]
        passphrase_file: PathBuf,
    },
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
        Command::New {
            out,
            passphrase_file,
        } => {
            let mut secret = Zeroizing::new([0; 48]);
            getrandom::fill(secret.as_mut_slice()).context("the system gave no random bytes")?;
            let (seed, salt) = secret.split_at(32);
            let (seed, salt) = (seed.try_into()?, salt.try_into()?);
            let passphrase = read_passphrase(&passphrase_file)?;
            ensure!(
                passphrase.len() >= 15,
                "the passphrase needs at least 15 characters"
            );
            create(&out, &keyfile::seal(seed, salt, &passphrase)?)?;
            say_key(&SecretKey::from_seed(seed))
        }
        Command::Key {
            key,
            passphrase_file,
        } => say_key(&open(&key, &passphrase_file)?),
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
            create(&out, &detached::to_bytes(&signature))?;
            println!("the signature is in {}", out.display());
            Ok(())
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
    let seed = keyfile::open(&read(key)?, &read_passphrase(passphrase_file)?)?;
    Ok(SecretKey::from_seed(&seed))
}

fn read_passphrase(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = fs::read_to_string(path);
    let text = Zeroizing::new(text.with_context(|| format!("cannot read {}", path.display()))?);
    Ok(Zeroizing::new(text.trim_end_matches('\n').to_owned()))
}

fn say_key(key: &SecretKey) -> anyhow::Result<()> {
    let public = PublicKey::from_bytes(key.public().as_bytes())?;
    println!("{public:?}");
    eprintln!("its id begins with {}", &public.id()[..12]);
    Ok(())
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

/// A key or a signature that is there already is never replaced.
fn create(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let created = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = created.with_context(|| format!("cannot create {}", path.display()))?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}
