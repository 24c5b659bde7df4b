//! Names of the machines in a world, and the addresses under which they are dialled.

use protocol::text::Path;

/// A machine: the coordinator's, or the one of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(u32);

impl HostId {
    pub const COORDINATOR: Self = Self(0);

    /// The machine of the node in this seat of the fleet.
    pub fn node(seat: usize) -> Self {
        Self::numbered(seat + 1)
    }

    /// The machine with this index.
    pub fn numbered(index: usize) -> Self {
        Self(u32::try_from(index).expect("a world is far smaller than 2^32"))
    }

    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The seat of the node on this machine; `None` for the coordinator.
    pub const fn seat(self) -> Option<usize> {
        self.index().checked_sub(1)
    }

    pub fn address(self) -> Path {
        let [_, a, b, c] = self.0.to_be_bytes();
        Path::new(format!("/ip4/10.{a}.{b}.{c}/tcp/7400"))
            .expect("an address is short and printable")
    }

    /// Whoever listens at an address.
    pub fn at(address: &Path) -> Option<Self> {
        let octets = address
            .as_str()
            .strip_prefix("/ip4/10.")?
            .strip_suffix("/tcp/7400")?;
        let mut parts = octets.split('.').map(str::parse::<u8>);
        let (a, b, c) = (
            parts.next()?.ok()?,
            parts.next()?.ok()?,
            parts.next()?.ok()?,
        );
        Some(Self(u32::from_be_bytes([0, a, b, c])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_at_its_address() {
        for host in [HostId::COORDINATOR, HostId::node(0), HostId::node(70_000)] {
            assert_eq!(HostId::at(&host.address()), Some(host));
        }
    }
}
