//! Where the device is plugged in: its default gateway and the subnet around it.

use std::net::Ipv4Addr;

use protocol::id::Digest;

use super::host;

const UP: u32 = 1;
const GATEWAY: u32 = 2;
/// The neighbour table knows the hardware address.
const COMPLETE: u32 = 2;
/// Lines of a table that are read.
const LINES: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Route {
    interface: String,
    destination: [u8; 4],
    gateway: [u8; 4],
    flags: u32,
    metric: u32,
    mask: [u8; 4],
}

pub(super) fn hint() -> Option<[u8; 8]> {
    of(&host::text("/proc/net/route"), &host::text("/proc/net/arp"))
}

fn of(routes: &str, neighbours: &str) -> Option<[u8; 8]> {
    let routes: Vec<_> = routes
        .lines()
        .skip(1)
        .take(LINES)
        .filter_map(route)
        .collect();
    let default = routes
        .iter()
        .filter(|route| route.is_default())
        .min_by_key(|route| route.metric)?;
    let subnet = routes
        .iter()
        .filter(|route| route.surrounds(default))
        .max_by_key(|route| route.mask);
    let (network, mask) =
        subnet.map_or(([0; 4], [0; 4]), |subnet| (subnet.destination, subnet.mask));
    let hardware = neighbours
        .lines()
        .skip(1)
        .take(LINES)
        .find_map(|line| neighbour(line, default))?;
    Some(Digest::of("palisade 2026 attachment", &[&hardware, &network, &mask]).short())
}

impl Route {
    fn is_default(&self) -> bool {
        self.destination == [0; 4]
            && self.mask == [0; 4]
            && self.flags & (UP | GATEWAY) == UP | GATEWAY
    }

    /// Whether this is the subnet in which the gateway of `default` lies.
    fn surrounds(&self, default: &Self) -> bool {
        let masked = u32::from_ne_bytes(default.gateway) & u32::from_ne_bytes(self.mask);
        self.interface == default.interface
            && self.gateway == [0; 4]
            && self.mask != [0; 4]
            && masked.to_ne_bytes() == self.destination
    }
}

/// `IFACE DESTINATION GATEWAY FLAGS REFCNT USE METRIC MASK …`, addresses in the byte order of the machine.
fn route(line: &str) -> Option<Route> {
    let fields: Vec<_> = line.split_whitespace().take(8).collect();
    let [interface, destination, gateway, flags, _, _, metric, mask] = fields[..] else {
        return None;
    };
    let address = |hex| u32::from_str_radix(hex, 16).ok().map(u32::to_ne_bytes);
    Some(Route {
        interface: interface.to_owned(),
        destination: address(destination)?,
        gateway: address(gateway)?,
        flags: u32::from_str_radix(flags, 16).ok()?,
        metric: metric.parse().ok()?,
        mask: address(mask)?,
    })
}

/// `IP TYPE FLAGS HARDWARE MASK DEVICE`
fn neighbour(line: &str, default: &Route) -> Option<[u8; 6]> {
    let fields: Vec<_> = line.split_whitespace().take(6).collect();
    let [ip, _, flags, hardware, _, device] = fields[..] else {
        return None;
    };
    let flags = u32::from_str_radix(flags.trim_start_matches("0x"), 16).ok()?;
    let is_gateway =
        ip.parse() == Ok(Ipv4Addr::from(default.gateway)) && device == default.interface;
    if !is_gateway || flags & COMPLETE == 0 {
        return None;
    }
    let bytes: Option<Vec<_>> = hardware
        .split(':')
        .map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEIGHBOURS: &str = "IP address HW type Flags HW address Mask Device\n\
        192.0.2.1 0x1 0x2 02:fc:00:00:00:05 * eth0\n\
        192.0.2.9 0x1 0x2 02:fc:00:00:00:09 * eth0\n";

    #[test]
    fn the_same_gateway_and_subnet_give_the_same_hint() {
        let hint = of(&routes(100), NEIGHBOURS);
        assert!(hint.is_some());
        assert_eq!(of(&routes(200), NEIGHBOURS), hint);
        let other = NEIGHBOURS.replace("00:05", "00:06");
        assert_ne!(of(&routes(100), &other), hint);
    }

    #[test]
    fn an_unknown_gateway_gives_none() {
        assert_eq!(
            of(
                &routes(100),
                &NEIGHBOURS.replace("0x2 02:fc:00:00:00:05", "0x0 00:00:00:00:00:00")
            ),
            None
        );
        assert_eq!(of(&routes(100), ""), None);
        assert_eq!(of("Iface\n", NEIGHBOURS), None);
        assert_eq!(of("Iface\nnonsense here\n", "IP\nnonsense\n"), None);
    }

    fn routes(metric: u32) -> String {
        let hex = |octets: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(octets));
        let (zero, gateway) = (hex([0; 4]), hex([192, 0, 2, 1]));
        let (subnet, mask) = (hex([192, 0, 2, 0]), hex([255, 255, 255, 0]));
        format!(
            "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n\
             tun0 {zero} {zero} 0001 0 0 0 {zero} 0 0 0\n\
             eth0 {zero} {gateway} 0003 0 0 {metric} {zero} 0 0 0\n\
             eth0 {subnet} {zero} 0001 0 0 0 {mask} 0 0 0\n"
        )
    }
}
