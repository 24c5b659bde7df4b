//! What people wish for: which image, who gets it first, and what is too much to go on.

use std::time::Duration;

use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::id::{DeviceId, Digest};
use crate::limits;
use crate::release::Counter;
use crate::text::{Name, Path};

/// Percent of a ring whose failure halts it, where nobody asked for another number.
const ERRORS_PERCENT: usize = 5;
/// Times that people may ask for.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);
const SHORTEST_PATIENCE: Duration = Duration::from_secs(60);

/// A rollout as it was asked for; only a checked one is begun.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Plan {
    #[n(0)]
    pub image: Image,
    /// The first is the canary.
    #[n(1)]
    pub rings: Vec<Ring>,
    /// How long a device may say nothing before it is given up.
    #[n(2)]
    pub patience_s: u64,
    #[n(3)]
    pub approval: Approval,
    /// Who asked for it.
    #[n(4)]
    pub by: Name,
}

/// What is rolled out, as the signed metadata says it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Image {
    /// The target's path.
    #[n(0)]
    pub path: Path,
    /// The SHA-256 of its bytes.
    #[n(1)]
    pub target: Digest,
    #[n(2)]
    pub product: Name,
    #[n(3)]
    pub version: Name,
    #[n(4)]
    pub counter: Counter,
    /// The models that it runs on.
    #[n(5)]
    pub hardware: Vec<Name>,
}

/// Devices that are updated at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Ring {
    #[n(0)]
    pub reach: Reach,
    /// Percent of those who tried it that must have committed before the next ring begins.
    #[n(1)]
    pub success: u8,
    /// So many failures halt it; otherwise one in twenty, and one in any case.
    #[n(2)]
    pub errors: Option<u32>,
    /// How long it is looked at when its last device has ended.
    #[n(3)]
    pub soak_s: u64,
}

/// Who is in a ring.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Reach {
    #[n(0)]
    Named(#[n(0)] Vec<DeviceId>),
    /// So many, drawn.
    #[n(1)]
    Count(#[n(0)] u32),
    /// As many as bring it, with the rings before it, to so many percent of all that match.
    #[n(2)]
    Share(#[n(0)] u8),
}

/// Who has to agree before it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Approval {
    #[n(0)]
    None,
    /// Another person than the one who asked for it.
    #[n(1)]
    Second,
}

/// Why a plan cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PlanError {
    #[error("a rollout has 1 to {} rings", limits::ROLLOUT_RINGS)]
    Rings,
    #[error("ring {number} names no device, or more than {most}", number = .0, most = limits::ROLLOUT_NAMED)]
    Named(usize),
    #[error("ring {0} has no device")]
    Count(usize),
    #[error("the share of ring {0} is 1 to 100 percent, and more than that of the ring before it")]
    Share(usize),
    #[error("what ring {0} needs to succeed is 1 to 100 percent")]
    Success(usize),
    #[error("ring {0} is halted by one failure at least")]
    Errors(usize),
    #[error("ring {0} is looked at for 30 days at most")]
    Soak(usize),
    #[error("a device is waited for between a minute and 30 days")]
    Patience,
}

impl Plan {
    /// Whether it can be begun; rings are counted from 1.
    pub fn check(&self) -> Result<(), PlanError> {
        if self.rings.is_empty() || self.rings.len() > limits::ROLLOUT_RINGS {
            return Err(PlanError::Rings);
        }
        if self.patience() < SHORTEST_PATIENCE || self.patience() > LONGEST {
            return Err(PlanError::Patience);
        }
        let mut share = 0;
        for (number, ring) in (1..).zip(&self.rings) {
            ring.check(number, &mut share)?;
        }
        Ok(())
    }

    pub const fn patience(&self) -> Duration {
        Duration::from_secs(self.patience_s)
    }
}

impl Ring {
    /// A ring with the usual thresholds: all but one in ten succeed, an hour of looking on.
    pub const fn usual(reach: Reach) -> Self {
        Self {
            reach,
            success: 90,
            errors: None,
            soak_s: 3600,
        }
    }

    pub const fn soak(&self) -> Duration {
        Duration::from_secs(self.soak_s)
    }

    /// So many failures of so many devices halt it.
    pub fn halting(&self, devices: usize) -> usize {
        let errors = self.errors.and_then(|errors| usize::try_from(errors).ok());
        errors.unwrap_or_else(|| (devices * ERRORS_PERCENT).div_ceil(100).max(1))
    }

    fn check(&self, number: usize, share: &mut u8) -> Result<(), PlanError> {
        match &self.reach {
            Reach::Named(devices)
                if devices.is_empty() || devices.len() > limits::ROLLOUT_NAMED =>
            {
                return Err(PlanError::Named(number));
            }
            Reach::Count(0) => return Err(PlanError::Count(number)),
            Reach::Share(percent) if *percent <= *share || *percent > 100 => {
                return Err(PlanError::Share(number));
            }
            Reach::Share(percent) => *share = *percent,
            Reach::Named(_) | Reach::Count(_) => {}
        }
        match self {
            Self { success, .. } if !(1..=100).contains(success) => Err(PlanError::Success(number)),
            Self {
                errors: Some(0), ..
            } => Err(PlanError::Errors(number)),
            ring if ring.soak() > LONGEST => Err(PlanError::Soak(number)),
            _ => Ok(()),
        }
    }
}
