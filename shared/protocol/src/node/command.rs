//! Commands at a node: judged here whoever has signed them, begun once, done by the shell, and answered in the log.

use std::collections::BTreeSet;
use std::time::Duration;

use super::save::{Memory, Save};
use super::{Node, Notice, Output};
use crate::command::{
    Answer, Book, By, Command, CommandId, CommandPart, CommandWord, Kind, Known, Outcome, Refusal,
};
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::record::Flags;
use crate::settings::Place;
use crate::statement::Statement;
use crate::time::{Instant, Now};

/// So many refusals of [`limits::COMMANDS_REFUSED`] are within this time.
const HOUR: Duration = Duration::from_secs(3600);

/// What the shell is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandAsked {
    Do {
        command: CommandId,
        kind: Kind,
    },
    /// The coordinator wants what came of it, from a byte on.
    Wanted {
        command: CommandId,
        from: u64,
    },
}

/// What the shell has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandTold {
    Ended {
        command: CommandId,
        outcome: Outcome,
    },
    Part(CommandPart),
}

#[derive(Debug)]
pub(super) struct Commands {
    book: Book,
    /// Refusals of what is in no book, until this life may sign.
    refusals: Vec<Answer>,
    /// Since when they are counted, and how many there were.
    counted: (Instant, usize),
}

impl Commands {
    pub fn recall(memory: &Memory) -> Self {
        Self {
            book: Book::recall(memory.commands.as_deref()),
            refusals: Vec::new(),
            counted: (Instant::default(), 0),
        }
    }

    /// A coordinator that sends what is refused does not fill the log.
    fn refuse(&mut self, answer: Answer, now: Instant) {
        if now.since(self.counted.0) >= HOUR {
            self.counted = (now, 0);
        }
        if self.counted.1 < limits::COMMANDS_REFUSED {
            self.counted.1 += 1;
            self.refusals.push(answer);
        }
    }
}

impl Node {
    pub(super) fn command_said(
        &mut self,
        from: PeerKey,
        word: CommandWord,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if !self.is_coordinator(from) {
            return self.misbehaved(from, "only the coordinator brings commands", out);
        }
        match word {
            CommandWord::Order { command } => {
                let (roster, verifier) = (self.ledger.roster(), self.identity.verifier.as_ref());
                match Command::open(&command, roster, verifier) {
                    Ok(command) => self.commanded(&command, By::Online, now, out),
                    Err(_) => self.misbehaved(from, "a command that does not hold", out),
                }
            }
            CommandWord::Wanted { command, from } => {
                out.push(Output::Command(CommandAsked::Wanted { command, from }));
            }
            CommandWord::Part { .. } => {
                self.misbehaved(from, "the coordinator is commanded nothing", out);
            }
        }
    }

    /// What administrators have signed for this device; what speaks to others is none of its business.
    pub(super) fn heed_commands(&mut self, place: &Place, now: Now, out: &mut Vec<Output>) {
        let mesh = self.ledger.roster().charter().mesh;
        let listed = self.update.machine.commands(mesh);
        let ids = listed
            .as_ref()
            .map(|listed| listed.iter().map(|command| command.id).collect());
        let ids: Option<BTreeSet<CommandId>> = ids;
        if self.commands.book.forget(ids.as_ref(), now.wall) {
            self.save_commands(out);
        }
        let listed = listed.unwrap_or_default().into_iter();
        for command in listed.filter(|command| command.speaks_to(place)) {
            self.commanded(&command, By::Administrators, now, out);
        }
    }

    /// The one way to a command, whoever has signed it.
    fn commanded(&mut self, command: &Command, by: By, now: Now, out: &mut Vec<Output>) {
        let Some(place) = self.place() else { return };
        if by == By::Online && self.commands.book.forget(None, now.wall) {
            self.save_commands(out);
        }
        let judged = match self.commands.book.known(command, by) {
            Known::Here | Known::RepeatedAndSaid => return,
            Known::Repeated => {
                self.commands.book.repeated(command.id);
                self.save_commands(out);
                return self.decline(command, by, Refusal::Seen, now, out);
            }
            Known::Forgotten => Err(Refusal::Expired),
            Known::New => {
                let online = self.obeyed().settings.online();
                command.judge(by, &place, online, now.wall)
            }
        };
        let room = self.commands.book.has_room(by);
        match judged {
            Ok(kind) if room => {
                self.commands.book.begin(command, by);
                self.save_commands(out);
                let command = command.id;
                out.push(Output::Notice(Notice::Commanded { command, kind, by }));
                out.push(Output::Command(CommandAsked::Do { command, kind }));
            }
            // It is looked at again with the next document.
            Ok(_) if by == By::Administrators => {}
            Ok(_) => self.decline(command, by, Refusal::Full, now, out),
            // What is listed is refused once, so that has to be remembered.
            Err(why) if by == By::Administrators => {
                if room {
                    let outcome = Outcome::Refused { why };
                    self.commands.book.decline(command, by, outcome);
                    self.save_commands(out);
                    self.note_declined(command, by, why, now, out);
                }
            }
            Err(why) => self.decline(command, by, why, now, out),
        }
    }

    fn decline(
        &mut self,
        command: &Command,
        by: By,
        why: Refusal,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let answer = Answer {
            command: command.id,
            by,
            outcome: Outcome::Refused { why },
        };
        self.commands.refuse(answer, now.monotonic);
        self.note_declined(command, by, why, now, out);
    }

    fn note_declined(
        &mut self,
        command: &Command,
        by: By,
        why: Refusal,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let command = command.id;
        out.push(Output::Notice(Notice::Declines { command, by, why }));
        self.say_answers(now, out);
    }

    pub(super) fn command_told(&mut self, told: CommandTold, now: Now, out: &mut Vec<Output>) {
        match told {
            CommandTold::Ended { command, outcome } => {
                if self.commands.book.end(command, outcome) {
                    self.save_commands(out);
                    self.say_answers(now, out);
                }
            }
            CommandTold::Part(part) => {
                let coordinator = self.links.up().find(|peer| self.is_coordinator(*peer));
                let word = CommandWord::Part { part };
                out.extend(coordinator.map(|to| Output::Send {
                    to,
                    message: Message::Command { word },
                }));
            }
        }
    }

    /// As soon as this life may sign.
    pub(super) fn say_answers(&mut self, now: Now, out: &mut Vec<Output>) {
        if !self.report.may_sign() {
            return;
        }
        let owed = self.commands.book.say();
        if !owed.is_empty() {
            self.save_commands(out);
        }
        let refusals = std::mem::take(&mut self.commands.refusals);
        for answer in owed.into_iter().chain(refusals) {
            self.record(Statement::Command(answer), Flags::NONE, now, out);
        }
    }

    fn save_commands(&self, out: &mut Vec<Output>) {
        out.push(Output::Save(Save::Commands(self.commands.book.encode())));
    }
}
