//! Rules over what is heard: fixed, explained, without training. Numbers and ids in, verdicts out.
//!
//! Each rule looks at one source by itself and keeps a bounded memory of it. What a rule says names the number that
//! it saw, the number that would have been usual, and what would make it stop.

mod attempts;
mod beacon;
mod burst;
mod distinct;
mod job;
mod knocking;
pub mod limits;
mod listener;
mod login;
mod parameters;
mod places;
mod rate;
mod sources;
mod verdict;

pub use self::burst::Baseline;
pub use self::job::Job;
pub use self::parameters::{
    BeaconParameters, BurstParameters, DistinctParameters, FanOutParameters, KnockingParameters,
    ListenerParameters, LoginParameters, Parameters, RateParameters,
};
pub use self::verdict::{Rule, Strength, Target, Verdict};

use self::attempts::FanOut;
use self::beacon::Beacon;
use self::burst::Burst;
use self::distinct::Distinct;
use self::job::Jobs;
use self::knocking::Knocking;
use self::listener::Listener;
use self::login::Logins;
use self::rate::Rate;

/// Ports on which people and programs log in: FTP, SSH, Telnet, SMB, RDP, VNC, and Telnet's and SSH's other ports.
pub const LOGIN_PORTS: [u16; 8] = [21, 22, 23, 445, 2222, 2323, 3389, 5900];

/// Whom a rule speaks of: an address, a device, whatever the caller numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject(pub u128);

/// Something that was heard, with its time in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    pub at_us: u64,
    pub source: Subject,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A connection is asked for: the first segment of TCP.
    Opened(Target),
    /// The same segment again, since no answer came.
    Retried(Target),
    /// What the other side said to it.
    Answered(Target, Outcome),
    /// The first datagram to a place: whoever asks by UDP learns from silence too.
    Sounded(Target),
    /// The place answered a datagram.
    Echoed(Target),
    /// A connection to a place outside is asked for.
    Called(Target),
    /// Somebody is there.
    Reached(Target),
    /// Somebody asks who has an address.
    ArpAsked(Subject),
    /// Somebody is pinged.
    Pinged(Subject),
    /// An attempt to log in.
    Login(Target, Attempt),
    /// The source accepts connections on a port.
    Listens(u16),
    /// The source sent so many bytes out of its network.
    Sent(Target, u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// A connection to a port for logins; how it ended is not known.
    Tried,
    Failed,
}

/// All rules together.
#[derive(Debug, Clone)]
pub struct Rules {
    jobs: Jobs,
    fan_out: FanOut,
    datagrams: FanOut,
    knocking: Knocking,
    arp_scan: Distinct,
    ping_sweep: Distinct,
    logins: Logins,
    listener: Listener,
    burst: Burst,
    beacon: Beacon,
    rate: Rate,
}

impl Rules {
    pub fn new(parameters: &Parameters) -> Self {
        Self {
            jobs: Jobs::default(),
            fan_out: FanOut::new(parameters.fan_out),
            datagrams: FanOut::new(parameters.datagrams),
            knocking: Knocking::new(parameters.knocking),
            arp_scan: Distinct::new(Rule::ArpScan, parameters.arp_scan),
            ping_sweep: Distinct::new(Rule::PingSweep, parameters.ping_sweep),
            logins: Logins::new(parameters.login),
            listener: Listener::new(parameters.listener),
            burst: Burst::new(parameters.burst),
            beacon: Beacon::new(parameters.beacon),
            rate: Rate::new(parameters.rate),
        }
    }

    /// Lets a source scan for a while: the caller has checked the signature of its job.
    pub fn exempt(&mut self, job: Job) {
        self.jobs.announce(job);
    }

    /// Lends a device the baseline of its class until it has one of its own.
    pub fn lend(&mut self, at_us: u64, device: Subject, baseline: Baseline) {
        self.burst.lend(at_us, device, baseline);
    }

    /// What a device's bytes usually are, to be lent to its like; `None` before there is enough of it.
    pub fn baseline(&self, device: Subject) -> Option<Baseline> {
        self.burst.baseline(device)
    }

    /// Takes in what was heard, and says which rules it breaks.
    pub fn observe(&mut self, observation: Observation) -> Vec<Verdict> {
        let Observation {
            at_us,
            source,
            what,
        } = observation;
        let mut verdicts = Vec::new();
        match what {
            What::Opened(target) => {
                verdicts.extend(self.fan_out.opened(at_us, source, target));
                verdicts.extend(self.beacon.opened(at_us, source, target));
                verdicts.extend(self.rate.opened(at_us, source));
            }
            What::Retried(target) => verdicts.extend(self.fan_out.opened(at_us, source, target)),
            What::Answered(target, outcome) => {
                verdicts.extend(self.fan_out.answered(at_us, source, target, outcome));
            }
            What::Sounded(target) => verdicts.extend(self.datagrams.opened(at_us, source, target)),
            What::Echoed(target) => {
                let outcome = Outcome::Accepted;
                verdicts.extend(self.datagrams.answered(at_us, source, target, outcome));
            }
            What::Called(target) => verdicts.extend(self.knocking.called(at_us, source, target)),
            What::Reached(target) => self.knocking.reached(source, target),
            What::ArpAsked(address) => verdicts.extend(self.arp_scan.saw(at_us, source, address)),
            What::Pinged(address) => verdicts.extend(self.ping_sweep.saw(at_us, source, address)),
            What::Login(target, attempt) => {
                verdicts.extend(self.logins.tried(at_us, source, target, attempt));
            }
            What::Listens(port) => verdicts.extend(self.listener.listens(at_us, source, port)),
            What::Sent(target, bytes) => {
                verdicts.extend(self.burst.sent(at_us, source, target, bytes));
            }
        }
        self.without_jobs(verdicts)
    }

    /// Judges what only time shows: connections that nobody has answered. To be called a few times a second.
    pub fn tick(&mut self, now_us: u64) -> Vec<Verdict> {
        self.jobs.forget_over(now_us);
        let mut verdicts = self.fan_out.tick(now_us);
        verdicts.extend(self.datagrams.tick(now_us));
        self.without_jobs(verdicts)
    }

    /// Whether a rule has spoken of it lately, so that nothing is to be learnt from what it does.
    pub fn is_suspect(&self, now_us: u64, subject: Subject) -> bool {
        let said = [
            self.fan_out.said(subject),
            self.datagrams.said(subject),
            self.knocking.said(subject),
            self.arp_scan.said(subject),
            self.ping_sweep.said(subject),
            self.logins.said(subject),
            self.burst.said(subject),
            self.rate.said(subject),
        ];
        let last = said.into_iter().flatten().max();
        last.is_some_and(|last| now_us.saturating_sub(last) < limits::SUSPECT_FOR_US)
    }

    fn without_jobs(&self, mut verdicts: Vec<Verdict>) -> Vec<Verdict> {
        verdicts.retain(|verdict| {
            !(verdict.rule.is_scanning() && self.jobs.cover(verdict.at_us, verdict.source))
        });
        verdicts
    }
}

#[cfg(test)]
mod tests;
