//! `tuf-client`: refreshes the metadata of a TUF repository in a directory, and downloads targets by it.
#![forbid(unsafe_code)]

mod client;
mod directory;
mod http;
mod schemes;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::client::Client;

#[derive(Debug, Parser)]
#[command(version, about, subcommand_precedence_over_arg = true)]
struct Arguments {
    /// Where trusted metadata is kept.
    #[arg(long, value_name = "DIR")]
    metadata_dir: PathBuf,
    /// Where the repository serves metadata.
    #[arg(long, value_name = "URL")]
    metadata_url: Option<String>,
    /// A target to download; may be given several times.
    #[arg(long, value_name = "PATH")]
    target_name: Vec<String>,
    /// Where downloaded targets are kept.
    #[arg(long, value_name = "DIR")]
    target_dir: Option<PathBuf>,
    /// Where the repository serves targets.
    #[arg(long, value_name = "URL")]
    target_base_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Trusts a first root; nothing is requested.
    Init { trusted_root: PathBuf },
    /// Brings the metadata up to date.
    Refresh,
    /// Brings the metadata up to date and downloads the named targets.
    Download,
}

/// Zero or one and nothing else: the suite takes any other code for a crash.
fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tuf-client: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Command::Init { trusted_root } = &arguments.command {
        return client::init(&arguments.metadata_dir, trusted_root);
    }
    let url = arguments.metadata_url.as_deref();
    let url = url.context("--metadata-url is needed")?;
    let mut client = Client::refresh(&arguments.metadata_dir, url)?;
    if matches!(arguments.command, Command::Refresh) {
        return Ok(());
    }
    let folder = arguments.target_dir.as_deref();
    let folder = folder.context("--target-dir is needed")?;
    let base = arguments.target_base_url.as_deref();
    let base = base.context("--target-base-url is needed")?;
    for name in &arguments.target_name {
        let downloaded = client.download(name, base, folder);
        downloaded.with_context(|| format!("cannot download {name}"))?;
    }
    Ok(())
}
