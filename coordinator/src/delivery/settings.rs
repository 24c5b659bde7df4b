//! `delivery.toml`: channels with their secrets' files, routes, quiet hours and the pace. Unknown keys are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use alerts::hours::{Hours, HoursError, Offset, time_of_day};
use alerts::limits;
use alerts::route::{Digest, NAME_BYTES, Pace, Plan, Quiet, Route};
use alerts::severity::{Severity, SeverityError};
use alerts::text::Name;
use language::Language;
use protocol::class::DeviceClass;
use serde::Deserialize;
use thiserror::Error;

use super::channel::{Channel, ChannelError, ChannelText};

pub const FILE: &str = "delivery.toml";

/// Everything that is set, checked.
#[derive(Debug, Default)]
pub struct Settings {
    pub plan: Plan,
    pub channels: BTreeMap<Name, Channel>,
    /// Where people open the pages, for the links in letters.
    pub pages: Option<String>,
}

#[derive(Debug, Error)]
pub enum SettingsError {
    /// Nobody has set anything, so nobody is told.
    #[error("there is no delivery.toml")]
    Missing,
    #[error("delivery.toml cannot be read: {0}")]
    Read(std::io::Error),
    #[error("delivery.toml: {0}")]
    Parse(Box<toml::de::Error>),
    #[error("delivery.toml: {key}: {what}")]
    Value { key: String, what: String },
    #[error("delivery.toml: channel {name}: {source}")]
    Channel { name: String, source: ChannelError },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Text {
    pages: Option<String>,
    utc_offset: Option<String>,
    pace: PaceText,
    quiet: Option<QuietText>,
    digest: Option<DigestText>,
    channel: Vec<ChannelText>,
    route: Vec<RouteText>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PaceText {
    gather_s: Option<u64>,
    again_min: Option<u64>,
    per_hour: Option<u32>,
    together_above: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuietText {
    hours: String,
    #[serde(default = "critical")]
    unless: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DigestText {
    at: String,
    to: Vec<String>,
    #[serde(default = "english")]
    language: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteText {
    name: String,
    #[serde(default)]
    to: Vec<String>,
    #[serde(default = "low")]
    severity: String,
    #[serde(default)]
    classes: Vec<String>,
    hours: Option<String>,
    #[serde(default)]
    after_min: u64,
    /// The tag of a language.
    #[serde(default = "english")]
    language: String,
}

fn critical() -> String {
    Severity::Critical.word().to_owned()
}

fn low() -> String {
    Severity::Low.word().to_owned()
}

fn english() -> String {
    Language::English.tag().to_owned()
}

/// When a file was last written, or given other rights.
pub(super) type Changed = Option<(i64, i64)>;

/// Of the file, and of each that it names: a secret that was put right counts as well.
pub(super) fn changed(folder: &Path) -> Vec<Changed> {
    use std::os::unix::fs::MetadataExt as _;
    let when = |path: &Path| {
        let found = fs::metadata(path).ok()?;
        Some((found.ctime(), found.ctime_nsec()))
    };
    let file = folder.join(FILE);
    let text = fs::read_to_string(&file).unwrap_or_default();
    let mut times = vec![when(&file)];
    times.extend(files(&text).map(|named| when(&folder.join(named))));
    times
}

/// What stands behind keys such as `secret_file`, whatever else the text is.
fn files(text: &str) -> impl Iterator<Item = &str> {
    let behind = text.split("_file").skip(1);
    behind
        .filter_map(|rest| rest.split('"').nth(1))
        .take(limits::ROUTES * 2)
}

impl Settings {
    pub fn load(folder: &Path) -> Result<Self, SettingsError> {
        match fs::read_to_string(folder.join(FILE)) {
            Ok(text) => Self::parse(&text, folder),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(SettingsError::Missing)
            }
            Err(error) => Err(SettingsError::Read(error)),
        }
    }

    /// Reads the text; secrets are read from the files that it names.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, SettingsError> {
        let text: Text =
            toml::from_str(text).map_err(|error| SettingsError::Parse(Box::new(error)))?;
        if text.channel.len() > limits::ROUTES || text.route.len() > limits::ROUTES {
            return Err(wrong("channel", "name 32 channels and 32 routes at most"));
        }
        let mut channels = BTreeMap::new();
        for channel in text.channel {
            let name = name("channel.name", &channel.name)?;
            let read = Channel::read(channel, folder).map_err(|source| SettingsError::Channel {
                name: name.to_string(),
                source,
            })?;
            if channels.insert(name.clone(), read).is_some() {
                return Err(wrong(
                    "channel.name",
                    format!("there are two called {name}"),
                ));
            }
        }
        let offset = text.utc_offset.as_deref().map(str::parse::<Offset>);
        let offset = offset
            .transpose()
            .map_err(|error| hours("utc_offset", error))?;
        let routes: Vec<Route> = text.route.iter().map(route).collect::<Result<_, _>>()?;
        let names: BTreeSet<&Name> = routes.iter().map(|route| &route.name).collect();
        if names.len() < routes.len() {
            return Err(wrong("route.name", "two routes have the same name"));
        }
        let plan = Plan {
            routes,
            channels: channels.keys().cloned().collect(),
            quiet: text.quiet.as_ref().map(quiet).transpose()?,
            pace: pace(&text.pace)?,
            offset: offset.unwrap_or_default(),
            digest: text.digest.as_ref().map(digest).transpose()?,
        };
        Ok(Self {
            plan,
            channels,
            pages: text
                .pages
                .map(|pages| pages.trim_end_matches('/').to_owned()),
        })
    }

    pub fn channel(&self, name: &Name) -> Option<&Channel> {
        self.channels.get(name)
    }
}

fn route(text: &RouteText) -> Result<Route, SettingsError> {
    let classes = text.classes.iter().map(|class| {
        class
            .parse::<DeviceClass>()
            .map_err(|error| wrong("route.classes", error.to_string()))
    });
    let to = text.to.iter().map(|to| name("route.to", to));
    let window = text.hours.as_deref().map(str::parse::<Hours>);
    Ok(Route {
        name: name("route.name", &text.name)?,
        to: to.collect::<Result<_, _>>()?,
        severity: severity("route.severity", &text.severity)?,
        classes: classes.collect::<Result<_, _>>()?,
        hours: window
            .transpose()
            .map_err(|error| hours("route.hours", error))?,
        after: Duration::from_secs(text.after_min.min(10_080) * 60),
        language: language("route.language", &text.language)?,
    })
}

fn quiet(text: &QuietText) -> Result<Quiet, SettingsError> {
    Ok(Quiet {
        hours: text
            .hours
            .parse()
            .map_err(|error| hours("quiet.hours", error))?,
        unless: severity("quiet.unless", &text.unless)?,
    })
}

fn digest(text: &DigestText) -> Result<Digest, SettingsError> {
    let to = text.to.iter().map(|to| name("digest.to", to));
    Ok(Digest {
        at: time_of_day(&text.at).map_err(|error| hours("digest.at", error))?,
        to: to.collect::<Result<_, _>>()?,
        language: language("digest.language", &text.language)?,
    })
}

fn pace(text: &PaceText) -> Result<Pace, SettingsError> {
    let usual = Pace::default();
    let pace = Pace {
        gather: text.gather_s.map_or(usual.gather, Duration::from_secs),
        again: text.again_min.map_or(usual.again, |minutes| {
            Duration::from_secs(minutes.saturating_mul(60))
        }),
        per_hour: text.per_hour.unwrap_or(usual.per_hour),
        together_above: text.together_above.unwrap_or(usual.together_above),
    };
    if pace.gather > Duration::from_secs(300) {
        return Err(wrong("pace.gather_s", "choose 0 to 300"));
    }
    if pace.again < Duration::from_secs(60) {
        return Err(wrong("pace.again_min", "choose 1 at least"));
    }
    if !(1..=1_000).contains(&pace.per_hour) {
        return Err(wrong("pace.per_hour", "choose 1 to 1000"));
    }
    if pace.together_above == 0 {
        return Err(wrong("pace.together_above", "choose 1 at least"));
    }
    Ok(pace)
}

/// Names stand in addresses, headers and logs, so they are plain.
fn name(key: &str, text: &str) -> Result<Name, SettingsError> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let fits = (1..=NAME_BYTES).contains(&text.len());
    Name::new(text)
        .ok()
        .filter(|_| plain && fits)
        .ok_or_else(|| wrong(key, "use 1 to 24 small letters, digits and -"))
}

fn severity(key: &str, text: &str) -> Result<Severity, SettingsError> {
    text.parse()
        .map_err(|error: SeverityError| wrong(key, error.to_string()))
}

fn language(key: &str, tag: &str) -> Result<Language, SettingsError> {
    tag.parse()
        .map_err(|_| wrong(key, "write en or fr, as the product speaks"))
}

fn hours(key: &str, error: HoursError) -> SettingsError {
    wrong(key, error.to_string())
}

fn wrong(key: &str, what: impl Into<String>) -> SettingsError {
    SettingsError::Value {
        key: key.to_owned(),
        what: what.into(),
    }
}
