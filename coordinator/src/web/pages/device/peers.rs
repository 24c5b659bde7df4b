//! Who watches a device, and whom it watches.

use protocol::coordinator::presence::Heard;
use protocol::id::DeviceId;
use ui::pages::device::PeersView;
use ui::pages::device::peers::Peer;
use ui::parts::status::Status;

use super::header::{kind, named};
use crate::live::{Live, LiveDevice};
use crate::web::error::WebError;
use crate::web::{Web, fleet, observations};

pub fn view(web: &Web, live: &Live, device: &LiveDevice) -> Result<PeersView, WebError> {
    let rings = live.roster.rings();
    let witnesses = rings.witnesses(&device.device);
    let subjects = rings.subjects(&device.device);
    let seen = web.reader.observations_of(&device.device)?;
    Ok(PeersView {
        witnesses: witnesses
            .iter()
            .map(|id| peer(live, id, said(device, id)))
            .collect(),
        subjects: subjects
            .iter()
            .map(|id| peer(live, id, heard_by(live, id, &device.device)))
            .collect(),
        // Nodes do not report their links yet; none is inferred.
        links: Vec::new(),
        observations: seen
            .iter()
            .map(|seen| observations::view(live, seen))
            .collect(),
    })
}

fn said<'a>(subject: &'a LiveDevice, witness: &DeviceId) -> Option<&'a Heard> {
    let said = subject.witnesses.iter().find(|(id, _)| id == witness);
    said.map(|(_, heard)| heard)
}

fn heard_by<'a>(live: &'a Live, subject: &DeviceId, witness: &DeviceId) -> Option<&'a Heard> {
    said(live.device(subject)?, witness)
}

fn peer(live: &Live, id: &DeviceId, heard: Option<&Heard>) -> Peer {
    Peer {
        device: named(live, id),
        status: live
            .device(id)
            .map_or(Status::NeverHeard, |device| fleet::shown(device.state)),
        heard_ms: heard.map(|heard| heard.at.as_millis()),
        evidence: heard.map(|heard| kind(heard.evidence)),
        round_trip_ms: None,
    }
}
