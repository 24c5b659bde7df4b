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
use tracing::{debug, info};

use super::Logbook;
use super::arriving::{self, Arriving, GATHER};
use crate::live::{Live, LiveHandle};

/// Datagrams of one address within a second; what is more is dropped.
const PER_SECOND: u32 = 200;
/// Addresses that are counted at once.
const ADDRESSES: usize = 4_096;
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
                    Some((device, line)) => waiting.put(device, line),
                    None => debug!(%from, "a datagram that is no line of a device"),
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
fn read(live: &Live, datagram: &[u8], from: IpAddr) -> Option<(DeviceId, Line)> {
    let mut line = arriving::message(datagram)?;
    let device = arriving::named(live, line.host.as_deref()?)?.device;
    line.note("came_by", &format!("UDP from {from}, unproven"));
    Some((device, line))
}
