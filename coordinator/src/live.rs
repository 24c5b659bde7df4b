//! What the pages and interfaces show of the running mesh: a snapshot, renewed about once a second.

mod alike;
pub mod appeal;
mod places;
pub mod silence;
pub mod suspicion;

use std::collections::BTreeMap;
use std::sync::Arc;

use appeal::Appeal;
pub use places::Places;
use protocol::appeal::Automation;
use protocol::class::DeviceClass;
use protocol::coordinator::pace::Degraded;
use protocol::coordinator::presence::{Heard, Presence, Status};
use protocol::coordinator::verdict::Ended;
use protocol::coordinator::{Coordinator, Jury, LogState, Replacement};
use protocol::id::DeviceId;
use protocol::ledger::Strength;
use protocol::proof::Proof;
use protocol::rollout::{Rollout, RolloutId};
use protocol::roster::{Member, Roster};
use protocol::text::Name;
use protocol::time::Timestamp;
use silence::{Held, Judgement, Kind, Testimony};
use suspicion::Suspicion;
use tokio::sync::watch;

/// The mesh as the coordinator knows it at one moment.
#[derive(Debug, Clone)]
pub struct Live {
    pub at: Timestamp,
    pub roster: Arc<Roster>,
    /// In the order of their names, ties by id.
    pub devices: Vec<LiveDevice>,
    /// Devices that wait for somebody to compare their code.
    pub pending: Vec<Pending>,
    /// Whether devices can be admitted and retired.
    pub log: LogState,
    pub held: Held,
    /// Of how many models and versions the fleet is.
    pub jury: Jury,
    /// Whether committees may hold devices at this moment.
    pub automation: Automation,
    /// How far the last replacement of root or charter has come.
    pub rotation: Option<Replacement>,
    /// The newest first.
    pub rollouts: Vec<Arc<Rollout>>,
    /// Where each device stands in the list.
    pub places: Places,
}

/// One member.
#[derive(Debug, Clone)]
pub struct LiveDevice {
    pub device: DeviceId,
    pub name: Name,
    pub class: DeviceClass,
    pub cell: Name,
    pub state: State,
    /// Since when the state holds.
    pub since: Timestamp,
    /// The newest sign of life, by whomever it was heard.
    pub heard: Option<Timestamp>,
    /// The newest sign of life that the coordinator heard itself.
    pub directly: Option<Timestamp>,
    pub witnesses: Vec<(DeviceId, Heard)>,
    /// How it comes late again and again, if it does.
    pub degraded: Option<Degraded>,
    /// What its witnesses say against it, if anything.
    pub testimony: Testimony,
    pub judgement: Judgement,
    /// What its witnesses report of it, without proof.
    pub suspicion: Suspicion,
    /// How strangers tried it, if they did.
    pub appeal: Option<Appeal>,
    /// How its latest silence ended.
    pub returned: Option<Ended>,
    /// If it is in quarantine.
    pub held: Option<Quarantine>,
    /// When the metadata that it holds ended, by its own word, if it has.
    pub stale: Option<Timestamp>,
    /// Whether the device has a link to the coordinator.
    pub linked: bool,
    pub admitted: Timestamp,
    pub membership_until: Timestamp,
    pub withdrawal: Option<Withdrawn>,
    /// The proof that convicts it.
    pub proof: Option<Arc<Proof>>,
}

/// A member's state in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Enrolled,
    Online,
    /// Online, and late again and again.
    Degraded,
    Stopped,
    Silent,
    Retired,
}

impl State {
    /// The stable word used in addresses and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Online => "online",
            Self::Degraded => "degraded",
            Self::Stopped => "stopped",
            Self::Silent => "silent",
            Self::Retired => "retired",
        }
    }
}

impl LiveDevice {
    /// Whether it belongs to the mesh and says that its metadata has ended.
    pub fn is_stale(&self) -> bool {
        self.stale.is_some() && self.state != State::Retired
    }

    /// Whether it is there, in time or late.
    pub fn is_there(&self) -> bool {
        matches!(self.state, State::Online | State::Degraded)
    }
}

