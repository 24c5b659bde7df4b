//! How the host is updated: where its slots are, what it is, and what runs from them.

use std::path::PathBuf;
use std::time::Duration;

use protocol::install::Terms;
use protocol::limits;
use protocol::text::Name;

use super::ConfigError;
use super::layers::{Key, Layers, Parser};
use super::values::{Refused, one, period};

/// A trial longer than this is none.
const LONGEST_TRIAL: Duration = Duration::from_secs(86_400);

#[derive(Debug, Clone, PartialEq)]
pub struct Updates {
    pub slots: SlotKind,
    pub product: Name,
    pub model: Name,
    /// The program that runs from a directory pair, below the directory that is current.
    pub service: Option<PathBuf>,
    /// Ends with success if what runs is well.
    pub health: Option<PathBuf>,
    pub probation: Duration,
    /// Witnesses that must have said that the device answers.
    pub affirmed_by: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// Two directories and a link, in the node's own directory.
    Pair,
    Rauc,
}

const SLOTS: Parser<Option<SlotKind>> = Parser {
    key: Key::UpdateSlots,
    parse: slots,
};
const PRODUCT: Parser<Option<Name>> = Parser {
    key: Key::UpdateProduct,
    parse: name,
};
const MODEL: Parser<Option<Name>> = Parser {
    key: Key::UpdateModel,
    parse: name,
};
const SERVICE: Parser<Option<PathBuf>> = Parser {
    key: Key::UpdateService,
    parse: below,
};
const HEALTH: Parser<Option<PathBuf>> = Parser {
    key: Key::UpdateHealth,
    parse: path,
};
const PROBATION: Parser<Duration> = Parser {
    key: Key::UpdateProbation,
    parse: |words| period(words, "24h", LONGEST_TRIAL),
};
const WITNESSES: Parser<usize> = Parser {
    key: Key::UpdateWitnesses,
    parse: witnesses,
};

pub(super) fn parsed(layers: &Layers) -> Result<Option<Updates>, ConfigError> {
    let named = |parser: Parser<Option<Name>>, needed| {
        let key = parser.key.name();
        let found = layers.parsed(&parser)?;
        found.ok_or(ConfigError::Missing { key, needed })
    };
    let (service, health) = (layers.parsed(&SERVICE)?, layers.parsed(&HEALTH)?);
    let probation = layers.parsed(&PROBATION)?;
    let affirmed_by = layers.parsed(&WITNESSES)?;
    let Some(slots) = layers.parsed(&SLOTS)? else {
        return Ok(None);
    };
    Ok(Some(Updates {
        slots,
        product: named(PRODUCT, "say what is updated, such as \"camera\"")?,
        model: named(MODEL, "say what hardware this is, such as \"ipc-3\"")?,
        service,
        health,
        probation,
        affirmed_by,
    }))
}

impl Updates {
    pub fn terms(&self) -> Terms {
        Terms {
            probation: self.probation,
            affirmed_by: self.affirmed_by,
            ..Terms::of(self.product.clone(), self.model.clone())
        }
    }
}

fn slots(words: &[String]) -> Result<Option<SlotKind>, Refused> {
    match one(words) {
        "off" | "false" => Ok(None),
        "pair" => Ok(Some(SlotKind::Pair)),
        "rauc" => Ok(Some(SlotKind::Rauc)),
        word => Err(Refused::new(word, "has to be off, pair or rauc")),
    }
}

fn name(words: &[String]) -> Result<Option<Name>, Refused> {
    match one(words) {
        "" => Ok(None),
        word => match Name::new(word) {
            Ok(name) => Ok(Some(name)),
            Err(why) => Err(Refused::new(word, format!("is no name: {why}"))),
        },
    }
}

fn path(words: &[String]) -> Result<Option<PathBuf>, Refused> {
    match one(words) {
        "" => Ok(None),
        word if word.contains('\0') => Err(Refused::new(word, "is no path")),
        word => Ok(Some(PathBuf::from(word))),
    }
}

/// A path that stays below the slot.
fn below(words: &[String]) -> Result<Option<PathBuf>, Refused> {
    let found = path(words)?;
    let leads_out = found.as_ref().is_some_and(|path| {
        let mut parts = path.components();
        parts.any(|part| !matches!(part, std::path::Component::Normal(_)))
    });
    if leads_out {
        let problem = "has to be a path inside the image, such as bin/service";
        return Err(Refused::new(one(words), problem));
    }
    Ok(found)
}

fn witnesses(words: &[String]) -> Result<usize, Refused> {
    let word = one(words);
    let found = word.parse().ok();
    found
        .filter(|count| *count <= limits::WITNESSES)
        .ok_or_else(|| {
            let bound = limits::WITNESSES;
            Refused::new(word, format!("has to be a number from 0 to {bound}"))
        })
}
