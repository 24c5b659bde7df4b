//! Which logs of the host this node brings to the coordinator: none unless they are named.

use std::path::PathBuf;

use protocol::text;

use super::ConfigError;
use super::layers::{Key, Layers, Parser};
use super::values::{Refused, one};
use crate::sources::tail::{Config, FILES};

const JOURNAL: Parser<Option<PathBuf>> = Parser {
    key: Key::TailJournal,
    parse: journal,
};
const NAMED: Parser<Vec<text::Path>> = Parser {
    key: Key::TailFiles,
    parse: files,
};

pub(super) fn parsed(layers: &Layers) -> Result<Config, ConfigError> {
    Ok(Config {
        journal: layers.parsed(&JOURNAL)?,
        files: layers.parsed(&NAMED)?,
    })
}

fn journal(words: &[String]) -> Result<Option<PathBuf>, Refused> {
    match one(words) {
        "off" | "false" => Ok(None),
        "on" | "true" => Ok(Some(PathBuf::from("journalctl"))),
        word if word.starts_with('/') => Ok(Some(PathBuf::from(word))),
        word => Err(Refused::new(
            word,
            "has to be on, off, or the absolute path of journalctl",
        )),
    }
}

fn files(words: &[String]) -> Result<Vec<text::Path>, Refused> {
    if words.len() > FILES {
        let problem = format!("are too many files: name {FILES} at most");
        return Err(Refused::new(&words.join(","), problem));
    }
    let file = |word: &String| match text::Path::new(word.as_str()) {
        Ok(path) if word.starts_with('/') => Ok(path),
        Ok(_) => Err(Refused::new(word, "has to be an absolute path")),
        Err(error) => Err(Refused::new(word, format!("is no path: {error}"))),
    };
    words.iter().map(file).collect()
}
