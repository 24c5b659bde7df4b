//! `ddi`: devices without a node, which ask for firmware over hawkBit's device interface.

use std::io::{self, IsTerminal as _};

use clap::Subcommand;
use ui::parts::time::format;

use super::say;
use crate::control::ddi::{DdiAsked, DdiDevice};

#[derive(Debug, Subcommand)]
pub(super) enum Ddi {
    /// Registers a device and prints its token, this once.
    Add {
        name: String,
        /// The product whose releases it may get.
        #[arg(long)]
        product: String,
        /// The hardware that its releases have to name.
        #[arg(long)]
        model: String,
    },
    /// Lists these devices, and how far each is.
    List,
    /// Has a device install a published release of its product.
    Assign { name: String, release: String },
    /// Takes back what a device has not finished.
    Cancel { name: String },
    /// Forgets a device: its token opens nothing any more.
    Remove { name: String },
}

impl Ddi {
    pub(super) fn asked(&self) -> DdiAsked {
        match self {
            Self::Add {
                name,
                product,
                model,
            } => DdiAsked::Add {
                name: name.clone(),
                product: product.clone(),
                model: model.clone(),
            },
            Self::List => DdiAsked::List,
            Self::Assign { name, release } => DdiAsked::Assign {
                name: name.clone(),
                version: release.clone(),
            },
            Self::Cancel { name } => DdiAsked::Cancel { name: name.clone() },
            Self::Remove { name } => DdiAsked::Remove { name: name.clone() },
        }
    }
}

pub(super) fn print_token(token: &str) -> io::Result<()> {
    say(format_args!("{token}"))?;
    if io::stdout().is_terminal() {
        eprintln!("Give this token to the device; it is shown once.");
    }
    Ok(())
}

pub(super) fn print_devices(items: &[DdiDevice]) -> io::Result<()> {
    for device in items {
        let asked = device.asked_ms.map_or_else(
            || "never asked".to_owned(),
            |at| format!("asked {}", format(at, "%Y-%m-%d %H:%M UTC")),
        );
        let action = device.action.as_ref().map(|action| {
            let said = action.said.as_deref().unwrap_or_default();
            format!("{} {}  {said}", action.version, action.state)
        });
        say(format_args!(
            "{:<20} {:<12} {:<12} {asked}  {}",
            device.name,
            device.product,
            device.model,
            action.unwrap_or_default()
        ))?;
    }
    Ok(())
}
