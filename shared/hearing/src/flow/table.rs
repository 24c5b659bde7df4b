//! The flows that are going on, from frames: bounded, and ended by virtual time.
//!
//! Flows without an answer have places of their own: whoever opens a hundred thousand of them a second pushes out
//! their like, and no connection that lasts.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use crate::announcement::{Announcement, Dialect};
use crate::frame::{Frame, Ip, TcpFlags, Transport};
use crate::limits::{
    FLOW_ACTIVE, FLOW_IDLE, FLOW_LINGER, FLOW_SWEEP, FRESH_FLOWS, SETTLED_AFTER, SETTLED_FLOWS,
};
use crate::moment::Moment;

use super::{Answer, Endpoint, Flow, Key, NameOrigin, Names, Nets, PeerName};

/// What happened to a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Opened(Flow),
    /// The other side took part for the first time, or refused.
    Answered(Flow),
    Ended(Flow, End),
}

/// Why a flow is told of as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Both sides said goodbye, or one broke off; it is told a moment later, when the last segments have passed.
    Closed,
    Idle,
    /// It goes on: this is its part until here.
    Active,
    /// Too many flows came after it.
    Crowded,
}

#[derive(Debug, Clone)]
pub struct Flows {
    local: Nets,
    names: Names,
    flows: BTreeMap<Pair, Entry>,
    /// The fresh flows as they came, and some that left since.
    order: VecDeque<Pair>,
    fresh: usize,
    swept: Moment,
}

/// Both ends in one order, so that packets of both directions find the same flow. Each packet asks several times: what
/// differs most between flows comes first, and all of it is numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    /// Both ports, the protocol, and the version of IP.
    kinds: u64,
    addresses: (u128, u128),
}

#[derive(Debug, Clone)]
struct Entry {
    flow: Flow,
    seat: Seat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seat {
    Fresh,
    Settled,
}

impl Flows {
    pub const fn new(local: Nets) -> Self {
        Self {
            local,
            names: Names::new(),
            flows: BTreeMap::new(),
            order: VecDeque::new(),
            fresh: 0,
            swept: Moment::from_micros(0),
        }
    }

    /// Takes one frame in; at most three changes come of it, besides those that are due.
    pub fn hear(&mut self, now: Moment, frame: &Frame<'_>) -> Vec<Change> {
        let mut changes = self.tick(now);
        let Some(ip) = frame.as_ip() else {
            return changes;
        };
        let Some((source, destination)) = ends(ip) else {
            return changes;
        };
        let pair = pair(source, destination, ip.protocol);
        self.end_if_reopened(pair, ip, &mut changes);
        if !self.flows.contains_key(&pair) {
            let flow = self.opened(now, frame, ip, source, destination);
            self.enter(pair, flow, &mut changes);
        }
        self.count(now, frame, ip, source, pair, &mut changes);
        if let Some(Announcement::Dns(Dialect::Unicast, message)) = dns(frame, ip) {
            self.names.learn(now, &message);
        }
        changes
    }

    /// Ends what is over by now. Without frames it has to be called at [`Self::next_deadline`].
    pub fn tick(&mut self, now: Moment) -> Vec<Change> {
        let mut changes = Vec::new();
        if now.since(self.swept) < FLOW_SWEEP {
            return changes;
        }
        self.swept = now;
        let mut over = Vec::new();
        for (pair, Entry { flow, .. }) in &mut self.flows {
            let quiet = now.since(flow.last);
            if is_closed(flow) && quiet >= FLOW_LINGER {
                over.push((*pair, End::Closed));
            } else if quiet >= FLOW_IDLE {
                over.push((*pair, End::Idle));
            } else if now.since(flow.first) >= FLOW_ACTIVE {
                changes.push(Change::Ended(part(flow, now), End::Active));
            }
        }
        for (pair, why) in over {
            self.end(pair, why, &mut changes);
        }
        let Self { flows, order, .. } = self;
        order.retain(|pair| {
            flows
                .get(pair)
                .is_some_and(|entry| entry.seat == Seat::Fresh)
        });
        changes
    }

    /// When [`Self::tick`] has something to do; `None` without flows.
    pub fn next_deadline(&self) -> Option<Moment> {
        (!self.flows.is_empty()).then(|| self.swept.after(FLOW_SWEEP))
    }

