//! `palisade-coordinator`: arguments, and which of the commands they mean.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser as _;
use coordinator::commands::{self, Arguments};

fn main() -> ExitCode {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .expect("nothing else has installed a provider in a program that just began");
    let arguments = Arguments::parse();
    match commands::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let code = commands::exit_code(&error);
            if code != 0 {
                eprintln!("palisade-coordinator: {error:#}");
            }
            ExitCode::from(code)
        }
    }
}
