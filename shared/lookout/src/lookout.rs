//! The lookout: every frame and every flow that is told goes through the rules and through its device's profile.

mod amounts;
mod device;
mod waiting;
mod words;

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use detect::profile::{Direction, ProfileConfig, Stage, Times};
use detect::rules::{Parameters, Rule as Fixed, Rules, Strength, Verdict as Said};
use hearing::flow::{Answer, Change, Flow, Nets, protocol};
use hearing::frame::Frame;
use hearing::moment::Moment;

use self::amounts::Amounts;
pub use self::amounts::Rows;
use self::device::Device;
pub use self::device::Kept;
use self::waiting::Waiting;
pub use self::words::{ObeyError, Word};
use crate::firing::{Evidence, Firing, Rule};
use crate::limits::{AMOUNTS, DEVICES, FIRINGS, HABITS, NEWCOMER_FLOWS};
use crate::observe::{Watch, is_for_many, subject};
use crate::page::Page;
use crate::whose::{Owners, Whose};

/// Where all places are taken, so often at most somebody new gets one.
const ADMISSION: Duration = Duration::from_secs(1);
/// How often habits are counted and stages looked at.
const LOOK: Duration = Duration::from_secs(10);

/// What it is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    pub rules: Parameters,
    pub profile: ProfileConfig,
    /// Of a million good spans of a device, so many may be called strange; two of three make a firing.
    pub strange_in_a_million: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rules: Parameters::default(),
            profile: ProfileConfig::default(),
            strange_in_a_million: 100,
        }
    }
}

/// How much was taken in since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Flows that were told of or begun.
    pub flows: u64,
    /// Flows that no profile judged, and firings that found no room, because there were too many at once.
    pub dropped: u64,
    /// Flows that are going on.
    pub open: usize,
    pub devices: usize,
    pub habits: usize,
}

#[derive(Debug)]
pub struct Lookout {
    profile: ProfileConfig,
    /// The share of good spans that may be called strange.
    rate: f64,
    watch: Watch,
    owners: Owners,
    devices: BTreeMap<Whose, Device>,
    waiting: Waiting,
    firings: VecDeque<Firing>,
    totals: Totals,
    admitted: Moment,
    looked: Moment,
}

impl Lookout {
    /// `local` are the networks whose devices are looked at, `own` the addresses of the host itself.
    pub fn new(settings: &Settings, local: Nets, own: Vec<IpAddr>) -> Self {
        Self {
            profile: settings.profile,
            rate: f64::from(settings.strange_in_a_million) / 1e6,
            watch: Watch::new(local, Rules::new(&settings.rules)),
            owners: Owners::of(own),
            devices: BTreeMap::new(),
            waiting: Waiting::default(),
            firings: VecDeque::new(),
            totals: Totals::default(),
            admitted: Moment::default(),
            looked: Moment::default(),
        }
    }

    pub const fn owners(&mut self) -> &mut Owners {
        &mut self.owners
    }

    pub const fn rules(&mut self) -> &mut Rules {
        self.watch.rules()
    }

    pub fn totals(&self) -> Totals {
        Totals {
            open: self.watch.flows().len(),
            devices: self.devices.len(),
            ..self.totals
        }
    }

    /// What an address is called, by the answers of DNS that passed by.
    pub fn name_of(&self, now: Moment, address: IpAddr) -> Option<&str> {
        self.watch.flows().names().of(now, address)
    }

    /// Takes one frame in.
    pub fn hear(&mut self, now: Moment, frame: &Frame<'_>) {
        self.owners.hear(frame);
        let seen = self.watch.see(now, frame);
        for verdict in seen.verdicts {
            self.said(&verdict, Evidence::Frames, now);
        }
        self.changed(seen.changes, now);
        self.pass(now);
    }

