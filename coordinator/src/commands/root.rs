//! `root`: the offline root read back, to see that paper and passphrase are still good.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use protocol::words::TEXT_BYTES;
use serde_json::json;
use tuf_core::role::RoleName;
use tuf_core::root::Root;
use zeroize::Zeroizing;

use super::{read_passphrase, say};
use crate::holders::{self, Holders};
use crate::offices::{self, LoadError, Paths};
use crate::secrets::Secret;

#[derive(Debug, clap::Subcommand)]
pub(super) enum RootCommand {
    /// Reads the root back from its words or its files, and says whether it could sign.
    Check(RootKeys),
}

/// Where the root's keys are read from.
#[derive(Debug, clap::Args)]
pub(super) struct RootKeys {
    /// A key file, or a file with recovery words; once for each holder. Without any, the words are read from
    /// standard input, an empty line between two holders.
    #[arg(long)]
    root: Vec<PathBuf>,
    /// The file with the passphrase of the key files.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

pub(super) fn run(dir: &Path, as_json: bool, command: &RootCommand) -> anyhow::Result<()> {
    let RootCommand::Check(keys) = command;
    let trust = offices::trust(&Paths::new(dir))?;
    let root = trust.root().ok_or(LoadError::NoMesh(dir.to_owned()))?;
    let holders = keys.open(root)?;
    let mesh = trust.charter().mesh;
    let (given, needed) = (holders.count(), root.threshold(RoleName::Root));
    if as_json {
        say(format_args!(
            "{}",
            json!({ "mesh": mesh.to_string(), "given": given, "needed": needed })
        ))?;
        return Ok(());
    }
    say(format_args!(
        "{given} root keys of mesh {mesh} were read back, {needed} must sign: they can sign for it"
    ))?;
    Ok(())
}

impl RootKeys {
    /// Reads the keys and holds them against the root document.
    pub(super) fn open(&self, root: &Root) -> anyhow::Result<Holders> {
        Ok(Holders::of(root, self.seeds()?)?)
    }

    fn seeds(&self) -> anyhow::Result<Vec<Secret>> {
        if self.root.is_empty() {
            return Ok(holders::from_words(&words_on_standard_input()?)?);
        }
        let passphrase = self.passphrase_file.as_deref();
        let passphrase = passphrase.map(read_passphrase).transpose()?;
        let passphrase = passphrase.as_ref().map(|text| text.as_str());
        let read = |path: &PathBuf| Ok(holders::from_file(path, passphrase)?);
        self.root.iter().map(read).collect()
    }
}

fn words_on_standard_input() -> io::Result<Zeroizing<String>> {
    if io::stdin().is_terminal() {
        eprintln!(
            "Enter the recovery words, an empty line between two holders, and end with Ctrl-D."
        );
    }
    let bound = (TEXT_BYTES * tuf_core::limits::KEYS) as u64;
    let mut text = Zeroizing::new(String::with_capacity(TEXT_BYTES));
    io::stdin().lock().take(bound).read_to_string(&mut text)?;
    Ok(text)
}
