//! `root`: the offline root read back, and what it signs on a machine that the coordinator does not run on.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use data_encoding::HEXLOWER;
use protocol::ledger::Entry;
use protocol::succession::SuccessionError;
use protocol::words::TEXT_BYTES;
use serde_json::json;
use tuf_core::role::RoleName;
use tuf_core::root::Root;
use ui::parts::time::format;
use zeroize::Zeroizing;

use super::{read_passphrase, rotate, say};
use crate::holders::{self, Holders};
use crate::offices::{self, LoadError, Paths};
use crate::rotation::{self, Proposal};
use crate::secrets::Secret;

const STAMP: &str = "%Y-%m-%d %H:%M UTC";

#[derive(Debug, clap::Subcommand)]
pub(super) enum RootCommand {
    /// Reads the root back from its words or its files, and says whether it could sign.
    Check(RootKeys),
    /// Signs another admission key, as the rotation page has proposed it. Needs no coordinator and no network; what
    /// would change more than that key is not signed.
    Sign {
        /// The file from the page.
        proposal: PathBuf,
        #[command(flatten)]
        keys: RootKeys,
    },
    /// Replaces the root's keys, by the file that the rotation page has made. Needs no coordinator and no network.
    Replace {
        /// The file from the page, which says what is in force.
        proposal: PathBuf,
        #[command(flatten)]
        keys: RootKeys,
        #[command(flatten)]
        shares: NewRoot,
    },
}

/// How a root is shared out that takes the place of another.
#[derive(Debug, clap::Args)]
pub(super) struct NewRoot {
    /// How many root keys there will be.
    #[arg(long, default_value_t = 1)]
    root_keys: u32,
    /// How many of them must sign.
    #[arg(long, default_value_t = 1)]
    root_threshold: u32,
}

impl NewRoot {
    pub(super) const fn plan(&self) -> (u32, u32) {
        (self.root_keys, self.root_threshold)
    }
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
    match command {
        RootCommand::Check(keys) => check(dir, as_json, keys),
        RootCommand::Sign { proposal, keys } => sign(&read_proposal(proposal)?, keys),
        RootCommand::Replace {
            proposal,
            keys,
            shares,
        } => replace(&read_proposal(proposal)?, keys, shares.plan()),
    }
}

fn check(dir: &Path, as_json: bool, keys: &RootKeys) -> anyhow::Result<()> {
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

/// What is signed is said on standard error, so that standard output is the line to carry back.
fn sign(proposal: &Proposal, keys: &RootKeys) -> anyhow::Result<()> {
    let holders = keys.open(root_of(proposal)?)?;
    let documents = proposal.sign(&holders)?;
    let next = proposal.next();
    eprintln!("Signed for mesh {}, and nothing else changes:", next.mesh);
    eprintln!(
        "  charter {}, admission key {}",
        next.version,
        HEXLOWER.encode(next.admission.as_bytes())
    );
    if let Some(former) = next.former.first() {
        eprintln!(
            "  memberships by the key before it open doors until {}",
            format(former.until.as_millis(), STAMP)
        );
    }
    carry_back(&documents)
}

fn replace(proposal: &Proposal, keys: &RootKeys, plan: (u32, u32)) -> anyhow::Result<()> {
    let holders = keys.open(root_of(proposal)?)?;
    let new = rotation::draft_root(proposal.trust(), &holders, plan, mesh::wall())?;
    rotate::show(&new)?;
    say(format_args!(""))?;
    carry_back(&new.documents)
}

fn carry_back(documents: &[Entry]) -> anyhow::Result<()> {
    eprintln!("Copy the next line into the rotation page, all of it:");
    Ok(say(format_args!("{}", rotation::to_text(documents)))?)
}

fn root_of(proposal: &Proposal) -> Result<&Root, SuccessionError> {
    let root = proposal.trust().root();
    root.map(AsRef::as_ref).ok_or(SuccessionError::NoRoot)
}

fn read_proposal(path: &Path) -> anyhow::Result<Proposal> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    let proposal = Proposal::read(&text);
    proposal.with_context(|| path.display().to_string())
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