/// How a member was shut out.
#[derive(Debug, Clone)]
pub struct Withdrawn {
    pub at: Timestamp,
    pub reason: Name,
    /// `None` for a revocation, which is for good.
    pub until: Option<Timestamp>,
    /// If an administrator has ordered it to wipe its keys and its journal.
    pub wipe: Option<Wipe>,
}

/// How far an order to wipe has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wipe {
    /// Nobody knows whether the device has heard of it.
    Ordered,
    /// Its last statement has come: it wipes itself.
    Confirmed { at: Timestamp },
}

impl Wipe {
    fn of(core: &Coordinator, member: &Member) -> Option<Self> {
        let order = member.order_to_retire()?;
        let retired = core.retired(&order.device);
        Some(retired.map_or(Self::Ordered, |at| Self::Confirmed { at }))
    }
}

/// By which order a member is in quarantine.
#[derive(Debug, Clone)]
pub struct Quarantine {
    pub since: Timestamp,
    pub until: Timestamp,
    pub reason: Name,
}

/// A device that asked to join without a token.
#[derive(Debug, Clone)]
pub struct Pending {
    pub ticket: u64,
    /// The code that the device shows as well.
    pub code: String,
    pub name: Name,
    pub agent: Name,
    pub address: String,
    pub asked: Timestamp,
}

/// Where to read the newest snapshot.
pub type LiveHandle = watch::Receiver<Arc<Live>>;

impl Live {
    pub fn of(core: &Coordinator, pending: Vec<Pending>, at: Timestamp) -> Self {
        let roster = Arc::clone(core.roster());
        let mut held = quarantined(core, at);
        let mut devices: Vec<LiveDevice> = roster
            .members()
            .map(|member| {
                let held = held.remove(&member.membership.device);
                LiveDevice::of(core, member, held)
            })
            .collect();
        devices.sort_by(|a, b| (&a.name, a.device).cmp(&(&b.name, b.device)));
        Self {
            at,
            roster,
            devices,
            pending,
            log: core.log_state(),
            held: Held::of(core),
            jury: core.jury(),
            automation: core.automation(at),
            rotation: core.replacement(),
            rollouts: core.rollouts().rev().cloned().collect(),
            places: Places::default(),
        }
    }

    /// Whether it belongs to the mesh, so that its word counts.
    pub fn is_member(&self, device: &DeviceId) -> bool {
        let member = self.device(device);
        member.is_some_and(|member| member.state != State::Retired)
    }

    pub fn device(&self, device: &DeviceId) -> Option<&LiveDevice> {
        let place = self.places.of(device, &self.devices)?;
        self.devices.get(place)
    }

    pub fn rollout(&self, id: RolloutId) -> Option<&Arc<Rollout>> {
        self.rollouts.iter().find(|rollout| rollout.id() == id)
    }

    /// Members of this id or name, which several may have.
    pub fn called<'s>(&'s self, word: &str) -> impl Iterator<Item = &'s LiveDevice> {
        let id = word.parse::<DeviceId>().ok();
        let devices = self.devices.iter();
        devices.filter(move |one| Some(one.device) == id || one.name.as_str() == word)
    }

    /// The member of this id or name, if there is no other.
    pub fn only(&self, word: &str) -> Option<&LiveDevice> {
        let mut called = self.called(word);
        let one = called.next()?;
        called.next().is_none().then_some(one)
    }

    /// What a member is called; nothing once it is gone.
    pub fn name(&self, device: &DeviceId) -> Option<String> {
        let member = self.roster.member(device)?;
        Some(member.membership.name.to_string())
    }

    pub fn count(&self, state: State) -> usize {
        self.devices
            .iter()
            .filter(|device| device.state == state)
            .count()
    }

    /// Members that hold metadata that has ended.
    pub fn count_stale(&self) -> usize {
        let stale = self.devices.iter().filter(|device| device.is_stale());
        stale.count()
    }

    pub fn count_silent(&self, kind: Kind) -> usize {
        self.devices
            .iter()
            .filter(|device| device.silence() == Some(kind))
            .count()
    }
}

