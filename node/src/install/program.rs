//! Runs a program of the system: with arguments, a time limit, and a bound on what is kept of its words.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use thiserror::Error;

/// Bytes that are kept of each stream; a program may print more.
const WORDS: u64 = 64 * 1024;
/// How long a stream may stay open behind the end of its program.
const REST: Duration = Duration::from_millis(500);

#[derive(Debug, Error)]
pub enum ProgramError {
    #[error("cannot start {}", program.display())]
    Start { program: PathBuf, source: io::Error },
    #[error("{} did not end within {limit:?}", program.display())]
    Late { program: PathBuf, limit: Duration },
    #[error("{} ended with {status}: {words}", program.display())]
    Said {
        program: PathBuf,
        status: ExitStatus,
        words: String,
    },
    #[error("{} printed what nobody understands", program.display())]
    Words { program: PathBuf },
}

/// How a program ended by itself.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub printed: String,
    pub complained: String,
}

/// What a program printed, if it ended well and in time.
pub fn run<A: AsRef<OsStr>>(
    program: &Path,
    arguments: &[A],
    limit: Duration,
) -> Result<String, ProgramError> {
    let ended = end_of(program, arguments, limit)?;
    if ended.status.success() {
        Ok(ended.printed)
    } else {
        Err(ended.refused(program))
    }
}

/// How a program ends. It and its children are killed when it is late.
pub fn end_of<A: AsRef<OsStr>>(
    program: &Path,
    arguments: &[A],
    limit: Duration,
) -> Result<Ended, ProgramError> {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn();
    let mut child = started.map_err(|source| ProgramError::Start {
        program: program.to_owned(),
        source,
    })?;
    let printed = words(child.stdout.take());
    let complained = words(child.stderr.take());
    let status = within(child, limit).ok_or_else(|| ProgramError::Late {
        program: program.to_owned(),
        limit,
    })?;
    Ok(Ended {
        status,
        printed: printed.recv_timeout(REST).unwrap_or_default(),
        complained: complained.recv_timeout(REST).unwrap_or_default(),
    })
}

impl Ended {
    pub fn refused(&self, program: &Path) -> ProgramError {
        ProgramError::Said {
            program: program.to_owned(),
            status: self.status,
            words: last_line(&self.complained),
        }
    }
}

/// Runs a command line whose first word is the program; an empty one does nothing.
pub fn command(words: &[String], limit: Duration) -> Result<(), ProgramError> {
    match words {
        [] => Ok(()),
        [program, arguments @ ..] => run(Path::new(program), arguments, limit).map(drop),
    }
}

/// How the child ended; nothing if it had to be killed.
fn within(mut child: Child, limit: Duration) -> Option<ExitStatus> {
    let group = Pid::from_raw(i32::try_from(child.id()).expect("process ids are positive"));
    let (ended, end) = mpsc::channel();
    thread::spawn(move || ended.send(child.wait()));
    if let Ok(status) = end.recv_timeout(limit) {
        return status.ok();
    }
    // It may end at this very moment: then there is nothing left to kill.
    if killpg(group, Signal::SIGKILL).is_ok() {
        end.recv().ok();
    }
    None
}

fn words(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (read, all) = mpsc::channel();
    if let Some(mut stream) = stream {
        thread::spawn(move || {
            let mut kept = Vec::new();
            let first = stream.by_ref().take(WORDS).read_to_end(&mut kept);
            let rest = first.and_then(|_| io::copy(&mut stream, &mut io::sink()));
            // Nobody waits any more where the program was late.
            read.send(String::from_utf8_lossy(&kept).into_owned()).ok();
            rest.ok()
        });
    }
    all
}

fn last_line(words: &str) -> String {
    let last = words.lines().rev().find(|line| !line.trim().is_empty());
    last.unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMPLE: Duration = Duration::from_secs(60);

    fn shell(script: &str, limit: Duration) -> Result<String, ProgramError> {
        run(Path::new("/bin/sh"), &["-c", script], limit)
    }

    #[test]
    fn what_a_program_prints_comes_back_if_it_ends_well() {
        assert_eq!(shell("echo fine; echo odd >&2", AMPLE).unwrap(), "fine\n");
        let failed = shell("echo why >&2; exit 3", AMPLE).expect_err("it says no");
        let words = failed.to_string();
        assert!(words.contains("exit status: 3: why"), "{words}");
        let missing = run(Path::new("/nowhere"), &["x"], AMPLE);
        assert!(matches!(missing, Err(ProgramError::Start { .. })));
    }

    #[test]
    fn a_program_that_does_not_end_is_killed_with_its_children() {
        let late = shell("cat /dev/zero | cat > /dev/null", Duration::from_millis(50));
        assert!(matches!(late, Err(ProgramError::Late { .. })));
    }

    #[test]
    fn a_program_that_prints_without_end_costs_no_memory() {
        let much = "head -c 3000000 /dev/zero; echo";
        let kept = shell(much, AMPLE).unwrap().len();
        assert_eq!(kept as u64, WORDS);
    }
}
