//! One attack on one mesh: who attacks whom and when, and what the honest still hear of each other.

use std::collections::BTreeSet;

use protocol::id::DeviceId;

use super::super::watch::{Delays, SETTLED_MS, Watched};
use crate::actors::{self, Aim, Role};
use crate::chance::Chance;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::Conditions;
use crate::observers::alarms::Alarms;
use crate::scenario::options::Presence;
use crate::scenario::{Outcome, ScenarioError, Setup};
use crate::world::Fault;

/// The share of the machines that are sybils, unless the run is told.
const SYBILS: f64 = 0.8;
/// Honest nodes that raise an alert each; the first of them is the single target.
const PUBLISHERS: usize = 10;
const PUBLISHED_MS: u64 = 10_000;
/// From the last change to the end: a reading, and what gossip and its repair may take.
const AFTERWARDS_MS: u64 = 30_000;
/// Of a hundred pieces so many are lost where the network is only degraded.
const DEGRADED: u64 = 50;
const COVERT_MS: u64 = 120_000;
/// The night: when the honest lose their power, and when they are switched on again, before all are held down.
const NIGHT_MS: (u64, u64) = (12_000, 22_000);
/// Of a hundred members so many are stolen to be copied.
const STOLEN: usize = 5;

pub(super) const ATTACKS: [Attack; 9] = [
    Attack::EclipseOfOne,
    Attack::EclipseOfAll,
    Attack::EclipseOfPublishers,
    Attack::Censorship,
    Attack::Degradation,
    Attack::ColdBoot,
    Attack::CovertFlash,
    Attack::Dawn,
    Attack::Collocation,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attack {
    EclipseOfOne,
    EclipseOfAll,
    EclipseOfPublishers,
    Censorship,
    Degradation,
    ColdBoot,
    CovertFlash,
    Dawn,
    Collocation,
}

/// How a mesh has stood one attack.
#[derive(Debug)]
pub(super) struct Siege {
    pub(super) delays: Delays,
    pub(super) honest: usize,
    /// Honest nodes that heard of no other's alert, or of whose own no other heard.
    pub(super) eclipsed: usize,
    /// Changes of which their own device said nothing.
    pub(super) unraised: usize,
    pub(super) outcome: Outcome,
}

/// Who is who in one world.
#[derive(Debug)]
struct Cast {
    sybils: Vec<usize>,
    honest: Vec<usize>,
    publishers: Vec<usize>,
}

impl Attack {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::EclipseOfOne => "eclipse_single",
            Self::EclipseOfAll => "eclipse_network",
            Self::EclipseOfPublishers => "eclipse_publishers",
            Self::Censorship => "censor_single",
            Self::Degradation => "degradation",
            Self::ColdBoot => "cold_boot",
            Self::CovertFlash => "covert_flash",
            Self::Dawn => "dawn",
            Self::Collocation => "collocation",
        }
    }

    const fn begins_ms(self) -> u64 {
        match self {
            Self::ColdBoot | Self::Dawn => 0,
            Self::CovertFlash => COVERT_MS,
            _ => SETTLED_MS,
        }
    }

    /// When honest nodes begin to raise alerts.
    const fn publishes_ms(self) -> u64 {
        match self {
            Self::CovertFlash => COVERT_MS + 2_000,
            Self::Dawn => NIGHT_MS.1 + 30_000,
            _ => SETTLED_MS + 2_000,
        }
    }

    fn aim(self, cast: &Cast, device: impl Fn(usize) -> DeviceId) -> Aim {
        let publishers = || {
            cast.publishers
                .iter()
                .map(|seat| device(*seat))
                .collect::<BTreeSet<_>>()
        };
        let target = || publishers().into_iter().next();
        match self {
            Self::EclipseOfOne => Aim::These(target().into_iter().collect()),
            Self::EclipseOfPublishers => Aim::These(publishers()),
            Self::Censorship => target().map_or(Aim::Everybody, Aim::Words),
            Self::Degradation => Aim::Part(DEGRADED),
            Self::EclipseOfAll
            | Self::ColdBoot
            | Self::CovertFlash
            | Self::Dawn
            | Self::Collocation => Aim::Everybody,
        }
    }
}

