//! A fleet, a clock, and a store that keeps what is saved.

use std::time::Duration;

use super::super::*;
use crate::install::State;
use crate::release::Counter;
use crate::text::Path;

pub const PATIENCE_S: u64 = 86_400;

/// One rollout and the devices around it.
#[derive(Debug)]
pub struct Town {
    pub rollout: Rollout,
    pub fleet: Vec<Candidate>,
    pub ordered: Vec<(DeviceId, Order)>,
    pub said: Vec<Standing>,
    saved: Option<Memory>,
    now: Timestamp,
}

pub fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 8])
}

pub fn name(words: &str) -> Name {
    Name::new(words).expect("it fits")
}

pub fn candidate(number: u8) -> Candidate {
    Candidate {
        device: device(number),
        model: Model::Told(name("ipc-3")),
        product: Some(name("camera")),
        running: None,
        liberty: Liberty::Free,
    }
}

pub fn plan(rings: Vec<Ring>) -> Plan {
    Plan {
        image: Image {
            path: Path::new("firmware/camera/2.img").expect("it fits"),
            target: Digest::from_bytes([3; 32]),
            product: name("camera"),
            version: name("2"),
            counter: Counter(2),
            hardware: vec![name("ipc-3")],
        },
        rings,
        patience_s: PATIENCE_S,
        approval: Approval::None,
        by: name("anna"),
    }
}

impl Town {
    pub fn of(devices: u8, reaches: Vec<Reach>) -> Self {
        Self::under(
            devices,
            plan(reaches.into_iter().map(Ring::usual).collect()),
        )
    }

    pub fn under(devices: u8, plan: Plan) -> Self {
        let now = Timestamp::from_millis(1_000_000);
        let mut dice = Dice::from_seed([5; 32]);
        let (rollout, out) = Rollout::new(RolloutId(1), plan, &mut dice, now);
        let mut town = Self {
            rollout,
            fleet: (0..devices).map(candidate).collect(),
            ordered: Vec::new(),
            said: Vec::new(),
            saved: None,
            now,
        };
        town.perform(out);
        town
    }

    pub fn ask_a_second_person(&mut self) {
        let mut plan = self.rollout.plan().clone();
        plan.approval = Approval::Second;
        *self = Self::under(u8::try_from(self.fleet.len()).expect("it is few"), plan);
    }

    pub fn tell(&mut self, input: Input) {
        let out = self.rollout.handle(input, self.now);
        self.perform(out);
    }

    pub fn start(&mut self) {
        let fleet = self.fleet.clone();
        self.tell(Input::Start { fleet });
    }

    /// A device says a step of its own order.
    pub fn say(&mut self, device: DeviceId, state: State) {
        let Some((_, order)) = self.ordered.iter().find(|(one, _)| *one == device) else {
            return;
        };
        let step = Step {
            target: order.target,
            nonce: order.nonce,
            version: None,
            state,
        };
        self.tell(Input::Stepped { device, step });
    }

    pub fn commit_all(&mut self) {
        for device in self.devices_ordered() {
            self.say(device, State::Committed);
        }
    }

    pub fn devices_ordered(&self) -> Vec<DeviceId> {
        self.ordered.iter().map(|(device, _)| *device).collect()
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now = self.now.saturating_add(Duration::from_secs(seconds));
        self.tell(Input::Tick);
    }

    /// What a restart would find.
    pub fn restarted(&self) -> Rollout {
        Rollout::recalled(self.saved.clone().expect("it was saved"))
    }

    fn perform(&mut self, out: Vec<Output>) {
        for output in out {
            match output {
                Output::Save(course) => {
                    let course = Course::decode(&course).expect("it is our own");
                    let entries = self.saved.take().map(|saved| saved.entries);
                    self.saved = Some(Memory {
                        course,
                        entries: entries.unwrap_or_default(),
                    });
                }
                Output::Keep { device, entry } => {
                    let entry = Entry::decode(&entry).expect("it is our own");
                    let saved = self.saved.as_mut().expect("the course is saved first");
                    saved.entries.insert(device, entry);
                }
                Output::Order { device, order } => self.ordered.push((device, order)),
                Output::Stand(standing) => self.said.push(standing),
            }
        }
    }
}
