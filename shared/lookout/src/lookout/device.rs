//! One device: its profile, what was counted, what was said, and what is to be told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use detect::profile::{
    Direction, Entry, Flow as Shown, Peer, Profile, ProfileConfig, Service, Stage, Times, Unusual,
    Verdict,
};
use detect::rules::Baseline;
use hearing::flow::{Flow, protocol};
use hearing::moment::Moment;
use serde::{Deserialize, Serialize};

use super::amounts::{Amounts, Rows, SPAN};
use super::secs;
use crate::firing::{Evidence, Firing, Rule, place};
use crate::limits::{CALLED, EXAMPLES, SAID_AGAIN, UNUSUAL};
use crate::page::{Count, Page};
use crate::whose::Whose;

/// After a firing of the profile, others of the same device wait for so long and are told together.
const TOGETHER: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Device {
    pub(super) profile: Profile,
    pub(super) address: IpAddr,
    pub(super) class: Option<String>,
    pub(super) lent: Option<String>,
    pub(super) obeyed: u64,
    /// The change of the profile that each word of a person has made.
    pub(super) words: BTreeMap<u64, u64>,
    pub(super) count: Count,
    pub(super) untold: BTreeSet<Entry>,
    pub(super) last: Moment,
    /// A word came, or the stage is another: there is a page to tell though nothing was counted.
    pub(super) is_news: bool,
    pub(super) amounts: Option<Box<Amounts>>,
    /// How it was known of last.
    evidence: Evidence,
    /// Addresses that it called by a name which its profile allows, the latest last.
    called: VecDeque<(IpAddr, String)>,
    said: BTreeMap<Entry, Moment>,
    spoke: Option<Moment>,
    held: Option<Firing>,
}

/// What outlives a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    pub profile: Profile,
    pub address: IpAddr,
    #[serde(default)]
    pub class: Option<String>,
    #[serde(default)]
    pub lent: Option<String>,
    #[serde(default)]
    pub obeyed: u64,
    #[serde(default)]
    pub words: Vec<(u64, u64)>,
    #[serde(default)]
    pub amounts: Rows,
}

impl Device {
    pub(super) fn new(address: IpAddr, config: ProfileConfig, now: Moment) -> Self {
        Self::with(Profile::new(config, secs(now)), address, now)
    }

    const fn with(profile: Profile, address: IpAddr, now: Moment) -> Self {
        Self {
            profile,
            address,
            class: None,
            lent: None,
            obeyed: 0,
            words: BTreeMap::new(),
            count: Count {
                flows: 0,
                unusual: 0,
                sent: 0,
                received: 0,
            },
            untold: BTreeSet::new(),
            last: now,
            is_news: true,
            amounts: None,
            evidence: Evidence::Frames,
            called: VecDeque::new(),
            said: BTreeMap::new(),
            spoke: None,
            held: None,
        }
    }

    pub(super) fn restored(kept: Kept, now: Moment) -> Self {
        let has_rows = kept.amounts != Rows::default();
        Self {
            amounts: has_rows.then(|| Box::new(Amounts::new(&kept.amounts, now))),
            class: kept.class,
            lent: kept.lent,
            obeyed: kept.obeyed,
            words: kept.words.into_iter().collect(),
            ..Self::with(kept.profile, kept.address, now)
        }
    }

    pub(super) fn kept(&self) -> Kept {
        let words = self.words.iter().map(|(word, change)| (*word, *change));
        Kept {
            profile: self.profile.clone(),
            address: self.address,
            class: self.class.clone(),
            lent: self.lent.clone(),
            obeyed: self.obeyed,
            words: words.collect(),
            amounts: self
                .amounts
                .as_ref()
                .map(|amounts| amounts.rows())
                .unwrap_or_default(),
        }
    }

    pub(super) fn is_learning(&self) -> bool {
        self.profile.stage() == Stage::Learning
    }

    /// Whatever people do next with a phone or a computer is not unusual: it goes on learning.
    pub(super) fn is_for_everything(&self) -> bool {
        matches!(self.class.as_deref(), Some("phone" | "computer"))
    }

