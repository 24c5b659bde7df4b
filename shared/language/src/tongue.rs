//! The languages there are.

use std::str::FromStr;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    #[default]
    English,
    French,
}

/// A tag that names no language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("language: this is none that the product speaks; write en or fr")]
pub struct NoLanguage;

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::French];

    /// The tag of BCP 47, as `<html lang>` and settings carry it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// The name in the language itself, which people find in any list.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
        }
    }
}

impl FromStr for Language {
    type Err = NoLanguage;

    fn from_str(tag: &str) -> Result<Self, NoLanguage> {
        Self::ALL
            .into_iter()
            .find(|language| language.tag() == tag)
            .ok_or(NoLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_is_found_by_its_tag_and_no_other_is() {
        for language in Language::ALL {
            assert_eq!(language.tag().parse(), Ok(language));
        }
        assert_eq!("de".parse::<Language>(), Err(NoLanguage));
        assert_eq!("FR ".parse::<Language>(), Err(NoLanguage));
    }
}
