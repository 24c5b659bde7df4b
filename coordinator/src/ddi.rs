//! Devices without a node: they ask over hawkBit's device interface, and get what people have signed and an operator assigned.
//!
//! Such a device checks neither signatures of the repository nor its expiry; it believes what it is told here. So only
//! what a published release vouches for is offered, its floor is kept on this side, and its own updater has to check
//! who signed the file (`swupdate -k`).

pub mod artifact;
pub mod feedback;
pub mod listener;
pub mod visit;

use protocol::id::Digest;
use protocol::release::Counter;
use protocol::text::{Line, Name, TextError};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::access::{self, AccessError};
use crate::releases::firmware::{self, FirmwareError, Published};
use crate::releases::{ReleaseError, Releases};
use crate::store::audit::Act;
use crate::store::ddi::{Action, State, Target, Words};
use crate::store::fault::{ChangeError, ReadError};
use crate::store::secret_hash::SecretHash;
use crate::store::{Reader, Writer};

use artifact::HashError;

/// What tokens of such devices begin with, so that scanners for leaked secrets find them.
const TOKEN_PREFIX: &str = "plsd_ddi_";
/// One handle on these devices, for their listener and the command line.
#[derive(Debug, Clone)]
pub struct Ddi {
    reader: Reader,
    writer: Writer,
    releases: Releases,
}

#[derive(Debug, Error)]
pub enum DdiError {
    #[error("there is no DDI device {0}: ddi list names them")]
    NoSuchDevice(Name),
    #[error("no published release of {product} is called {version}: release list names them")]
    NoSuchRelease { product: Name, version: Name },
    #[error("{product} {version} does not run on {model}, but on {hardware}")]
    OtherHardware {
        product: Name,
        version: Name,
        model: Name,
        hardware: String,
    },
    #[error(
        "the counter {given} is below {floor}, which the device has installed: devices never go back below it"
    )]
    BelowFloor { given: u64, floor: u64 },
    #[error(
        "{product} {version} was halted because it turned out to be bad: release a better one, or resume the rollout that halted it"
    )]
    Halted { product: Name, version: Name },
    #[error("the device is still at {0}: cancel that first")]
    StillAt(Name),
    #[error("nothing is under way on the device")]
    NothingOpen,
    #[error("a name does not fit: {0}")]
    Text(#[from] TextError),
    #[error(transparent)]
    Name(#[from] FirmwareError),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl Ddi {
    pub const fn new(reader: Reader, writer: Writer, releases: Releases) -> Self {
        Self {
            reader,
            writer,
            releases,
        }
    }

    /// Registers a device; its token is told this once.
    pub fn add(
        &self,
        name: &str,
        product: &str,
        model: &str,
    ) -> Result<Zeroizing<String>, DdiError> {
        let name = firmware::segment("the name", name)?;
        let token = access::secret(TOKEN_PREFIX)?;
        let target = Target {
            product: firmware::segment("the product", product)?,
            model: Name::new(model)?,
            token: SecretHash::of_ddi_token(token.as_bytes()),
            created: mesh::wall(),
            asked: None,
            attributes: None,
            floor: None,
            action: None,
        };
        let act = ordered("ddi.add", &name, &format!("{product} on {model}"))?;
        self.writer.write(|changes| {
            changes.add_ddi_target(&name, &target)?;
            changes.audit(act)?;
            Ok::<_, DdiError>(())
        })?;
        Ok(token)
    }

    pub fn list(&self) -> Result<Vec<(Name, Target)>, DdiError> {
        Ok(self.reader.ddi_targets()?)
    }

    pub fn remove(&self, name: &str) -> Result<(), DdiError> {
        let name = Name::new(name)?;
        self.target(&name)?;
        let act = ordered("ddi.remove", &name, "it is not answered any more")?;
        self.writer.write(|changes| {
            changes.remove_ddi_target(&name)?;
            changes.audit(act)?;
            Ok(())
        })
    }

    /// Has a device install a published release; reads the whole file, because such devices want older hashes.
    pub fn assign(&self, name: &str, version: &str) -> Result<(), DdiError> {
        let (name, version) = (Name::new(name)?, Name::new(version)?);
        let target = self.target(&name)?;
        if let Some(open) = target
            .action
            .as_ref()
            .filter(|action| action.state.is_open())
        {
            return Err(DdiError::StillAt(open.version.clone()));
        }
        let published = self.release_for(&target, &version)?;
        let artifact = artifact::of(&published, self.releases.blobs())?;
        let act = ordered(
            "ddi.assign",
            &name,
            &format!("{} {version}", target.product),
        )?;
        let action = Action {
            number: target.action.map_or(1, |last| last.number + 1),
            version,
            counter: published.release.counter,
            artifact,
            state: State::Assigned,
            since: mesh::wall(),
            said: None,
        };
        self.writer.write(|changes| {
            changes.change_ddi_target(&name, |target| target.action = Some(action))?;
            changes.audit(act)?;
            Ok(())
        })
    }

    /// Takes back what was assigned; the device may say that it is too late for that.
    pub fn cancel(&self, name: &str) -> Result<(), DdiError> {
        let name = Name::new(name)?;
        let open = self.target(&name)?.action;
        let open = open.filter(|action| action.state.is_open());
        let version = open.ok_or(DdiError::NothingOpen)?.version;
        let act = ordered("ddi.cancel", &name, &version.to_string())?;
        self.writer.write(|changes| {
            changes.change_ddi_target(&name, |target| enter(target, State::Cancelling, None))?;
            changes.audit(act)?;
            Ok(())
        })
    }

    fn target(&self, name: &Name) -> Result<Target, DdiError> {
        let found = self.reader.ddi_target(name)?;
        found.ok_or_else(|| DdiError::NoSuchDevice(name.clone()))
    }

    fn release_for(&self, target: &Target, version: &Name) -> Result<Published, DdiError> {
        let product = &target.product;
        let all = self.releases.published()?;
        let found = all
            .into_iter()
            .find(|one| one.release.product == *product && one.release.version == *version);
        let found = found.ok_or_else(|| DdiError::NoSuchRelease {
            product: product.clone(),
            version: version.clone(),
        })?;
        let release = &found.release;
        if !release.hardware.contains(&target.model) {
            let hardware: Vec<_> = release.hardware.iter().map(Name::as_str).collect();
            return Err(DdiError::OtherHardware {
                product: product.clone(),
                version: version.clone(),
                model: target.model.clone(),
                hardware: hardware.join(", "),
            });
        }
        if self.reader.is_halted(&Digest::from_bytes(found.sha256))? {
            return Err(DdiError::Halted {
                product: product.clone(),
                version: version.clone(),
            });
        }
        let floor = target.floor.unwrap_or(Counter(0));
        if release.counter < floor {
            return Err(DdiError::BelowFloor {
                given: release.counter.0,
                floor: floor.0,
            });
        }
        Ok(found)
    }
}

/// Moves a device's action on; an action that is over stays so.
fn enter(target: &mut Target, state: State, said: Option<Words>) {
    if let Some(action) = target
        .action
        .as_mut()
        .filter(|action| action.state.is_open())
    {
        action.state = state;
        action.since = mesh::wall();
        action.said = said.or(action.said.take());
    }
}

fn ordered(action: &str, name: &Name, says: &str) -> Result<Act, DdiError> {
    Ok(Act {
        after: Line::fitted(says),
        ..access::act(action, name.as_str())?
    })
}
