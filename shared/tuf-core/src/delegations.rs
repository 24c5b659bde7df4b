//! Whom a targets role trusts with which paths.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::canonical::Json;
use crate::document::ReadError;
use crate::fields::{FieldError, Fields};
use crate::keyring::Keyring;
use crate::limits;
use crate::paths::Paths;
use crate::role::{Role, RoleName};

/// Whether a search goes on behind a role that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backtracking {
    Allowed,
    /// The role is terminating: what it and those below it do not list is nowhere.
    Ends,
}

#[derive(Debug, Clone)]
pub(crate) struct Delegations {
    pub(crate) keys: Keyring,
    to: Delegates,
}

#[derive(Debug, Clone)]
enum Delegates {
    Roles(Vec<DelegatedRole>),
    Bins(Bins),
}

#[derive(Debug, Clone)]
struct DelegatedRole {
    name: String,
    role: Role,
    backtracking: Backtracking,
    paths: Paths,
}

/// Paths spread by their hash over 2 to the power of `bits` roles with the same keys (TAP 15).
#[derive(Debug, Clone)]
struct Bins {
    prefix: String,
    bits: u32,
    role: Role,
}

impl Delegations {
    pub(crate) fn read(json: &Json) -> Result<Self, ReadError> {
        let fields = Fields::of(json, "delegations")?;
        let keys = Keyring::read(fields.object("keys")?, limits::DELEGATION_KEYS)?;
        let has = |name| fields.0.contains_key(name);
        let to = match (has("roles"), has("succinct_roles")) {
            (true, false) => Delegates::Roles(read_roles(fields.list("roles")?)?),
            (false, true) => Delegates::Bins(Bins::read(fields.object("succinct_roles")?)?),
            _ => return Err(ReadError::EitherOr),
        };
        Ok(Self { keys, to })
    }

    /// The keys and the threshold of a role that is delegated to.
    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        match &self.to {
            Delegates::Roles(roles) => {
                let found = roles.iter().find(|delegated| delegated.name == name);
                found.map(|delegated| &delegated.role)
            }
            Delegates::Bins(bins) => bins.holds(name).then_some(&bins.role),
        }
    }

    /// The roles to ask for a path, the most trusted first; behind one that ends the search stands none.
    pub(crate) fn roles_for(&self, path: &str) -> Vec<(String, Backtracking)> {
        let roles = match &self.to {
            Delegates::Roles(roles) => roles,
            Delegates::Bins(bins) => return vec![(bins.bin_of(path), Backtracking::Ends)],
        };
        let mut asked = Vec::new();
        for delegated in roles.iter().filter(|delegated| delegated.paths.hold(path)) {
            asked.push((delegated.name.clone(), delegated.backtracking));
            if delegated.backtracking == Backtracking::Ends {
                break;
            }
        }
        asked
    }
}

fn read_roles(listed: &[Json]) -> Result<Vec<DelegatedRole>, ReadError> {
    if listed.len() > limits::DELEGATED_ROLES {
        return Err(ReadError::TooMany("delegations"));
    }
    let mut names = BTreeSet::new();
    let mut roles = Vec::new();
    for json in listed {
        let role = DelegatedRole::read(Fields::of(json, "roles")?)?;
        if !names.insert(role.name.clone()) {
            return Err(ReadError::DuplicateRole);
        }
        roles.push(role);
    }
    Ok(roles)
}

impl DelegatedRole {
    fn read(fields: Fields<'_>) -> Result<Self, ReadError> {
        let name = fields.text("name")?;
        let taken = RoleName::ALL.iter().any(|role| role.word() == name);
        if taken || name.is_empty() || name.len() > limits::ROLE_NAME_BYTES {
            return Err(ReadError::RoleName);
        }
        Ok(Self {
            name: name.to_owned(),
            role: Role::read(fields)?,
            backtracking: match fields.json("terminating")? {
                Json::Bool(true) => Backtracking::Ends,
                Json::Bool(false) => Backtracking::Allowed,
                _ => return Err(FieldError("terminating").into()),
            },
            paths: Paths::read(fields)?,
        })
    }
}

impl Bins {
    fn read(fields: Fields<'_>) -> Result<Self, ReadError> {
        let bits: u32 = fields.positive("bit_length")?;
        let prefix = fields.text("name_prefix")?;
        if bits > 32 {
            return Err(ReadError::Bins);
        }
        if prefix.len() + 9 > limits::ROLE_NAME_BYTES {
            return Err(ReadError::RoleName);
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            bits,
            role: Role::read(fields)?,
        })
    }

    fn bin_of(&self, path: &str) -> String {
        let digest = Sha256::digest(path.as_bytes());
        let first = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        self.name(first >> (32 - self.bits))
    }

    fn name(&self, bin: u32) -> String {
        let digits = self.bits.div_ceil(4) as usize;
        format!("{}-{bin:0digits$x}", self.prefix)
    }

    fn holds(&self, name: &str) -> bool {
        let number = name.rsplit_once('-').map(|(_, digits)| digits);
        let bin = number.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        bin.is_some_and(|bin| u64::from(bin) < 1 << self.bits && self.name(bin) == name)
    }
}