    /// The flow that a frame belongs to.
    pub fn of(&self, frame: &Frame<'_>) -> Option<&Flow> {
        let ip = frame.as_ip()?;
        let (source, destination) = ends(ip)?;
        let entry = self.flows.get(&pair(source, destination, ip.protocol))?;
        Some(&entry.flow)
    }

    /// A flow that is going on, by its ends.
    pub fn find(&self, key: &Key) -> Option<&Flow> {
        let entry = self
            .flows
            .get(&pair(key.initiator, key.responder, key.protocol))?;
        (entry.flow.key == *key).then_some(&entry.flow)
    }

    pub fn len(&self) -> usize {
        self.flows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
    }

    pub const fn names(&self) -> &Names {
        &self.names
    }

    /// Who sends first has begun, except where a listener's answer shows that the beginning was missed. Of a connection
    /// that was joined midway the greater port is taken for the asker's.
    fn opened(
        &self,
        now: Moment,
        frame: &Frame<'_>,
        ip: &Ip<'_>,
        source: Endpoint,
        destination: Endpoint,
    ) -> Flow {
        let answers = match &ip.transport {
            Transport::Tcp(tcp) if tcp.flags.has(TcpFlags::SYN) => tcp.flags.accepts(),
            Transport::Tcp(tcp) => tcp.source < tcp.destination,
            Transport::Icmp(icmp) => icmp.answers_echo(),
            _ => false,
        };
        let (initiator, responder) = if answers {
            (destination, source)
        } else {
            (source, destination)
        };
        let key = Key {
            initiator,
            responder,
            protocol: ip.protocol,
        };
        let name = self.names.of(now, responder.address).map(|text| PeerName {
            text: text.to_owned(),
            origin: NameOrigin::Dns,
        });
        // What the first packet says is known before it is counted: whoever hears of the flow wants to know.
        let (forward_flags, back_flags) = match (&ip.transport, answers) {
            (Transport::Tcp(tcp), false) => (tcp.flags, TcpFlags::default()),
            (Transport::Tcp(tcp), true) => (TcpFlags::default(), tcp.flags),
            _ => Default::default(),
        };
        Flow {
            forward_flags,
            back_flags,
            answer: Answer::Nothing,
            direction: self.local.direction(initiator.address, responder.address),
            name,
            mac: frame.device(),
            ..Flow::new(key, now)
        }
    }

    /// A port that is used again right after its connection closed.
    fn end_if_reopened(&mut self, pair: Pair, ip: &Ip<'_>, changes: &mut Vec<Change>) {
        let opens = matches!(&ip.transport, Transport::Tcp(tcp) if tcp.flags.opens());
        if opens
            && self
                .flows
                .get(&pair)
                .is_some_and(|entry| is_closed(&entry.flow))
        {
            self.end(pair, End::Closed, changes);
        }
    }

    fn enter(&mut self, pair: Pair, flow: Flow, changes: &mut Vec<Change>) {
        while self.fresh >= FRESH_FLOWS {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            if self
                .flows
                .get(&oldest)
                .is_some_and(|entry| entry.seat == Seat::Fresh)
            {
                self.end(oldest, End::Crowded, changes);
            }
        }
        changes.push(Change::Opened(flow.clone()));
        self.fresh += 1;
        self.order.push_back(pair);
        let seat = Seat::Fresh;
        self.flows.insert(pair, Entry { flow, seat });
    }

    fn count(
        &mut self,
        now: Moment,
        frame: &Frame<'_>,
        ip: &Ip<'_>,
        source: Endpoint,
        pair: Pair,
        changes: &mut Vec<Change>,
    ) {
        let may_settle = self.flows.len() - self.fresh < SETTLED_FLOWS;
        let Some(entry) = self.flows.get_mut(&pair) else {
            return;
        };
        let flow = &mut entry.flow;
        flow.last = flow.last.max(now);
        let is_forward = source == flow.key.initiator;
        let (count, flags) = if is_forward {
            (&mut flow.forward, &mut flow.forward_flags)
        } else {
            (&mut flow.back, &mut flow.back_flags)
        };
        count.add(u64::from(frame.wire_bytes));
        if let Transport::Tcp(tcp) = &ip.transport {
            *flags = flags.with(tcp.flags);
        }
        name_by_hello(flow, ip, is_forward);
        if !is_forward && flow.answer == Answer::Nothing {
            flow.answer = answer(flow.back_flags);
            changes.push(Change::Answered(flow.clone()));
        }
        let has_lasted = now.since(flow.first) >= SETTLED_AFTER && flow.answer == Answer::Given;
        if entry.seat == Seat::Fresh && has_lasted && may_settle {
            entry.seat = Seat::Settled;
            self.fresh -= 1;
        }
    }

