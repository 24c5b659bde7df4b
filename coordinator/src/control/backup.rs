//! Backups over the control socket: made here, and what somebody says who put one back.

use std::path::{Path, PathBuf};

use tracing::warn;
use zeroize::Zeroizing;

use super::{Answer, Desk};
use crate::backup::{self, BackupDocument, Deed};

impl Desk {
    /// Noted before it is made, with where it went.
    pub(super) async fn backup(&self, file: PathBuf, passphrase: String) -> Result<Answer, String> {
        let passphrase = Zeroizing::new(passphrase);
        self.note("backup.make", &file.display().to_string())?;
        let (paths, reader) = (self.service.paths.clone(), self.service.reader.clone());
        let place = file.clone();
        let made = tokio::task::spawn_blocking(move || {
            backup::write(&paths, &reader, &place, &passphrase)
        });
        let made = made
            .await
            .map_err(|_| "the backup was not made".to_owned())?;
        let made = made.map_err(|error| error.to_string())?;
        if let Err(error) = backup::note(
            &self.service.writer,
            (Deed::Made, &file),
            &made,
            mesh::wall(),
        ) {
            warn!(%error, "the backup is made, and its age will not be told");
        }
        Ok(Answer::Backup(made))
    }

    pub(super) fn restored(&self, file: &Path, done: &BackupDocument) -> Result<Answer, String> {
        let deed = (Deed::Restored, file);
        backup::note(&self.service.writer, deed, done, mesh::wall())
            .map_err(|error| error.to_string())?;
        Ok(Answer::Done)
    }
}
