//! Samples of what is said of devices without a node.

use protocol::class::DeviceClass;
use protocol::guard::{Line, Told, Word};
use protocol::heard::{
    Address, Cite, Device, Ears, Happening, Heard, Mac, Means, Met, Missing, Presence, Watched,
    What,
};
use protocol::message::Message;

use super::{device, name, position, time};

const MAC: Mac = Mac([0, 0x40, 0x8c, 1, 2, 3]);

pub fn heard() -> Heard {
    Heard {
        since: time(1),
        devices: vec![neighbour()],
        watched: vec![watched(), unmet()],
        events: happenings(),
        ears: Some(Ears {
            own: vec![Mac([2, 0, 0, 0, 0, 1])],
            interfaces: vec![name("eth0")],
            missing: Missing::ALL.to_vec(),
        }),
    }
}

fn neighbour() -> Device {
    Device {
        mac: MAC,
        addresses: vec![Address::from([192, 0, 2, 7]), Address::from([0xfe; 16])],
        names: vec![name("axis-dock")],
        vendor: Some(name("Axis Communications")),
        class: DeviceClass::Camera,
        confidence: 70,
        reasons: vec![name("offers _axis-video._tcp over mDNS")],
        ports: vec![80, 554],
        first: time(2),
        last: time(3),
    }
}

fn watched() -> Watched {
    Watched {
        mac: MAC,
        from: time(4),
        until: time(5),
        presence: Presence::There,
        met: Some(Met {
            at: time(5),
            means: Means::Arp,
        }),
        cites: Some(Cite {
            guardian: device(),
            position: position(3, 255),
        }),
    }
}

fn unmet() -> Watched {
    Watched {
        presence: Presence::Unmet,
        met: None,
        cites: None,
        ..watched()
    }
}

fn happenings() -> Vec<Happening> {
    let (mac, address) = (MAC, Address::from([192, 0, 2, 7]));
    let other = Mac([2, 0, 0, 0, 0, 9]);
    let all = [
        What::New { mac },
        What::AddressMoved {
            address,
            from: other,
            to: mac,
        },
        What::ClaimedTwice {
            address,
            first: mac,
            second: other,
        },
        What::Moved { mac },
        What::DhcpServer { mac },
        What::Gone { mac },
        What::Back { mac },
        What::Unsaid { events: 300 },
    ];
    all.map(|what| Happening { at: time(6), what }).to_vec()
}

pub fn told() -> Told {
    Told {
        mac: MAC,
        address: Some(Address::from([192, 0, 2, 7])),
        class: DeviceClass::Plc,
        line: Some(Line {
            position: position(3, 256),
            until: time(5),
        }),
    }
}

pub fn messages() -> [(&'static str, Message); 2] {
    let own = vec![Mac([2, 0, 0, 0, 0, 1])];
    let untold = Told {
        address: None,
        line: None,
        ..told()
    };
    let word = |told| Message::Hearing {
        word: Word {
            own: own.clone(),
            told,
        },
    };
    [
        ("hearing", word(vec![told(), untold])),
        ("hearing_greeting", word(Vec::new())),
    ]
}
