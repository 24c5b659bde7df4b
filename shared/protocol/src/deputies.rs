//! Who speaks to the outside while the coordinator is gone: chosen by everybody alike, from the roster alone.

use minicbor::{Decode, Encode};

use crate::class::template::Telling;
use crate::evidence::EvidenceId;
use crate::id::{DeviceId, Digest};
use crate::limits;
use crate::rings::Down;
use crate::roster::Roster;
use crate::text::Path;

/// What a deputy needs to tell somebody outside: where, and with which secret to sign.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Sink {
    /// An `https` address; `http` only on loopback.
    #[n(0)]
    pub url: Path,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub secret: [u8; 32],
}

/// The purpose under which a [`Sink`] is sealed.
pub const SINK_PURPOSE: &[u8] = b"palisade/deputy-sink/v1\0";

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sink({}, secret hidden)", self.url)
    }
}

/// Those to whom the coordinator gives the capability to tell somebody outside: gateways, and where
/// there are too few of them, others by rendezvous hashing (Thaler and Ravishankar, 1998).
pub fn candidates(roster: &Roster) -> Vec<DeviceId> {
    let mesh = roster.charter().mesh;
    let mut ranked: Vec<(bool, Digest, DeviceId)> = roster
        .members()
        .filter(|member| member.withdrawal.is_none())
        .map(|member| {
            let device = member.membership.device;
            let rank = Digest::of(
                "palisade 2026 deputy candidate",
                &[mesh.as_bytes(), device.as_bytes()],
            );
            let telling = member.membership.class.template().telling;
            (telling != Telling::First, rank, device)
        })
        .collect();
    ranked.sort_unstable();
    let devices = ranked.into_iter().map(|(_, _, device)| device);
    devices.take(limits::DEPUTIES).collect()
}

/// The order in which candidates who are there answer for one alert; another for each. Whoever it is
/// about comes last: somebody who owns that device would keep it quiet.
pub fn order(
    candidates: &[DeviceId],
    alert: &EvidenceId,
    about: &DeviceId,
    down: &Down,
) -> Vec<DeviceId> {
    let rank = |device: &DeviceId| {
        let rank = Digest::of("palisade 2026 deputy order", &[&alert.0, device.as_bytes()]);
        (device == about, rank)
    };
    let mut there: Vec<DeviceId> = candidates
        .iter()
        .filter(|device| !down.contains(device))
        .copied()
        .collect();
    there.sort_by_key(rank);
    there
}
