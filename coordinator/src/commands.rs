//! The command line: every command in one enum, each a few lines over what the library does.

mod alert;
mod answer;
mod api;
mod audit;
mod backup;
mod bundle;
mod classes;
mod command;
mod data;
mod ddi;
mod evidence;
mod init;
mod look;
mod offices;
mod operator;
#[cfg(test)]
mod parity;
mod profile;
mod release;
mod report;
mod retire;
mod revoke;
mod risk;
mod rollout;
mod root;
mod rotate;
mod scan;
mod settings;
mod store;
mod system;
mod token;
mod withdraw;

use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use protocol::id::DeviceId;
use zeroize::Zeroizing;

use crate::config::{Config, ConfigError};
use ui::links::encode;

use crate::control::{self, ControlError, Request};
use crate::holders::ReadBackError;
use crate::offices::{LoadError, Paths};
use crate::store::Store;
use crate::store::fault::OpenStoreError;
use crate::store::key::StoreKey;
use crate::{logging, run};
use retire::Unconfirmed;

/// The coordinator of a Palisade mesh: identities, collection and the admin pages.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Examples:\n  palisade-coordinator init --dir /var/lib/palisade-coordinator\n  palisade-coordinator serve --dir /var/lib/palisade-coordinator\n  palisade-coordinator token create --name hall-camera --class camera"
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Where the coordinator keeps its keys, its settings and its store.
    #[arg(
        long,
        global = true,
        env = "PALISADE_COORDINATOR_DIR",
        default_value = "/var/lib/palisade-coordinator"
    )]
    dir: PathBuf,
    /// Prints one line of JSON on standard output.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a mesh: its offline root, its charter and this coordinator's keys.
    Init(init::Init),
    /// Runs the coordinator.
    Serve,
    /// Prints a new one-time link with which the first operator is made.
    SetupToken,
    /// Says what the mesh is called on pages and reports, or calls it something else.
    MeshName { name: Option<String> },
    /// Join strings for devices, and tokens for programs.
    #[command(subcommand)]
    Token(token::Token),
    /// People who may log in.
    #[command(subcommand)]
    Operator(operator::Operator),
    /// Devices without a node that speak with a key of their own.
    #[command(subcommand)]
    Keyed(operator::Keyed),
    /// Devices of the mesh.
    #[command(subcommand)]
    Device(Device),
    /// What the first page shows: how many are well, what is open, how the coordinator is.
    Overview,
    /// Filters that were kept under names.
    #[command(subcommand)]
    View(look::View),
    /// Proofs that have convicted a device.
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// Whom devices tell of alerts while the coordinator is gone.
    #[command(subcommand)]
    Deputies(Deputies),
    /// The offline root, which is kept off this machine.
    #[command(subcommand)]
    Root(root::RootCommand),
    /// Replaces the admission key or the root, and shows how far that has come.
    #[command(subcommand)]
    Rotate(rotate::Rotate),
    /// Which devices are gateways, and which classes are exempt or automated: the root's word.
    #[command(subcommand)]
    Offices(offices::Offices),
    /// Firmware that devices may install: prepared here, signed elsewhere, published when enough have signed.
    #[command(subcommand)]
    Release(release::Release),
    /// A release brought to the devices, ring by ring, and halted where it turns out to be bad.
    #[command(subcommand)]
    Rollout(rollout::Rollout),
    /// Who signs what devices are given, and until when that holds.
    #[command(subcommand)]
    Repository(release::Repository),
    /// What devices are to do, where it is not the usual: signed off the coordinator, like a release.
    #[command(subcommand)]
    Settings(settings::Settings),
    /// What devices are to do once: restart their service, collect their log, scan.
    #[command(subcommand)]
    #[command(name = "command")]
    Commanded(command::Commanded),
    /// What a device usually does on the network, and words about it.
    #[command(subcommand)]
    Profile(profile::Profile),
    /// Why a device may or may not speak with somebody: by which habit, and who saw it.
    Why(profile::Why),
    /// What people are told, and what they have said about it.
    #[command(subcommand)]
    Alert(alert::Alert),
    /// Log lines of devices.
    #[command(subcommand)]
    Logs(alert::Logs),
    /// Who is told of alerts: mail, webhooks and ntfy, as delivery.toml says.
    #[command(subcommand)]
    Delivery(alert::Delivery),
    /// What is known about vulnerabilities, without network: one feed, or the files that it is made of.
    #[command(subcommand)]
    Feed(risk::Feed),
    /// Scans of devices.
    #[command(subcommand)]
    Scan(scan::Scan),
    /// What software devices and firmware are made of.
    #[command(subcommand)]
    Sbom(risk::Sbom),
    /// Who is affected by what, as others are told and as makers say.
    #[command(subcommand)]
    Vex(risk::Vex),
    /// What is to be fixed, and decisions about it.
    #[command(subcommand)]
    Finding(risk::Finding),
    /// The security score, with the parts that it is made of.
    Score(risk::Score),
    /// Devices without a node, which ask for firmware over hawkBit's device interface (DDI).
    #[command(subcommand)]
    Ddi(ddi::Ddi),
    /// Everything of this coordinator in one encrypted file, made while it runs.
    Backup(backup::Backup),
    /// Puts a backup back into a new folder, or tries whether it could be.
    Restore(backup::Restore),
    /// The store's file, while the coordinator does not run.
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Who did what: looked at, verified, exported.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Reports as PDF and CSV, signed by this coordinator: made, kept, verified.
    #[command(subcommand)]
    Report(report::Report),
    /// What each class of devices means, and what is set for it.
    Classes,
    /// Controls of standards, and what this mesh shows for them.
    Compliance(report::Compliance),
    /// What is kept how long, everything of a device or a person, and the erasure of a device.
    #[command(subcommand)]
    Data(data::Data),
    /// How this coordinator itself is: each part with a judgement, and what to do.
    System,
    /// The interface for programs, with every right, from this terminal.
    Api(api::Api),
    /// The settings as they are read.
    #[command(subcommand)]
    Config(Show),
    /// Checks keys, charter and store of a coordinator that does not run.
    Doctor,
}

