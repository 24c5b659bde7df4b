//! Who has to show more than a password, and what an account can show.

use serde::{Deserialize, Serialize};

use crate::store::Reader;
use crate::store::fault::ReadError;
use crate::store::operators::{Operator, Role};
use crate::store::second_factors::Standing;

/// Of whom a second factor is demanded, or a passkey, which is both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    #[default]
    Nobody,
    Admins,
    Everybody,
}

/// The strongest that an account can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// A password and nothing else.
    Password,
    /// A password, and a code beside it.
    Code,
    Passkey,
    /// What an identity provider asks is its own business.
    Provider,
}

impl Demand {
    pub const fn is_nobody(&self) -> bool {
        matches!(self, Self::Nobody)
    }

    pub const fn concerns(self, role: Role) -> bool {
        match self {
            Self::Nobody => false,
            Self::Admins => matches!(role, Role::Admin),
            Self::Everybody => true,
        }
    }

    /// Whether an account can show less than is demanded of it.
    pub fn is_unmet(self, reader: &Reader, operator: &Operator) -> Result<bool, ReadError> {
        let concerned = self.concerns(operator.role);
        Ok(concerned && Strength::of(reader, operator)? == Strength::Password)
    }
}

impl Strength {
    pub fn of(reader: &Reader, operator: &Operator) -> Result<Self, ReadError> {
        let factor = reader.second_factor(&operator.name)?;
        if !reader.passkeys_of(&operator.name)?.is_empty() {
            return Ok(Self::Passkey);
        }
        Ok(match (operator.password.is_empty(), factor) {
            (true, _) => Self::Provider,
            (false, Some(factor)) if factor.standing == Standing::Asked => Self::Code,
            (false, _) => Self::Password,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_concerns_whom_it_names() {
        for role in Role::ALL {
            assert!(!Demand::Nobody.concerns(role));
            assert_eq!(Demand::Admins.concerns(role), role == Role::Admin);
            assert!(Demand::Everybody.concerns(role));
        }
    }
}
