//! `audit`: who did what, whether the log is as it was written, and the log as a file.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use thiserror::Error;

use super::answer::as_document;
use super::{open_store, say};
use crate::audit::{AuditAsked, EXPORTED, EntryDocument, Format, VerdictDocument};
use crate::control::audit::AuditWish;
use crate::control::{self, Answer, ControlError, Request};
use crate::offices::Paths;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Audit {
    /// Lists entries, the newest first.
    List {
        #[command(flatten)]
        sought: Sought,
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Walks the whole log and names the first entry that is not as it was written; also where the coordinator does not run.
    Verify,
    /// Writes entries to a file or to standard output, the newest first.
    Export {
        #[command(flatten)]
        sought: Sought,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Sought {
    /// A part of who acted.
    #[arg(long)]
    actor: Option<String>,
    /// How the action begins: `device.` fits everything that is done to devices.
    #[arg(long)]
    action: Option<String>,
    /// A part of what was acted on.
    #[arg(long)]
    object: Option<String>,
    /// A day, or an instant as 2026-11-27T08:00:00Z.
    #[arg(long)]
    from: Option<String>,
    /// The same; the day itself is inside.
    #[arg(long)]
    until: Option<String>,
}

/// The log is not as it was written; what is wrong was said.
#[derive(Debug, Error)]
#[error("the audit log is not as it was written")]
pub(super) struct BrokenLog;

impl Sought {
    fn asked(&self) -> AuditAsked {
        AuditAsked {
            actor: self.actor.clone(),
            action: self.action.clone(),
            object: self.object.clone(),
            from: self.from.clone(),
            until: self.until.clone(),
        }
    }
}

pub(super) async fn run(dir: &Path, json: bool, command: &Audit) -> anyhow::Result<()> {
    match command {
        Audit::List { sought, limit } => list(dir, json, sought.asked(), *limit).await,
        Audit::Verify => verify(dir, json).await,
        Audit::Export {
            sought,
            format,
            out,
        } => {
            let mut to: Box<dyn io::Write> = match out {
                Some(path) => Box::new(create(path)?),
                None => Box::new(io::stdout().lock()),
            };
            export(dir, sought.asked(), *format, to.as_mut()).await
        }
    }
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create_new(path).with_context(|| format!("cannot make {}", path.display()))
}

async fn list(dir: &Path, json: bool, sought: AuditAsked, limit: usize) -> anyhow::Result<()> {
    let wish = AuditWish::Show {
        sought,
        before: None,
        limit,
    };
    let answer = control::ask(dir, &Request::Audit(wish)).await?;
    match &answer {
        Answer::AuditEntries { items, .. } if !json => Ok(items.iter().try_for_each(print)?),
        _ => Ok(say(format_args!("{}", as_document(&answer)))?),
    }
}

fn print(entry: &EntryDocument) -> io::Result<()> {
    let change = match (&entry.before, &entry.after) {
        (None, None) => String::new(),
        (None, Some(after)) => format!(": {after}"),
        (Some(before), None) => format!(": was {before}"),
        (Some(before), Some(after)) => format!(": {before} → {after}"),
    };
    let address = entry.address.as_deref().unwrap_or("here");
    say(format_args!(
        "{:>6}  {}  {} ({address})  {}  {}{change}",
        entry.number, entry.time, entry.actor, entry.action, entry.object
    ))
}

async fn export(
    dir: &Path,
    sought: AuditAsked,
    format: Format,
    to: &mut dyn io::Write,
) -> anyhow::Result<()> {
    to.write_all(format.heading().as_bytes())?;
    let (mut before, mut left) = (None, EXPORTED);
    while left > 0 {
        let wish = AuditWish::Show {
            sought: sought.clone(),
            before,
            limit: left,
        };
        let answer = control::ask(dir, &Request::Audit(wish)).await?;
        let Answer::AuditEntries { items, next } = answer else {
            anyhow::bail!("the coordinator answered something else");
        };
        for entry in &items {
            to.write_all(format.entry(entry).as_bytes())?;
        }
        left = left.saturating_sub(items.len());
        match next {
            Some(_) => before = next,
            None => break,
        }
    }
    Ok(to.flush()?)
}

/// The coordinator that runs walks the log; where none does, the store is opened here.
async fn verify(dir: &Path, json: bool) -> anyhow::Result<()> {
    let verdict = match control::ask(dir, &Request::Audit(AuditWish::Verify)).await {
        Ok(Answer::AuditVerdict(verdict)) => verdict,
        Ok(_) => anyhow::bail!("the coordinator answered something else"),
        Err(ControlError::NotRunning(_)) => offline(dir)?,
        Err(error) => return Err(error.into()),
    };
    if json {
        let document = serde_json::to_string(&verdict)?;
        say(format_args!("{document}"))?;
    } else {
        tell(&verdict)?;
    }
    anyhow::ensure!(verdict.whole, BrokenLog);
    Ok(())
}

fn offline(dir: &Path) -> anyhow::Result<VerdictDocument> {
    let store = open_store(&Paths::new(dir))?;
    Ok(VerdictDocument::of(&store.reader().audit_check()?))
}

fn tell(verdict: &VerdictDocument) -> io::Result<()> {
    match (&verdict.head, verdict.broken, &verdict.why) {
        (Some(head), ..) => say(format_args!(
            "{} entries, each as it was written, the newest with the digest {head}",
            verdict.entries
        ))?,
        (None, entry, why) => say(format_args!(
            "broken at entry {}: {}",
            entry.unwrap_or_default(),
            why.as_deref().unwrap_or_default()
        ))?,
    }
    for word in &verdict.countersigned {
        let mark = if word.agrees { "agrees" } else { "DISAGREES" };
        say(format_args!("  {mark}: {} ({})", word.says, word.time))?;
    }
    if verdict.whole && verdict.countersigned.is_empty() {
        say(format_args!(
            "  no gateway has countersigned it: nobody but this machine vouches for its end"
        ))?;
    }
    Ok(())
}
