//! The coordinator as a machine without I/O: a router over its conversations.
//!
//! It announces and collects. It is not trusted with evidence: whatever it stores can be checked
//! by anybody who holds the members' keys. Outputs are to be performed in order, every save of a
//! batch before the first acknowledgement of it.

pub mod pace;
pub mod presence;
pub mod save;
mod update;
pub mod verdict;

mod accounts;
mod alert;
mod appeal;
mod beacon;
mod collect;
mod contacts;
mod convict;
mod cosign;
mod countersign;
mod echo;
mod enrol;
mod errand;
mod evidence;
mod halt;
mod input;
mod instruct;
mod output;
mod registry;
mod retirement;
mod reunion;
mod rollout;
mod rotation;
mod ruling;
mod scan;
mod settings;
mod start;
mod suspicion;
mod tail;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::beacon::EPOCH;
use crate::catchup::Page;
use crate::contact::Contact;
use crate::deadlines::Deadlines;
use crate::depot::{self, Depot};
use crate::dice::Dice;
use crate::enrolment::TokenId;
use crate::errand::Errands;
use crate::heads::Heads;
use crate::id::DeviceId;
use crate::key::{PeerKey, Signer, Verifier};
use crate::limits;
use crate::message::{Last, Message};
use crate::record::Head;
use crate::rollout::{Halts, Model};
use crate::roster::Roster;
use crate::ruling::Rulings;
use crate::seal::{DataKey, UnsealingKey};
use crate::settings::Obeyed;
use crate::signed::Signed;
use crate::silence::Silence;
use crate::suspicion::{Kin, Suspicion};
use crate::text::{Name, Path};
use crate::time::{Instant, Now, Timestamp};
use accounts::Books;
use alert::Alerts;
use appeal::Appeals;
use beacon::Beacon;
use echo::Echo;
use presence::Presence;
use reunion::Reunion;
use rollout::Rollouts;
use save::{Brought, Token};
pub use suspicion::Jury;
use verdict::Verdicts;

pub use input::{Command, Enrol, Input, Warrant};
pub use output::{Event, Output};
pub use registry::RevocationError;
pub use reunion::LogState;
pub use rollout::RolloutError;
pub use rotation::{Heirs, Replacement};

/// The settings of a coordinator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How long a membership lasts, thirty days at most.
    pub membership: Duration,
    /// A device is silent when nobody heard it for this long.
    pub silent_after: Duration,
    /// How long a set of witnesses serves.
    pub epoch: Duration,
    /// The mesh addresses that new members are told.
    pub addresses: Vec<Path>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            membership: limits::MEMBERSHIP,
            silent_after: Duration::from_millis(11_500),
            epoch: EPOCH,
            addresses: Vec::new(),
        }
    }
}

