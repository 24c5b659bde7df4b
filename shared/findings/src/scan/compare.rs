//! Two scans of one host from two places: what is open to one and closed to the other is a finding of its own.

use serde::{Deserialize, Serialize};

use super::{Host, Port, PortKey, PortState, Scan};

/// How one port looks from two places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub port: PortKey,
    pub first: Seen,
    pub second: Seen,
    pub kind: DifferenceKind,
}

/// What one scan says about a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Seen {
    State(PortState),
    /// It was among those that are only counted, which all have this state.
    Counted(PortState),
    /// The scan does not speak of it.
    NotScanned,
}

/// Why a difference matters, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DifferenceKind {
    /// Open to one, closed or filtered to the other: a filter between, or an answer that depends on who asks.
    OpenToOne,
    /// Open to both, and another service answers: somebody may stand between.
    OtherService,
}

/// Compares what two scans say about the same host, by port. Ports that one scan did not try are no difference.
pub fn compare(first: &Host, second: &Host) -> Vec<Difference> {
    let mut keys: Vec<PortKey> = first
        .ports
        .keys()
        .chain(second.ports.keys())
        .copied()
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .filter_map(|key| difference(key, first, second))
        .collect()
}

/// Hosts that both scans saw, by address or MAC, with how they differ; hosts without a difference are left out.
pub fn compare_scans<'a>(first: &'a Scan, second: &'a Scan) -> Vec<(&'a Host, Vec<Difference>)> {
    let pairs = first.hosts.iter().filter_map(|host| {
        let same = second.hosts.iter().find(|other| is_same(host, other))?;
        let differences = compare(host, same);
        (!differences.is_empty()).then_some((host, differences))
    });
    pairs.collect()
}

fn is_same(a: &Host, b: &Host) -> bool {
    let shares_address = a
        .addresses
        .iter()
        .any(|address| b.addresses.contains(address));
    shares_address || (a.mac.is_some() && a.mac == b.mac)
}

impl Seen {
    fn of(host: &Host, key: PortKey) -> Self {
        match host.ports.get(&key) {
            Some(port) => Self::State(port.state),
            None => counted(host).map_or(Self::NotScanned, Self::Counted),
        }
    }

    /// Open for certain, shut for certain, or neither.
    fn openness(self) -> Option<Openness> {
        match self {
            Self::State(PortState::Open) | Self::Counted(PortState::Open) => Some(Openness::Open),
            Self::State(PortState::Closed | PortState::Filtered | PortState::ClosedOrFiltered)
            | Self::Counted(
                PortState::Closed | PortState::Filtered | PortState::ClosedOrFiltered,
            ) => Some(Openness::Shut),
            _ => None,
        }
    }
}

#[derive(PartialEq)]
enum Openness {
    Open,
    Shut,
}

/// The one state that all counted ports share; none when they differ, because then nobody knows which has which.
fn counted(host: &Host) -> Option<PortState> {
    let mut states = host
        .extra
        .iter()
        .filter(|extra| extra.count > 0)
        .map(|extra| extra.state);
    let first = states.next()?;
    states.all(|state| state == first).then_some(first)
}

fn difference(key: PortKey, first: &Host, second: &Host) -> Option<Difference> {
    let (ours, theirs) = (Seen::of(first, key), Seen::of(second, key));
    let kind = match (ours.openness()?, theirs.openness()?) {
        (Openness::Shut, Openness::Shut) => return None,
        (Openness::Open, Openness::Open) => {
            let (a, b) = (first.ports.get(&key)?, second.ports.get(&key)?);
            if !answers_otherwise(a, b) {
                return None;
            }
            DifferenceKind::OtherService
        }
        _ => DifferenceKind::OpenToOne,
    };
    Some(Difference {
        port: key,
        first: ours,
        second: theirs,
        kind,
    })
}

/// Whether both scans asked and got different products or versions.
fn answers_otherwise(a: &Port, b: &Port) -> bool {
    let (Some(a), Some(b)) = (&a.service, &b.service) else {
        return false;
    };
    let differs = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
    differs(&a.product, &b.product) || differs(&a.version, &b.version)
}

#[cfg(test)]
mod tests {
    use super::super::nmap::import;
    use super::*;

    fn host(ports: &str) -> Host {
        let text =
            format!("<nmaprun><host><status state='up'/><ports>{ports}</ports></host></nmaprun>");
        import(text.as_bytes()).unwrap().hosts.remove(0)
    }

    const TELNET: &str = "<port protocol='tcp' portid='23'><state state='open'/></port>";

    #[test]
    fn open_to_one_and_closed_to_the_other_is_a_difference() {
        let near = host(TELNET);
        let far = host("<extraports state='filtered' count='1000'/>");
        let found = compare(&near, &far);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, DifferenceKind::OpenToOne);
        assert_eq!(found[0].second, Seen::Counted(PortState::Filtered));
    }

    #[test]
    fn what_one_did_not_scan_is_no_difference() {
        assert_eq!(compare(&host(TELNET), &host("")), []);
        let mixed =
            "<extraports state='filtered' count='5'/><extraports state='closed' count='5'/>";
        assert_eq!(compare(&host(TELNET), &host(mixed)), []);
        assert_eq!(compare(&host(TELNET), &host(TELNET)), []);
    }

    #[test]
    fn scans_are_paired_by_address() {
        let scan = |address: &str, ports: &str| {
            let text = format!(
                "<nmaprun><host><address addr='{address}' addrtype='ipv4'/><ports>{ports}</ports></host></nmaprun>"
            );
            import(text.as_bytes()).unwrap()
        };
        let shut = "<port protocol='tcp' portid='23'><state state='filtered'/></port>";
        let near = scan("10.0.0.1", TELNET);
        assert_eq!(compare_scans(&near, &scan("10.0.0.1", shut)).len(), 1);
        assert_eq!(compare_scans(&near, &scan("10.0.0.2", shut)).len(), 0);
    }

    #[test]
    fn another_product_behind_the_same_port_is_a_difference() {
        let with = |product: &str| {
            host(&format!(
                "<port protocol='tcp' portid='22'><state state='open'/><service name='ssh' product='{product}'/></port>"
            ))
        };
        let found = compare(&with("OpenSSH"), &with("Dropbear sshd"));
        assert_eq!(found[0].kind, DifferenceKind::OtherService);
        assert_eq!(compare(&with("OpenSSH"), &with("")), []);
    }
}
