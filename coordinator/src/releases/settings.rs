//! Settings as targets of the role `policy`: what is wanted of whom, and a change of it for administrators to sign.

use language::present::speaking;
use language::{Language, say};
use std::collections::BTreeMap;

use protocol::settings::{Scope, Settings, SettingsError};
use thiserror::Error;
use tuf_core::canonical::Json;
use tuf_core::draft::targets::{TargetDraft, TargetsDraft};

use super::blobs::{BlobError, Blobs};
use super::plan::Wish;

pub const POLICY: &str = "policy";
/// Bytes of a target's file.
const FILE_BYTES: u64 = 4096;

/// What is signed for each scope.
pub type Wanted = BTreeMap<Scope, Settings>;

/// What somebody wants to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub scope: Scope,
    /// `None` takes back what was said to this scope.
    pub settings: Option<Settings>,
}

#[derive(Debug, Error)]
pub enum ChangeRefused {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("set at least one of them, or take the whole of {0} back")]
    Empty(Scope),
    #[error("nothing is set for {0}")]
    NothingSet(Scope),
    #[error("{0} is told just this already")]
    Same(Scope),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl Change {
    /// What it does, in the English words of drafts and of the audit log.
    pub fn words(&self) -> String {
        let scope = &self.scope;
        let Some(settings) = &self.settings else {
            return format!("settings for {scope}: as usual");
        };
        let words = speaking(Language::English, || words(settings));
        format!("settings for {scope}: {words}")
    }

    /// What has to be signed, where so much is wanted already.
    pub fn wish(&self, before: &Wanted, blobs: &Blobs) -> Result<Wish, ChangeRefused> {
        let (role, path) = (POLICY, self.scope.path());
        let known = before.get(&self.scope);
        let Some(settings) = self.settings else {
            let known = known.ok_or_else(|| ChangeRefused::NothingSet(self.scope.clone()))?;
            debug_assert!(!known.is_empty(), "nobody signs for nothing");
            return Ok(Wish::Withdraw { role, path });
        };
        let settings = settings.checked()?;
        if settings.is_empty() {
            return Err(ChangeRefused::Empty(self.scope.clone()));
        }
        if known == Some(&settings) {
            return Err(ChangeRefused::Same(self.scope.clone()));
        }
        let custom = settings.custom();
        let file = Json::Object(custom.clone()).to_canonical();
        let blob = blobs.take(file.as_slice(), FILE_BYTES)?;
        let target = TargetDraft {
            length: blob.length,
            sha256: blob.sha256,
            custom,
        };
        let targets = BTreeMap::from([(path, target)]);
        Ok(Wish::Vouch { role, targets })
    }
}

/// All that a role says of settings; other targets of it are none.
pub fn wanted(role: &TargetsDraft) -> Wanted {
    let targets = role.targets.iter();
    let read = targets.filter_map(|(path, target)| {
        let settings = Settings::read(&target.custom).ok()?;
        Some((Scope::of_path(path)?, settings))
    });
    read.collect()
}

/// What they are, for people.
pub fn words(settings: &Settings) -> String {
    let record = settings
        .record_s
        .map(|seconds| say!("a reading every {seconds} s", seconds));
    let accounts = settings
        .accounts_s
        .map(|seconds| say!("accounts every {seconds} s", seconds));
    let online = settings
        .online
        .map(|kinds| say!("online commands: {kinds}", kinds));
    let all = record.into_iter().chain(accounts).chain(online);
    let all: Vec<String> = all.collect();
    match all.is_empty() {
        true => say!("settings|as usual").to_owned(),
        false => all.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use protocol::class::DeviceClass;

    use super::*;

    fn settings(record_s: u32) -> Settings {
        Settings {
            record_s: Some(record_s),
            ..Settings::default()
        }
    }

    fn change(settings: Option<Settings>) -> Change {
        Change {
            scope: Scope::Class(DeviceClass::Camera),
            settings,
        }
    }

    #[test]
    fn what_is_signed_is_what_is_wanted_and_can_be_taken_back() {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(&dir.path().join("targets")).expect("it is made");
        let wish = change(Some(settings(30))).wish(&Wanted::new(), &blobs);
        let Ok(Wish::Vouch { role, targets }) = wish else {
            panic!("it has to be signed: {wish:?}");
        };
        let mut draft = TargetsDraft::new(1, 1_900_000_000);
        let (_, target) = targets.first_key_value().expect("one target");
        assert!(role == POLICY && blobs.has(&target.sha256, target.length));
        draft.targets.extend(targets);
        let wanted = wanted(&draft);
        let scope = Scope::Class(DeviceClass::Camera);
        assert_eq!(wanted, Wanted::from([(scope, settings(30))]));
        let again = change(Some(settings(30))).wish(&wanted, &blobs);
        assert!(matches!(again, Err(ChangeRefused::Same(_))), "{again:?}");
        let back = change(None).wish(&wanted, &blobs);
        assert!(matches!(back, Ok(Wish::Withdraw { .. })), "{back:?}");
    }

    #[test]
    fn what_says_nothing_or_too_much_is_refused_before_anybody_signs_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(&dir.path().join("targets")).expect("it is made");
        let refused = |settings| {
            let wish = change(settings).wish(&Wanted::new(), &blobs);
            wish.expect_err("it is refused").to_string()
        };
        assert!(refused(Some(settings(5))).contains("choose 10 to 3600 s"));
        assert!(refused(Some(Settings::default())).contains("at least one"));
        assert!(refused(None).contains("nothing is set for class:camera"));
    }
}
