//! The kernel's table of connections (`/proc/net/nf_conntrack`), where frames cannot be read.

use std::collections::BTreeSet;
use std::path::Path;

use hearing::conntrack;
use hearing::flow::Key;
use hearing::moment::Moment;
use lookout::lookout::Lookout;

use super::nets;
use super::watcher::LISTED;

const PATH: &str = "/proc/net/nf_conntrack";
/// Bytes that are read of it at a time: some thirty thousand connections.
const BYTES: u64 = 8 * 1024 * 1024;

/// What it listed the last time.
#[derive(Debug, Default)]
pub(super) struct Table {
    known: BTreeSet<Key>,
}

impl Table {
    pub(super) fn is_there(&self) -> bool {
        std::fs::File::open(Path::new(PATH)).is_ok()
    }

    /// Tells of connections that are new in it. A table that cannot be read at the moment says nothing.
    pub(super) fn read(&mut self, lookout: &mut Lookout, now: Moment) {
        use std::io::Read as _;
        let Ok(file) = std::fs::File::open(PATH) else {
            return;
        };
        let mut text = String::new();
        if file.take(BYTES).read_to_string(&mut text).is_err() {
            return;
        }
        let mut listed = BTreeSet::new();
        for flow in conntrack::flows(&text, now, &nets::local()) {
            if !self.known.contains(&flow.key) {
                lookout.told(now, &flow, LISTED);
            }
            listed.insert(flow.key);
        }
        self.known = listed;
    }
}
