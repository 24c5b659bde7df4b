//! What a device asks: who it is, what there is to do, and for the file of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use protocol::id::Digest;
use protocol::text::Name;

use super::{Ddi, DdiError, enter};
use crate::store::ddi::{Action, State, Target, Words};
use crate::store::fault::ReadError;
use crate::store::secret_hash::SecretHash;

/// How exactly the store knows when a device asked last.
const ASKED: Duration = Duration::from_secs(600);

/// What a device is to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Nothing,
    Install(Action),
    /// Give up the action of this number.
    Cancel(u32),
}

impl Ddi {
    /// The device of this name, if the token is its own. Whoever has the wrong one learns nothing about names.
    pub fn admit(&self, name: &str, token: &str) -> Result<Option<(Name, Target)>, ReadError> {
        let Ok(name) = Name::new(name) else {
            return Ok(None);
        };
        let found = self.reader.ddi_target(&name)?;
        let own = found.filter(|target| target.token == SecretHash::of_ddi_token(token.as_bytes()));
        Ok(own.map(|target| (name, target)))
    }

    /// What a device is to do next; notes that it has asked.
    pub fn next(&self, name: &Name, target: &Target) -> Result<Next, DdiError> {
        let now = mesh::wall();
        if target.asked.is_none_or(|asked| now.since(asked) >= ASKED) {
            self.writer.write(|changes| {
                changes.change_ddi_target(name, |target| target.asked = Some(now))?;
                Ok::<_, DdiError>(())
            })?;
        }
        Ok(match &target.action {
            Some(action) if action.state == State::Cancelling => Next::Cancel(action.number),
            Some(action) if action.state.is_open() && self.is_halted(action)? => {
                self.take_back(name, action.number)?;
                Next::Cancel(action.number)
            }
            Some(action) if action.state.is_open() && self.is_listed(action)? => {
                Next::Install(action.clone())
            }
            Some(_) | None => Next::Nothing,
        })
    }

    /// The action of this number, which the device looks at now.
    pub fn look(
        &self,
        name: &Name,
        target: &Target,
        number: u32,
    ) -> Result<Option<Action>, DdiError> {
        let Next::Install(action) = self.next(name, target)? else {
            return Ok(None);
        };
        if action.number != number {
            return Ok(None);
        }
        if action.state == State::Assigned {
            self.writer.write(|changes| {
                // Somebody may have taken it back a moment ago.
                changes.change_ddi_target(name, |target| {
                    let assigned = target.action.as_ref().map(|action| action.state);
                    if assigned == Some(State::Assigned) {
                        enter(target, State::Offered, None);
                    }
                })?;
                Ok::<_, DdiError>(())
            })?;
        }
        Ok(Some(action))
    }

    /// Where the file of an action lies, as long as the device is at it and a published release vouches for it.
    pub fn file(
        &self,
        target: &Target,
        number: u32,
        file: &str,
    ) -> Result<Option<(Action, PathBuf)>, DdiError> {
        let action = target.action.clone().filter(|action| {
            action.number == number
                && action.state.is_open()
                && action.artifact.file.as_str() == file
        });
        let Some(action) = action else {
            return Ok(None);
        };
        let path = self.releases.blobs().path(&action.artifact.sha256);
        let offered = self.is_listed(&action)? && !self.is_halted(&action)?;
        Ok(offered.then_some((action, path)))
    }

    /// Keeps what a device says of itself, in place of what it said before.
    pub fn describe(&self, name: &Name, attributes: BTreeMap<Name, Words>) -> Result<(), DdiError> {
        self.writer.write(|changes| {
            changes.change_ddi_target(name, |target| target.attributes = Some(attributes))?;
            Ok(())
        })
    }

    /// A rollout among the members has found the image to be bad. How the device takes it is in the audit trail.
    fn take_back(&self, name: &Name, number: u32) -> Result<(), DdiError> {
        self.writer.write(|changes| {
            changes.change_ddi_target(name, |target| {
                let of_it = target.action.as_ref().map(|action| action.number);
                if of_it == Some(number) {
                    enter(target, State::Cancelling, None);
                }
            })?;
            Ok(())
        })
    }

    fn is_halted(&self, action: &Action) -> Result<bool, ReadError> {
        let target = Digest::from_bytes(action.artifact.sha256);
        self.reader.is_halted(&target)
    }

    fn is_listed(&self, action: &Action) -> Result<bool, DdiError> {
        let artifact = &action.artifact;
        let all = self.releases.published()?;
        Ok(all
            .iter()
            .any(|one| one.path == artifact.path.as_str() && one.sha256 == artifact.sha256))
    }
}
