//! Lines of members' own logs: read, stored, judged by the rules, and only then acknowledged.

use logs::line::Line;
use logs::{json, plain};
use protocol::id::DeviceId;
use protocol::tail::Tailed;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::Logbook;
use crate::orders::Orders;

/// Batches that wait to be stored; what finds no room is brought again.
pub const BATCHES: usize = 64;

/// Stores what comes until the coordinator stops.
pub async fn work(
    logbook: Logbook,
    orders: Orders,
    mut batches: mpsc::Receiver<(DeviceId, Tailed)>,
    stopping: CancellationToken,
) {
    loop {
        let (device, tailed) = tokio::select! {
            () = stopping.cancelled() => return,
            batch = batches.recv() => match batch {
                Some(batch) => batch,
                None => return,
            },
        };
        let (logbook, number) = (logbook.clone(), tailed.number);
        let stored = tokio::task::spawn_blocking(move || {
            logbook.take(device, &lines(&tailed), mesh::wall())
        });
        match stored.await {
            Ok(Ok(())) => {
                // The loop is stopping, or says so to the device.
                orders.tail_stored(device, number).await.ok();
            }
            Ok(Err(error)) => warn!(%device, %error, "lines of a device are not stored"),
            Err(error) => warn!(%device, %error, "lines of a device are not stored"),
        }
    }
}

/// A line that cannot be read is left out and counted with those that the device let go: whoever could hold up the rest
/// by one bad line could keep a log from being seen.
pub fn lines(tailed: &Tailed) -> Vec<Line> {
    let text = String::from_utf8_lossy(&tailed.lines);
    let (mut lines, unreadable) = json::readable(&text);
    for line in &mut lines {
        if line
            .field("source")
            .is_some_and(|source| source.starts_with('/'))
        {
            plain::read(line);
        }
        line.note("came_by", "the mesh");
    }
    if unreadable > 0 {
        debug!(unreadable, "lines of a device that are none");
    }
    if tailed.dropped > 0 || unreadable > 0 {
        lines.push(left_out(tailed.dropped, unreadable));
    }
    lines
}

fn left_out(dropped: u64, unreadable: usize) -> Line {
    let mut line = Line::of(&format!(
        "{dropped} lines were let go on the device, because too many came at once, and {unreadable} could not be read"
    ));
    line.program = Some("palisade".to_owned());
    line.note("dropped", &dropped.to_string());
    line.note("came_by", "the mesh");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, dropped: u64) -> Vec<Line> {
        lines(&Tailed {
            number: 1,
            dropped,
            lines: text.as_bytes().to_vec(),
        })
    }

    #[test]
    fn a_line_of_a_file_is_read_as_daemons_write_them_and_one_of_the_journal_is_not() {
        let text =
            "Nov 28 09:00:01 cam sshd[4]: Failed password for root from 203.0.113.9 port 1 ssh2";
        let line = |source: &str| format!(r#"{{"source":"{source}","message":"{text}"}}"#);
        let read = of(
            &format!("{}\n{}\n", line("/var/log/auth.log"), line("journal")),
            0,
        );
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].program.as_deref(), Some("sshd"));
        assert_eq!(read[1].program, None);
        for line in &read {
            assert_eq!(line.field("came_by"), Some("the mesh"));
        }
    }

    #[test]
    fn a_bad_line_holds_up_no_other_and_what_was_let_go_is_said() {
        let forged = r#"{"message":"a","came_by":"a person","source":"journal"}"#;
        let read = of(&format!("not json\n{forged}\n\u{fffd}\n"), 40);
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].field("came_by"), Some("the mesh"));
        assert_eq!(read[1].field("dropped"), Some("40"));
        assert!(
            read[1].message.contains("and 2 could not be read"),
            "{}",
            read[1].message
        );
        assert_eq!(of("", 0), []);
    }
}
