//! `rollout`: a release brought to the devices, ring by ring.

use std::path::Path;

use protocol::rollout::Word;

use super::{answer, say};
use crate::control::{self, Answer, Request};
use crate::rollouts::document::{DeviceShown, RolloutDocument};
use crate::rollouts::wish::Wish;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Rollout {
    /// Asks for a rollout, and starts it unless somebody else has to agree first. With a number it starts one that waits.
    Start(Start),
    /// Lists all rollouts, the newest first.
    List,
    /// Shows one: its rings, why it stopped, and who is left out.
    Show { id: u64 },
    /// Agrees to a rollout that somebody else has asked for.
    Approve { id: u64 },
    /// Orders nobody else for the moment; who is at it goes on.
    Pause { id: u64 },
    /// Goes on after a pause, or after a halt: the failures so far are pardoned, and the halt is lifted.
    Resume { id: u64 },
    /// Ends it; who is at it goes on to the end.
    Abort { id: u64 },
    /// Ends it, and has everybody go back who has not committed. Who has committed keeps it: no device goes below its counter.
    RollBack { id: u64 },
}

#[derive(Debug, clap::Args)]
pub(super) struct Start {
    /// A product and a version that are published, or the number of a rollout that waits.
    #[arg(required = true, num_args = 1..=2, value_names = ["PRODUCT|ID", "VERSION"])]
    what: Vec<String>,
    /// A device that gets it first, by id or name; once for each.
    #[arg(long)]
    canary: Vec<String>,
    /// So many devices that are drawn get it first, where none is named.
    #[arg(long)]
    canary_count: Option<u32>,
    /// The rings after the canary, in growing percent of all that match.
    #[arg(long, value_delimiter = ',', value_name = "PERCENT,…")]
    shares: Option<Vec<u8>>,
    /// Percent of a ring that must have committed before the next one begins.
    #[arg(long, value_name = "PERCENT")]
    success: Option<u8>,
    /// So many failures in a ring halt it; otherwise one in twenty, and one in any case.
    #[arg(long)]
    errors: Option<u32>,
    /// Seconds for which each ring is looked at.
    #[arg(long, value_name = "SECONDS")]
    soak: Option<u64>,
    /// Seconds for which a device may say nothing.
    #[arg(long, value_name = "SECONDS")]
    patience: Option<u64>,
    /// Somebody else has to agree before it starts.
    #[arg(long)]
    second_person: bool,
}

pub(super) async fn run(dir: &Path, as_json: bool, command: &Rollout) -> anyhow::Result<()> {
    let tell = |id: &u64, word: Word| Request::TellRollout {
        id: *id,
        word: word.word().to_owned(),
    };
    let request = match command {
        Rollout::Start(start) => start.request()?,
        Rollout::List => Request::Rollouts,
        Rollout::Show { id } => Request::Rollout { id: *id },
        Rollout::Approve { id } => tell(id, Word::Approve),
        Rollout::Pause { id } => tell(id, Word::Pause),
        Rollout::Resume { id } => tell(id, Word::Resume),
        Rollout::Abort { id } => tell(id, Word::Abort),
        Rollout::RollBack { id } => tell(id, Word::RollBack),
    };
    let answer = control::ask(dir, &request).await?;
    match &answer {
        _ if as_json => say(format_args!("{}", answer::as_document(&answer)))?,
        Answer::Rollout(rollout) => print(rollout)?,
        Answer::Rollouts { items } => {
            for rollout in items {
                print_line(rollout)?;
            }
        }
        other => answer::print(other, false)?,
    }
    if let (Rollout::RollBack { .. }, Answer::Rollout(rollout), false) = (command, &answer, as_json)
        && rollout.committed > 0
    {
        say(format_args!(
            "{} devices have committed it and keep it: none goes below its release counter; release a better image",
            rollout.committed
        ))?;
    }
    Ok(())
}

impl Start {
    fn request(&self) -> anyhow::Result<Request> {
        let [product, version] = self.what.as_slice() else {
            let id = self.what.first().and_then(|id| id.parse().ok());
            let id = id.ok_or_else(|| {
                anyhow::anyhow!(
                    "name a product and a version, or the number of a rollout that waits"
                )
            })?;
            return Ok(Request::TellRollout {
                id,
                word: Word::Start.word().to_owned(),
            });
        };
        let wish = Wish {
            product: product.clone(),
            version: version.clone(),
            canary: self.canary.clone(),
            canary_count: self.canary_count,
            shares: self.shares.clone(),
            success_percent: self.success,
            errors: self.errors,
            soak_s: self.soak,
            patience_s: self.patience,
            second_person: self.second_person,
        };
        Ok(Request::PlanRollout {
            start: !wish.second_person,
            wish,
        })
    }
}

fn print_line(rollout: &RolloutDocument) -> std::io::Result<()> {
    let ring = rollout.ring.unwrap_or_default();
    say(format_args!(
        "{:>4}  {:<11} {} {}  ring {ring} of {}, {} committed",
        rollout.id,
        rollout.state,
        rollout.product,
        rollout.version,
        rollout.rings.len(),
        rollout.committed
    ))
}

fn print(rollout: &RolloutDocument) -> std::io::Result<()> {
    print_line(rollout)?;
    if let Some(reason) = &rollout.reason {
        say(format_args!("  halted: {reason}"))?;
    }
    if rollout.second_person {
        match &rollout.approved_by {
            Some(who) => say(format_args!("  {who} has agreed"))?,
            None => say(format_args!(
                "  somebody else than {} has to agree: rollout approve {}",
                rollout.asked_by, rollout.id
            ))?,
        }
    }
    for (number, ring) in (1..).zip(&rollout.rings) {
        say(format_args!(
            "  ring {number}, {}: {} of {} committed, {} at it, {} waiting, {} failed, {} away, {} excluded",
            ring.reach,
            ring.committed,
            ring.devices,
            ring.in_flight,
            ring.waiting,
            ring.failed,
            ring.away,
            ring.excluded
        ))?;
    }
    for failure in &rollout.failures {
        say(format_args!(
            "  {} {}: {}{}",
            failure.device.name,
            failure.state,
            failure.says,
            seen_by(&failure.witnesses)
        ))?;
    }
    for left_out in &rollout.excluded {
        say(format_args!(
            "  {} is left out: {}",
            left_out.device.name, left_out.says
        ))?;
    }
    for away in &rollout.away {
        let last = away.last.as_deref().unwrap_or("nothing");
        say(format_args!(
            "  {} is away since {}, said {last}",
            away.device.name, away.since
        ))?;
    }
    Ok(())
}

fn seen_by(witnesses: &[DeviceShown]) -> String {
    if witnesses.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = witnesses.iter().map(|one| one.name.as_str()).collect();
    format!(" ({})", names.join(", "))
}
