//! Names of products: CPE 2.3 in both bindings (NISTIR 7695), one attribute each for vendor, product, version and eight more.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits;

mod formatted;
mod matching;
mod uri;

pub(crate) use matching::values;
pub use matching::{Relation, relation};

/// A well-formed name. It prints as a formatted string; [`Cpe::to_uri`] gives the older binding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cpe([Value; ATTRIBUTES]);

const ATTRIBUTES: usize = 11;

/// The attributes in the order of the formatted string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    Part,
    Vendor,
    Product,
    Version,
    Update,
    Edition,
    Language,
    SoftwareEdition,
    TargetSoftware,
    TargetHardware,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    Any,
    /// Not applicable.
    Na,
    /// Lower case and quoted as in a well-formed name: only letters, digits and `_` stand bare, a bare `*` or `?` is a wildcard.
    Text(String),
}

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CpeError {
    #[error("a CPE name starts with cpe:2.3: or cpe:/")]
    Prefix,
    #[error("a CPE name has at most {} bytes", limits::CPE_BYTES)]
    Long,
    #[error("a formatted string has 11 attributes after cpe:2.3")]
    Attributes,
    #[error("the part of a CPE name is a, o, h, * or -")]
    Part,
    #[error("* and ? stand at the start or end of an attribute; elsewhere write \\* or \\?")]
    Wildcard,
    #[error("an attribute is empty: write * for any")]
    Empty,
    #[error(
        "a CPE name is printable ASCII without blanks, and \\ or % quote exactly one character"
    )]
    Character,
}

impl Cpe {
    pub fn attribute(&self, attribute: Attribute) -> &Value {
        &self.0[attribute as usize]
    }

    pub(crate) fn value_mut(&mut self, attribute: Attribute) -> &mut Value {
        &mut self.0[attribute as usize]
    }

    /// Both bindings of a text.
    pub fn parse(text: &str) -> Result<Self, CpeError> {
        if text.len() > limits::CPE_BYTES {
            return Err(CpeError::Long);
        }
        let values = match text.strip_prefix("cpe:2.3:") {
            Some(rest) => formatted::read(rest)?,
            None => uri::read(text.strip_prefix("cpe:/").ok_or(CpeError::Prefix)?)?,
        };
        // One binding may be longer than the other, and what is written must be read again.
        if formatted::write(&values).len() > limits::CPE_BYTES {
            return Err(CpeError::Long);
        }
        match &values[0] {
            Value::Text(part) if !matches!(part.as_str(), "a" | "o" | "h") => Err(CpeError::Part),
            _ => Ok(Self(values)),
        }
    }

    /// A name of a product in one version, both as plain text.
    pub fn of_product(
        part: char,
        vendor: &str,
        product: &str,
        version: Option<&str>,
    ) -> Result<Self, CpeError> {
        let mut values = [const { Value::Any }; ATTRIBUTES];
        values[0] = Value::plain(&part.to_string())?;
        values[1] = Value::plain(vendor)?;
        values[2] = Value::plain(product)?;
        if let Some(version) = version {
            values[3] = Value::plain(version)?;
        }
        Self::parse(&Self(values).to_string())
    }

    /// The URI binding: `cpe:/a:vendor:product:1.0`.
    pub fn to_uri(&self) -> String {
        uri::write(&self.0)
    }

    /// The version with its update as plain text (`7.2-p2`); none when the name says any or not applicable, or has wildcards.
    pub fn version(&self) -> Option<String> {
        let version = self.attribute(Attribute::Version).exact()?;
        Some(match self.attribute(Attribute::Update).exact() {
            Some(update) => format!("{version}-{update}"),
            None => version,
        })
    }

    /// Vendor and product as plain text, by which advisories are looked up; none where a wildcard stands.
    pub fn product_key(&self) -> Option<(String, String)> {
        let vendor = self.attribute(Attribute::Vendor).exact()?;
        Some((vendor, self.attribute(Attribute::Product).exact()?))
    }

    /// The same name with another version and no update.
    pub fn with_version(mut self, version: &str) -> Result<Self, CpeError> {
        self.0[Attribute::Version as usize] = Value::plain(version)?;
        self.0[Attribute::Update as usize] = Value::Any;
        Ok(self)
    }
}

impl Value {
    /// Plain text as a value: everything but letters, digits and `_` is quoted.
    pub fn plain(text: &str) -> Result<Self, CpeError> {
        if text.is_empty() {
            return Err(CpeError::Empty);
        }
        let mut quoted = String::with_capacity(text.len());
        for letter in text.chars() {
            push_quoted(&mut quoted, letter)?;
        }
        Ok(Self::Text(quoted))
    }

    /// The plain text of a value without wildcards.
    pub fn exact(&self) -> Option<String> {
        let Self::Text(text) = self else { return None };
        let letters: Option<String> = letters(text)
            .map(|letter| match letter {
                Letter::Plain(letter) => Some(letter),
                _ => None,
            })
            .collect();
        letters
    }
}

/// One place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letter {
    Plain(char),
    /// `*`: any number of characters.
    Many,
    /// `?`: at most one character.
    One,
}

/// A quoted text, character by character.
fn letters(text: &str) -> impl Iterator<Item = Letter> {
    let mut rest = text.chars();
    std::iter::from_fn(move || {
        Some(match rest.next()? {
            '\\' => Letter::Plain(rest.next()?),
            '*' => Letter::Many,
            '?' => Letter::One,
            letter => Letter::Plain(letter),
        })
    })
}

