//! What somebody asks to be rolled out, made into a plan by what is published and who is a member.

use protocol::id::{DeviceId, Digest};
use protocol::rollout::{Approval, Image, Plan, PlanError, Reach, Ring};
use protocol::text::{Name, Path};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::live::Live;
use crate::releases::firmware::{self, Published};
use crate::releases::roles::FIRMWARE;
use crate::releases::{ReleaseError, Releases};

/// Devices of a canary for which nobody has asked otherwise.
const CANARY: u32 = 2;
/// Shares that follow it, in percent of all that match.
const SHARES: [u8; 3] = [10, 50, 100];
/// How long a device may say nothing: a day, so that one that sleeps at night is not given up.
const PATIENCE_S: u64 = 86_400;

/// A rollout in the words of a person or a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    pub product: String,
    pub version: String,
    /// Devices that get it first, by id or name.
    #[serde(default)]
    pub canary: Vec<String>,
    /// So many, drawn, where none is named.
    #[serde(default)]
    pub canary_count: Option<u32>,
    /// The rings after the canary: growing percent of all that match.
    #[serde(default)]
    pub shares: Option<Vec<u8>>,
    /// Percent of a ring that must have committed before the next one begins.
    #[serde(default)]
    pub success_percent: Option<u8>,
    /// So many failures in a ring halt it.
    #[serde(default)]
    pub errors: Option<u32>,
    /// How long each ring is looked at.
    #[serde(default)]
    pub soak_s: Option<u64>,
    /// How long a device may say nothing.
    #[serde(default)]
    pub patience_s: Option<u64>,
    /// Whether another person has to agree before it starts.
    #[serde(default)]
    pub second_person: bool,
}

/// Why a wish is no plan.
#[derive(Debug, Error)]
pub enum WishError {
    #[error(transparent)]
    Releases(#[from] ReleaseError),
    #[error("no release {product} {version} is published")]
    NoSuchRelease { product: String, version: String },
    #[error("no member is called {0}: use its id, or the name on the devices page")]
    NoSuchDevice(String),
    #[error("more than one member is called {0}: use the id")]
    TwoDevices(String),
    #[error("name the devices of the canary, or say how many are drawn")]
    TwoCanaries,
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl WishError {
    /// The part of the wish that is wrong, as a JSON pointer.
    pub const fn place(&self) -> &'static str {
        match self {
            Self::Releases(_) => "",
            Self::NoSuchRelease { .. } => "/version",
            Self::NoSuchDevice(_) | Self::TwoDevices(_) => "/canary",
            Self::TwoCanaries => "/canary_count",
            Self::Plan(flaw) => match flaw {
                PlanError::Rings | PlanError::Share(_) => "/shares",
                PlanError::Named(_) => "/canary",
                PlanError::Count(_) => "/canary_count",
                PlanError::Success(_) => "/success_percent",
                PlanError::Errors(_) => "/errors",
                PlanError::Soak(_) => "/soak_s",
                PlanError::Patience => "/patience_s",
            },
        }
    }
}

impl Wish {
    /// The plan that it asks for.
    pub fn plan(&self, releases: &Releases, live: &Live, by: &Name) -> Result<Plan, WishError> {
        let plan = Plan {
            image: self.image(&published(releases)?)?,
            rings: self.rings(live)?,
            patience_s: self.patience_s.unwrap_or(PATIENCE_S),
            approval: if self.second_person {
                Approval::Second
            } else {
                Approval::None
            },
            by: by.clone(),
        };
        plan.check()?;
        Ok(plan)
    }

    fn image(&self, published: &[Published]) -> Result<Image, WishError> {
        let (product, version) = (self.product.trim(), self.version.trim());
        let none = || WishError::NoSuchRelease {
            product: product.to_owned(),
            version: version.to_owned(),
        };
        let mut releases = published.iter();
        let found = releases.find(|one| {
            one.release.product.as_str() == product && one.release.version.as_str() == version
        });
        let found = found.ok_or_else(none)?;
        Ok(Image {
            path: Path::new(found.path.as_str()).map_err(|_| none())?,
            target: Digest::from_bytes(found.sha256),
            product: found.release.product.clone(),
            version: found.release.version.clone(),
            counter: found.release.counter,
            hardware: found.release.hardware.iter().cloned().collect(),
        })
    }

    fn rings(&self, live: &Live) -> Result<Vec<Ring>, WishError> {
        let canary = match (self.canary.as_slice(), self.canary_count) {
            ([], count) => Reach::Count(count.unwrap_or(CANARY)),
            (_, Some(_)) => return Err(WishError::TwoCanaries),
            (named, None) => {
                let named = named.iter().map(|one| device(live, one.trim()));
                Reach::Named(named.collect::<Result<_, _>>()?)
            }
        };
        let shares = self.shares.as_deref().unwrap_or(&SHARES).iter();
        let reaches = std::iter::once(canary).chain(shares.map(|share| Reach::Share(*share)));
        Ok(reaches.map(|reach| self.ring(reach)).collect())
    }

    fn ring(&self, reach: Reach) -> Ring {
        let usual = Ring::usual(reach);
        Ring {
            success: self.success_percent.unwrap_or(usual.success),
            errors: self.errors,
            soak_s: self.soak_s.unwrap_or(usual.soak_s),
            ..usual
        }
    }

    /// What it asks for, for the audit log.
    pub fn words(&self) -> String {
        format!("{} {}", self.product.trim(), self.version.trim())
    }
}

/// Everything that could be rolled out, by product, the newest first.
pub fn published(releases: &Releases) -> Result<Vec<Published>, ReleaseError> {
    let role = releases.before()?.targets(FIRMWARE);
    Ok(role
        .map(|role| firmware::releases(&role))
        .unwrap_or_default())
}

fn device(live: &Live, called: &str) -> Result<DeviceId, WishError> {
    if let Ok(id) = called.parse::<DeviceId>() {
        return Ok(id);
    }
    let mut named = live
        .devices
        .iter()
        .filter(|one| one.name.as_str() == called && one.withdrawal.is_none());
    match (named.next(), named.next()) {
        (Some(one), None) => Ok(one.device),
        (Some(_), Some(_)) => Err(WishError::TwoDevices(called.to_owned())),
        (None, _) => Err(WishError::NoSuchDevice(called.to_owned())),
    }
}
