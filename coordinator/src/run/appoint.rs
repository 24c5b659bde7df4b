//! Deputies: when the roster or the receiver changes, each candidate is given what it needs, sealed to it alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::cbor;
use protocol::coordinator::{Command, Input};
use protocol::deputies::{SINK_PURPOSE, Sink, candidates};
use protocol::dice::Dice;
use protocol::id::DeviceId;
use protocol::roster::Roster;
use protocol::seal::SealingKey;
use tracing::{error, info};

use super::Shell;
use crate::secrets;

/// To whom the present receiver was given; forgotten when the receiver changes.
#[derive(Debug, Default)]
pub(super) struct Appointments {
    seen: Option<Arc<Roster>>,
    given: BTreeMap<DeviceId, SealingKey>,
}

impl Shell {
    /// What follows for deputies from what has changed since the last look.
    pub(super) fn appoint(&mut self) -> Vec<Input> {
        let roster = Arc::clone(self.core.roster());
        let seen = self.appointments.seen.replace(Arc::clone(&roster));
        if seen.is_some_and(|seen| Arc::ptr_eq(&seen, &roster)) {
            return Vec::new();
        }
        let keys = keys(&roster);
        if keys == self.appointments.given {
            return Vec::new();
        }
        let reader = self.store.reader();
        let sink = match tokio::task::block_in_place(|| reader.sink()) {
            Ok(sink) => sink,
            Err(error) => {
                error!(%error, "whom deputies should tell cannot be read");
                return Vec::new();
            }
        };
        let Some(capabilities) = sealed(sink.as_ref(), &keys) else {
            return Vec::new();
        };
        if sink.is_some() {
            info!(deputies = capabilities.len(), "deputies appointed");
        }
        self.appointments.given = keys;
        vec![Input::Command(Command::Appoint(capabilities))]
    }
}

fn keys(roster: &Roster) -> BTreeMap<DeviceId, SealingKey> {
    let devices = candidates(roster).into_iter();
    devices
        .filter_map(|device| Some((device, roster.member(&device)?.membership.sealing)))
        .collect()
}

/// What each gets; nothing where there is no receiver, which takes back what it had.
fn sealed(
    sink: Option<&Sink>,
    keys: &BTreeMap<DeviceId, SealingKey>,
) -> Option<BTreeMap<DeviceId, Vec<u8>>> {
    let Some(sink) = sink else {
        return Some(keys.keys().map(|device| (*device, Vec::new())).collect());
    };
    let seed = secrets::random();
    let mut dice = Dice::from_seed(seed.inspect_err(|error| error!(%error, "no dice")).ok()?);
    let plain = zeroize::Zeroizing::new(cbor::encode(sink));
    let one = |(device, key): (&DeviceId, &SealingKey)| {
        // A key to which nothing can be sealed is its device's own loss.
        let sealed = key.seal(SINK_PURPOSE, &plain, &mut dice).ok()?;
        Some((*device, cbor::encode(&sealed)))
    };
    Some(keys.iter().filter_map(one).collect())
}
