//! Backups over the control socket.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::{Answer, Desk};
use crate::backup;

impl Desk {
    /// Noted before it is made, with where it went.
    pub(super) async fn backup(&self, file: PathBuf, passphrase: String) -> Result<Answer, String> {
        let passphrase = Zeroizing::new(passphrase);
        self.note("backup.make", &file.display().to_string())?;
        let (paths, reader) = (self.service.paths.clone(), self.service.reader.clone());
        let made =
            tokio::task::spawn_blocking(move || backup::write(&paths, &reader, &file, &passphrase));
        let made = made
            .await
            .map_err(|_| "the backup was not made".to_owned())?;
        made.map(Answer::Backup).map_err(|error| error.to_string())
    }
}
