//! Backups over the control socket.

use std::path::PathBuf;

use tracing::warn;
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
        let made = made.map_err(|error| error.to_string())?;
        if let Err(error) = backup::note(&self.service.writer, &made, mesh::wall()) {
            warn!(%error, "the backup is made, and its age will not be told");
        }
        Ok(Answer::Backup(made))
    }
}
