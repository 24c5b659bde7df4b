//! Tokens with which programs use the interface, by their hashes.

use minicbor::{Decode, Encode};
use protocol::text::Name;
use protocol::time::Timestamp;

use super::fault::{ChangeError, ReadError};
use super::operators::Role;
use super::rows::{Rows, Table, decode};
use super::secret_hash::SecretHash;
use super::{Changes, Reader};
use crate::permissions::Area;

pub(super) static API_TOKENS: Table = Table::new("api_tokens");

/// Tokens that may exist at once.
pub const API_TOKENS_AT_MOST: u64 = 1_000;

/// What a token allows, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ApiToken {
    #[n(0)]
    pub name: Name,
    #[n(1)]
    pub role: Role,
    /// Who made it.
    #[n(2)]
    pub operator: Name,
    #[n(3)]
    pub created: Timestamp,
    #[n(4)]
    pub used: Option<Timestamp>,
    #[n(5)]
    pub expires: Option<Timestamp>,
    /// Nothing where it may do all that its role may.
    #[n(6)]
    pub reach: Option<Reach>,
    /// Nothing where no area is closed to it.
    #[n(7)]
    pub areas: Option<Vec<Area>>,
}

/// Less than a role allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Reach {
    /// It changes nothing.
    #[n(0)]
    Reading,
}

impl ApiToken {
    /// Whether the token opens a door of an area, to read or to change something.
    pub fn reaches(&self, area: Area, reading: Reading) -> bool {
        let listed = self
            .areas
            .as_ref()
            .is_none_or(|areas| areas.contains(&area));
        let deep = self.reach.is_none() || reading == Reading::Only;
        listed && deep
    }
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Only,
    AndWriting,
}

impl Reader {
    /// A token that may still be used.
    pub fn api_token(
        &self,
        token: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<ApiToken>, ReadError> {
        let read: Option<ApiToken> = self
            .engine
            .read(|txn| API_TOKENS.readable(txn)?.decoded(token.as_bytes()))?;
        Ok(read.filter(|token| token.expires.is_none_or(|expires| now < expires)))
    }

    /// All tokens, those that have expired among them until they are removed.
    pub fn api_tokens(&self) -> Result<Vec<(SecretHash, ApiToken)>, ReadError> {
        let all = self.engine.read(|txn| {
            let rows = API_TOKENS.readable(txn)?;
            Rows::all(&rows, |key, row| {
                Some((SecretHash::from_row(key)?, decode(row)?))
            })
        });
        Ok(all?)
    }
}

impl Changes<'_> {
    pub fn add_api_token(
        &mut self,
        token: &SecretHash,
        granted: &ApiToken,
    ) -> Result<(), ChangeError> {
        let mut rows = API_TOKENS.writable(self.txn)?;
        if rows.contains(token.as_bytes())? {
            return Err(ChangeError::Exists("this API token"));
        }
        if rows.len()? >= API_TOKENS_AT_MOST {
            return Err(ChangeError::TooMany("API tokens"));
        }
        Ok(rows.put_encoded(token.as_bytes(), granted)?)
    }

    /// Notes that a token was used.
    pub fn touch_api_token(
        &mut self,
        token: &SecretHash,
        used: Timestamp,
    ) -> Result<(), ChangeError> {
        let mut rows = API_TOKENS.writable(self.txn)?;
        let granted: Option<ApiToken> = rows.decoded(token.as_bytes())?;
        let mut granted = granted.ok_or(ChangeError::Missing("API token"))?;
        granted.used = Some(used);
        Ok(rows.put_encoded(token.as_bytes(), &granted)?)
    }

    /// Puts another secret in the place of a token's; the one before opens nothing any more.
    pub fn rotate_api_token(
        &mut self,
        old: &SecretHash,
        new: &SecretHash,
        granted: &ApiToken,
    ) -> Result<(), ChangeError> {
        self.remove_api_token(old)?;
        self.add_api_token(new, granted)
    }

    /// Removes the tokens that a person made and that `goes` names; tells how many.
    pub fn remove_api_tokens_of(
        &mut self,
        operator: &Name,
        goes: impl Fn(&ApiToken) -> bool,
    ) -> Result<usize, ChangeError> {
        let mut rows = API_TOKENS.writable(self.txn)?;
        let mut gone =
            rows.all(|key, row| Some((SecretHash::from_row(key)?, decode::<ApiToken>(row)?)))?;
        gone.retain(|(_, token)| token.operator == *operator && goes(token));
        for (hash, _) in &gone {
            rows.remove(hash.as_bytes())?;
        }
        Ok(gone.len())
    }

    pub fn remove_api_token(&mut self, token: &SecretHash) -> Result<(), ChangeError> {
        let removed = API_TOKENS.writable(self.txn)?.remove(token.as_bytes())?;
        removed
            .then_some(())
            .ok_or(ChangeError::Missing("API token"))
    }
}
