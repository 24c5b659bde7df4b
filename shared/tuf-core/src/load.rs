//! The metadata of one targets role: first what was saved, then what others have.

use crate::limits;
use crate::role::RoleName;
use crate::trusted::{TrustError, Trusted};
use crate::update::{Fetch, Need, Save, UpdateError, first_good};

#[derive(Debug)]
pub(crate) struct Load {
    role: String,
    delegator: String,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Stored,
    Remote(Fetch),
    Done,
}

impl Load {
    pub(crate) fn new(role: String, delegator: String) -> Self {
        Self {
            role,
            delegator,
            stage: Stage::Stored,
        }
    }

    pub(crate) fn top_level() -> Self {
        let (role, delegator) = (RoleName::Targets.word(), RoleName::Root.word());
        Self::new(role.to_owned(), delegator.to_owned())
    }

    pub(crate) fn need(&self) -> Need {
        match &self.stage {
            Stage::Remote(fetch) => Need::Fetch(fetch.clone()),
            Stage::Stored | Stage::Done => Need::Stored(self.role.clone()),
        }
    }

    pub(crate) const fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    pub(crate) fn feed(
        &mut self,
        trusted: &mut Trusted,
        answers: &[&[u8]],
        now_unix_s: u64,
    ) -> Result<Option<Save>, UpdateError> {
        let mut take =
            |bytes: &[u8]| trusted.update_targets(&self.role, &self.delegator, bytes, now_unix_s);
        match &self.stage {
            // A saved file is checked as if it had come just now: its delegator may be another one today.
            Stage::Stored if answers.iter().any(|bytes| take(bytes).is_ok()) => {
                self.stage = Stage::Done;
                Ok(None)
            }
            Stage::Stored => {
                self.stage = Stage::Remote(self.fetch(trusted)?);
                Ok(None)
            }
            Stage::Remote(_) if answers.is_empty() => Err(UpdateError::Missing(self.role.clone())),
            Stage::Remote(_) => {
                let bytes = first_good(answers, take)?.to_vec();
                self.stage = Stage::Done;
                let role = self.role.clone();
                Ok(Some(Save::Metadata { role, bytes }))
            }
            Stage::Done => Err(UpdateError::Unasked),
        }
    }

    fn fetch(&self, trusted: &Trusted) -> Result<Fetch, TrustError> {
        let promise = trusted.role_promise(&self.role)?;
        let consistent = trusted.root().consistent_snapshot();
        Ok(Fetch {
            role: self.role.clone(),
            version: consistent.then_some(promise.version),
            max_bytes: promise.max_bytes(limits::TARGETS_BYTES),
        })
    }
}
