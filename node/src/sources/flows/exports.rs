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
                    local: nets::local(),
                    collector: Collector::new(nets::local()),
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
