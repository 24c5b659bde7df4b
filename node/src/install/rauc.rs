//! RAUC by its command line (1.8 and later): bundles, a pair of slots, and the boot loader's marks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::partitions::Updater;
use super::program::{self, ProgramError};

/// Writing a partition may take long on slow flash; everything else is a question to the boot loader.
const WRITE: Duration = Duration::from_secs(3000);
const ASK: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
pub struct Rauc {
    pub rauc: PathBuf,
    /// Starts the device again, such as `systemctl reboot`; the first word is the program.
    pub reboot: Vec<String>,
}

/// What `rauc status --output-format=json` says, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Status {
    /// The boot loader's name of the slot that runs.
    booted: String,
}

impl Default for Rauc {
    fn default() -> Self {
        Self {
            rauc: PathBuf::from("rauc"),
            reboot: vec!["systemctl".to_owned(), "reboot".to_owned()],
        }
    }
}

impl Rauc {
    fn mark(&self, mark: &str, slot: &str) -> Result<(), ProgramError> {
        program::run(&self.rauc, &["status", mark, slot], ASK).map(drop)
    }
}

impl Updater for Rauc {
    fn booted(&self) -> Result<String, ProgramError> {
        let words = program::run(&self.rauc, &["status", "--output-format=json"], ASK)?;
        let status: Result<Status, _> = serde_json::from_str(words.trim());
        match status {
            Ok(status) if !status.booted.is_empty() => Ok(status.booted),
            _ => Err(ProgramError::Words {
                program: self.rauc.clone(),
            }),
        }
    }

    /// RAUC activates what it has written; that is taken back at once, since the switch has its own time.
    fn write(&self, file: &Path) -> Result<(), ProgramError> {
        let arguments = [Path::new("install"), file];
        program::run(&self.rauc, &arguments, WRITE)?;
        self.stay()
    }

    fn activate(&self, _file: &Path) -> Result<(), ProgramError> {
        self.mark("mark-active", "other")
    }

    fn keep(&self) -> Result<(), ProgramError> {
        self.mark("mark-good", "booted")
    }

    fn go_back(&self) -> Result<(), ProgramError> {
        self.mark("mark-bad", "booted")?;
        self.mark("mark-active", "other")
    }

    fn stay(&self) -> Result<(), ProgramError> {
        self.mark("mark-active", "booted")
    }

    fn reboot(&self) -> Result<(), ProgramError> {
        program::command(&self.reboot, ASK)
    }
}
