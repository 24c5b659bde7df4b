//! What happened, in words for people.

use language::{count, say};
use protocol::alert::{Alert, Matter};
use protocol::beacon::{EPOCH, Rotation};
use protocol::coordinator::Event;
use protocol::coordinator::presence::Status;
use protocol::coordinator::verdict::{Cause, Return, Verdict};
use protocol::id::{DeviceId, Epoch};
use protocol::install::{State, Step};
use protocol::rollout::{RolloutId, Stage, Standing};
use protocol::ruling::Decision;
use protocol::scan::{ScanStage, ScanStep};
use protocol::text::Name;
use ui::layout::Tone;

use crate::live::{Live, trouble};
use crate::web::{appeal, pace};

/// The same of several devices.
pub(super) fn returns(count: usize, event: &Event) -> Option<(Tone, Option<DeviceId>, String)> {
    let (tone, text) = match event {
        Event::Status { .. } => (
            Tone::Good,
            count!(count, "{n} device is online.", "{n} devices are online."),
        ),
        Event::Returned { what, .. } => match what {
            Return::Restarted => (
                Tone::Quiet,
                count!(
                    count,
                    "{n} device had stopped, and began anew.",
                    "{n} devices had stopped, and began anew."
                ),
            ),
            Return::CutOff => (
                Tone::Quiet,
                count!(
                    count,
                    "{n} device was cut off, and never stopped.",
                    "{n} devices were cut off, and never stopped."
                ),
            ),
        },
        _ => return None,
    };
    Some((tone, None, text))
}

