//! The interfaces of this host on which neighbours can be heard, and the subnets that they belong to.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::{LinkAddr, SockaddrIn, SockaddrLike as _, SockaddrStorage};
use protocol::heard::Mac;
use protocol::limits;
use protocol::text::Name;
use thiserror::Error;

/// Interfaces of containers and tunnels: whoever wants to hear them names them.
const INNER: [&str; 8] = ["docker", "veth", "br-", "virbr", "tun", "tap", "wg", "cni"];
/// A sweep of more addresses than this is none.
const SWEPT: u32 = 4096;

/// An Ethernet interface that is up.
#[derive(Debug, Clone)]
pub(in crate::sources) struct Card {
    pub(in crate::sources) name: String,
    pub(in crate::sources) mac: Mac,
    pub(in crate::sources) link: LinkAddr,
    pub(in crate::sources) subnets: Vec<Subnet>,
}

/// A subnet of this host, with its own address in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subnet {
    own: Ipv4Addr,
    prefix: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubnetError {
    #[error("`{0}` is no subnet: write one such as 192.168.1.0/24")]
    Form(String),
    #[error("{asked} is not a subnet of this host, and others are not swept; its own are: {own}")]
    Foreign { asked: String, own: String },
    #[error("{0} has more than {SWEPT} addresses: ask for a part of it")]
    TooLarge(String),
}

/// The subnets that a sweep may touch: those of this host, or the one of them that is asked for.
pub fn own_subnets(interfaces: &[Name], asked: Option<&str>) -> Result<Vec<Subnet>, SubnetError> {
    let own: Vec<Subnet> = found(interfaces)
        .into_iter()
        .flat_map(|card| card.subnets)
        .collect();
    chosen(&own, asked)
}

fn chosen(own: &[Subnet], asked: Option<&str>) -> Result<Vec<Subnet>, SubnetError> {
    let chosen = match asked {
        None => own.to_vec(),
        Some(text) => {
            let part: Subnet = text.parse()?;
            let around = own.iter().find(|subnet| subnet.surrounds(part));
            let Some(around) = around else {
                let names: Vec<_> = own.iter().map(ToString::to_string).collect();
                return Err(SubnetError::Foreign {
                    asked: text.to_owned(),
                    own: names.join(", "),
                });
            };
            vec![
                Subnet {
                    own: around.own,
                    prefix: around.prefix,
                }
                .narrowed(part),
            ]
        }
    };
    match chosen.iter().find(|subnet| subnet.size() > SWEPT) {
        Some(large) => Err(SubnetError::TooLarge(large.to_string())),
        None => Ok(chosen),
    }
}

pub(in crate::sources) fn found(wanted: &[Name]) -> Vec<Card> {
    let Ok(all) = getifaddrs() else {
        return Vec::new();
    };
    let mut cards: BTreeMap<String, Card> = BTreeMap::new();
    let all: Vec<InterfaceAddress> = all.filter(|one| is_wanted(one, wanted)).collect();
    for one in &all {
        if let Some(card) = card(one)
            && cards.len() < limits::OWN_MACS
        {
            cards.insert(one.interface_name.clone(), card);
        }
    }
    for one in &all {
        if let (Some(card), Some(subnet)) = (cards.get_mut(&one.interface_name), subnet(one)) {
            card.subnets.push(subnet);
        }
    }
    cards.into_values().collect()
}

fn is_wanted(one: &InterfaceAddress, wanted: &[Name]) -> bool {
    let is_up = one.flags.contains(InterfaceFlags::IFF_UP)
        && !one.flags.contains(InterfaceFlags::IFF_LOOPBACK);
    let name = one.interface_name.as_str();
    let is_meant = if wanted.is_empty() {
        !INNER.iter().any(|inner| name.starts_with(inner))
    } else {
        wanted.iter().any(|wanted| wanted.as_str() == name)
    };
    is_up && is_meant
}

