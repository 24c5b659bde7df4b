//! From frames to what the rules take in.

use std::net::IpAddr;

use detect::rules::{
    Attempt, Baseline, LOGIN_PORTS, Observation, Outcome, Rules, Subject, Target, Verdict, What,
};
use hearing::capture::Packet;
use hearing::flow::{Answer, Change, Direction, Flow, Flows, Nets, protocol};
use hearing::frame::{ArpOperation, Frame, Net, TcpFlags, Transport};
use hearing::moment::Moment;

/// Flows and rules over one segment, or over one capture.
#[derive(Debug)]
pub struct Watch {
    flows: Flows,
    local: Nets,
    rules: Rules,
    ticked: Moment,
}

/// What one frame led to.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub verdicts: Vec<Verdict>,
    pub changes: Vec<Change>,
}

/// How often the rules are asked what only time shows, in microseconds.
const TICK_US: u64 = 100_000;

impl Watch {
    pub fn new(local: Nets, rules: Rules) -> Self {
        Self {
            flows: Flows::new(local.clone()),
            local,
            rules,
            ticked: Moment::default(),
        }
    }

    pub const fn rules(&mut self) -> &mut Rules {
        &mut self.rules
    }

    /// Takes one packet in, after the time that has passed until it.
    pub fn take(&mut self, packet: &Packet<'_>) -> Vec<Verdict> {
        match Frame::of(packet) {
            Ok(frame) => self.see(packet.at, &frame).verdicts,
            Err(_) => self.pass(packet.at),
        }
    }

    /// The same with what became of flows.
    pub fn see(&mut self, at: Moment, frame: &Frame<'_>) -> Seen {
        let mut verdicts = self.pass(at);
        let (observations, changes) = self.observations(at, frame);
        for observation in observations {
            verdicts.extend(self.rules.observe(observation));
        }
        Seen { verdicts, changes }
    }

    /// Ends flows that are over, where no frame comes.
    pub fn rest(&mut self, now: Moment) -> Vec<Change> {
        self.flows.tick(now)
    }

    /// What a source usually sends out of its network in a minute; `None` before there is enough of it.
    pub fn baseline(&self, source: Subject) -> Option<Baseline> {
        self.rules.baseline(source)
    }

    pub const fn flows(&self) -> &Flows {
        &self.flows
    }

    pub const fn local(&self) -> &Nets {
        &self.local
    }

    /// Takes in what a log, an exporter or the kernel tells of a flow.
    pub fn told(&mut self, flow: &Flow) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for observation in of_flow(flow) {
            verdicts.extend(self.rules.observe(observation));
        }
        verdicts.extend(self.carried(flow));
        verdicts
    }

    /// Takes in what a flow has carried, which is known already.
    pub fn carried(&mut self, flow: &Flow) -> Vec<Verdict> {
        if flow.direction != Direction::Out {
            return Vec::new();
        }
        let sent = Observation {
            at_us: flow.last.micros(),
            source: subject(flow.key.initiator.address),
            what: What::Sent(target(flow), flow.forward.bytes),
        };
        self.rules.observe(sent)
    }

    /// Lets time pass without packets; of a long silence only the beginning is ticked through.
    pub fn pass(&mut self, until: Moment) -> Vec<Verdict> {
        const LONG_US: u64 = 5_000_000;
        let mut verdicts = Vec::new();
        let last = self.ticked.micros();
        let end = until.micros().min(last.saturating_add(LONG_US));
        let mut tick = last.saturating_add(TICK_US);
        while last > 0 && tick <= end {
            verdicts.extend(self.rules.tick(tick));
            tick += TICK_US;
        }
        if until.micros() >= last.saturating_add(TICK_US) {
            self.ticked = until;
        }
        verdicts
    }

    fn observations(&mut self, at: Moment, frame: &Frame<'_>) -> (Vec<Observation>, Vec<Change>) {
        let mut seen = Vec::new();
        let mut see = |source: IpAddr, what| {
            seen.push(Observation {
                at_us: at.micros(),
                source: subject(source),
                what,
            });
        };
        match &frame.net {
            Net::Arp(arp)
                if arp.operation == ArpOperation::Request
                    && arp.sender_address != arp.target_address =>
            {
                see(
                    arp.sender_address.into(),
                    What::ArpAsked(subject(arp.target_address.into())),
                );
            }
            Net::Ip(ip) => {
                if matches!(&ip.transport, Transport::Icmp(icmp) if icmp.asks_echo()) {
                    see(ip.source, What::Pinged(subject(ip.destination)));
                }
                if self.local.direction(ip.source, ip.destination) == Direction::Out {
                    let to = Target {
                        destination: subject(ip.destination),
                        port: ip.transport.destination_port().unwrap_or_default(),
                    };
                    see(ip.source, What::Sent(to, frame.wire_bytes.into()));
                }
            }
            _ => {}
        }
        let changes = self.flows.hear(at, frame);
        if !changes
            .iter()
            .any(|change| matches!(change, Change::Opened(_)))
        {
            seen.extend(self.retried(at, frame));
        }
        for change in &changes {
            seen.extend(of_change(at, change));
        }
        seen.extend(self.login_elsewhere(at, frame));
        (seen, changes)
    }

    fn retried(&self, at: Moment, frame: &Frame<'_>) -> Option<Observation> {
        let Transport::Tcp(tcp) = &frame.as_ip()?.transport else {
            return None;
        };
        let flow = self.flows.of(frame).filter(|_| tcp.flags.opens())?;
        Some(Observation {
            at_us: at.micros(),
            source: subject(flow.key.initiator.address),
            what: What::Retried(target(flow)),
        })
    }

    /// A server that greets as SSH does wants a login, on whatever port (RFC 4253 §4.2).
    fn login_elsewhere(&self, at: Moment, frame: &Frame<'_>) -> Option<Observation> {
        let Transport::Tcp(tcp) = &frame.as_ip()?.transport else {
            return None;
        };
        if !tcp.payload.starts_with(b"SSH-") || LOGIN_PORTS.contains(&tcp.source) {
            return None;
        }
        let flow = self.flows.of(frame)?;
        (flow.key.responder.port == tcp.source).then(|| Observation {
            at_us: at.micros(),
            source: subject(flow.key.initiator.address),
            what: What::Login(target(flow), Attempt::Tried),
        })
    }
}