pub fn words(event: &Event, live: &Live) -> Option<(Tone, Option<DeviceId>, String)> {
    let said = |tone, device: &DeviceId, text: &str| Some((tone, Some(*device), text.to_owned()));
    match event {
        Event::Admitted { device } => {
            let place = live
                .device(device)
                .map(|known| say!("{class} in {cell}", class = known.class, cell = known.cell));
            let place = place.unwrap_or_else(|| say!("a member").to_owned());
            let text = say!("joined as {place}", place);
            said(Tone::Good, device, &text)
        }
        Event::Withdrawn { device } => said(Tone::Quiet, device, say!("was retired")),
        Event::Retired { device } => said(
            Tone::Quiet,
            device,
            say!("has confirmed that it wipes itself"),
        ),
        Event::Status { device, status, .. } => match status {
            Status::Enrolled | Status::Silent => None,
            Status::Online => said(Tone::Good, device, say!("is online")),
            Status::Stopped => said(Tone::Quiet, device, say!("stopped and said so")),
        },
        Event::Pace { device, degraded } => match degraded {
            Some(degraded) => said(Tone::Notice, device, &pace::line(degraded)),
            None => said(Tone::Good, device, say!("keeps its times again")),
        },
        Event::Verdict(verdict) => Some(silence(verdict)),
        Event::Observed(seen) => {
            let other = live.name(&seen.receiver)?;
            let text = say!(
                "and {other} do not agree on what the one sent the other: one is wrong",
                other
            );
            said(Tone::Notice, &seen.sender, &text)
        }
        Event::Ruled {
            device,
            decision,
            gateway,
        } => {
            let what = match decision {
                Decision::Hold => say!("was put into quarantine"),
                Decision::Release => say!("was cleared of its quarantine"),
            };
            let by = gateway.and_then(|gateway| live.name(&gateway));
            let text = by.map_or_else(
                || what.to_owned(),
                |by| say!("{what} from the console of {by}", what, by),
            );
            said(Tone::Notice, device, &text)
        }
        Event::Suspected {
            device, suspected, ..
        } => said(
            if *suspected { Tone::Bad } else { Tone::Notice },
            device,
            if *suspected {
                say!("is suspected by enough of its witnesses")
            } else {
                say!("is suspected by one of its witnesses")
            },
        ),
        Event::Sentenced {
            device,
            votes,
            spared,
        } => {
            let found = say!("was found wanting by {votes} of a committee of 31", votes);
            let text = match spared {
                None => say!("{found}, and is in quarantine for a day", found),
                Some(why) => say!(
                    "{found}, and is not held: {why}",
                    found,
                    why = appeal::spared(*why)
                ),
            };
            said(Tone::Bad, device, &text)
        }
        Event::Braked { cell } => Some((
            Tone::Bad,
            None,
            say!(
                "Too many devices of {cell} were sentenced within an hour: nothing is automated for a day.",
                cell
            ),
        )),
        Event::Rollout { id, stage } => rollout(*id, *stage),
        Event::Excused {
            scanner, source, ..
        } => said(
            Tone::Quiet,
            scanner,
            &say!(
                "scans from {source} on an errand of ours: decoys stay quiet for it",
                source
            ),
        ),
        Event::Halted {
            rollout, standing, ..
        } => Some((
            Tone::Notice,
            None,
            match standing {
                Standing::Halted => {
                    say!(
                        "Rollout {rollout} was halted: nobody goes on with its image.",
                        rollout
                    )
                }
                Standing::Lifted => say!("The halt of rollout {rollout} was lifted.", rollout),
            },
        )),
        Event::Alert(alert) => said(Tone::Bad, &alert.alarm.subject, &matter(alert)),
        Event::Delivered(delivery) => said(
            Tone::Quiet,
            &delivery.deputy,
            say!("told somebody outside of an alert while the coordinator was gone"),
        ),
        Event::Returned { device, what } => match what {
            Return::Restarted => said(Tone::Quiet, device, say!("had stopped, and began anew")),
            Return::CutOff => said(Tone::Quiet, device, say!("was cut off, and never stopped")),
        },
        Event::Refused { refusal, .. } => Some((
            Tone::Notice,
            None,
            say!("A device was not let in: {refusal}.", refusal),
        )),
        Event::Proven {
            device,
            contradiction,
            ..
        } => {
            let text = match device {
                Some(_) => say!("convicted itself: it signed {contradiction}", contradiction),
                None => say!(
                    "The admission key is in wrong hands: it signed {contradiction}.",
                    contradiction
                ),
            };
            Some((Tone::Bad, *device, text))
        }
        Event::Misbehaviour { device, what } => {
            let text = match device {
                Some(_) => say!("sent what it may not send: {what}", what),
                None => say!("Somebody sent what may not be sent: {what}.", what),
            };
            Some((Tone::Bad, *device, text))
        }
        Event::Log { state } => trouble(*state).map(|why| (Tone::Bad, None, format!("{why}."))),
        Event::LogRegained { entries } => {
            let text = say!(
                "The devices gave back {entries} entries of the identity log.",
                entries
            );
            Some((Tone::Notice, None, text))
        }
        Event::Rotation(rotation) => {
            rotation_says(*rotation).map(|(tone, text)| (tone, None, text))
        }
        Event::KeyLost { device } => said(
            Tone::Bad,
            device,
            say!(
                "was admitted after the backup that this coordinator runs on: retire it, and let it join again"
            ),
        ),
        Event::Stepped { device, step } => Some(stepped(device, step)),
        Event::NotSuspended { device } => said(
            Tone::Bad,
            device,
            say!("was not suspended: too many others were within the hour"),
        ),
        Event::Obeys { device, obeyed } if obeyed.stale.is_some() => said(
            Tone::Bad,
            device,
            say!(
                "holds metadata that has ended: it goes on with the last good, and takes no new order"
            ),
        ),
        Event::Obeys { device, obeyed } => {
            let text = say!(
                "does what version {version} of the settings says",
                version = obeyed.policy
            );
            Some((Tone::Notice, Some(*device), text))
        }
        Event::Scanned { device, step } => scanned(device, step),
        Event::Answered { device, answer } => {
            let (word, why) = (answer.outcome.word(), answer.outcome.why());
            let (tone, text) = match why {
                None => (
                    Tone::Good,
                    say!("{word}: command {command}", word, command = answer.command),
                ),
                Some(why) => (
                    Tone::Notice,
                    say!(
                        "{word}: command {command}, {why}",
                        word,
                        command = answer.command,
                        why
                    ),
                ),
            };
            Some((tone, Some(*device), text))
        }
        Event::Countersigned { device, word } => word.refused.and_then(|_| {
            said(
                Tone::Bad,
                device,
                say!("refuses to countersign the audit log: it was cut or rewritten"),
            )
        }),
        Event::Renewed { .. } | Event::Collected { .. } | Event::HoldsAudit { .. } => None,
    }
}

/// Of an update people read its ends, and where it is on trial; the steps between are on the page of its rollout.
/// A halt is told by its own event.
fn rollout(id: RolloutId, stage: Stage) -> Option<(Tone, Option<DeviceId>, String)> {
    let (tone, what) = match stage {
        Stage::Planned => (Tone::Quiet, say!("Rollout {id} was asked for.", id)),
        Stage::Running => (Tone::Notice, say!("Rollout {id} goes on.", id)),
        Stage::Paused => (Tone::Notice, say!("Rollout {id} was paused.", id)),
        Stage::Aborted => (Tone::Notice, say!("Rollout {id} was aborted.", id)),
        Stage::RolledBack => (Tone::Notice, say!("Rollout {id} was rolled back.", id)),
        Stage::Finished => (Tone::Good, say!("Rollout {id} is finished.", id)),
        Stage::Halted(_) => return None,
    };
    Some((tone, None, what))
}

