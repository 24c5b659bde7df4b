//! The keys that one document names, by their opaque ids.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::fields::Fields;
use crate::key::{Key, KeyError};
use crate::limits;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyringError {
    #[error("the document names more than {0} keys")]
    TooMany(usize),
    #[error("a key id is longer than {} bytes", limits::KEY_ID_BYTES)]
    LongId,
    #[error("the key {id} cannot be used: {source}")]
    Key { id: String, source: KeyError },
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Keyring(BTreeMap<String, Key>);

impl Keyring {
    pub(crate) fn read(fields: Fields<'_>, bound: usize) -> Result<Self, KeyringError> {
        if fields.0.len() > bound {
            return Err(KeyringError::TooMany(bound));
        }
        let mut keys = BTreeMap::new();
        for (id, json) in fields.0 {
            if id.len() > limits::KEY_ID_BYTES {
                return Err(KeyringError::LongId);
            }
            let key = Key::read(json).map_err(|source| KeyringError::Key {
                id: id.clone(),
                source,
            })?;
            keys.insert(id.clone(), key);
        }
        Ok(Self(keys))
    }

    pub(crate) fn key(&self, id: &str) -> Option<&Key> {
        self.0.get(id)
    }
}
