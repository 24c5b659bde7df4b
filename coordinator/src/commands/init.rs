//! `init`: a mesh begins, and its recovery words are shown once.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{read_passphrase, say};
use crate::ceremony::{self, RootPlan};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// Where people reach the pages and the API.
    #[arg(long, default_value = "127.0.0.1:8443")]
    people: SocketAddr,
    /// Where devices reach the mesh; enrolment takes the next port.
    #[arg(long, default_value = "0.0.0.0:7443")]
    devices: SocketAddr,
    /// How many root keys there are.
    #[arg(long, default_value_t = 1)]
    root_keys: u32,
    /// How many of them must sign.
    #[arg(long, default_value_t = 1)]
    root_threshold: u32,
    /// Also writes the root keys into files encrypted with the passphrase in this file.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

pub(super) fn run(dir: &Path, as_json: bool, init: &Init) -> anyhow::Result<()> {
    let config = Config {
        people: init.people,
        mesh: init.devices,
        enrolment: SocketAddr::new(init.devices.ip(), next_port(init.devices.port())),
        ..Config::default()
    }
    .checked()?;
    let passphrase = init
        .passphrase_file
        .as_deref()
        .map(read_passphrase)
        .transpose()?;
    let plan = RootPlan {
        holders: init.root_keys,
        threshold: init.root_threshold,
        passphrase,
    };
    let made = ceremony::init(dir, &config, &plan, mesh::wall())?;
    if as_json {
        let words: Vec<&str> = made.words.iter().map(|words| words.as_str()).collect();
        say(format_args!(
            "{}",
            json!({ "mesh": made.mesh.to_string(), "recovery_words": words, "files": made.files })
        ))?;
        return Ok(());
    }
    say(format_args!("mesh {}\n", made.mesh))?;
    say(format_args!(
        "Write these recovery words down and keep them off this machine. They are shown once."
    ))?;
    for (index, words) in made.words.iter().enumerate() {
        say(format_args!(
            "\n  root key {}\n  {}",
            index + 1,
            words.as_str()
        ))?;
    }
    for file in &made.files {
        say(format_args!(
            "\nMove {} to a machine without network.",
            file.display()
        ))?;
    }
    say(format_args!(
        "\nNext: palisade-coordinator serve --dir {}",
        dir.display()
    ))?;
    Ok(())
}

/// Port 0 lets the system choose both.
fn next_port(port: u16) -> u16 {
    if port == 0 { 0 } else { port.saturating_add(1) }
}
