//! The kernel's table of connections (`/proc/net/nf_conntrack`) as flows.
//!
//! Each line names the family, the protocol with its number, the seconds left, for TCP the state, and both directions as
//! `src= dst= sport= dport= [packets= bytes=]`; `[UNREPLIED]` stands where nobody has answered
//! (Linux, `net/netfilter/nf_conntrack_standalone.c`).

use crate::flow::{Answer, Count, Endpoint, Flow, Key, Nets, protocol};
use crate::limits::CONNTRACK_LINES;
use crate::moment::Moment;

/// The flows of a table that was read now; lines that are none are passed over.
pub fn flows<'a>(text: &'a str, now: Moment, local: &'a Nets) -> impl Iterator<Item = Flow> + 'a {
    let lines = text.lines().take(CONNTRACK_LINES);
    lines.filter_map(move |line| flow(line, now, local))
}

fn flow(line: &str, now: Moment, local: &Nets) -> Option<Flow> {
    let mut words = line.split_ascii_whitespace();
    let protocol = words.nth(3)?.parse().ok()?;
    let mut sides = [Side::default(), Side::default()];
    let mut side = 0;
    let mut is_answered = true;
    for word in words {
        if word == "[UNREPLIED]" {
            is_answered = false;
        }
        let Some((name, value)) = word.split_once('=') else {
            continue;
        };
        // The second `src` begins the way back.
        if name == "src" && sides[0].source.is_some() {
            side = 1;
        }
        sides[side].take(name, value);
    }
    let [forward, back] = sides;
    let end = |address, port: u16| Endpoint { address, port };
    let key = Key {
        initiator: end(forward.source?, forward.source_port),
        responder: end(forward.destination?, forward.destination_port),
        protocol,
    };
    let is_closed = line.contains(" CLOSE ");
    Some(Flow {
        forward: forward.count,
        back: back.count,
        answer: match (is_answered, is_closed && protocol == protocol::TCP) {
            (false, _) => Answer::Nothing,
            (true, true) => Answer::Refused,
            (true, false) => Answer::Given,
        },
        direction: local.direction(key.initiator.address, key.responder.address),
        ..Flow::new(key, now)
    })
}

#[derive(Debug, Clone, Copy, Default)]
struct Side {
    source: Option<std::net::IpAddr>,
    destination: Option<std::net::IpAddr>,
    source_port: u16,
    destination_port: u16,
    count: Count,
}

impl Side {
    fn take(&mut self, name: &str, value: &str) {
        let number = || value.parse().unwrap_or(0);
        match name {
            "src" => self.source = value.parse().ok(),
            "dst" => self.destination = value.parse().ok(),
            "sport" => self.source_port = value.parse().unwrap_or(0),
            "dport" => self.destination_port = value.parse().unwrap_or(0),
            "packets" => self.count.packets = number(),
            "bytes" => self.count.bytes = number(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TABLE: &str = "\
ipv4     2 tcp      6 431999 ESTABLISHED src=192.168.1.7 dst=93.184.216.34 sport=40312 dport=443 packets=12 bytes=1800 src=93.184.216.34 dst=192.168.1.7 sport=443 dport=40312 packets=10 bytes=9000 [ASSURED] mark=0 zone=0 use=2
ipv4     2 udp      17 20 src=192.168.1.7 dst=192.168.1.1 sport=5353 dport=53 [UNREPLIED] src=192.168.1.1 dst=192.168.1.7 sport=53 dport=5353 mark=0 use=2
ipv6     10 tcp      6 9 CLOSE src=fe80::1 dst=fe80::2 sport=1 dport=23 src=fe80::2 dst=fe80::1 sport=23 dport=1 mark=0 use=1
ipv4     2 icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1
nonsense
";

    #[test]
    fn each_line_is_a_flow_with_what_came_of_it() {
        let local = Nets::private();
        let read: Vec<_> = flows(TABLE, Moment::from_secs(9), &local).collect();
        let said: Vec<_> = read
            .iter()
            .map(|flow| (flow.key.responder.port, flow.answer, flow.back.bytes))
            .collect();
        assert_eq!(
            said,
            [
                (443, Answer::Given, 9000),
                (53, Answer::Nothing, 0),
                (23, Answer::Refused, 0),
                (0, Answer::Given, 0),
            ]
        );
        assert_eq!(read[0].direction, crate::flow::Direction::Out);
    }

    proptest! {
        #[test]
        fn no_table_makes_it_fall(text in "(ipv4 2 |tcp 6 |src=|dst=|1.2.3.4|sport=|=| |\\[UNREPLIED\\]|\n|\\PC){0,60}") {
            let local = Nets::private();
            prop_assert!(flows(&text, Moment::default(), &local).count() <= CONNTRACK_LINES);
        }
    }
}
