//! What is kept of backups: the newest that was made, and the newest that was put back, each with its entry of the audit log.

use std::path::Path;

use protocol::text::Line;
use protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::BackupDocument;
use crate::access::{self, AccessError};
use crate::store::audit::Act;
use crate::store::fault::ReadError;
use crate::store::{Reader, Writer};

/// What was done with a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    Made,
    /// Put back, and held against the state that it says it has.
    Restored,
}

impl Deed {
    /// Under this name the store keeps the newest.
    const fn kept(self) -> &'static str {
        match self {
            Self::Made => "backup",
            Self::Restored => "restore",
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Made => "backup.made",
            Self::Restored => "backup.restored",
        }
    }
}

/// A backup that was made or put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupNote {
    /// Milliseconds of Unix time.
    pub at_ms: u64,
    /// The name of the file, without the folder.
    #[serde(default)]
    pub file: String,
    pub rows: u64,
    pub state: String,
}

/// Notes a deed, so that its age can be told and whoever audits finds it.
pub fn note(
    writer: &Writer,
    (deed, file): (Deed, &Path),
    done: &BackupDocument,
    now: Timestamp,
) -> Result<(), AccessError> {
    let file = file.file_name().unwrap_or_default().to_string_lossy();
    let kept = BackupNote {
        at_ms: now.as_millis(),
        file: file.to_string(),
        rows: done.rows,
        state: done.state.clone(),
    };
    let row = serde_json::to_vec(&kept).expect("plain values always have a JSON form");
    let words = format!("{} rows, state {}", done.rows, done.state);
    let act = Act {
        after: Line::fitted(&words),
        ..access::act(deed.action(), &file)?
    };
    writer.write(|changes| {
        changes.set_meta(deed.kept(), &row)?;
        changes.audit(act)?;
        Ok(())
    })
}

/// The newest, if this coordinator knows of any.
pub fn newest(reader: &Reader, deed: Deed) -> Result<Option<BackupNote>, ReadError> {
    let row = reader.meta(deed.kept())?;
    Ok(row.and_then(|row| serde_json::from_slice(&row).ok()))
}
