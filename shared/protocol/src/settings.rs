//! What administrators want devices to do, where it is not the usual: targets of the role `policy`, signed off the
//! coordinator like a release.
//!
//! What is wanted stands in the target's `custom` fields (TUF §4.5), so that it comes with the metadata and is in force
//! the moment that verifies; the target's file says the same, as canonical JSON:
//!
//! ```json
//! {"settings": {"accounts_s": 3600, "record_s": 30}}
//! ```
//!
//! Four targets may speak to a device: `policy/settings/fleet`, one of its class, one of its cell, and one of its own. Of
//! each field the most particular one decides.

mod scope;

use std::collections::BTreeMap;
use std::time::Duration;

use minicbor::{Decode, Encode};
use thiserror::Error;
use tuf_core::canonical::{Json, Object};
use tuf_core::targets::Target;

use crate::cbor;
use crate::command::{Kind, Kinds};
use crate::id::Digest;
use crate::time::Timestamp;
pub use scope::{Place, Scope, ScopeError};

/// The bounds of a field, in seconds.
pub type Bounds = std::ops::RangeInclusive<u32>;

const RECORD_S: &str = "record_s";
const ACCOUNTS_S: &str = "accounts_s";
const ONLINE: &str = "online";
const SETTINGS: &str = "settings";

/// Each field that is not set is left to whatever is less particular, and in the end to the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Settings {
    /// Seconds between two readings. Signs of life go on every five seconds.
    #[n(0)]
    pub record_s: Option<u32>,
    /// Seconds between two accounts of what crossed the links.
    #[n(1)]
    pub accounts_s: Option<u32>,
    /// The kinds of commands that the coordinator may sign by itself.
    #[n(2)]
    pub online: Option<Kinds>,
}

