//! Any touch of a decoy, and any errand.

use std::net::IpAddr;

use proptest::option::of;
use proptest::prelude::*;
use protocol::address::Address;
use protocol::alert::Matter;
use protocol::errand::Errand;
use protocol::tripwire::{Service, Touched, Words};

use super::{device, mesh, time};

pub fn touched() -> impl Strategy<Value = Matter> {
    let service = prop::sample::select(Service::ALL.to_vec());
    let said = of("[a-z /:.]{1,96}".prop_map(|said| Words::new(said).expect("it is one line")));
    let parts = (address(), service, any::<u16>(), any::<u8>(), said);
    parts.prop_map(|(source, service, port, credentials, said)| {
        Matter::Touched(Touched {
            source,
            service,
            port,
            credentials,
            said,
        })
    })
}

pub fn errand() -> impl Strategy<Value = Errand> {
    let parts = (mesh(), device(), address(), time(), time());
    parts.prop_map(|(mesh, scanner, source, from, until)| Errand {
        mesh,
        scanner,
        source,
        from,
        until,
    })
}

fn address() -> impl Strategy<Value = Address> {
    any::<IpAddr>().prop_map(Address::from)
}
