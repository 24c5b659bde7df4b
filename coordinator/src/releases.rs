//! The repository of signed targets: what waits for signatures, what is published, and what says that it is the newest.
//!
//! Whoever has this machine holds the two keys that sign online, and with them nobody makes a release: what devices take
//! is signed by people elsewhere. Everything is published in one transaction of the store, so that after a crash the
//! former repository is served or the next one, never a mixture.

pub mod blobs;
pub mod candidate;
pub mod comparison;
pub mod contents;
pub mod firmware;
pub mod online;
pub mod parts;
pub mod plan;
pub mod roles;
pub mod standing;
pub mod status;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use protocol::ledger::Entry;
use protocol::time::Timestamp;
use thiserror::Error;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use tuf_core::draft::Signers;
use tuf_core::draft::detached::{self, DetachedError};
use tuf_core::draft::targets::TargetsDraft;
use tuf_core::key::DetachedSignature;
use tuf_core::name;
use tuf_core::role::RoleName;
use tuf_core::root::{Root, RootError};

use crate::offices::{self, LoadError, Paths};
use crate::orders::{OrderError, Orders};
use crate::secrets::SecretError;
use crate::store::audit::Act;
use crate::store::fault::{ChangeError, ReadError};
use crate::store::repository::{Current, Draft, Paper, Publication, TIMESTAMP};
use crate::store::{Reader, Writer};

use blobs::{BlobError, Blobs};
use candidate::{Candidate, CandidateError, after};
use firmware::{FirmwareError, NewRelease};
use online::{OnlineKeys, SNAPSHOT_LEFT_S, TIMESTAMP_LEFT_S};
use plan::{Before, PlanError, Wish};
use roles::{FIRMWARE, ROOT};
use standing::{Need, SignError, UnderSigned};

/// How often it is looked whether something signed online ends soon.
const TEND: Duration = Duration::from_secs(600);
/// Bytes of the file in which `init` leaves the first documents.
const FIRST_BYTES: usize = 1024 * 1024;

/// One handle on the repository, for pages and the command line.
#[derive(Debug, Clone)]
pub struct Releases {
    paths: Paths,
    reader: Reader,
    writer: Writer,
    orders: Orders,
    blobs: Blobs,
    /// One change at a time.
    turn: Arc<Mutex<()>>,
}