fn card(one: &InterfaceAddress) -> Option<Card> {
    let link = one
        .address
        .as_ref()
        .and_then(SockaddrStorage::as_link_addr)?;
    let mac = link.addr().filter(|mac| *mac != [0; 6])?;
    Some(Card {
        name: one.interface_name.clone(),
        mac: Mac(mac),
        link: *link,
        subnets: Vec::new(),
    })
}

fn subnet(one: &InterfaceAddress) -> Option<Subnet> {
    let v4 = |address: &SockaddrStorage| address.as_sockaddr_in().map(SockaddrIn::ip);
    let own = one.address.as_ref().and_then(v4)?;
    let mask = one
        .netmask
        .as_ref()
        .filter(|mask| mask.family().is_some())
        .and_then(v4)?;
    let prefix = u8::try_from(u32::from(mask).leading_ones()).ok()?;
    Some(Subnet { own, prefix })
}

impl Subnet {
    pub(super) const fn own(self) -> Ipv4Addr {
        self.own
    }

    fn mask(self) -> u32 {
        u32::MAX
            .checked_shl(32 - u32::from(self.prefix))
            .unwrap_or(0)
    }

    fn network(self) -> u32 {
        u32::from(self.own) & self.mask()
    }

    fn size(self) -> u32 {
        (!self.mask()).saturating_add(1)
    }

    fn surrounds(self, part: Self) -> bool {
        part.prefix >= self.prefix && part.network() & self.mask() == self.network()
    }

    pub(super) fn contains(self, address: Ipv4Addr) -> bool {
        u32::from(address) & self.mask() == self.network()
    }

    /// The same host's address, and the part that is asked for.
    fn narrowed(self, part: Self) -> Self {
        if part.contains(self.own) {
            Self {
                own: self.own,
                prefix: part.prefix,
            }
        } else {
            part
        }
    }

    /// Everybody who may have an address in it, this host left out.
    pub(super) fn hosts(self) -> impl Iterator<Item = Ipv4Addr> {
        let (first, size, own) = (self.network(), self.size(), self.own);
        let ends = if size > 2 { 1..size - 1 } else { 0..size };
        ends.map(move |n| Ipv4Addr::from(first.saturating_add(n)))
            .filter(move |address| *address != own || size == 1)
    }
}

impl FromStr for Subnet {
    type Err = SubnetError;

    fn from_str(text: &str) -> Result<Self, SubnetError> {
        let form = || SubnetError::Form(text.to_owned());
        let (address, prefix) = text.split_once('/').ok_or_else(form)?;
        let own = address.parse().map_err(|_| form())?;
        let prefix = prefix.parse().map_err(|_| form())?;
        if prefix > 32 {
            return Err(form());
        }
        Ok(Self { own, prefix })
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.network()), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(text: &str) -> Subnet {
        text.parse().expect("a subnet")
    }

    #[test]
    fn a_subnet_that_is_not_this_hosts_is_refused_with_those_that_are() {
        let own = [subnet("192.168.7.20/24"), subnet("10.0.0.5/30")];
        let words = chosen(&own, Some("192.168.8.0/24"))
            .expect_err("another")
            .to_string();
        assert!(words.contains("192.168.7.0/24, 10.0.0.4/30"), "{words}");
        chosen(&own, Some("192.168.0.0/16")).expect_err("it is more than its own");
        chosen(&own, Some("everybody")).expect_err("it is no subnet");
        assert_eq!(chosen(&own, None), Ok(own.to_vec()));
    }

    #[test]
    fn a_part_of_an_own_subnet_may_be_asked_for() {
        let own = [subnet("10.0.0.20/8")];
        let large = chosen(&own, None).expect_err("it is too large");
        assert_eq!(large, SubnetError::TooLarge("10.0.0.0/8".to_owned()));
        let part = chosen(&own, Some("10.0.0.0/24")).expect("it is a part");
        let hosts: Vec<_> = part[0].hosts().collect();
        assert_eq!(hosts.len(), 253, "neither the ends nor this host");
        assert!(!hosts.contains(&Ipv4Addr::new(10, 0, 0, 20)));
        let other = chosen(&own, Some("10.9.0.0/24")).expect("it is a part");
        assert_eq!(other[0].hosts().count(), 254);
    }
}
