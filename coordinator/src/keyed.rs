//! Devices without a node that speak with a key of their own: registered, tagged, and given another key.

pub mod silence;

use std::collections::BTreeSet;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use protocol::id::{DeviceId, Digest, MeshId};
use protocol::text::{Name, TextError};
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use ui::parts::status::Status;
use zeroize::Zeroizing;

use crate::access::{self, AccessError};
use crate::secrets::{SecretError, random};
use crate::store::keyed::{Keyed, Told};
use crate::store::secret_hash::SecretHash;
use crate::web::api::instant;

/// What keys of devices begin with, so that scanners for leaked secrets find them.
pub const KEY_PREFIX: &str = "plsd_dev_";
/// How long a device may say nothing before it is called silent.
pub const SILENT_AFTER: Duration = Duration::from_secs(180);
/// Values of one reading.
pub const VALUES_AT_MOST: usize = 16;
/// The largest figure, in thousandths: what a spreadsheet still shows exactly.
const LARGEST: f64 = 9_007_199_254_740_991.0;

/// A device as pages, programs and the command line show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyedDocument {
    pub id: String,
    pub name: String,
    pub class: String,
    /// What its sticker says.
    pub tag: String,
    /// `online`, `silent`, or `never_heard`.
    pub state: String,
    pub created: String,
    pub created_by: String,
    pub key_made: String,
    pub last_heard: Option<String>,
    pub last_heard_ms: Option<u64>,
    pub address: Option<String>,
    pub uptime_s: Option<u64>,
}

/// A reading, as it is shown: the device says so, and nobody vouches for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReadingDocument {
    pub received: String,
    pub received_ms: u64,
    pub values: std::collections::BTreeMap<String, f64>,
}

#[derive(Debug, Error)]
pub enum RegisterError {
    #[error("name: {0}")]
    Name(TextError),
    #[error("class: {0}")]
    Class(TextError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValuesError {
    #[error("send 1 to {VALUES_AT_MOST} values")]
    Count,
    #[error("{0} is no name of a value: use up to 64 letters")]
    Name(String),
    #[error("{0} is no figure that can be kept")]
    Figure(String),
    #[error("{0} is there twice")]
    Twice(String),
}

/// A device that is about to be kept, with the key that is shown once.
#[derive(Debug)]
pub struct Registration {
    pub device: DeviceId,
    pub keyed: Keyed,
    pub key: Zeroizing<String>,
}

/// Makes an id and a key for a device.
pub fn register(
    name: &str,
    class: &str,
    by: &Name,
    now: Timestamp,
) -> Result<Registration, RegisterError> {
    let key = new_key()?;
    Ok(Registration {
        device: DeviceId::from_bytes(random()?),
        keyed: Keyed {
            name: Name::new(name.trim()).map_err(RegisterError::Name)?,
            class: Name::new(class.trim()).map_err(RegisterError::Class)?,
            key: hash(&key),
            created: now,
            by: by.clone(),
            keyed: now,
            heard: None,
            address: None,
            uptime_s: None,
        },
        key,
    })
}

/// A fresh key of a device.
pub fn new_key() -> Result<Zeroizing<String>, AccessError> {
    access::secret(KEY_PREFIX)
}

pub fn hash(key: &str) -> SecretHash {
    SecretHash::of_device_key(key.as_bytes())
}

/// What the sticker of a device says: it follows from the mesh and the device, and no secret does.
pub fn tag(mesh: &MeshId, device: &DeviceId) -> String {
    let digest = Digest::of("palisade 2026 tag", &[mesh.as_bytes(), device.as_bytes()]);
    let letters = BASE32_NOPAD.encode(&digest.as_bytes()[..5]);
    format!("PLS-{}-{}", &letters[..4], &letters[4..])
}

/// Values as they are kept; names once each, figures to a thousandth.
pub fn values<'a>(
    told: impl ExactSizeIterator<Item = (&'a String, &'a f64)>,
) -> Result<Vec<(Name, i64)>, ValuesError> {
    if !(1..=VALUES_AT_MOST).contains(&told.len()) {
        return Err(ValuesError::Count);
    }
    let mut seen = BTreeSet::new();
    told.map(|(text, figure)| {
        let name = Name::new(text.as_str()).map_err(|_| ValuesError::Name(text.clone()))?;
        let thousandths = (figure * 1000.0).round();
        if !thousandths.is_finite() || thousandths.abs() > LARGEST {
            return Err(ValuesError::Figure(text.clone()));
        }
        if !seen.insert(name.clone()) {
            return Err(ValuesError::Twice(text.clone()));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is whole and within 53 bits"
        )]
        Ok((name, thousandths as i64))
    })
    .collect()
}