impl Siege {
    pub(super) fn lay(setup: &Setup, attack: Attack) -> Result<Self, ScenarioError> {
        let sybils = setup.options.liars.unwrap_or(SYBILS);
        let machines = (setup.nodes as f64 * sybils).round() as usize;
        let setup = match attack {
            Attack::Collocation => Setup {
                nodes: setup.nodes - machines,
                ..setup.clone()
            },
            _ => setup.clone(),
        };
        let mut watched = Watched::new(&setup, Conditions::CALM, Ground::default())?;
        let cast = Cast::draw(&setup, attack, machines);
        if setup.options.coordinator == Some(Presence::Off) {
            let hosts = vec![HostId::COORDINATOR];
            watched.plan(SETTLED_MS, Fault::Die { hosts });
        }
        cast.attack(&mut watched, attack, machines);
        let mut alarms = Alarms::default();
        let end_ms = attack.publishes_ms() + PUBLISHED_MS + AFTERWARDS_MS;
        watched.run_with(end_ms, &mut alarms)?;
        Ok(cast.judge(watched, &alarms))
    }
}

impl Cast {
    fn draw(setup: &Setup, attack: Attack, machines: usize) -> Self {
        let mut chance = Chance::new(setup.seed, attack.word());
        let seats = match attack {
            Attack::Collocation => (setup.nodes * STOLEN / 100).max(1),
            _ => machines,
        };
        let sybils = chance.choose(seats, setup.nodes);
        let taken: BTreeSet<usize> = sybils.iter().copied().collect();
        let honest: Vec<usize> = (0..setup.nodes)
            .filter(|seat| !taken.contains(seat))
            .collect();
        let publishers = chance.choose(PUBLISHERS, honest.len());
        let publishers = publishers.into_iter().map(|place| honest[place]).collect();
        Self {
            sybils,
            honest,
            publishers,
        }
    }

    fn attack(&self, watched: &mut Watched, attack: Attack, machines: usize) {
        let keys = self
            .sybils
            .iter()
            .map(|seat| watched.world.fleet().members[*seat].key.peer());
        let aim = attack.aim(self, |seat| watched.world.device(seat));
        let siege = actors::Siege::new(keys, aim);
        let mut attackers = self.sybils.clone();
        if attack == Attack::Collocation {
            let first = watched.world.size();
            for copy in 0..machines - self.sybils.len() {
                let seat = self.sybils[copy % self.sybils.len()];
                watched.plan(attack.begins_ms(), Fault::Copy { seat });
                attackers.push(first + copy);
            }
        }
        for seat in attackers {
            let role = Role::Sybil(siege.clone());
            watched.plan(attack.begins_ms(), Fault::Turn { seat, role });
        }
        if attack == Attack::Dawn {
            let hosts: Vec<HostId> = self.honest.iter().copied().map(HostId::node).collect();
            watched.plan(
                NIGHT_MS.0,
                Fault::Die {
                    hosts: hosts.clone(),
                },
            );
            watched.plan(NIGHT_MS.1, Fault::Revive { hosts });
        }
        let apart_ms = PUBLISHED_MS / self.publishers.len().max(1) as u64;
        for (turn, &seat) in self.publishers.iter().enumerate() {
            let at_ms = attack.publishes_ms() + turn as u64 * apart_ms;
            watched.plan(at_ms, Fault::Tamper { seat });
        }
    }

    fn judge(&self, watched: Watched, alarms: &Alarms) -> Siege {
        let mut delays = Delays::default();
        let (mut reached, mut heeded) = (BTreeSet::new(), BTreeSet::new());
        let mut unraised = 0;
        for &source in &self.publishers {
            let others: Vec<usize> = self
                .honest
                .iter()
                .copied()
                .filter(|seat| *seat != source)
                .collect();
            let Some(told) = alarms.of(source) else {
                unraised += 1;
                continue;
            };
            let known = told.delays(&others);
            let hearers = others
                .iter()
                .zip(&known)
                .filter(|(_, delay)| delay.is_some());
            for (hearer, _) in hearers {
                reached.insert(*hearer);
                heeded.insert(source);
            }
            delays.add(known);
        }
        let deaf = self.honest.iter().filter(|seat| !reached.contains(seat));
        let mute = self.publishers.iter().filter(|seat| !heeded.contains(seat));
        let eclipsed: BTreeSet<&usize> = deaf.chain(mute).collect();
        Siege {
            delays,
            honest: self.honest.len(),
            eclipsed: eclipsed.len(),
            unraised,
            outcome: watched.conclude(Vec::new(), []),
        }
    }
}
