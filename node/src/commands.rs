//! The command line of a device.

mod flows;

use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use protocol::class::DeviceClass;
use protocol::id::DeviceId;
use protocol::join::JoinString;
use protocol::text::Name;
use serde_json::json;

use crate::bundle::{self, Bundle};
use crate::config::{self, Config, ConfigError, Flags, Origins, Setting};
use crate::console;
use crate::join::{self, Applicant, JoinError, Way};
use crate::keys::{Keys, KeysError};
use crate::member::{Member, MemberError};
use crate::sources::hearing::{Listen, own_subnets};
use crate::status::{self, Status};
use crate::wipe::{self, Retired, RetiredError};
use crate::{journal, logging, run, sbom};

/// The Palisade node: keeps a device in its mesh.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Examples:\n  palisade-node join plsd1_…\n  palisade-node run\n  palisade-node status"
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Where the node keeps its keys, its settings and its journal.
    #[arg(long, global = true, env = "PALISADE_NODE_DIR")]
    dir: Option<PathBuf>,
    /// Prints one line of JSON on standard output.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Joins a mesh: with a join string, with `-` for one on standard input, or with the address of
    /// a coordinator where a person compares a code.
    Join {
        join: String,
        /// What the device is called if no join string names it; the host's name by default.
        #[arg(long)]
        name: Option<Name>,
        #[arg(long)]
        class: Option<DeviceClass>,
    },
    /// Runs the node.
    Run {
        #[command(flatten)]
        flags: Flags,
    },
    /// Forgets the mesh: keys, membership and journal.
    Leave {
        /// Does not ask.
        #[arg(long)]
        yes: bool,
    },
    /// What the running node says of itself.
    Status {
        /// Says in sentences whom it watches and doubts, and who is held to be down by whose word.
        #[arg(long)]
        explain: bool,
    },
    /// On a gateway: clears a device of its quarantine for a day, with or without the coordinator.
    Clear {
        device: DeviceId,
        /// Goes into the coordinator's log with this gateway's name.
        #[arg(long)]
        reason: Name,
    },
    /// Takes a release that was carried here: checked now, and installed by the running node like any other update.
    Update {
        /// What `palisade-coordinator release bundle` has written.
        #[arg(long, value_name = "FILE")]
        bundle: PathBuf,
    },
    /// Devices without a node that the running node hears, and who guards them.
    Hear {
        /// Asks everybody on this device's own subnets for a sign of life (ARP), or on SUBNET, which has to be a part
        /// of them: so a device is found that says nothing of its own accord.
        #[arg(long, value_name = "SUBNET", num_args = 0..=1, default_missing_value = "")]
        sweep: Option<String>,
    },
    /// What was learnt of traffic; with --replay, what a capture or a connection log of Zeek would have shown.
    Flows {
        /// A pcap or pcapng file, or a conn.log.
        #[arg(long, value_name = "FILE")]
        replay: Option<PathBuf>,
        /// Of a replay: for how many seconds everything is learnt before anything is unusual.
        #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
        learning: u64,
        /// Of a replay: a network whose devices are looked at beside private ones and this host's, as 147.32.80.0/24.
        #[arg(long, value_name = "NETWORK")]
        local: Vec<hearing::flow::Net>,
    },
    /// Prints what this device's software is made of (CycloneDX), from dpkg, apk or opkg.
    Sbom {
        /// Of the system below this folder.
        #[arg(long, default_value = "/", value_name = "FOLDER")]
        root: PathBuf,
        /// Where to write it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// The links of the running node.
    Peers,
    /// Checks everything that a node needs to run.
    Doctor,
    /// The settings and where each comes from.
    Config {
        #[command(subcommand)]
        show: Show,
    },
}

