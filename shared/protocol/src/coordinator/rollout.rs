//! Rollouts at the coordinator: people's words go in, orders and halts come out, and what devices say finds its rollout.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::save::{KeptRollout, Save};
use super::{Coordinator, Deadline, Event, Output};
use crate::id::{DeviceId, Digest};
use crate::install::{Order, Step};
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::rollout::{
    self, Candidate, Course, Entry, Liberty, Memory, Model, Objection, Plan, PlanError, Progress,
    Rollout, RolloutId, Stage, Word,
};
use crate::statement::host::Start;
use crate::text::Name;
use crate::time::{Now, Timestamp};

/// How often the fleet is compared with what runs, and orders that nobody has answered are told again.
const LOOK: Duration = Duration::from_secs(60);

/// Everything that is or was rolled out.
#[derive(Debug, Default)]
pub(super) struct Rollouts {
    all: BTreeMap<RolloutId, Arc<Rollout>>,
}

/// Why a rollout cannot be begun, or told something.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RolloutError {
    #[error("there is no such rollout")]
    NoSuch,
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Objection(#[from] Objection),
    #[error("rollout {0} brings the same product to devices: wait for its end, or abort it")]
    Other(RolloutId),
    #[error(
        "rollout {0} was halted because of this image: release a better one, or resume that rollout if it is not over"
    )]
    Halted(RolloutId),
    #[error("{} rollouts are not over: abort one", limits::ROLLOUTS)]
    TooMany,
}

impl Rollouts {
    /// As they were saved; what cannot be read is left out, and the shell has said so.
    pub(super) fn recalled(kept: &BTreeMap<RolloutId, KeptRollout>) -> Self {
        let read = kept.values().filter_map(|kept| {
            let course = Course::decode(&kept.course).ok()?;
            let entries = kept.entries.iter();
            let entries =
                entries.map(|(device, entry)| Some((*device, Entry::decode(entry).ok()?)));
            let memory = Memory {
                course,
                entries: entries.collect::<Option<_>>()?,
            };
            let rollout = Rollout::recalled(memory);
            Some((rollout.id(), Arc::new(rollout)))
        });
        Self {
            all: read.collect(),
        }
    }

    fn next_id(&self) -> RolloutId {
        let last = self.all.keys().next_back();
        RolloutId(last.map_or(1, |last| last.0 + 1))
    }

    /// The oldest that is over makes room.
    fn to_forget(&self) -> Option<RolloutId> {
        let mut over = self.all.values().filter(|one| one.stage().is_over());
        let full = self.all.len() >= limits::ROLLOUTS;
        over.next().filter(|_| full).map(|one| one.id())
    }

    /// The target that each device committed last.
    fn running(&self) -> BTreeMap<DeviceId, Digest> {
        let mut running = BTreeMap::new();
        for rollout in self.all.values() {
            let target = rollout.plan().image.target;
            let entries = rollout.entries().iter();
            let committed = entries.filter(|(_, entry)| entry.progress == Progress::Committed);
            running.extend(committed.map(|(device, _)| (*device, target)));
        }
        running
    }

    /// Another one that orders devices of the same product.
    fn rival(&self, of: &Rollout) -> Option<RolloutId> {
        let product = &of.plan().image.product;
        let rivals = self.all.values().filter(|one| one.id() != of.id());
        let mut rivals = rivals.filter(|one| one.plan().image.product == *product);
        let rival = rivals.find(|one| matches!(one.stage(), Stage::Running | Stage::Paused));
        rival.map(|one| one.id())
    }
}

impl Coordinator {
    /// Every rollout, the oldest first.
    pub fn rollouts(&self) -> impl DoubleEndedIterator<Item = &Arc<Rollout>> {
        self.rollouts.all.values()
    }

    pub fn rollout(&self, id: RolloutId) -> Option<&Arc<Rollout>> {
        self.rollouts.all.get(&id)
    }

