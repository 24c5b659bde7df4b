//! Devices that run no node, as pages and programs ask for them.

use std::sync::Arc;

use language::{count, say};
use protocol::heard::{Happening, Means, Presence, Watched, What};
use protocol::id::DeviceId;

use super::Web;
use super::error::WebError;
use super::fleet::Wanted;
use crate::census;
use crate::live::Live;
use crate::neighbours::{self, Neighbour, State};
use crate::risk::index::Index;
use crate::store::neighbours::Listener;

/// Those that pass the filters which speak of them, by name.
pub fn wanted(
    web: &Web,
    live: &Live,
    wanted: &Wanted,
    state: Option<State>,
) -> Result<Vec<Neighbour>, WebError> {
    let mut found = neighbours::all(&web.reader, |device| live.is_member(device))?;
    let index = web.risk.index();
    let census = wanted.census(live, &index);
    found.retain(|one| {
        let class = wanted.class.as_deref();
        class.is_none_or(|class| census::class(&index, one).word() == class)
            && census
                .as_ref()
                .is_none_or(|census| census.has_neighbour(one))
            && state.is_none_or(|state| one.state(live.at) == state)
            && wanted
                .search
                .as_deref()
                .is_none_or(|text| is_found(&index, one, text))
    });
    found.sort_by_cached_key(|one| (census::name(&index, one), one.mac));
    Ok(found)
}

fn is_found(index: &Index, one: &Neighbour, text: &str) -> bool {
    let text = text.to_lowercase();
    let has = |found: &str| found.to_lowercase().contains(&text);
    let device = one.device();
    let names = device
        .into_iter()
        .flat_map(|device| device.names.iter().chain(&device.vendor));
    let addresses = device.into_iter().flat_map(|device| &device.addresses);
    has(&one.mac.to_string())
        || has(&census::name(index, one))
        || names.into_iter().any(|name| has(name.as_str()))
        || addresses
            .into_iter()
            .any(|address| has(&address.to_string()))
}

/// The one with this hardware address.
pub fn one(web: &Web, live: &Live, mac: &str) -> Result<Neighbour, WebError> {
    let mac = mac.parse().map_err(|_| WebError::NoSuch("device"))?;
    let all = neighbours::all(&web.reader, |device| live.is_member(device))?;
    let found = all.into_iter().find(|one| one.mac == mac);
    found.ok_or(WebError::NoSuch("device"))
}

/// Members that listen, with what they cannot hear.
pub fn listeners(web: &Web, live: &Live) -> Result<Vec<(DeviceId, Arc<Listener>)>, WebError> {
    Ok(neighbours::listeners(&web.reader, |device| {
        live.is_member(device)
    })?)
}

/// What a member cannot hear, in our words; nothing where it hears everything.
pub fn lacks(listener: &Listener) -> Vec<String> {
    let missing = listener.ears.missing.iter();
    let mut lacks: Vec<String> = missing.map(|one| one.sentence().to_owned()).collect();
    if listener.left_out > 0 {
        let left_out = listener.left_out;
        lacks.push(count!(
            left_out,
            "said more than is kept of one node: {n} word was left out",
            "said more than is kept of one node: {n} words were left out"
        ));
    }
    lacks
}

/// The newest line of a guardian, in our words.
pub fn line(line: &Watched) -> String {
    let how = line
        .met
        .map_or(say!("was not met yet"), |met| match met.means {
            Means::Heard => say!("was heard"),
            Means::Arp => say!("answered ARP"),
            Means::Icmp => say!("answered an echo request"),
            Means::Tcp => say!("answered on a TCP port"),
        });
    let span_s = line.until.since(line.from).as_secs();
    say!(
        "{presence}, {how}; written of for {span_s} s",
        presence = presence(line.presence),
        how,
        span_s
    )
}

fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::There => say!("presence|there"),
        Presence::Gone => say!("presence|gone"),
        Presence::Unmet => say!("presence|unmet"),
    }
}

/// An event, in our words.
pub fn says(happening: &Happening) -> String {
    match happening.what {
        What::New { mac } => say!("{mac} is new on the segment", mac),
        What::AddressMoved { address, from, to } => {
            say!("{address} went from {from} to {to}", address, from, to)
        }
        What::ClaimedTwice {
            address,
            first,
            second,
        } => say!(
            "{address} is claimed by {first} and by {second} at once",
            address,
            first,
            second
        ),
        What::Moved { mac } => say!("{mac} is heard in another place than before", mac),
        What::DhcpServer { mac } => say!("{mac} gives out addresses", mac),
        What::Gone { mac } => say!("{mac} neither speaks nor answers", mac),
        What::Back { mac } => say!("{mac} is back", mac),
        What::Unsaid { events } => count!(
            events,
            "{n} more event was not told by itself",
            "{n} more events were not told one by one"
        ),
    }
}
