//! The program as the conformance suite calls it: options first, and 0 or 1 for an answer.

mod repository;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::repository::{Server, TARGET, published};

struct Device {
    folder: TempDir,
    server: Server,
}

impl Device {
    /// One that trusts the first root of what is served.
    fn of(server: &Server) -> Self {
        let device = Self {
            folder: TempDir::new().expect("there is room"),
            server: server.clone(),
        };
        let root = device.path("first.json");
        fs::write(&root, &published(1, b"one")["metadata/1.root.json"]).expect("there is room");
        assert_eq!(device.init(&root), 0);
        device
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self, options: &[&str], command: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_tuf-client"))
            .arg("--metadata-dir")
            .arg(self.path("metadata"))
            .args(options)
            .args(command)
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts")
    }

    fn run(&self, options: &[&str], command: &[&str]) -> i32 {
        let ended = self.start(options, command).wait().expect("it ends");
        ended.code().expect("nothing kills it")
    }

    fn init(&self, root: &Path) -> i32 {
        self.run(&[], &["init", root.to_str().expect("it is text")])
    }

    fn refresh(&self) -> i32 {
        let url = format!("{}/metadata", self.server.url);
        self.run(&["--metadata-url", &url], &["refresh"])
    }

    fn download(&self, names: &[&str]) -> i32 {
        let url = format!("{}/metadata", self.server.url);
        let base = format!("{}/targets", self.server.url);
        let folder = self.path("targets");
        let folder = folder.to_str().expect("it is text");
        let mut options = vec!["--metadata-url", &url, "--target-dir", folder];
        options.extend(["--target-base-url", &base]);
        options.extend(names.iter().flat_map(|name| ["--target-name", name]));
        self.run(&options, &["download"])
    }

    fn downloaded(&self) -> Option<Vec<u8>> {
        fs::read(self.path("targets/gate%2Fimage%202")).ok()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).into_iter().flatten();
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("it can be listed").file_name())
            .map(|name| name.into_string().expect("it is text"))
            .collect();
        names.sort_unstable();
        names
    }
}

#[test]
fn a_target_is_downloaded_once_and_metadata_lies_beside_floors_that_are_no_json() {
    let server = Server::of(published(1, b"one"));
    let device = Device::of(&server);
    assert_eq!(
        server.asked(),
        Vec::<String>::new(),
        "init asks for nothing"
    );
    assert_eq!(device.download(&[TARGET]), 0);
    assert_eq!(device.downloaded().unwrap(), b"one");
    let asked = server.asked();
    assert_eq!(asked.len(), 5);
    assert_eq!(
        asked[..4],
        [
            "metadata/2.root.json",
            "metadata/timestamp.json",
            "metadata/1.snapshot.json",
            "metadata/1.targets.json"
        ]
    );
    assert_eq!(device.download(&[TARGET]), 0);
    assert_eq!(
        server.asked().len(),
        2,
        "the root and the timestamp, nothing else"
    );
    let kept = [
        "floors",
        "lock",
        "root.json",
        "snapshot.json",
        "targets.json",
        "timestamp.json",
    ];
    assert_eq!(device.names("metadata"), kept);
}

#[test]
fn a_new_version_takes_the_place_of_the_old_one() {
    let server = Server::of(published(1, b"one"));
    let device = Device::of(&server);
    assert_eq!(device.download(&[TARGET]), 0);
    server.publish(published(2, b"two"));
    assert_eq!(device.download(&[TARGET]), 0);
    assert_eq!(device.downloaded().unwrap(), b"two");
}

#[test]
fn the_first_name_that_is_not_found_ends_it() {
    let server = Server::of(published(1, b"one"));
    let device = Device::of(&server);
    assert_eq!(device.download(&["nothing", TARGET]), 1);
    assert_eq!(device.downloaded(), None);
    assert_eq!(device.download(&[TARGET, "nothing"]), 1);
    assert!(device.downloaded().is_some());
}

