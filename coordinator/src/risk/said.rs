//! What people say of a device, checked once: its tags and its site, and its name and class where no membership says them.

use std::collections::BTreeSet;

use findings::limits::TAGS;
use protocol::class::{DeviceClass, DeviceClassError};
use protocol::text::{Name, TextError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::holder::Holder;
use crate::store::scans::Described;

/// As people and programs write it; what is not said stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// Of a device without a node; the name of a member stands in its membership.
    pub name: Option<String>,
    /// The same.
    pub class: Option<String>,
    /// The place it stands at; empty where it has none.
    pub site: Option<String>,
    /// All of them: they take the place of those before.
    pub tags: Option<Vec<String>>,
}

/// What somebody says of a device; what is not said stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    pub name: Option<String>,
    pub class: Option<DeviceClass>,
    pub site: Option<String>,
    pub tags: Option<BTreeSet<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SaidError {
    #[error("say a name, a class, a site or tags")]
    Nothing,
    #[error("the name of a member stands in its membership: leave it out")]
    MemberName,
    #[error("the class of a member stands in its membership: leave it out")]
    MemberClass,
    #[error(transparent)]
    Class(#[from] DeviceClassError),
    #[error("{0}: one line of at most 64 bytes")]
    Site(TextError),
    #[error("tag {number}: {error}; a tag is one line of at most 64 bytes")]
    Tag { number: usize, error: TextError },
    #[error("tag {0} has a comma, and commas stand between tags: leave it out")]
    Comma(usize),
    #[error("{0} tags are more than the {TAGS} that a device may have: leave some out")]
    Many(usize),
}

impl SaidError {
    /// The field that it is about.
    pub fn place(&self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::MemberName => "name",
            Self::MemberClass | Self::Class(_) => "class",
            Self::Site(_) => "site",
            Self::Tag { .. } | Self::Comma(_) | Self::Many(_) => "tags",
        }
    }
}

impl Words {
    pub fn checked(self, of: &Holder) -> Result<Said, SaidError> {
        if self == Self::default() {
            return Err(SaidError::Nothing);
        }
        if matches!(of, Holder::Member(_)) {
            match (&self.name, &self.class) {
                (Some(_), _) => return Err(SaidError::MemberName),
                (None, Some(_)) => return Err(SaidError::MemberClass),
                (None, None) => {}
            }
        }
        let short = |name: String| findings::shown::line(&name, findings::limits::WORD_CHARS);
        Ok(Said {
            name: self.name.map(short),
            class: self.class.map(|class| class.trim().parse()).transpose()?,
            site: self.site.map(|site| site_of(&site)).transpose()?,
            tags: self.tags.map(|tags| tags_of(&tags)).transpose()?,
        })
    }
}

impl Said {
    pub fn put_into(&self, known: &mut Described) {
        if let Some(name) = &self.name {
            known.name.clone_from(name);
        }
        if let Some(class) = self.class {
            known.class = class.word().to_owned();
        }
        if let Some(site) = &self.site {
            known.site.clone_from(site);
        }
        if let Some(tags) = &self.tags {
            known.tags.clone_from(tags);
        }
    }

    /// What of a device it speaks of, for the audit trail.
    pub fn shown(&self, known: &Described) -> String {
        let tags: Vec<&str> = known.tags.iter().map(String::as_str).collect();
        let parts = [
            (self.name.is_some(), "name", known.name.clone()),
            (self.class.is_some(), "class", known.class.clone()),
            (self.site.is_some(), "site", known.site.clone()),
            (self.tags.is_some(), "tags", tags.join(", ")),
        ];
        let said = parts.into_iter().filter(|(is_said, ..)| *is_said);
        let said = said.map(|(_, what, value)| format!("{what}: {value}"));
        said.collect::<Vec<_>>().join("; ")
    }
}

fn site_of(text: &str) -> Result<String, SaidError> {
    match text.trim() {
        "" => Ok(String::new()),
        text => Name::new(text)
            .map(|site| site.to_string())
            .map_err(SaidError::Site),
    }
}

fn tags_of(texts: &[String]) -> Result<BTreeSet<String>, SaidError> {
    let mut tags = BTreeSet::new();
    for (number, text) in (1..).zip(texts) {
        let tag = Name::new(text.trim()).map_err(|error| SaidError::Tag { number, error })?;
        if tag.as_str().contains(',') {
            return Err(SaidError::Comma(number));
        }
        tags.insert(tag.to_string());
    }
    match tags.len() > TAGS {
        true => Err(SaidError::Many(tags.len())),
        false => Ok(tags),
    }
}

#[cfg(test)]
mod tests {
    use protocol::id::DeviceId;

    use super::*;

    fn tags(tags: &[&str]) -> Words {
        Words {
            tags: Some(tags.iter().map(|tag| (*tag).to_owned()).collect()),
            ..Words::default()
        }
    }

    fn member() -> Holder {
        Holder::Member(DeviceId::from_bytes([1; 8]))
    }

    #[test]
    fn tags_are_bounded_and_the_error_names_the_one_that_does_not_fit() {
        let said = tags(&[" floor 2 ", "<b>", "floor 2"]).checked(&member());
        let said = said.expect("they fit").tags.expect("they are said");
        assert_eq!(said.into_iter().collect::<Vec<_>>(), ["<b>", "floor 2"]);
        let long = "x".repeat(65);
        for (wrong, why) in [
            (tags(&["a", ""]), "tag 2: the text is empty"),
            (tags(&[&long]), "tag 1: the text is longer than 64 bytes"),
            (tags(&["a\u{202e}b"]), "tag 1: the text contains a control"),
            (tags(&["a", "b", "c,d"]), "tag 3 has a comma"),
        ] {
            let error = wrong.checked(&member()).expect_err(why);
            assert!(error.to_string().starts_with(why), "{error}");
            assert_eq!(error.place(), "tags");
        }
        let many: Vec<String> = (0..=TAGS).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(
            tags(&many).checked(&member()),
            Err(SaidError::Many(TAGS + 1))
        );
        assert!(tags(&many[1..]).checked(&member()).is_ok());
    }

    #[test]
    fn a_member_is_named_by_its_membership_and_others_by_whoever_describes_them() {
        let named = Words {
            name: Some("press".into()),
            class: Some("plc".into()),
            ..Words::default()
        };
        let error = named.clone().checked(&member());
        assert_eq!(error, Err(SaidError::MemberName));
        let other: Holder = "ip:10.0.0.7".parse().expect("a holder");
        let said = named.checked(&other).expect("it fits");
        assert_eq!(said.class, Some(DeviceClass::Plc));
        assert_eq!(Words::default().checked(&other), Err(SaidError::Nothing));
        let away = Words {
            site: Some(" ".into()),
            ..Words::default()
        };
        assert_eq!(
            away.checked(&other).expect("it fits").site.as_deref(),
            Some("")
        );
    }
}
