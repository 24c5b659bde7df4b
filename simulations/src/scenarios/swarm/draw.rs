//! What one world of the swarm goes through: a random part of all kinds of faults, and how all of it is mended.

use std::fmt;

use crate::actors::Role;
use crate::chance::Chance;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::{Conditions, Loss};
use crate::scenarios::plots::{self, Cast};
use crate::scenarios::watch::Watched;
use crate::world::{Fault, Line, Stop};

/// Faults fall in this span, and all is mended behind it.
pub(super) const FAULTS_MS: (u64, u64) = (40_000, 160_000);
pub(super) const MENDED_MS: u64 = 170_000;

/// One world.
#[derive(Debug)]
pub(super) struct Draw {
    pub(super) nodes: usize,
    pub(super) conditions: Conditions,
    pub(super) ground: Ground,
    kinds: Vec<Kind>,
    chance: Chance,
    /// Hosts whose clock was moved, and by how much.
    moved: Vec<(HostId, i64)>,
    planned: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Restarts,
    Deaths,
    Cuts,
    Uplinks,
    Outages,
    Clocks,
    Stalls,
    Rollbacks,
    Weather,
    Liars,
}

impl Kind {
    const ALL: [Self; 10] = [
        Self::Restarts,
        Self::Deaths,
        Self::Cuts,
        Self::Uplinks,
        Self::Outages,
        Self::Clocks,
        Self::Stalls,
        Self::Rollbacks,
        Self::Weather,
        Self::Liars,
    ];
}

