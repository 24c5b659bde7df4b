//! The repository of signed targets: what waits for signatures, what is published, and what says that it is the newest.
//!
//! Whoever has this machine holds the two keys that sign online, and with them nobody makes a release: what devices take
//! is signed by people elsewhere. Everything is published in one transaction of the store, so that after a crash the
//! former repository is served or the next one, never a mixture.

pub mod blobs;
pub mod bundle;
pub mod candidate;
pub mod commands;
pub mod comparison;
pub mod contents;
pub mod document;
pub mod fault;
pub mod feeds;
pub mod firmware;
pub mod index;
pub mod online;
pub mod parts;
pub mod plan;
mod publishing;
pub mod roles;
pub mod settings;
pub mod standing;
pub mod status;
mod upkeep;

use std::path::PathBuf;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use protocol::command::Command;
use protocol::ledger::Entry;
use protocol::time::Timestamp;
use tokio::sync::Mutex;
use tuf_core::draft::Signers;
use tuf_core::draft::detached;
use tuf_core::draft::targets::TargetsDraft;
use tuf_core::key::DetachedSignature;
use tuf_core::name;
use tuf_core::role::RoleName;
use tuf_core::root::Root;

use crate::offices::{self, LoadError, Paths};
use crate::orders::Orders;
use crate::store::audit::Act;
use crate::store::fault::ChangeError;
use crate::store::repository::{Current, Documents, Draft, Paper};
use crate::store::{Reader, Writer};

use blobs::{BlobError, Blobs};
use candidate::Candidate;
use comparison::Comparisons;
pub use fault::ReleaseError;
use firmware::{FirmwareError, NewRelease, Published};
use online::OnlineKeys;
use plan::{Before, PlanError, Wish};
use roles::FIRMWARE;
use settings::{Change, POLICY, Wanted};
use standing::Need;

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
    compared: Arc<Comparisons>,
}

/// What belongs together, and its documents.
pub type Served = (Current, Documents);

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
            compared: Arc::default(),
        })
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
        let (wanted, blobs) = (release.clone(), self.blobs.clone());
        let made = tokio::task::spawn_blocking(move || wanted.targets(&known, &blobs));
        let targets = made
            .await
            .map_err(std::io::Error::from)
            .map_err(BlobError::from)??;
        let role = FIRMWARE;
        self.keep(
            &before,
            &Wish::Vouch { role, targets },
            release.words(),
            act,
        )
    }

    /// A draft of other settings, which is signed by the role `policy`.
    pub async fn prepare_settings(&self, change: &Change, act: Act) -> Result<Draft, ReleaseError> {
        let _turn = self.turn.lock().await;
        let before = self.before()?;
        let known = settings::wanted(&before.targets(POLICY)?);
        let wish = change.wish(&known, &self.blobs)?;
        self.keep(&before, &wish, change.words(), act)
    }

    /// A draft of a command, which is signed by the role `policy`; what has ended there goes.
    pub async fn prepare_command(
        &self,
        command: &Command,
        act: Act,
    ) -> Result<Draft, ReleaseError> {
        let _turn = self.turn.lock().await;
        let before = self.before()?;
        let wish = commands::wish(command, &before.targets(POLICY)?, &self.blobs)?;
        self.keep(&before, &wish, commands::words(command), act)
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
        let files = upkeep::files(&self.draft(number)?)?;
        self.writer.write(|changes| {
            changes.remove_draft(number)?;
            changes.audit(act)?;
            Ok::<_, ChangeError>(())
        })?;
        self.remove_unwanted(&files)
    }

    /// Every release that is served.
    pub fn published(&self) -> Result<Vec<Published>, ReleaseError> {
        let role = self.served_role(FIRMWARE)?;
        Ok(role.as_ref().map(firmware::releases).unwrap_or_default())
    }

    /// The settings that are served.
    pub fn wanted_of_devices(&self) -> Result<Wanted, ReleaseError> {
        let role = self.served_role(POLICY)?;
        Ok(role.as_ref().map(settings::wanted).unwrap_or_default())
    }

    fn served_role(&self, role: &str) -> Result<Option<TargetsDraft>, ReleaseError> {
        let current = self.reader.repository()?;
        let Some(version) = current.as_ref().and_then(|current| current.roles.get(role)) else {
            return Ok(None);
        };
        let name = candidate::role_name(*version, role);
        let document = self.reader.repository_document(&name)?.unwrap_or_default();
        Ok(Some(
            TargetsDraft::read(&document).map_err(PlanError::from)?,
        ))
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

    /// Everything that is served, unless it is what was published under this timestamp.
    pub fn served_since(&self, since: Option<u64>) -> Result<Option<Served>, ReleaseError> {
        let current = self.reader.repository()?;
        match current.filter(|current| Some(current.timestamp) != since) {
            Some(_) => Ok(self.reader.repository_documents()?),
            None => Ok(None),
        }
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

    fn online(&self, root: &Root) -> Result<OnlineKeys, ReleaseError> {
        let keys = OnlineKeys::appointed(&self.paths, root)?;
        keys.ok_or(ReleaseError::NoOnlineKeys)
    }

    fn nothing(&self, product: &str, version: &str) -> ReleaseError {
        let (product, version) = (product.to_owned(), version.to_owned());
        FirmwareError::NoSuchRelease { product, version }.into()
    }

    fn no_mesh(&self) -> LoadError {
        LoadError::NoMesh(self.paths.dir().to_owned())
    }
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
