//! What was learnt outlives a restart: one file beside the journal, written whole and moved into place.
//!
//! It is no evidence: what counts was said in the log. A file that is damaged or missing means learning anew.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use lookout::lookout::{Kept, Lookout};
use lookout::whose::Whose;
use serde::{Deserialize, Serialize};
use tracing::warn;

/// Bytes of the file at most: all the habits that a lookout holds.
const BYTES: u64 = 16 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    whose: String,
    kept: Kept,
}

pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join("profiles.json")
}

pub(super) fn write(path: &Path, lookout: &Lookout) {
    let rows = lookout.kept().into_iter().map(|(whose, kept)| Row {
        whose: whose.to_string(),
        kept,
    });
    let rows: Vec<Row> = rows.collect();
    let new = path.with_extension("new");
    let json = serde_json::to_vec(&rows).expect("profiles hold nothing that JSON cannot say");
    if let Err(error) = fs::write(&new, json).and_then(|()| fs::rename(&new, path)) {
        warn!(%error, path = %path.display(), "what was learnt of traffic is not kept");
    }
}

pub fn read(path: &Path) -> Vec<(Whose, Kept)> {
    let Ok(file) = fs::File::open(path) else {
        return Vec::new();
    };
    let mut json = Vec::new();
    let whole = file.take(BYTES).read_to_end(&mut json);
    let rows = whole.map(|_| serde_json::from_slice::<Vec<Row>>(&json));
    match rows {
        Ok(Ok(rows)) => rows
            .into_iter()
            .filter_map(|row| Some((whose(&row.whose)?, row.kept)))
            .collect(),
        Ok(Err(error)) => {
            warn!(%error, path = %path.display(), "what was learnt of traffic is damaged: it is learnt anew");
            Vec::new()
        }
        Err(error) => {
            warn!(%error, path = %path.display(), "what was learnt of traffic cannot be read: it is learnt anew");
            Vec::new()
        }
    }
}

fn whose(text: &str) -> Option<Whose> {
    match text.split_once(':') {
        None if text == "own" => Some(Whose::Own),
        Some(("mac", mac)) => {
            let mac: protocol::heard::Mac = mac.parse().ok()?;
            Some(Whose::Mac(hearing::mac::Mac(mac.0)))
        }
        Some(("ip", address)) => Some(Whose::Address(address.parse().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hearing::flow::Nets;
    use hearing::moment::Moment;
    use lookout::lookout::{Settings, Word};

    use super::*;

    #[test]
    fn what_was_learnt_outlives_a_restart_and_damage_means_learning_anew() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = path(dir.path());
        let new = || Lookout::new(&Settings::default(), Nets::private(), Vec::new());
        let mut lookout = new();
        let now = Moment::from_secs(1_700_000_000);
        let devices = [
            Whose::Own,
            Whose::Mac(hearing::mac::Mac([2, 0, 0, 0, 0, 7])),
            Whose::Address([10, 0, 0, 9].into()),
        ];
        for whose in devices {
            let entry = "out tcp maker.com 443".parse().expect("a habit");
            let word = Word::Allow(entry);
            lookout.obey(whose, 1, &word, now).expect("there is room");
        }
        write(&path, &lookout);
        let mut again = new();
        again.restore(read(&path), now);
        assert_eq!(again.kept(), lookout.kept());
        fs::write(&path, b"[{").expect("it can be written");
        assert_eq!(read(&path), []);
    }
}
