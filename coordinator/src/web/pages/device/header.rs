//! What is known of a device's state, on whose word, and what would change it.

use protocol::statement::host;
use protocol::time::Timestamp;
use ui::pages::device::{DeviceHeader, EvidenceKind, Knowledge, Witness};
use ui::parts::text::DeviceRef;
use ui::parts::time::format;

use super::FRESH;
use crate::live::{Live, LiveDevice, State};
use crate::web::fleet;

pub fn view(live: &Live, device: &LiveDevice) -> DeviceHeader {
    let seats = live.roster.rings().witnesses(&device.device);
    let witness = |id| {
        let heard = device.witnesses.iter().find(|(witness, _)| witness == id);
        Witness {
            device: named(live, id),
            heard_ms: heard.map(|(_, heard)| heard.at.as_millis()),
            evidence: heard.map_or(EvidenceKind::ReceivedTraffic, |(_, heard)| {
                kind(heard.evidence)
            }),
        }
    };
    DeviceHeader {
        id: device.device.to_string(),
        name: device.name.to_string(),
        class: device.class.to_string(),
        cell: device.cell.to_string(),
        status: fleet::shown(device.state),
        why: why(live, device, seats.len()),
        since_ms: Some(device.since.as_millis()),
        last_seen_ms: device.heard.map(Timestamp::as_millis),
        knowledge: knowledge(live, device, seats.len()),
        witnesses: seats.iter().map(witness).collect(),
        evidence: device
            .proof
            .as_ref()
            .map(|proof| proof.digest().to_string()),
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
    let counted = |count| u32::try_from(count).unwrap_or(u32::MAX);
    match device.state {
        State::Online => match hearing(live, device) {
            0 => Knowledge::Claimed,
            witnesses => Knowledge::SeenBy {
                witnesses: counted(witnesses),
                of: counted(seats.max(witnesses)),
            },
        },
        State::Stopped => Knowledge::Claimed,
        State::Silent => match device.heard {
            Some(at) => Knowledge::StaleSince {
                at_ms: at.as_millis(),
            },
            None => Knowledge::NotVisible,
        },
        State::Enrolled => Knowledge::NotVisible,
        State::Retired => Knowledge::Proven,
    }
}

fn why(live: &Live, device: &LiveDevice, seats: usize) -> String {
    match device.state {
        State::Online => online(live, device, seats),
        State::Stopped => "It said that it stops, so its silence is no alarm. It is online again with its next record.".to_owned(),
        State::Silent => format!(
            "Neither the coordinator nor any of its {seats} witnesses hears it. It is online again as soon as one of them does."
        ),
        State::Enrolled => "It was admitted and nobody has heard it since. Start the node program on it: palisade-node run.".to_owned(),
        State::Retired => retired(device),
    }
}

fn online(live: &Live, device: &LiveDevice, seats: usize) -> String {
    let direct = device.directly.is_some_and(|at| live.at.since(at) <= FRESH);
    let coordinator = if direct {
        "The coordinator hears it"
    } else {
        "The coordinator does not hear it itself"
    };
    let hearing = hearing(live, device);
    let neighbours = match seats {
        0 => "; no other node is there to witness it".to_owned(),
        _ => format!(", and {hearing} of {seats} witnesses say that they do"),
    };
    format!("{coordinator}{neighbours}. It is silent when nobody has heard it for a while.")
}

fn retired(device: &LiveDevice) -> String {
    if let Some(proof) = &device.proof {
        return format!(
            "Shut out for good by what it signed itself: {}. Every node refuses it. {}",
            proof.contradiction(),
            "Two copies of it run, its disk was set back, or whoever holds its key lies: find out which, then add it as a new device."
        );
    }
    let Some(shut_out) = &device.withdrawal else {
        return "It was shut out of the mesh.".to_owned();
    };
    match shut_out.until {
        None => format!(
            "Shut out for good ({}): every node refuses it.",
            shut_out.reason
        ),
        Some(until) => {
            let until = format(until.as_millis(), "%Y-%m-%d %H:%M UTC");
            format!(
                "Shut out ({}): every node refuses it. The coordinator renews this before it ends ({until}); an administrator's key makes it final.",
                shut_out.reason
            )
        }
    }
}

/// A device by its name, or by its id once it is gone.
pub fn named(live: &Live, id: &protocol::id::DeviceId) -> DeviceRef {
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