/// What people are told of a device whose key nobody watches.
pub fn status(keyed: &Keyed, now: Timestamp) -> Status {
    match keyed.heard {
        None => Status::NeverHeard,
        Some(heard) if now.since(heard) >= SILENT_AFTER => Status::Silent,
        Some(_) => Status::Online,
    }
}

impl KeyedDocument {
    pub fn of(mesh: &MeshId, device: &DeviceId, keyed: &Keyed, now: Timestamp) -> Self {
        let text = |at: Timestamp| instant(at.as_millis());
        let state = match status(keyed, now) {
            Status::NeverHeard => "never_heard",
            other => other.slug(),
        };
        Self {
            id: device.to_string(),
            name: keyed.name.to_string(),
            class: keyed.class.to_string(),
            tag: tag(mesh, device),
            state: state.to_owned(),
            created: text(keyed.created),
            created_by: keyed.by.to_string(),
            key_made: text(keyed.keyed),
            last_heard: keyed.heard.map(text),
            last_heard_ms: keyed.heard.map(Timestamp::as_millis),
            address: keyed.address.as_ref().map(ToString::to_string),
            uptime_s: keyed.uptime_s,
        }
    }
}

impl ReadingDocument {
    pub fn of(told: &Told) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "no more than 53 bits were taken in"
        )]
        let value = |(name, figure): &(Name, i64)| (name.to_string(), *figure as f64 / 1000.0);
        Self {
            received: instant(told.received.as_millis()),
            received_ms: told.received.as_millis(),
            values: told.values.iter().map(value).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_tag_follows_from_the_device_and_its_mesh_and_from_nothing_else() {
        let (mesh, other) = (MeshId::from_bytes([1; 32]), MeshId::from_bytes([2; 32]));
        let device = DeviceId::from_bytes([7; 8]);
        let shown = tag(&mesh, &device);
        assert_eq!(shown, tag(&mesh, &device));
        assert_ne!(shown, tag(&other, &device));
        assert_ne!(shown, tag(&mesh, &DeviceId::from_bytes([8; 8])));
        assert_eq!(shown.len(), "PLS-ABCD-EFGH".len());
    }

    #[test]
    fn figures_that_cannot_be_kept_are_refused_by_name() {
        let one = |name: &str, figure: f64| {
            let told = BTreeMap::from([(name.to_owned(), figure)]);
            values(told.iter())
        };
        assert_eq!(one("cpu", 12.3456).expect("kept")[0].1, 12_346);
        for wrong in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(one("cpu", wrong), Err(ValuesError::Figure("cpu".into())));
        }
        assert!(matches!(one("", 1.0), Err(ValuesError::Name(_))));
        assert_eq!(values(BTreeMap::new().iter()), Err(ValuesError::Count));
        let many: BTreeMap<String, f64> = (0..17).map(|at| (at.to_string(), 1.0)).collect();
        assert_eq!(values(many.iter()), Err(ValuesError::Count));
    }

    #[test]
    fn a_device_that_says_nothing_for_long_is_silent() {
        let mesh = MeshId::from_bytes([1; 32]);
        let by = Name::new("ada").expect("a name");
        let at = Timestamp::from_millis;
        let made = register("pump", "sensor", &by, at(0)).expect("there are dice");
        let state = |keyed: &Keyed, now| KeyedDocument::of(&mesh, &made.device, keyed, now).state;
        assert_eq!(state(&made.keyed, at(5)), "never_heard");
        let heard = Keyed {
            heard: Some(at(1_000)),
            ..made.keyed.clone()
        };
        assert_eq!(state(&heard, at(180_999)), "online");
        assert_eq!(state(&heard, at(181_000)), "silent");
    }
}