    /// Judges one flow, learns from it in good times, and fires where it is not usual.
    pub(super) fn judge(
        &mut self,
        whose: Whose,
        (direction, is_local, times): (Direction, bool, Times),
        flow: &Flow,
        evidence: Evidence,
        now: Moment,
    ) -> Option<Firing> {
        self.last = self.last.max(now);
        self.evidence = evidence;
        if let Some(amounts) = &mut self.amounts {
            amounts.opened(direction, flow);
        }
        self.count.flows = self.count.flows.saturating_add(1);
        let is_joined = evidence == Evidence::Frames && flow.is_joined();
        let shown = shown(flow, direction, is_local);
        match self.profile.observe(&shown, times, secs(now)) {
            Verdict::Allowed { entry, standing } => {
                self.calls(&shown);
                // What was only lent has become its own with this flow.
                if standing.support == 0 {
                    self.untold.insert(entry);
                }
                None
            }
            Verdict::Learnt { entry } => {
                self.untold.insert(entry);
                None
            }
            // Of what was joined midway nobody knows who has asked whom: when it is opened anew, that is seen.
            Verdict::Unusual { .. } | Verdict::Denied { .. } if is_joined => None,
            Verdict::Unusual { entry, why } => {
                self.count.unusual = self.count.unusual.saturating_add(1);
                // While it learns, the fixed rules speak for it.
                let is_on_trial = why == Unusual::Unknown && self.profile.stage() == Stage::Trial;
                is_on_trial
                    .then(|| self.strange((whose, Rule::Unusual), entry, flow, evidence, now))
                    .flatten()
            }
            Verdict::Denied { entry } => {
                self.count.unusual = self.count.unusual.saturating_add(1);
                self.strange((whose, Rule::Denied), entry, flow, evidence, now)
            }
        }
    }

    fn calls(&mut self, flow: &Shown<'_>) {
        let Some(name) = flow.name else { return };
        let latest = self.called.back();
        if latest.is_some_and(|(address, called)| *address == flow.address && called == name) {
            return;
        }
        self.called.retain(|(address, _)| *address != flow.address);
        if self.called.len() >= CALLED {
            self.called.pop_front();
        }
        self.called.push_back((flow.address, name.to_owned()));
    }

    /// By which name it called an address lately.
    fn called(&self, address: IpAddr) -> Option<&str> {
        let mut called = self.called.iter();
        let found = called.find(|(other, _)| *other == address)?;
        Some(&found.1)
    }

    fn strange(
        &mut self,
        (whose, rule): (Whose, Rule),
        entry: Entry,
        flow: &Flow,
        evidence: Evidence,
        now: Moment,
    ) -> Option<Firing> {
        self.said.retain(|_, at| now.since(*at) < SAID_AGAIN);
        if self.said.contains_key(&entry) || self.said.len() >= UNUSUAL {
            return None;
        }
        self.said.insert(entry.clone(), now);
        let usual = self.places(entry.direction);
        let newly = self.said.keys();
        let newly = newly.filter(|said| said.direction == entry.direction);
        let (other, port) = other_side(flow, entry.direction);
        let mut firing = Firing {
            whose,
            address: self.address,
            at: now,
            rule,
            evidence,
            observed: usual + newly.count() as u64,
            usual,
            window_s: 0,
            examples: vec![match &flow.name {
                Some(name) => format!("{}:{port}", name.text),
                None => place(other, port),
            }],
            entry: Some(entry),
        };
        if let Some(held) = self.held.take() {
            for example in held.examples {
                if firing.examples.len() < EXAMPLES && !firing.examples.contains(&example) {
                    firing.examples.push(example);
                }
            }
        }
        if self.spoke.is_some_and(|spoke| now.since(spoke) < TOGETHER) {
            self.held = Some(firing);
            return None;
        }
        self.spoke = Some(now);
        Some(firing)
    }

    pub(super) fn carried(&mut self, sent: u64, received: u64) {
        self.count.sent = self.count.sent.saturating_add(sent);
        self.count.received = self.count.received.saturating_add(received);
        if let Some(amounts) = &mut self.amounts {
            amounts.carried(sent, received);
        }
    }