/// What a device obeys: in its log whenever that becomes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Obeyed {
    /// The version of the role `policy` by which it does; 0 where it holds none.
    #[n(0)]
    pub policy: u64,
    #[n(1)]
    pub settings: Settings,
    /// When the repository that it holds ended, if it has and nothing newer has come: then it takes no new orders.
    /// Nothing where it is fresh, where there is none, or where the device is older than this field.
    #[n(2)]
    pub stale: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingsError {
    #[error("`custom.settings` is missing or is no object")]
    Silent,
    #[error("`custom.settings.{0}` is not a number of seconds")]
    Field(&'static str),
    #[error("`custom.settings.online` is no list of restart, logs and scan")]
    Kinds,
    #[error("no setting lets the coordinator wipe devices: leave wipe out of `online`")]
    Wipe,
    #[error("`{field}` is {given} s: choose {} to {} s", bounds.start(), bounds.end())]
    Bounds {
        field: &'static str,
        given: i128,
        bounds: Bounds,
    },
}

impl Settings {
    /// Seconds between two readings: more often than witnesses are told of a device is of no use to anybody.
    pub const RECORD_S: Bounds = 10..=3600;
    /// Seconds between two accounts.
    pub const ACCOUNTS_S: Bounds = 600..=86_400;

    /// Checks what somebody wants.
    pub fn checked(self) -> Result<Self, SettingsError> {
        within(RECORD_S, self.record_s.map(Into::into), Self::RECORD_S)?;
        within(
            ACCOUNTS_S,
            self.accounts_s.map(Into::into),
            Self::ACCOUNTS_S,
        )?;
        if self.online.is_some_and(|kinds| kinds.contains(Kind::Wipe)) {
            return Err(SettingsError::Wipe);
        }
        Ok(self)
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What a verified target says; fields of later versions are left alone.
    pub fn of(target: &Target) -> Result<Self, SettingsError> {
        match &target.custom {
            Some(Json::Object(custom)) => Self::read(custom),
            _ => Err(SettingsError::Silent),
        }
    }

    /// The same of a target's `custom` fields.
    pub fn read(custom: &Object) -> Result<Self, SettingsError> {
        let Some(Json::Object(fields)) = custom.get(SETTINGS) else {
            return Err(SettingsError::Silent);
        };
        Ok(Self {
            record_s: seconds(fields, RECORD_S, Self::RECORD_S)?,
            accounts_s: seconds(fields, ACCOUNTS_S, Self::ACCOUNTS_S)?,
            online: kinds(fields)?,
        })
    }

    /// The `custom` fields of its target.
    pub fn custom(&self) -> Object {
        let fields = [(RECORD_S, self.record_s), (ACCOUNTS_S, self.accounts_s)];
        let set = fields.into_iter().filter_map(|(name, value)| {
            let value = Json::Integer(value?.into());
            Some((name.to_owned(), value))
        });
        let mut set: Object = set.collect();
        if let Some(kinds) = self.online {
            let words = kinds.all().map(|kind| Json::Text(kind.word().to_owned()));
            set.insert(ONLINE.to_owned(), Json::List(words.collect()));
        }
        BTreeMap::from([(SETTINGS.to_owned(), Json::Object(set))])
    }

    /// These, and where they leave a field open, those.
    pub fn or(self, less: Self) -> Self {
        Self {
            record_s: self.record_s.or(less.record_s),
            accounts_s: self.accounts_s.or(less.accounts_s),
            online: self.online.or(less.online),
        }
    }

    /// What decides among all that may be said to a place: of each field the most particular word.
    pub fn among<E>(
        place: &Place,
        said: impl Fn(&Scope) -> Result<Option<Self>, E>,
    ) -> Result<Self, E> {
        let mut all = Self::default();
        for scope in place.scopes() {
            if let Some(more) = said(&scope)? {
                all = more.or(all);
            }
        }
        Ok(all)
    }

    /// What speaks to a device at this place, by what a repository lists. A target that cannot be read spoils all of
    /// it: nobody wants half of what was signed.
    pub fn at<'a>(
        place: &Place,
        find: impl Fn(&str) -> Option<&'a Target>,
    ) -> Result<Self, SettingsError> {
        Self::among(place, |scope| find(&scope.path()).map(Self::of).transpose())
    }

    /// The kinds of commands that the coordinator may sign by itself.
    pub fn online(&self) -> Kinds {
        self.online.unwrap_or(Kinds::USUAL)
    }

    pub fn record(&self) -> Option<Duration> {
        self.record_s
            .map(|seconds| Duration::from_secs(seconds.into()))
    }

    pub fn accounts(&self) -> Option<Duration> {
        self.accounts_s
            .map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// By which devices and coordinator compare what is obeyed.
    pub fn digest(&self) -> Digest {
        Digest::of("palisade 2026 settings", &[&cbor::encode(self)])
    }
}

fn seconds(
    fields: &Object,
    field: &'static str,
    bounds: Bounds,
) -> Result<Option<u32>, SettingsError> {
    match fields.get(field) {
        None => Ok(None),
        Some(Json::Integer(number)) => within(field, Some(*number), bounds),
        Some(_) => Err(SettingsError::Field(field)),
    }
}

/// A kind of a later version, or one that no setting gives away, spoils the list.
fn kinds(fields: &Object) -> Result<Option<Kinds>, SettingsError> {
    let listed = match fields.get(ONLINE) {
        None => return Ok(None),
        Some(Json::List(listed)) => listed,
        Some(_) => return Err(SettingsError::Kinds),
    };
    let read = listed.iter().map(|word| match word {
        Json::Text(word) => word.parse::<Kind>().map_err(|_| SettingsError::Kinds),
        _ => Err(SettingsError::Kinds),
    });
    let kinds: Kinds = read.collect::<Result<_, _>>()?;
    match kinds.contains(Kind::Wipe) {
        true => Err(SettingsError::Wipe),
        false => Ok(Some(kinds)),
    }
}

fn within(
    field: &'static str,
    given: Option<i128>,
    bounds: Bounds,
) -> Result<Option<u32>, SettingsError> {
    let Some(given) = given else { return Ok(None) };
    match u32::try_from(given).ok().filter(|one| bounds.contains(one)) {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(SettingsError::Bounds {
            field,
            given,
            bounds,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::DeviceClass;
    use crate::id::DeviceId;
    use crate::text::Name;
    use tuf_core::file::Hashes;

    fn settings(record_s: u32) -> Settings {
        Settings {
            record_s: Some(record_s),
            ..Settings::default()
        }
    }

    fn target(custom: Object) -> Target {
        Target {
            length: 1,
            hashes: Hashes {
                sha256: Some([1; 32]),
                sha512: None,
            },
            custom: Some(Json::Object(custom)),
        }
    }

    fn place() -> Place {
        Place {
            device: DeviceId::from_bytes([7; 8]),
            class: DeviceClass::Camera,
            cell: Name::new("hall 2").expect("it fits"),
        }
    }

    #[test]
    fn what_is_signed_is_what_is_read() {
        let both = Settings {
            record_s: Some(30),
            accounts_s: Some(7200),
            online: Some(Kinds::NONE.with(Kind::Logs)),
        };
        for wanted in [Settings::default(), settings(10), both] {
            assert_eq!(Settings::of(&target(wanted.custom())), Ok(wanted));
            assert_eq!(wanted.checked(), Ok(wanted));
        }
    }

    #[test]
    fn the_most_particular_word_decides_field_by_field() {
        let fleet = Settings {
            record_s: Some(20),
            accounts_s: Some(7200),
            online: Some(Kinds::NONE.with(Kind::Logs)),
        };
        let said = BTreeMap::from([
            (Scope::Fleet.path(), target(fleet.custom())),
            (
                Scope::Class(DeviceClass::Camera).path(),
                target(settings(30).custom()),
            ),
            (
                Scope::Class(DeviceClass::Plc).path(),
                target(settings(300).custom()),
            ),
            (
                Scope::Cell(place().cell).path(),
                target(settings(40).custom()),
            ),
            (
                Scope::Device(DeviceId::from_bytes([8; 8])).path(),
                target(settings(50).custom()),
            ),
        ]);
        let found = Settings::at(&place(), |path| said.get(path)).expect("all can be read");
        assert_eq!(found.record_s, Some(40));
        assert_eq!(found.accounts_s, Some(7200));
        assert_eq!(found.online, fleet.online);
        assert_ne!(found.digest(), fleet.digest());
    }

    #[test]
    fn a_number_outside_its_bounds_is_refused_by_whoever_signs_and_by_whoever_obeys() {
        for given in [0, 9, 3601, u32::MAX] {
            let refused = SettingsError::Bounds {
                field: RECORD_S,
                given: given.into(),
                bounds: Settings::RECORD_S,
            };
            assert_eq!(settings(given).checked(), Err(refused.clone()));
            let said = target(settings(given).custom());
            assert_eq!(Settings::at(&place(), |_| Some(&said)), Err(refused));
        }
        let words = Settings::ACCOUNTS_S;
        assert_eq!((*words.start(), *words.end()), (600, 86_400));
    }

    #[test]
    fn no_setting_gives_wiping_away() {
        let wipe = Settings {
            online: Some(Kinds::USUAL.with(Kind::Wipe)),
            ..Settings::default()
        };
        assert_eq!(wipe.checked(), Err(SettingsError::Wipe));
        let said = Settings::of(&target(wipe.custom()));
        assert_eq!(said, Err(SettingsError::Wipe));
        let mut other = settings(10).custom();
        let Some(Json::Object(fields)) = other.get_mut(SETTINGS) else {
            unreachable!("it was written above");
        };
        fields.insert(
            ONLINE.to_owned(),
            Json::List(vec![Json::Text("x".to_owned())]),
        );
        assert_eq!(Settings::of(&target(other)), Err(SettingsError::Kinds));
    }

    #[test]
    fn what_is_no_settings_is_told_from_what_sets_nothing() {
        assert_eq!(
            Settings::of(&target(Object::new())),
            Err(SettingsError::Silent)
        );
        let mut other = settings(10).custom();
        let Some(Json::Object(fields)) = other.get_mut(SETTINGS) else {
            unreachable!("it was written above");
        };
        fields.insert("of_a_later_version".to_owned(), Json::Text("on".to_owned()));
        assert_eq!(Settings::of(&target(other.clone())), Ok(settings(10)));
        let Some(Json::Object(fields)) = other.get_mut(SETTINGS) else {
            unreachable!("it was written above");
        };
        fields.insert(RECORD_S.to_owned(), Json::Text("10".to_owned()));
        let refused = Settings::of(&target(other));
        assert_eq!(refused, Err(SettingsError::Field(RECORD_S)));
    }
}
