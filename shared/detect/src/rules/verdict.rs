//! What a rule says: whom it speaks of, what it saw, what would have been usual, and what would end it.

use super::Subject;

/// Somewhere that a connection goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    pub destination: Subject,
    pub port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    FanOut,
    ArpScan,
    PingSweep,
    LoginBurst,
    NewListener,
    ByteBurst,
    Beacon,
    RateCap,
    Knocking,
}

/// How much a verdict weighs alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Worth a look beside others: honest devices do it too.
    Sign,
    Alarm,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub rule: Rule,
    pub source: Subject,
    /// When what it speaks of began.
    pub began_us: u64,
    pub at_us: u64,
    /// What was counted.
    pub observed: u64,
    /// What the rule allows: its parameter. For a burst of bytes what the device itself usually sends.
    pub usual: u64,
    /// Over how long it was counted.
    pub window_us: u64,
    /// A few of the places that were touched.
    pub examples: Vec<Target>,
}

impl Rule {
    pub const fn name(self) -> &'static str {
        match self {
            Self::FanOut => "fan_out",
            Self::ArpScan => "arp_scan",
            Self::PingSweep => "ping_sweep",
            Self::LoginBurst => "login_burst",
            Self::NewListener => "new_listener",
            Self::ByteBurst => "byte_burst",
            Self::Beacon => "beacon",
            Self::RateCap => "rate_cap",
            Self::Knocking => "knocking",
        }
    }

    /// Its technique in MITRE ATT&CK (for ICS where there is one).
    pub const fn technique(self) -> &'static str {
        match self {
            Self::FanOut => "T1046",
            Self::ArpScan | Self::PingSweep => "T1018",
            Self::LoginBurst => "T1110",
            Self::NewListener => "T1543",
            Self::ByteBurst => "T1041",
            Self::Beacon => "T1071",
            Self::RateCap => "T1498",
            Self::Knocking => "T1008",
        }
    }

    pub const fn strength(self) -> Strength {
        match self {
            Self::Beacon => Strength::Sign,
            _ => Strength::Alarm,
        }
    }

    /// What a scan job that was announced does as well.
    pub const fn is_scanning(self) -> bool {
        matches!(
            self,
            Self::FanOut | Self::ArpScan | Self::PingSweep | Self::LoginBurst | Self::RateCap
        )
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::FanOut => "places asked that did not answer",
            Self::ArpScan => "addresses asked for",
            Self::PingSweep => "addresses pinged",
            Self::LoginBurst => "logins tried at one place",
            Self::NewListener => "is the port it listens on",
            Self::ByteBurst => "bytes sent",
            Self::Beacon => "thousandths of unevenness between connections",
            Self::RateCap => "connections asked for",
            Self::Knocking => "calls of one place in vain",
        }
    }
}

impl Verdict {
    /// The numbers in words: "41 places asked that did not answer in 3 s; 10 are too many".
    pub fn why(&self) -> String {
        let secs = self.window_us as f64 / 1e6;
        let Self {
            observed, usual, ..
        } = self;
        let unit = self.rule.unit();
        match self.rule {
            Rule::NewListener => format!("{observed} {unit}; it was on {usual} others before"),
            Rule::ByteBurst => {
                format!("{observed} {unit} in {secs} s; {usual} is usual")
            }
            Rule::Beacon => {
                format!("{observed} {unit}, every {secs} s; {usual} and less is a machine's beat")
            }
            _ => format!("{observed} {unit} in {secs} s; {usual} are too many"),
        }
    }

    /// What would make the rule fall silent.
    pub const fn stopped_by(&self) -> &'static str {
        match self.rule {
            Rule::FanOut | Rule::ArpScan | Rule::PingSweep => {
                "the source stops asking, or it is a scanner of yours: run it as a signed scan job"
            }
            Rule::LoginBurst => "the source stops trying, or the right password is given to it",
            Rule::NewListener => {
                "the service is stopped, or the port is marked as normal for this device"
            }
            Rule::ByteBurst => {
                "the transfer ends; what goes on for an hour or two becomes what is usual"
            }
            Rule::Beacon => {
                "the connections stop, or the destination is marked as normal for this device"
            }
            Rule::RateCap => "the source slows down, or its cap is raised",
            Rule::Knocking => {
                "the source gives up, or the place answers: is it a service of yours that is gone?"
            }
        }
    }
}
