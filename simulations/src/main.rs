//! `palisade-sim`: runs a scenario from its seed and says whether every check held.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use simulations::commands::Command;

/// Whole Palisade fleets from a seed, in virtual time.
#[derive(Debug, Parser)]
#[command(name = "palisade-sim", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> anyhow::Result<ExitCode> {
    Arguments::parse().command.run()
}
