//! `profile` and `why`: what a device usually does, words about it, its MUD file, and why a flow is allowed or not.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{answer, say};
use crate::control::profiles::ProfileAsked;
use crate::control::{self, Answer, Request};
use crate::profiles::document::{ProfileDocument, WhyDocument};

/// DEVICE is a member's id, a hardware address, or ip:10.0.0.7 for somebody behind a router.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Profile {
    /// Shows who watches its traffic, in which stage, and what is normal.
    Show { device: String },
    /// This is normal: adds a habit, such as "out tcp maker.com 443".
    Allow { device: String, habit: String },
    /// Takes that back.
    Undo { device: String, habit: String },
    /// Puts it into a stage: learning, trial, or enforcing.
    Stage { device: String, stage: String },
    /// Writes it as a MUD file (RFC 8520) to standard output.
    Export { device: String },
    /// Adds what a maker's MUD file allows.
    Import { device: String, file: PathBuf },
}

#[derive(Debug, clap::Args)]
pub(super) struct Why {
    device: String,
    /// A name or an address.
    destination: String,
    port: u16,
    /// tcp, udp or a number.
    #[arg(long)]
    protocol: Option<String>,
}

pub(super) async fn run(dir: &Path, as_json: bool, command: &Profile) -> anyhow::Result<()> {
    let device = |device: &String| device.clone();
    let asked = match command {
        Profile::Show { device: of } => ProfileAsked::Show { device: device(of) },
        Profile::Allow { device: of, habit } => ProfileAsked::Allow {
            device: device(of),
            habit: habit.clone(),
        },
        Profile::Undo { device: of, habit } => ProfileAsked::Undo {
            device: device(of),
            habit: habit.clone(),
        },
        Profile::Stage { device: of, stage } => ProfileAsked::Stage {
            device: device(of),
            stage: stage.clone(),
        },
        Profile::Export { device: of } => ProfileAsked::Mud { device: device(of) },
        Profile::Import { device: of, file } => ProfileAsked::Declare {
            device: device(of),
            mud: std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?,
        },
    };
    told(dir, as_json, asked).await
}

pub(super) async fn why(dir: &Path, as_json: bool, why: &Why) -> anyhow::Result<()> {
    let asked = ProfileAsked::Why {
        device: why.device.clone(),
        destination: why.destination.clone(),
        port: why.port,
        protocol: why.protocol.clone(),
    };
    told(dir, as_json, asked).await
}

async fn told(dir: &Path, as_json: bool, asked: ProfileAsked) -> anyhow::Result<()> {
    let answer = control::ask(dir, &Request::Profile(asked)).await?;
    match &answer {
        Answer::Mud { mud } => Ok(say(format_args!("{mud}"))?),
        _ if as_json => Ok(say(format_args!("{}", answer::as_document(&answer)))?),
        Answer::Profile(document) => Ok(shown(document)?),
        Answer::Why(document) => Ok(explained(document)?),
        Answer::Told { members: 1 } => Ok(say(format_args!(
            "one node is told; its log will say that it heard"
        ))?),
        Answer::Told { members } => Ok(say(format_args!(
            "{members} nodes are told; their logs will say that they heard"
        ))?),
        _ => Ok(()),
    }
}

fn shown(document: &ProfileDocument) -> std::io::Result<()> {
    if document.vantages.is_empty() {
        return say(format_args!(
            "nobody tells of the traffic of {}",
            document.id
        ));
    }
    for one in &document.vantages {
        let lent = one.lent.as_ref();
        let lent = lent.map(|class| format!(", with the baseline of the class {class}"));
        say(format_args!(
            "{}: {} since {}{}; {} flows, {} unusual",
            one.member.name,
            one.stage,
            one.since,
            lent.unwrap_or_default(),
            one.flows,
            one.unusual
        ))?;
    }
    let all = document.vantages.len();
    for habit in &document.habits {
        say(format_args!(
            "  {:<48} {:<9} last {} seen by {} of {all}",
            habit.habit,
            habit.origin,
            habit.last,
            habit.seen_by.len()
        ))?;
    }
    Ok(())
}

fn explained(document: &WhyDocument) -> std::io::Result<()> {
    say(format_args!("{}", document.says))?;
    for ground in &document.grounds {
        let by = match (&ground.habit, &ground.origin, &ground.last) {
            (Some(habit), Some(origin), Some(last)) => {
                format!("by `{habit}` ({origin}, last {last})")
            }
            _ => format!("`{}` would allow it", document.would_allow),
        };
        say(format_args!(
            "  {} ({} since {}): {} {by}",
            ground.member.name, ground.stage, ground.since, ground.answer
        ))?;
    }
    Ok(())
}
