//! Scans at the coordinator: orders are signed and told; which jobs there are, the shell knows.

use super::{Coordinator, Event, Output};
use crate::flows::HabitOrder;
use crate::id::DeviceId;
use crate::message::Message;
use crate::scan::{ScanOrder, ScanStep, ScanWord};
use crate::signed::Signed;

impl Coordinator {
    /// Tells a member that is linked; the shell tells it again until the member has said something.
    pub(super) fn order_scan(&self, order: ScanOrder, out: &mut Vec<Output>) {
        let device = order.device;
        let order = Signed::seal(order, self.offices.admission.as_ref());
        let order = order.bytes().to_vec().into();
        self.tell_scanner(&device, ScanWord::Order { order }, out);
    }

    /// Brings a person's word about a profile to a member that is linked; the shell brings it again until it is heard.
    pub(super) fn tell_habit(&self, order: HabitOrder, out: &mut Vec<Output>) {
        let peer = self.peer(&order.device);
        let to = peer.filter(|peer| self.links.contains(peer));
        let Some(to) = to else { return };
        let order = Signed::seal(order, self.offices.admission.as_ref());
        let order = order.bytes().to_vec().into();
        out.push(Output::Send {
            to,
            message: Message::Habit { order },
        });
    }

    pub(super) fn want_scan(&self, device: DeviceId, job: u64, from: u64, out: &mut Vec<Output>) {
        self.tell_scanner(&device, ScanWord::Wanted { job, from }, out);
    }

    pub(super) fn scan_answered(&self, device: DeviceId, word: ScanWord, out: &mut Vec<Output>) {
        match word {
            ScanWord::Part { part } => out.push(Output::ScanPart { device, part }),
            ScanWord::Order { .. } | ScanWord::Wanted { .. } => {
                out.push(Output::Event(Event::Misbehaviour {
                    device: Some(device),
                    what: "orders a scan",
                }));
            }
        }
    }

    pub(super) fn scan_stepped(&self, device: DeviceId, step: &ScanStep, out: &mut Vec<Output>) {
        let step = step.clone();
        out.push(Output::Event(Event::Scanned { device, step }));
    }

    fn tell_scanner(&self, device: &DeviceId, word: ScanWord, out: &mut Vec<Output>) {
        let to = self.peer(device).filter(|peer| self.links.contains(peer));
        out.extend(to.map(|to| Output::Send {
            to,
            message: Message::Scan { word },
        }));
    }
}
