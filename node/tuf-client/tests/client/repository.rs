//! A repository of one target, served over HTTP on a port of its own; it notes what was asked for.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use ed25519_dalek::{Signer as _, SigningKey};
use tuf_core::draft::RootDraft;
use tuf_core::draft::online::{Listed, SnapshotDraft, TimestampDraft};
use tuf_core::draft::targets::{TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::{HeaderDraft, Unsigned};

/// In the year 2100, because the client asks the clock.
const EXPIRES: u64 = 4_102_444_800;
pub const TARGET: &str = "gate/image 2";

fn sign(unsigned: &Unsigned) -> Vec<u8> {
    let key = SigningKey::from_bytes(&[7; 32]);
    let signature = key.sign(&unsigned.payload()).to_bytes();
    unsigned
        .assemble(&[(*key.verifying_key().as_bytes(), signature)])
        .expect("the signature is good")
}

/// The files of a repository at one version, by their paths.
pub fn published(version: u64, content: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let header = HeaderDraft {
        version,
        expires_unix_s: EXPIRES,
    };
    let key = SigningKey::from_bytes(&[7; 32]);
    let public = *key.verifying_key().as_bytes();
    let root = RootDraft::new(1, EXPIRES, 1, vec![public]);
    let payload = root.payload().expect("the draft is sound");
    let root = root
        .assemble(&[(public, key.sign(&payload).to_bytes())])
        .expect("it is signed");
    let target = TargetDraft::of(content);
    let prefix = tuf_core::file::Hashes {
        sha256: Some(target.sha256),
        sha512: None,
    };
    let served = tuf_core::name::target_path(TARGET, prefix.prefix().as_deref());
    let mut targets = TargetsDraft::new(version, EXPIRES);
    targets.targets.insert(TARGET.to_owned(), target);
    let targets = sign(&targets.unsigned().expect("the draft is sound"));
    let roles = BTreeMap::from([("targets".to_owned(), Listed::of(version, &targets))]);
    let snapshot = SnapshotDraft { header, roles }.unsigned();
    let snapshot = sign(&snapshot.expect("the draft is sound"));
    let promise = Listed::of(version, &snapshot);
    let timestamp = TimestampDraft {
        header,
        snapshot: promise,
    };
    let timestamp = sign(&timestamp.unsigned().expect("the draft is sound"));
    BTreeMap::from([
        ("metadata/1.root.json".to_owned(), root),
        ("metadata/timestamp.json".to_owned(), timestamp),
        (format!("metadata/{version}.snapshot.json"), snapshot),
        (format!("metadata/{version}.targets.json"), targets),
        (
            format!("targets/{}", served.replace(' ', "%20")),
            content.to_vec(),
        ),
    ])
}

#[derive(Default)]
struct Shared {
    files: BTreeMap<String, Vec<u8>>,
    asked: Vec<String>,
    endless: bool,
}

/// Serves until the test ends.
#[derive(Clone)]
pub struct Server {
    pub url: String,
    shared: Arc<Mutex<Shared>>,
}

impl Server {
    pub fn of(files: BTreeMap<String, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let shared = Arc::new(Mutex::new(Shared {
            files,
            ..Shared::default()
        }));
        let server = Self {
            url: format!("http://{address}"),
            shared,
        };
        let serving = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serving.answer(stream);
            }
        });
        server
    }

    pub fn publish(&self, files: BTreeMap<String, Vec<u8>>) {
        self.shared.lock().expect("nobody panicked").files = files;
    }

    /// From now on every file goes on after its end.
    pub fn send_without_end(&self) {
        self.shared.lock().expect("nobody panicked").endless = true;
    }

    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().expect("nobody panicked").asked)
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut lines = BufReader::new(stream.try_clone().expect("it is open")).lines();
        let request = lines.next().and_then(Result::ok).unwrap_or_default();
        while lines
            .next()
            .and_then(Result::ok)
            .is_some_and(|line| !line.is_empty())
        {}
        let path = request.split(' ').nth(1).unwrap_or_default();
        let path = path.trim_start_matches('/').to_owned();
        let mut shared = self.shared.lock().expect("nobody panicked");
        let found = shared.files.get(&path).cloned();
        let endless = shared.endless;
        shared.asked.push(path);
        drop(shared);
        let Some(content) = found else {
            let _ = stream.write_all(b"HTTP/1.0 404 Not Found\r\n\r\n");
            return;
        };
        let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n");
        let mut written = stream.write_all(&content);
        while endless && written.is_ok() {
            written = stream.write_all(&[b' '; 4096]);
        }
    }
}
