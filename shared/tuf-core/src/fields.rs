//! The fields of a JSON object, each taken with the type it must have.

use thiserror::Error;

use crate::canonical::{Json, Object};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the field `{0}` is missing or is not what it has to be")]
pub struct FieldError(pub &'static str);

#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Object);

impl<'a> Fields<'a> {
    /// `name` says which field held `json`.
    pub(crate) fn of(json: &'a Json, name: &'static str) -> Result<Self, FieldError> {
        if let Json::Object(fields) = json {
            Ok(Self(fields))
        } else {
            Err(FieldError(name))
        }
    }

    pub(crate) fn json(self, name: &'static str) -> Result<&'a Json, FieldError> {
        self.0.get(name).ok_or(FieldError(name))
    }

    pub(crate) fn object(self, name: &'static str) -> Result<Self, FieldError> {
        Self::of(self.json(name)?, name)
    }

    pub(crate) fn list(self, name: &'static str) -> Result<&'a [Json], FieldError> {
        if let Json::List(items) = self.json(name)? {
            Ok(items)
        } else {
            Err(FieldError(name))
        }
    }

    pub(crate) fn text(self, name: &'static str) -> Result<&'a str, FieldError> {
        if let Json::Text(text) = self.json(name)? {
            Ok(text)
        } else {
            Err(FieldError(name))
        }
    }

    /// An integer of at least 1.
    pub(crate) fn positive<N: TryFrom<i128>>(self, name: &'static str) -> Result<N, FieldError> {
        match self.json(name)? {
            Json::Integer(number) if *number >= 1 => {
                N::try_from(*number).map_err(|_| FieldError(name))
            }
            _ => Err(FieldError(name)),
        }
    }

    /// An integer of at least 0.
    pub(crate) fn natural(self, name: &'static str) -> Result<u64, FieldError> {
        match self.json(name)? {
            Json::Integer(number) => u64::try_from(*number).map_err(|_| FieldError(name)),
            _ => Err(FieldError(name)),
        }
    }

    /// A boolean that may be left out.
    pub(crate) fn flag(self, name: &'static str) -> Result<bool, FieldError> {
        match self.0.get(name) {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(*flag),
            Some(_) => Err(FieldError(name)),
        }
    }
}
