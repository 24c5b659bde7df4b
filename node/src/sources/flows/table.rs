//! The kernel's table of connections (`/proc/net/nf_conntrack`), where frames cannot be read.

use std::collections::BTreeMap;
use std::path::Path;

use hearing::conntrack;
use hearing::flow::{Count, Flow, Key};
use hearing::moment::Moment;
use lookout::lookout::Lookout;
use tracing::info;

use super::nets;
use super::watcher::LISTED;

const PATH: &str = "/proc/net/nf_conntrack";
/// Bytes that are read of it at a time: some thirty thousand connections.
const BYTES: u64 = 8 * 1024 * 1024;

/// What it listed the last time, and what each connection had carried by then.
#[derive(Debug, Default)]
pub(super) struct Table {
    known: BTreeMap<Key, Carried>,
    counts: Counts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Carried {
    forward: Count,
    back: Count,
}

/// Whether the kernel counts what connections carry, as far as was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Counts {
    #[default]
    Unknown,
    Given,
    /// People were told how to have them.
    Missing,
}

impl Table {
    pub(super) fn is_there(&self) -> bool {
        std::fs::File::open(Path::new(PATH)).is_ok()
    }

    /// Tells of what is new in it. A table that cannot be read at the moment says nothing.
    pub(super) fn read(&mut self, lookout: &mut Lookout, now: Moment) {
        use std::io::Read as _;
        let Ok(file) = std::fs::File::open(PATH) else {
            return;
        };
        let mut text = String::new();
        if file.take(BYTES).read_to_string(&mut text).is_ok() {
            self.take(&text, lookout, now);
        }
    }

    fn take(&mut self, text: &str, lookout: &mut Lookout, now: Moment) {
        let mut listed = BTreeMap::new();
        for flow in conntrack::flows(text, now, &nets::local(&[])) {
            let carried = Carried::by(&flow);
            match self.known.get(&flow.key).map(|then| carried.since(*then)) {
                Some(Some(growth)) if growth == Carried::NOTHING => {}
                Some(Some(growth)) => lookout.carried(now, &growth.of(&flow), LISTED),
                // Fewer than before: another connection between the same two ends.
                Some(None) | None => lookout.told(now, &flow, LISTED),
            }
            listed.insert(flow.key, carried);
        }
        self.known = listed;
        self.look_for_counts();
    }

    fn look_for_counts(&mut self) {
        if self.counts != Counts::Unknown || self.known.is_empty() {
            return;
        }
        let counts = |carried: &Carried| *carried != Carried::NOTHING;
        self.counts = if self.known.values().any(counts) {
            Counts::Given
        } else {
            info!(
                "the kernel lists connections and counts no bytes: sysctl net.netfilter.nf_conntrack_acct=1 makes it, for connections that begin from then on"
            );
            Counts::Missing
        };
    }
}

impl Carried {
    const NOTHING: Self = Self {
        forward: Count {
            packets: 0,
            bytes: 0,
        },
        back: Count {
            packets: 0,
            bytes: 0,
        },
    };

    const fn by(flow: &Flow) -> Self {
        Self {
            forward: flow.forward,
            back: flow.back,
        }
    }

    /// What came on top of `then`; `None` where there is less now.
    fn since(self, then: Self) -> Option<Self> {
        let growth = |now: Count, then: Count| {
            Some(Count {
                packets: now.packets.checked_sub(then.packets)?,
                bytes: now.bytes.checked_sub(then.bytes)?,
            })
        };
        Some(Self {
            forward: growth(self.forward, then.forward)?,
            back: growth(self.back, then.back)?,
        })
    }

    fn of(self, flow: &Flow) -> Flow {
        Flow {
            forward: self.forward,
            back: self.back,
            ..flow.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use lookout::lookout::Settings;

    use super::*;

    fn line(port: u16, sent: u64, received: u64) -> String {
        format!(
            "ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.7 dst=93.184.216.34 sport={port} dport=443 packets={} bytes={sent} src=93.184.216.34 dst=10.0.0.7 sport=443 dport={port} packets={} bytes={received} [ASSURED] use=1\n",
            sent / 100,
            received / 100,
        )
    }

    /// What the pages of all devices say was sent and received, since they were last drawn.
    fn counted(lookout: &mut Lookout) -> (u64, u64) {
        let pages = lookout.pages(0);
        let sent = pages.iter().map(|page| page.count.sent).sum();
        let received = pages.iter().map(|page| page.count.received).sum();
        (sent, received)
    }

    /// Only the first line of a connection was counted, so that whatever it sent later was seen by nobody.
    #[test]
    fn what_a_connection_carries_later_is_counted_and_the_connection_once() {
        let mut lookout = Lookout::new(&Settings::default(), nets::local(&[]), Vec::new());
        let mut table = Table::default();
        let mut see = |text: String, at_s: u64, lookout: &mut Lookout| {
            table.take(&text, lookout, Moment::from_secs(1_700_000_000 + at_s));
        };
        see(line(40_000, 1_000, 9_000), 0, &mut lookout);
        assert_eq!(counted(&mut lookout), (1_000, 9_000));
        see(line(40_000, 1_000, 9_000), 5, &mut lookout);
        see(line(40_000, 51_000, 9_500), 10, &mut lookout);
        assert_eq!(counted(&mut lookout), (50_000, 500));
        assert_eq!(lookout.totals().flows, 1);
        // The same two ends talk anew.
        see(line(40_000, 200, 300), 15, &mut lookout);
        assert_eq!(counted(&mut lookout), (200, 300));
        assert_eq!(lookout.totals().flows, 2);
    }

    #[test]
    fn a_kernel_that_counts_nothing_is_said_once() {
        let mut lookout = Lookout::new(&Settings::default(), nets::local(&[]), Vec::new());
        let mut table = Table::default();
        table.take("", &mut lookout, Moment::from_secs(1));
        assert_eq!(table.counts, Counts::Unknown);
        let bare = line(40_000, 0, 0).replace(" packets=0 bytes=0", "");
        table.take(&bare, &mut lookout, Moment::from_secs(2));
        assert_eq!(table.counts, Counts::Missing);
        table.take(&line(40_001, 5, 5), &mut lookout, Moment::from_secs(3));
        assert_eq!(table.counts, Counts::Missing);
    }
}