    /// Under which number this plan would be begun.
    pub fn judge_plan(&self, plan: &Plan) -> Result<RolloutId, RolloutError> {
        plan.check()?;
        let halt = self.halts().newest(&plan.image.target);
        if let Some(halt) = halt.filter(|halt| self.halts().stands(&halt.target)) {
            return Err(RolloutError::Halted(halt.rollout));
        }
        let full = self.rollouts.all.len() >= limits::ROLLOUTS;
        if full && self.rollouts.to_forget().is_none() {
            return Err(RolloutError::TooMany);
        }
        Ok(self.rollouts.next_id())
    }

    /// Whether this person may say this to a rollout now.
    pub fn judge_word(&self, id: RolloutId, word: Word, by: &Name) -> Result<(), RolloutError> {
        let rollout = self.rollout(id).ok_or(RolloutError::NoSuch)?;
        rollout.judge(word, by)?;
        if !matches!(word, Word::Start | Word::Resume) {
            return Ok(());
        }
        if let Some(rival) = self.rollouts.rival(rollout) {
            return Err(RolloutError::Other(rival));
        }
        let halt = self.halts().newest(&rollout.plan().image.target);
        let others = halt.filter(|halt| self.halts().stands(&halt.target) && halt.rollout != id);
        others.map_or(Ok(()), |halt| Err(RolloutError::Halted(halt.rollout)))
    }

    /// A person asks for a rollout; it waits for its start.
    pub(super) fn plan_rollout(&mut self, plan: Plan, now: Now, out: &mut Vec<Output>) {
        let Ok(id) = self.judge_plan(&plan) else {
            return;
        };
        if let Some(old) = self.rollouts.to_forget() {
            self.rollouts.all.remove(&old);
            out.push(Output::Save(Save::RolloutGone { id: old }));
        }
        let (rollout, asked) = Rollout::new(id, plan, &mut self.offices.dice, now.wall);
        self.rollouts.all.insert(id, Arc::new(rollout));
        self.perform_rollout(id, asked, now, out);
        out.push(Output::Event(Event::Rollout {
            id,
            stage: Stage::Planned,
        }));
    }

    /// A person says something to a rollout.
    pub(super) fn tell_rollout(
        &mut self,
        id: RolloutId,
        word: Word,
        by: Name,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if self.judge_word(id, word, &by).is_err() {
            return;
        }
        let input = match word {
            Word::Approve => rollout::Input::Approve { by },
            Word::Start => rollout::Input::Start {
                fleet: self.fleet(now.wall),
            },
            Word::Pause => rollout::Input::Pause,
            Word::Resume => rollout::Input::Resume,
            Word::Abort => rollout::Input::Abort,
            Word::RollBack => rollout::Input::RollBack,
        };
        self.feed_rollout(id, input, now, out);
        if word == Word::Resume {
            self.remind(id, out);
        }
    }

    /// A device says how far it is: the nonce tells with which rollout.
    pub(super) fn rollout_stepped(
        &mut self,
        device: DeviceId,
        step: &Step,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let of_it = self.rollouts.all.values().filter(|one| {
            one.plan().image.target == step.target && one.entries().contains_key(&device)
        });
        let ids: Vec<RolloutId> = of_it.map(|one| one.id()).collect();
        for id in ids {
            let step = step.clone();
            self.feed_rollout(id, rollout::Input::Stepped { device, step }, now, out);
        }
    }

    /// Whoever comes back hears what it was ordered.
    pub(super) fn give_orders(&self, device: &DeviceId, to: PeerKey, out: &mut Vec<Output>) {
        let orders = self.rollouts.all.values().filter_map(|one| one.due(device));
        out.extend(orders.map(|order| install(to, order)));
    }

