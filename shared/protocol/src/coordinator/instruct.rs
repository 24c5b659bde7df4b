//! Commands at the coordinator: signed and handed over; which there are, the shell knows.

use super::{Coordinator, Event, Output};
use crate::command::{Command, CommandId, CommandWord};
use crate::id::DeviceId;
use crate::message::Message;
use crate::signed::Signed;

impl Coordinator {
    /// Hands a member that is linked a command under the admission key; the shell does so again until it is answered.
    pub(super) fn instruct(&self, device: &DeviceId, command: Command, out: &mut Vec<Output>) {
        let command = Signed::seal(command, self.offices.admission.as_ref());
        let command = command.bytes().to_vec().into();
        self.tell_commanded(device, CommandWord::Order { command }, out);
    }

    pub(super) fn want_result(
        &self,
        device: &DeviceId,
        command: CommandId,
        from: u64,
        out: &mut Vec<Output>,
    ) {
        self.tell_commanded(device, CommandWord::Wanted { command, from }, out);
    }

    pub(super) fn command_answered(
        &self,
        device: DeviceId,
        word: CommandWord,
        out: &mut Vec<Output>,
    ) {
        match word {
            CommandWord::Part { part } => out.push(Output::CommandPart { device, part }),
            CommandWord::Order { .. } | CommandWord::Wanted { .. } => {
                out.push(Output::Event(Event::Misbehaviour {
                    device: Some(device),
                    what: "commands",
                }));
            }
        }
    }

    fn tell_commanded(&self, device: &DeviceId, word: CommandWord, out: &mut Vec<Output>) {
        let to = self.peer(device).filter(|peer| self.links.contains(peer));
        out.extend(to.map(|to| Output::Send {
            to,
            message: Message::Command { word },
        }));
    }
}
