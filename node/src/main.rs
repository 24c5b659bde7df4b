//! `palisade-node`: arguments, and which of the commands they mean.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser as _;
use node::commands::{self, Arguments};

fn main() -> ExitCode {
    match commands::run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let code = commands::exit_code(&error);
            if code != 0 {
                eprintln!("palisade-node: {error:#}");
            }
            ExitCode::from(code)
        }
    }
}
