//! `scan`: scans that were made elsewhere, and scans that nodes make.

use std::path::{Path, PathBuf};

use super::risk;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Scan {
    /// Takes in a scan of nmap (-oX) or a report of OpenVAS (XML).
    Import {
        file: PathBuf,
        /// The one device that it is about; without it hosts are looked up by address and MAC.
        #[arg(long)]
        device: Option<String>,
    },
}

pub(super) async fn run(dir: &Path, json: bool, command: &Scan) -> anyhow::Result<()> {
    match command {
        Scan::Import { file, device } => risk::import_scan(dir, json, file, device.clone()).await,
    }
}
