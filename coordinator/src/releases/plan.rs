//! From a wish to the documents that have to be signed for it.

use std::collections::BTreeMap;

use protocol::library::ROLES;
use thiserror::Error;
use tuf_core::document::ReadError;
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::Unsigned;
use tuf_core::draft::{DraftError, RootDraft, Signers};
use tuf_core::role::RoleName;
use tuf_core::root::Root;

use super::candidate::Candidate;
use super::online::OnlineKeys;
use super::roles::{ROOT, TARGETS, is_delegated};
use crate::ceremony::ROOT_YEARS;
use crate::store::repository::Paper;

const YEAR_S: u64 = 365 * 86_400;

/// What somebody wants to be signed.
#[derive(Debug, Clone)]
pub enum Wish {
    /// One role vouches for further files.
    Vouch {
        role: &'static str,
        targets: BTreeMap<String, TargetDraft>,
    },
    /// The same, and for some it does no more.
    Exchange {
        role: &'static str,
        gone: Vec<String>,
        targets: BTreeMap<String, TargetDraft>,
    },
    /// One role vouches for a file no more.
    Withdraw { role: &'static str, path: String },
    /// Other people sign for a role.
    Appoint { role: String, signers: Signers },
    /// All is signed anew under the root in force: before it expires, or where the root was replaced.
    Renew,
    /// Other keys sign online.
    OnlineKeys,
}

/// What is in force before the wish comes true.
#[derive(Debug, Clone)]
pub struct Before {
    /// The root of the mesh.
    pub root: Root,
    /// Signers of the targets role where the repository was published last.
    pub served_targets: Option<Signers>,
    pub served_root: u64,
    /// The charter's administrators, who sign until somebody else is appointed.
    pub administrators: Vec<[u8; 32]>,
    pub candidate: Candidate,
}

#[derive(Debug, Error)]
pub enum PlanError {
    #[error("there is no role {0}: choose root, targets, firmware, policy, models or feeds")]
    NoSuchRole(String),
    #[error(
        "the root of the mesh was replaced: sign the repository anew first, with `repository renew`"
    )]
    OtherRoot,
    #[error("nothing is published yet: begin with `repository renew`")]
    Nothing,
    #[error(
        "the keys that sign online are not the ones that the root appoints: begin with `repository renew`"
    )]
    OtherOnlineKeys,
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error("a document in the store cannot be read: {0}")]
    Read(#[from] ReadError),
}

impl Before {
    /// What a targets role says.
    pub fn targets(&self, role: &str) -> Result<TargetsDraft, PlanError> {
        let (_, document) = self.candidate.roles.get(role).ok_or(PlanError::Nothing)?;
        Ok(TargetsDraft::read(document)?)
    }

    /// The documents to sign, each with the next version of its role.
    pub fn papers(
        &self,
        wish: &Wish,
        online: &OnlineKeys,
        now_unix_s: u64,
    ) -> Result<Vec<Paper>, PlanError> {
        match wish {
            Wish::Renew => self.renew(online, now_unix_s),
            _ if self.served_root == 0 => Err(PlanError::Nothing),
            _ if self.served_root != self.root.version() => Err(PlanError::OtherRoot),
            Wish::OnlineKeys => self.other_online_keys(online, now_unix_s),
            _ if !online.are_appointed(&self.root) => Err(PlanError::OtherOnlineKeys),
            Wish::Vouch { role, targets } => self.vouch(role, targets, now_unix_s),
            Wish::Exchange {
                role,
                gone,
                targets,
            } => {
                let mut draft = self.next(role, now_unix_s)?;
                draft.targets.retain(|path, _| !gone.contains(path));
                draft.targets.extend(targets.clone());
                Ok(vec![paper(role, &draft)?])
            }
            Wish::Withdraw { role, path } => self.withdraw(role, path, now_unix_s),
            Wish::Appoint { role, signers } => self.appoint(role, signers, now_unix_s),
        }
    }

    fn vouch(
        &self,
        role: &str,
        targets: &BTreeMap<String, TargetDraft>,
        now_unix_s: u64,
    ) -> Result<Vec<Paper>, PlanError> {
        let mut draft = self.next(role, now_unix_s)?;
        draft.targets.extend(targets.clone());
        Ok(vec![paper(role, &draft)?])
    }

    fn withdraw(&self, role: &str, path: &str, now_unix_s: u64) -> Result<Vec<Paper>, PlanError> {
        let mut draft = self.next(role, now_unix_s)?;
        draft.targets.remove(path);
        Ok(vec![paper(role, &draft)?])
    }

