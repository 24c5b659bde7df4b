//! What is known of a device's state, on whose word, and what would change it.

use language::say;
use protocol::id::DeviceId;
use protocol::statement::host;
use protocol::time::Timestamp;
use ui::pages::device::suspicion::QuarantineView;
use ui::pages::device::verdict::{Returned, Silence, Standing, Testimony, Word};
use ui::pages::device::{DeviceHeader, EvidenceKind, Knowledge, Witness};
use ui::parts::text::DeviceRef;
use ui::parts::time::format;

use super::FRESH;
use crate::live::silence::{self as judged, Kind};
use crate::live::{Live, LiveDevice, State, Wipe, Withdrawn};
use crate::web::{appeal, fleet, pace, seat, silence, suspicion};

/// Others of the same silence that are named.
const NAMED: usize = 7;

pub fn view(live: &Live, device: &LiveDevice) -> DeviceHeader {
    let seats = seats(live, device);
    DeviceHeader {
        id: device.device.to_string(),
        name: device.name.to_string(),
        alike: alike(live, device.name.as_str(), Some(&device.device)),
        class: device.class.to_string(),
        cell: device.cell.to_string(),
        status: fleet::shown(device.state),
        why: why(live, device, seats.len()),
        since_ms: Some(device.since.as_millis()),
        last_seen_ms: device.heard.map(Timestamp::as_millis),
        knowledge: knowledge(live, device, seats.len()),
        stale_since_ms: device.stale.map(Timestamp::as_millis),
        silence: device.silence().map(|kind| silenced(live, device, kind)),
        returned: returned(device),
        testimony: testimony(device),
        quarantine: device.held.as_ref().map(|held| QuarantineView {
            until_ms: held.until.as_millis(),
            reason: held.reason.to_string(),
        }),
        seat: seat::view(live, device),
        suspicion: suspicion::view(live, device),
        appeal: appeal::view(live, device),
        witnesses: seats.iter().map(|id| witness(live, device, id)).collect(),
        evidence: device
            .proof
            .as_ref()
            .map(|proof| proof.digest().to_string()),
    }
}

/// Members that people would take for whoever has this name.
pub fn alike(live: &Live, name: &str, own: Option<&DeviceId>) -> Vec<DeviceRef> {
    let alike = live.look_alikes(name, own).into_iter();
    let alike = alike.map(|one| DeviceRef {
        id: one.device.to_string(),
        name: one.name.to_string(),
    });
    alike.collect()
}

/// Its witnesses by the roster, and those who stand in for one of them and accuse.
fn seats(live: &Live, device: &LiveDevice) -> Vec<DeviceId> {
    let mut seats = live.roster.rings().witnesses(&device.device);
    let accusers = device.testimony.accusers.iter();
    let standing_in: Vec<DeviceId> = accusers
        .map(|accuser| accuser.witness)
        .filter(|witness| !seats.contains(witness))
        .collect();
    seats.extend(standing_in);
    seats
}

fn witness(live: &Live, device: &LiveDevice, id: &DeviceId) -> Witness {
    let heard = device.witnesses.iter().find(|(witness, _)| witness == id);
    let heard = heard.map(|(_, heard)| heard);
    let word = match (device.testimony.by(id), heard) {
        (Some(accuser), _) => Word::Accuses {
            at_ms: accuser.at.as_millis(),
        },
        (None, Some(heard)) if live.at.since(heard.at) <= FRESH => Word::Vouches,
        (None, _) => Word::Nothing,
    };
    Witness {
        device: named(live, id),
        word,
        heard_ms: heard.map(|heard| heard.at.as_millis()),
        evidence: heard.map_or(EvidenceKind::ReceivedTraffic, |heard| kind(heard.evidence)),
    }
}

fn silenced(live: &Live, device: &LiveDevice, kind: Kind) -> Silence {
    let with = device.silenced_with();
    Silence {
        kind: silence::says(kind).to_owned(),
        clears: silence::clears(kind).to_owned(),
        with: with.take(NAMED).map(|id| named(live, id)).collect(),
        more: device.silenced_with().skip(NAMED).count() as u64,
    }
}

fn returned(device: &LiveDevice) -> Option<Returned> {
    let ended = device.returned.filter(|_| device.is_there())?;
    Some(Returned {
        at_ms: ended.at.as_millis(),
        words: silence::returned(&ended).to_owned(),
    })
}

fn testimony(device: &LiveDevice) -> Testimony {
    let said = &device.testimony;
    Testimony {
        accusers: counted(said.accusers.len()),
        of: counted(said.witnesses.max(said.accusers.len())),
        quorum: said.quorum.map(counted),
        standing: match said.standing {
            judged::Standing::Open => Standing::Open,
            judged::Standing::Certified => Standing::Certified,
        },
    }
}

/// Witnesses that heard the device just now.
fn hearing(live: &Live, device: &LiveDevice) -> usize {
    let fresh = device
        .witnesses
        .iter()
        .filter(|(_, heard)| live.at.since(heard.at) <= FRESH);
    fresh.count()
}

