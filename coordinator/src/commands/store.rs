//! `store`: the coordinator's own file, while nobody has it open.

use std::path::Path;

use anyhow::Context as _;

use super::say;
use crate::offices::{self, Paths};
use crate::store::key::StoreKey;
use crate::store::sealed::{self, Converted};

#[derive(Debug, clap::Subcommand)]
pub(super) enum StoreCommand {
    /// Seals a store that a former release wrote in the clear. The coordinator must be stopped; the store stays as it is
    /// until the sealed copy is verified, so the disk needs room for both.
    Seal,
}

pub(super) fn run(dir: &Path, json: bool, command: &StoreCommand) -> anyhow::Result<()> {
    let StoreCommand::Seal = command;
    let paths = Paths::new(dir);
    let key = offices::store_key(&paths)?;
    let key = StoreKey::from_bytes(*key.bytes());
    let path = paths.store();
    let done = sealed::convert(&path, &key).context("the store was not sealed")?;
    let (rows, state) = match done {
        Converted::Sealed { rows, state } => (Some(rows), Some(state.to_string())),
        Converted::Already => (None, None),
    };
    let line = match (json, rows) {
        (true, _) => {
            serde_json::json!({ "sealed": true, "rows": rows, "state": state }).to_string()
        }
        (false, Some(rows)) => format!(
            "{}: sealed, {rows} rows, state {}",
            path.display(),
            state.unwrap_or_default()
        ),
        (false, None) => format!("{}: was sealed already", path.display()),
    };
    Ok(say(format_args!("{line}"))?)
}