#[test]
fn whatever_goes_wrong_the_answer_is_one() {
    let server = Server::of(published(1, b"one"));
    let device = Device::of(&server);
    assert_eq!(device.run(&["--unknown"], &["refresh"]), 1);
    assert_eq!(device.run(&[], &["refresh"]), 1, "no address");
    assert_eq!(
        device.run(&["--metadata-url", "https://127.0.0.1/"], &["refresh"]),
        1
    );
    assert_eq!(
        device.run(&["--metadata-url", "http://127.0.0.1:1/"], &["refresh"]),
        1
    );
}

#[test]
fn without_a_root_that_vouches_for_itself_nothing_is_asked_for() {
    let server = Server::of(published(1, b"one"));
    let device = Device::of(&server);
    let root = device.path("metadata/root.json");
    let text = fs::read_to_string(&root).unwrap();
    let forged = text.replace("\"threshold\":1", "\"threshold\":2");
    fs::write(&root, &forged).unwrap();
    assert_eq!(device.refresh(), 1);
    fs::write(device.path("forged.json"), &forged).unwrap();
    assert_eq!(device.init(&device.path("forged.json")), 1);
    fs::remove_file(&root).unwrap();
    assert_eq!(device.refresh(), 1);
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn probe_an_old_repository_is_refused_even_without_cached_files() {
    let server = Server::of(published(2, b"two"));
    let device = Device::of(&server);
    assert_eq!(device.refresh(), 0);
    server.publish(published(1, b"one"));
    assert_eq!(device.refresh(), 1);
    for role in ["timestamp", "snapshot", "targets"] {
        fs::remove_file(device.path(&format!("metadata/{role}.json"))).unwrap();
    }
    assert_eq!(device.refresh(), 1);
    server.publish(published(2, b"two"));
    assert_eq!(device.refresh(), 0);
}

#[test]
fn probe_floors_that_cannot_be_read_are_not_taken_for_none() {
    let server = Server::of(published(2, b"two"));
    let device = Device::of(&server);
    assert_eq!(device.refresh(), 0);
    let floors = device.path("metadata/floors");
    let bytes = fs::read(&floors).unwrap();
    fs::write(&floors, &bytes[..bytes.len() / 2]).unwrap();
    server.asked();
    assert_eq!(device.refresh(), 1);
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn probe_a_server_that_sends_without_end_is_left() {
    let server = Server::of(published(1, b"one"));
    let device = Device::of(&server);
    assert_eq!(device.refresh(), 0);
    server.publish(published(2, b"two"));
    server.send_without_end();
    assert_eq!(device.refresh(), 1);
    assert_eq!(device.download(&[TARGET]), 1);
    assert_eq!(device.downloaded(), None);
}

#[test]
fn probe_another_file_under_the_right_name_is_not_kept() {
    let server = Server::of(published(1, b"one"));
    let device = Device::of(&server);
    for forged in [b"eno".as_slice(), b"on", b"oneone"] {
        let mut files = published(1, b"one");
        let name = files
            .keys()
            .find(|name| name.starts_with("targets/"))
            .cloned();
        files.insert(name.unwrap(), forged.to_vec());
        server.publish(files);
        assert_eq!(device.download(&[TARGET]), 1);
        assert_eq!(
            device.names("targets"),
            Vec::<String>::new(),
            "not even a part"
        );
    }
}

#[test]
fn probe_two_clients_on_one_directory_take_turns() {
    let server = Server::of(published(1, b"one"));
    let device = Device::of(&server);
    let url = format!("{}/metadata", server.url);
    let running: Vec<_> = (0..6)
        .map(|_| device.start(&["--metadata-url", &url], &["refresh"]))
        .collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    let asked = server.asked();
    let snapshots = asked.iter().filter(|name| name.contains("snapshot"));
    assert_eq!(
        snapshots.count(),
        1,
        "whoever comes later finds what the first one saved"
    );
}
