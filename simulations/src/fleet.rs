//! A fleet from a seed: root, charter, offices, and members as the coordinator's own rules admit them.

mod bulk;
mod enrol;
mod ground;
mod heirs;
mod repository;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use protocol::charter::{Charter, CharterError};
use protocol::class::DeviceClass;
use protocol::coordinator::Offices;
use protocol::dice::Dice;
use protocol::id::{DeviceId, MeshId};
use protocol::key::{KeyError, PublicKey, Signer, Verifier};
use protocol::roster::{ExtendError, Roster};
use protocol::seal::{DataKey, UnsealingKey};
use protocol::time::Timestamp;
use thiserror::Error;
use tuf_core::root::Root;

use crate::chance::seed_bytes;
use crate::profile::Profile;
use crate::signing::Signing;
use crate::store::Store;
pub use ground::Ground;
pub use heirs::{Heirs, Holder};
use heirs::{document, root_key, signed};
pub use repository::Edited;

/// When every world begins: 2026-01-01 00:00 UTC.
pub const BEGINNING: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// Larger fleets append all admissions at once, because one by one copies the roster each time.
const ENROLLED_ONE_BY_ONE: usize = 128;

/// What a fleet is made from.
#[derive(Debug, Clone)]
pub struct Blueprint {
    pub seed: u64,
    pub nodes: usize,
    pub ground: Ground,
    pub signing: Signing,
    /// How long a set of witnesses serves.
    pub epoch: Duration,
    /// The first seats are gateways by the charter.
    pub gateways: usize,
    /// Dealt to the seats in turn.
    pub profiles: Arc<[(DeviceClass, Profile)]>,
}

/// A mesh whose members are admitted and have never run.
#[derive(Debug)]
pub struct Fleet {
    pub blueprint: Blueprint,
    pub root: Arc<Root>,
    /// The charter as the root has signed it.
    pub envelope: Vec<u8>,
    pub charter: Arc<Charter>,
    /// One snapshot for all nodes: a copy each would not fit into memory.
    pub roster: Arc<Roster>,
    pub members: Vec<Member>,
    pub store: Store,
    pub verifier: Arc<dyn Verifier>,
}

/// The seat of one node.
#[derive(Clone)]
pub struct Member {
    pub device: DeviceId,
    pub key: PublicKey,
    pub signer: Arc<dyn Signer>,
    pub data_key: DataKey,
    pub unsealing: Arc<UnsealingKey>,
    /// Index into the blueprint's profiles.
    pub profile: usize,
}