    /// A span that was too much for this device, once in a while.
    pub(super) fn too_much(&mut self, whose: Whose, rate: f64, now: Moment) -> Option<Firing> {
        let strange = self.amounts.as_mut()?.pass(rate, now)?;
        (!self.is_for_everything()).then(|| Firing {
            whose,
            address: self.address,
            at: now,
            rule: Rule::Amounts,
            evidence: self.evidence,
            observed: strange.observed,
            usual: strange.usual,
            window_s: SPAN.as_secs(),
            examples: vec![strange.what.to_owned()],
            entry: None,
        })
    }

    /// What was held back to be told together with more, when its time has come.
    pub(super) fn held_back(&mut self, whose: Whose, now: Moment) -> Option<Firing> {
        let is_due = self.spoke.is_none_or(|spoke| now.since(spoke) >= TOGETHER);
        let held = self.held.take_if(|_| is_due)?;
        self.spoke = Some(now);
        Some(Firing { whose, ..held })
    }

    /// Places that it usually speaks to, or that usually speak to it.
    fn places(&self, direction: Direction) -> u64 {
        let entries = self.profile.entries();
        let of = entries.filter(|(entry, _)| entry.direction == direction);
        let peers: BTreeSet<&Peer> = of.map(|(entry, _)| &entry.peer).collect();
        peers.len() as u64
    }

    pub(super) fn allows_out(
        &self,
        to: IpAddr,
        port: u16,
        name: Option<&str>,
        is_local: bool,
    ) -> bool {
        let shown = Shown {
            direction: Direction::Out,
            protocol: protocol::TCP,
            address: to,
            name: name.or_else(|| self.called(to)),
            local: is_local,
            roles: &[],
            remote_port: port,
            local_port: 0,
        };
        let mut entries = self.profile.entries();
        entries.any(|(entry, _)| entry.allows(&shown))
    }

    /// Whether it is known to be asked on a port.
    pub(super) fn serves(&self, port: u16) -> bool {
        self.profile.entries().any(|(entry, _)| {
            entry.direction == Direction::In
                && matches!(entry.service, Service::Ports { local, .. } if local.holds(port))
        })
    }

    /// What there is to tell, `habits` of its habits at most; the rest comes with the next page.
    pub(super) fn page(
        &mut self,
        whose: Whose,
        habits: usize,
        bytes: Option<Baseline>,
    ) -> Option<Page> {
        let has_something =
            self.is_news || self.count != Count::default() || !self.untold.is_empty();
        if !has_something {
            return None;
        }
        self.is_news = false;
        let mut told = Vec::new();
        while told.len() < habits
            && let Some(entry) = self.untold.pop_first()
        {
            let standing = self.profile.standing(&entry).copied();
            told.push((entry, standing));
        }
        Some(Page {
            whose,
            stage: self.profile.stage(),
            since_s: self.profile.since_s(),
            lent: self.lent.clone(),
            obeyed: self.obeyed,
            count: std::mem::take(&mut self.count),
            habits: self.profile.entries().len() as u64,
            told,
            bytes,
        })
    }
}

const fn other_side(flow: &Flow, direction: Direction) -> (IpAddr, u16) {
    match direction {
        Direction::Out => (flow.key.responder.address, flow.key.responder.port),
        Direction::In => (flow.key.initiator.address, flow.key.responder.port),
    }
}

/// The flow as the device's side sees it. Of ICMP only questions are flows.
fn shown(flow: &Flow, direction: Direction, is_local: bool) -> Shown<'_> {
    let (initiator, responder) = (flow.key.initiator, flow.key.responder);
    let (remote, local) = match direction {
        Direction::Out => (responder, initiator),
        Direction::In => (initiator, responder),
    };
    let (remote_port, local_port) = match flow.key.protocol {
        protocol::ICMP => (8, 0),
        protocol::ICMP6 => (128, 0),
        _ => (remote.port, local.port),
    };
    let name = flow.name.as_ref().map(|name| name.text.as_str());
    Shown {
        direction,
        protocol: flow.key.protocol,
        address: remote.address,
        name: name.filter(|_| direction == Direction::Out),
        local: is_local,
        roles: &[],
        remote_port,
        local_port,
    }
}
