//! Rules that come with the coordinator, and those in its folder: a file that fails its own tests does not watch.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use logs::builtin;
use logs::judge::try_out;
use logs::limits;
use logs::sigma::Rule;
use tracing::warn;

/// A file that is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub file: String,
    pub why: String,
}

/// All rules; one in the folder takes the place of one of the same name that comes with the coordinator.
pub(super) fn load(folder: Option<&Path>) -> (Vec<Rule>, Vec<Refused>) {
    let mut rules = builtin::rules().unwrap_or_default();
    let mut refused = Vec::new();
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
    let mut files: Vec<_> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let kind = path.extension().and_then(|kind| kind.to_str());
            matches!(kind, Some("yml" | "yaml"))
        })
        .collect();
    files.sort();
    for file in files {
        match check_file(&file) {
            Ok(rule) => {
                for warning in &rule.warnings {
                    warn!(file = %file.display(), warning, "a rule may never speak");
                }
                rules.retain(|known| known.name != rule.name);
                rules.push(rule);
            }
            Err(why) => {
                warn!(file = %file.display(), why, "a rule is not used");
                refused.push(Refused {
                    file: file.display().to_string(),
                    why,
                });
            }
        }
    }
    (rules, refused)
}

/// Reads one file and runs its tests; the error is a sentence for whoever wrote it.
pub fn check_file(path: &Path) -> Result<Rule, String> {
    let name = path.file_stem().and_then(|name| name.to_str());
    let name = name.ok_or("the name of the file is no text")?;
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(limits::RULE_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|error| error.to_string())?;
    let rule = Rule::parse(name, &text).map_err(|error| error.to_string())?;
    match try_out(&rule) {
        Ok(()) => Ok(rule),
        Err((number, hits)) => Err(format!(
            "palisade.tests: number {number} says otherwise: the rule speaks {hits} times"
        )),
    }
}
