//! `data`: what is kept how long, everything of one device or person, and the erasure of a device.

use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::api::ask;
use super::say;
use crate::privacy;

#[derive(Debug, Subcommand)]
pub(super) enum Data {
    /// Prints what is kept how long, and what an erasure does to it.
    Retention,
    /// Prints everything that is kept of a device, a document for each page.
    Device { id: String },
    /// Prints everything that is kept of a person, a document for each page.
    Person { name: String },
    /// Destroys the key that opens what a retired device said.
    Erase {
        id: String,
        /// The name of the device, to be sure.
        #[arg(long)]
        name: String,
        /// Stands in the audit log.
        #[arg(long)]
        why: String,
    },
}

pub(super) async fn run(dir: &Path, as_json: bool, command: &Data) -> anyhow::Result<()> {
    match command {
        Data::Retention => retention(as_json),
        Data::Device { id } => pages(dir, &format!("/api/v1/devices/{id}/export?limit=500")).await,
        Data::Person { name } => {
            pages(dir, &format!("/api/v1/people/{name}/export?limit=500")).await
        }
        Data::Erase { id, name, why } => {
            let body = json!({ "name": name, "why": why }).to_string();
            ask(dir, "POST", &format!("/api/v1/devices/{id}/erase"), body).await?;
            Ok(say(format_args!(
                "nothing opens any more what {name} said"
            ))?)
        }
    }
}

fn retention(as_json: bool) -> anyhow::Result<()> {
    for line in privacy::document() {
        let text = match as_json {
            true => serde_json::to_string(&line)?,
            false => format!(
                "{}\n  {}; {}; {}",
                line.what, line.class, line.kept, line.erasure
            ),
        };
        say(format_args!("{text}"))?;
    }
    Ok(())
}

/// One document after the other, a line each.
async fn pages(dir: &Path, path: &str) -> anyhow::Result<()> {
    let mut next = String::new();
    loop {
        let body = ask(dir, "GET", &format!("{path}{next}"), String::new()).await?;
        say(format_args!("{}", body.trim_end()))?;
        let page: Value = serde_json::from_str(&body).context("the answer")?;
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return Ok(()),
        }
    }
}