#[derive(Debug, Subcommand)]
enum Show {
    /// Prints the settings.
    Show {
        /// Prints where each value comes from.
        #[arg(long)]
        origin: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Reads the settings and says whether they are in order.
    Check,
}

/// Runs one command.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    let dir = arguments.dir.clone().unwrap_or_else(default_dir);
    match arguments.command {
        Command::Join {
            ref join,
            ref name,
            class,
        } => enter(&arguments, &dir, join, name.as_ref(), class),
        Command::Run { flags } => {
            let (config, _) = load(&dir, &flags)?;
            logging::start(&config.log)?;
            runtime()?.block_on(run::run(&dir, config))
        }
        Command::Leave { yes } => leave(&dir, yes),
        Command::Status { explain: false } => status(&dir, arguments.json),
        Command::Status { explain: true } => explain(&dir, arguments.json),
        Command::Clear { device, reason } => clear(&dir, device, reason),
        Command::Update { bundle } => update(&dir, &bundle),
        Command::Hear { sweep: None } => hear(&dir, arguments.json),
        Command::Hear {
            sweep: Some(ref subnet),
        } => sweep(&dir, subnet),
        Command::Flows {
            replay,
            learning,
            local,
        } => {
            let replay = replay.as_deref();
            flows::run(&dir, arguments.json, replay, learning, &local)
        }
        Command::Sbom { root, out } => bill(&root, out.as_deref()),
        Command::Peers => peers(&dir, arguments.json),
        Command::Doctor => doctor(&dir),
        Command::Config {
            show: Show::Show { origin, flags },
        } => {
            let (_, settings) = load(&dir, &flags)?;
            let origins = if origin {
                Origins::Shown
            } else {
                Origins::Hidden
            };
            Ok(say(format_args!(
                "{}",
                config::show(&settings, origins).trim_end()
            ))?)
        }
        Command::Config { show: Show::Check } => {
            load(&dir, &Flags::default())?;
            say(format_args!("the settings are in order"))?;
            Ok(())
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
    if let Some(error) = error.downcast_ref::<JoinError>() {
        return error.exit_code();
    }
    if error.is::<RetiredError>() {
        return 77;
    }
    if error.is::<ConfigError>() || error.is::<MemberError>() || error.is::<KeysError>() {
        return 78;
    }
    1
}

fn clear(dir: &std::path::Path, device: DeviceId, reason: Name) -> anyhow::Result<()> {
    let (member, keys) = (Member::load(dir)?, Keys::load(dir)?);
    console::clear(dir, &member, &keys.signer(), device, reason, mesh::wall())?;
    Ok(say(format_args!(
        "signed: the running node passes it on within seconds, and it holds for a day"
    ))?)
}

fn update(dir: &std::path::Path, file: &std::path::Path) -> anyhow::Result<()> {
    let member = Member::load(dir)?;
    let bundle = Bundle::open(file)?;
    let release = bundle.check(&member.root, mesh::wall().as_millis() / 1000)?;
    bundle::leave(file, &console::folder(dir))?;
    let (product, version) = (&release.product, &release.version);
    Ok(say(format_args!(
        "{product} {version} is signed as it should be; the running node takes it within seconds, and tries it like any other update"
    ))?)
}

fn load(dir: &std::path::Path, flags: &Flags) -> Result<(Config, Vec<Setting>), ConfigError> {
    Config::load(dir, |name| std::env::var(name).ok(), flags)
}

/// One worker beside the loop is enough for a small device.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

/// `/var/lib/palisade-node` for root, the XDG state directory for anybody else.
fn default_dir() -> PathBuf {
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/var/lib/palisade-node");
    }
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    state
        .or_else(home)
        .unwrap_or_else(|| PathBuf::from("."))
        .join("palisade-node")
}

fn enter(
    arguments: &Arguments,
    dir: &std::path::Path,
    text: &str,
    name: Option<&Name>,
    class: Option<DeviceClass>,
) -> anyhow::Result<()> {
    let text = if text == "-" {
        io::read_to_string(io::stdin())?
    } else {
        text.to_owned()
    };
    let way = way(text.trim())?;
    let applicant = Applicant {
        name: name.cloned().unwrap_or_else(host_name),
        class,
    };
    let show_code = |code: &str| {
        eprintln!(
            "Compare this code on the coordinator under Devices, then approve it there:\n\n    {code}\n"
        );
    };
    let member = runtime()?.block_on(join::join(dir, way, applicant, show_code))?;
    let membership = &member.membership;
    if arguments.json {
        say(format_args!(
            "{}",
            json!({
                "device": membership.device.to_string(),
                "name": membership.name.as_str(),
                "class": membership.class.word(),
                "cell": membership.cell.as_str(),
                "mesh": member.mesh.to_string(),
            })
        ))?;
    } else {
        say(format_args!(
            "{} is device {} of mesh {}",
            membership.name, membership.device, member.mesh
        ))?;
        say(format_args!(
            "next: palisade-node run --dir {}",
            dir.display()
        ))?;
    }
    Ok(())
}

/// A join string is one word with its prefix; anything else is taken for an address.
fn way(text: &str) -> Result<Way, JoinError> {
    match text.strip_prefix("https://").unwrap_or(text) {
        text if text.starts_with("plsd") || !text.contains(['.', ':']) => {
            Ok(Way::Token(JoinString::parse(text)?))
        }
        address if address.contains(':') => {
            Ok(Way::Address(address.trim_end_matches('/').to_owned()))
        }
        host => Ok(Way::Address(format!("{host}:7444"))),
    }
}

fn host_name() -> Name {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Name::fitted(&name).unwrap_or_else(|| Name::fitted("device").expect("a plain word fits"))
}

fn leave(dir: &std::path::Path, yes: bool) -> anyhow::Result<()> {
    still_a_member(dir)?;
    let member = Member::load(dir)?;
    if !yes {
        anyhow::bail!(
            "this forgets the keys of {} for good: repeat with --yes, and retire it on the coordinator",
            member.membership.name
        );
    }
    Member::remove(dir)?;
    Keys::destroy(dir)?;
    let journal = journal::path(dir);
    if journal.exists() {
        std::fs::remove_file(journal)?;
    }
    say(format_args!(
        "{} has left; retire it on the coordinator",
        member.membership.name
    ))?;
    Ok(())
}

/// What can be said of a device that was retired.
fn say_retired(retired: &Retired, as_json: bool) -> io::Result<()> {
    if as_json {
        return say(format_args!("{}", json!({ "retired": retired })));
    }
    let now_ms = mesh::wall().as_millis();
    say(format_args!("{}", status::retired(retired, now_ms)))
}

fn still_a_member(dir: &std::path::Path) -> anyhow::Result<()> {
    match wipe::read(dir)? {
        Some(retired) => Err(RetiredError(retired).into()),
        None => Ok(()),
    }
}

fn status(dir: &std::path::Path, as_json: bool) -> anyhow::Result<()> {
    if let Some(retired) = wipe::read(dir)? {
        return Ok(say_retired(&retired, as_json)?);
    }
    let status = Status::read(dir)?;
    if as_json {
        say(format_args!("{}", serde_json::to_string(&status)?))?;
    } else {
        say(format_args!(
            "{}",
            status.render_human(mesh::wall().as_millis()).trim_end()
        ))?;
    }
    Ok(())
}

fn explain(dir: &std::path::Path, as_json: bool) -> anyhow::Result<()> {
    if let Some(retired) = wipe::read(dir)? {
        return Ok(say_retired(&retired, as_json)?);
    }
    let status = Status::read(dir)?;
    let sentences = status.explain(mesh::wall().as_millis());
    if as_json {
        let told = json!({ "explained": sentences, "coordinator": status.coordinator, "watch": status.watch });
        say(format_args!("{told}"))?;
        return Ok(());
    }
    Ok(say(format_args!("{}", sentences.join("\n")))?)
}

fn hear(dir: &std::path::Path, as_json: bool) -> anyhow::Result<()> {
    let hearing = Status::read(dir)?.hearing;
    if as_json {
        say(format_args!("{}", serde_json::to_string(&hearing)?))?;
        return Ok(());
    }
    let now_ms = mesh::wall().as_millis();
    Ok(say(format_args!(
        "{}",
        hearing.sentences(now_ms).join("\n")
    ))?)
}

/// Refused here already, so that whoever asks sees why; the running node judges again.
fn sweep(dir: &std::path::Path, subnet: &str) -> anyhow::Result<()> {
    let (config, _) = load(dir, &Flags::default())?;
    anyhow::ensure!(
        config.hearing.listen == Listen::On,
        "this node does not listen: set hearing.listen to on"
    );
    let asked = Some(subnet).filter(|subnet| !subnet.is_empty());
    let subnets = own_subnets(&config.hearing.interfaces, asked)?;
    let names: Vec<_> = subnets.iter().map(ToString::to_string).collect();
    console::ask_everybody(dir, subnet)?;
    Ok(say(format_args!(
        "the running node asks everybody on {} within seconds; see palisade-node hear",
        names.join(", ")
    ))?)
}

fn bill(root: &std::path::Path, out: Option<&std::path::Path>) -> anyhow::Result<()> {
    let mut serial = [0; 16];
    getrandom::fill(&mut serial)?;
    let document = sbom::document(&sbom::of(root)?, serial, mesh::wall().as_millis());
    match out {
        Some(path) => Ok(std::fs::write(path, document)?),
        None => Ok(say(format_args!("{}", String::from_utf8(document)?))?),
    }
}

fn peers(dir: &std::path::Path, as_json: bool) -> anyhow::Result<()> {
    let status = Status::read(dir)?;
    if as_json {
        say(format_args!("{}", serde_json::to_string(&status.links)?))?;
        return Ok(());
    }
    for link in status.links {
        say(format_args!(
            "{}  {:<20} {:?}  {}",
            link.device,
            link.name.unwrap_or_default(),
            link.direction,
            link.address
        ))?;
    }
    Ok(())
}

fn doctor(dir: &std::path::Path) -> anyhow::Result<()> {
    still_a_member(dir)?;
    let (config, _) = load(dir, &Flags::default())?;
    say(format_args!(
        "settings     in order, telemetry every {:?}",
        config.telemetry
    ))?;
    Keys::load(dir)?;
    say(format_args!("keys         in order"))?;
    let member = Member::load(dir)?;
    say(format_args!(
        "membership   {} in mesh {}",
        member.membership.device, member.mesh
    ))?;
    match member.membership.standing(mesh::wall()) {
        Ok(_) => say(format_args!("dates        in order by this clock"))?,
        Err(refusal) => say(format_args!(
            "dates        {refusal}: {} (a renewal may be in the journal)",
            refusal.remedy()
        ))?,
    }
    Ok(())
}