#[derive(Debug, Subcommand)]
enum Device {
    /// Lists devices, with and without a node: all, or those that a filter lets through.
    List {
        /// Such as: class==camera && tag:floor2 && last_heard<5m; or the name of a filter that was kept.
        #[arg(long)]
        filter: Option<String>,
    },
    /// Shows one device, with or without a node: its state, on whose word, and who watches it.
    Show {
        /// Its id, or the hardware address of one without a node.
        device: String,
    },
    /// Shows what a device measured lately.
    Telemetry { device: String },
    /// Shows what was found on one device.
    Findings { device: String },
    /// Admits a device that waits and shows this code.
    Approve {
        code: String,
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "other")]
        class: String,
        #[arg(long, default_value = "main")]
        cell: String,
    },
    /// Shuts a device out: every node refuses it. With --wipe and an administrator's key it also orders the device
    /// to wipe its keys and its journal.
    Retire(retire::Retire),
    /// Puts a device into quarantine for a day: neighbours watch it, hear its alerts, and take nothing else from it.
    Quarantine {
        device: DeviceId,
        #[arg(long, default_value = "ordered on the command line")]
        reason: String,
    },
    /// Ends a quarantine.
    Clear {
        device: DeviceId,
        #[arg(long, default_value = "cleared on the command line")]
        reason: String,
    },
    /// Shuts a device out for good, with an administrator's key.
    Revoke(revoke::Revoke),
    /// Says where a device stands and which tags it has; a name and a class too, where it runs no node.
    Describe(risk::Describe),
}

#[derive(Debug, Subcommand)]
enum Deputies {
    /// Names the receiver: a webhook with signatures as Standard Webhooks describes them.
    Set {
        /// https://host/path, at most 160 letters; http:// on loopback only.
        #[arg(long)]
        url: String,
        /// Holds whsec_ and 32 bytes in base64; without it a secret is made and shown once.
        #[arg(long)]
        secret_file: Option<PathBuf>,
    },
    /// Prints the receiver, and which devices would speak.
    Show,
    /// Forgets the receiver: nobody outside is told.
    Clear,
    /// Sends a test message from here, as a deputy would.
    Test,
}

#[derive(Debug, Subcommand)]
enum Show {
    /// Prints the settings.
    Show,
}

impl Device {
    /// Where the interface shows it.
    fn address(&self) -> String {
        match self {
            Self::Telemetry { device } => format!("devices/{}/telemetry", encode(device)),
            Self::Findings { device } => format!("devices/{}/findings", encode(device)),
            Self::Show { device } => format!("devices/{}", encode(device)),
            _ => "devices".to_owned(),
        }
    }
}

