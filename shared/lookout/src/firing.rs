//! Something that is not as usual: whose, by which rule, the figure that was seen beside the usual one, and examples.

use std::net::IpAddr;

use detect::profile::Entry;
use detect::rules::{Subject, Verdict};
use hearing::moment::Moment;

use crate::limits::EXAMPLES;
use crate::whose::Whose;

/// How a flow came to be known. Only frames and the kernel's own table are sight; the others are told by somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    Frames,
    /// The kernel's table of connections.
    Connections,
    /// An exporter of NetFlow or IPFIX.
    Exported,
    /// A log or a capture that somebody replayed.
    Replayed,
}

/// Which rule speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// One of the fixed ones.
    Fixed(detect::rules::Rule),
    /// The profile is on trial and allows no such flow.
    Unusual,
    /// The profile is enforced and allows no such flow.
    Denied,
    /// It does far more or less than it ever does.
    Amounts,
    /// Somebody outside of the local networks tries to log in at it again and again.
    LoginTried,
}

impl Rule {
    /// The stable word used in records and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fixed(rule) => rule.name(),
            Self::Unusual => "unusual",
            Self::Denied => "denied",
            Self::Amounts => "amounts",
            Self::LoginTried => "login_tried",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    pub whose: Whose,
    /// The address by which the device took part.
    pub address: IpAddr,
    pub at: Moment,
    pub rule: Rule,
    pub evidence: Evidence,
    /// What was counted, and what would have been usual.
    pub observed: u64,
    pub usual: u64,
    /// Over how long, in seconds; nothing where the profile speaks.
    pub window_s: u64,
    /// Places that were touched: `10.0.0.7:23`.
    pub examples: Vec<String>,
    /// The habit that would allow it.
    pub entry: Option<Entry>,
}

impl Firing {
    pub(crate) fn of(verdict: &Verdict, whose: Whose, evidence: Evidence) -> Self {
        let examples = verdict.examples.iter().take(EXAMPLES);
        Self {
            whose,
            address: address(verdict.source),
            at: Moment::from_micros(verdict.at_us),
            rule: Rule::Fixed(verdict.rule),
            evidence,
            observed: verdict.observed,
            usual: verdict.usual,
            window_s: verdict.window_us.div_ceil(1_000_000),
            examples: examples
                .map(|target| place(address(target.destination), target.port))
                .collect(),
            entry: None,
        }
    }

    /// Of the device at which a stranger does what a rule speaks of.
    pub(crate) fn from_outside(
        verdict: &Verdict,
        whose: Whose,
        device: IpAddr,
        evidence: Evidence,
    ) -> Self {
        let port = verdict.examples.first().map_or(0, |target| target.port);
        let stranger = address(verdict.source);
        Self {
            address: device,
            rule: Rule::LoginTried,
            examples: vec![format!("{stranger} at port {port}")],
            ..Self::of(verdict, whose, evidence)
        }
    }
}

/// The address that the rules number like this.
pub fn address(subject: Subject) -> IpAddr {
    let six = std::net::Ipv6Addr::from_bits(subject.0);
    IpAddr::V6(six).to_canonical()
}

pub(crate) fn place(address: IpAddr, port: u16) -> String {
    std::net::SocketAddr::new(address, port).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::subject;

    #[test]
    fn an_address_comes_back_from_its_number() {
        for text in ["10.0.0.7", "2001:db8::1", "255.255.255.255"] {
            let one: IpAddr = text.parse().expect("an address");
            assert_eq!(address(subject(one)), one);
        }
    }
}
