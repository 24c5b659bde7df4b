//! Which groups somebody listens to (IGMP: RFC 1112, RFC 2236, RFC 9776): the group tells what they speak.

use std::net::Ipv4Addr;

use crate::bytes::Reader;
use crate::limits::IGMP_GROUPS;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// A router asks who listens.
    Query,
    Join(Vec<Ipv4Addr>),
    Leave(Vec<Ipv4Addr>),
}

const QUERY: u8 = 0x11;
const REPORT_1: u8 = 0x12;
const REPORT_2: u8 = 0x16;
const LEAVE: u8 = 0x17;
const REPORT_3: u8 = 0x22;
/// A record that includes no sources leaves the group.
const TO_INCLUDE: u8 = 3;

impl Membership {
    pub fn read(message: &[u8]) -> Option<Self> {
        let mut rest = Reader(message);
        let [kind, _, _, _] = rest.array()?;
        match kind {
            QUERY => Some(Self::Query),
            REPORT_1 | REPORT_2 => group(rest.array()?).map(|group| Self::Join(vec![group])),
            LEAVE => group(rest.array()?).map(|group| Self::Leave(vec![group])),
            REPORT_3 => records(&mut rest),
            _ => None,
        }
    }
}

/// One group joined makes it a join; the groups that are left at the same time are not told apart.
fn records(rest: &mut Reader<'_>) -> Option<Membership> {
    let (_reserved, count) = (rest.short()?, rest.short()?);
    let (mut joined, mut left) = (Vec::new(), Vec::new());
    for _ in 0..usize::from(count).min(IGMP_GROUPS) {
        let [kind, extra] = rest.array()?;
        let sources = rest.short()?;
        let address = group(rest.array()?);
        rest.take((usize::from(sources) + usize::from(extra)) * 4)?;
        match (kind, sources) {
            (TO_INCLUDE, 0) => left.extend(address),
            _ => joined.extend(address),
        }
    }
    Some(if joined.is_empty() {
        Membership::Leave(left)
    } else {
        Membership::Join(joined)
    })
}

fn group(bytes: [u8; 4]) -> Option<Ipv4Addr> {
    Some(Ipv4Addr::from(bytes)).filter(Ipv4Addr::is_multicast)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_versions_name_their_groups() {
        let mdns = Ipv4Addr::new(224, 0, 0, 251);
        let joined = Some(Membership::Join(vec![mdns]));
        assert_eq!(Membership::read(&[0x12, 0, 0, 0, 224, 0, 0, 251]), joined);
        assert_eq!(Membership::read(&[0x16, 0, 0, 0, 224, 0, 0, 251]), joined);
        let left = Some(Membership::Leave(vec![mdns]));
        assert_eq!(Membership::read(&[0x17, 0, 0, 0, 224, 0, 0, 251]), left);
        let third = [0x22, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 224, 0, 0, 251];
        assert_eq!(Membership::read(&third), joined);
        assert_eq!(Membership::read(&[0x16, 0, 0, 0, 10, 0, 0, 1]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(message in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _any = Membership::read(&message);
        }
    }
}
