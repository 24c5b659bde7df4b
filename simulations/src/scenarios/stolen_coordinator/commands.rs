//! What the thief commands: the online kinds are done, once each; nothing else is.

use std::collections::BTreeSet;

use protocol::command::{Command, CommandId, CommandWord, Kind};
use protocol::message::Message;
use protocol::settings::Scope;
use protocol::signed::Signed;
use protocol::time::Timestamp;

use super::super::watch::Watched;
use super::{Complaints, STEP_MS};
use crate::checks::Check;
use crate::host::HostId;
use crate::scenario::ScenarioError;
use crate::world::{Fault, Stop, World};

const LIFE: std::time::Duration = std::time::Duration::from_secs(3600);
/// Each of so many is started anew before it is shown a command once more.
const RESTARTED: usize = 5;
const DOWN_MS: u64 = 2_000;

/// What devices have done of it.
pub(super) struct Tally {
    /// Of what administrators leave to the coordinator.
    pub obeyed: usize,
    /// Of what they do not.
    pub not_his: usize,
    /// Done twice.
    pub twice: usize,
}

/// One command of each kind to every device, each in a wrong form as well, and all of it again after a restart.
pub(super) fn give(
    watched: &mut Watched,
    complaints: &mut Complaints,
) -> Result<(), ScenarioError> {
    let until = watched.world.wall().saturating_add(LIFE);
    for kind in Kind::ALL {
        command(&mut watched.world, kind, until);
    }
    watched.run_with(watched.world.now_ms() + STEP_MS, complaints)?;
    for seat in 0..RESTARTED.min(watched.world.size()) {
        let fault = Fault::Restart {
            host: HostId::node(seat),
            stop: Stop::Asked,
            down_ms: DOWN_MS,
        };
        watched.plan(watched.world.now_ms() + 100, fault);
    }
    watched.run_with(watched.world.now_ms() + STEP_MS, complaints)?;
    for kind in Kind::ALL {
        command(&mut watched.world, kind, until);
    }
    watched.run_with(watched.world.now_ms() + STEP_MS, complaints)
}

fn command(world: &mut World, kind: Kind, until: Timestamp) {
    let thief = world.fleet().offices().admission;
    let mesh = world.fleet().charter.mesh;
    for seat in 0..world.size() {
        let mut id = [kind.number() as u8; 16];
        id[..8].copy_from_slice(&(seat as u64).to_be_bytes());
        let to = Scope::Device(world.device(seat));
        let command = Command::new(mesh, CommandId(id), kind, &to, until);
        let sealed = Signed::seal(command, thief.as_ref());
        let word = CommandWord::Order {
            command: sealed.bytes().to_vec().into(),
        };
        world.impersonate(seat, Message::Command { word });
    }
}

impl Tally {
    pub fn of(world: &World) -> Self {
        let mut tally = Self {
            obeyed: 0,
            not_his: 0,
            twice: 0,
        };
        for seat in 0..world.size() {
            let mut seen = BTreeSet::new();
            for (id, kind) in world.commanded(seat) {
                tally.twice += usize::from(!seen.insert(*id));
                match kind {
                    Kind::Restart | Kind::Logs => tally.obeyed += 1,
                    Kind::Scan | Kind::Wipe => tally.not_his += 1,
                }
            }
        }
        tally
    }

    pub fn checks(&self) -> [Check; 3] {
        [
            Check::none(
                "finally_nothing_is_commanded_that_needs_administrators",
                self.not_his as u64,
                "commands",
            ),
            Check::none(
                "finally_no_command_of_his_is_done_twice",
                self.twice as u64,
                "commands",
            ),
            Check::that(
                "eventually_what_he_may_command_is_done",
                self.obeyed > 0,
                || "no command was".to_owned(),
            ),
        ]
    }
}
