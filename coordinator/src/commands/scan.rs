//! `scan`: scans that were made elsewhere, and scans that nodes make.

use std::path::{Path, PathBuf};

use super::answer::as_document;
use super::{risk, say};
use crate::control::scans::ScanAsked;
use crate::control::{self, Answer, Request};
use crate::scans::document::JobDocument;
use crate::store::jobs::{Ports, ScanWish, Stage, Views};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Scan {
    /// Takes in a scan of nmap (-oX) or a report of OpenVAS (XML).
    Import {
        file: PathBuf,
        /// The one device that it is about; without it hosts are looked up by address and MAC.
        #[arg(long)]
        device: Option<String>,
    },
    /// Lets the nearest nodes scan devices, addresses or networks; everything that is known where none is named.
    Start {
        targets: Vec<String>,
        /// Every port of TCP, which takes hours.
        #[arg(long)]
        every_port: bool,
        /// Two nodes look, and what they see is compared.
        #[arg(long)]
        compare: bool,
        /// The name of a device of the class plc or medical, which is never scanned otherwise.
        #[arg(long, value_name = "NAME", default_value = "")]
        confirm: String,
        /// Again every so many hours.
        #[arg(long, value_name = "HOURS")]
        every: Option<u32>,
    },
    /// Lists scans, or shows one.
    Show { id: Option<u64> },
    /// Stops a scan.
    Cancel { id: u64 },
    /// Ends what `--every` has begun.
    Unschedule { id: u64 },
}

pub(super) async fn run(dir: &Path, json: bool, command: &Scan) -> anyhow::Result<()> {
    let asked = match command {
        Scan::Import { file, device } => {
            return risk::import_scan(dir, json, file, device.clone()).await;
        }
        Scan::Start {
            targets,
            every_port,
            compare,
            confirm,
            every,
        } => ScanAsked::Ask {
            wish: ScanWish {
                targets: targets.clone(),
                depth: match every_port {
                    true => Ports::Every,
                    false => Ports::Known,
                },
                views: match compare {
                    true => Views::Two,
                    false => Views::One,
                },
                confirm: confirm.clone(),
            },
            every_s: every.map(|hours| u64::from(hours) * 3600),
        },
        Scan::Show { id } => ScanAsked::Show { id: *id },
        Scan::Cancel { id } => ScanAsked::Cancel { id: *id },
        Scan::Unschedule { id } => ScanAsked::Unschedule { id: *id },
    };
    let answer = control::ask(dir, &Request::Scan(asked)).await?;
    match &answer {
        _ if json => Ok(say(format_args!("{}", as_document(&answer)))?),
        Answer::Scans { items, schedules } => {
            items.iter().try_for_each(print)?;
            for schedule in schedules {
                let targets = schedule.targets.join(" ");
                say(format_args!(
                    "schedule {}: {targets} every {} h, next {}",
                    schedule.id,
                    schedule.every_s / 3600,
                    schedule.next
                ))?;
            }
            Ok(())
        }
        _ => Ok(say(format_args!("done"))?),
    }
}

fn print(job: &JobDocument) -> std::io::Result<()> {
    let targets = match job.targets.is_empty() {
        true => "everything that is known".to_owned(),
        false => job.targets.join(" "),
    };
    say(format_args!(
        "scan {} of {targets}, asked {}",
        job.id, job.asked
    ))?;
    for node in &job.nodes {
        let detail = match &node.stage {
            Stage::Running { phase, done, hosts } => {
                format!("{phase} {} %, {hosts} hosts", done / 100)
            }
            Stage::Finished { hosts, .. } => format!("{hosts} hosts"),
            Stage::Refused { why } | Stage::Failed { why } => why.clone(),
            _ => String::new(),
        };
        say(format_args!("  {:<10} {}: {detail}", node.state, node.name))?;
    }
    for spared in &job.spared {
        say(format_args!("  left alone {}: {}", spared.name, spared.why))?;
    }
    Ok(())
}
