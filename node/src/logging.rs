//! Where log lines go: the journal of the system, a person at a terminal, or a program that reads JSON.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IsTerminal as _};
use std::os::unix::fs::MetadataExt as _;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use protocol::limits;
use thiserror::Error;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{Layer, Registry, fmt as lines};

/// How much is said, and in which form.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    pub level: Level,
    pub format: Format,
}

/// A level, or levels for parts of the program: `info`, or `info,mesh=debug`.
#[derive(Debug, Clone, PartialEq)]
pub struct Level(Targets);

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The system's journal where it listens, else `Human` on a terminal, else `Json`.
    #[default]
    Auto,
    Human,
    Json,
    Journald,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("use error, warn, info, debug, trace or off, or a list such as info,mesh=debug")]
pub struct LevelError;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("use auto, human, json or journald")]
pub struct FormatError;

#[derive(Debug, Error)]
pub enum StartLoggingError {
    #[error("the system's journal cannot be reached: set log.format to human or json")]
    Journald(#[source] io::Error),
    #[error("logging was started before")]
    Twice(#[from] TryInitError),
}

/// Sends every log line of this process where the configuration says.
pub fn start(config: &Config) -> Result<(), StartLoggingError> {
    let target: Box<dyn Layer<Registry> + Send + Sync> = match resolved(config.format) {
        Format::Journald => tracing_journald::layer()
            .map_err(StartLoggingError::Journald)?
            .boxed(),
        Format::Json => lines::layer()
            .json()
            .flatten_event(true)
            .with_writer(io::stderr)
            .boxed(),
        Format::Human | Format::Auto => lines::layer()
            .with_ansi(wants_colour())
            .with_writer(io::stderr)
            .boxed(),
    };
    let kept = lines::layer()
        .json()
        .flatten_event(true)
        .with_writer(|| Keeper);
    Ok(tracing_subscriber::registry()
        .with(target.with_filter(config.level.0.clone()))
        .with(kept.with_filter(config.level.0.clone()))
        .try_init()?)
}

/// The newest lines, for whoever is entitled to ask for them.
static RECENT: Mutex<Recent> = Mutex::new(Recent {
    lines: VecDeque::new(),
    bytes: 0,
});

#[derive(Debug)]
struct Recent {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
}

/// What this process has logged lately, oldest first.
pub fn recent() -> Vec<u8> {
    let recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
    recent.lines.iter().flatten().copied().collect()
}

impl Recent {
    fn take(&mut self, line: &[u8], bound: usize) {
        let line = &line[..line.len().min(bound)];
        self.bytes += line.len();
        self.lines.push_back(line.to_vec());
        while self.bytes > bound {
            self.bytes -= self.lines.pop_front().map_or(0, |line| line.len());
        }
    }
}

/// Writes into [`RECENT`], a line at a time.
struct Keeper;

impl io::Write for Keeper {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        recent.take(line, limits::COMMAND_LOG_BYTES);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        // A name without a level would open that part wide, and a list without a plain level close all others.
        let is_level = |part: &str| part.parse::<LevelFilter>().is_ok() && !part.is_empty();
        let mut levels = text.split(',').map(|part| {
            part.rsplit_once('=')
                .map_or(part, |(_, level)| level)
                .trim()
        });
        let has_default = text.split(',').any(|part| is_level(part.trim()));
        if !has_default || !levels.all(is_level) {
            return Err(LevelError);
        }
        let parsed = text.parse().map_err(|_| LevelError)?;
        Ok(Self(parsed))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(word: &str) -> Result<Self, FormatError> {
        match word {
            "auto" => Ok(Self::Auto),
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            "journald" => Ok(Self::Journald),
            _ => Err(FormatError),
        }
    }
}

fn resolved(format: Format) -> Format {
    match format {
        Format::Auto if is_journal(std::env::var("JOURNAL_STREAM").ok().as_deref()) => {
            Format::Journald
        }
        Format::Auto if io::stderr().is_terminal() => Format::Human,
        Format::Auto => Format::Json,
        chosen => chosen,
    }
}

/// The variable is inherited by children whose output goes elsewhere, so it counts only if it names stderr.
fn is_journal(stream: Option<&str>) -> bool {
    let Some((device, inode)) = stream.and_then(|stream| stream.split_once(':')) else {
        return false;
    };
    let stderr = std::fs::metadata("/proc/self/fd/2");
    stderr
        .is_ok_and(|stderr| device.parse() == Ok(stderr.dev()) && inode.parse() == Ok(stderr.ino()))
}

fn wants_colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_word_or_a_list_with_a_default() {
        for good in ["info", "off", "warn,mesh=debug", "TRACE"] {
            assert!(good.parse::<Level>().is_ok(), "{good}");
        }
        for bad in [
            "loud",
            "mesh=debug",
            "",
            "info,",
            "info,mesh",
            "info,mesh=loud",
        ] {
            assert_eq!(bad.parse::<Level>(), Err(LevelError), "{bad}");
        }
    }

    #[test]
    fn of_many_lines_the_newest_are_kept_within_their_bound() {
        let mut recent = Recent {
            lines: VecDeque::new(),
            bytes: 0,
        };
        for number in 0..100 {
            recent.take(format!("line {number:02}\n").as_bytes(), 80);
        }
        assert_eq!(recent.lines.len(), 10);
        assert_eq!(recent.lines[0], b"line 90\n");
        recent.take(&[b'x'; 500], 80);
        assert_eq!((recent.lines.len(), recent.bytes), (1, 80));
    }

    #[test]
    fn an_inherited_journal_stream_of_another_file_is_not_ours() {
        assert!(!is_journal(Some("1:1")));
        assert!(!is_journal(Some("nonsense")));
        assert!(!is_journal(None));
    }
}