/// Adds a plain character, quoted where a well-formed name wants it.
fn push_quoted(quoted: &mut String, letter: char) -> Result<(), CpeError> {
    if !letter.is_ascii_graphic() {
        return Err(CpeError::Character);
    }
    if !letter.is_ascii_alphanumeric() && letter != '_' {
        quoted.push('\\');
    }
    quoted.push(letter.to_ascii_lowercase());
    Ok(())
}

/// Wildcards stand at the ends only: one `*`, or a row of `?`.
fn check_wildcards(text: &str) -> Result<(), CpeError> {
    let all: Vec<Letter> = letters(text).collect();
    let is_plain = |letter: &Letter| matches!(letter, Letter::Plain(_));
    let first = all.iter().position(is_plain).unwrap_or(all.len());
    let last = all
        .iter()
        .rposition(is_plain)
        .map_or(all.len(), |at| at + 1);
    let is_row = |ends: &[Letter]| {
        ends.is_empty()
            || ends == [Letter::Many]
            || ends.iter().all(|letter| *letter == Letter::One)
    };
    let is_inside = all[first..last].iter().any(|letter| !is_plain(letter));
    match is_inside || !is_row(&all[..first]) || !is_row(&all[last..]) {
        true => Err(CpeError::Wildcard),
        false => Ok(()),
    }
}

impl fmt::Display for Cpe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&formatted::write(&self.0))
    }
}

impl FromStr for Cpe {
    type Err = CpeError;

    fn from_str(text: &str) -> Result<Self, CpeError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Cpe {
    type Error = CpeError;

    fn try_from(text: String) -> Result<Self, CpeError> {
        Self::parse(&text)
    }
}

impl From<Cpe> for String {
    fn from(cpe: Cpe) -> Self {
        cpe.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_bindings_of_the_specification_name_the_same() {
        // NISTIR 7695, sections 6.1.2.4 and 6.2.2.4, examples 1 to 4; %01 and %02 are wildcards in the URI.
        for (uri, formatted) in [
            (
                "cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
                "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
            ),
            (
                "cpe:/a:microsoft:internet_explorer:8.%02:sp%01",
                "cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
            ),
            (
                "cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~",
                "cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:*:*:*:online:win2003:x64:*",
            ),
            (
                "cpe:/a:hp:openview_network_manager:7.51::~~~linux~~",
                "cpe:2.3:a:hp:openview_network_manager:7.51:*:*:*:*:linux:*:*",
            ),
            (
                "cpe:/a:foo%5cbar:big%24money_2010:::~~special~ipod_touch~80gb~",
                "cpe:2.3:a:foo\\\\bar:big\\$money_2010:*:*:*:*:special:ipod_touch:80gb:*",
            ),
            (
                "cpe:/o:microsoft:windows_xp:-",
                "cpe:2.3:o:microsoft:windows_xp:-:*:*:*:*:*:*:*",
            ),
        ] {
            let cpe = Cpe::parse(uri).unwrap();
            assert_eq!(cpe.to_string(), formatted);
            assert_eq!(cpe, Cpe::parse(formatted).unwrap());
            assert_eq!(cpe.to_uri(), uri);
        }
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_reason() {
        for (text, error) in [
            ("http://x", CpeError::Prefix),
            ("cpe:2.3:a:b", CpeError::Attributes),
            ("cpe:2.3:x:*:*:*:*:*:*:*:*:*:*", CpeError::Part),
            ("cpe:2.3:a:fo*o:*:*:*:*:*:*:*:*:*", CpeError::Wildcard),
            ("cpe:2.3:a:**:*:*:*:*:*:*:*:*:*", CpeError::Wildcard),
            ("cpe:2.3:a::*:*:*:*:*:*:*:*:*", CpeError::Empty),
            ("cpe:2.3:a:a b:*:*:*:*:*:*:*:*:*", CpeError::Character),
            ("cpe:/a:fo%0", CpeError::Character),
            ("cpe:/a:fo%zz", CpeError::Character),
        ] {
            assert_eq!(Cpe::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn nmap_and_recog_write_uris_with_plus_and_capitals() {
        let cpe = Cpe::parse("cpe:/a:Matt_Johnston:dropbear_ssh_server:0.52").unwrap();
        assert_eq!(
            cpe.product_key(),
            Some(("matt_johnston".into(), "dropbear_ssh_server".into()))
        );
        assert_eq!(cpe.version().as_deref(), Some("0.52"));
        let cpe = Cpe::parse("cpe:/a:openbsd:openssh:7.2:p2").unwrap();
        assert_eq!(cpe.version().as_deref(), Some("7.2-p2"));
        assert_eq!(
            Cpe::of_product('a', "Acme Inc", "x", None),
            Err(CpeError::Character)
        );
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_alike(text in "cpe:2\\.3:[aoh](:(\\*|-|[a-z0-9._-]{2,6}|\\*?[a-z]\\\\[!+/:]{1}[a-z]\\?{0,2})){10}") {
            let cpe = Cpe::parse(&text).unwrap();
            prop_assert_eq!(&Cpe::parse(&cpe.to_string()).unwrap(), &cpe);
            prop_assert_eq!(&Cpe::parse(&cpe.to_uri()).unwrap(), &cpe);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), tail in "[ -~]{0,40}") {
            for text in [text, format!("cpe:/{tail}"), format!("cpe:2.3:{tail}")] {
                if let Ok(cpe) = Cpe::parse(&text) {
                    prop_assert_eq!(&Cpe::parse(&cpe.to_string()).unwrap(), &cpe);
                }
            }
        }
    }
}