/// The keys that the root's charter gives to the coordinator.
#[derive(Debug)]
pub struct Offices {
    pub admission: Arc<dyn Signer>,
    pub unsealing: UnsealingKey,
    pub verifier: Arc<dyn Verifier>,
    /// For secrets that are dealt.
    pub dice: Dice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deadline {
    Presence,
    Announce,
    Suspensions,
    Reunion,
    Beacon,
    Reissue,
    Echo,
    LastWords,
    Rollouts,
}

/// What the coordinator knows of one device.
#[derive(Debug)]
struct Device {
    data_key: DataKey,
    last: Option<Last>,
    contact: Option<Signed<Contact>>,
    presence: Presence,
    /// Its model and firmware, as it says.
    kin: Option<Kin>,
    model: Model,
    /// Of which product it takes releases, as it says.
    product: Option<Name>,
    /// The segment to which it said it was attached.
    attachment: Option<[u8; 8]>,
    /// When the device was last told where its records end.
    told: Option<collect::Told>,
    /// How much of the identity log it says that it holds.
    holds: u64,
    /// When its last statement came, if it was ordered to wipe itself.
    retired: Option<Timestamp>,
    /// What it does of what administrators have signed, by its own word.
    obeyed: Obeyed,
    tail: tail::Tail,
    /// The last heads that anybody showed of it.
    heads: Heads,
    /// Witnesses that were asked for theirs.
    asked: BTreeMap<DeviceId, Instant>,
    /// A head for whose place the store was asked.
    recalling: Option<Signed<Head>>,
}

impl Device {
    fn new(data_key: DataKey, presence: Presence) -> Self {
        Self {
            data_key,
            last: None,
            contact: None,
            presence,
            kin: None,
            model: Model::Unheard,
            product: None,
            attachment: None,
            told: None,
            holds: 0,
            retired: None,
            obeyed: Obeyed::default(),
            tail: tail::Tail::default(),
            heads: Heads::default(),
            asked: BTreeMap::new(),
            recalling: None,
        }
    }
}

/// The coordinator of one mesh.
#[derive(Debug)]
pub struct Coordinator {
    config: Config,
    offices: Offices,
    roster: Arc<Roster>,
    devices: BTreeMap<DeviceId, Device>,
    tokens: BTreeMap<TokenId, Token>,
    links: BTreeSet<PeerKey>,
    /// Links to devices that were ordered to wipe themselves, and until when they stand.
    retiring: BTreeMap<PeerKey, Instant>,
    silence: Silence,
    verdicts: Verdicts,
    alerts: Alerts,
    books: Books,
    suspicion: Suspicion,
    rulings: Rulings,
    halts: Halts,
    errands: Errands,
    rollouts: Rollouts,
    appeals: Appeals,
    echo: Echo,
    reunion: Reunion,
    beacon: Beacon,
    heir: Option<rotation::Heir>,
    depot: Depot,
    deadlines: Deadlines<Deadline>,
}

impl Coordinator {
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::LinkUp { peer } => self.link_up(peer, now, &mut out),
            Input::LinkDown { peer } => self.link_down(peer, now, &mut out),
            Input::Frame { from, message } => self.frame(from, message, now, &mut out),
            Input::Enrol(enrol) => self.enrol(*enrol, now, &mut out),
            Input::Command(command) => self.command(command, now, &mut out),
            Input::Recalled { device, head } => self.recalled(device, head, now, &mut out),
            Input::Depot(input) => self.depot(input, now, &mut out),
            Input::Listening { addresses } => self.config.addresses = addresses,
            Input::Tick => {}
        }
        self.tick(now, &mut out);
        out
    }

    /// When [`Input::Tick`] is due at the latest.
    pub fn next_deadline(&self) -> Option<Instant> {
        let depot = self.depot.next_deadline();
        self.deadlines.next().into_iter().chain(depot).min()
    }

    pub fn roster(&self) -> &Arc<Roster> {
        &self.roster
    }

    pub fn tokens(&self) -> &BTreeMap<TokenId, Token> {
        &self.tokens
    }

    /// Who was heard when and by whom.
    pub fn presence(&self, device: &DeviceId) -> Option<&Presence> {
        self.devices.get(device).map(|known| &known.presence)
    }

    pub fn is_linked(&self, device: &DeviceId) -> bool {
        self.peer(device)
            .is_some_and(|peer| self.links.contains(&peer))
    }

    fn command(&mut self, command: Command, now: Now, out: &mut Vec<Output>) {
        match command {
            Command::MakeToken(token) => self.make_token(token, out),
            Command::Appoint(capabilities) => self.appoint(capabilities, out),
            Command::WithdrawToken(id) => self.withdraw_token(id, out),
            Command::Retire {
                device,
                reason,
                administrator,
            } => {
                self.retire(device, reason, administrator.as_deref(), now, out);
            }
            Command::Rule {
                device,
                decision,
                reason,
            } => self.order_ruling(device, decision, reason, now, out),
            Command::Halt {
                target,
                rollout,
                standing,
            } => self.order_halt(target, rollout, standing, now, out),
            Command::Excuse {
                scanner,
                source,
                length,
            } => self.excuse(scanner, source, length, now, out),
            Command::Scan(order) => self.order_scan(*order, out),
            Command::Habit(order) => self.tell_habit(*order, out),
            Command::ShowAudit { gateway, word } => self.show_audit(gateway, word, out),
            Command::WantScan { device, job, from } => self.want_scan(device, job, from, out),
            Command::Instruct { device, command } => self.instruct(&device, *command, out),
            Command::WantResult {
                device,
                command,
                from,
            } => self.want_result(&device, command, from, out),
            Command::TailStored { device, number } => self.tail_stored(device, number, out),
            Command::PlanRollout(plan) => self.plan_rollout(*plan, now, out),
            Command::TellRollout { id, word, by } => self.tell_rollout(id, word, by, now, out),
            Command::Revoke { withdrawal } => self.revoke(&withdrawal, now, out),
            Command::Succeed {
                documents,
                admission,
            } => self.succeed(documents, admission, now, out),
        }
    }

    fn frame(&mut self, from: PeerKey, message: Message, now: Now, out: &mut Vec<Output>) {
        if !self.links.contains(&from) {
            return;
        }
        match message {
            Message::Hello { log_size, .. } => self.greeted(from, log_size, now, out),
            Message::LogGrown { head } => self.log_shown(from, &head, now, out),
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
            }
            message => self.member_says(from, message, now, out),
        }
    }

    fn member_says(&mut self, from: PeerKey, message: Message, now: Now, out: &mut Vec<Output>) {
        let device = self.roster.device(from);
        let Some(device) = device.filter(|device| !self.roster.is_convicted(device)) else {
            return;
        };
        if !self.may_say(&device, &message) {
            return;
        }
        self.heard_directly(device, now, out);
        match message {
            Message::Record { record } => self.collect(device, from, record, now, out),
            Message::Beat { .. } => {}
            Message::LogRequest { from: index } => self.serve_log(from, index, out),
            Message::ContactRequest { devices } => self.serve_contacts(from, &devices, out),
            Message::Contacts { contacts } => self.take_contacts(device, &contacts, out),
            Message::RenewRequest => self.renew(device, now, out),
            Message::Deal { deal } => self.deal_answered(from, deal, now, out),
            Message::Hello { .. } | Message::LogGrown { .. } | Message::LogEntries { .. } => {}
            Message::HeadRequest | Message::HeadAnswer { .. } | Message::Head { .. } => {}
            Message::Gossip { evidence } => self.take_evidence(device, evidence, now, out),
            Message::Have { ids, .. } => self.take_names(from, &ids, out),
            Message::Want { ids, .. } => self.wanted_from_here(from, &ids, out),
            Message::Prune | Message::Probe | Message::Challenge => {}
            Message::Vouch { heads } => self.take_vouched(&heads, Brought::By(device), now, out),
            Message::Accuse { .. } | Message::HeadsWanted { .. } | Message::Shown { .. } => {}
            // The coordinator keeps no log in which it could sign a count of its own.
            Message::Mark { .. } => {}
            // It is no neighbour on the tree, so nobody compares with it.
            Message::Compare { .. } | Message::Words { .. } => {}
            Message::Timestamp { timestamp } => {
                let timestamp = timestamp.into();
                self.depot(depot::Input::Timestamp { from, timestamp }, now, out);
            }
            Message::Chunks { image, frame } => {
                self.depot(depot::Input::Chunks { from, image, frame }, now, out);
            }
            Message::Scan { word } => self.scan_answered(device, word, out),
            Message::Command { word } => self.command_answered(device, word, out),
            Message::Tail { word } => self.tail_said(device, &word, now, out),
            Message::Audit { word } => self.audit_answered(device, &word, out),
            Message::Install { .. }
            | Message::LookWanted { .. }
            | Message::Looked { .. }
            | Message::Hearing { .. } => {}
            Message::Ack { .. }
            | Message::Standing { .. }
            | Message::Capability { .. }
            | Message::Habit { .. } => {
                out.push(Output::Event(Event::Misbehaviour {
                    device: Some(device),
                    what: "speaks as a coordinator",
                }));
            }
        }
    }

    fn tick(&mut self, now: Now, out: &mut Vec<Output>) {
        while let Some(deadline) = self.deadlines.pop(now.monotonic) {
            match deadline {
                Deadline::Presence => self.presence_due(now, out),
                Deadline::Announce => self.announce(out),
                Deadline::Suspensions => self.suspensions_due(now, out),
                Deadline::Reunion => self.reunion_due(now, out),
                Deadline::Beacon => self.beacon_due(now, out),
                Deadline::Reissue => self.reissue_due(now, out),
                Deadline::Echo => self.echo_due(out),
                Deadline::LastWords => self.last_words_due(now, out),
                Deadline::Rollouts => self.rollouts_due(now, out),
            }
        }
        self.depot_due(now, out);
    }

    fn link_up(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.links.insert(peer);
        out.push(Output::Send {
            to: peer,
            message: Message::Hello {
                log_size: self.roster.size(),
                head: None,
            },
        });
        let Some(device) = self.roster.device(peer) else {
            return;
        };
        let last = self.devices.get(&device).and_then(|known| known.last);
        out.push(Output::Send {
            to: peer,
            message: Message::Standing { last },
        });
        if self.is_ordered_to_retire(&device) {
            return self.await_last_word(peer, now);
        }
        self.hand_over(peer, out);
        self.depot(depot::Input::LinkUp { peer }, now, out);
        self.tell_rulings(peer, now, out);
        self.tell_halts(peer, out);
        self.give_orders(&device, peer, out);
        self.heard_directly(device, now, out);
    }

    fn link_down(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.links.remove(&peer);
        self.retiring.remove(&peer);
        self.no_longer_ask(peer, now, out);
        self.depot(depot::Input::LinkDown { peer }, now, out);
    }

    fn serve_log(&self, to: PeerKey, from: u64, out: &mut Vec<Output>) {
        if from < self.roster.size() {
            let message = crate::node::log_page(&self.roster, from);
            if !crate::node::is_last(&message) {
                self.show_head(to, out);
            }
            out.push(Output::Send { to, message });
            let coverage = crate::node::log_coverage(&self.roster, to, from);
            out.extend(coverage.map(|post| Output::Send {
                to: post.to,
                message: post.message,
            }));
        }
    }

    fn peer(&self, device: &DeviceId) -> Option<PeerKey> {
        self.roster
            .member(device)
            .map(|member| member.membership.key.peer())
    }
}
