//! Figures that every host has: processor, memory, uptime, and what it calls itself.

use std::fs;

use protocol::statement::host::Start;
use protocol::text::Name;

/// The share of time in which the processors were busy, between two calls.
#[derive(Debug)]
pub(super) struct Cpu {
    before: Ticks,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ticks {
    busy: u64,
    total: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) used_kib: u64,
    pub(super) total_kib: u64,
}

impl Default for Cpu {
    fn default() -> Self {
        Self {
            before: Ticks::of(&text("/proc/stat")),
        }
    }
}

impl Cpu {
    pub(super) fn permille(&mut self) -> u16 {
        let now = Ticks::of(&text("/proc/stat"));
        let share = now.permille_since(self.before);
        self.before = now;
        share
    }
}

impl Ticks {
    /// user nice system idle iowait irq softirq steal; the guest times behind them are part of user and nice.
    fn of(stat: &str) -> Self {
        let fields = stat
            .lines()
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .skip(1)
            .take(8);
        let ticks: Vec<u64> = fields.map(|field| field.parse().unwrap_or(0)).collect();
        let total: u64 = ticks.iter().sum();
        let idle: u64 = ticks.iter().skip(3).take(2).sum();
        Self {
            busy: total.saturating_sub(idle),
            total,
        }
    }

    fn permille_since(self, before: Self) -> u16 {
        let busy = self.busy.saturating_sub(before.busy);
        let share = (busy * 1000)
            .checked_div(self.total.saturating_sub(before.total))
            .unwrap_or(0);
        u16::try_from(share.min(1000)).expect("a thousand fits")
    }
}

/// What programs use: pages that the kernel can drop at once count as free.
pub(super) fn memory() -> Memory {
    memory_of(&text("/proc/meminfo"))
}

pub(super) fn uptime_s() -> u64 {
    let text = text("/proc/uptime");
    text.split('.')
        .next()
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(0)
}

pub(super) fn start() -> Start {
    Start {
        agent: named(env!("CARGO_PKG_VERSION")),
        host: named(&text("/proc/sys/kernel/hostname")),
        system: named(&system_of(&text("/etc/os-release"))),
        kernel: named(&text("/proc/sys/kernel/osrelease")),
        architecture: named(std::env::consts::ARCH),
        model: model(),
        cores: cores_of(&text("/proc/stat")),
        product: None,
    }
}

/// A file of the kernel as text; one that is missing says nothing.
pub(super) fn text(path: &str) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn memory_of(meminfo: &str) -> Memory {
    let figure = |name: &str| {
        let line = meminfo
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap_or_default();
        line.split_whitespace()
            .next()
            .and_then(|kib| kib.parse().ok())
            .unwrap_or(0_u64)
    };
    let total_kib = figure("MemTotal:");
    Memory {
        used_kib: total_kib.saturating_sub(figure("MemAvailable:")),
        total_kib,
    }
}

fn system_of(release: &str) -> String {
    let value = |key: &str| release.lines().find_map(|line| line.strip_prefix(key));
    let name = value("PRETTY_NAME=")
        .or_else(|| value("NAME="))
        .unwrap_or("Linux");
    name.trim_matches(['"', '\'']).to_owned()
}

fn cores_of(stat: &str) -> u16 {
    let is_core = |line: &&str| {
        line.strip_prefix("cpu")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    u16::try_from(stat.lines().filter(is_core).count()).unwrap_or(u16::MAX)
}

/// Boards name themselves in the device tree, other machines in their firmware tables.
fn model() -> Option<Name> {
    let board = text("/proc/device-tree/model");
    let vendor = text("/sys/class/dmi/id/sys_vendor");
    let product = text("/sys/class/dmi/id/product_name");
    Name::fitted(board.trim_end_matches('\0'))
        .or_else(|| Name::fitted(&format!("{} {}", vendor.trim(), product.trim())))
}

fn named(text: &str) -> Name {
    Name::fitted(text)
        .or_else(|| Name::fitted("unknown"))
        .expect("the word is not empty")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_a_disk_is_not_work() {
        let before = Ticks::of("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 1 1 1\n");
        let after = Ticks::of("cpu  150 0 150 800 200 0 0 0 50 0\n");
        assert_eq!(after.permille_since(before), 333);
        assert_eq!(before.permille_since(after), 0);
        assert_eq!(Ticks::of("").permille_since(Ticks::default()), 0);
    }

    #[test]
    fn memory_that_can_be_had_at_once_is_not_used() {
        let memory =
            memory_of("MemTotal:       1000 kB\nMemFree:  10 kB\nMemAvailable:    400 kB\n");
        assert_eq!(
            memory,
            Memory {
                used_kib: 600,
                total_kib: 1000
            }
        );
        assert_eq!(memory_of(""), Memory::default());
    }

    #[test]
    fn cores_and_the_system_are_read_from_their_files() {
        assert_eq!(cores_of("cpu  1 2\ncpu0 1 2\ncpu1 1 2\nintr 5\n"), 2);
        assert_eq!(
            system_of("ID=x\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n"),
            "Debian GNU/Linux 12"
        );
        assert_eq!(system_of(""), "Linux");
    }
}
