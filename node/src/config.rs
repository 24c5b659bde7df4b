//! The node's settings: a flag outranks the environment, which outranks the file, which outranks the default.

mod decoys;
mod flows;
mod layers;
mod tail;
mod updates;
mod values;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use protocol::text;
use thiserror::Error;

use crate::{logging, sources};
pub use decoys::{Block, Decoys};
use layers::Layers;
pub use layers::Origin;
pub use updates::{SlotKind, Updates};

const FILE: &str = "node.toml";
/// Where a node listens unless told otherwise.
pub const DEFAULT_LISTEN: &str = "/ip4/0.0.0.0/tcp/7445";

/// Everything that can be set, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Addresses as libp2p writes them, or `ip:port`.
    pub listen: Vec<text::Path>,
    pub mdns: Mdns,
    /// Between two readings.
    pub telemetry: Duration,
    /// Between two signs of life.
    pub beat: Duration,
    pub sources: sources::Config,
    pub hearing: sources::hearing::Config,
    /// `None` where nothing on this host is updated.
    pub updates: Option<Updates>,
    pub decoys: Decoys,
    pub flows: sources::flows::Config,
    pub tail: sources::tail::Config,
    /// The scanner; `None` where this node scans nothing.
    pub scanner: Option<PathBuf>,
    pub log: logging::Config,
}

/// Whether peers are looked for on the local network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mdns {
    On,
    Off,
}

/// The settings that a command line may carry; their text is checked with all other layers.
#[derive(Debug, Clone, Default, Args)]
pub struct Flags {
    /// Address to listen on, such as /ip4/0.0.0.0/tcp/7445; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Vec<String>,
    /// Look for peers on the local network: on or off
    #[arg(long, value_name = "ON|OFF")]
    pub mdns: Option<String>,
    /// Time between two readings, from 1s to 1h
    #[arg(long, value_name = "TIME")]
    pub telemetry: Option<String>,
    /// Time between two signs of life, from 1s to 1m
    #[arg(long, value_name = "TIME")]
    pub beat: Option<String>,
    /// File whose change is reported; may be repeated
    #[arg(long, value_name = "PATH")]
    pub watch: Vec<String>,
    /// error, warn, info, debug, trace or off, or a list such as info,mesh=debug
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// auto, human, json or journald
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

/// One setting with the layer that decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub key: &'static str,
    /// The value as it can be written in the file.
    pub value: String,
    pub origin: Origin,
}

/// Whether a listing of the settings says where each comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origins {
    Shown,
    Hidden,
}

#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("cannot read {path}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path} is longer than {bound} bytes: it holds a few settings only")]
    TooLong { path: PathBuf, bound: u64 },
    #[error("{path} is not TOML: {problem}")]
    Syntax { path: PathBuf, problem: String },
    #[error("{path} sets `{key}`, which does not exist; the keys are {known}")]
    UnknownKey {
        path: PathBuf,
        key: String,
        known: String,
    },
    #[error("`{key}` is missing: {needed}")]
    Missing {
        key: &'static str,
        needed: &'static str,
    },
    #[error("`{key}` ({origin}): `{value}` {problem}")]
    Value {
        key: &'static str,
        origin: Origin,
        value: String,
        problem: String,
    },
}

impl Config {
    /// Reads `node.toml` in `dir`, if there is one, and lays the environment and the flags over it.
    pub fn load(
        dir: &Path,
        environment: impl Fn(&str) -> Option<String>,
        flags: &Flags,
    ) -> Result<(Self, Vec<Setting>), ConfigError> {
        let layers = Layers::read(&dir.join(FILE), environment, flags)?;
        let config = Self {
            listen: layers.parsed(&values::LISTEN)?,
            mdns: layers.parsed(&values::MDNS)?,
            telemetry: layers.parsed(&values::TELEMETRY)?,
            beat: layers.parsed(&values::BEAT)?,
            sources: sources::Config {
                files: layers.parsed(&values::WATCH)?,
            },
            hearing: sources::hearing::Config {
                listen: layers.parsed(&values::HEARING_LISTEN)?,
                interfaces: layers.parsed(&values::HEARING_INTERFACES)?,
            },
            updates: updates::parsed(&layers)?,
            decoys: decoys::parsed(&layers)?,
            flows: flows::parsed(&layers)?,
            tail: tail::parsed(&layers)?,
            scanner: layers.parsed(&values::SCAN_PROGRAM)?,
            log: logging::Config {
                level: layers.parsed(&values::LOG_LEVEL)?,
                format: layers.parsed(&values::LOG_FORMAT)?,
            },
        };
        Ok((config, layers.settings()))
    }

    /// The periods that the machine needs.
    pub fn periods(&self) -> protocol::node::Config {
        protocol::node::Config {
            beat: self.beat,
            telemetry: self.telemetry,
            ..protocol::node::Config::default()
        }
    }
}

