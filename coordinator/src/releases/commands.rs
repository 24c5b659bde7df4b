//! Commands as targets of the role `policy`, for administrators to sign.

use std::collections::BTreeMap;

use protocol::command::{Command, FOLDER, Kind};
use tuf_core::canonical::Json;
use tuf_core::draft::targets::{TargetDraft, TargetsDraft};

use super::blobs::{BlobError, Blobs};
use super::plan::Wish;
use super::settings::POLICY;

/// Bytes of a target's file.
const FILE_BYTES: u64 = 4096;

/// What has to be signed, where the role says so much already.
pub fn wish(command: &Command, role: &TargetsDraft, blobs: &Blobs) -> Result<Wish, BlobError> {
    let custom = command.custom();
    let file = Json::Object(custom.clone()).to_canonical();
    let blob = blobs.take(file.as_slice(), FILE_BYTES)?;
    let target = TargetDraft {
        length: blob.length,
        sha256: blob.sha256,
        custom,
    };
    let ended = role.targets.iter().filter(|(path, target)| {
        let known = Command::read(path, &target.custom, command.mesh);
        path.starts_with(FOLDER) && known.is_none_or(|known| known.until <= mesh::wall())
    });
    Ok(Wish::Exchange {
        role: POLICY,
        gone: ended.map(|(path, _)| path.clone()).collect(),
        targets: BTreeMap::from([(command.path(), target)]),
    })
}

/// What it does, in words.
pub fn words(command: &Command) -> String {
    let kind = command.kind().map_or("unknown", Kind::word);
    format!("command {} for {}: {kind}", command.id, command.to)
}
