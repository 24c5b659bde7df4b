//! The three verifiers, each asked for one file of a repository, with what it remembers from before.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sigstore_tuf::cache::FileStore;
use sigstore_tuf::client::Updater;
use sigstore_tuf::transport::FetchFuture;
use tempfile::TempDir;
use tough::{FilesystemTransport, RepositoryLoader, TargetName};
use tuf_core::floors::Floors;
use tuf_core::name;
use tuf_core::schemes::Ed25519Only;
use tuf_core::search::{Search, Step};
use tuf_core::update::{Need, Save, Update};
use url::Url;

use crate::repository::{PATH, Repository};

/// After which everything is judged; today, because tough asks the clock.
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The bytes of the file, or why they are not taken.
pub type Verdict = Result<Vec<u8>, String>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    Ours,
    Tough,
    Sigstore,
}

pub const ALL: [Client; 3] = [Client::Ours, Client::Tough, Client::Sigstore];

/// What a verifier keeps between two looks.
pub struct Memory {
    dir: TempDir,
    root: Vec<u8>,
    floors: Floors,
    held: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// Begins with a root that somebody has brought.
    pub fn of(root: &[u8]) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            root: root.to_vec(),
            floors: Floors::default(),
            held: BTreeMap::new(),
        }
    }
}

impl Client {
    pub async fn fetch(self, repository: &Repository, memory: &mut Memory) -> Verdict {
        match self {
            Self::Ours => ours(repository, memory),
            Self::Tough => tough(repository, memory).await,
            Self::Sigstore => sigstore(repository, memory).await,
        }
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn ours(repository: &Repository, memory: &mut Memory) -> Verdict {
    let now_s = u64::try_from(now().as_second()).unwrap();
    let floors = memory.floors.clone();
    let mut update = Update::begin(&memory.root, floors, now_s, &Ed25519Only).map_err(told)?;
    while let Some(need) = update.need() {
        let answer = answer(&need, repository, memory);
        for save in update.feed(answer.as_deref().as_slice()).map_err(told)? {
            keep(save, memory);
        }
    }
    let mut trusted = update.finish().ok_or("it stopped halfway")?;
    let mut search = Search::new(PATH, now_s);
    let target = loop {
        let need = match search.step(&trusted).map_err(told)? {
            Step::Found(target) => break target.clone(),
            Step::Absent => return Err("it is not listed".to_owned()),
            Step::Need(need) => need,
        };
        let answer = answer(&need, repository, memory);
        if let Some(save) = search
            .feed(&mut trusted, answer.as_deref().as_slice())
            .map_err(told)?
        {
            keep(save, memory);
        }
    };
    let served = name::target_path(PATH, target.hashes.prefix().as_deref());
    let bytes = repository.targets.get(&served).ok_or("nobody has it")?;
    let mut check = target.check().map_err(told)?;
    check.take(bytes).map_err(told)?;
    check.finish().map_err(told)?;
    Ok(bytes.clone())
}

fn answer(need: &Need, repository: &Repository, memory: &Memory) -> Option<Vec<u8>> {
    match need {
        Need::Stored(role) => memory.held.get(role).cloned(),
        Need::Fetch(fetch) => repository.metadata.get(&fetch.file_name()).cloned(),
    }
}

fn keep(save: Save, memory: &mut Memory) {
    match save {
        Save::Floors(bytes) => memory.floors = Floors::parse(&bytes).unwrap(),
        Save::Metadata { role, bytes } if role == "root" => memory.root = bytes,
        Save::Metadata { role, bytes } => drop(memory.held.insert(role, bytes)),
    }
}

async fn tough(repository: &Repository, memory: &Memory) -> Verdict {
    let served = tempfile::tempdir().map_err(told)?;
    let (metadata, targets) = (
        served.path().join("metadata"),
        served.path().join("targets"),
    );
    lay(&metadata, &repository.metadata);
    lay(&targets, &repository.targets);
    // It wants the hash before the whole path, where the specification wants it before the file's name.
    for (name, bytes) in &repository.targets {
        let (folder, file) = name.rsplit_once('/').unwrap();
        let (hash, file) = file.split_once('.').unwrap();
        lay(
            &targets,
            &BTreeMap::from([(format!("{hash}.{folder}/{file}"), bytes.clone())]),
        );
    }
    let url = |dir: &Path| Url::from_directory_path(dir).unwrap();
    let datastore = memory.dir.path().join("tough");
    fs::create_dir_all(&datastore).map_err(told)?;
    let loader = RepositoryLoader::new(&memory.root, url(&metadata), url(&targets));
    let loaded = loader
        .transport(FilesystemTransport)
        .datastore(datastore)
        .load()
        .await
        .map_err(told)?;
    let out = memory.dir.path().join("out");
    fs::create_dir_all(&out).map_err(told)?;
    let name = TargetName::new(PATH).map_err(told)?;
    let saved = loaded.save_target(&name, &out, tough::Prefix::None).await;
    saved.map_err(told)?;
    fs::read(out.join(PATH)).map_err(told)
}

fn lay(dir: &Path, files: &BTreeMap<String, Vec<u8>>) {
    fs::create_dir_all(dir).unwrap();
    for (name, bytes) in files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

async fn sigstore(repository: &Repository, memory: &Memory) -> Verdict {
    let store = FileStore::new(memory.dir.path().join("sigstore"));
    let updater = Updater::new(Served(repository.clone()), &memory.root).map_err(told)?;
    let mut updater = updater.with_store(store);
    updater.refresh(now()).await.map_err(told)?;
    let found = updater.get_target_info(PATH, now()).await.map_err(told)?;
    let target = found.ok_or("it is not listed")?;
    updater.download_target(&target, PATH).await.map_err(told)
}

/// From memory, and never more than is asked for.
struct Served(Repository);

impl sigstore_tuf::transport::Repository for Served {
    fn fetch_metadata<'a>(&'a self, name: &'a str, most: u64) -> FetchFuture<'a> {
        Box::pin(async move { given(self.0.metadata.get(name), most) })
    }

    fn fetch_target<'a>(&'a self, path: &'a str, most: u64) -> FetchFuture<'a> {
        Box::pin(async move { given(self.0.targets.get(path), most) })
    }
}

fn given(found: Option<&Vec<u8>>, most: u64) -> sigstore_tuf::error::Result<Option<Vec<u8>>> {
    match found {
        Some(bytes) if bytes.len() as u64 > most => {
            Err(sigstore_tuf::error::Error::transport("it is too long"))
        }
        found => Ok(found.cloned()),
    }
}
