//! `token`: join strings for devices, and tokens for programs.

use std::io;

use clap::Subcommand;

use super::say;
use crate::access::TokenDocument;
use crate::control::people::{AccessAsked, ReachAsked};

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Makes a join string for one device.
    Create {
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "other")]
        class: String,
        #[arg(long, default_value = "main")]
        cell: String,
        /// How long it can be used: 90s, 10m, 1h at most.
        #[arg(long, default_value = "1h", value_parser = parse_life)]
        ttl: u64,
    },
    /// Makes a token for a program that uses the API.
    Api {
        #[arg(long, default_value = "command line")]
        name: String,
        /// viewer, operator, admin or auditor.
        #[arg(long, default_value = "operator")]
        role: String,
        /// It changes nothing, whatever its role may do.
        #[arg(long)]
        read_only: bool,
        /// It opens doors of this area only; may be given several times.
        #[arg(long = "area")]
        areas: Vec<String>,
        /// How long it is good: 1 to 400, 90 where nothing is said.
        #[arg(long)]
        days: Option<u64>,
    },
    /// Lists tokens for programs; secrets are not among what is kept.
    List,
    /// Gives a token another secret and prints it, this once; the one before opens nothing any more.
    Rotate {
        /// The id, or eight letters or more of its beginning.
        id: String,
    },
    /// Ends a token.
    Revoke { id: String },
}

impl Token {
    pub(super) fn asked(&self) -> AccessAsked {
        match self {
            Self::Api {
                name,
                role,
                read_only,
                areas,
                days,
            } => AccessAsked::Make {
                name: name.clone(),
                role: role.clone(),
                reach: read_only.then_some(ReachAsked::Reading),
                areas: areas.clone(),
                days: *days,
            },
            Self::Rotate { id } => AccessAsked::Rotate { id: id.clone() },
            Self::Revoke { id } => AccessAsked::Revoke { id: id.clone() },
            Self::List | Self::Create { .. } => AccessAsked::List,
        }
    }
}

pub(super) fn print_tokens(items: &[TokenDocument]) -> io::Result<()> {
    for token in items {
        let areas = if token.areas.is_empty() {
            "everywhere".to_owned()
        } else {
            token.areas.join(" ")
        };
        say(format_args!(
            "{}  {:<20} {:<9} {:<8} {areas}  by {}, used {}, until {}",
            token.id.get(..16).unwrap_or(&token.id),
            token.name,
            token.role,
            token.reach,
            token.made_by,
            token.last_used.as_deref().unwrap_or("never"),
            token.expires.as_deref().unwrap_or("it is revoked"),
        ))?;
    }
    Ok(())
}

/// `90s`, `10m`, `1h`, or plain seconds.
fn parse_life(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        _ => (text, 1),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "write 90s, 10m or 1h".to_owned())?;
    number
        .checked_mul(unit)
        .filter(|life| (1..=3600).contains(life))
        .ok_or("choose 1s to 1h".to_owned())
}