    fn end(&mut self, pair: Pair, why: End, changes: &mut Vec<Change>) {
        if let Some(entry) = self.flows.remove(&pair) {
            if entry.seat == Seat::Fresh {
                self.fresh -= 1;
            }
            changes.push(Change::Ended(entry.flow, why));
        }
    }
}

/// The part of a flow until now; what remains begins anew, with what is known of it.
fn part(flow: &mut Flow, now: Moment) -> Flow {
    let told = flow.clone();
    flow.first = now;
    flow.forward = super::Count::default();
    flow.back = super::Count::default();
    told
}

fn dns(frame: &Frame<'_>, ip: &Ip<'_>) -> Option<Announcement> {
    let is_dns = matches!(&ip.transport, Transport::Udp(udp) if udp.source == crate::dns::PORT);
    is_dns.then(|| Announcement::of(frame)).flatten()
}

fn name_by_hello(flow: &mut Flow, ip: &Ip<'_>, is_forward: bool) {
    const HANDSHAKE: u8 = 0x16;
    let Transport::Tcp(tcp) = &ip.transport else {
        return;
    };
    if is_forward
        && tcp.payload.first() == Some(&HANDSHAKE)
        && let Ok(hello) = crate::tls::Hello::read(tcp.payload)
        && let Some(text) = hello.server_name
    {
        let origin = NameOrigin::Tls;
        flow.name = Some(PeerName { text, origin });
    }
}

const fn answer(flags: TcpFlags) -> Answer {
    if flags.has(TcpFlags::RST) {
        Answer::Refused
    } else {
        Answer::Given
    }
}

const fn is_closed(flow: &Flow) -> bool {
    let (forward, back) = (flow.forward_flags, flow.back_flags);
    forward.has(TcpFlags::RST)
        || back.has(TcpFlags::RST)
        || forward.has(TcpFlags::FIN) && back.has(TcpFlags::FIN)
}

fn pair(one: Endpoint, other: Endpoint, protocol: u8) -> Pair {
    let number = |end: Endpoint| match end.address {
        IpAddr::V4(four) => (u64::from(end.port), u128::from(four.to_bits())),
        IpAddr::V6(six) => (u64::from(end.port), six.to_bits()),
    };
    let (low, high) = {
        let (one, other) = (number(one), number(other));
        if one <= other {
            (one, other)
        } else {
            (other, one)
        }
    };
    let version = u64::from(one.address.is_ipv6());
    Pair {
        kinds: low.0 << 32 | high.0 << 16 | u64::from(protocol) << 8 | version,
        addresses: (low.1, high.1),
    }
}

/// Where a packet comes from and goes to. Of ICMP only an echo is a flow of its own: errors, neighbour discovery (RFC 4861)
/// and who listens to which group (RFC 3810, IGMP) are how a network is kept, and name nobody that is spoken with.
fn ends(ip: &Ip<'_>) -> Option<(Endpoint, Endpoint)> {
    let ports = match &ip.transport {
        Transport::Tcp(tcp) => (tcp.source, tcp.destination),
        Transport::Udp(udp) => (udp.source, udp.destination),
        Transport::Icmp(icmp) if !icmp.asks_echo() && !icmp.answers_echo() => return None,
        Transport::Igmp(_) => return None,
        Transport::Icmp(_) | Transport::Other => (0, 0),
    };
    let end = |address: IpAddr, port| Endpoint { address, port };
    Some((end(ip.source, ports.0), end(ip.destination, ports.1)))
}

#[cfg(test)]
mod tests;
