//! Logs as they are rotated, emptied and flooded: real files, a real journal where there is one, and a stub of its reader.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use protocol::limits;
use protocol::tail::Tailed;
use protocol::text;
use serde_json::Value;
use tempfile::TempDir;

use super::{Config, Tail};

/// A node's directory beside the logs that it follows.
struct Rig {
    dir: TempDir,
    config: Config,
    tail: Option<Tail>,
}

impl Rig {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a folder"),
            config: Config::default(),
            tail: None,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn follows(mut self, name: &str) -> Self {
        let path = self.path(name);
        let path = text::Path::new(path.to_str().expect("a text")).expect("a path");
        self.config.files.push(path);
        self
    }

    fn start(&mut self) {
        self.tail = Tail::start(self.dir.path(), &self.config);
    }

    fn append(&self, name: &str, bytes: &[u8]) {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(self.path(name));
        file.and_then(|mut file| file.write_all(bytes))
            .expect("the file is ours");
    }

    async fn batch(&mut self) -> Option<Tailed> {
        let tail = self.tail.as_mut().expect("it was started");
        tokio::time::timeout(Duration::from_secs(6), tail.next())
            .await
            .ok()
    }

    /// What comes next, acknowledged: the messages, and how many lines were let go.
    async fn said(&mut self) -> (Vec<String>, u64) {
        let Some(tailed) = self.batch().await else {
            return (Vec::new(), 0);
        };
        let stored = tailed.number;
        self.tail.as_mut().expect("it runs").stored(stored);
        (messages(&tailed), tailed.dropped)
    }

    /// What comes until there are so many.
    async fn lines(&mut self, count: usize) -> Vec<String> {
        let mut all = Vec::new();
        while all.len() < count {
            let (more, _) = self.said().await;
            if more.is_empty() {
                break;
            }
            all.extend(more);
        }
        all
    }
}

fn objects(tailed: &Tailed) -> Vec<Value> {
    let text = std::str::from_utf8(&tailed.lines).expect("JSON is UTF-8");
    let read = text.lines().map(serde_json::from_str);
    read.collect::<Result<_, _>>().expect("each is an object")
}

fn messages(tailed: &Tailed) -> Vec<String> {
    let objects = objects(tailed);
    let text = |object: &Value| object["message"].as_str().expect("a text").to_owned();
    objects.iter().map(text).collect()
}

