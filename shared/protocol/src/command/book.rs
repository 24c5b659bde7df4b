//! What a device remembers of commands: which came, so that none is begun twice, and which answers are still owed.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use super::{Answer, By, Command, CommandId, Outcome};
use crate::cbor;
use crate::limits;
use crate::text::Name;
use crate::time::Timestamp;

/// Everything that outlives a restart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Book {
    #[n(0)]
    entries: Vec<Entry>,
    /// Commands that end no later than this may have come and been forgotten: a clock that is set back opens nothing.
    #[n(1)]
    floor: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Entry {
    #[n(0)]
    id: CommandId,
    #[n(1)]
    by: By,
    #[n(2)]
    until: Timestamp,
    #[n(3)]
    stage: Stage,
    /// Whether it was said that it came again.
    #[n(4)]
    repeated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
enum Stage {
    #[n(0)]
    Begun,
    /// The answer is not in the log yet.
    #[n(1)]
    Owed {
        #[n(0)]
        outcome: Outcome,
    },
    #[n(2)]
    Said,
}

/// Whether a command came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    New,
    /// It ends so early that it may have been forgotten.
    Forgotten,
    /// The same document of the repository is looked at again.
    Here,
    /// It is another, or was sent again; nobody has been told yet.
    Repeated,
    /// The same, and that was said.
    RepeatedAndSaid,
}

impl Book {
    /// What was begun when the node ended came to nothing as far as anybody knows, and that is said.
    pub fn recall(bytes: Option<&[u8]>) -> Self {
        let read = bytes.map(|bytes| cbor::decode("commands", limits::COMMANDS_BYTES, bytes));
        let mut book: Self = read.and_then(Result::ok).unwrap_or_default();
        for entry in &mut book.entries {
            if entry.stage == Stage::Begun {
                let why = Name::new("the node ended before it was done").expect("a short line");
                let outcome = Outcome::Failed { why };
                entry.stage = Stage::Owed { outcome };
            }
        }
        book
    }

    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    pub fn known(&self, command: &Command, by: By) -> Known {
        match self.entries.iter().find(|entry| entry.id == command.id) {
            None if command.until <= self.floor => Known::Forgotten,
            None => Known::New,
            Some(entry) if by == By::Administrators && entry.by == by => Known::Here,
            Some(entry) if entry.repeated => Known::RepeatedAndSaid,
            Some(_) => Known::Repeated,
        }
    }

    /// Whoever floods a device with commands of one kind of signature leaves room for the other.
    pub fn has_room(&self, by: By) -> bool {
        let held = self.entries.iter().filter(|entry| entry.by == by).count();
        held < match by {
            By::Online => limits::COMMANDS_ONLINE,
            By::Administrators => limits::COMMANDS_SIGNED,
        }
    }

    /// From here on the command has come.
    pub fn begin(&mut self, command: &Command, by: By) {
        self.enter(command, by, Stage::Begun);
    }

    /// It has come and is not begun.
    pub fn decline(&mut self, command: &Command, by: By, outcome: Outcome) {
        self.enter(command, by, Stage::Owed { outcome });
    }

    fn enter(&mut self, command: &Command, by: By, stage: Stage) {
        self.entries.push(Entry {
            id: command.id,
            by,
            until: command.until,
            stage,
            repeated: false,
        });
    }

    /// It is over; says whether it was going on.
    pub fn end(&mut self, id: CommandId, outcome: Outcome) -> bool {
        let going_on = self
            .entries
            .iter_mut()
            .find(|entry| entry.id == id && entry.stage == Stage::Begun);
        match going_on {
            Some(entry) => {
                entry.stage = Stage::Owed { outcome };
                true
            }
            None => false,
        }
    }

    pub fn repeated(&mut self, id: CommandId) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.repeated = true;
        }
    }

    /// Answers that are not in the log yet; they count as said from here on.
    pub fn say(&mut self) -> Vec<Answer> {
        let mut answers = Vec::new();
        for entry in &mut self.entries {
            if let Stage::Owed { outcome } = &entry.stage {
                answers.push(Answer {
                    command: entry.id,
                    by: entry.by,
                    outcome: outcome.clone(),
                });
                entry.stage = Stage::Said;
            }
        }
        answers
    }

    /// Forgets what has ended and was answered, except what the repository still lists. Says whether that is anything.
    pub fn forget(&mut self, listed: Option<&BTreeSet<CommandId>>, now: Timestamp) -> bool {
        let before = self.entries.len();
        let floor = &mut self.floor;
        self.entries.retain(|entry| {
            let listed = match (entry.by, listed) {
                (By::Online, _) => false,
                // Nobody knows what is listed.
                (By::Administrators, None) => true,
                (By::Administrators, Some(listed)) => listed.contains(&entry.id),
            };
            let stays = listed || entry.until > now || entry.stage != Stage::Said;
            if !stays {
                *floor = (*floor).max(entry.until);
            }
            stays
        });
        self.entries.len() != before
    }
}
