//! Settings of devices over the control socket.

use super::{Answer, Desk};
use crate::access;
use crate::releases::settings::Change;
use crate::settings::{Periods, SettingsDocument};

impl Desk {
    pub(super) fn settings(&self) -> Result<Answer, String> {
        let wanted = self
            .releases()
            .wanted_of_devices()
            .map_err(|error| error.to_string())?;
        let said = self.service.reader.obeyed();
        let said = said.map_err(|error| error.to_string())?;
        let live = self.service.live.borrow();
        Ok(Answer::Settings(SettingsDocument::of(
            &wanted, &said, &live,
        )))
    }

    pub(super) async fn prepare_settings(
        &self,
        scope: &str,
        settings: Option<Periods>,
    ) -> Result<Answer, String> {
        let scope = scope.parse();
        let scope = scope.map_err(|error: protocol::settings::ScopeError| error.to_string())?;
        let change = Change {
            scope,
            settings: settings.map(Periods::settings),
        };
        let act = access::act("settings.prepare", &change.words());
        let act = act.map_err(|error| error.to_string())?;
        let draft = self.releases().prepare_settings(&change, act).await;
        self.drafted(draft)
    }
}
