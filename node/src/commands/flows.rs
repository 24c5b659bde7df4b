//! `flows`: what this node has learnt of traffic, and what a capture or a log would have shown.

use std::path::Path;
use std::time::Duration;

use hearing::flow::Net;

use super::say;
use crate::sources::flows::replay::{Learnt, Replayed, replay};
use crate::sources::flows::{learnt, profiles};

/// Habits of one device that are listed.
const LISTED: usize = 40;

pub(super) fn run(
    dir: &Path,
    as_json: bool,
    file: Option<&Path>,
    learning: u64,
    local: &[Net],
) -> anyhow::Result<()> {
    let Some(file) = file else {
        return kept(dir, as_json);
    };
    let found = replay(file, Duration::from_secs(learning), local)?;
    if as_json {
        return Ok(say(format_args!("{}", serde_json::to_string(&found)?))?);
    }
    shown(&found)
}

fn kept(dir: &Path, as_json: bool) -> anyhow::Result<()> {
    let devices: Vec<Learnt> = learnt(&profiles(dir));
    if as_json {
        return Ok(say(format_args!("{}", serde_json::to_string(&devices)?))?);
    }
    if devices.is_empty() {
        say(format_args!(
            "nothing is kept yet: a running node keeps what it has learnt every five minutes, and when it stops"
        ))?;
    }
    devices.iter().try_for_each(device)
}

fn shown(found: &Replayed) -> anyhow::Result<()> {
    say(format_args!(
        "{} flows in {} s, {} not judged, {} not read",
        found.flows, found.seconds, found.dropped, found.unread
    ))?;
    if let Some(network) = &found.unnamed {
        say(format_args!(
            "nobody in it is in a local network; most connections come from {network}: say --local {network}"
        ))?;
    }
    for said in &found.firings {
        let (rule, whose, address) = (said.rule, &said.whose, &said.address);
        say(format_args!(
            "{:.3} {rule}: {whose} ({address}), normally {}, now {}: {}",
            said.at_s,
            said.usual,
            said.observed,
            said.examples.join(", ")
        ))?;
    }
    found.devices.iter().try_for_each(device)
}

fn device(one: &Learnt) -> anyhow::Result<()> {
    say(format_args!(
        "{} ({}): {}",
        one.whose, one.address, one.stage
    ))?;
    for habit in one.habits.iter().take(LISTED) {
        say(format_args!("  {habit}"))?;
    }
    let more = one.habits.len().saturating_sub(LISTED);
    if more > 0 {
        say(format_args!("  and {more} more"))?;
    }
    Ok(())
}
