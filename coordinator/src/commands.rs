//! The command line: every command in one enum, each a few lines over what the library does.

mod evidence;
mod offices;
mod retire;
mod revoke;
mod root;
mod rotate;
mod withdraw;

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use protocol::id::DeviceId;
use serde_json::json;
use ui::parts::time::format;
use zeroize::Zeroizing;

use crate::ceremony::{self, RootPlan};
use crate::config::{Config, ConfigError};
use crate::control::{self, Answer, ControlError, Request, Wipe};
use crate::deputies::Deputy;
use crate::holders::ReadBackError;
use crate::offices::LoadError;
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
    Init(Init),
    /// Runs the coordinator.
    Serve,
    /// Prints a new one-time link with which the first operator is made.
    SetupToken,
    /// Join strings for devices, and tokens for programs.
    #[command(subcommand)]
    Token(Token),
    /// Devices of the mesh.
    #[command(subcommand)]
    Device(Device),
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
    /// The settings as they are read.
    #[command(subcommand)]
    Config(Show),
    /// Checks keys, charter and store of a coordinator that does not run.
    Doctor,
}

#[derive(Debug, clap::Args)]
struct Init {
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

#[derive(Debug, Subcommand)]
enum Token {
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
    },
}

#[derive(Debug, Subcommand)]
enum Device {
    /// Lists all devices.
    List,
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

/// Runs one command.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    match &arguments.command {
        Command::Init(init) => make(arguments, init),
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
            Ok(print_answer(&answer, arguments.json)?)
        }
        Command::Device(Device::Revoke(revoke)) => {
            let answer = runtime.block_on(revoke::run(&arguments.dir, revoke))?;
            Ok(print_answer(&answer, arguments.json)?)
        }
        Command::Root(command) => root::run(&arguments.dir, arguments.json, command),
        Command::Offices(command) => {
            runtime.block_on(offices::run(&arguments.dir, arguments.json, command))
        }
        Command::Rotate(command) => {
            runtime.block_on(rotate::run(&arguments.dir, arguments.json, command))
        }
        command => {
            let answer = runtime.block_on(control::ask(&arguments.dir, &request(command)?))?;
            Ok(print_answer(&answer, arguments.json)?)
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
        Command::Token(Token::Create {
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
        Command::Token(Token::Api { name }) => Request::ApiToken { name: name.clone() },
        Command::Device(Device::List) => Request::Devices,
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
        Command::SetupToken
        | Command::Init(_)
        | Command::Serve
        | Command::Config(_)
        | Command::Evidence(_)
        | Command::Device(Device::Retire(_) | Device::Revoke(_))
        | Command::Root(_)
        | Command::Rotate(_)
        | Command::Offices(_)
        | Command::Doctor => Request::SetupToken,
    })
}

fn read_secret(path: &std::path::Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn make(arguments: &Arguments, init: &Init) -> anyhow::Result<()> {
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
    let made = ceremony::init(&arguments.dir, &config, &plan, mesh::wall())?;
    if arguments.json {
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
        arguments.dir.display()
    ))?;
    Ok(())
}

/// Port 0 lets the system choose both.
fn next_port(port: u16) -> u16 {
    if port == 0 { 0 } else { port.saturating_add(1) }
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

fn doctor(arguments: &Arguments) -> anyhow::Result<()> {
    let paths = crate::offices::Paths::new(&arguments.dir);
    Config::load(&arguments.dir)?;
    let certified = crate::offices::load(&paths)?;
    say(format_args!(
        "settings, keys and charter of mesh {} are in order",
        certified.mesh
    ))?;
    Ok(())
}

fn print_answer(answer: &Answer, as_json: bool) -> io::Result<()> {
    if as_json {
        return say(format_args!("{}", as_document(answer)));
    }
    match answer {
        Answer::SetupToken { url } => say(format_args!("{url}"))?,
        Answer::Join { join, .. } => {
            say(format_args!("palisade-node join {join}"))?;
            if io::stdout().is_terminal() {
                eprintln!("Run this line on the device, once, within its time.");
            }
        }
        Answer::ApiToken { token } => say(format_args!("{token}"))?,
        Answer::Devices { items } => {
            for device in items {
                say(format_args!(
                    "{}  {:<9} {:<9} {:<12} {}{}",
                    device.id,
                    device.status,
                    device.class,
                    device.cell,
                    device.name,
                    wiping(device.wipe)
                ))?;
            }
        }
        Answer::Deputies { url, secret, items } => {
            print_deputies(url.as_deref(), secret.as_deref(), items)?;
        }
        Answer::Taken { by } => say(format_args!("{by} took a test message"))?,
        Answer::Rotation { .. } => {}
        Answer::Done => say(format_args!("done"))?,
        Answer::Evidence { .. }
        | Answer::Dossier { .. }
        | Answer::PlaceOfRevocation { .. }
        | Answer::KeyOf { .. }
        | Answer::LogHasGrown => {}
        Answer::Refused { why } => say(format_args!("{why}"))?,
    }
    Ok(())
}

fn wiping(wipe: Option<Wipe>) -> String {
    match wipe {
        None => String::new(),
        Some(Wipe::Ordered) => "  ordered to wipe, not confirmed".to_owned(),
        Some(Wipe::Confirmed { at_ms }) => {
            format!("  wiped at {}", format(at_ms, "%Y-%m-%d %H:%M UTC"))
        }
    }
}

fn print_deputies(url: Option<&str>, secret: Option<&str>, items: &[Deputy]) -> io::Result<()> {
    match url {
        Some(url) => say(format_args!("{url}"))?,
        None => say(format_args!("nobody outside is told"))?,
    }
    if let Some(secret) = secret {
        say(format_args!("{secret}"))?;
        if io::stdout().is_terminal() {
            eprintln!("Give this secret to the receiver; it is shown once.");
        }
    }
    for deputy in items {
        let link = if deputy.linked { "linked" } else { "away" };
        say(format_args!("{}  {link:<6}  {}", deputy.id, deputy.name))?;
    }
    Ok(())
}

fn as_document(answer: &Answer) -> serde_json::Value {
    let mut document = serde_json::to_value(answer).expect("plain values always have a JSON form");
    if let Some(fields) = document.as_object_mut() {
        fields.remove("is");
    }
    document
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
