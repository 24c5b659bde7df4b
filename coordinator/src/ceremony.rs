//! `init`: the offline root, the charter it signs, and the keys of this coordinator's offices.

use std::fs;
use std::path::{Path, PathBuf};

use protocol::cbor;
use protocol::charter::{Charter, RootSignature};
use protocol::class::DeviceClass;
use protocol::id::MeshId;
use protocol::key::{SecretKey, Signer};
use protocol::seal::UnsealingKey;
use protocol::time::Timestamp;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tuf_core::draft::{DraftError, RootDraft, Signers};
use tuf_core::role::RoleName;
use tuf_core::root::Root;

use crate::config::Config;
use crate::offices::Paths;
use crate::offline::{self, OfflineError};
use crate::releases;
use crate::releases::online::OnlineKeys;
use crate::releases::plan::PlanError;
use crate::secrets::{Secret, SecretError, private_dir};
use crate::tls::{self, TlsError};

/// Years that a root document lasts.
pub(crate) const ROOT_YEARS: u64 = 10;

/// Who holds the root.
#[derive(Debug)]
pub struct RootPlan {
    /// Keys of which the threshold must sign.
    pub holders: u32,
    pub threshold: u32,
    /// Encrypts the key files; without one the words are the only copy.
    pub passphrase: Option<zeroize::Zeroizing<String>>,
}

/// What `init` hands to the person who ran it.
#[derive(Debug)]
pub struct Ceremony {
    pub mesh: MeshId,
    /// Per root key: its recovery words. Shown once, stored nowhere.
    pub words: Vec<zeroize::Zeroizing<String>>,
    /// Encrypted key files, if a passphrase was given: to be moved off this machine.
    pub files: Vec<PathBuf>,
}

#[derive(Debug, Error)]
pub enum CeremonyError {
    #[error("{} holds a mesh already: choose another --dir, or serve this one", .0.display())]
    Exists(PathBuf),
    #[error("the threshold {threshold} does not fit {holders} keys: choose 1 to {holders}")]
    Threshold { threshold: u32, holders: u32 },
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Offline(#[from] OfflineError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the root cannot be written: {0}")]
    Draft(#[from] DraftError),
    #[error("the first documents of the repository cannot be written: {0}")]
    Plan(#[from] PlanError),
    #[error("the new root does not verify: {0}")]
    Root(#[from] tuf_core::root::RootError),
    #[error("cannot write {path}", path = path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// Makes a mesh in an empty directory.
pub fn init(
    dir: &Path,
    config: &Config,
    plan: &RootPlan,
    now: Timestamp,
) -> Result<Ceremony, CeremonyError> {
    if plan.threshold == 0 || plan.threshold > plan.holders {
        return Err(CeremonyError::Threshold {
            threshold: plan.threshold,
            holders: plan.holders,
        });
    }
    let paths = Paths::new(dir);
    if paths.root().exists() {
        return Err(CeremonyError::Exists(dir.to_owned()));
    }
    for private in [dir, &paths.keys(), &paths.tls(), &paths.run()] {
        private_dir(private)?;
    }
    let seeds: Vec<Secret> = (0..plan.holders)
        .map(|_| Secret::random())
        .collect::<Result<_, _>>()?;
    let holders: Vec<SecretKey> = seeds
        .iter()
        .map(|seed| SecretKey::from_seed(seed.bytes()))
        .collect();
    let administrator = offline::administrator(&seeds[0]);
    let administrator_key = SecretKey::from_seed(administrator.bytes());
    let online = OnlineKeys::create(&paths)?;
    let root = make_root(&holders, plan.threshold, &administrator_key, &online, now)?;
    let mesh = MeshId::from_bytes(root.digest());
    let charter = make_charter(&paths, config, mesh, &administrator_key, now)?;
    let first = releases::first(&root, &online, &administrator_key, now)?;
    let signatures = holders
        .iter()
        .map(|holder| RootSignature {
            key: holder.public(),
            signature: holder.sign(&charter.message()),
        })
        .collect();
    let files = offline::write_files(
        &paths,
        &seeds,
        &administrator,
        plan.passphrase.as_ref().map(|text| text.as_str()),
    )?;
    write(&paths.charter(), &charter.assemble(signatures))?;
    write(&paths.first_documents(), &cbor::encode(&first))?;
    write(&paths.config(), config.to_toml().as_bytes())?;
    write(&paths.root(), root.as_bytes())?;
    let words = seeds.iter().map(offline::words).collect::<Result<_, _>>()?;
    Ok(Ceremony { mesh, words, files })
}

/// A root that appoints its own keys, those that sign online, and the administrator for what devices are given.
fn make_root(
    holders: &[SecretKey],
    threshold: u32,
    administrator: &SecretKey,
    online: &OnlineKeys,
    now: Timestamp,
) -> Result<Root, CeremonyError> {
    let expires = now.as_millis() / 1000 + ROOT_YEARS * 365 * 86_400;
    let keys = holders
        .iter()
        .map(|holder| *holder.public().as_bytes())
        .collect();
    let mut draft = RootDraft::new(1, expires, threshold, keys);
    draft.others.extend(online.signers());
    let targets = Signers {
        threshold: 1,
        keys: vec![*administrator.public().as_bytes()],
    };
    draft.others.insert(RoleName::Targets, targets);
    let payload = draft.payload()?;
    let signatures: Vec<_> = holders
        .iter()
        .map(|holder| (*holder.public().as_bytes(), holder.sign(&payload).0))
        .collect();
    Ok(Root::open(&draft.assemble(&signatures)?)?)
}

fn make_charter(
    paths: &Paths,
    config: &Config,
    mesh: MeshId,
    administrator: &SecretKey,
    now: Timestamp,
) -> Result<Charter, CeremonyError> {
    let office = |path: PathBuf| -> Result<Secret, CeremonyError> {
        let secret = Secret::random()?;
        secret.create(&path)?;
        Ok(secret)
    };
    let admission = office(paths.admission())?;
    let identity = office(paths.identity())?;
    let enrolment = office(paths.enrolment())?;
    let sealing = office(paths.sealing())?;
    office(paths.store_key())?;
    Ok(Charter {
        mesh,
        version: 1,
        issued: now,
        admission: SecretKey::from_seed(admission.bytes()).public(),
        coordinator: SecretKey::from_seed(identity.bytes()).public(),
        enrolment_pin: Sha256::digest(mesh::enrol::public_of(enrolment.bytes())).into(),
        tls_pin: tls::create(&paths.tls(), &tls::names(config), now.as_millis() / 1000)?,
        sealing: UnsealingKey::from_seed(sealing.bytes()).public(),
        administrators: vec![administrator.public()],
        gateways: Vec::new(),
        exempt: DeviceClass::exempt_at_first(),
        former: Vec::new(),
        automate: Vec::new(),
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CeremonyError> {
    fs::write(path, bytes).map_err(|source| CeremonyError::Write {
        path: path.to_owned(),
        source,
    })
}