#[derive(Debug, Error)]
pub enum ReleaseError {
    #[error(transparent)]
    Under(#[from] UnderSigned),
    #[error(transparent)]
    Sign(#[from] SignError),
    #[error(transparent)]
    Detached(#[from] DetachedError),
    #[error(transparent)]
    Firmware(#[from] FirmwareError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Candidate(#[from] CandidateError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(
        "there is no draft {0}: it was published, or a later draft of the same role has made it void"
    )]
    NoSuchDraft(u64),
    #[error("the draft begins with {role} {found}, and {now} is in force: prepare it again")]
    Stale { role: String, found: u64, now: u64 },
    #[error(
        "no key in keys/ is one that the root appoints to sign online: begin with `repository renew`"
    )]
    NoOnlineKeys,
    #[error(transparent)]
    Root(#[from] RootError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl Releases {
    pub fn new(
        paths: &Paths,
        reader: Reader,
        writer: Writer,
        orders: Orders,
    ) -> Result<Self, ReleaseError> {
        Ok(Self {
            paths: paths.clone(),
            reader,
            writer,
            orders,
            blobs: Blobs::open(&paths.targets())?,
            turn: Arc::default(),
        })
    }

    /// Takes up what an earlier run has left: first documents, a publication that was broken off, files of nothing.
    pub fn take_up(&self) -> Result<(), ReleaseError> {
        self.publish_first()?;
        self.finish_broken_off()?;
        let swept = self.blobs.sweep(&self.wanted()?)?;
        if swept > 0 {
            info!(
                files = swept,
                "target files that nothing names were removed"
            );
        }
        self.tend(now_s())
    }

    /// Renews what is signed online until the coordinator stops.
    pub async fn keep_fresh(self, stopping: CancellationToken) {
        let mut tick = tokio::time::interval(TEND);
        loop {
            tokio::select! {
                () = stopping.cancelled() => break,
                _ = tick.tick() => {}
            }
            let _turn = self.turn.lock().await;
            if let Err(error) = tokio::task::block_in_place(|| self.tend(now_s())) {
                warn!(%error, "the timestamp of the repository is not renewed");
            }
        }
    }

    pub const fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// A draft of a release, which is signed by the role `firmware`.
    pub async fn prepare_release(
        &self,
        release: &NewRelease,
        act: Act,
    ) -> Result<Draft, ReleaseError> {
        let _turn = self.turn.lock().await;
        let before = self.before()?;
        let known = firmware::releases(&before.targets(FIRMWARE)?);
        let targets = release.targets(&known, &self.blobs)?;
        let role = FIRMWARE;
        self.keep(
            &before,
            &Wish::Vouch { role, targets },
            release.words(),
            act,
        )
    }

    /// A draft of anything else.
    pub async fn prepare(
        &self,
        wish: &Wish,
        purpose: String,
        act: Act,
    ) -> Result<Draft, ReleaseError> {
        let _turn = self.turn.lock().await;
        self.keep(&self.before()?, wish, purpose, act)
    }

    fn keep(
        &self,
        before: &Before,
        wish: &Wish,
        purpose: String,
        act: Act,
    ) -> Result<Draft, ReleaseError> {
        let online = match wish {
            Wish::OnlineKeys => OnlineKeys::prepare_next(&self.paths)?,
            Wish::Renew if !self.paths.online(RoleName::Timestamp.word()).exists() => {
                OnlineKeys::create(&self.paths)?
            }
            Wish::Renew => OnlineKeys::load(&self.paths)?,
            _ => self.online(&before.root)?,
        };
        let draft = Draft {
            number: 0,
            made: mesh::wall(),
            purpose,
            papers: before.papers(wish, &online, now_s())?,
        };
        let kept = self.writer.write(|changes| {
            let draft = changes.add_draft(draft)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(draft)
        });
        Ok(kept?)
    }

    /// Collects a signature file; says of which roles the documents are that it is on.
    pub async fn add_signature(
        &self,
        number: u64,
        file: &[u8],
        act: Act,
    ) -> Result<Vec<String>, ReleaseError> {
        let _turn = self.turn.lock().await;
        let signature: DetachedSignature = detached::parse(file)?;
        let mut draft = self.draft(number)?;
        let needs = standing::needs(&draft, &self.before()?)?;
        let roles = standing::sign(&mut draft, &needs, signature)?;
        self.writer.write(|changes| {
            changes.set_draft(&draft)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(roles)
    }

    pub async fn discard(&self, number: u64, act: Act) -> Result<(), ReleaseError> {
        let _turn = self.turn.lock().await;
        self.draft(number)?;
        self.writer.write(|changes| {
            changes.remove_draft(number)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        Ok(())
    }

    /// Publishes a draft that enough people have signed. A root comes into force in the mesh first; should the
    /// coordinator end right after that, its next start publishes the rest.
    pub async fn publish(&self, number: u64, act: Act) -> Result<Draft, ReleaseError> {
        let _turn = self.turn.lock().await;
        let draft = self.draft(number)?;
        let before = self.before()?;
        is_fresh(&draft, &before)?;
        for need in standing::needs(&draft, &before)? {
            need.met()?;
        }
        let publication = self.publication(&draft, &before)?;
        if let Some(root) = draft.papers.iter().find(|paper| paper.role == ROOT) {
            let root = Entry::Root(plan::assemble(root)?.into());
            self.orders.succeed(vec![root]).await?;
        }
        self.serve(&publication, &draft, Some(act))?;
        Ok(draft)
    }

    /// Where a file lies that is asked for by its path with the hash before the name, if a published role vouches for it.
    pub fn served(&self, path: &str) -> Result<Option<(PathBuf, u64)>, ReleaseError> {
        let role = path.split('/').next().unwrap_or_default();
        let Some(current) = self.reader.repository()? else {
            return Ok(None);
        };
        let Some(version) = current.roles.get(role) else {
            return Ok(None);
        };
        let name = candidate::role_name(*version, role);
        let document = self.reader.repository_document(&name)?;
        let document = document.unwrap_or_default();
        let targets = TargetsDraft::read(&document)
            .map_err(PlanError::from)?
            .targets;
        let found = targets.iter().find(|(plain, target)| {
            let prefix = HEXLOWER.encode(&target.sha256);
            name::target_path(plain, Some(&prefix)) == path
        });
        Ok(found.map(|(_, target)| (self.blobs.path(&target.sha256), target.length)))
    }

    pub fn draft(&self, number: u64) -> Result<Draft, ReleaseError> {
        let draft = self.reader.draft(number)?;
        draft.ok_or(ReleaseError::NoSuchDraft(number))
    }

    pub fn drafts(&self) -> Result<Vec<(Draft, Vec<Need>)>, ReleaseError> {
        let before = self.before()?;
        let drafts = self.reader.drafts()?.into_iter();
        drafts
            .map(|draft| {
                let needs = standing::needs(&draft, &before)?;
                Ok((draft, needs))
            })
            .collect()
    }

    pub fn needs(&self, draft: &Draft) -> Result<Vec<Need>, ReleaseError> {
        Ok(standing::needs(draft, &self.before()?)?)
    }

    /// What is in force, as it is read from the store and the root of the mesh.
    pub fn before(&self) -> Result<Before, ReleaseError> {
        let trust = offices::trust(&self.paths)?;
        let root = trust.root().ok_or_else(|| self.no_mesh())?;
        let served = self.reader.repository_documents()?;
        let (current, mut candidate) = match &served {
            Some((current, documents)) => (current.clone(), Candidate::of(current, documents)),
            None => (Current::default(), Candidate::default()),
        };
        let served_root = candidate.roots.last().map(|root| Root::open(root));
        let served_root = served_root.transpose()?;
        candidate.roots = self.roots()?;
        Ok(Before {
            root: Root::clone(root),
            served_targets: served_root.map(|root| Signers::of(&root, RoleName::Targets)),
            served_root: current.root,
            administrators: administrators(trust.charter()),
            candidate,
        })
    }

    /// Every root of the mesh, from the first one on.
    fn roots(&self) -> Result<Vec<Vec<u8>>, ReleaseError> {
        let mut roots = vec![offices::read(&self.paths.root())?];
        for bytes in offices::succession(&self.paths)?.entries() {
            if let Ok(Entry::Root(root)) = Entry::decode(bytes) {
                roots.push(root.to_vec());
            }
        }
        Ok(roots)
    }

    fn publication(&self, draft: &Draft, before: &Before) -> Result<Publication, ReleaseError> {
        let mut candidate = before.candidate.clone();
        for paper in &draft.papers {
            let document = plan::assemble(paper)?;
            if paper.role != ROOT {
                let versioned = (paper.version, document);
                candidate.roles.insert(paper.role.clone(), versioned);
            } else if paper.version > before.root.version() {
                candidate.roots.push(document);
            }
        }
        self.check_files(draft)?;
        let newest = candidate.roots.last();
        let newest = Root::open(newest.ok_or_else(|| self.no_mesh())?)?;
        let keys = self.online(&newest)?;
        let current = self.reader.repository()?;
        Ok(candidate.publication(current.as_ref(), &keys, now_s())?)
    }

    /// Every file that a draft vouches for has to be there before anybody is told of it.
    fn check_files(&self, draft: &Draft) -> Result<(), ReleaseError> {
        for paper in draft.papers.iter().filter(|paper| paper.role != ROOT) {
            for target in plan::read_payload(paper)?.targets.values() {
                if !self.blobs.has(&target.sha256, target.length) {
                    return Err(BlobError::Missing.into());
                }
            }
        }
        Ok(())
    }

    fn serve(
        &self,
        publication: &Publication,
        draft: &Draft,
        act: Option<Act>,
    ) -> Result<(), ReleaseError> {
        self.writer.write(|changes| {
            changes.publish(publication)?;
            if draft.number > 0 {
                changes.remove_draft(draft.number)?;
            }
            if let Some(act) = act {
                changes.audit(act)?;
            }
            Ok::<_, ChangeError>(())
        })?;
        let trust = offices::trust(&self.paths)?;
        let root = trust.root().ok_or_else(|| self.no_mesh())?;
        Ok(OnlineKeys::promote(&self.paths, root)?)
    }

    fn online(&self, root: &Root) -> Result<OnlineKeys, ReleaseError> {
        let keys = OnlineKeys::appointed(&self.paths, root)?;
        keys.ok_or(ReleaseError::NoOnlineKeys)
    }

    /// What `init` has signed is published by the first start.
    fn publish_first(&self) -> Result<(), ReleaseError> {
        let path = self.paths.first_documents();
        if !path.exists() {
            return Ok(());
        }
        if self.reader.repository()?.is_none() {
            let bytes = offices::read(&path)?;
            let draft = protocol::cbor::decode("first documents", FIRST_BYTES, &bytes);
            let draft: Draft = draft
                .map_err(protocol::succession::SuccessionError::from)
                .map_err(LoadError::from)?;
            let publication = self.publication(&draft, &self.before()?)?;
            self.serve(&publication, &draft, None)?;
        }
        fs::remove_file(&path).map_err(|source| SecretError::Io {
            act: "remove",
            path,
            source,
        })?;
        Ok(())
    }

    /// A root of a draft that is in force already says that the rest was to follow.
    fn finish_broken_off(&self) -> Result<(), ReleaseError> {
        let before = self.before()?;
        for draft in self.reader.drafts()? {
            let mut papers = draft.papers.iter();
            let Some(root) = papers.find(|paper| paper.role == ROOT) else {
                continue;
            };
            let own = plan::assemble(root)?;
            if before.candidate.roots.contains(&own) {
                let publication = self.publication(&draft, &before)?;
                self.serve(&publication, &draft, None)?;
                info!(
                    draft = draft.number,
                    "a publication that was broken off is whole"
                );
            }
        }
        Ok(())
    }

    /// Every file that a document or a draft names.
    fn wanted(&self) -> Result<BTreeSet<[u8; 32]>, ReleaseError> {
        let before = self.before()?;
        let mut wanted = BTreeSet::new();
        for role in before.candidate.roles.keys() {
            let targets = before.targets(role)?.targets;
            wanted.extend(targets.values().map(|target| target.sha256));
        }
        let drafts = self.reader.drafts()?;
        let papers = drafts.iter().flat_map(|draft| &draft.papers);
        for paper in papers.filter(|paper| paper.role != ROOT) {
            let targets = plan::read_payload(paper)?.targets;
            wanted.extend(targets.values().map(|target| target.sha256));
        }
        Ok(wanted)
    }

    /// Signs the timestamp anew well before it ends, and the snapshot where that ends.
    pub fn tend(&self, now_unix_s: u64) -> Result<(), ReleaseError> {
        let Some((current, documents)) = self.reader.repository_documents()? else {
            return Ok(());
        };
        let left = |name: &str| {
            let ends = documents
                .get(name)
                .and_then(|document| status::expires(document));
            ends.map_or(0, |ends| ends.saturating_sub(now_unix_s))
        };
        let snapshot_name = format!("{}.snapshot.json", current.snapshot);
        let root = documents.get(&format!("{}.root.json", current.root));
        let keys = self.online(&Root::open(root.map_or(&[][..], Vec::as_slice))?)?;
        if left(&snapshot_name) < SNAPSHOT_LEFT_S {
            let candidate = Candidate::of(&current, &documents);
            let publication = candidate.publication(Some(&current), &keys, now_unix_s)?;
            return Ok(self.writer.write(|changes| changes.publish(&publication))?);
        }
        if left(TIMESTAMP) >= TIMESTAMP_LEFT_S {
            return Ok(());
        }
        let mut renewed = current;
        renewed.timestamp = after(renewed.timestamp, now_unix_s);
        let snapshot = documents.get(&snapshot_name).map_or(&[][..], Vec::as_slice);
        let promised = (renewed.snapshot, snapshot);
        let timestamp = keys.sign_timestamp(renewed.timestamp, promised, now_unix_s);
        let timestamp = timestamp.map_err(CandidateError::from)?;
        let publication = Publication {
            current: renewed,
            documents: [(TIMESTAMP.to_owned(), timestamp)].into(),
        };
        Ok(self.writer.write(|changes| changes.publish(&publication))?)
    }

    fn no_mesh(&self) -> LoadError {
        LoadError::NoMesh(self.paths.dir().to_owned())
    }
}

/// A draft that was made before something else was published says less than what is in force.
fn is_fresh(draft: &Draft, before: &Before) -> Result<(), ReleaseError> {
    for paper in &draft.papers {
        let now = match paper.role.as_str() {
            ROOT => before.root.version(),
            role => before
                .candidate
                .roles
                .get(role)
                .map_or(0, |(version, _)| *version),
        };
        if paper.version != now + 1 {
            return Err(ReleaseError::Stale {
                role: paper.role.clone(),
                found: paper.version,
                now,
            });
        }
    }
    Ok(())
}

fn administrators(charter: &protocol::charter::Charter) -> Vec<[u8; 32]> {
    let keys = charter.administrators.iter();
    keys.map(|key| *key.as_bytes()).collect()
}

fn now_s() -> u64 {
    mesh::wall().as_millis() / 1000
}

/// The first documents of a mesh, all signed by its first administrator.
pub fn first(
    root: &Root,
    keys: &OnlineKeys,
    administrator: &dyn protocol::key::Signer,
    now: Timestamp,
) -> Result<Draft, PlanError> {
    let before = Before {
        root: root.clone(),
        served_targets: None,
        served_root: 0,
        administrators: vec![*administrator.public().as_bytes()],
        candidate: Candidate::default(),
    };
    let mut papers: Vec<Paper> = before.papers(&Wish::Renew, keys, now.as_millis() / 1000)?;
    for paper in &mut papers {
        let signature = administrator.sign(paper.payload()).0;
        paper.sign((*administrator.public().as_bytes(), signature));
    }
    Ok(Draft {
        number: 0,
        made: now,
        purpose: "the first documents".to_owned(),
        papers,
    })
}
