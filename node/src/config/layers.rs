//! Where a value comes from: every layer is text, and the highest that speaks decides.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::values::{Refused, Words};
use super::{ConfigError, Flags, Setting};

/// Bytes of the file at most.
const FILE_BYTES: u64 = 64 * 1024;

/// The layer that decided a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(PathBuf),
    Environment(String),
    Flag(String),
}

/// What can be set, in the order in which it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Listen,
    Mdns,
    Telemetry,
    Beat,
    Watch,
    HearingListen,
    HearingInterfaces,
    UpdateSlots,
    UpdateProduct,
    UpdateModel,
    UpdateService,
    UpdateHealth,
    UpdateProbation,
    UpdateWitnesses,
    UpdateOptions,
    UpdateSelections,
    UpdateKeep,
    UpdateGoBack,
    UpdateStay,
    UpdateReboot,
    UpdateFetchBytes,
    UpdateFetchBytesEach,
    UpdateServeBytes,
    DecoysListen,
    DecoysBlock,
    FlowsWatch,
    FlowsListen,
    FlowsEnforce,
    FlowsStrange,
    TailJournal,
    TailFiles,
    ScanProgram,
    LogLevel,
    LogFormat,
}

/// The way from the words of a key to a checked value.
pub(super) struct Parser<T> {
    pub(super) key: Key,
    pub(super) parse: fn(&[String]) -> Result<T, Refused>,
}

/// The deciding words of every key.
pub(super) struct Layers(BTreeMap<Key, (Words, Origin)>);

impl Key {
    const ALL: [Self; 34] = [
        Self::Listen,
        Self::Mdns,
        Self::Telemetry,
        Self::Beat,
        Self::Watch,
        Self::HearingListen,
        Self::HearingInterfaces,
        Self::UpdateSlots,
        Self::UpdateProduct,
        Self::UpdateModel,
        Self::UpdateService,
        Self::UpdateHealth,
        Self::UpdateProbation,
        Self::UpdateWitnesses,
        Self::UpdateOptions,
        Self::UpdateSelections,
        Self::UpdateKeep,
        Self::UpdateGoBack,
        Self::UpdateStay,
        Self::UpdateReboot,
        Self::UpdateFetchBytes,
        Self::UpdateFetchBytesEach,
        Self::UpdateServeBytes,
        Self::DecoysListen,
        Self::DecoysBlock,
        Self::FlowsWatch,
        Self::FlowsListen,
        Self::FlowsEnforce,
        Self::FlowsStrange,
        Self::TailJournal,
        Self::TailFiles,
        Self::ScanProgram,
        Self::LogLevel,
        Self::LogFormat,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Mdns => "mdns",
            Self::Telemetry => "telemetry",
            Self::Beat => "beat",
            Self::Watch => "watch",
            Self::HearingListen => "hearing.listen",
            Self::HearingInterfaces => "hearing.interfaces",
            Self::UpdateSlots => "update.slots",
            Self::UpdateProduct => "update.product",
            Self::UpdateModel => "update.model",
            Self::UpdateService => "update.service",
            Self::UpdateHealth => "update.health",
            Self::UpdateProbation => "update.probation",
            Self::UpdateWitnesses => "update.witnesses",
            Self::UpdateOptions => "update.options",
            Self::UpdateSelections => "update.selections",
            Self::UpdateKeep => "update.keep",
            Self::UpdateGoBack => "update.go_back",
            Self::UpdateStay => "update.stay",
            Self::UpdateReboot => "update.reboot",
            Self::UpdateFetchBytes => "update.fetch_bytes",
            Self::UpdateFetchBytesEach => "update.fetch_bytes_each",
            Self::UpdateServeBytes => "update.serve_bytes",
            Self::DecoysListen => "decoys.listen",
            Self::DecoysBlock => "decoys.block",
            Self::FlowsWatch => "flows.watch",
            Self::FlowsListen => "flows.listen",
            Self::FlowsEnforce => "flows.enforce",
            Self::FlowsStrange => "flows.strange",
            Self::TailJournal => "tail.journal",
            Self::TailFiles => "tail.files",
            Self::ScanProgram => "scan.program",
            Self::LogLevel => "log.level",
            Self::LogFormat => "log.format",
        }
    }

    const fn is_list(self) -> bool {
        matches!(
            self,
            Self::Listen
                | Self::Watch
                | Self::DecoysListen
                | Self::HearingInterfaces
                | Self::TailFiles
                | Self::UpdateOptions
                | Self::UpdateSelections
                | Self::UpdateKeep
                | Self::UpdateGoBack
                | Self::UpdateStay
                | Self::UpdateReboot
        )
    }

    fn variable(self) -> String {
        format!("PALISADE_{}", self.name().replace('.', "_").to_uppercase())
    }

    fn flag(self) -> String {
        format!("--{}", self.name().replace('.', "-"))
    }

    fn flagged(self, flags: &Flags) -> Option<Words> {
        let one = |word: &Option<String>| word.clone().map(|word| vec![word]);
        let many = |words: &[String]| (!words.is_empty()).then(|| words.to_vec());
        match self {
            Self::Listen => many(&flags.listen),
            Self::Mdns => one(&flags.mdns),
            Self::Telemetry => one(&flags.telemetry),
            Self::Beat => one(&flags.beat),
            Self::Watch => many(&flags.watch),
            // What a device is, where it listens and how it is updated belongs into its file.
            Self::HearingListen
            | Self::HearingInterfaces
            | Self::UpdateSlots
            | Self::UpdateProduct
            | Self::UpdateModel
            | Self::UpdateService
            | Self::UpdateHealth
            | Self::UpdateProbation
            | Self::UpdateWitnesses
            | Self::UpdateOptions
            | Self::UpdateSelections
            | Self::UpdateKeep
            | Self::UpdateGoBack
            | Self::UpdateStay
            | Self::UpdateReboot
            | Self::UpdateFetchBytes
            | Self::UpdateFetchBytesEach
            | Self::UpdateServeBytes
            | Self::DecoysListen
            | Self::DecoysBlock
            | Self::FlowsWatch
            | Self::FlowsListen
            | Self::FlowsEnforce
            | Self::FlowsStrange
            | Self::TailJournal
            | Self::TailFiles
            // Which program runs with this node's rights is not for whoever starts it.
            | Self::ScanProgram => None,
            Self::LogLevel => one(&flags.log_level),
            Self::LogFormat => one(&flags.log_format),
        }
    }

    /// A list in the environment is separated by commas.
    fn split(self, text: &str) -> Words {
        if self.is_list() {
            text.split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        } else {
            vec![text.trim().to_owned()]
        }
    }
}