impl LiveDevice {
    fn of(core: &Coordinator, member: &Member, held: Option<Quarantine>) -> Self {
        let membership = &member.membership;
        let presence = core.presence(&membership.device);
        let withdrawal = member.withdrawal.as_ref().map(|withdrawal| Withdrawn {
            at: withdrawal.time,
            reason: withdrawal.reason.clone(),
            until: match withdrawal.strength {
                Strength::Suspension { until } => Some(until),
                Strength::Revocation | Strength::Retirement => None,
            },
            wipe: Wipe::of(core, member),
        });
        let degraded = presence.and_then(Presence::degraded);
        let since = presence.map_or(membership.not_before, Presence::since);
        let since = degraded.map_or(since, |degraded| degraded.since);
        let proof = core.roster().conviction(&membership.device).cloned();
        Self {
            device: membership.device,
            name: membership.name.clone(),
            class: membership.class,
            cell: membership.cell.clone(),
            state: if proof.is_some() {
                State::Retired
            } else {
                state(presence, withdrawal.as_ref())
            },
            since: withdrawal
                .as_ref()
                .map_or(since, |withdrawal| withdrawal.at),
            heard: presence.and_then(Presence::heard),
            directly: presence.and_then(Presence::directly),
            witnesses: presence
                .map(|presence| presence.witnesses().iter().map(|(w, h)| (*w, *h)).collect())
                .unwrap_or_default(),
            degraded,
            testimony: Testimony::of(core, &membership.device),
            judgement: Judgement::of(core, &membership.device),
            suspicion: Suspicion::of(core, &membership.device),
            appeal: Appeal::of(core, &membership.device),
            returned: core.last_return(&membership.device).copied(),
            held,
            stale: core
                .obeyed(&membership.device)
                .and_then(|obeyed| obeyed.stale),
            linked: core.is_linked(&membership.device),
            admitted: membership.not_before,
            membership_until: membership.not_after,
            withdrawal,
            proof,
        }
    }
}

/// What people have to know of an identity log that is not appended to, because this store is a restored one.
pub const fn trouble(state: LogState) -> Option<&'static str> {
    match state {
        LogState::Open | LogState::Listening => None,
        LogState::Behind { .. } => Some(
            "the store is older than the mesh: nobody is admitted or retired until devices have given back what the identity log lacks",
        ),
        LogState::Superseded => Some(
            "the root has replaced the admission key that this coordinator holds: nobody is admitted or retired; restore a backup that was made after the rotation",
        ),
        LogState::Forked => Some(
            "the identity log exists in two versions, because an older store went on alone: nobody is admitted or retired; restore the newest backup",
        ),
    }
}

/// Everybody in quarantine. Who may be held follows from all of them, so it is not asked for each device.
fn quarantined(core: &Coordinator, now: Timestamp) -> BTreeMap<DeviceId, Quarantine> {
    let sentences = core.effect().held(now).filter_map(|sentence| {
        let held = Quarantine {
            since: sentence.since,
            until: sentence.until(),
            reason: Name::fitted("a committee of strangers saw it too")?,
        };
        Some((sentence.subject, held))
    });
    let mut all: BTreeMap<_, _> = sentences.collect();
    let rulings = core.rulings();
    for device in rulings.held(core.roster(), now) {
        if let Some(ruling) = rulings.newest(&device, now) {
            let held = Quarantine {
                since: ruling.time,
                until: ruling.until,
                reason: ruling.reason.clone(),
            };
            all.insert(device, held);
        }
    }
    all
}

fn state(presence: Option<&Presence>, withdrawal: Option<&Withdrawn>) -> State {
    match (withdrawal, presence.map(Presence::status)) {
        (Some(_), _) => State::Retired,
        (None, None | Some(Status::Enrolled)) => State::Enrolled,
        (None, Some(Status::Online)) => match presence.and_then(Presence::degraded) {
            Some(_) => State::Degraded,
            None => State::Online,
        },
        (None, Some(Status::Stopped)) => State::Stopped,
        (None, Some(Status::Silent)) => State::Silent,
    }
}
