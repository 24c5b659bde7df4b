//! `operator`: people who may log in; `keyed`: devices without a node that speak with a key of their own.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;

use super::say;
use crate::accounts::PersonDocument;
use crate::control::people::{KeyedAsked, PeopleAsked};
use crate::keyed::KeyedDocument;

#[derive(Debug, Subcommand)]
pub(super) enum Operator {
    /// Lists everybody with an account or an invitation.
    List,
    /// Prints a one-time link with which somebody makes an account: good for three days.
    Invite {
        name: String,
        /// viewer, operator, admin or auditor.
        #[arg(long, default_value = "viewer")]
        role: String,
    },
    /// Takes an invitation back.
    Uninvite { name: String },
    /// Prints a one-time link with which somebody chooses another password: good for an hour.
    Reset { name: String },
    /// Gives another role; whoever has it logs in again.
    Role { name: String, role: String },
    /// Shuts an account and ends whatever was let in with it.
    Disable { name: String },
    /// Opens an account again.
    Enable { name: String },
    /// Ends everything that somebody is logged in with: a device with an open session is lost.
    LogOut { name: String },
    /// Asks for no code any more: the authenticator is lost.
    ForgetCode { name: String },
    /// Removes all passkeys of somebody who has a password: the device with them is lost.
    ForgetPasskeys { name: String },
    /// Removes an account with its sessions and tokens.
    Remove { name: String },
    /// Takes accounts over from a file of NAME:HASH, as `htpasswd -B` writes it (bcrypt), or with argon2id. A bcrypt
    /// hash is replaced at the next login.
    Import {
        file: PathBuf,
        #[arg(long, default_value = "viewer")]
        role: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Keyed {
    /// Registers a device and prints its id, its key, this once, and the tag for its sticker.
    Register {
        name: String,
        #[arg(long, default_value = "other")]
        class: String,
    },
    /// Lists these devices with their tags.
    List,
    /// Shows one of them: when it spoke, what it measured, and its log lines.
    Show { device: String },
    /// Gives a device another key; the one before opens nothing any more.
    Rotate {
        /// An id or a name.
        device: String,
    },
    /// Forgets a device, its key and what it told.
    Remove { device: String },
}

impl Operator {
    pub(super) fn asked(&self) -> anyhow::Result<PeopleAsked> {
        let order = |name: &String, word: &str, role: Option<&String>| PeopleAsked::Order {
            name: name.clone(),
            word: word.to_owned(),
            role: role.cloned(),
        };
        Ok(match self {
            Self::List => PeopleAsked::List,
            Self::Invite { name, role } => PeopleAsked::Invite {
                name: name.clone(),
                role: role.clone(),
            },
            Self::Reset { name } => PeopleAsked::Reset { name: name.clone() },
            Self::Uninvite { name } => order(name, "uninvite", None),
            Self::Role { name, role } => order(name, "role", Some(role)),
            Self::Disable { name } => order(name, "disable", None),
            Self::Enable { name } => order(name, "enable", None),
            Self::LogOut { name } => order(name, "log-out", None),
            Self::ForgetCode { name } => order(name, "forget-code", None),
            Self::ForgetPasskeys { name } => order(name, "forget-passkeys", None),
            Self::Remove { name } => order(name, "remove", None),
            Self::Import { file, role } => PeopleAsked::Import {
                text: std::fs::read_to_string(file)
                    .with_context(|| format!("cannot read {}", file.display()))?,
                role: role.clone(),
            },
        })
    }
}

impl Keyed {
    pub(super) fn asked(&self) -> KeyedAsked {
        match self {
            Self::Register { name, class } => KeyedAsked::Register {
                name: name.clone(),
                class: class.clone(),
            },
            Self::List | Self::Show { .. } => KeyedAsked::List,
            Self::Rotate { device } => KeyedAsked::Rotate {
                device: device.clone(),
            },
            Self::Remove { device } => KeyedAsked::Remove {
                device: device.clone(),
            },
        }
    }
}

pub(super) fn print_people(items: &[PersonDocument]) -> io::Result<()> {
    for person in items {
        say(format_args!(
            "{:<20} {:<9} {:<9} {:<7} {} passkeys, {} sessions, seen {}",
            person.name,
            person.role,
            person.state,
            if person.second_factor { "code" } else { "-" },
            person.passkeys,
            person.sessions,
            person.last_seen.as_deref().unwrap_or("never"),
        ))?;
    }
    Ok(())
}

pub(super) fn print_link(url: &str) -> io::Result<()> {
    say(format_args!("{url}"))?;
    if io::stdout().is_terminal() {
        eprintln!("Hand this link over yourself; it works once.");
    }
    Ok(())
}

pub(super) fn print_key(id: &str, key: &str, tag: &str) -> io::Result<()> {
    say(format_args!("{id}  {tag}\n{key}"))?;
    if io::stdout().is_terminal() {
        eprintln!(
            "The second line is the device's key; it is shown once. The tag goes on its sticker."
        );
    }
    Ok(())
}

pub(super) fn print_keyed(items: &[KeyedDocument]) -> io::Result<()> {
    for device in items {
        say(format_args!(
            "{}  {}  {:<11} {:<10} {:<20} heard {}",
            device.id,
            device.tag,
            device.state,
            device.class,
            device.name,
            device.last_heard.as_deref().unwrap_or("never"),
        ))?;
    }
    Ok(())
}
