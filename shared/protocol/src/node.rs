//! The node as a machine without I/O: inputs in, outputs out, a router over its conversations.
//!
//! Outputs are to be performed in order, and every save of a batch before the first send of it.

pub mod save;
pub mod waiting;

mod accounts;
mod accuse;
mod alert;
mod appeal;
mod beacon;
mod certificate;
mod command;
mod contacts;
mod convict;
mod cosign;
mod countersign;
mod credit;
mod ledger;

mod deputy;
mod documents;
mod doubt;
mod evidence;
mod flows;
mod guard;
mod halt;
mod input;
mod links;
mod notice;
mod output;
mod overlay;
mod report;
mod retire;
mod ruling;
mod scan;
mod start;
mod storm;
mod suspicion;
mod tail;
mod threshold;
mod trial;
mod tripwire;
mod update;
mod views;
mod vouch;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::beacon::EPOCH;
use crate::catchup::Page;
use crate::deadlines::Deadlines;
use crate::dice::Dice;
use crate::gossip::Gossip;
use crate::guard::Guard;
use crate::id::DeviceId;
use crate::key::{PeerKey, Signer, Verifier};
use crate::limits;
use crate::message::Message;
use crate::record::Position;
use crate::rollout::Halts;
use crate::roster::Roster;
use crate::ruling::Rulings;
use crate::seal::{DataKey, UnsealingKey};
use crate::silence::Silence;
use crate::statement::host::{Sighting, Start};
use crate::suspicion::Suspicion;
use crate::text::Path;
use crate::time::{Instant, Now};
use crate::updater::{self, Updater};
use accounts::Books;
use alert::Alerts;
use appeal::Appeals;
use beacon::Beacon;
use command::Commands;
pub use command::{CommandAsked, CommandTold};
pub(crate) use cosign::split_by as split_by_cosigned;
use countersign::Countersignature;
use deputy::Deputy;
use documents::Documents;
pub use doubt::Doubt;
use doubt::Doubts;
use evidence::Form;
pub use flows::FlowsTold;
pub use input::Input;
use ledger::Ledger;
pub(crate) use ledger::{coverage as log_coverage, is_last, page as log_page};
use links::Links;
pub use notice::{Linked, Notice};
pub use output::{Output, Parting};
use report::Report;
use retire::Retirement;
use save::Memory;
pub use scan::{ScanAsked, ScanTold};
use start::Boot;
use suspicion::Grounds;
use threshold::Threshold;
use tripwire::Tripwire;
use update::Update;
use watch::Watch;

/// The periods of a node, and how much it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// Between two signs of life to each witness.
    pub beat: Duration,
    /// Between two readings.
    pub telemetry: Duration,
    /// Between two accounts of what crossed the links.
    pub accounts: Duration,
    /// How long a set of witnesses serves.
    pub epoch: Duration,
    /// Own records kept for the coordinator, [`limits::RECORDS_WAITING`] at most.
    pub waiting: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(5),
            telemetry: Duration::from_secs(10),
            epoch: EPOCH,
            accounts: Duration::from_secs(3600),
            waiting: limits::RECORDS_WAITING,
        }
    }
}

