//! Any value of what is said of devices without a node.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use protocol::class::DeviceClass;
use protocol::guard::{Line, Told, Word};
use protocol::heard::{
    Address, Cite, Device, Ears, Happening, Heard, Mac, Means, Met, Missing, Presence, Watched,
    What,
};
use protocol::message::Message;

use super::{device, name, position, time};

fn mac() -> impl Strategy<Value = Mac> {
    any::<[u8; 6]>().prop_map(Mac)
}

fn address() -> impl Strategy<Value = Address> {
    any::<std::net::IpAddr>().prop_map(Address::from)
}

fn class() -> impl Strategy<Value = DeviceClass> {
    prop::sample::select(DeviceClass::ALL.to_vec())
}

fn neighbour() -> impl Strategy<Value = Device> {
    let said = (
        vec(address(), 0..3),
        vec(name(), 0..2),
        of(name()),
        vec(name(), 0..2),
        vec(any::<u16>(), 0..5),
    );
    let parts = (mac(), said, class(), any::<u8>(), time(), time());
    parts.prop_map(|(mac, said, class, confidence, first, last)| Device {
        mac,
        addresses: said.0,
        names: said.1,
        vendor: said.2,
        class,
        confidence,
        reasons: said.3,
        ports: said.4,
        first,
        last,
    })
}

fn watched() -> impl Strategy<Value = Watched> {
    let presence = prop::sample::select(vec![Presence::There, Presence::Gone, Presence::Unmet]);
    let means = prop::sample::select(vec![Means::Heard, Means::Arp, Means::Icmp, Means::Tcp]);
    let met = (time(), means).prop_map(|(at, means)| Met { at, means });
    let cite = (device(), position());
    let cite = cite.prop_map(|(guardian, position)| Cite { guardian, position });
    let parts = (mac(), time(), time(), presence, of(met), of(cite));
    parts.prop_map(|(mac, from, until, presence, met, cites)| Watched {
        mac,
        from,
        until,
        presence,
        met,
        cites,
    })
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        mac().prop_map(|mac| What::New { mac }),
        (address(), mac(), mac()).prop_map(|(address, from, to)| What::AddressMoved {
            address,
            from,
            to
        }),
        (address(), mac(), mac()).prop_map(|(address, first, second)| What::ClaimedTwice {
            address,
            first,
            second
        }),
        mac().prop_map(|mac| What::Moved { mac }),
        mac().prop_map(|mac| What::DhcpServer { mac }),
        mac().prop_map(|mac| What::Gone { mac }),
        mac().prop_map(|mac| What::Back { mac }),
        any::<u32>().prop_map(|events| What::Unsaid { events }),
    ]
}

fn ears() -> impl Strategy<Value = Ears> {
    let missing = vec(prop::sample::select(Missing::ALL.to_vec()), 0..4);
    let parts = (vec(mac(), 0..3), vec(name(), 0..2), missing);
    parts.prop_map(|(own, interfaces, missing)| Ears {
        own,
        interfaces,
        missing,
    })
}

pub fn heard() -> impl Strategy<Value = Heard> {
    let happening = (time(), what()).prop_map(|(at, what)| Happening { at, what });
    let parts = (
        time(),
        vec(neighbour(), 0..2),
        vec(watched(), 0..2),
        vec(happening, 0..2),
        of(ears()),
    );
    let heard = parts.prop_map(|(since, devices, watched, events, ears)| Heard {
        since,
        devices,
        watched,
        events,
        ears,
    });
    heard.prop_filter("a body", |heard| {
        protocol::cbor::length(heard) + 8 <= protocol::limits::BODY_BYTES
    })
}

pub fn message() -> impl Strategy<Value = Message> {
    let line = (position(), time()).prop_map(|(position, until)| Line { position, until });
    let told = (mac(), of(address()), class(), of(line));
    let told = told.prop_map(|(mac, address, class, line)| Told {
        mac,
        address,
        class,
        line,
    });
    let word = (vec(mac(), 0..4), vec(told, 0..5));
    word.prop_map(|(own, told)| Message::Hearing {
        word: Word { own, told },
    })
}
