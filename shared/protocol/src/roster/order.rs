//! The order to retire as a door shows it: whoever is turned away for good is told what it has to do.
//!
//! A device that was away has no other way to hear of it once the coordinator is gone: nobody opens a link
//! to it any more. What it is shown proves by itself that an administrator has signed the order, and that
//! the identity log holds it at the place for which it was signed.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;

use super::Roster;
use super::admission::{Place, ProofNode};
use crate::cbor::{self, DecodeError};
use crate::id::DeviceId;
use crate::key::{PeerKey, Verifier};
use crate::ledger::{Entry, Strength, Withdrawal};
use crate::limits;
use crate::signed::{Signed, Unchecked};
use crate::succession::Succession;

/// An administrator's order, and the proof that the identity log holds it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RetirementOrder {
    #[n(0)]
    withdrawal: ByteVec,
    #[n(1)]
    log_head: ByteVec,
    #[n(2)]
    inclusion: Vec<ProofNode>,
    /// For a device that has not heard of the charter by which the head was signed.
    #[cbor(n(3), skip_if = "Succession::is_empty")]
    succession: Succession,
}

/// Why a device does not obey what it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OrderError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("it does not order this device of this mesh to retire")]
    Foreign,
    #[error("the charter that comes with it does not follow the one in force")]
    Charter,
    #[error("no administrator whom the charter names has signed it")]
    NotAnAdministrator,
    #[error("the identity log does not hold it where it was signed for")]
    NotInTheLog,
}

impl RetirementOrder {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        cbor::decode("order to retire", limits::CREDENTIAL_BYTES, bytes)
    }
}

impl Roster {
    /// What the holder of this key is shown when it is turned away, if it has an order to retire.
    pub fn order_for(&self, key: PeerKey) -> Option<RetirementOrder> {
        let member = self.member(&self.device(key)?)?;
        let (order, head) = (member.order_to_retire()?, self.head()?);
        let tree = self.tree();
        let inclusion = tree.inclusion_proof(order.log_index, head.size).ok()?;
        Some(RetirementOrder {
            withdrawal: order.bytes().to_vec().into(),
            log_head: head.bytes().to_vec().into(),
            inclusion: inclusion.into_iter().map(ProofNode).collect(),
            succession: self.succession().fitting(limits::CREDENTIAL_BYTES / 2),
        })
    }

    /// The device that holds this key, if it has an order whose confirmation the coordinator takes. A convicted
    /// device's word confirms nothing: there are two of it.
    pub fn awaits_last_word(&self, key: PeerKey) -> Option<DeviceId> {
        let device = self.device(key)?;
        self.member(&device)?.order_to_retire()?;
        (!self.is_convicted(&device)).then_some(device)
    }

    /// Checks an order that this device was shown at somebody's door.
    pub fn open_order(
        &self,
        bytes: &[u8],
        device: &DeviceId,
        verifier: &dyn Verifier,
    ) -> Result<Signed<Withdrawal>, OrderError> {
        let shown = RetirementOrder::decode(bytes)?;
        let unchecked = Unchecked::<Withdrawal>::parse(&shown.withdrawal)?;
        let claim = unchecked.claim();
        let for_us = claim.mesh == self.charter().mesh && claim.device == *device;
        if !for_us || claim.strength != Strength::Retirement {
            return Err(OrderError::Foreign);
        }
        let charter = self.charter_with(&shown.succession);
        let charter = charter.map_err(|_| OrderError::Charter)?;
        let by = |key| unchecked.clone().check(key, verifier).ok();
        let order = charter.administrators.iter().find_map(by);
        let order = order.ok_or(OrderError::NotAnAdministrator)?;
        let place = Place {
            leaf: Entry::leaf(&Entry::withdrawal(&order).encode()),
            index: order.log_index,
            head: &shown.log_head,
            inclusion: &shown.inclusion,
        };
        let held = self.log_holds(&place, &charter.admission, verifier);
        held.then_some(order).ok_or(OrderError::NotInTheLog)
    }
}
