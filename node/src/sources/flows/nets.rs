//! This host's addresses, and the networks whose devices it looks at.

use std::net::IpAddr;

use hearing::flow::{Net, Nets};
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::SockaddrStorage;

/// What nobody routes on the internet (RFC 1918, RFC 3927, RFC 4193, RFC 4291).
const PRIVATE: [&str; 6] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
];

/// The networks that are named, the private ones, and those of this host that are not private.
pub(super) fn local(named: &[Net]) -> Nets {
    let private = PRIVATE.iter().filter_map(|text| text.parse::<Net>().ok());
    let own = interfaces().filter_map(|(address, mask)| Net::new(address, bits(mask?)).ok());
    Nets::new(named.iter().copied().chain(private).chain(own))
}

pub(super) fn own() -> Vec<IpAddr> {
    interfaces()
        .map(|(address, _)| address)
        .filter(|address| !address.is_loopback())
        .collect()
}

fn interfaces() -> impl Iterator<Item = (IpAddr, Option<IpAddr>)> {
    let all = getifaddrs().into_iter().flatten();
    all.filter_map(|one| {
        let address = ip(one.address.as_ref()?)?;
        Some((address, one.netmask.as_ref().and_then(ip)))
    })
}

fn ip(storage: &SockaddrStorage) -> Option<IpAddr> {
    let four = storage.as_sockaddr_in().map(|four| IpAddr::from(four.ip()));
    four.or_else(|| storage.as_sockaddr_in6().map(|six| IpAddr::from(six.ip())))
}

fn bits(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(four) => four.to_bits().count_ones(),
        IpAddr::V6(six) => six.to_bits().count_ones(),
    };
    u8::try_from(ones).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_a_number_of_bits_and_private_networks_are_local() {
        assert_eq!(bits([255, 255, 252, 0].into()), 22);
        assert!(local(&[]).hold([10, 1, 2, 3].into()));
        assert!(!local(&[]).hold([93, 184, 216, 34].into()));
    }
}
