//! The audit log at the coordinator: gateways are shown it, and what they say of it is told on.

use super::{Coordinator, Event, Output};
use crate::countersign::{AuditWord, Countersigned};
use crate::id::DeviceId;
use crate::message::Message;

impl Coordinator {
    /// The gateways that are linked.
    pub fn linked_gateways(&self) -> Vec<DeviceId> {
        let gateways = self.roster.gateways().into_iter();
        let devices = gateways.map(|(_, device)| device);
        devices.filter(|device| self.is_linked(device)).collect()
    }

    /// Shows the log to a gateway that is linked; the shell shows it again until the gateway has said something.
    pub(super) fn show_audit(&self, device: DeviceId, word: AuditWord, out: &mut Vec<Output>) {
        let to = self.peer(&device).filter(|peer| self.links.contains(peer));
        out.extend(to.map(|to| Output::Send {
            to,
            message: Message::Audit { word },
        }));
    }

    pub(super) fn audit_answered(&self, device: DeviceId, word: &AuditWord, out: &mut Vec<Output>) {
        out.push(Output::Event(match word {
            AuditWord::Held { head } => Event::HoldsAudit {
                device,
                head: *head,
            },
            AuditWord::Shown { .. } => Event::Misbehaviour {
                device: Some(device),
                what: "shows an audit log",
            },
        }));
    }

    /// Only a gateway's word counts: what somebody else records of itself is its own business.
    pub(super) fn audit_countersigned(
        &self,
        device: DeviceId,
        word: Countersigned,
        out: &mut Vec<Output>,
    ) {
        let gateways = self.roster.gateways();
        if gateways.into_iter().any(|(_, gateway)| gateway == device) {
            out.push(Output::Event(Event::Countersigned { device, word }));
        }
    }
}