    /// The fleet is compared with what runs, and time passes.
    pub(super) fn rollouts_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let open = self.rollouts.all.values();
        let open = open.filter(|one| !one.stage().is_over() && *one.stage() != Stage::Planned);
        let open: Vec<RolloutId> = open.map(|one| one.id()).collect();
        if open.is_empty() {
            return;
        }
        let fleet = self.fleet(now.wall);
        for id in open {
            let fleet = fleet.clone();
            self.remind(id, out);
            self.feed_rollout(id, rollout::Input::Members(fleet), now, out);
        }
        self.plan_rollouts(now);
    }

    /// Of which model and product a device is, as it says.
    pub(super) fn note_host(&mut self, device: DeviceId, host: &Start) {
        if let Some(known) = self.devices.get_mut(&device) {
            known.model = host.model.clone().map_or(Model::Untold, Model::Told);
            known.product.clone_from(&host.product);
        }
    }

    fn feed_rollout(
        &mut self,
        id: RolloutId,
        input: rollout::Input,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(rollout) = self.rollouts.all.get_mut(&id) else {
            return;
        };
        let place = |rollout: &Rollout| (*rollout.stage(), rollout.course().ring);
        let before = place(rollout);
        let asked = Arc::make_mut(rollout).handle(input, now.wall);
        let after = place(rollout);
        self.perform_rollout(id, asked, now, out);
        if before != after {
            let stage = after.0;
            out.push(Output::Event(Event::Rollout { id, stage }));
        }
    }

    fn perform_rollout(
        &mut self,
        id: RolloutId,
        asked: Vec<rollout::Output>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        for output in asked {
            match output {
                rollout::Output::Save(course) => {
                    out.push(Output::Save(Save::Rollout { id, course }));
                }
                rollout::Output::Keep { device, entry } => {
                    out.push(Output::Save(Save::RolloutDevice { id, device, entry }));
                }
                rollout::Output::Order { device, order } => self.tell_order(&device, order, out),
                rollout::Output::Stand(standing) => {
                    let rollout = self.rollout(id).map(|one| one.plan().image.target);
                    if let Some(target) = rollout {
                        self.order_halt(target, id, standing, now, out);
                    }
                }
            }
        }
        self.plan_rollouts(now);
    }

    /// Orders that nobody has answered are told again: a frame may have been lost.
    fn remind(&self, id: RolloutId, out: &mut Vec<Output>) {
        let Some(rollout) = self.rollout(id) else {
            return;
        };
        for (device, order) in rollout.all_due() {
            self.tell_order(&device, order, out);
        }
    }

    fn tell_order(&self, device: &DeviceId, order: Order, out: &mut Vec<Output>) {
        let peer = self.peer(device).filter(|peer| self.links.contains(peer));
        out.extend(peer.map(|peer| install(peer, order)));
    }

    /// The wall clock can be set, so that nobody waits for it for long.
    pub(super) fn plan_rollouts(&mut self, now: Now) {
        let open = self.rollouts.all.values();
        let open = open.filter(|one| !one.stage().is_over() && *one.stage() != Stage::Planned);
        let next = open.map(|one| match one.next_deadline() {
            Some(at) => at.since(now.wall).min(LOOK),
            None => LOOK,
        });
        match next.min() {
            Some(pause) => self
                .deadlines
                .hasten(Deadline::Rollouts, now.monotonic + pause),
            None => self.deadlines.clear(Deadline::Rollouts),
        }
    }

    /// Every member, as far as a rollout cares.
    fn fleet(&self, now: Timestamp) -> Vec<Candidate> {
        let running = self.rollouts.running();
        let held = self.rulings.held(&self.roster, now);
        let members = self.roster.members().filter(|member| {
            let device = &member.membership.device;
            member.withdrawal.is_none() && !self.roster.is_convicted(device)
        });
        let candidate = |device: DeviceId| {
            let known = self.devices.get(&device);
            let is_held = held.contains(&device) || self.effect().holds(&device, now);
            Candidate {
                device,
                model: known.map_or(Model::Unheard, |known| known.model.clone()),
                product: known.and_then(|known| known.product.clone()),
                running: running.get(&device).copied(),
                liberty: if is_held {
                    Liberty::Quarantined
                } else {
                    Liberty::Free
                },
            }
        };
        members
            .map(|member| candidate(member.membership.device))
            .collect()
    }
}

fn install(to: PeerKey, order: Order) -> Output {
    let message = Message::Install { order };
    Output::Send { to, message }
}