impl Layers {
    pub(super) fn read(
        path: &Path,
        environment: impl Fn(&str) -> Option<String>,
        flags: &Flags,
    ) -> Result<Self, ConfigError> {
        let mut layers: BTreeMap<_, _> = Key::ALL
            .into_iter()
            .map(|key| (key, (super::values::default(key), Origin::Default)))
            .collect();
        for (key, words) in file(path)? {
            layers.insert(key, (words, Origin::File(path.to_owned())));
        }
        for key in Key::ALL {
            if let Some(text) = environment(&key.variable()) {
                layers.insert(key, (key.split(&text), Origin::Environment(key.variable())));
            }
            if let Some(words) = key.flagged(flags) {
                layers.insert(key, (words, Origin::Flag(key.flag())));
            }
        }
        Ok(Self(layers))
    }

    pub(super) fn parsed<T>(&self, parser: &Parser<T>) -> Result<T, ConfigError> {
        let (words, origin) = &self.0[&parser.key];
        (parser.parse)(words).map_err(
            |Refused {
                 word: value,
                 problem,
             }| ConfigError::Value {
                key: parser.key.name(),
                origin: origin.clone(),
                value,
                problem,
            },
        )
    }

    pub(super) fn settings(&self) -> Vec<Setting> {
        let setting = |(key, (words, origin)): (&Key, &(Words, Origin))| Setting {
            key: key.name(),
            value: written(*key, words),
            origin: origin.clone(),
        };
        self.0.iter().map(setting).collect()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

fn written(key: Key, words: &[String]) -> String {
    let quoted = |word: &String| Value::String(word.clone()).to_string();
    let all: Vec<_> = words.iter().map(quoted).collect();
    if key.is_list() {
        format!("[{}]", all.join(", "))
    } else {
        all.concat()
    }
}

fn file(path: &Path) -> Result<BTreeMap<Key, Words>, ConfigError> {
    let Some(text) = text(path)? else {
        return Ok(BTreeMap::new());
    };
    let table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| ConfigError::Syntax {
            path: path.to_owned(),
            problem: error.to_string(),
        })?;
    let mut found = BTreeMap::new();
    for (name, value) in flattened(table) {
        let unknown = || ConfigError::UnknownKey {
            path: path.to_owned(),
            key: name.clone(),
            known: known(),
        };
        let key = Key::ALL
            .into_iter()
            .find(|key| key.name() == name)
            .ok_or_else(unknown)?;
        found.insert(key, words(key, &value, path)?);
    }
    Ok(found)
}

fn text(path: &Path) -> Result<Option<String>, ConfigError> {
    let read = || -> io::Result<String> {
        let mut text = String::new();
        File::open(path)?
            .take(FILE_BYTES + 1)
            .read_to_string(&mut text)?;
        Ok(text)
    };
    match read() {
        Ok(text) if text.len() as u64 > FILE_BYTES => Err(ConfigError::TooLong {
            path: path.to_owned(),
            bound: FILE_BYTES,
        }),
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Tables of one level become dotted keys.
fn flattened(table: Table) -> Vec<(String, Value)> {
    let inner = |(name, value)| match value {
        Value::Table(table) if !table.is_empty() => table
            .into_iter()
            .map(|(inner, value)| (format!("{name}.{inner}"), value))
            .collect(),
        value => vec![(name, value)],
    };
    table.into_iter().flat_map(inner).collect()
}

fn words(key: Key, value: &Value, path: &Path) -> Result<Words, ConfigError> {
    let refused = |problem: &str| ConfigError::Value {
        key: key.name(),
        origin: Origin::File(path.to_owned()),
        value: value.to_string(),
        problem: problem.to_owned(),
    };
    match value {
        Value::Array(items) if key.is_list() => {
            let word = |item: &Value| item.as_str().map(str::to_owned);
            items
                .iter()
                .map(word)
                .collect::<Option<_>>()
                .ok_or_else(|| refused("has to be a list of texts"))
        }
        _ if key.is_list() => Err(refused("has to be a list of texts")),
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Boolean(_) | Value::Integer(_) => Ok(vec![value.to_string()]),
        _ => Err(refused("has to be one text, number or truth value")),
    }
}

fn known() -> String {
    Key::ALL.map(Key::name).join(", ")
}
