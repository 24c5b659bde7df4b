//! SWUpdate by its command line: one `.swu` image, selections for either copy, and the boot loader's environment.
//!
//! SWUpdate changes what is booted next while it installs, so that only the check of the image comes before the window
//! for the switch, and writing belongs to the switch.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::partitions::Updater;
use super::program::{self, ProgramError};

const WRITE: Duration = Duration::from_secs(280);
const ASK: Duration = Duration::from_secs(60);
const SUCCESS: &str = "SWUPDATE successful !";
const FAILURE: &str = "SWUPDATE failed";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwUpdate {
    pub swupdate: PathBuf,
    /// What every call gets, such as the key that checks images: `-k /etc/swupdate/public.pem`.
    pub options: Vec<String>,
    /// For each root device that may run: what `-e` selects, so that the other copy is written.
    pub selections: Vec<(String, String)>,
    /// Says to the boot loader that what runs is good, such as `fw_setenv ustate 0`; the first word is the program.
    pub keep: Vec<String>,
    /// Has the other copy booted next.
    pub go_back: Vec<String>,
    /// Has this copy booted next.
    pub stay: Vec<String>,
    pub reboot: Vec<String>,
}

impl SwUpdate {
    fn arguments(&self, further: &[&str]) -> Vec<String> {
        let further = further.iter().map(|word| (*word).to_owned());
        self.options.iter().cloned().chain(further).collect()
    }

    fn call(&self, further: &[&str], limit: Duration) -> Result<String, ProgramError> {
        program::run(&self.swupdate, &self.arguments(further), limit)
    }
}

impl SwUpdate {
    /// Version 2022.12 ends with 1 after about every third success, so its words count as well.
    fn install(&self, further: &[&str]) -> Result<(), ProgramError> {
        let ended = program::end_of(&self.swupdate, &self.arguments(further), WRITE)?;
        let says = |words: &str| ended.printed.contains(words) || ended.complained.contains(words);
        if ended.status.success() || (says(SUCCESS) && !says(FAILURE)) {
            Ok(())
        } else {
            Err(ended.refused(&self.swupdate))
        }
    }
}

impl Updater for SwUpdate {
    /// The root device is the last line: a trace may stand before it.
    fn booted(&self) -> Result<String, ProgramError> {
        let words = self.call(&["-g"], ASK)?;
        let device = words.lines().map(str::trim).rfind(|line| !line.is_empty());
        device.map(str::to_owned).ok_or(ProgramError::Words {
            program: self.swupdate.clone(),
        })
    }

    fn write(&self, file: &Path) -> Result<(), ProgramError> {
        self.install(&["-c", "-i", &file.to_string_lossy()])
    }

    fn activate(&self, file: &Path) -> Result<(), ProgramError> {
        let (booted, file) = (self.booted()?, file.to_string_lossy().into_owned());
        let found = self.selections.iter().find(|(root, _)| *root == booted);
        let select = found.map(|(_, select)| ["-e", select.as_str()]);
        let select = select.iter().flatten().copied();
        let arguments: Vec<&str> = select.chain(["-i", file.as_str()]).collect();
        self.install(&arguments)
    }

    fn keep(&self) -> Result<(), ProgramError> {
        program::command(&self.keep, ASK)
    }

    fn go_back(&self) -> Result<(), ProgramError> {
        program::command(&self.go_back, ASK)
    }

    fn stay(&self) -> Result<(), ProgramError> {
        program::command(&self.stay, ASK)
    }

    fn reboot(&self) -> Result<(), ProgramError> {
        program::command(&self.reboot, ASK)
    }
}