    /// Takes in a flow that a log, an exporter or the kernel tells of.
    pub fn told(&mut self, now: Moment, flow: &Flow, evidence: Evidence) {
        self.totals.flows = self.totals.flows.saturating_add(1);
        for verdict in self.watch.pass(now) {
            self.said(&verdict, Evidence::Frames, now);
        }
        for verdict in self.watch.told(flow) {
            self.said(&verdict, evidence, now);
        }
        self.judge_both(flow, evidence, now);
        self.count_bytes(flow);
    }

    /// Takes in what a flow has carried since it was told, or since this was last said of it.
    pub fn carried(&mut self, now: Moment, flow: &Flow, evidence: Evidence) {
        for verdict in self.watch.carried(flow) {
            self.said(&verdict, evidence, now);
        }
        self.count_bytes(flow);
    }

    /// Lets time pass: to be called a few times a second where nothing is heard.
    pub fn tick(&mut self, now: Moment) {
        for verdict in self.watch.pass(now) {
            self.said(&verdict, Evidence::Frames, now);
        }
        let changes = self.watch.rest(now);
        self.changed(changes, now);
        self.pass(now);
    }

    /// The firings since it was last asked.
    pub fn firings(&mut self) -> impl Iterator<Item = Firing> + '_ {
        self.firings.drain(..)
    }

    /// A page for each device of which there is something to tell, with `habits` of its habits at most.
    pub fn pages(&mut self, habits: usize) -> Vec<Page> {
        let mut pages = Vec::new();
        for (whose, device) in &mut self.devices {
            let bytes = self.watch.baseline(subject(device.address));
            pages.extend(device.page(*whose, habits, bytes));
        }
        pages
    }

    /// The stage of a device's profile, and how many habits it holds.
    pub fn stage(&self, whose: Whose) -> Option<(Stage, usize)> {
        let device = self.devices.get(&whose)?;
        Some((device.profile.stage(), device.profile.entries().len()))
    }

    pub fn profile(&self, whose: Whose) -> Option<&detect::profile::Profile> {
        self.devices.get(&whose).map(|device| &device.profile)
    }

    /// What addresses are called, by the answers of DNS that passed by.
    pub fn names(&self, now: Moment) -> impl Iterator<Item = (IpAddr, &str)> {
        self.watch.flows().names().all(now)
    }

    /// Devices whose profiles people have put to enforcing, by the address that they had last.
    pub fn enforced(&self) -> impl Iterator<Item = (IpAddr, &detect::profile::Profile)> {
        let held = self.devices.values();
        let held = held.filter(|device| device.profile.stage() == Stage::Enforcing);
        held.map(|device| (device.address, &device.profile))
    }

    /// Devices whose amounts are counted.
    pub fn counted(&self) -> impl Iterator<Item = Whose> + '_ {
        let counted = self.devices.iter();
        counted.filter_map(|(whose, device)| device.amounts.is_some().then_some(*whose))
    }

    pub fn devices(&self) -> impl Iterator<Item = (Whose, IpAddr)> + '_ {
        self.devices
            .iter()
            .map(|(whose, device)| (*whose, device.address))
    }

    fn pass(&mut self, now: Moment) {
        while let Some(key) = self.waiting.due(now) {
            if let Some(flow) = self.watch.flows().find(&key).cloned() {
                self.judge_both(&flow, Evidence::Frames, now);
            }
        }
        if now.since(self.looked) >= LOOK || now < self.looked {
            self.looked = now;
            self.look(now);
        }
    }

    /// Stages that are over, and what was held back for a moment.
    fn look(&mut self, now: Moment) {
        let mut fired = Vec::new();
        let mut habits = 0;
        for (whose, device) in &mut self.devices {
            if !device.is_for_everything() {
                device.profile.advance(secs(now));
            }
            habits += device.profile.entries().len();
            fired.extend(device.held_back(*whose, now));
            let address = subject(device.address);
            if let Some(amounts) = &mut device.amounts
                && self.watch.rules().is_suspect(now.micros(), address)
            {
                amounts.taint();
            }
            fired.extend(device.too_much(*whose, self.rate, now));
        }
        self.totals.habits = habits;
        for firing in fired {
            self.fire(firing);
        }
        self.count_amounts(now);
    }

    /// Those who are no newcomers are counted from here on, as far as there is room: the host itself always.
    fn count_amounts(&mut self, now: Moment) {
        let others = self.counted().filter(|whose| *whose != Whose::Own);
        let mut room = (AMOUNTS - 1).saturating_sub(others.count());
        for (whose, device) in &mut self.devices {
            let is_known = device.profile.flows() >= NEWCOMER_FLOWS && !device.is_for_everything();
            if device.amounts.is_some() || !is_known || (room == 0 && *whose != Whose::Own) {
                continue;
            }
            if *whose != Whose::Own {
                room -= 1;
            }
            device.amounts = Some(Box::new(Amounts::new(&Rows::default(), now)));
        }
    }

    fn changed(&mut self, changes: Vec<Change>, now: Moment) {
        for change in changes {
            match change {
                Change::Opened(flow) => {
                    self.totals.flows = self.totals.flows.saturating_add(1);
                    if !self.waiting.enter(&flow.key, now) {
                        self.totals.dropped = self.totals.dropped.saturating_add(1);
                    }
                }
                Change::Answered(_) => {}
                Change::Ended(flow, _) => {
                    if self.waiting.leave(&flow.key) {
                        self.judge_both(&flow, Evidence::Frames, now);
                    }
                    self.count_bytes(&flow);
                }
            }
        }
    }

    /// For the one who asks, and for the one who answers: whoever does not answer has done nothing.
    fn judge_both(&mut self, flow: &Flow, evidence: Evidence, now: Moment) {
        let (from, to) = (flow.key.initiator.address, flow.key.responder.address);
        // Whoever asks all at once speaks with nobody: the fixed rules count that.
        if self.is_host_here(from) && !is_for_many(to) {
            self.judge(from, Direction::Out, flow, evidence, now);
        }
        if self.is_host_here(to) && flow.answer == Answer::Given {
            self.judge(to, Direction::In, flow, evidence, now);
        }
    }

    fn is_host_here(&self, address: IpAddr) -> bool {
        !is_for_many(address) && !address.is_loopback() && self.watch.local().hold(address)
    }

    fn judge(
        &mut self,
        address: IpAddr,
        direction: Direction,
        flow: &Flow,
        evidence: Evidence,
        now: Moment,
    ) {
        let whose = self.owners.whose(address);
        let times = self.times(address, direction, flow, now);
        if !self.admit(whose, address, now) {
            self.totals.dropped = self.totals.dropped.saturating_add(1);
            return;
        }
        let Some(device) = self.devices.get_mut(&whose) else {
            return;
        };
        device.address = address;
        let other = match direction {
            Direction::Out => flow.key.responder.address,
            Direction::In => flow.key.initiator.address,
        };
        let is_local = self.watch.local().hold(other);
        let before = device.profile.entries().len();
        let fired = device.judge(whose, (direction, is_local, times), flow, evidence, now);
        self.totals.habits += device.profile.entries().len() - before;
        if let Some(firing) = fired {
            self.fire(firing);
        }
    }

    /// Nothing is learnt of a suspect, of what nobody answers, or where all the room for habits is taken.
    fn times(&mut self, address: IpAddr, direction: Direction, flow: &Flow, now: Moment) -> Times {
        let unanswered = flow.key.protocol == protocol::TCP
            && matches!(flow.answer, Answer::Nothing | Answer::Refused);
        let suspect = self
            .watch
            .rules()
            .is_suspect(now.micros(), subject(address));
        let crowded = self.totals.habits >= HABITS;
        if suspect || crowded || (unanswered && direction == Direction::Out) {
            Times::Suspect
        } else {
            Times::Good
        }
    }

    /// Gives a device its place. Where all are taken, the one of which least is known goes, but none that is past
    /// learning: whoever invents addresses only pushes out others that nobody knows.
    fn admit(&mut self, whose: Whose, address: IpAddr, now: Moment) -> bool {
        if self.devices.contains_key(&whose) {
            return true;
        }
        if self.devices.len() >= DEVICES {
            if now.since(self.admitted) < ADMISSION {
                return false;
            }
            self.admitted = now;
            let learning = self
                .devices
                .iter()
                .filter(|(_, device)| device.is_learning());
            let least = learning.min_by_key(|(_, device)| (device.profile.flows(), device.last));
            let Some(least) = least.map(|(whose, _)| *whose) else {
                return false;
            };
            self.devices.remove(&least);
        }
        let device = Device::new(address, self.profile, now);
        self.devices.insert(whose, device);
        true
    }

    fn count_bytes(&mut self, flow: &Flow) {
        let (from, to) = (flow.key.initiator.address, flow.key.responder.address);
        if let Some(device) = self.devices.get_mut(&self.owners.whose(from)) {
            device.carried(flow.forward.bytes, flow.back.bytes);
        }
        if let Some(device) = self.devices.get_mut(&self.owners.whose(to)) {
            device.carried(flow.back.bytes, flow.forward.bytes);
        }
    }

    /// What a fixed rule says. A mere sign counts only about a place that the device's profile does not allow.
    fn said(&mut self, verdict: &Said, evidence: Evidence, now: Moment) {
        let address = crate::firing::address(verdict.source);
        if !self.is_host_here(address) {
            return self.tried_from_outside(verdict, evidence);
        }
        let whose = self.owners.whose(address);
        let is_sign = verdict.rule.strength() == Strength::Sign;
        if is_sign && !self.is_strange(whose, verdict, now) {
            return;
        }
        // The profile says more precisely whether a service is new.
        if verdict.rule == Fixed::NewListener && self.knows_service(whose, verdict) {
            return;
        }
        self.fire(Firing::of(verdict, whose, evidence));
    }

    /// A stranger who tries to log in is said of the device at which it tries: of the stranger there is nothing to tell.
    fn tried_from_outside(&mut self, verdict: &Said, evidence: Evidence) {
        let at = verdict.examples.first();
        let device = at.map(|target| crate::firing::address(target.destination));
        let here = device.filter(|device| self.is_host_here(*device));
        if let (Fixed::LoginBurst, Some(device)) = (verdict.rule, here) {
            let whose = self.owners.whose(device);
            self.fire(Firing::from_outside(verdict, whose, device, evidence));
        }
    }

    fn is_strange(&self, whose: Whose, verdict: &Said, now: Moment) -> bool {
        let (Some(device), Some(target)) = (self.devices.get(&whose), verdict.examples.first())
        else {
            return false;
        };
        let to = crate::firing::address(target.destination);
        let name = self.name_of(now, to);
        !device.is_learning()
            && !device.allows_out(to, target.port, name, self.watch.local().hold(to))
    }

    fn knows_service(&self, whose: Whose, verdict: &Said) -> bool {
        let port = verdict.examples.first().map(|target| target.port);
        let device = self.devices.get(&whose);
        match (device, port) {
            (Some(device), Some(port)) => device.serves(port),
            _ => false,
        }
    }

    fn fire(&mut self, firing: Firing) {
        if self.firings.len() >= FIRINGS {
            self.totals.dropped = self.totals.dropped.saturating_add(1);
            return;
        }
        if let Some(device) = self.devices.get_mut(&firing.whose) {
            if matches!(firing.rule, Rule::Fixed(_)) {
                device.count.unusual = device.count.unusual.saturating_add(1);
            }
            if let Some(amounts) = &mut device.amounts {
                amounts.taint();
            }
        }
        self.firings.push_back(firing);
    }
}

pub(crate) const fn secs(now: Moment) -> u64 {
    now.micros() / 1_000_000
}

#[cfg(test)]
mod tests;