fn stepped(device: &DeviceId, step: &Step) -> (Tone, Option<DeviceId>, String) {
    let version = step
        .version
        .as_ref()
        .map_or(say!("an update"), Name::as_str);
    let (tone, text) = match &step.state {
        State::RolledBack(reason) => {
            let text = say!("went back from {version}: {reason}", version, reason);
            (Tone::Bad, text)
        }
        State::Refused(reason) => (
            Tone::Bad,
            say!("refused {version}: {reason}", version, reason),
        ),
        State::Committed => (Tone::Good, say!("runs {version} for good", version)),
        State::Probation => (Tone::Notice, say!("runs {version} on probation", version)),
        state => (Tone::Notice, format!("{version}: {}", state.word())),
    };
    (tone, Some(*device), text)
}

fn rotation_says(rotation: Rotation) -> Option<(Tone, String)> {
    match rotation {
        Rotation::Undealt => None,
        Rotation::Turning { until } => {
            let dealt = stamp(until);
            let text = say!(
                "Witnesses change by the hour: their seeds are dealt up to {dealt}.",
                dealt
            );
            Some((Tone::Notice, text))
        }
        Rotation::Frozen { since } => {
            let since = stamp(since);
            let text = say!(
                "Witnesses keep their seats since {since}: the seeds have run out, or too few gateways that hold them are there.",
                since
            );
            Some((Tone::Bad, text))
        }
    }
}

fn stamp(epoch: Epoch) -> String {
    let hour = u64::try_from(EPOCH.as_millis()).unwrap_or(u64::MAX);
    ui::parts::time::format(u64::from(epoch.number()) * hour, "%Y-%m-%d %H:%M UTC")
}

fn silence(verdict: &Verdict) -> (Tone, Option<DeviceId>, String) {
    let count = verdict.devices.len();
    let (device, text) = match verdict.cause {
        Cause::Device => (
            verdict.devices.first().copied(),
            say!("went silent: the device or its link").to_owned(),
        ),
        Cause::Segment => (
            None,
            say!(
                "{count} devices behind one switch went silent together.",
                count
            ),
        ),
        Cause::Uplink => (
            None,
            say!(
                "{count} devices are out of reach: the way to them is cut, or the coordinator's own.",
                count
            ),
        ),
    };
    (Tone::Bad, device, text)
}

/// Of a scan people want to know the end; how it goes stands on its own page.
fn scanned(device: &DeviceId, step: &ScanStep) -> Option<(Tone, Option<DeviceId>, String)> {
    let (tone, text) = match &step.stage {
        ScanStage::Running { .. } => return None,
        ScanStage::Finished { hosts, .. } => (
            Tone::Quiet,
            count!(
                *hosts,
                "finished scan {job}: {n} host",
                "finished scan {job}: {n} hosts",
                job = step.job
            ),
        ),
        ScanStage::Cancelled => (Tone::Quiet, say!("stopped scan {job}", job = step.job)),
        ScanStage::Refused { why } => (
            Tone::Notice,
            say!("refuses scan {job}: {why}", job = step.job, why),
        ),
        ScanStage::Failed { why } => (
            Tone::Notice,
            say!("failed at scan {job}: {why}", job = step.job, why),
        ),
    };
    Some((tone, Some(*device), text))
}

fn matter(alert: &Alert) -> String {
    match &alert.alarm.matter {
        Matter::FileChanged { path, after, .. } => match after {
            Some(_) => say!("a watched file has changed: {path}", path),
            None => say!("a watched file is gone or cannot be read: {path}", path),
        },
        Matter::AutomationStopped { cell } => say!(
            "committees have sentenced more than a fifth of {cell} within an hour: nothing is automated for a day",
            cell
        ),
        Matter::WrongChunk { chunk, .. } => {
            say!(
                "a neighbour says that it was sent wrong bytes for chunk {chunk} of an update",
                chunk
            )
        }
        Matter::DocumentRefused(refused) => say!(
            "refused version {version} of the role {role}, which is {flaw}: somebody else may hold this coordinator's keys",
            version = refused.version,
            role = refused.role,
            flaw = refused.flaw.word()
        ),
        Matter::Touched(touched) => {
            let (source, service, port) = (touched.source, touched.service.word(), touched.port);
            say!(
                "{source} touched the {service} decoy on port {port}",
                source,
                service,
                port
            )
        }
        Matter::Strange(strange) => say!(
            "says that the traffic of {whose} ({address}) is not as usual by the rule {rule}: normally {usual}, now {observed}",
            whose = strange.whose,
            address = strange.address,
            rule = strange.rule,
            usual = strange.usual,
            observed = strange.observed
        ),
        Matter::Unknown { .. } => {
            say!("raised an alert that this version does not know").to_owned()
        }
    }
}