/// What `config show` prints: valid TOML, with the origins as comments.
pub fn show(settings: &[Setting], origins: Origins) -> String {
    let line = |setting: &Setting| match origins {
        Origins::Shown => format!(
            "{} = {}  # {}\n",
            setting.key, setting.value, setting.origin
        ),
        Origins::Hidden => format!("{} = {}\n", setting.key, setting.value),
    };
    settings.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_any_layer_the_defaults_hold() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (config, settings) =
            load(dir.path(), &[], &Flags::default()).expect("defaults are sound");
        assert_eq!(config.telemetry, Duration::from_secs(10));
        assert_eq!(config.beat, Duration::from_secs(5));
        assert_eq!(config.mdns, Mdns::On);
        assert_eq!(config.listen[0].as_str(), DEFAULT_LISTEN);
        assert!(
            settings
                .iter()
                .all(|setting| setting.origin == Origin::Default)
        );
    }

    #[test]
    fn a_flag_outranks_the_environment_and_that_the_file() {
        let dir =
            with_file("telemetry = \"20s\"\nbeat = 7\nmdns = false\n[log]\nlevel = \"debug\"\n");
        let flags = Flags {
            telemetry: Some("40s".to_owned()),
            ..Flags::default()
        };
        let environment = [("PALISADE_TELEMETRY", "30s"), ("PALISADE_BEAT", "8s")];
        let (config, settings) =
            load(dir.path(), &environment, &flags).expect("every value is sound");
        assert_eq!(config.telemetry, Duration::from_secs(40));
        assert_eq!(config.beat, Duration::from_secs(8));
        assert_eq!(config.mdns, Mdns::Off);
        let shown = show(&settings, Origins::Shown);
        for line in [
            "telemetry = \"40s\"  # flag --telemetry",
            "beat = \"8s\"  # environment PALISADE_BEAT",
            "log.format = \"auto\"  # default",
        ] {
            assert!(shown.contains(line), "`{line}` is missing in:\n{shown}");
        }
        assert!(shown.contains("log.level = \"debug\"  # file "), "{shown}");
    }

    #[test]
    fn what_is_shown_is_a_file_that_says_the_same() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let flags = Flags {
            watch: vec!["/etc/a b".to_owned(), "/etc/\"c".to_owned()],
            ..Flags::default()
        };
        let (config, settings) = load(dir.path(), &[], &flags).expect("every value is sound");
        let again = with_file(&show(&settings, Origins::Hidden));
        assert_eq!(
            load(again.path(), &[], &Flags::default())
                .expect("it was just shown")
                .0,
            config
        );
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_known_ones() {
        for text in [
            "telemtry = \"20s\"",
            "[log]\nlevl = \"info\"",
            "[telemetry]\nperiod = 1",
        ] {
            let dir = with_file(text);
            let words = load(dir.path(), &[], &Flags::default())
                .expect_err(text)
                .to_string();
            assert!(words.contains("node.toml"), "{words}");
        }
        let dir = with_file("telemtry = 1");
        let words = load(dir.path(), &[], &Flags::default())
            .expect_err("it is misspelt")
            .to_string();
        assert!(
            words.contains("`telemtry`") && words.contains("telemetry, "),
            "{words}"
        );
    }

    #[test]
    fn a_bad_value_names_its_key_its_origin_and_the_cure() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let cases: [(&str, &str, &[&str]); 11] = [
            (
                "PALISADE_TELEMETRY",
                "0s",
                &["`telemetry`", "PALISADE_TELEMETRY", "`0s`", "from 1s to 1h"],
            ),
            ("PALISADE_TELEMETRY", "2h", &["from 1s to 1h"]),
            ("PALISADE_BEAT", "soon", &["`beat`", "from 1s to 1m"]),
            (
                "PALISADE_HEARING_LISTEN",
                "maybe",
                &["`hearing.listen`", "on or off"],
            ),
            (
                "PALISADE_TAIL_JOURNAL",
                "maybe",
                &["`tail.journal`", "on, off"],
            ),
            (
                "PALISADE_TAIL_FILES",
                "a.log",
                &["`tail.files`", "absolute"],
            ),
            ("PALISADE_MDNS", "maybe", &["`mdns`", "on or off"]),
            ("PALISADE_LISTEN", "0.0.0.0", &["`listen`", DEFAULT_LISTEN]),
            ("PALISADE_WATCH", "passwd", &["`watch`", "absolute"]),
            ("PALISADE_LOG_LEVEL", "loud", &["`log.level`", "debug"]),
            ("PALISADE_LOG_FORMAT", "xml", &["`log.format`", "json"]),
        ];
        for (name, value, parts) in cases {
            let words = load(dir.path(), &[(name, value)], &Flags::default())
                .expect_err(value)
                .to_string();
            for part in parts {
                assert!(words.contains(part), "`{part}` is missing in: {words}");
            }
        }
    }

    fn with_file(text: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(dir.path().join(FILE), text).expect("the directory is ours");
        dir
    }

    fn load(
        dir: &Path,
        environment: &[(&str, &str)],
        flags: &Flags,
    ) -> Result<(Config, Vec<Setting>), ConfigError> {
        let value = |name: &str| {
            environment
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Config::load(dir, value, flags)
    }
}
