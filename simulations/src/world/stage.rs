//! Where liars act: between a machine that is real and a shell that performs something else.

use protocol::node::{Input, Output};

use super::World;
use super::event::Event;
use crate::actors::{Actor, Stage};
use crate::host::HostId;

/// How often a liar does something of its own accord.
const SCHEME_MS: u64 = 1_000;

impl World {
    /// What is done in place of what the machine asks for.
    pub(super) fn played(&mut self, place: usize, outputs: Vec<Output>) -> Vec<Output> {
        self.on_stage(place, outputs, |actor, outputs, stage| {
            actor.speak(outputs, stage)
        })
    }

    /// What the machine is told in place of what came.
    pub(super) fn misheard(&mut self, place: usize, input: Input) -> Option<Input> {
        self.on_stage(place, Some(input), |actor, input, stage| {
            actor.listen(input?, stage)
        })
    }

    /// A liar does something of its own accord, and will again.
    pub(super) fn scheme(&mut self, host: HostId) {
        let Some(place) = host.seat() else { return };
        if self.seats[place].actor.is_none() {
            return;
        }
        self.queue
            .push(self.now_ms + SCHEME_MS, Event::Scheme { host });
        let deeds = self.on_stage(place, Vec::new(), |actor, _, stage| actor.scheme(stage));
        self.act(place, deeds);
        self.settle(place);
    }

    fn on_stage<T>(
        &mut self,
        place: usize,
        plain: T,
        act: impl FnOnce(&mut dyn Actor, T, &mut Stage<'_>) -> T,
    ) -> T {
        let Some(mut actor) = self.seats[place].actor.take() else {
            return plain;
        };
        let now = self.clocks(self.seats[place].since_ms, self.seats[place].skew_ms);
        let seat = &mut self.seats[place];
        let played = match &seat.machine {
            Some(node) => {
                let mut stage = Stage {
                    now,
                    member: &self.fleet.members[seat.member],
                    node,
                    chance: &mut self.chance,
                    skew_ms: &mut seat.skew_ms,
                    now_ms: self.now_ms,
                    lied_ms: &mut seat.lied_ms,
                };
                act(actor.as_mut(), plain, &mut stage)
            }
            None => plain,
        };
        self.seats[place].actor = Some(actor);
        played
    }
}
