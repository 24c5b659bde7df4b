//! A capture, or a connection log of Zeek, through a lookout: from its first packet to its last, and a moment beyond.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use hearing::capture::{Capture, Packet};
use hearing::flow::{Net, Nets};
use hearing::frame::{Frame, Transport};
use hearing::moment::Moment;
use hearing::zeek::ConnectionLog;

use crate::firing::{Evidence, Firing};
use crate::limits::{REPLAYED_ASKERS, REPLAYED_FIRINGS};
use crate::lookout::{Lookout, Settings};

/// Time that passes after the last packet, so that what nobody answered is judged.
const REST: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Replay {
    lookout: Lookout,
    local: Nets,
    askers: Askers,
    firings: Vec<Firing>,
    unread: u64,
    span: Option<(Moment, Moment)>,
}

/// What a replay has shown.
#[derive(Debug)]
pub struct Replayed {
    pub lookout: Lookout,
    /// The first thousand.
    pub firings: Vec<Firing>,
    /// Lines or packets that could not be read.
    pub unread: u64,
    /// The times of the first packet or line, and of the last.
    pub span: (Moment, Moment),
    /// Where nobody who asks is in a local network: the network of whoever asks most.
    pub home: Option<Net>,
}

impl Replay {
    /// `local` are the networks whose devices are looked at.
    pub fn new(settings: &Settings, local: Nets) -> Self {
        Self {
            lookout: Lookout::new(settings, local.clone(), Vec::new()),
            askers: Askers::new(local.clone()),
            local,
            firings: Vec::new(),
            unread: 0,
            span: None,
        }
    }

    /// To introduce devices, or to lend them something, before or between what is replayed.
    pub const fn lookout(&mut self) -> &mut Lookout {
        &mut self.lookout
    }

    pub fn packet(&mut self, packet: &Packet<'_>) {
        match Frame::of(packet) {
            Ok(frame) => {
                self.askers.hear(&frame);
                self.lookout.hear(packet.at, &frame);
            }
            Err(_) => self.unread += 1,
        }
        self.passed(packet.at);
    }

    /// Replays a capture up to where it is damaged.
    pub fn capture(&mut self, capture: Capture<'_>) {
        for packet in capture {
            let Ok(packet) = packet else {
                self.unread += 1;
                break;
            };
            self.packet(&packet);
        }
    }

    /// Replays a log in the order in which its connections began; says whether any line was a connection.
    pub fn log(&mut self, text: &str) -> bool {
        let local = self.local.clone();
        let mut flows = Vec::new();
        for line in ConnectionLog::open(text, &local) {
            match line {
                Ok(line) => flows.push(line.flow),
                Err(_) => self.unread += 1,
            }
        }
        flows.sort_by_key(|flow| flow.first);
        for flow in &flows {
            self.askers.count(flow.key.initiator.address);
            self.lookout.told(flow.first, flow, Evidence::Replayed);
            self.lookout.tick(flow.first);
            self.passed(flow.first);
        }
        !flows.is_empty()
    }

    /// What has been said so far, if nobody has asked for it.
    pub fn said(&mut self) -> Vec<Firing> {
        std::mem::take(&mut self.firings)
    }

    pub fn end(mut self) -> Replayed {
        let span = self.span.unwrap_or_default();
        self.lookout.tick(span.1.after(REST));
        self.firings.extend(self.lookout.firings());
        Replayed {
            lookout: self.lookout,
            firings: self.firings,
            unread: self.unread,
            span,
            home: self.askers.home(),
        }
    }

    fn passed(&mut self, at: Moment) {
        let (first, last) = self.span.unwrap_or((at, at));
        self.span = Some((first.min(at), last.max(at)));
        self.firings.extend(self.lookout.firings());
        self.firings.truncate(REPLAYED_FIRINGS);
    }
}

/// Who asks for connections, to find which network a replay is of.
#[derive(Debug)]
pub struct Askers {
    local: Nets,
    is_local: bool,
    times: BTreeMap<IpAddr, u64>,
}

impl Askers {
    pub const fn new(local: Nets) -> Self {
        Self {
            local,
            is_local: false,
            times: BTreeMap::new(),
        }
    }

    /// Counts the asker of a TCP connection.
    pub fn hear(&mut self, frame: &Frame<'_>) {
        let Some(ip) = frame.as_ip() else { return };
        if matches!(&ip.transport, Transport::Tcp(tcp) if tcp.flags.opens()) {
            self.count(ip.source);
        }
    }

    pub fn count(&mut self, asker: IpAddr) {
        self.is_local = self.is_local || self.local.hold(asker);
        let has_room = self.times.len() < REPLAYED_ASKERS || self.times.contains_key(&asker);
        if !self.is_local && has_room {
            *self.times.entry(asker).or_insert(0) += 1;
        }
    }

    /// Where none of them is in a local network: the network (/24 or /64) of whoever asks most often. What is replayed is
    /// then of a site whose devices have addresses of the internet, and nothing of it is looked at unless that network
    /// is named.
    pub fn home(&self) -> Option<Net> {
        if self.is_local {
            return None;
        }
        let (most, _) = self.times.iter().max_by_key(|(_, times)| **times)?;
        Net::new(*most, if most.is_ipv4() { 24 } else { 64 }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_with_addresses_of_the_internet_is_found_by_who_asks_most() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let (ours, far) = (address("147.32.80.37"), address("66.63.168.35"));
        let mut askers = Askers::new(Nets::private());
        assert_eq!(askers.home(), None);
        for asker in [far, ours, ours] {
            askers.count(asker);
        }
        let found = askers.home().expect("nobody is local");
        assert!(found.holds(address("147.32.80.1")) && !found.holds(address("147.32.81.1")));
        askers.count(address("192.168.1.7"));
        assert_eq!(askers.home(), None);
    }
}
