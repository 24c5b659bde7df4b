//! What goes wrong on purpose: hosts that stop in three ways, cuts and heals.

use protocol::node;
use protocol::statement::Farewell;

use super::World;
use super::event::Event;
use crate::host::HostId;
use crate::network::Downfall;

/// One planned fault.
#[derive(Debug, Clone)]
pub enum Fault {
    /// A host stops and starts again.
    Restart {
        host: HostId,
        stop: Stop,
        down_ms: u64,
    },
    /// Hosts are moved to an island; island 0 is the rest of the world, so moving there heals.
    Cut { hosts: Vec<HostId>, island: u32 },
}

/// How a host stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The program is asked to, and says goodbye.
    Asked,
    /// The program dies in the middle of its next batch that saves something.
    Crash,
    /// The same, and nobody is told.
    PowerCut,
}

/// A stop that waits for the batch in the middle of which it strikes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doom {
    pub(super) downfall: Downfall,
    pub(super) down_ms: u64,
}

impl World {
    pub(super) fn strike(&mut self, fault: Fault) {
        match fault {
            Fault::Restart {
                host,
                stop,
                down_ms,
            } => self.restart(host, stop, down_ms),
            Fault::Cut { hosts, island } => self.cut(&hosts, island),
        }
    }

    fn restart(&mut self, host: HostId, stop: Stop, down_ms: u64) {
        let doom = |downfall| Some(Doom { downfall, down_ms });
        let doom = match stop {
            Stop::Asked => return self.ask_to_stop(host, down_ms),
            Stop::Crash => doom(Downfall::Process),
            Stop::PowerCut => doom(Downfall::Power),
        };
        match host.seat() {
            Some(seat) => self.seats[seat].doom = doom,
            None => self.centre.doom = doom,
        }
    }

    fn ask_to_stop(&mut self, host: HostId, down_ms: u64) {
        if let Some(seat) = host.seat() {
            self.tell_node(seat, node::Input::Stop(Farewell::Stopped));
        }
        self.fall(
            host,
            Doom {
                downfall: Downfall::Process,
                down_ms,
            },
        );
    }

    /// A host goes down now, and comes up again after its pause.
    pub(super) fn fall(&mut self, host: HostId, doom: Doom) {
        let ran = match host.seat() {
            Some(seat) => self.stop_node(seat),
            None => self.stop_coordinator(),
        };
        if !ran {
            return;
        }
        for arrival in self.network.go_down(host, doom.downfall, self.now_ms) {
            self.expect(arrival);
        }
        self.queue
            .push(self.now_ms + doom.down_ms.max(1), Event::PowerUp { host });
    }

    fn cut(&mut self, hosts: &[HostId], island: u32) {
        self.network.move_to_island(hosts, island);
        for (at_ms, link, to) in self.network.released(self.now_ms) {
            self.queue.push(at_ms, Event::Flush { link, to });
        }
    }
}