/// Runs one command.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (dir, json) = (arguments.dir.as_path(), arguments.json);
    match &arguments.command {
        Command::Init(init) => init::run(&arguments.dir, arguments.json, init),
        Command::Serve => {
            logging::start()?;
            runtime.block_on(run::serve(&arguments.dir))
        }
        Command::Config(Show::Show) => {
            let settings = Config::load(&arguments.dir)?.to_toml();
            Ok(say(format_args!("{}", settings.trim_end()))?)
        }
        Command::Doctor => doctor(arguments),
        Command::Evidence(command) => {
            runtime.block_on(evidence::run(&arguments.dir, arguments.json, command))
        }
        Command::Device(Device::Retire(retire)) => {
            let answer = runtime.block_on(retire::run(&arguments.dir, retire))?;
            Ok(answer::print(&answer, arguments.json)?)
        }
        Command::Device(Device::Revoke(revoke)) => {
            let answer = runtime.block_on(revoke::run(&arguments.dir, revoke))?;
            Ok(answer::print(&answer, arguments.json)?)
        }
        Command::Overview => runtime.block_on(look::at(dir, json, "dashboard/metrics")),
        Command::View(view) => runtime.block_on(look::view(dir, json, view)),
        Command::Device(
            one @ (Device::Show { .. } | Device::Telemetry { .. } | Device::Findings { .. }),
        ) => runtime.block_on(look::at(dir, json, &one.address())),
        Command::Keyed(operator::Keyed::Show { device }) => {
            let path = format!("keyed-devices/{}", encode(device));
            runtime.block_on(look::at(dir, json, &path))
        }
        Command::Root(command) => root::run(&arguments.dir, arguments.json, command),
        Command::Offices(command) => {
            runtime.block_on(offices::run(&arguments.dir, arguments.json, command))
        }
        Command::Rotate(command) => {
            runtime.block_on(rotate::run(&arguments.dir, arguments.json, command))
        }
        Command::Release(command) => {
            runtime.block_on(release::release(&arguments.dir, arguments.json, command))
        }
        Command::Repository(command) => {
            runtime.block_on(release::repository(&arguments.dir, arguments.json, command))
        }
        Command::Settings(command) => {
            runtime.block_on(settings::run(&arguments.dir, arguments.json, command))
        }
        Command::Commanded(command) => runtime.block_on(command::run(dir, json, command)),
        Command::Profile(command) => runtime.block_on(profile::run(dir, json, command)),
        Command::Why(command) => runtime.block_on(profile::why(dir, json, command)),
        Command::Feed(command) => runtime.block_on(risk::feed(dir, json, command)),
        Command::Scan(command) => runtime.block_on(scan::run(dir, json, command)),
        Command::Sbom(command) => runtime.block_on(risk::sbom(dir, json, command)),
        Command::Vex(command) => runtime.block_on(risk::vex(dir, json, command)),
        Command::Finding(command) => runtime.block_on(risk::finding(dir, json, command)),
        Command::Score(command) => runtime.block_on(risk::score(dir, json, command)),
        Command::Device(Device::Describe(command)) => {
            runtime.block_on(risk::describe(dir, json, command))
        }
        Command::Report(command) => runtime.block_on(report::run(dir, json, command)),
        Command::Classes => runtime.block_on(classes::run(dir, json)),
        Command::Compliance(command) => runtime.block_on(report::compliance(dir, json, command)),
        Command::Backup(command) => runtime.block_on(backup::backup(dir, json, command)),
        Command::Restore(command) => runtime.block_on(backup::restore(dir, json, command)),
        Command::Store(command) => store::run(dir, json, command),
        Command::Audit(command) => runtime.block_on(audit::run(dir, json, command)),
        Command::Rollout(command) => {
            runtime.block_on(rollout::run(&arguments.dir, arguments.json, command))
        }
        Command::Api(command) => runtime.block_on(api::run(dir, command)),
        Command::Data(command) => runtime.block_on(data::run(dir, json, command)),
        Command::System => runtime.block_on(system::run(dir, json)),
        Command::Alert(command) => match command.request()? {
            None => Ok(()),
            Some(request) => {
                let answer = runtime.block_on(control::ask(&arguments.dir, &request))?;
                Ok(answer::print(&answer, arguments.json)?)
            }
        },
        command => {
            let answer = runtime.block_on(control::ask(&arguments.dir, &request(command)?))?;
            Ok(answer::print(&answer, arguments.json)?)
        }
    }
}

/// A line of data on standard output; whoever closed it early gets no panic.
fn say(line: fmt::Arguments<'_>) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// The codes of sysexits.h, so that systemd and scripts know what to do.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    {
        return 0;
    }
    if error.is::<ConfigError>() || error.is::<LoadError>() {
        return 78;
    }
    if error.is::<Unconfirmed>() {
        return 2;
    }
    if let Some(OpenStoreError::Damaged(_)) = error.downcast_ref() {
        return 65;
    }
    match error.downcast_ref::<ReadBackError>() {
        None | Some(ReadBackError::Io { .. }) => {}
        Some(_) => return 77,
    }
    match error.downcast_ref::<ControlError>() {
        Some(ControlError::NotRunning(_)) => 69,
        Some(ControlError::Ended) => 75,
        Some(ControlError::NotAllowed { .. }) => 77,
        Some(ControlError::Answer(_) | ControlError::Refused(_)) | None => 1,
    }
}