/// Who a node is, and what it needs to act.
#[derive(Debug)]
pub struct Identity {
    pub device: DeviceId,
    pub signer: Arc<dyn Signer>,
    pub verifier: Arc<dyn Verifier>,
    pub data_key: DataKey,
    /// Opens what is sealed to this device.
    pub unsealing: Arc<UnsealingKey>,
    /// Where the coordinator's mesh listener was when the device enrolled.
    pub coordinator: Vec<Path>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deadline {
    Boot,
    Telemetry,
    Push,
    Links,
    Ledger,
    Doubts,
    Accusation,
    Gossip,
    Judgement,
    Deputy,
    Accounts,
    Report,
    Appeal,
    Cosign,
    Beacon,
    Refusal,
    Retirement,
    Threshold,
    Guard,
}

/// One member of the mesh.
#[derive(Debug)]
pub struct Node {
    /// The periods in force, and those where nobody wants others.
    config: Config,
    usual: Config,
    identity: Identity,
    host: Start,
    dice: Dice,
    deadlines: Deadlines<Deadline>,
    boot: Option<Boot>,
    report: Report,
    watch: Watch,
    doubts: Doubts,
    links: Links,
    threshold: Threshold,
    ledger: Ledger,
    silence: Silence,
    gossip: Gossip,
    alerts: Alerts,
    deputy: Deputy,
    beacon: Beacon,
    books: Books,
    suspicion: Suspicion,
    grounds: Grounds,
    rulings: Rulings,
    halts: Halts,
    retirement: Option<Retirement>,
    appeals: Appeals,
    update: Update,
    documents: Documents,
    commands: Commands,
    tripwire: Tripwire,
    guard: Guard,
    pace: flows::Pace,
    countersignature: Countersignature,
    /// Those who know this node's hardware, and since when their links stand.
    greeted: BTreeMap<PeerKey, Instant>,
}

impl Node {
    /// A node with the roster and the journal that it holds; returns what it does first.
    pub fn new(
        config: Config,
        identity: Identity,
        host: Start,
        roster: Arc<Roster>,
        memory: &Memory,
        dice: Dice,
        now: Now,
    ) -> (Self, Vec<Output>) {
        let roster = convict::recalled(roster, memory, identity.verifier.as_ref());
        let roster = cosign::recalled(roster, memory, identity.verifier.as_ref());
        let mut node = Self {
            boot: Some(Boot::new(memory, now.monotonic)),
            report: Report::new(memory),
            watch: Watch::new(memory, &roster, identity.verifier.as_ref(), now.monotonic),
            doubts: Doubts::default(),
            links: Links::default(),
            threshold: Threshold::default(),
            silence: Silence::of(identity.device),
            gossip: Gossip::default(),
            alerts: Alerts::new(memory.watched.as_ref()),
            deputy: Deputy::new(memory.capability.as_ref()),
            beacon: Beacon::new(memory, roster.charter(), identity.verifier.as_ref()),
            books: Books::default(),
            suspicion: Suspicion::default(),
            grounds: Grounds::default(),
            rulings: Rulings::default(),
            halts: Halts::default(),
            appeals: Appeals::new(config.epoch),
            update: Update::new(Updater::new(
                roster.trust().root().map(AsRef::as_ref),
                &memory.update,
                now,
            )),
            ledger: Ledger::new(roster),
            retirement: None,
            deadlines: Deadlines::default(),
            documents: Documents::default(),
            commands: Commands::recall(memory),
            tripwire: Tripwire::default(),
            guard: Guard::new(identity.device),
            pace: flows::Pace::default(),
            countersignature: Countersignature::recall(memory),
            greeted: BTreeMap::new(),
            config,
            usual: config,
            identity,
            host,
            dice,
        };
        node.recall_obeyed();
        node.recall_contacts(memory);
        let mut out = vec![Output::Roster(Arc::clone(node.ledger.roster()))];
        node.recall_convictions(now, &mut out);
        node.recall_report(memory, now, &mut out);
        node.recall_cosigned(now, &mut out);
        node.recall_seeds(now, &mut out);
        node.recall_appeals(memory, now, &mut out);
        node.recall_halts(memory);
        node.deadlines.set(Deadline::Boot, now.monotonic);
        node.deadlines.set(Deadline::Links, now.monotonic);
        node.deadlines.set(Deadline::Doubts, now.monotonic);
        node.plan_accounts(now.monotonic);
        node.recall_order(memory, now, &mut out);
        node.heed(now, &mut out);
        node.tick(now, &mut out);
        (node, out)
    }

    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::LinkUp { peer } => self.link_up(peer, now, &mut out),
            Input::LinkDown { peer } => self.link_down(peer, now, &mut out),
            Input::Frame { from, message } => self.frame(from, message, now, &mut out),
            Input::Reading(reading) => self.record_reading(*reading, now, &mut out),
            Input::Backlog(records) => self.send_backlog(records, &mut out),
            Input::Discovered { peer, addresses } => self.discovered(peer, addresses, now),
            Input::Listening { addresses } => self.listening(addresses, now, &mut out),
            Input::Attached { hint } => self.report.attach(hint),
            Input::Delivered { id } => self.delivered(id, now, &mut out),
            Input::Ruled { ruling } => self.ruled_here(&ruling, now, &mut out),
            Input::Ordered { by, order } => self.ordered(by, &order, now, &mut out),
            Input::Update(input) => self.update_told(input, now, &mut out),
            Input::Scan(told) => self.scan_told(told, now, &mut out),
            Input::Command(told) => self.command_told(told, now, &mut out),
            Input::Tail(tailed) => self.tail_told(&tailed, &mut out),
            Input::Flows(told) => self.flows_told(told, now, &mut out),
            Input::Looked { to, open } => self.looked(to, &open, &mut out),
            Input::Touched(touched) => self.touched(touched, now, &mut out),
            Input::Hearing(hearing) => self.hearing(*hearing, now),
            Input::Answered { mac, means } => self.guard.answered(mac, means, now),
            Input::Stop(farewell) => self.say_goodbye(farewell, now, &mut out),
            Input::Tick => {}
        }
        self.tick(now, &mut out);
        self.count_batch(&out);
        self.sighted_garbage(&out, now);
        out
    }

    /// When [`Input::Tick`] is due at the latest.
    pub fn next_deadline(&self) -> Option<Instant> {
        let update = self.update.next_deadline();
        self.deadlines.next().into_iter().chain(update).min()
    }

    pub fn roster(&self) -> &Arc<Roster> {
        self.ledger.roster()
    }

    /// Own records that the coordinator has not acknowledged, by position of the newest and the last acknowledged.
    pub fn progress(&self) -> (Option<Position>, Option<Position>) {
        self.report.progress()
    }

    /// How many own records wait for the coordinator.
    pub fn waiting(&self) -> usize {
        self.report.waiting()
    }

    /// What this witness would say of its subjects at this moment.
    pub fn heard(&self, now: Instant) -> Vec<Sighting> {
        self.watch.sightings(self.silence.down(), now)
    }

    /// Whom the witnesses of this mesh hold to be down, as far as this node was told.
    pub fn silence(&self) -> &Silence {
        &self.silence
    }

    /// This witness's own doubts about its subjects.
    pub fn doubts(&self) -> impl Iterator<Item = (DeviceId, Doubt)> + '_ {
        self.doubts.held()
    }

    /// When a device on the other end of a link was last heard, whatever it said.
    pub fn last_heard(&self, device: &DeviceId) -> Option<Instant> {
        self.links.last_heard(self.peer(device)?)
    }

    pub fn links(&self) -> impl Iterator<Item = PeerKey> + '_ {
        self.links.up()
    }

    /// Those whose links stand and who are not let in yet: the identity log has to be compared first.
    pub fn guests(&self) -> impl Iterator<Item = PeerKey> + '_ {
        self.threshold.guests()
    }

    fn frame(&mut self, from: PeerKey, message: Message, now: Now, out: &mut Vec<Output>) {
        self.count_received(from, &message);
        if self.is_back(from, now.monotonic) {
            self.step_outside(from, now, out);
        }
        if self.threshold.holds(from) {
            self.heard_outside(from, message, now, out);
        } else if self.links.heard(from, now.monotonic) {
            self.taken(from, message, now, out);
        }
    }

    /// A frame of a link that is in use.
    fn taken(&mut self, from: PeerKey, message: Message, now: Now, out: &mut Vec<Output>) {
        if let Some(message) = self.taken_from(from, message, now) {
            self.route(from, message, now, out);
        }
    }

    fn route(&mut self, from: PeerKey, message: Message, now: Now, out: &mut Vec<Output>) {
        match message {
            Message::Hello { head, .. } => self.greeted(from, head, out),
            Message::Beat { position } => self.beaten(from, position, now),
            Message::Head { head } => self.head_pushed(from, &head, now, out),
            Message::Record { record } => self.record_pushed(from, &record, now, out),
            Message::HeadRequest => self.head_requested(from, out),
            Message::HeadAnswer { head } => {
                self.head_answered(from, head.map(Into::into), now, out);
            }
            Message::Standing { last } => self.standing(from, last, now, out),
            Message::Ack { position } => self.acknowledged(from, position, out),
            Message::LogGrown { head } => {
                self.log_grown(from, &head, now, out);
                self.let_in_if_compared(from, now, out);
            }
            Message::LogRequest { from: index } => self.log_requested(from, index, out),
            Message::LogEntries {
                from: index,
                entries,
                head,
            } => {
                let page = Page {
                    from: index,
                    entries,
                    head,
                };
                self.log_received(from, page, now, out);
                self.let_in_if_compared(from, now, out);
            }
            Message::ContactRequest { devices } => self.contacts_requested(from, &devices, out),
            Message::Contacts { contacts } => self.contacts_received(&contacts, now, out),
            Message::Gossip { evidence } => {
                self.gossip_received(from, evidence, Form::AsSigned, now, out);
            }
            Message::Have { ids, words } => self.named(from, (&ids, &words), now, out),
            Message::Words { brief } => self.words_received(from, &brief, now, out),
            Message::Compare { parts } => self.compared(from, &parts, now, out),
            Message::Want { ids, words } => self.wanted_from_here(from, (&ids, &words), out),
            Message::Prune => self.gossip.pruned(from),
            Message::Probe => self.probed(from, out),
            Message::Challenge => self.challenged(from, now, out),
            Message::Accuse { accusation } => self.accused_before(from, &accusation, now, out),
            Message::Capability { sealed } => self.take_capability(from, &sealed, out),
            Message::Vouch { heads } => self.vouched(from, &heads, now, out),
            Message::HeadsWanted { devices } => self.shown_requested(from, &devices, out),
            Message::Shown { heads } => self.shown_by(from, &heads, out),
            Message::Mark { mark } => self.marked(from, mark, now, out),
            Message::Deal { deal } => self.dealt(from, deal, now, out),
            Message::Timestamp { timestamp } => {
                let timestamp = timestamp.into();
                self.update(updater::Input::Timestamp { from, timestamp }, now, out);
            }
            Message::Chunks { image, frame } => {
                self.update(updater::Input::Chunks { from, image, frame }, now, out);
            }
            Message::Install { order } => self.order_received(from, order, now, out),
            Message::LookWanted { listened } => self.look_wanted(from, listened, now, out),
            Message::Looked { sight } => self.seen_by(from, sight, now, out),
            Message::Hearing { word } => self.told_by(from, word, now, out),
            Message::Scan { word } => self.scan_said(from, word, now, out),
            Message::Habit { order } => self.habit_said(from, &order, now, out),
            Message::Audit { word } => self.audit_said(from, word, now, out),
            Message::Command { word } => self.command_said(from, word, now, out),
            Message::Tail { word } => self.tail_said(from, &word, out),
            Message::RenewRequest => self.misbehaved(from, "only the coordinator renews", out),
        }
    }

    fn tick(&mut self, now: Now, out: &mut Vec<Output>) {
        self.own_up_to_lateness(now);
        while let Some(deadline) = self.deadlines.pop(now.monotonic) {
            match deadline {
                Deadline::Boot => self.boot_due(now, out),
                Deadline::Telemetry => self.telemetry_due(now, out),
                Deadline::Push => self.push_due(now, out),
                Deadline::Links => self.links_due(now, out),
                Deadline::Ledger => self.ledger_due(now, out),
                Deadline::Doubts => self.doubts_due(now, out),
                Deadline::Accusation => self.accusation_due(now, out),
                Deadline::Gossip => self.gossip_due(now, out),
                Deadline::Deputy => self.deputy_due(now, out),
                Deadline::Judgement => self.judgement_due(now, out),
                Deadline::Accounts => self.accounts_due(now, out),
                Deadline::Report => self.report_due(now, out),
                Deadline::Appeal => self.appeal_due(now, out),
                Deadline::Cosign => self.cosign_due(now, out),
                Deadline::Beacon => self.beacon_due(now, out),
                Deadline::Refusal => self.refusal_due(now, out),
                Deadline::Retirement => self.retirement_due(out),
                Deadline::Threshold => self.threshold_due(now, out),
                Deadline::Guard => self.guard_due(now, out),
            }
        }
        self.update_due(now, out);
    }

    fn misbehaved(&self, peer: PeerKey, what: &'static str, out: &mut Vec<Output>) {
        out.push(Output::Notice(Notice::Misbehaviour { peer, what }));
        out.push(Output::Disconnect {
            peer,
            why: Parting::Misbehaved,
        });
    }

    fn is_coordinator(&self, peer: PeerKey) -> bool {
        self.ledger.roster().charter().coordinator.peer() == peer
    }

    fn coordinator(&self) -> PeerKey {
        self.ledger.roster().charter().coordinator.peer()
    }

    fn device(&self, peer: PeerKey) -> Option<DeviceId> {
        self.ledger.roster().device(peer)
    }

    fn peer(&self, device: &DeviceId) -> Option<PeerKey> {
        self.ledger
            .roster()
            .member(device)
            .map(|member| member.membership.key.peer())
    }
}
