//! Bytes that each network interface moved since the call before.

use std::collections::BTreeMap;

use protocol::limits;
use protocol::statement::host::Interface;
use protocol::text::Name;

use super::host;

/// Interfaces that are looked at: a host of containers has thousands.
const LINES: usize = 1024;

#[derive(Debug)]
pub(super) struct Traffic {
    before: BTreeMap<String, Counters>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counters {
    received: u64,
    sent: u64,
}

impl Traffic {
    pub(super) fn new() -> Self {
        Self {
            before: counters(&host::text("/proc/net/dev")),
        }
    }

    pub(super) fn read(&mut self) -> Vec<Interface> {
        self.advance(counters(&host::text("/proc/net/dev")))
    }

    /// The busiest interfaces since the host started, in an order that does not change from call to call.
    fn advance(&mut self, now: BTreeMap<String, Counters>) -> Vec<Interface> {
        let mut busiest: Vec<_> = now
            .iter()
            .filter(|(_, counters)| counters.total() > 0)
            .collect();
        busiest.sort_by_key(|(_, counters)| std::cmp::Reverse(counters.total()));
        busiest.truncate(limits::INTERFACES);
        busiest.sort_by_key(|(name, _)| *name);
        let moved = |(name, counters): (&String, &Counters)| {
            let before = self.before.get(name);
            Some(Interface {
                name: Name::fitted(name)?,
                received: since(counters.received, before.map(|before| before.received)),
                sent: since(counters.sent, before.map(|before| before.sent)),
            })
        };
        let interfaces = busiest.into_iter().filter_map(moved).collect();
        self.before = now;
        interfaces
    }
}

impl Counters {
    fn total(self) -> u64 {
        self.received.saturating_add(self.sent)
    }
}

/// A counter that fell has begun again at zero.
fn since(now: u64, before: Option<u64>) -> u64 {
    before
        .and_then(|before| now.checked_sub(before))
        .unwrap_or(now)
}

fn counters(dev: &str) -> BTreeMap<String, Counters> {
    dev.lines()
        .skip(2)
        .take(LINES)
        .filter_map(line)
        .filter(|(name, _)| name != "lo")
        .collect()
}

fn line(line: &str) -> Option<(String, Counters)> {
    let (name, figures) = line.rsplit_once(':')?;
    let figures: Vec<u64> = figures
        .split_whitespace()
        .map_while(|figure| figure.parse().ok())
        .collect();
    let counters = Counters {
        received: *figures.first()?,
        sent: *figures.get(8)?,
    };
    Some((name.trim().to_owned(), counters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_of_each_interface_is_reported_without_the_loopback() {
        let mut traffic = Traffic {
            before: counters(&dev(&[("lo", 1, 1), ("eth0", 100, 10), ("wlan0", 500, 50)])),
        };
        let moved = traffic.advance(counters(&dev(&[
            ("lo", 9, 9),
            ("eth0", 150, 30),
            ("wlan0", 20, 60),
            ("ifb0", 0, 0),
        ])));
        let rows: Vec<_> = moved
            .iter()
            .map(|row| (row.name.as_str(), row.received, row.sent))
            .collect();
        assert_eq!(rows, [("eth0", 50, 20), ("wlan0", 20, 10)]);
    }

    #[test]
    fn the_busiest_stay_when_there_are_too_many() {
        let names: Vec<_> = (0..20).map(|number| format!("veth{number}")).collect();
        let mut rows: Vec<_> = names.iter().map(|name| (name.as_str(), 1, 1)).collect();
        rows.push(("eth0", 1000, 1000));
        let moved = Traffic {
            before: BTreeMap::new(),
        }
        .advance(counters(&dev(&rows)));
        assert_eq!(moved.len(), limits::INTERFACES);
        assert!(moved.iter().any(|row| row.name.as_str() == "eth0"));
    }

    #[test]
    fn lines_of_another_form_are_passed_over() {
        assert_eq!(counters("a\nb\nnonsense\neth0: x y\n"), BTreeMap::new());
    }

    fn dev(rows: &[(&str, u64, u64)]) -> String {
        let row = |(name, received, sent): &(&str, u64, u64)| {
            format!("  {name}: {received} 0 0 0 0 0 0 0 {sent} 0 0 0 0 0 0 0\n")
        };
        format!(
            "Inter-|\n face |\n{}",
            rows.iter().map(row).collect::<String>()
        )
    }
}
