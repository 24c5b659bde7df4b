//! NetFlow and IPFIX: what routers and `softflowd` send to this node, from the node's own networks only.

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, BorrowedFd};

use hearing::flow::Nets;
use hearing::moment::Moment;
use hearing::netflow::Collector;
use lookout::firing::Evidence;
use lookout::lookout::Lookout;
use tracing::{debug, info, warn};

use super::nets;

/// Bytes of one datagram, and datagrams that are read at once.
const DATAGRAM: usize = 65_536;
const BURST: usize = 256;

pub(super) struct Exports {
    socket: UdpSocket,
    local: Nets,
    collector: Collector,
    buffer: Vec<u8>,
    foreign: u64,
}

impl Exports {
    pub(super) fn open(address: SocketAddr) -> Option<Self> {
        let socket = UdpSocket::bind(address).and_then(|socket| {
            socket.set_nonblocking(true)?;
            Ok(socket)
        });
        match socket {
            Ok(socket) => {
                info!(%address, "flow records are taken");
                Some(Self {
                    socket,
                    local: nets::local(&[]),
                    collector: Collector::new(nets::local(&[])),
                    buffer: vec![0; DATAGRAM],
                    foreign: 0,
                })
            }
            Err(error) => {
                warn!(%address, %error, "flow records cannot be taken: set another address in flows.listen");
                None
            }
        }
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    pub(super) fn read(&mut self, lookout: &mut Lookout, now: Moment) {
        for _ in 0..BURST {
            let Ok((length, from)) = self.socket.recv_from(&mut self.buffer) else {
                break;
            };
            let exporter = from.ip().to_canonical();
            if !exporter.is_loopback() && !self.local.hold(exporter) {
                self.foreign += 1;
                if self.foreign.is_power_of_two() {
                    warn!(%exporter, times = self.foreign, "flow records from outside of this host's networks are not taken");
                }
                continue;
            }
            match self.collector.read(now, exporter, &self.buffer[..length]) {
                Ok(export) => {
                    let mut flows = export.flows;
                    flows.sort_by_key(|flow| flow.first);
                    for flow in &flows {
                        lookout.told(now, flow, Evidence::Exported);
                    }
                }
                Err(error) => debug!(%exporter, %error, "a datagram is no flow record"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lookout::lookout::Settings;
    use lookout::whose::Whose;

    use super::*;

    /// One flow in NetFlow 5 (Cisco, "NetFlow Export Datagram Format"): a device to port 443 somewhere.
    fn datagram() -> Vec<u8> {
        let mut bytes = Vec::new();
        for short in [5_u16, 1] {
            bytes.extend(short.to_be_bytes());
        }
        for word in [10_000_u32, 1_700_000_000, 0, 1, 0] {
            bytes.extend(word.to_be_bytes());
        }
        bytes.extend([10, 0, 0, 7, 93, 184, 216, 34, 0, 0, 0, 0]);
        bytes.extend([0, 1, 0, 2]);
        for word in [12_u32, 4_000, 1_000, 9_000] {
            bytes.extend(word.to_be_bytes());
        }
        for port in [40_000_u16, 443] {
            bytes.extend(port.to_be_bytes());
        }
        bytes.extend([0, 0x1b, 6, 0, 0, 0, 0, 0, 24, 24, 0, 0]);
        bytes
    }

    #[test]
    fn what_an_exporter_sends_is_a_habit_of_the_device_and_nonsense_is_passed_over() {
        let mut exports = Exports::open(([127, 0, 0, 1], 0).into()).expect("a port is free");
        let to = exports.socket.local_addr().expect("it is bound");
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
        for bytes in [datagram(), vec![0, 9], vec![7; 40]] {
            sender.send_to(&bytes, to).expect("loopback takes it");
        }
        let mut lookout = Lookout::new(&Settings::default(), nets::local(&[]), Vec::new());
        let now = Moment::from_secs(1_700_000_000);
        let whose = Whose::Address([10, 0, 0, 7].into());
        for _ in 0..50 {
            exports.read(&mut lookout, now);
            if lookout.stage(whose).is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let profile = lookout.profile(whose).expect("its flow came");
        let habits: Vec<String> = profile
            .entries()
            .map(|(entry, _)| entry.to_string())
            .collect();
        assert_eq!(habits, ["out tcp 93.184.216.34/32 443"]);
        assert_eq!(lookout.totals().flows, 1);
    }
}
