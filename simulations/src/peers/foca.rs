//! foca, which is SWIM with suspicion, over datagrams in virtual time; the crate as published, with its own codec.

mod identity;
mod outside;
mod pace;

use ::foca::{Error, Foca, Member, NoCustomBroadcast, PostcardCodec};
pub use pace::Pace;

use self::identity::Identity;
use self::outside::{Event, Outside};
use super::schedule::Schedule;
use super::tally::Tally;
use crate::chance::Chance;

type Machine = Foca<Identity, PostcardCodec, Chance, NoCustomBroadcast>;

/// What a run left behind.
#[derive(Debug)]
pub struct Finished {
    pub tally: Tally,
    /// Datagrams that were sent while bytes were counted.
    pub datagrams: u64,
    /// Calls that foca answered with an error; it goes on behind them.
    pub errors: u64,
}

/// Lets a cluster of foca live through the schedule.
pub fn run(schedule: &Schedule, pace: Pace) -> Finished {
    let mut world = World::new(schedule, pace);
    while let Some(event) = world.outside.next(schedule.ends_ms) {
        world.happen(event);
    }
    Finished {
        tally: world.outside.tally,
        datagrams: world.outside.datagrams,
        errors: world.errors,
    }
}

struct World {
    seed: u64,
    config: ::foca::Config,
    /// Nobody sits where somebody has not begun yet or has died.
    seats: Vec<Option<Machine>>,
    outside: Outside,
    errors: u64,
}

impl World {
    fn new(schedule: &Schedule, pace: Pace) -> Self {
        let config = pace.config(schedule.nodes);
        let mut outside = Outside::new(schedule);
        // Nobody is asked before it is there: the first probe comes a whole period after its sender begins.
        let within_ms = config.probe_period.as_millis() as u64;
        let mut stagger = Chance::new(schedule.seed, "power on");
        for seat in 0..schedule.nodes {
            outside.plan(stagger.below(within_ms), Event::Begin { seat });
        }
        for death in &schedule.deaths {
            outside.plan(death.at_ms, Event::Die { seat: death.seat });
        }
        Self {
            seed: schedule.seed,
            config,
            seats: (0..schedule.nodes).map(|_| None).collect(),
            outside,
            errors: 0,
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Begin { seat } => self.begin(seat),
            Event::Die { seat } => self.seats[seat] = None,
            Event::Arrive { seat, datagram } => {
                self.tell(seat, |machine, outside| {
                    machine.handle_data(&datagram, outside)
                });
            }
            Event::Due { seat, timer } => {
                self.tell(seat, |machine, outside| {
                    machine.handle_timer(timer, outside)
                });
            }
        }
    }

    /// Everybody knows everybody from the start, as our nodes know their roster.
    fn begin(&mut self, seat: usize) {
        let chance = Chance::new(self.seed, &format!("foca {seat}"));
        self.seats[seat] = Some(Foca::new(
            Identity::of(seat),
            self.config.clone(),
            chance,
            PostcardCodec,
        ));
        let others = (0..self.seats.len()).filter(|&other| other != seat);
        let others = others.map(|other| Member::alive(Identity::of(other)));
        self.tell(seat, |machine, outside| {
            machine.apply_many(others, false, outside)
        });
    }

    fn tell(
        &mut self,
        seat: usize,
        input: impl FnOnce(&mut Machine, &mut Outside) -> Result<(), Error>,
    ) {
        let Some(machine) = &mut self.seats[seat] else {
            return;
        };
        self.outside.seat = seat;
        self.errors += u64::from(input(machine, &mut self.outside).is_err());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::tally::Figures;

    fn measured(loss: f64, killed: usize, seed: u64) -> (Figures, Finished) {
        let schedule = Schedule::new(40, seed, loss, killed, 2.0).expect("a plain run");
        let finished = run(&schedule, Pace::Lan);
        (finished.tally.figures(), finished)
    }

    #[test]
    fn a_cluster_without_loss_and_deaths_accuses_nobody() {
        let (figures, finished) = measured(0.0, 0, 1);
        assert_eq!((figures.false_down, figures.false_declarations), (0, 0));
        assert_eq!(finished.errors, 0);
        // A ping and an ack each second of at least 43 bytes, and a list of members now and then.
        assert!(
            (86.0..130.0).contains(&figures.bytes_per_node_s),
            "{figures:?}"
        );
    }

    #[test]
    fn every_survivor_learns_of_every_death() {
        let (figures, _) = measured(0.0, 4, 2);
        assert_eq!((figures.missed, figures.false_down), (0, 0));
        // A probe of one second, and then a suspicion of 4 s · log10(40).
        assert!((7.0..13.0).contains(&figures.first_s), "{figures:?}");
        assert!(
            figures.first_s < figures.all_s && figures.all_s < 20.0,
            "{figures:?}"
        );
    }

    #[test]
    fn loss_makes_it_accuse_the_living_and_costs_bytes() {
        let (calm, (lossy, _)) = (measured(0.0, 4, 3).0, measured(0.3, 4, 3));
        assert!(lossy.false_down > 0, "{lossy:?}");
        assert!(
            lossy.bytes_per_node_s > 2.0 * calm.bytes_per_node_s,
            "{lossy:?}"
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_figures() {
        let figures = |seed| measured(0.1, 4, seed).0;
        assert_eq!(figures(7), figures(7));
        assert_ne!(figures(7), figures(8));
    }
}
