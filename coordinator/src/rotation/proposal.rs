//! A rotation in two places: proposed where the coordinator runs, signed where the root is.

use std::sync::Arc;

use data_encoding::BASE64;
use protocol::cbor::{self, DecodeError};
use protocol::charter::{Charter, CharterError};
use protocol::id::MeshId;
use protocol::ledger::Entry;
use protocol::limits;
use protocol::succession::{Succession, SuccessionError, Trust};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tuf_core::root::{Root, RootError};

use super::{RotationError, charter_entry, checked};
use crate::holders::Holders;
use crate::offices::{LoadError, Paths, read};

#[derive(Debug, Error)]
pub enum ProposalError {
    #[error("the file holds no proposal: take it from the rotation page of the coordinator")]
    Shape(#[source] serde_json::Error),
    #[error("a part of the file is not in base 64")]
    Base64(#[from] data_encoding::DecodeError),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("the root in the file is damaged: {0}")]
    Root(#[from] RootError),
    #[error("the charter in the file is not this root's: {0}")]
    Charter(#[from] CharterError),
    #[error("the documents in the file do not follow one another: {0}")]
    Succession(#[from] SuccessionError),
    #[error(
        "the file would change more than the admission key: do not sign it, and find out who made it"
    )]
    ChangesMore,
}

/// A charter that is to follow, with everything that shows what it follows.
#[derive(Debug, Clone)]
pub struct Proposal {
    trust: Trust,
    next: Charter,
}

/// A proposal as a file, each part in base 64.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    root: String,
    charter: String,
    succession: String,
    next: String,
}

/// The file that carries a charter to the root's holders.
pub(super) fn write(paths: &Paths, next: &Charter) -> Result<String, LoadError> {
    let succession = cbor::encode(&crate::offices::succession(paths)?);
    let written = Written {
        root: BASE64.encode(&read(&paths.root())?),
        charter: BASE64.encode(&read(&paths.charter())?),
        succession: BASE64.encode(&succession),
        next: BASE64.encode(&cbor::encode(next)),
    };
    Ok(
        serde_json::to_string_pretty(&written).expect("plain values always have a JSON form")
            + "\n",
    )
}

impl Proposal {
    /// Reads the file. Nothing in it is believed: what is in force must follow from the root, and what is proposed
    /// must be another admission key and nothing else, since a stolen coordinator could have written it.
    pub fn read(text: &str) -> Result<Self, ProposalError> {
        let written: Written = serde_json::from_str(text).map_err(ProposalError::Shape)?;
        let bytes = |text: &String| BASE64.decode(text.as_bytes());
        let root = Root::open(&bytes(&written.root)?)?;
        let mesh = MeshId::from_bytes(root.digest());
        let charter = Charter::open(&bytes(&written.charter)?, &root, &mesh)?;
        let succession = bytes(&written.succession)?;
        let succession: Succession = cbor::decode("succession", limits::FRAME_BYTES, &succession)?;
        let trust = Trust::new(Arc::new(root), Arc::new(charter)).followed(&succession)?;
        let next = bytes(&written.next)?;
        let next: Charter = cbor::decode("charter", limits::TRUST_BYTES, &next)?;
        if !replaces_the_admission_key_only(trust.charter(), &next) {
            return Err(ProposalError::ChangesMore);
        }
        Ok(Self { trust, next })
    }

    /// What is in force where the file was written.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The charter that is to follow.
    pub fn next(&self) -> &Charter {
        &self.next
    }

    pub fn sign(&self, holders: &Holders) -> Result<Vec<Entry>, RotationError> {
        checked(&self.trust, vec![charter_entry(&self.next, holders)])
    }
}

fn replaces_the_admission_key_only(before: &Charter, next: &Charter) -> bool {
    let [replaced, former @ ..] = next.former.as_slice() else {
        return false;
    };
    let expected = Charter {
        version: before.version + 1,
        issued: next.issued,
        admission: next.admission,
        former: next.former.clone(),
        ..before.clone()
    };
    *next == expected
        && next.admission != before.admission
        && replaced.admission == before.admission
        && former == before.former
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use protocol::key::{SecretKey, Signer as _};
    use protocol::time::Timestamp;

    use super::*;
    use crate::ceremony::{self, RootPlan};
    use crate::config::Config;
    use crate::holders;
    use crate::rotation::{from_text, heir_key, install, propose_admission, to_text};

    const DAY: Duration = Duration::from_secs(86_400);

    struct Rig {
        _dir: tempfile::TempDir,
        paths: Paths,
        holders: Holders,
    }

    fn now() -> Timestamp {
        Timestamp::from_millis(1_795_254_000_000)
    }

    fn rig() -> Rig {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let home = dir.path().join("mesh");
        let plan = RootPlan {
            holders: 1,
            threshold: 1,
            passphrase: None,
        };
        let made = ceremony::init(&home, &Config::default(), &plan, now()).expect("a mesh");
        let paths = Paths::new(&home);
        let trust = crate::offices::trust(&paths).expect("its trust");
        let seeds = holders::from_words(&made.words[0]).expect("its words");
        let holders = Holders::of(trust.root().expect("its root"), seeds).expect("its root's");
        Rig {
            _dir: dir,
            paths,
            holders,
        }
    }

    #[test]
    fn what_is_proposed_here_and_signed_elsewhere_comes_into_force() {
        let rig = rig();
        let before = crate::offices::trust(&rig.paths).expect("its trust");
        let proposed = propose_admission(&rig.paths, now(), DAY).expect("proposed");
        let elsewhere = Proposal::read(&proposed.file).expect("it reads");
        let line = to_text(&elsewhere.sign(&rig.holders).expect("signed"));
        install(&rig.paths, &from_text(&line).expect("whole")).expect("installed");
        let after = crate::offices::trust(&rig.paths).expect("its trust");
        assert_eq!(after.charter().version, proposed.charter);
        let secret = crate::secrets::Secret::load(&rig.paths.admission()).expect("a key");
        let key = SecretKey::from_seed(secret.bytes()).public();
        assert_eq!(after.charter().admission, key);
        assert_ne!(before.charter().admission, key);
        assert_eq!(
            after.charter().trusts_until(&before.charter().admission),
            Some(now().saturating_add(DAY))
        );
    }

    /// A stolen coordinator writes the file: whoever has the root must not sign a gateway, an administrator or a
    /// longer list of automated classes into force by it.
    #[test]
    fn what_would_change_more_than_the_admission_key_is_not_signed() {
        let rig = rig();
        let proposed = propose_admission(&rig.paths, now(), DAY).expect("proposed");
        let honest = Proposal::read(&proposed.file).expect("it reads");
        let mine = SecretKey::from_seed(&[66; 32]).public();
        let wrong = |change: &dyn Fn(&mut Charter)| {
            let mut next = honest.next().clone();
            change(&mut next);
            write(&rig.paths, &next).expect("written")
        };
        let files = [
            wrong(&|next| next.gateways.push(mine)),
            wrong(&|next| next.administrators.push(mine)),
            wrong(&|next| next.exempt.clear()),
            wrong(&|next| next.version += 1),
            wrong(&|next| next.former.clear()),
            wrong(&|next| next.former[0].admission = mine),
            wrong(&|next| next.former.push(next.former[0].clone())),
        ];
        for file in files {
            let refused = Proposal::read(&file);
            assert!(
                matches!(refused, Err(ProposalError::ChangesMore)),
                "{refused:?}"
            );
        }
        for nonsense in ["", "{}", "words words"] {
            let refused = Proposal::read(nonsense).expect_err("refused").to_string();
            assert!(refused.contains("holds no proposal"), "{refused}");
        }
    }

    #[test]
    fn a_later_proposal_voids_the_one_before() {
        let rig = rig();
        let mut signed = Vec::new();
        for _ in 0..2 {
            let proposed = propose_admission(&rig.paths, now(), DAY).expect("proposed");
            let proposal = Proposal::read(&proposed.file).expect("it reads");
            signed.push(proposal.next().admission);
        }
        let key = |wanted| heir_key(&rig.paths, |key| key.public() == wanted);
        assert!(key(signed[1]).is_ok());
        let void = key(signed[0]).expect_err("its key is gone").to_string();
        assert!(void.contains("draft it again"), "{void}");
    }

    #[test]
    fn the_root_replaces_itself_by_the_same_file() {
        let rig = rig();
        let proposed = propose_admission(&rig.paths, now(), DAY).expect("proposed");
        let elsewhere = Proposal::read(&proposed.file).expect("it reads");
        let new = super::super::draft_root(elsewhere.trust(), &rig.holders, (2, 2), now());
        let line = to_text(&new.expect("drafted").documents);
        install(&rig.paths, &from_text(&line).expect("whole")).expect("installed");
        let after = crate::offices::trust(&rig.paths).expect("its trust");
        assert_eq!(after.root().expect("it is held").version(), 2);
    }
}
