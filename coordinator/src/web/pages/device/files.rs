//! The watched files of a device: what they are now, and how they changed lately.

use std::collections::BTreeMap;

use protocol::id::{DeviceId, Digest};
use protocol::statement::host::WatchedFile;
use protocol::time::Timestamp;
use ui::pages::device::summary::{FileChange, Integrity};

use crate::web::Web;
use crate::web::error::WebError;

/// Changes that are shown.
const SHOWN: usize = 20;

type List = BTreeMap<String, Option<Digest>>;

/// `checked` is when the device last looked: it does so with every reading, and sends what is new.
pub fn integrity(
    web: &Web,
    device: &DeviceId,
    checked: Option<Timestamp>,
) -> Result<Option<Integrity>, WebError> {
    let said = web.reader.file_lists(device)?;
    let Some(newest) = said.first() else {
        return Ok(None);
    };
    let lists = said.iter().map(|said| (said.time, list(&said.value)));
    Ok(Some(Integrity {
        files: newest.value.len() as u64,
        digest: digest(&newest.value),
        checked_ms: checked.unwrap_or(newest.time).as_millis(),
        changes: changes(&lists.collect::<Vec<_>>()),
    }))
}

fn list(files: &[WatchedFile]) -> List {
    files
        .iter()
        .map(|file| (file.path.to_string(), file.digest))
        .collect()
}

fn changes(lists: &[(Timestamp, List)]) -> Vec<FileChange> {
    let steps = lists.iter().zip(lists.iter().skip(1));
    let changes = steps.flat_map(|((at, after), (_, before))| between(*at, before, after));
    changes.take(SHOWN).collect()
}

fn between(at: Timestamp, before: &List, after: &List) -> Vec<FileChange> {
    let differ = after
        .iter()
        .filter(|(path, now)| before.get(*path).is_some_and(|then| then != *now));
    differ
        .map(|(path, now)| FileChange {
            at_ms: at.as_millis(),
            path: path.clone(),
            before: before.get(path).copied().flatten().map(short),
            after: now.map(short),
        })
        .collect()
}

fn short(digest: Digest) -> String {
    format!("b3:{}", &digest.to_string()[..16])
}

/// Over all files, in the order of the node's list.
fn digest(files: &[WatchedFile]) -> String {
    let digest = Digest::of(
        "palisade 2026 watched files",
        &[&protocol::cbor::encode(&files.to_vec())],
    );
    short(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64, files: &[(&str, Option<u8>)]) -> (Timestamp, List) {
        let digest = |byte: u8| Digest::from_bytes([byte; 32]);
        let list = files
            .iter()
            .map(|(path, byte)| ((*path).to_owned(), byte.map(digest)));
        (Timestamp::from_millis(second * 1000), list.collect())
    }

    #[test]
    fn a_change_names_the_file_the_moment_and_both_contents() {
        let newest_first = [
            at(30, &[("/etc/passwd", Some(2)), ("/bin/x", None)]),
            at(20, &[("/etc/passwd", Some(1)), ("/bin/x", None)]),
            at(10, &[("/etc/passwd", Some(1)), ("/bin/x", Some(9))]),
        ];
        let changes = changes(&newest_first);
        let told: Vec<_> = changes
            .iter()
            .map(|change| (change.at_ms, change.path.as_str()))
            .collect();
        assert_eq!(told, [(30_000, "/etc/passwd"), (20_000, "/bin/x")]);
        assert_eq!(changes[1].after, None);
        assert_eq!(changes[0].before.as_deref(), Some("b3:0101010101010101"));
    }
}