/// What falls upon it, in words.
impl fmt::Display for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} nodes with", self.nodes)?;
        if self.kinds.is_empty() {
            return f.write_str(" no faults");
        }
        for kind in &self.kinds {
            write!(f, " {}", format!("{kind:?}").to_lowercase())?;
        }
        Ok(())
    }
}

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed, "swarm");
        let nodes = chance.within(7..=60) as usize;
        let kinds = Kind::ALL.into_iter().filter(|_| chance.happens(0.5));
        let kinds = kinds.collect();
        let per_switch = chance.within(2..=12) as usize;
        let per_site = per_switch * chance.within(1..=4) as usize;
        Self {
            nodes,
            conditions: conditions(&mut chance),
            ground: Ground {
                per_switch,
                per_site,
            },
            kinds,
            chance,
            moved: Vec::new(),
            planned: 0,
        }
    }

    /// Whether somebody lies in this world.
    pub(super) fn has_liars(&self) -> bool {
        self.kinds.contains(&Kind::Liars)
    }

    pub(super) const fn planned(&self) -> u64 {
        self.planned
    }

    /// Plans all faults, and that all of them are mended.
    pub(super) fn plan(&mut self, watched: &mut Watched) {
        for kind in self.kinds.clone() {
            for _ in 0..self.chance.within(1..=6) {
                self.plan_one(kind, watched);
            }
        }
        if self.has_liars() {
            self.cast(watched);
        }
        self.mend(watched);
    }

    fn plan_one(&mut self, kind: Kind, watched: &mut Watched) {
        let at_ms = self.chance.within(FAULTS_MS.0..=FAULTS_MS.1);
        let seat = self.chance.below(self.nodes as u64) as usize;
        let host = HostId::node(seat);
        match kind {
            Kind::Restarts => {
                let fault = self.restart(host, 40_000);
                self.add(watched, at_ms, fault);
            }
            Kind::Outages => {
                let fault = self.restart(HostId::COORDINATOR, 60_000);
                self.add(watched, at_ms, fault);
            }
            Kind::Deaths => self.add(watched, at_ms, Fault::Die { hosts: vec![host] }),
            Kind::Cuts => self.cut(watched, at_ms, seat),
            Kind::Uplinks => {
                let (seats, line) = (vec![seat], Line::Cut);
                self.add(watched, at_ms, Fault::Uplink { seats, line });
            }
            Kind::Clocks => {
                let by_ms = self.chance.below(7_200_000) as i64 - 3_600_000;
                self.moved.push((host, by_ms));
                self.add(watched, at_ms, Fault::Clock { host, by_ms });
            }
            Kind::Stalls => {
                let stalls = plots::slow(&mut self.chance);
                self.add(watched, at_ms, Fault::Stall { seat, stalls });
            }
            Kind::Rollbacks => {
                self.add(watched, at_ms - 20_000, Fault::Backup { seat });
                let down_ms = self.chance.within(1_000..=20_000);
                self.add(watched, at_ms, Fault::Rollback { seat, down_ms });
            }
            Kind::Weather => {
                let conditions = conditions(&mut self.chance);
                self.add(watched, at_ms, Fault::Weather(conditions));
            }
            Kind::Liars => {}
        }
    }

    fn restart(&mut self, host: HostId, longest_ms: u64) -> Fault {
        let stops = [Stop::Asked, Stop::Crash, Stop::PowerCut];
        Fault::Restart {
            host,
            stop: stops[self.chance.below(3) as usize],
            down_ms: self.chance.within(500..=longest_ms),
        }
    }

    /// A host alone, a switch, or any part of the fleet; some come back before all is mended.
    fn cut(&mut self, watched: &mut Watched, at_ms: u64, seat: usize) {
        let seats: Vec<usize> = match self.chance.below(3) {
            0 => vec![seat],
            1 => self
                .ground
                .behind(seat / self.ground.per_switch, self.nodes)
                .collect(),
            _ => {
                let count = self.chance.within(1..=self.nodes as u64 / 2) as usize;
                self.chance.choose(count, self.nodes)
            }
        };
        let hosts: Vec<HostId> = seats.into_iter().map(HostId::node).collect();
        let island = self.chance.within(1..=3) as u32;
        let away = Fault::Cut {
            hosts: hosts.clone(),
            island,
        };
        self.add(watched, at_ms, away);
        if self.chance.happens(0.5) {
            let back_ms = at_ms + self.chance.within(1_000..=60_000);
            self.add(
                watched,
                back_ms.min(MENDED_MS),
                Fault::Cut { hosts, island: 0 },
            );
        }
    }

    fn cast(&mut self, watched: &mut Watched) {
        let share = self.chance.within(5..=20) as f64 / 100.0;
        let cast = Cast::draw(watched, share, &mut self.chance);
        for &seat in &cast.liars {
            let at_ms = self.chance.within(FAULTS_MS.0..=FAULTS_MS.1);
            let turn = self.chance.below(16) as usize;
            let role = Role::each(turn, &cast.plot);
            self.add(watched, at_ms, Fault::Turn { seat, role });
        }
    }

    fn mend(&self, watched: &mut Watched) {
        let seats: Vec<usize> = (0..self.nodes).collect();
        let hosts: Vec<HostId> = seats.iter().copied().map(HostId::node).collect();
        watched.plan(MENDED_MS, Fault::Weather(Conditions::CALM));
        let island = 0;
        watched.plan(
            MENDED_MS,
            Fault::Cut {
                hosts: hosts.clone(),
                island,
            },
        );
        let line = Line::Whole;
        watched.plan(
            MENDED_MS,
            Fault::Uplink {
                seats: seats.clone(),
                line,
            },
        );
        for seat in seats {
            let stalls = None;
            watched.plan(MENDED_MS, Fault::Stall { seat, stalls });
        }
        for &(host, by_ms) in &self.moved {
            let by_ms = -by_ms;
            watched.plan(MENDED_MS, Fault::Clock { host, by_ms });
        }
        let everybody = hosts.into_iter().chain([HostId::COORDINATOR]);
        let hosts = everybody.collect();
        watched.plan(MENDED_MS, Fault::Revive { hosts });
    }

    fn add(&mut self, watched: &mut Watched, at_ms: u64, fault: Fault) {
        self.planned += 1;
        watched.plan(at_ms, fault);
    }
}

/// Links as they are in houses, in cars and in cellars.
fn conditions(chance: &mut Chance) -> Conditions {
    let loss = match chance.below(3) {
        0 => Loss::None,
        1 => Loss::Independent(chance.below(20) as f64 / 100.0),
        _ => Loss::Bursts {
            begin: 0.01,
            end: 0.1,
            lost: chance.within(20..=60) as f64 / 100.0,
        },
    };
    let nearest = chance.within(1..=20);
    Conditions {
        latency_ms: (nearest, nearest + chance.within(1..=100)),
        jitter_ms: chance.within(1..=30),
        loss,
    }
}