    /// Whoever is appointed signs at once, so that nobody appoints a key that nobody holds.
    fn appoint(
        &self,
        role: &str,
        signers: &Signers,
        now_unix_s: u64,
    ) -> Result<Vec<Paper>, PlanError> {
        if role == ROOT {
            let mut root = self.next_root(now_unix_s);
            root.threshold = signers.threshold;
            root.keys.clone_from(&signers.keys);
            for role in [RoleName::Targets, RoleName::Snapshot, RoleName::Timestamp] {
                let kept = Signers::of(&self.root, role);
                root.others.insert(role, kept);
            }
            return Ok(vec![root_paper(&root)?]);
        }
        if role == TARGETS {
            let mut root = self.next_root(now_unix_s);
            root.others.insert(RoleName::Targets, signers.clone());
            let targets = self.next(TARGETS, now_unix_s)?;
            return Ok(vec![root_paper(&root)?, paper(TARGETS, &targets)?]);
        }
        if !is_delegated(role) {
            return Err(PlanError::NoSuchRole(role.to_owned()));
        }
        let mut targets = self.next(TARGETS, now_unix_s)?;
        let mut delegations = targets.delegations.iter_mut();
        let delegation = delegations.find(|delegation| delegation.role == role);
        let delegation = delegation.ok_or_else(|| PlanError::NoSuchRole(role.to_owned()))?;
        delegation.signers = signers.clone();
        let delegated = self.next(role, now_unix_s)?;
        Ok(vec![paper(TARGETS, &targets)?, paper(role, &delegated)?])
    }

    fn other_online_keys(
        &self,
        online: &OnlineKeys,
        now_unix_s: u64,
    ) -> Result<Vec<Paper>, PlanError> {
        let mut root = self.next_root(now_unix_s);
        root.others.extend(online.signers());
        Ok(vec![root_paper(&root)?])
    }

    fn renew(&self, online: &OnlineKeys, now_unix_s: u64) -> Result<Vec<Paper>, PlanError> {
        let mut papers = Vec::new();
        let mut signers = Signers::of(&self.root, RoleName::Targets);
        if !online.are_appointed(&self.root) {
            let mut root = self.next_root(now_unix_s);
            root.others.extend(online.signers());
            // A root from a time before there was a repository appoints nobody but itself.
            if signers == Signers::of(&self.root, RoleName::Root) {
                signers = self.administrators();
                root.others.insert(RoleName::Targets, signers.clone());
            }
            papers.push(root_paper(&root)?);
        }
        let mut targets = self.next(TARGETS, now_unix_s)?;
        for role in ROLES {
            let mut known = targets.delegations.iter_mut();
            match known.find(|delegation| delegation.role == role) {
                Some(known) if self.served_targets.as_ref() == Some(&known.signers) => {
                    known.signers = signers.clone();
                }
                Some(_) => {}
                None => {
                    let delegation = DelegationDraft::of_folder(role, signers.clone());
                    targets.delegations.push(delegation);
                }
            }
        }
        papers.push(paper(TARGETS, &targets)?);
        for role in ROLES {
            let draft = self.next(role, now_unix_s)?;
            papers.push(paper(role, &draft)?);
        }
        Ok(papers)
    }

    fn administrators(&self) -> Signers {
        Signers {
            threshold: 1,
            keys: self.administrators.clone(),
        }
    }

    fn next_root(&self, now_unix_s: u64) -> RootDraft {
        RootDraft::after(&self.root, now_unix_s + ROOT_YEARS * YEAR_S)
    }

    /// The next version of a role, which says what the one before says.
    fn next(&self, role: &str, now_unix_s: u64) -> Result<TargetsDraft, PlanError> {
        let expires = now_unix_s + YEAR_S;
        if !self.candidate.roles.contains_key(role) {
            return Ok(TargetsDraft::new(1, expires));
        }
        let mut draft = self.targets(role)?;
        draft.header.version += 1;
        draft.header.expires_unix_s = expires;
        Ok(draft)
    }
}

fn paper(role: &str, draft: &TargetsDraft) -> Result<Paper, PlanError> {
    let payload = draft.unsigned()?.payload();
    Ok(Paper::new(role.to_owned(), draft.header.version, payload))
}

fn root_paper(draft: &RootDraft) -> Result<Paper, PlanError> {
    Ok(Paper::new(ROOT.to_owned(), draft.version, draft.payload()?))
}

/// What a targets role in a draft says.
pub fn read_payload(paper: &Paper) -> Result<TargetsDraft, PlanError> {
    let document = Unsigned::parse(paper.payload())?.assemble(&[])?;
    Ok(TargetsDraft::read(&document)?)
}

pub fn read_root(paper: &Paper) -> Result<RootDraft, PlanError> {
    Ok(RootDraft::read(paper.payload())?)
}

/// The document with the signatures that a paper has collected.
pub fn assemble(paper: &Paper) -> Result<Vec<u8>, PlanError> {
    Ok(Unsigned::parse(paper.payload())?.assemble(&paper.signatures())?)
}
