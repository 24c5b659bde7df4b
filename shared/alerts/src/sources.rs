//! What the mesh says becomes sightings: one file for each family of matters, and one table over them.

mod decoys;
mod flows;
pub mod frozen;
pub mod keyed;
mod library;
mod mesh;
mod pace;
mod proofs;
mod records;
mod rollouts;
mod silence;
pub mod store;
mod unknown;
mod watched;

use protocol::alert::{Alert, Matter};
use protocol::coordinator::Event;
use protocol::id::DeviceId;
use protocol::time::Timestamp;

pub use self::flows::{HABIT, is_about_traffic};
use crate::sighting::{Known, Sighting};

/// Every rule that is written in this crate, by family.
pub const RULES: [&[Known]; 14] = [
    &watched::RULES,
    &decoys::RULES,
    &flows::RULES,
    &library::RULES,
    &frozen::RULES,
    &silence::RULES,
    &keyed::RULES,
    &proofs::RULES,
    &pace::RULES,
    &mesh::RULES,
    &rollouts::RULES,
    &records::RULES,
    &store::RULES,
    &unknown::RULES,
];

/// What the shell knows beside the event itself.
pub trait Context {
    /// Who accuses or reports a device at this moment.
    fn witnesses(&self, device: &DeviceId) -> Vec<DeviceId>;
    /// How many witnesses a device has.
    fn jury(&self, device: &DeviceId) -> usize;
}

/// What an event says that people should be told; most events say nothing.
pub fn of(event: &Event, context: &dyn Context, now: Timestamp) -> Vec<Sighting> {
    match event {
        Event::Alert(alert) => vec![raised(alert)],
        Event::Verdict(verdict) => silence::judged(verdict, context, now),
        Event::Proven {
            device,
            contradiction,
            brought,
        } => vec![proofs::proven(*device, contradiction, brought.by(), now)],
        Event::Pace { device, degraded } => degraded
            .iter()
            .map(|degraded| pace::late(device, degraded, now))
            .collect(),
        Event::Suspected {
            device, suspected, ..
        } => mesh::suspected(device, *suspected, context, now),
        Event::Sentenced {
            device,
            votes,
            spared,
        } => vec![mesh::sentenced(device, *votes, *spared, now)],
        Event::NotSuspended { device } => vec![mesh::not_suspended(device, now)],
        Event::Observed(seen) => vec![mesh::disagreed(seen)],
        Event::Misbehaviour { device, what } => vec![mesh::misbehaved(*device, what, now)],
        Event::Rollout { id, stage } => rollouts::halted(*id, *stage, now),
        Event::Countersigned { device, word } => records::countersigned(device, word, now),
        _ => Vec::new(),
    }
}

/// What a device itself raised the alarm about, whether it comes from its record or from a neighbour.
pub fn raised(alert: &Alert) -> Sighting {
    let sighting = match &alert.alarm.matter {
        Matter::FileChanged {
            path,
            before,
            after,
        } => watched::changed(alert, path, before.as_ref(), after.as_ref()),
        Matter::AutomationStopped { cell } => mesh::stopped(alert, cell),
        Matter::WrongChunk {
            image,
            chunk,
            found,
        } => library::wrong_chunk(alert, image, *chunk, found),
        Matter::DocumentRefused(refused) => library::refused(alert, refused),
        Matter::Touched(touched) => decoys::touched(alert, touched),
        Matter::Strange(strange) if !strange.sight.is_own() => {
            return flows::strange(alert, strange);
        }
        Matter::Strange(strange) => flows::strange(alert, strange),
        Matter::Unknown { kind, .. } => unknown::matter(alert, *kind),
    };
    sighting.witness(alert.device, Some(alert.position))
}