fn knowledge(live: &Live, device: &LiveDevice, seats: usize) -> Knowledge {
    let stale = device.heard.map_or(Knowledge::NotVisible, |at| {
        let at_ms = at.as_millis();
        Knowledge::StaleSince { at_ms }
    });
    match device.state {
        State::Online | State::Degraded => match hearing(live, device) {
            0 => Knowledge::Claimed,
            witnesses => Knowledge::SeenBy {
                witnesses: counted(witnesses),
                of: counted(seats.max(witnesses)),
            },
        },
        State::Stopped => Knowledge::Claimed,
        State::Silent => match (device.testimony.standing, device.silence()) {
            (judged::Standing::Certified, _) => Knowledge::SeenBy {
                witnesses: testimony(device).accusers,
                of: testimony(device).of,
            },
            (judged::Standing::Open, Some(Kind::Uplink)) => Knowledge::NotVisible,
            (judged::Standing::Open, _) => stale,
        },
        State::Enrolled => Knowledge::NotVisible,
        State::Retired => Knowledge::Proven,
    }
}

fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn why(live: &Live, device: &LiveDevice, seats: usize) -> String {
    if let Some(kind) = device.silence() {
        return silence::why(device, kind);
    }
    match device.state {
        State::Retired => retired(device),
        State::Enrolled => say!("It was admitted and nobody has heard it since. Start the node program on it: palisade-node run.").to_owned(),
        State::Online | State::Degraded | State::Stopped | State::Silent => online(live, device, seats),
    }
}

fn online(live: &Live, device: &LiveDevice, seats: usize) -> String {
    let direct = device.directly.is_some_and(|at| live.at.since(at) <= FRESH);
    let hearing = hearing(live, device);
    let heard = match (direct, seats) {
        (true, 0) => {
            say!("The coordinator hears it; no other node is there to witness it.").to_owned()
        }
        (false, 0) => {
            say!("The coordinator does not hear it itself; no other node is there to witness it.")
                .to_owned()
        }
        (true, _) => say!(
            "The coordinator hears it, and {hearing} of {seats} witnesses say that they do.",
            hearing,
            seats
        ),
        (false, _) => say!(
            "The coordinator does not hear it itself, and {hearing} of {seats} witnesses say that they do.",
            hearing,
            seats
        ),
    };
    let late = device.degraded.as_ref().map(pace::why);
    let rule = late
        .or_else(|| silence::doubts(device))
        .unwrap_or_else(|| say!("It is silent when nobody has heard it for a while.").to_owned());
    format!("{heard} {rule}")
}

fn retired(device: &LiveDevice) -> String {
    if let Some(proof) = &device.proof {
        return say!(
            "Shut out for good by what it signed itself: {what}. Every node refuses it. Two copies of it run, its disk was set back, or whoever holds its key lies: find out which, then add it as a new device.",
            what = proof.contradiction()
        );
    }
    let Some(shut_out) = &device.withdrawal else {
        return say!("It was shut out of the mesh.").to_owned();
    };
    if let Some(wipe) = shut_out.wipe {
        return ordered_to_wipe(shut_out, wipe);
    }
    match shut_out.until {
        None => say!(
            "Shut out for good ({reason}): every node refuses it.",
            reason = shut_out.reason
        ),
        Some(until) => {
            let until = format(until.as_millis(), "%Y-%m-%d %H:%M UTC");
            say!(
                "Shut out ({reason}): every node refuses it. The coordinator renews this before it ends ({until}); an administrator's key makes it final.",
                reason = shut_out.reason,
                until
            )
        }
    }
}

fn ordered_to_wipe(shut_out: &Withdrawn, wipe: Wipe) -> String {
    let day = |at: Timestamp| format(at.as_millis(), "%Y-%m-%d %H:%M UTC");
    let (reason, ordered) = (&shut_out.reason, day(shut_out.at));
    match wipe {
        Wipe::Confirmed { at } => say!(
            "Retired, wiped at {wiped}: an administrator ordered it to wipe its keys and its journal ({reason}), and its last statement says that it does. Every node refuses it.",
            wiped = day(at),
            reason
        ),
        Wipe::Ordered => say!(
            "Ordered to wipe, not confirmed: an administrator ordered it at {ordered} to wipe its keys and its journal ({reason}). It hears of that from any node that refuses it, and obeys at once; its last statement is taken here alone. Every node refuses it.",
            ordered,
            reason
        ),
    }
}

/// A device by its name, or by its id once it is gone.
pub fn named(live: &Live, id: &DeviceId) -> DeviceRef {
    let name = live
        .roster
        .member(id)
        .map(|member| member.membership.name.to_string());
    DeviceRef {
        id: id.to_string(),
        name: name.unwrap_or_else(|| id.to_string()),
    }
}

pub fn kind(evidence: host::EvidenceKind) -> EvidenceKind {
    match evidence {
        host::EvidenceKind::LivenessProbe => EvidenceKind::LivenessProbe,
        host::EvidenceKind::ReceivedTraffic => EvidenceKind::ReceivedTraffic,
        host::EvidenceKind::LanBroadcast => EvidenceKind::LanBroadcast,
        host::EvidenceKind::TwoSidedCounters => EvidenceKind::TwoSidedCounters,
        host::EvidenceKind::ActiveScan => EvidenceKind::ActiveScan,
        host::EvidenceKind::AttestationAnswer => EvidenceKind::AttestationAnswer,
        host::EvidenceKind::LogContradiction => EvidenceKind::LogContradiction,
    }
}