fn request(command: &Command) -> anyhow::Result<Request> {
    Ok(match command {
        Command::Token(token::Token::Create {
            name,
            class,
            cell,
            ttl,
        }) => Request::MakeToken {
            name: name.clone(),
            class: class.clone(),
            cell: cell.clone(),
            life_s: *ttl,
        },
        Command::Token(command) => Request::Access(command.asked()),
        Command::Operator(command) => Request::People(command.asked()?),
        Command::Keyed(command) => Request::Keyed(command.asked()),
        Command::Device(Device::List { filter }) => Request::Devices {
            filter: filter.clone(),
        },
        Command::Device(Device::Approve {
            code,
            name,
            class,
            cell,
        }) => Request::Approve {
            code: code.clone(),
            name: name.clone(),
            class: class.clone(),
            cell: cell.clone(),
        },
        Command::Device(Device::Quarantine { device, reason }) => Request::Quarantine {
            device: device.to_string(),
            reason: reason.clone(),
        },
        Command::Device(Device::Clear { device, reason }) => Request::Clear {
            device: device.to_string(),
            reason: reason.clone(),
        },
        Command::Deputies(Deputies::Set { url, secret_file }) => Request::SetDeputies {
            url: url.clone(),
            secret: secret_file.as_deref().map(read_secret).transpose()?,
        },
        Command::Deputies(Deputies::Show) => Request::ShowDeputies,
        Command::Deputies(Deputies::Clear) => Request::ClearDeputies,
        Command::Deputies(Deputies::Test) => Request::TestDeputies,
        Command::Ddi(command) => Request::Ddi(command.asked()),
        Command::MeshName { name } => Request::MeshName { name: name.clone() },
        Command::Logs(command) => command.request(),
        Command::Delivery(command) => command.request(),
        Command::SetupToken
        | Command::Init(_)
        | Command::Serve
        | Command::Config(_)
        | Command::Evidence(_)
        | Command::Store(_)
        | Command::Feed(_)
        | Command::Scan(_)
        | Command::Sbom(_)
        | Command::Vex(_)
        | Command::Finding(_)
        | Command::Score(_)
        | Command::Device(
            Device::Retire(_)
            | Device::Revoke(_)
            | Device::Describe(_)
            | Device::Show { .. }
            | Device::Telemetry { .. }
            | Device::Findings { .. },
        )
        | Command::Overview
        | Command::View(_)
        | Command::Root(_)
        | Command::Rotate(_)
        | Command::Offices(_)
        | Command::Release(_)
        | Command::Rollout(_)
        | Command::Settings(_)
        | Command::Commanded(_)
        | Command::Profile(_)
        | Command::Why(_)
        | Command::Audit(_)
        | Command::Backup(_)
        | Command::Restore(_)
        | Command::Report(_)
        | Command::Classes
        | Command::Compliance(_)
        | Command::Alert(_)
        | Command::Api(_)
        | Command::System
        | Command::Data(_)
        | Command::Repository(_)
        | Command::Doctor => Request::SetupToken,
    })
}

fn read_secret(path: &std::path::Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn read_passphrase(path: &std::path::Path) -> anyhow::Result<Zeroizing<String>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let passphrase = Zeroizing::new(text.trim_end_matches('\n').to_owned());
    anyhow::ensure!(
        passphrase.len() >= 15,
        "the passphrase needs at least 15 characters"
    );
    Ok(passphrase)
}

/// The store of a coordinator that does not run.
fn open_store(paths: &Paths) -> anyhow::Result<Store> {
    let certified = crate::offices::load(paths)?;
    let key = StoreKey::from_bytes(*certified.store_key.bytes());
    let path = paths.store();
    let (store, _) =
        Store::open(&path, key).with_context(|| format!("{} does not open", path.display()))?;
    Ok(store)
}

fn doctor(arguments: &Arguments) -> anyhow::Result<()> {
    let paths = Paths::new(&arguments.dir);
    Config::load(&arguments.dir)?;
    let certified = crate::offices::load(&paths)?;
    say(format_args!(
        "settings, keys and charter of mesh {} are in order",
        certified.mesh
    ))?;
    Ok(())
}
