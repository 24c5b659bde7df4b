//! Authenticators that were shown and not confirmed yet: in memory, a while, and few.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::caller::Caller;
use super::wall;
use crate::store::second_factors::SecondFactor;
use crate::store::secret_hash::SecretHash;

/// Offers that wait at once, in whatever browsers.
const OFFERS: usize = 256;
/// How long one can be confirmed.
const PATIENCE: Duration = Duration::from_secs(900);

/// One offer for each session.
#[derive(Debug, Default)]
pub struct Offers(Mutex<BTreeMap<SecretHash, SecondFactor>>);

impl Offers {
    /// Takes the place of the one before.
    pub fn put(&self, caller: &Caller, factor: SecondFactor) {
        let Some(session) = caller.session() else {
            return;
        };
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, offer| wall().since(offer.since) < PATIENCE);
        if waiting.len() >= OFFERS {
            waiting.pop_first();
        }
        waiting.insert(session, factor);
    }

    /// The offer that waits in this session.
    pub fn waiting(&self, caller: &Caller) -> Option<SecondFactor> {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = waiting.get(&caller.session()?);
        found
            .filter(|offer| wall().since(offer.since) < PATIENCE)
            .cloned()
    }

    pub fn forget(&self, caller: &Caller) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = caller.session() {
            waiting.remove(&session);
        }
    }
}
