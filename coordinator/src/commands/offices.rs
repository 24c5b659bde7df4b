//! `offices`: which devices the root names as gateways, and for which classes it allows or forbids what is automated.

use std::path::Path;

use anyhow::Context as _;
use data_encoding::HEXLOWER;
use protocol::charter::Charter;
use protocol::class::DeviceClass;
use protocol::key::PublicKey;
use serde_json::json;

use super::root::RootKeys;
use super::rotate::{self, AT_NEXT_START, Force};
use super::say;
use crate::control::{self, Answer, Request};
use crate::offices::{self, LoadError, Paths};
use crate::rotation::{self, NewOffices};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Offices {
    /// Names all devices that are gateways from now on: they sign what they have seen of the list of members, hold
    /// the seeds of the epochs, and may end a quarantine.
    Gateways {
        #[command(flatten)]
        keys: RootKeys,
        /// Ids or names of devices.
        #[arg(required_unless_present = "none")]
        devices: Vec<String>,
        /// No device is a gateway any more.
        #[arg(long, conflicts_with = "devices")]
        none: bool,
    },
    /// Names all classes for which nothing is ever automated from now on.
    Exempt {
        #[command(flatten)]
        keys: RootKeys,
        #[arg(required_unless_present = "none")]
        classes: Vec<DeviceClass>,
        /// No class is exempt any more, but those that always are.
        #[arg(long, conflicts_with = "classes")]
        none: bool,
    },
    /// Names all classes whose devices a committee of 31 may put into quarantine by itself from now on. Signing them anew also ends a stop of automation.
    Automate {
        #[command(flatten)]
        keys: RootKeys,
        /// Classes, with commas between them.
        #[arg(long, value_delimiter = ',', required_unless_present = "none")]
        classes: Vec<DeviceClass>,
        /// Nothing is automated any more.
        #[arg(long, conflicts_with = "classes")]
        none: bool,
    },
    /// What the charter in force says.
    Show,
}

pub(super) async fn run(dir: &Path, as_json: bool, command: &Offices) -> anyhow::Result<()> {
    let (keys, change) = match command {
        Offices::Show => return show(dir, as_json),
        Offices::Gateways { keys, devices, .. } => {
            let gateways = Some(keys_of(dir, devices).await?);
            let change = NewOffices {
                gateways,
                ..NewOffices::default()
            };
            (keys, change)
        }
        Offices::Exempt { keys, classes, .. } => {
            let exempt = Some(classes.clone());
            let change = NewOffices {
                exempt,
                ..NewOffices::default()
            };
            (keys, change)
        }
        Offices::Automate { keys, classes, .. } => {
            let automate = Some(classes.clone());
            let change = NewOffices {
                automate,
                ..NewOffices::default()
            };
            (keys, change)
        }
    };
    let paths = Paths::new(dir);
    let trust = offices::trust(&paths)?;
    let holders = keys.open(trust.root().ok_or(LoadError::NoMesh(dir.to_owned()))?)?;
    let documents = rotation::draft_offices(&paths, &holders, mesh::wall(), change)?;
    if rotate::put_into_force(dir, &documents).await? == Force::AtNextStart {
        eprintln!("{AT_NEXT_START}");
    }
    show(dir, as_json)
}

/// The coordinator knows them; what it answers is shown before anybody relies on it.
async fn keys_of(dir: &Path, devices: &[String]) -> anyhow::Result<Vec<PublicKey>> {
    let mut keys = Vec::new();
    for name in devices {
        let device = name.clone();
        let Answer::KeyOf { device, key } = control::ask(dir, &Request::KeyOf { device }).await?
        else {
            anyhow::bail!("the coordinator answered something else");
        };
        eprintln!("{name} is {device} with the key {key}");
        let bytes = HEXLOWER.decode(key.as_bytes()).context("the key")?;
        let bytes: [u8; 32] = bytes.as_slice().try_into().context("the key")?;
        keys.push(PublicKey::from_bytes(&bytes).context("the key")?);
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

fn show(dir: &Path, as_json: bool) -> anyhow::Result<()> {
    let trust = offices::trust(&Paths::new(dir))?;
    let charter: &Charter = trust.charter();
    let gateways = charter.gateways.iter();
    let gateways: Vec<String> = gateways
        .map(|key| HEXLOWER.encode(key.as_bytes()))
        .collect();
    let words = |classes: &[DeviceClass]| -> Vec<String> {
        classes.iter().map(ToString::to_string).collect()
    };
    let (exempt, automate) = (words(&charter.exempt), words(&charter.automate));
    if as_json {
        let shown = json!({
            "charter": charter.version,
            "gateways": gateways,
            "exempt": exempt,
            "automate": automate,
        });
        return Ok(say(format_args!("{shown}"))?);
    }
    say(format_args!("charter {}", charter.version))?;
    say(format_args!("exempt: {}", exempt.join(", ")))?;
    match automate.as_slice() {
        [] => say(format_args!("quarantine is automated for no class"))?,
        classes => say(format_args!(
            "quarantine is automated for: {}",
            classes.join(", ")
        ))?,
    }
    if gateways.is_empty() {
        return Ok(say(format_args!("no gateways"))?);
    }
    for gateway in gateways {
        say(format_args!("gateway {gateway}"))?;
    }
    Ok(())
}
