//! The programs with the most memory, one row for each name.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::time::{Duration, Instant};

use nix::unistd::{SysconfVar, sysconf};
use protocol::limits;
use protocol::statement::host::Process;
use protocol::text::Name;

/// Looking at every process is the dearest thing a source does.
const PERIOD: Duration = Duration::from_secs(60);
/// A change that nobody would call one is still reported after this time.
const REFRESH: Duration = Duration::from_secs(300);
/// Processes that are looked at.
const PROCESSES: usize = 65_536;
/// Bytes of one line of `/proc/PID/stat` at most.
const LINE_BYTES: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Processes {
    rows: Vec<Process>,
    looked: Option<Instant>,
    sent: Option<(Vec<Process>, Instant)>,
}

impl Processes {
    pub(super) fn look(&mut self, now: Instant) {
        if self
            .looked
            .is_none_or(|looked| now.saturating_duration_since(looked) >= PERIOD)
        {
            self.looked = Some(now);
            self.rows = grouped(running(page_kib()));
        }
    }

    /// The list, if it differs enough from the one sent last, or a little and that one is old.
    pub(super) fn due(&self, now: Instant) -> Option<Vec<Process>> {
        let due = self.sent.as_ref().is_none_or(|(sent, at)| {
            let is_old = now.saturating_duration_since(*at) >= REFRESH;
            is_changed(sent, &self.rows) || (is_old && *sent != self.rows)
        });
        due.then(|| self.rows.clone())
    }

    pub(super) fn sent(&mut self, list: Option<&[Process]>, now: Instant) {
        if let Some(list) = list {
            self.sent = Some((list.to_vec(), now));
        }
    }
}

/// Whether other names lead, or the memory of one has changed by more than a quarter.
/// The list that was sent may have been cut, so its length decides how many rows are compared.
fn is_changed(sent: &[Process], rows: &[Process]) -> bool {
    let before: BTreeMap<_, _> = sent.iter().map(|row| (&row.name, row.memory_kib)).collect();
    let leading = &rows[..sent.len().min(rows.len())];
    leading.len() < sent.len()
        || leading.iter().any(|row| {
            before
                .get(&row.name)
                .is_none_or(|before| row.memory_kib.abs_diff(*before) > before / 4)
        })
}

fn grouped(processes: impl Iterator<Item = (Name, u64)>) -> Vec<Process> {
    let mut groups: BTreeMap<Name, (u16, u64)> = BTreeMap::new();
    for (name, memory_kib) in processes {
        let group = groups.entry(name).or_default();
        *group = (
            group.0.saturating_add(1),
            group.1.saturating_add(memory_kib),
        );
    }
    let row = |(name, (count, memory_kib))| Process {
        name,
        count,
        memory_kib,
    };
    let mut rows: Vec<_> = groups.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.memory_kib));
    rows.truncate(limits::PROCESSES);
    rows
}

fn running(page_kib: u64) -> impl Iterator<Item = (Name, u64)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbered = entries.filter(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .bytes()
            .all(|byte| byte.is_ascii_digit())
    });
    let mut line = [0; LINE_BYTES];
    numbered.take(PROCESSES).filter_map(move |entry| {
        // A process may end between the listing and the look.
        let length = File::open(entry.path().join("stat"))
            .and_then(|mut stat| stat.read(&mut line))
            .ok()?;
        parsed(&line[..length], page_kib)
    })
}

/// `PID (NAME) STATE …`, where the name may hold anything and the 24th field is the resident pages.
/// Threads of the kernel have none.
fn parsed(stat: &[u8], page_kib: u64) -> Option<(Name, u64)> {
    let stat = String::from_utf8_lossy(stat);
    let (opening, closing) = (stat.find('(')?, stat.rfind(')')?);
    let name = Name::fitted(stat.get(opening + 1..closing)?)?;
    let pages: u64 = stat
        .get(closing + 1..)?
        .split_whitespace()
        .nth(21)?
        .parse()
        .ok()?;
    (pages > 0).then(|| (name, pages.saturating_mul(page_kib)))
}

fn page_kib() -> u64 {
    let bytes = sysconf(SysconfVar::PAGE_SIZE)
        .ok()
        .flatten()
        .and_then(|bytes| u64::try_from(bytes).ok());
    bytes.map_or(4, |bytes| bytes / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_control_characters_is_made_to_fit() {
        let line = format!("7 (a) b\n) R {} 1\n", stat_until_pages(25));
        assert_eq!(parsed(line.as_bytes(), 4), Some((name("a) b"), 100)));
        assert_eq!(
            parsed(
                format!("7 (kworker) I {} 1\n", stat_until_pages(0)).as_bytes(),
                4
            ),
            None
        );
        for broken in ["", "7", "7 (x", "7 )x(", "7 (x) R 1 2"] {
            assert_eq!(parsed(broken.as_bytes(), 4), None, "{broken}");
        }
    }

    #[test]
    fn processes_of_one_name_are_one_row_and_the_largest_come_first() {
        let many = (0..20).map(|number| (name(&format!("p{number}")), number));
        let rows = grouped(many.chain([(name("web"), 30), (name("web"), 40)]));
        assert_eq!(
            rows[0],
            Process {
                name: name("web"),
                count: 2,
                memory_kib: 70
            }
        );
        assert_eq!(rows.len(), limits::PROCESSES);
    }

    #[test]
    fn a_list_is_due_when_a_name_or_a_quarter_of_memory_changed_and_slowly_otherwise() {
        let start = Instant::now();
        let mut processes = Processes {
            rows: vec![row("a", 100), row("b", 50)],
            ..Processes::default()
        };
        assert!(processes.due(start).is_some());
        processes.sent(Some(&[row("a", 100), row("b", 50)]), start);
        assert!(processes.due(start + REFRESH).is_none());
        processes.rows[0].memory_kib = 125;
        assert!(processes.due(start + PERIOD).is_none());
        assert!(processes.due(start + REFRESH).is_some());
        processes.rows[0].memory_kib = 126;
        assert!(processes.due(start + PERIOD).is_some());
        processes.rows = vec![row("a", 100), row("c", 50)];
        assert!(processes.due(start + PERIOD).is_some());
    }

    #[test]
    fn a_list_that_was_cut_is_completed_later_and_does_not_repeat_at_once() {
        let start = Instant::now();
        let mut processes = Processes {
            rows: vec![row("a", 100), row("b", 50)],
            ..Processes::default()
        };
        processes.sent(Some(&[row("a", 100)]), start);
        assert!(processes.due(start + PERIOD).is_none());
        assert!(processes.due(start + REFRESH).is_some());
    }

    #[test]
    fn this_process_is_running() {
        assert!(running(page_kib()).count() > 0);
    }

    fn stat_until_pages(pages: u64) -> String {
        format!("{}{pages}", "0 ".repeat(20))
    }

    fn name(text: &str) -> Name {
        Name::fitted(text).expect("it is not empty")
    }

    fn row(text: &str, memory_kib: u64) -> Process {
        Process {
            name: name(text),
            count: 1,
            memory_kib,
        }
    }
}