#[derive(Debug, Error)]
pub enum FleetError {
    #[error("the root that was just made does not open: {0}")]
    Root(String),
    #[error(transparent)]
    Charter(#[from] CharterError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the identity log that was just made does not check: {0}")]
    Log(#[from] ExtendError),
    #[error("seat {seat} was not admitted: {why}")]
    Refused { seat: usize, why: String },
    #[error("a fleet needs at least one node and one profile")]
    Empty,
}

impl Fleet {
    pub fn build(blueprint: Blueprint) -> Result<Self, FleetError> {
        if blueprint.nodes == 0 || blueprint.profiles.is_empty() {
            return Err(FleetError::Empty);
        }
        let (root, charter, envelope) = documents(&blueprint)?;
        let (root, charter) = (Arc::new(root), Arc::new(charter));
        let empty = Roster::new(Arc::clone(&charter)).anchored(Arc::clone(&root));
        let verifier = blueprint.signing.verifier();
        let candidates = (0..blueprint.nodes)
            .map(|seat| Candidate::new(&blueprint, seat))
            .collect::<Vec<_>>();
        let admitted = if blueprint.nodes <= ENROLLED_ONE_BY_ONE {
            enrol::one_by_one(&blueprint, empty, &verifier, &candidates)?
        } else {
            bulk::at_once(&blueprint, &empty, &verifier, &candidates)?
        };
        let members = candidates.into_iter().zip(admitted.devices);
        let members = members
            .map(|(candidate, device)| candidate.seated(device))
            .collect();
        Ok(Self {
            root,
            charter,
            envelope,
            roster: admitted.roster,
            members,
            store: admitted.store,
            verifier,
            blueprint,
        })
    }

    /// The roster before the first entry.
    pub fn empty(&self) -> Roster {
        Roster::new(Arc::clone(&self.charter)).anchored(Arc::clone(&self.root))
    }

    pub fn offices(&self) -> Offices {
        offices(&self.blueprint, &self.verifier)
    }

    /// Who may revoke for good.
    pub fn administrator(&self) -> Arc<dyn Signer> {
        let seed = seed_bytes(self.blueprint.seed, "administrator key", 0);
        self.blueprint.signing.signer(&seed)
    }

    pub fn profile(&self, member: &Member) -> &Profile {
        &self.blueprint.profiles[member.profile].1
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({})", self.device)
    }
}

/// What either way of admission returns.
struct Admitted {
    roster: Arc<Roster>,
    devices: Vec<DeviceId>,
    store: Store,
}

/// A device before its admission.
struct Candidate {
    key: PublicKey,
    signer: Arc<dyn Signer>,
    unsealing: UnsealingKey,
    data_key: DataKey,
    profile: usize,
    class: DeviceClass,
}

impl Candidate {
    fn key(blueprint: &Blueprint, seat: usize) -> PublicKey {
        let seed = seed_bytes(blueprint.seed, "device key", seat as u64);
        blueprint.signing.signer(&seed).public()
    }

    fn new(blueprint: &Blueprint, seat: usize) -> Self {
        let bytes = |purpose| seed_bytes(blueprint.seed, purpose, seat as u64);
        let signer = blueprint.signing.signer(&bytes("device key"));
        let profile = seat % blueprint.profiles.len();
        Self {
            key: signer.public(),
            signer,
            unsealing: UnsealingKey::from_seed(&bytes("device sealing key")),
            data_key: DataKey::from_bytes(bytes("device data key")),
            profile,
            class: blueprint.profiles[profile].0,
        }
    }

    fn seated(self, device: DeviceId) -> Member {
        Member {
            device,
            key: self.key,
            signer: self.signer,
            data_key: self.data_key,
            unsealing: Arc::new(self.unsealing),
            profile: self.profile,
        }
    }
}

fn offices(blueprint: &Blueprint, verifier: &Arc<dyn Verifier>) -> Offices {
    Offices {
        admission: blueprint
            .signing
            .signer(&seed_bytes(blueprint.seed, "admission key", 0)),
        unsealing: UnsealingKey::from_seed(&seed_bytes(blueprint.seed, "sealing key", 0)),
        verifier: Arc::clone(verifier),
        dice: Dice::from_seed(seed_bytes(blueprint.seed, "coordinator dice", 0)),
    }
}

fn documents(blueprint: &Blueprint) -> Result<(Root, Charter, Vec<u8>), FleetError> {
    let key = root_key(blueprint, Holder::First);
    let document = document(1, key.as_ref(), std::slice::from_ref(&key));
    let root = Root::open(&document).map_err(|error| FleetError::Root(error.to_string()))?;
    let mesh = MeshId::from_bytes(root.digest());
    let envelope = signed(&unsigned(blueprint, mesh), key.as_ref());
    let charter = Charter::open(&envelope, &root, &mesh)?;
    Ok((root, charter, envelope))
}

fn unsigned(blueprint: &Blueprint, mesh: MeshId) -> Charter {
    let public = |purpose| {
        blueprint
            .signing
            .signer(&seed_bytes(blueprint.seed, purpose, 0))
            .public()
    };
    Charter {
        mesh,
        version: 1,
        issued: BEGINNING,
        admission: public("admission key"),
        coordinator: public("coordinator key"),
        enrolment_pin: seed_bytes(blueprint.seed, "enrolment pin", 0),
        tls_pin: seed_bytes(blueprint.seed, "tls pin", 0),
        sealing: UnsealingKey::from_seed(&seed_bytes(blueprint.seed, "sealing key", 0)).public(),
        administrators: vec![public("administrator key")],
        gateways: (0..blueprint.gateways.min(blueprint.nodes))
            .map(|seat| Candidate::key(blueprint, seat))
            .collect(),
        exempt: vec![DeviceClass::Medical, DeviceClass::Plc, DeviceClass::Gateway],
        former: Vec::new(),
        automate: Vec::new(),
    }
}
