//! The journal, as `journalctl --follow` prints it: a child that is started again where it ends.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tracing::{debug, warn};

use super::pace::Pace;
use super::places::Place;
use super::split::Split;
use super::{Said, Teller, word};

/// Bytes of one entry as it is printed, which says each byte of a message that is no text as a number.
const ENTRY: usize = 64 * 1024;
/// Bytes that are read at once.
const PIECE: usize = 32 * 1024;
/// Between two starts, at least and at most.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// A child that lived so long was well.
const WELL: Duration = Duration::from_secs(30);
/// Fields that are asked for.
const FIELDS: &str = "MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_COMM,_PID,_HOSTNAME,_SYSTEMD_UNIT";

/// Follows until nobody takes lines any more.
pub async fn follow(program: PathBuf, mut cursor: Option<String>, teller: Teller) {
    let (mut pause, mut told) = (PAUSE.0, false);
    let mut pace = Pace::new(Instant::now());
    loop {
        let began = Instant::now();
        let before = cursor.clone();
        match start(&program, cursor.as_deref()) {
            Ok(child) => read(child, &mut cursor, &mut pace, &teller).await,
            Err(error) if !told => {
                warn!(%error, program = %program.display(), "the journal cannot be followed");
                told = true;
            }
            Err(_) => {}
        }
        if teller.lines.is_closed() {
            return;
        }
        match began.elapsed() >= WELL {
            true => pause = PAUSE.0,
            // What the cursor names may be gone from the journal, and then no child ever reads on.
            false if pause > PAUSE.0 && cursor == before => cursor = None,
            false => {}
        }
        debug!(?pause, "the journal is followed again");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = teller.lines.closed() => return,
        }
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// What it prints: from behind the cursor, or from now on.
pub fn arguments(cursor: Option<&str>) -> Vec<String> {
    let mut arguments = vec![
        "--follow".to_owned(),
        "--output=json".to_owned(),
        format!("--output-fields={FIELDS}"),
        "--quiet".to_owned(),
        "--no-pager".to_owned(),
    ];
    arguments.extend(match cursor {
        Some(cursor) => vec!["--no-tail".to_owned(), format!("--after-cursor={cursor}")],
        None => vec!["--lines=0".to_owned()],
    });
    arguments
}

fn start(program: &PathBuf, cursor: Option<&str>) -> std::io::Result<Child> {
    Command::new(program)
        .args(arguments(cursor))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
}

/// Reads until the child ends, or nobody takes lines: then it is killed.
async fn read(mut child: Child, cursor: &mut Option<String>, pace: &mut Pace, teller: &Teller) {
    let Some(mut printed) = child.stdout.take() else {
        return;
    };
    let own = std::process::id();
    let (mut split, mut piece) = (Split::new(ENTRY), vec![0; PIECE]);
    loop {
        let count = tokio::select! {
            count = printed.read(&mut piece) => count.unwrap_or(0),
            () = teller.lines.closed() => 0,
        };
        if count == 0 {
            break;
        }
        let mut lines = Vec::new();
        split.feed(&piece[..count], |line, _| {
            lines.push(line);
            true
        });
        for line in lines {
            let Some((json, behind, process)) = word::of_journal(&line) else {
                continue;
            };
            *cursor = Some(behind.clone());
            // What this node says of its own sending would be sent, and said again.
            if process == Some(own) {
                continue;
            }
            if !pace.may_go(Instant::now()) {
                teller.drop_one();
                continue;
            }
            let place = Place::Journal { cursor: behind };
            if teller.lines.send(Said { json, place }).await.is_err() {
                return;
            }
        }
    }
    if let Err(error) = child.kill().await {
        debug!(%error, "the program that prints the journal");
    }
}