/// An address as the rules number it.
pub fn subject(address: IpAddr) -> Subject {
    Subject(match address {
        IpAddr::V4(four) => four.to_ipv6_mapped().to_bits(),
        IpAddr::V6(six) => six.to_bits(),
    })
}

/// What a change of a flow is to the rules.
pub fn of_change(at: Moment, change: &Change) -> Vec<Observation> {
    let (Change::Opened(flow) | Change::Answered(flow) | Change::Ended(flow, _)) = change;
    match flow.key.protocol {
        protocol::TCP => of_tcp(at, change),
        protocol::UDP => of_udp(at, change).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whoever is spoken to all at once is not sounded.
fn of_udp(at: Moment, change: &Change) -> Option<Observation> {
    let (what, flow) = match change {
        Change::Opened(flow) => (What::Sounded(target(flow)), flow),
        Change::Answered(flow) if flow.answer == Answer::Given => {
            (What::Echoed(target(flow)), flow)
        }
        Change::Answered(_) | Change::Ended(..) => return None,
    };
    (!is_for_many(flow.key.responder.address)).then(|| Observation {
        at_us: at.micros(),
        source: subject(flow.key.initiator.address),
        what,
    })
}

fn of_tcp(at: Moment, change: &Change) -> Vec<Observation> {
    let (Change::Opened(flow) | Change::Answered(flow) | Change::Ended(flow, _)) = change;
    let by = |address: IpAddr, what| Observation {
        at_us: at.micros(),
        source: subject(address),
        what,
    };
    let (initiator, responder) = (flow.key.initiator.address, flow.key.responder);
    let target = target(flow);
    match change {
        Change::Opened(flow) if flow.forward_flags.opens() => {
            let mut seen = vec![by(initiator, What::Opened(target))];
            if flow.direction == Direction::Out {
                seen.push(by(initiator, What::Called(target)));
            }
            seen
        }
        Change::Answered(flow) if flow.answer == Answer::Refused => {
            vec![by(initiator, What::Answered(target, Outcome::Refused))]
        }
        Change::Answered(flow) if flow.answer == Answer::Given => {
            let mut seen = vec![
                by(initiator, What::Answered(target, Outcome::Accepted)),
                by(initiator, What::Reached(target)),
            ];
            if flow.back_flags.accepts() {
                seen.push(by(responder.address, What::Listens(responder.port)));
                if LOGIN_PORTS.contains(&responder.port) {
                    seen.push(by(initiator, What::Login(target, Attempt::Tried)));
                }
            }
            seen
        }
        _ => Vec::new(),
    }
}

/// What a flow from a log or an exporter is to the rules: it is told of when it is over, and was seen when it began.
pub fn of_flow(flow: &Flow) -> Vec<Observation> {
    let opened = Flow {
        forward_flags: TcpFlags::SYN,
        ..flow.clone()
    };
    let mut seen = of_change(flow.first, &Change::Opened(opened));
    let mut answered = flow.clone();
    if flow.answer == Answer::Given {
        answered.back_flags = TcpFlags::SYN.with(TcpFlags::ACK);
    }
    seen.extend(of_change(flow.first, &Change::Answered(answered)));
    if flow.key.protocol == protocol::ICMP {
        seen.push(Observation {
            at_us: flow.first.micros(),
            source: subject(flow.key.initiator.address),
            what: What::Pinged(subject(flow.key.responder.address)),
        });
    }
    seen
}

/// Groups and broadcasts, also those of a network of 256.
pub(crate) fn is_for_many(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            let is_last = four.octets()[3] == 255;
            four.is_multicast() || four.is_broadcast() || four.is_unspecified() || is_last
        }
        IpAddr::V6(six) => six.is_multicast() || six.is_unspecified(),
    }
}

fn target(flow: &Flow) -> Target {
    Target {
        destination: subject(flow.key.responder.address),
        port: flow.key.responder.port,
    }
}
