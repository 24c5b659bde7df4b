//! The language that somebody has chosen for the pages; without a row the browser is asked.

use language::Language;
use protocol::text::Name;

use super::fault::{ChangeError, ReadError};
use super::operators::OPERATORS;
use super::rows::Table;
use super::{Changes, Reader};

/// At most one row for each operator: the tag of the language.
pub(super) static LANGUAGES: Table = Table::new("languages");

impl Reader {
    /// What somebody has chosen. A tag that this version does not know is no choice.
    pub fn language(&self, name: &Name) -> Result<Option<Language>, ReadError> {
        let key = name.as_str().as_bytes();
        Ok(self.engine.read(|txn| {
            let row: Option<String> = LANGUAGES.readable(txn)?.decoded(key)?;
            Ok(row.and_then(|tag| tag.parse().ok()))
        })?)
    }
}

impl Changes<'_> {
    /// Chooses a language; nothing leaves it to the browser again.
    pub fn choose_language(
        &mut self,
        name: &Name,
        language: Option<Language>,
    ) -> Result<(), ChangeError> {
        let key = name.as_str().as_bytes();
        if !OPERATORS.writable(self.txn)?.contains(key)? {
            return Err(ChangeError::Missing("operator"));
        }
        match language {
            Some(language) => LANGUAGES
                .writable(self.txn)?
                .put_encoded(key, &language.tag().to_owned())?,
            None => drop(LANGUAGES.writable(self.txn)?.remove(key)?),
        }
        Ok(())
    }
}
