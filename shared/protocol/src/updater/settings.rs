//! What the device obeys of the verified repository.

use super::{Output, Updater};
use crate::command::{self, Command};
use crate::id::MeshId;
use crate::library::{Flaw, Library, Refused};
use crate::settings::{Obeyed, Place, Settings, SettingsError};
use crate::text::Name;
use crate::time::Timestamp;

const POLICY: &str = "policy";

impl Updater {
    /// What is obeyed, also where the document that said so has ended since.
    pub fn obeyed(&self) -> Obeyed {
        self.memory.obeyed()
    }

    /// Looks what the present repository wants of a device at this place.
    pub fn heed(&mut self, place: &Place) -> Vec<Output> {
        let Some((policy, wanted)) = self.wanted_at(place) else {
            return Vec::new();
        };
        let Ok(settings) = wanted else {
            return Vec::from([refused(policy)]);
        };
        let before = self.memory.obeyed();
        if before.settings == settings {
            return Vec::new();
        }
        let obeyed = Obeyed {
            policy,
            settings,
            stale: None,
        };
        self.memory.obey(obeyed);
        Vec::from([Output::Save(self.memory.save()), Output::Obey(obeyed)])
    }

    /// When the repository that this member holds ended, if it has and nothing newer has come.
    pub fn stale_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.library.as_ref()?.stale_since(now)
    }

    /// What the present repository commands; nothing where its role is not believed.
    pub fn commands(&self, mesh: MeshId) -> Option<Vec<Command>> {
        let library = self.library.as_ref()?;
        library.version_of(POLICY)?;
        let listed = library.listed(POLICY, command::FOLDER);
        let read = listed.filter_map(|path| Command::of(path, library.find(path)?, mesh));
        Some(read.collect())
    }

    /// By which version of the role; nothing where that is not believed, or older than what is obeyed.
    fn wanted_at(&self, place: &Place) -> Option<(u64, Result<Settings, SettingsError>)> {
        let library: &Library = self.library.as_ref()?;
        let policy = library.version_of(POLICY)?;
        let newer = policy >= self.memory.obeyed().policy;
        newer.then(|| (policy, Settings::at(place, |path| library.find(path))))
    }
}

fn refused(version: u64) -> Output {
    Output::Refused(Refused {
        role: Name::new(POLICY).expect("a short word"),
        version,
        flaw: Flaw::Unreadable,
    })
}
