//! The last things that happened in the mesh, for the overview and for whoever waits for one.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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
use protocol::time::Timestamp;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use ui::layout::Tone;
use ui::pages::overview;
use ui::parts::text::DeviceRef;

use super::feed::Told;
use super::{Web, pace, wall};
use crate::live::{Live, trouble};

/// Happenings that are kept.
const KEPT: usize = 12;
/// Devices that come back within so long are told in one line: those whom one cause had silenced.
const TOGETHER: Duration = Duration::from_secs(60);
/// Where the store keeps that somebody has seen a device fall silent.
const SILENCE: &str = "silence seen";

#[derive(Debug, Default)]
pub struct Chronicle(Mutex<VecDeque<Happening>>);

#[derive(Debug, Clone)]
struct Happening {
    at: Timestamp,
    event: Event,
    /// Everybody to whom the same happened at about the same time.
    devices: BTreeSet<DeviceId>,
}

/// Writes down what happens until the coordinator stops.
pub async fn follow(web: Web, mut events: Receiver<Event>) {
    loop {
        let received = tokio::select! {
            () = web.stopping.cancelled() => return,
            received = events.recv() => received,
        };
        match received {
            Ok(event) => note(&web, event).await,
            Err(RecvError::Lagged(missed)) => web.metrics.missed(missed),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn note(web: &Web, event: Event) {
    match &event {
        Event::Collected { .. } => return web.metrics.collected(),
        Event::Renewed { .. } => return,
        Event::Proven { .. } => {}
        Event::Refused { .. } => web.metrics.enrolment_refused(),
        Event::Misbehaviour { .. } => web.metrics.misbehaved(),
        Event::Status {
            status: Status::Silent,
            ..
        } => remember_silence(web).await,
        Event::Status { .. }
        | Event::Pace { .. }
        | Event::Verdict(_)
        | Event::Returned { .. }
        | Event::Observed(_)
        | Event::Suspected { .. }
        | Event::Ruled { .. }
        | Event::Excused { .. }
        | Event::Halted { .. }
        | Event::Rollout { .. }
        | Event::Sentenced { .. }
        | Event::Braked { .. }
        | Event::Alert(_)
        | Event::Delivered(_)
        | Event::Admitted { .. }
        | Event::Withdrawn { .. }
        | Event::Retired { .. }
        | Event::Log { .. }
        | Event::LogRegained { .. }
        | Event::Rotation(_)
        | Event::Stepped { .. }
        | Event::NotSuspended { .. }
        | Event::Obeys { .. }
        | Event::Scanned { .. }
        | Event::Answered { .. }
        | Event::Countersigned { .. }
        | Event::HoldsAudit { .. }
        | Event::KeyLost { .. } => {}
    }
    let at = wall();
    if is_told(&event)
        && let Some(told) = Told::of(&event, &web.snapshot())
    {
        web.feed.write_down(told, at);
    }
    web.notes.chronicle.write_down(event, at);
}

async fn remember_silence(web: &Web) {
    let seen = web.reader.meta(SILENCE);
    if matches!(seen, Ok(None))
        && let Err(error) = web.change(|changes| changes.set_meta(SILENCE, &[1])).await
    {
        tracing::warn!(%error, "the first silence is not remembered");
    }
}

impl Web {
    /// Whether a device was ever seen to fall silent.
    pub fn silence_seen(&self) -> bool {
        matches!(self.reader.meta(SILENCE), Ok(Some(_)))
    }
}

impl Chronicle {
    fn write_down(&self, event: Event, at: Timestamp) {
        if !is_told(&event) {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = kept
            .iter()
            .position(|before| at.since(before.at) <= TOGETHER && is_same(&before.event, &event));
        let before = same.and_then(|place| kept.remove(place));
        let mut devices = before.map(|before| before.devices).unwrap_or_default();
        devices.extend(came_back(&event));
        kept.truncate(KEPT - 1);
        kept.push_front(Happening { at, event, devices });
    }

    /// The newest first, in words.
    pub fn tell(&self, live: &Live) -> Vec<overview::Event> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .filter_map(|happening| happening.tell(live))
            .collect()
    }
}

impl Happening {
    fn tell(&self, live: &Live) -> Option<overview::Event> {
        let (tone, device, text) = match self.devices.len() {
            0 | 1 => words(&self.event, live)?,
            count => returns(count, &self.event)?,
        };
        let named = device.and_then(|device| live.device(&device));
        let device = named.map(|device| DeviceRef {
            id: device.device.to_string(),
            name: device.name.to_string(),
        });
        Some(overview::Event {
            at_ms: self.at.as_millis(),
            tone,
            device,
            text,
        })
    }
}

/// What has no words takes no place.
fn is_told(event: &Event) -> bool {
    match event {
        // Said by the verdict, once for all whom one cause has silenced.
        Event::Status { status, .. } => !matches!(status, Status::Enrolled | Status::Silent),
        Event::Renewed { .. } | Event::Collected { .. } => false,
        _ => true,
    }
}

/// Whether two happenings differ in the device only, and are told together.
fn is_same(before: &Event, event: &Event) -> bool {
    match (before, event) {
        (Event::Returned { what: before, .. }, Event::Returned { what, .. }) => before == what,
        (Event::Status { .. }, Event::Status { .. }) => {
            came_back(before).is_some() && came_back(event).is_some()
        }
        _ => false,
    }
}

/// Of whom this is a sign of life after a silence.
fn came_back(event: &Event) -> Option<DeviceId> {
    match event {
        Event::Returned { device, .. }
        | Event::Status {
            device,
            status: Status::Online,
            ..
        } => Some(*device),
        _ => None,
    }
}

/// The same of several devices.
fn returns(count: usize, event: &Event) -> Option<(Tone, Option<DeviceId>, String)> {
    let (tone, text) = match event {
        Event::Status { .. } => (Tone::Good, format!("{count} devices are online.")),
        Event::Returned { what, .. } => match what {
            Return::Restarted => (
                Tone::Quiet,
                format!("{count} devices had stopped, and began anew."),
            ),
            Return::CutOff => (
                Tone::Quiet,
                format!("{count} devices were cut off, and never stopped."),
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
                .map(|known| format!("{} in {}", known.class, known.cell));
            let text = format!(
                "joined as {}",
                place.unwrap_or_else(|| "a member".to_owned())
            );
            said(Tone::Good, device, &text)
        }
        Event::Withdrawn { device } => said(Tone::Quiet, device, "was retired"),
        Event::Retired { device } => {
            said(Tone::Quiet, device, "has confirmed that it wipes itself")
        }
        Event::Status { device, status, .. } => match status {
            Status::Enrolled | Status::Silent => None,
            Status::Online => said(Tone::Good, device, "is online"),
            Status::Stopped => said(Tone::Quiet, device, "stopped and said so"),
        },
        Event::Pace { device, degraded } => match degraded {
            Some(degraded) => said(Tone::Notice, device, &pace::line(degraded)),
            None => said(Tone::Good, device, "keeps its times again"),
        },
        Event::Verdict(verdict) => Some(silence(verdict)),
        Event::Observed(seen) => {
            let other = live.name(&seen.receiver)?;
            let text =
                format!("and {other} do not agree on what the one sent the other: one is wrong");
            said(Tone::Notice, &seen.sender, &text)
        }
        Event::Ruled {
            device,
            decision,
            gateway,
        } => {
            let what = match decision {
                Decision::Hold => "was put into quarantine",
                Decision::Release => "was cleared of its quarantine",
            };
            let by = gateway.and_then(|gateway| live.name(&gateway));
            let text = by.map_or_else(
                || what.to_owned(),
                |by| format!("{what} from the console of {by}"),
            );
            said(Tone::Notice, device, &text)
        }
        Event::Suspected {
            device, suspected, ..
        } => said(
            if *suspected { Tone::Bad } else { Tone::Notice },
            device,
            if *suspected {
                "is suspected by enough of its witnesses"
            } else {
                "is suspected by one of its witnesses"
            },
        ),
        Event::Sentenced {
            device,
            votes,
            spared,
        } => {
            let found = format!("was found wanting by {votes} of a committee of 31");
            let text = match spared {
                None => format!("{found}, and is in quarantine for a day"),
                Some(why) => format!("{found}, and is not held: {}", why.says()),
            };
            said(Tone::Bad, device, &text)
        }
        Event::Braked { cell } => Some((
            Tone::Bad,
            None,
            format!(
                "Too many devices of {cell} were sentenced within an hour: nothing is automated for a day."
            ),
        )),
        Event::Rollout { id, stage } => rollout(*id, *stage),
        Event::Excused {
            scanner, source, ..
        } => said(
            Tone::Quiet,
            scanner,
            &format!("scans from {source} on an errand of ours: decoys stay quiet for it"),
        ),
        Event::Halted {
            rollout, standing, ..
        } => Some((
            Tone::Notice,
            None,
            match standing {
                Standing::Halted => {
                    format!("Rollout {rollout} was halted: nobody goes on with its image.")
                }
                Standing::Lifted => format!("The halt of rollout {rollout} was lifted."),
            },
        )),
        Event::Alert(alert) => said(Tone::Bad, &alert.alarm.subject, &matter(alert)),
        Event::Delivered(delivery) => said(
            Tone::Quiet,
            &delivery.deputy,
            "told somebody outside of an alert while the coordinator was gone",
        ),
        Event::Returned { device, what } => match what {
            Return::Restarted => said(Tone::Quiet, device, "had stopped, and began anew"),
            Return::CutOff => said(Tone::Quiet, device, "was cut off, and never stopped"),
        },
        Event::Refused { refusal, .. } => Some((
            Tone::Notice,
            None,
            format!("A device was not let in: {refusal}."),
        )),
        Event::Proven {
            device,
            contradiction,
            ..
        } => {
            let text = match device {
                Some(_) => format!("convicted itself: it signed {contradiction}"),
                None => format!("The admission key is in wrong hands: it signed {contradiction}."),
            };
            Some((Tone::Bad, *device, text))
        }
        Event::Misbehaviour { device, what } => {
            let text = match device {
                Some(_) => format!("sent what it may not send: {what}"),
                None => format!("Somebody sent what may not be sent: {what}."),
            };
            Some((Tone::Bad, *device, text))
        }
        Event::Log { state } => trouble(*state).map(|why| (Tone::Bad, None, format!("{why}."))),
        Event::LogRegained { entries } => {
            let text = format!("The devices gave back {entries} entries of the identity log.");
            Some((Tone::Notice, None, text))
        }
        Event::Rotation(rotation) => {
            rotation_says(*rotation).map(|(tone, text)| (tone, None, text))
        }
        Event::KeyLost { device } => said(
            Tone::Bad,
            device,
            "was admitted after the backup that this coordinator runs on: retire it, and let it join again",
        ),
        Event::Stepped { device, step } => Some(stepped(device, step)),
        Event::NotSuspended { device } => said(
            Tone::Bad,
            device,
            "was not suspended: too many others were within the hour",
        ),
        Event::Obeys { device, obeyed } if obeyed.stale.is_some() => said(
            Tone::Bad,
            device,
            "holds metadata that has ended: it goes on with the last good, and takes no new order",
        ),
        Event::Obeys { device, obeyed } => {
            let text = format!("does what version {} of the settings says", obeyed.policy);
            Some((Tone::Notice, Some(*device), text))
        }
        Event::Scanned { device, step } => scanned(device, step),
        Event::Answered { device, answer } => {
            let (word, why) = (answer.outcome.word(), answer.outcome.why());
            let (tone, text) = match why {
                None => (Tone::Good, format!("{word}: command {}", answer.command)),
                Some(why) => (
                    Tone::Notice,
                    format!("{word}: command {}, {why}", answer.command),
                ),
            };
            Some((tone, Some(*device), text))
        }
        Event::Countersigned { device, word } => word.refused.and_then(|_| {
            said(
                Tone::Bad,
                device,
                "refuses to countersign the audit log: it was cut or rewritten",
            )
        }),
        Event::Renewed { .. } | Event::Collected { .. } | Event::HoldsAudit { .. } => None,
    }
}

/// Of an update people read its ends, and where it is on trial; the steps between are on the page of its rollout.
/// A halt is told by its own event.
fn rollout(id: RolloutId, stage: Stage) -> Option<(Tone, Option<DeviceId>, String)> {
    let (tone, what) = match stage {
        Stage::Planned => (Tone::Quiet, "was asked for"),
        Stage::Running => (Tone::Notice, "goes on"),
        Stage::Paused => (Tone::Notice, "was paused"),
        Stage::Aborted => (Tone::Notice, "was aborted"),
        Stage::RolledBack => (Tone::Notice, "was rolled back"),
        Stage::Finished => (Tone::Good, "is finished"),
        Stage::Halted(_) => return None,
    };
    Some((tone, None, format!("Rollout {id} {what}.")))
}

fn stepped(device: &DeviceId, step: &Step) -> (Tone, Option<DeviceId>, String) {
    let version = step.version.as_ref().map_or("an update", Name::as_str);
    let (tone, text) = match &step.state {
        State::RolledBack(reason) => {
            let text = format!("went back from {version}: {reason}");
            (Tone::Bad, text)
        }
        State::Refused(reason) => (Tone::Bad, format!("refused {version}: {reason}")),
        State::Committed => (Tone::Good, format!("runs {version} for good")),
        State::Probation => (Tone::Notice, format!("runs {version} on probation")),
        state => (Tone::Notice, format!("{version}: {}", state.word())),
    };
    (tone, Some(*device), text)
}

fn rotation_says(rotation: Rotation) -> Option<(Tone, String)> {
    match rotation {
        Rotation::Undealt => None,
        Rotation::Turning { until } => {
            let dealt = stamp(until);
            let text =
                format!("Witnesses change by the hour: their seeds are dealt up to {dealt}.");
            Some((Tone::Notice, text))
        }
        Rotation::Frozen { since } => {
            let since = stamp(since);
            let text = format!(
                "Witnesses keep their seats since {since}: the seeds have run out, or too few gateways that hold them are there."
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
            "went silent: the device or its link".to_owned(),
        ),
        Cause::Segment => (
            None,
            format!("{count} devices behind one switch went silent together."),
        ),
        Cause::Uplink => (
            None,
            format!(
                "{count} devices are out of reach: the way to them is cut, or the coordinator's own."
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
            format!("finished scan {}: {hosts} hosts", step.job),
        ),
        ScanStage::Cancelled => (Tone::Quiet, format!("stopped scan {}", step.job)),
        ScanStage::Refused { why } => (Tone::Notice, format!("refuses scan {}: {why}", step.job)),
        ScanStage::Failed { why } => (Tone::Notice, format!("failed at scan {}: {why}", step.job)),
    };
    Some((tone, Some(*device), text))
}

fn matter(alert: &Alert) -> String {
    match &alert.alarm.matter {
        Matter::FileChanged { path, after, .. } => match after {
            Some(_) => format!("a watched file has changed: {path}"),
            None => format!("a watched file is gone or cannot be read: {path}"),
        },
        Matter::AutomationStopped { cell } => format!(
            "committees have sentenced more than a fifth of {cell} within an hour: nothing is automated for a day"
        ),
        Matter::WrongChunk { chunk, .. } => {
            format!("a neighbour says that it was sent wrong bytes for chunk {chunk} of an update")
        }
        Matter::DocumentRefused(refused) => format!(
            "refused version {} of the role {}, which is {}: somebody else may hold this coordinator's keys",
            refused.version,
            refused.role,
            refused.flaw.word()
        ),
        Matter::Touched(touched) => {
            let (source, service, port) = (touched.source, touched.service.word(), touched.port);
            format!("{source} touched the {service} decoy on port {port}")
        }
        Matter::Strange(strange) => format!(
            "says that the traffic of {} ({}) is not as usual by the rule {}: normally {}, now {}",
            strange.whose, strange.address, strange.rule, strange.usual, strange.observed
        ),
        Matter::Unknown { .. } => "raised an alert that this version does not know".to_owned(),
    }
}
