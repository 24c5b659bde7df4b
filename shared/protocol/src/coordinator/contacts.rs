//! Where devices say that they are: taken from each for itself, given to whoever asks.

use minicbor::bytes::ByteVec;

use super::save::Save;
use super::{Coordinator, Output};
use crate::contact::Contact;
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::message::Message;
use crate::signed::Unchecked;

impl Coordinator {
    pub(super) fn serve_contacts(&self, to: PeerKey, devices: &[DeviceId], out: &mut Vec<Output>) {
        let known = devices
            .iter()
            .filter_map(|device| self.devices.get(device)?.contact.as_ref());
        let contacts: Vec<_> = known
            .map(|contact| contact.bytes().to_vec().into())
            .collect();
        if !contacts.is_empty() {
            out.push(Output::Send {
                to,
                message: Message::Contacts { contacts },
            });
        }
    }

    /// A device hands in its own contact only.
    pub(super) fn take_contacts(
        &mut self,
        device: DeviceId,
        contacts: &[ByteVec],
        out: &mut Vec<Output>,
    ) {
        let Some(member) = self.roster.member(&device) else {
            return;
        };
        for bytes in contacts {
            let Ok(unchecked) = Unchecked::<Contact>::parse(bytes) else {
                continue;
            };
            if unchecked.claim().device != device || unchecked.claim().is_oversize() {
                continue;
            }
            let checked = unchecked.check(&member.membership.key, self.offices.verifier.as_ref());
            let (Ok(contact), Some(known)) = (checked, self.devices.get_mut(&device)) else {
                continue;
            };
            if known
                .contact
                .as_ref()
                .is_none_or(|before| before.time < contact.time)
            {
                out.push(Output::Save(Save::Contact {
                    device,
                    contact: contact.bytes().to_vec(),
                }));
                known.contact = Some(contact);
            }
        }
    }
}
