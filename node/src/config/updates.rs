//! How the host is updated: where its slots are, what it is, and what runs from them.

use std::path::PathBuf;
use std::time::Duration;

use protocol::install::Terms;
use protocol::limits;
use protocol::spread;
use protocol::text::Name;

use super::ConfigError;
use super::layers::{Key, Layers, Parser};
use super::values::{Refused, one, period};
use crate::install::swupdate::SwUpdate;

/// Bytes in a second that a limit leaves at least: an image of 16 MiB in four hours and a half.
const SLOWEST: u64 = 1024;
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
    /// How many bytes of chunks it takes and gives in a second.
    pub rates: spread::Config,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotKind {
    /// Two directories and a link, in the node's own directory.
    Pair,
    Rauc,
    /// SWUpdate, with what its command and the boot loader's are given.
    SwUpdate(Box<SwUpdate>),
}

/// What the file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Pair,
    Rauc,
    SwUpdate,
}

const SLOTS: Parser<Option<Named>> = Parser {
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
const OPTIONS: Parser<Vec<String>> = Parser {
    key: Key::UpdateOptions,
    parse: |words| Ok(words.to_vec()),
};
const SELECTIONS: Parser<Vec<(String, String)>> = Parser {
    key: Key::UpdateSelections,
    parse: selections,
};
const KEEP: Parser<Vec<String>> = Parser {
    key: Key::UpdateKeep,
    parse: |words| Ok(words.to_vec()),
};
const GO_BACK: Parser<Vec<String>> = Parser {
    key: Key::UpdateGoBack,
    parse: |words| Ok(words.to_vec()),
};
const STAY: Parser<Vec<String>> = Parser {
    key: Key::UpdateStay,
    parse: |words| Ok(words.to_vec()),
};
const REBOOT: Parser<Vec<String>> = Parser {
    key: Key::UpdateReboot,
    parse: |words| Ok(words.to_vec()),
};
const PROBATION: Parser<Duration> = Parser {
    key: Key::UpdateProbation,
    parse: |words| period(words, "24h", LONGEST_TRIAL),
};
const WITNESSES: Parser<usize> = Parser {
    key: Key::UpdateWitnesses,
    parse: witnesses,
};

const FETCH_BYTES: Parser<Option<u64>> = Parser {
    key: Key::UpdateFetchBytes,
    parse: rate,
};
const FETCH_BYTES_EACH: Parser<Option<u64>> = Parser {
    key: Key::UpdateFetchBytesEach,
    parse: rate,
};
const SERVE_BYTES: Parser<Option<u64>> = Parser {
    key: Key::UpdateServeBytes,
    parse: rate,
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
    let rates = spread::Config {
        fetch: layers.parsed(&FETCH_BYTES)?,
        fetch_each: layers.parsed(&FETCH_BYTES_EACH)?,
        serve: layers.parsed(&SERVE_BYTES)?,
    };
    let slots = match layers.parsed(&SLOTS)? {
        None => return Ok(None),
        Some(Named::Pair) => SlotKind::Pair,
        Some(Named::Rauc) => SlotKind::Rauc,
        Some(Named::SwUpdate) => SlotKind::SwUpdate(Box::new(swupdate(layers)?)),
    };
    Ok(Some(Updates {
        slots,
        product: named(PRODUCT, "say what is updated, such as \"camera\"")?,
        model: named(MODEL, "say what hardware this is, such as \"ipc-3\"")?,
        service,
        health,
        probation,
        affirmed_by,
        rates,
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

/// A trial that nothing takes back is none, so that what tells the boot loader has to be there.
fn swupdate(layers: &Layers) -> Result<SwUpdate, ConfigError> {
    let command = |parser: Parser<Vec<String>>, needed| {
        let key = parser.key.name();
        let words = layers.parsed(&parser)?;
        match words.is_empty() {
            true => Err(ConfigError::Missing { key, needed }),
            false => Ok(words),
        }
    };
    Ok(SwUpdate {
        swupdate: PathBuf::from("swupdate"),
        options: layers.parsed(&OPTIONS)?,
        selections: layers.parsed(&SELECTIONS)?,
        keep: command(
            KEEP,
            "say what tells the boot loader that what runs is good, such as [\"fw_setenv\", \"ustate\", \"0\"]",
        )?,
        go_back: command(GO_BACK, "say what has the other copy booted next")?,
        stay: command(STAY, "say what has this copy booted next")?,
        reboot: command(REBOOT, "say what starts the device again")?,
    })
}

fn slots(words: &[String]) -> Result<Option<Named>, Refused> {
    match one(words) {
        "off" | "false" => Ok(None),
        "pair" => Ok(Some(Named::Pair)),
        "rauc" => Ok(Some(Named::Rauc)),
        "swupdate" => Ok(Some(Named::SwUpdate)),
        word => Err(Refused::new(word, "has to be off, pair, rauc or swupdate")),
    }
}

fn selections(words: &[String]) -> Result<Vec<(String, String)>, Refused> {
    let pairs = words.iter().map(|word| match word.split_once('=') {
        Some((root, select)) if !root.is_empty() && !select.is_empty() => {
            Ok((root.to_owned(), select.to_owned()))
        }
        _ => {
            let problem = "has to be the root that runs and what is written then, such as /dev/mmcblk0p2=stable,copy2";
            Err(Refused::new(word, problem))
        }
    });
    pairs.collect()
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

/// Bytes in a second; slower than this an image never comes.
fn rate(words: &[String]) -> Result<Option<u64>, Refused> {
    let word = one(words);
    if matches!(word, "off" | "false") {
        return Ok(None);
    }
    let bytes = word.parse().ok().filter(|bytes| *bytes >= SLOWEST);
    bytes.map(Some).ok_or_else(|| {
        let problem = format!("has to be off, or a number of bytes in a second from {SLOWEST}");
        Refused::new(word, problem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const ALL: &str = r#"
        [update]
        slots = "swupdate"
        product = "camera"
        model = "ipc-3"
        options = ["-k", "/etc/swupdate/public.pem"]
        selections = ["/dev/mmcblk0p2=stable,copy2", "/dev/mmcblk0p3=stable,copy1"]
        keep = ["fw_setenv", "ustate", "0"]
        go_back = ["fw_setenv", "ustate", "3"]
        stay = ["fw_setenv", "ustate", "0"]
        reboot = ["systemctl", "reboot"]
    "#;

    fn read(text: &str) -> Result<Option<Updates>, ConfigError> {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("node.toml"), text).expect("it is ours");
        Config::load(dir.path(), |_| None, &crate::config::Flags::default())
            .map(|(config, _)| config.updates)
    }

    #[test]
    fn swupdate_is_told_what_its_command_and_the_boot_loader_need() {
        let updates = read(ALL).expect("all is said").expect("slots are on");
        let SlotKind::SwUpdate(told) = updates.slots else {
            panic!("it is SWUpdate: {:?}", updates.slots);
        };
        assert_eq!(told.options, ["-k", "/etc/swupdate/public.pem"]);
        let (root, select) = &told.selections[1];
        assert_eq!(
            (root.as_str(), select.as_str()),
            ("/dev/mmcblk0p3", "stable,copy1")
        );
        assert_eq!(told.go_back, ["fw_setenv", "ustate", "3"]);
        assert_eq!(told.reboot, ["systemctl", "reboot"]);
    }

    #[test]
    fn a_device_says_how_many_bytes_of_chunks_it_takes_and_gives() {
        let updates = read(ALL).expect("all is said").expect("slots are on");
        assert_eq!(updates.rates, spread::Config::default(), "no limit");
        let limits = "fetch_bytes = 65536\nfetch_bytes_each = 8192\nserve_bytes = \"4096\"\n";
        let limited = read(&format!("{ALL}{limits}")).expect("all is said");
        let rates = spread::Config {
            fetch: Some(65_536),
            fetch_each: Some(8_192),
            serve: Some(4_096),
        };
        assert_eq!(limited.expect("slots are on").rates, rates);
        for wrong in ["0", "1023", "\"fast\"", "-5"] {
            let refused = read(&format!("{ALL}serve_bytes = {wrong}\n"));
            let refused = refused.expect_err("it is no rate").to_string();
            assert!(refused.contains("update.serve_bytes"), "{refused}");
        }
    }

    #[test]
    fn a_trial_that_nothing_takes_back_is_refused_with_the_key_that_lacks() {
        for key in ["keep", "go_back", "stay", "reboot"] {
            let start = ALL.find(&format!("        {key} = ")).expect("it is there");
            let end = start + ALL[start..].find('\n').expect("a line ends");
            let lacking = format!("{}{}", &ALL[..start], &ALL[end..]);
            let refused = read(&lacking).expect_err("it is needed").to_string();
            assert!(refused.contains(&format!("update.{key}")), "{refused}");
        }
        let wrong = ALL.replace("/dev/mmcblk0p2=stable,copy2", "copy2");
        let refused = read(&wrong).expect_err("it selects nothing").to_string();
        assert!(refused.contains("update.selections"), "{refused}");
    }
}
