//! What `hearing` says, in the protocol's words and within its bounds.

use hearing::moment::Moment;
use hearing::segment::{Event, Neighbour, Place};
use protocol::class::DeviceClass;
use protocol::heard::{Address, Device, Happening, Mac, What};
use protocol::limits;
use protocol::text::Name;
use protocol::time::Timestamp;

pub(super) fn moment(now: Timestamp) -> Moment {
    Moment::from_millis(now.as_millis())
}

fn time(moment: Moment) -> Timestamp {
    Timestamp::from_millis(moment.micros() / 1000)
}

/// A number for where something is heard, of this host's own counting.
pub(super) fn segment(place: Option<Place>) -> u32 {
    place.map_or(0, |place| {
        let vlan = u32::from(place.vlan.unwrap_or(0));
        place.interface.wrapping_mul(4096).wrapping_add(vlan)
    })
}

pub(super) fn device(neighbour: &Neighbour) -> Device {
    let guess = neighbour.class();
    let mut addresses: Vec<_> = neighbour.addresses.iter().collect();
    addresses.sort_by_key(|(address, sighting)| (std::cmp::Reverse(sighting.last), **address));
    let addresses = addresses
        .into_iter()
        .map(|(address, _)| Address::from(*address));
    let reasons = guess
        .reasons
        .iter()
        .filter_map(|hint| Name::fitted(&hint.reason));
    let mut ports: Vec<_> = neighbour.ports.iter().collect();
    ports.sort_by_key(|(port, sighting)| (std::cmp::Reverse(sighting.last), **port));
    let mut ports: Vec<u16> = ports
        .into_iter()
        .map(|(port, _)| *port)
        .take(limits::HEARD_PORTS)
        .collect();
    ports.sort_unstable();
    Device {
        mac: mac(neighbour.mac),
        addresses: addresses.take(limits::HEARD_ADDRESSES).collect(),
        names: names(neighbour),
        vendor: neighbour.vendor.as_deref().and_then(Name::fitted),
        class: guess.class.word().parse().unwrap_or(DeviceClass::Other),
        confidence: guess.confidence,
        reasons: reasons.take(limits::HEARD_REASONS).collect(),
        ports,
        first: time(neighbour.sighting.first),
        last: time(neighbour.sighting.last),
    }
}

/// The best first, each once.
fn names(neighbour: &Neighbour) -> Vec<Name> {
    let mut known: Vec<_> = neighbour.names.iter().collect();
    known.sort_by_key(|name| std::cmp::Reverse((name.source, name.sighting.last)));
    let mut names = Vec::new();
    for name in known.iter().filter_map(|name| Name::fitted(&name.text)) {
        if !names.contains(&name) && names.len() < limits::HEARD_NAMES {
            names.push(name);
        }
    }
    names
}

pub(super) const fn mac(mac: hearing::mac::Mac) -> Mac {
    Mac(mac.0)
}

pub(super) fn happening(event: &Event, now: Timestamp) -> Happening {
    let what = match event {
        Event::NewDevice(new) => What::New { mac: mac(*new) },
        Event::AddressMoved { address, from, to } => What::AddressMoved {
            address: Address::from(*address),
            from: mac(*from),
            to: mac(*to),
        },
        Event::ClaimedTwice {
            address,
            first,
            second,
        } => What::ClaimedTwice {
            address: Address::from(*address),
            first: mac(*first),
            second: mac(*second),
        },
        Event::DeviceMoved { mac: moved, .. } => What::Moved { mac: mac(*moved) },
        Event::NewDhcpServer { mac: server, .. } => What::DhcpServer { mac: mac(*server) },
        Event::Unsaid { events } => What::Unsaid { events: *events },
    };
    Happening { at: now, what }
}

/// Whether something was heard from a moment on.
pub(super) fn is_since(neighbour: &Neighbour, upto: Moment) -> bool {
    neighbour.sighting.last >= upto
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearing::segment::Segment;
    use hearing::vendor::Vendors;

    #[test]
    fn every_class_that_is_guessed_is_a_class_of_devices() {
        for class in DeviceClass::ALL {
            let guessed = hearing::class::Class::of(class.word()).expect("the words are the same");
            assert_eq!(guessed.word().parse(), Ok(class));
        }
    }

    #[test]
    fn a_neighbour_becomes_a_description_within_its_bounds() {
        let mut segment = Segment::new(Vendors::well_known());
        let hue = hearing::mac::Mac([0, 0x17, 0x88, 1, 2, 3]);
        for last in 1..=9 {
            let at = Moment::from_secs(100 + u64::from(last));
            segment.hear_neighbour(at, 2, hue, [10, 0, 0, last].into());
        }
        let neighbour = segment.neighbour(hue).expect("it was heard");
        let device = device(neighbour);
        assert_eq!(device.mac, Mac(hue.0));
        assert_eq!(device.addresses.len(), limits::HEARD_ADDRESSES);
        assert_eq!(
            device.addresses[0].to_string(),
            "10.0.0.9",
            "the last one first"
        );
        assert_eq!(
            device.vendor.map(|name| name.to_string()).as_deref(),
            Some("Philips Lighting")
        );
        assert_eq!(device.class, DeviceClass::Gateway);
        assert_eq!(device.first, Timestamp::from_millis(101_000));
        assert_eq!(super::segment(neighbour.place), 2 * 4096);
    }
}