/// Two looks at the files.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(1_200)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_followed_from_its_end_over_a_rename_and_over_being_emptied() {
    let mut rig = Rig::new().follows("auth.log");
    rig.append("auth.log", b"long ago\n");
    rig.start();
    a_while().await;
    rig.append("auth.log", b"one\nhalf ");
    assert_eq!(rig.lines(1).await, ["one"]);
    rig.append("auth.log", b"a line\n");
    assert_eq!(rig.lines(1).await, ["half a line"]);
    fs::rename(rig.path("auth.log"), rig.path("auth.log.1")).expect("rotated");
    rig.append("auth.log.1", b"late\nunfinished");
    rig.append("auth.log", b"new\n");
    assert_eq!(rig.lines(3).await, ["late", "unfinished", "new"]);
    fs::copy(rig.path("auth.log"), rig.path("auth.log.2")).expect("copied");
    let emptied = File::options().write(true).open(rig.path("auth.log"));
    emptied.expect("it is there").set_len(0).expect("emptied");
    a_while().await;
    rig.append("auth.log", b"again\n");
    assert_eq!(rig.lines(1).await, ["again"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_comes_later_is_read_from_its_beginning_and_a_pipe_is_none() {
    let mut rig = Rig::new().follows("later.log").follows("pipe");
    let made = Command::new("mkfifo").arg(rig.path("pipe")).status();
    assert!(made.expect("coreutils").success());
    rig.start();
    a_while().await;
    rig.append("later.log", b"first\n\xff\xfe no text\n\n");
    let lines = rig.lines(2).await;
    assert_eq!(lines, ["first", "\u{fffd}\u{fffd} no text"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_acknowledged_comes_again_and_after_a_restart_too() {
    let mut rig = Rig::new().follows("a.log");
    rig.append("a.log", b"");
    rig.start();
    a_while().await;
    rig.append("a.log", b"one\n");
    assert_eq!(rig.lines(1).await, ["one"]);
    rig.append("a.log", b"two\n");
    let first = rig.batch().await.expect("a batch");
    assert_eq!(messages(&first), ["two"]);
    // The node stops before the coordinator has stored it, and the file is rotated meanwhile.
    rig.tail = None;
    a_while().await;
    rig.append("a.log", b"three\n");
    fs::rename(rig.path("a.log"), rig.path("a.log.1")).expect("rotated");
    rig.append("a.log", b"four\n");
    rig.start();
    assert_eq!(rig.lines(3).await, ["two", "three", "four"]);
    rig.tail.as_mut().expect("it runs").stored(first.number);
    rig.tail = None;
    a_while().await;
    rig.start();
    rig.append("a.log", b"five\n");
    assert_eq!(rig.lines(1).await, ["five"], "nothing twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_waits_for_its_acknowledgement_and_the_rest_stays_in_the_file() {
    let mut rig = Rig::new().follows("a.log");
    rig.append("a.log", b"");
    rig.start();
    a_while().await;
    let line = format!("{}\n", "x".repeat(2_000));
    rig.append("a.log", line.repeat(100).as_bytes());
    let first = rig.batch().await.expect("a batch");
    assert!(first.lines.len() <= limits::TAIL_BYTES);
    assert!(first.lines.len() > limits::TAIL_BYTES - 3_000);
    assert!(rig.batch().await.is_none(), "one is under way");
    let mut count = messages(&first).len();
    rig.tail.as_mut().expect("it runs").stored(first.number);
    count += rig.lines(100 - count).await.len();
    assert_eq!(count, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_cut_and_what_was_let_go_is_counted() {
    let mut rig = Rig::new().follows("a.log");
    rig.append("a.log", b"");
    rig.start();
    a_while().await;
    rig.append("a.log", b"flood\n".repeat(20_000).as_slice());
    let (mut came, mut dropped) = (0, 0);
    while came + dropped < 20_000 {
        let (lines, gone) = rig.said().await;
        assert!(lines.len() as u64 + gone > 0, "{came} and {dropped}");
        came += lines.len() as u64;
        dropped += gone;
    }
    assert_eq!(came + dropped, 20_000);
    assert!((2_000..4_000).contains(&came), "{came}");
}

/// A program that prints what `journalctl` would, and notes its arguments.
fn stub(rig: &mut Rig, prints: &str) {
    let path = rig.path("journalctl");
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> {dir}/calls\n{prints}\n",
        dir = rig.dir.path().display()
    );
    fs::write(&path, script).expect("the folder is ours");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    rig.config.journal = Some(path);
}

fn entry(cursor: &str, message: &str) -> String {
    format!(r#"echo '{{"__CURSOR":"{cursor}","MESSAGE":"{message}","SYSLOG_IDENTIFIER":"sshd"}}'"#)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_whose_reader_dies_is_read_on_from_where_it_was() {
    let mut rig = Rig::new();
    let own = format!(
        r#"echo '{{"__CURSOR":"c2","MESSAGE":"of this node","_PID":"{}"}}'"#,
        std::process::id()
    );
    let prints = [entry("c1", "one"), "echo no entry".to_owned(), own].join("\n");
    stub(&mut rig, &prints);
    rig.start();
    assert_eq!(rig.lines(2).await, ["one", "one"], "each start prints it");
    drop(rig.tail.take());
    let calls = fs::read_to_string(rig.path("calls")).expect("it was called");
    let calls: Vec<&str> = calls.lines().collect();
    assert!(calls[0].contains("--follow --output=json"), "{calls:?}");
    assert!(calls[0].ends_with("--lines=0"), "{calls:?}");
    assert!(
        calls[1].ends_with("--no-tail --after-cursor=c2"),
        "{calls:?}"
    );
    let before = calls.len();
    a_while().await;
    rig.start();
    rig.lines(1).await;
    let calls = fs::read_to_string(rig.path("calls")).expect("it was called");
    let again = calls.lines().nth(before).expect("it was started again");
    assert!(
        again.ends_with("--after-cursor=c1"),
        "stored up to there: {again}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_prints_without_end_stays_bounded_and_ends_with_the_node() {
    let mut rig = Rig::new();
    let endless = "head -c 3000000 /dev/zero | tr '\\0' x; echo; exec sleep 600";
    let prints = [
        endless,
        &format!("echo $$ > {}/pid", rig.dir.path().display()),
    ];
    stub(
        &mut rig,
        &[prints[1], &entry("c1", "one"), prints[0]].join("\n"),
    );
    rig.start();
    assert_eq!(rig.lines(1).await, ["one"]);
    let pid = fs::read_to_string(rig.path("pid")).expect("it runs");
    let runs = || Path::new("/proc").join(pid.trim()).join("stat").exists();
    assert!(runs());
    rig.tail = None;
    for _ in 0..50 {
        if !runs() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the reader outlives the node");
}

/// A journal of its own, in a namespace of its own, whose files lie in the rig's folder.
struct Journald(Child);

impl Journald {
    fn start(rig: &Rig) -> Option<Self> {
        let programs = [
            "/usr/bin/journalctl",
            "/usr/lib/systemd/systemd-journald",
            "/usr/bin/unshare",
        ];
        if let Some(absent) = programs.iter().find(|program| !Path::new(program).exists()) {
            println!("skipped: no {absent}");
            return None;
        }
        let folder = rig.path("journal");
        fs::create_dir(&folder).expect("the folder is ours");
        let script = format!(
            "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/log/journal \
             && mount --bind {} /run/log/journal || exit 9\n\
             /usr/lib/systemd/systemd-journald & J=$!\n\
             while read -r line; do printf 'MESSAGE=%s\\nSYSLOG_IDENTIFIER=sshd\\nPRIORITY=4\\n' \"$line\" | logger --journald; done\n\
             kill $J",
            folder.display()
        );
        let started = Command::new("/usr/bin/unshare")
            .args(["-m", "sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut journald = Self(started.ok()?);
        for _ in 0..50 {
            std::thread::sleep(Duration::from_millis(100));
            if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
                return Some(journald);
            }
            if let Ok(Some(status)) = journald.0.try_wait() {
                println!("skipped: no journald in a namespace of its own ({status})");
                return None;
            }
        }
        println!("skipped: journald writes nothing");
        None
    }

    fn log(&mut self, message: &str) {
        let input = self.0.stdin.as_mut().expect("it is piped");
        writeln!(input, "{message}").expect("it reads");
    }
}

impl Drop for Journald {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_journal_is_followed_and_read_on_after_a_restart() {
    let mut rig = Rig::new();
    let Some(mut journald) = Journald::start(&rig) else {
        return;
    };
    let path = rig.path("reader");
    let folder = rig.path("journal");
    let script = format!(
        "#!/bin/sh\nexec journalctl --directory={} \"$@\"\n",
        folder.display()
    );
    fs::write(&path, script).expect("the folder is ours");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    rig.config.journal = Some(path);
    journald.log("before");
    a_while().await;
    rig.start();
    a_while().await;
    journald.log("Failed password for root from 203.0.113.9 port 1 ssh2");
    let first = rig.batch().await.expect("a batch");
    let object = &objects(&first)[0];
    assert_eq!(object["program"], "sshd");
    assert_eq!(object["level"], "4");
    assert_eq!(object["source"], "journal");
    assert!(
        object["time"]
            .as_u64()
            .is_some_and(|time| time > 1_700_000_000_000)
    );
    assert!(
        messages(&first)[0].starts_with("Failed password"),
        "not what was before"
    );
    rig.tail.as_mut().expect("it runs").stored(first.number);
    rig.tail = None;
    a_while().await;
    journald.log("while the node was off");
    a_while().await;
    rig.start();
    assert_eq!(rig.lines(1).await, ["while the node was off"]);
}
