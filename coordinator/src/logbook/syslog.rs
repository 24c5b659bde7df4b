//! RFC 5424 over UDP (RFC 5426), where somebody asks for it: a line is the device's that it names, and says how it came.
//!
//! Nothing proves who sent a datagram. It is for devices that can do no better, in a network that is one's own.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use logs::limits;
use logs::line::Line;
use protocol::id::DeviceId;
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::Logbook;
use super::arriving::{self, Arriving, GATHER};
use crate::live::{Live, LiveHandle};

/// Datagrams of one address within a second; what is more is dropped.
const PER_SECOND: u32 = 200;
/// Addresses that are counted at once.
const ADDRESSES: usize = 4_096;
/// Names of no device that are counted.
const STRANGERS: usize = 64;
/// Lines that wait to be stored.
const WAITING: usize = limits::LINES;

/// Binds, and takes lines until the coordinator stops; hands out the address that was bound.
pub async fn listen(
    logbook: Logbook,
    live: LiveHandle,
    address: SocketAddr,
    stopping: CancellationToken,
) -> std::io::Result<SocketAddr> {
    let socket = UdpSocket::bind(address).await?;
    let bound = socket.local_addr()?;
    info!(%bound, "listening for syslog: nothing proves who sends");
    tokio::spawn(take(logbook, live, socket, stopping));
    Ok(bound)
}

async fn take(logbook: Logbook, live: LiveHandle, socket: UdpSocket, stopping: CancellationToken) {
    let mut buffer = vec![0; limits::LINE_BYTES + 1];
    let mut waiting = Arriving::over("UDP");
    let mut paces: BTreeMap<IpAddr, u32> = BTreeMap::new();
    let mut strangers = Strangers::default();
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut gather = tokio::time::interval(GATHER);
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = second.tick() => paces.clear(),
            _ = gather.tick() => waiting.store(&logbook).await,
            received = socket.recv_from(&mut buffer) => {
                let Ok((length, from)) = received else { continue };
                if waiting.count() >= WAITING || !may_go_on(&mut paces, from.ip()) {
                    continue;
                }
                match read(&live.borrow(), &buffer[..length], from.ip()) {
                    Read::Line(device, line) => waiting.put(device, *line),
                    Read::Stranger(host) => strangers.note(&host, from.ip()),
                    Read::Nothing => debug!(%from, "a datagram that is no line of RFC 5424"),
                }
            }
        }
    }
}

fn may_go_on(paces: &mut BTreeMap<IpAddr, u32>, address: IpAddr) -> bool {
    if paces.len() >= ADDRESSES && !paces.contains_key(&address) {
        return false;
    }
    let count = paces.entry(address).or_default();
    *count += 1;
    *count <= PER_SECOND
}

/// A line, and whose it is by its HOSTNAME: the id or the name of one device.
fn read(live: &Live, datagram: &[u8], from: IpAddr) -> Read {
    let Some(mut line) = arriving::message(datagram) else {
        return Read::Nothing;
    };
    let host = line.host.clone().unwrap_or_default();
    let Some(device) = arriving::named(live, &host) else {
        return Read::Stranger(host);
    };
    line.note("came_by", &format!("UDP from {from}, unproven"));
    Read::Line(device.device, Box::new(line))
}

#[derive(Debug, PartialEq, Eq)]
enum Read {
    Line(DeviceId, Box<Line>),
    /// A line under a HOSTNAME that no device or several have.
    Stranger(String),
    Nothing,
}

/// Names that are no device's, and how many lines came under each: whoever set up a sender wrong has to see it.
#[derive(Debug, Default)]
struct Strangers(BTreeMap<String, u64>);

impl Strangers {
    fn note(&mut self, host: &str, from: IpAddr) {
        if self.count(host).is_power_of_two() {
            let times = self.0.get(host).copied().unwrap_or_default();
            warn!(%from, host, times, "lines under a HOSTNAME that is not one device's are dropped: send a device's id or name there");
        }
    }

    /// Counts a line; beyond so many names nothing is told of further ones.
    fn count(&mut self, host: &str) -> u64 {
        if self.0.len() >= STRANGERS && !self.0.contains_key(host) {
            return 0;
        }
        let times = self.0.entry(host.to_owned()).or_default();
        *times += 1;
        *times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines under a name that is no device's were gone without a word.
    #[test]
    fn names_of_nobody_are_counted_each_and_not_without_end() {
        let mut strangers = Strangers::default();
        let counts = [1, 2, 3].map(|_| strangers.count("hal-camera"));
        assert_eq!(counts, [1, 2, 3]);
        for number in 0..2 * STRANGERS {
            strangers.count(&format!("host-{number}"));
        }
        assert_eq!(strangers.0.len(), STRANGERS);
        assert_eq!(strangers.count("hal-camera"), 4);
    }
}
