//! How faults strike: each is one change of the world, noted in the model beside it.

use protocol::node;
use protocol::statement::Farewell;

use super::event::Event;
use super::fault::{Doom, Fault, Line, Stop};
use super::{World, WorldError};
use crate::host::HostId;
use crate::model::{Faith, Goodbye, Uplink};
use crate::network::Downfall;

impl World {
    pub(super) fn strike(&mut self, fault: Fault) -> Result<(), WorldError> {
        match fault {
            Fault::Restart {
                host,
                stop,
                down_ms,
            } => self.restart(host, stop, Some(down_ms)),
            Fault::Leave { host } => self.restart(host, Stop::Asked, None),
            Fault::Die { hosts } => hosts.into_iter().for_each(|host| self.die(host)),
            Fault::Revive { hosts } => return self.revive(&hosts),
            Fault::Cut { hosts, island } => self.cut(&hosts, island),
            Fault::Uplink { seats, line } => self.cut_uplinks(&seats, line),
            Fault::Weather(conditions) => self.network.set_conditions(conditions),
            Fault::Clock { host, by_ms } => self.move_clock(host, by_ms),
            Fault::Stall { seat, stalls } => self.stall(seat, stalls),
            Fault::Backup { seat } => self.back_up(seat),
            Fault::Rollback { seat, down_ms } => self.roll_back(seat, down_ms),
            Fault::Copy { seat } => self.copy(seat),
            Fault::Tamper { seat } => self.seats[seat].tampered += 1,
            Fault::Turn { seat, role } => self.turn(seat, role),
        }
        Ok(())
    }

    fn restart(&mut self, host: HostId, stop: Stop, down_ms: Option<u64>) {
        let doom = |downfall| Some(Doom { downfall, down_ms });
        let doom = match stop {
            Stop::Asked => return self.ask_to_stop(host, down_ms),
            Stop::Unplugged => {
                let downfall = Downfall::Power;
                return self.fall(host, Doom { downfall, down_ms });
            }
            Stop::Crash => doom(Downfall::Process),
            Stop::PowerCut => doom(Downfall::Power),
        };
        match host.seat() {
            Some(seat) => self.seats[seat].doom = doom,
            None => self.centre.doom = doom,
        }
    }

    fn ask_to_stop(&mut self, host: HostId, down_ms: Option<u64>) {
        if let Some(seat) = host.seat() {
            self.tell_node(seat, node::Input::Stop(Farewell::Stopped));
        }
        let downfall = Downfall::Process;
        self.fall(host, Doom { downfall, down_ms });
        if host.seat().is_some() {
            self.model.fell(host, self.now_ms, Goodbye::Said);
        }
    }

    fn die(&mut self, host: HostId) {
        let (downfall, down_ms) = (Downfall::Power, None);
        self.fall(host, Doom { downfall, down_ms });
    }

    /// A host goes down now, and comes up again after its pause, if ever.
    pub(super) fn fall(&mut self, host: HostId, doom: Doom) {
        let ran = match host.seat() {
            Some(seat) => self.stop_node(seat),
            None => self.stop_coordinator(),
        };
        if !ran {
            return;
        }
        self.model.fell(host, self.now_ms, Goodbye::Unsaid);
        for arrival in self.network.go_down(host, doom.downfall, self.now_ms) {
            self.expect(arrival);
        }
        if let Some(down_ms) = doom.down_ms {
            let at_ms = self.now_ms + down_ms.max(1);
            self.queue.push(at_ms, Event::PowerUp { host });
        }
    }

    fn revive(&mut self, hosts: &[HostId]) -> Result<(), WorldError> {
        for &host in hosts {
            self.power_up(host)?;
        }
        Ok(())
    }

    fn cut(&mut self, hosts: &[HostId], island: u32) {
        for &host in hosts {
            self.model.moved(host, self.now_ms, island);
        }
        self.network.move_to_island(hosts, island);
        self.release_what_passes();
    }

    fn cut_uplinks(&mut self, seats: &[usize], line: Line) {
        let since_ms = self.now_ms;
        for host in seats.iter().copied().map(HostId::node) {
            let uplink = match line {
                Line::Whole => Uplink::Whole { since_ms },
                Line::Cut => Uplink::Cut { since_ms },
            };
            self.model.wired(host, uplink);
            self.network.set_uplink(host, line);
        }
        self.release_what_passes();
    }

    fn release_what_passes(&mut self) {
        for (at_ms, link, to) in self.network.released(self.now_ms) {
            self.queue.push(at_ms, Event::Flush { link, to });
        }
    }

    fn move_clock(&mut self, host: HostId, by_ms: i64) {
        match host.seat() {
            Some(seat) => self.seats[seat].skew_ms += by_ms,
            None => self.centre.skew_ms += by_ms,
        }
    }

    fn back_up(&mut self, seat: usize) {
        let size = self.truth.size(seat);
        self.seats[seat].backup = Some((self.seats[seat].disk.clone(), size));
    }

    fn roll_back(&mut self, seat: usize, down_ms: u64) {
        self.fall(HostId::node(seat), Doom::power_cut(down_ms));
        if let Some((disk, size)) = self.seats[seat].backup.take() {
            self.seats[seat].disk = disk;
            self.truth.set_back(seat, size);
            self.counts.rollbacks += 1;
        }
    }

    fn turn(&mut self, seat: usize, role: crate::actors::Role) {
        let since_ms = self.now_ms;
        let role = self.seats[seat].takes_on(role);
        let host = HostId::node(seat);
        self.model.turned(host, Faith::Liar { role, since_ms });
        self.queue.push(since_ms, Event::Scheme { host });
    }
}
