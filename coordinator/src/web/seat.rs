//! A member that too few gateways have seen, for its page: it holds no seat among the witnesses yet.

use language::say;
use protocol::cosign;
use protocol::id::DeviceId;
use protocol::key::PublicKey;
use protocol::roster::Roster;
use ui::pages::device::seat::{MissingGateway, SeatView};
use ui::parts::status::Status;

use super::fleet;
use super::pages::device::named;
use crate::live::{Live, LiveDevice, State};

/// Nothing for a member that holds its seat, or that is none any more.
pub fn view(live: &Live, device: &LiveDevice) -> Option<SeatView> {
    let roster = &live.roster;
    let member = roster.member(&device.device)?;
    if device.state == State::Retired || roster.is_seated(&device.device) {
        return None;
    }
    let panel = roster.panel();
    let seen = |key| {
        let cosigned = roster.cosigned_by(key);
        cosigned.is_some_and(|cosigned| cosigned.head().size > member.included)
    };
    let unseen = panel.iter().filter(|key| !seen(key));
    let missing: Vec<DeviceId> = unseen.filter_map(|key| gateway(roster, key)).collect();
    let gateways: Vec<MissingGateway> = missing
        .iter()
        .map(|id| MissingGateway {
            device: named(live, id),
            status: status(live, id),
        })
        .collect();
    Some(SeatView {
        signed: (panel.len() - missing.len()) as u64,
        needed: cosign::quorum(panel.len()) as u64,
        remedy: remedy(&gateways).to_owned(),
        missing: gateways,
    })
}

fn gateway(roster: &Roster, key: &PublicKey) -> Option<DeviceId> {
    let mut gateways = roster.gateways().into_iter();
    gateways.find_map(|(known, device)| (known == *key).then_some(device))
}

fn status(live: &Live, id: &DeviceId) -> Status {
    let device = live.device(id);
    device.map_or(Status::NeverHeard, |device| fleet::shown(device.state))
}

fn remedy(missing: &[MissingGateway]) -> &'static str {
    if missing
        .iter()
        .all(|gateway| matches!(gateway.status, Status::Online | Status::Degraded))
    {
        say!(
            "Nothing: they are online, and sign within seconds. If this stays for minutes, look into their logs: a gateway that holds another list of members raises an alarm instead of signing."
        )
    } else {
        say!(
            "Start the gateways that are off, and they sign by themselves. If one is gone for good, name those that are left with palisade-coordinator offices gateways, which needs the root."
        )
    }
}
