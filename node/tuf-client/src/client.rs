//! Drives the machines of `tuf-core` with a directory and a server.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use tempfile::NamedTempFile;
use tuf_core::limits;
use tuf_core::name;
use tuf_core::root::Root;
use tuf_core::search::{Search, Step};
use tuf_core::targets::Target;
use tuf_core::trusted::Trusted;
use tuf_core::update::{Need, Save, Update};

use crate::directory::Directory;
use crate::http::{self, Http, HttpError};
use crate::schemes::Ring;

const COPY_BYTES: usize = 64 * 1024;

/// Trusts a root that vouches for itself.
pub fn init(metadata: &Path, trusted_root: &Path) -> anyhow::Result<()> {
    let directory = Directory::open(metadata)?;
    let mut bytes = Vec::new();
    let file = File::open(trusted_root).with_context(|| trusted_root.display().to_string())?;
    file.take(limits::ROOT_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| trusted_root.display().to_string())?;
    Root::open_with(&bytes, &Ring).context("the root cannot be trusted")?;
    let role = "root".to_owned();
    Ok(directory.save(&Save::Metadata { role, bytes })?)
}

/// A client whose metadata is up to date.
#[derive(Debug)]
pub struct Client {
    source: Source,
    trusted: Trusted,
    now_unix_s: u64,
}

/// Where metadata comes from and goes to.
#[derive(Debug)]
struct Source {
    directory: Directory,
    http: Http,
    url: String,
}

impl Client {
    pub fn refresh(metadata: &Path, url: &str) -> anyhow::Result<Self> {
        let source = Source {
            directory: Directory::open(metadata)?,
            http: Http::new(http::PATIENCE)?,
            url: url.to_owned(),
        };
        let now_unix_s = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let (root, floors) = (source.directory.root()?, source.directory.floors()?);
        let mut update = Update::begin(&root, floors, now_unix_s, &Ring)?;
        while let Some(need) = update.need() {
            let answer = source.answer(&need)?;
            for save in update.feed(answer.as_deref().as_slice())? {
                source.directory.save(&save)?;
            }
        }
        let trusted = update.finish();
        Ok(Self {
            source,
            trusted: trusted.context("the update stopped halfway")?,
            now_unix_s,
        })
    }

    pub fn download(&mut self, path: &str, base: &str, folder: &Path) -> anyhow::Result<()> {
        let target = self.find(path)?;
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let file = folder.join(name::quote(path));
        if holds(&file, &target)? {
            return Ok(());
        }
        let consistent = self.trusted.root().consistent_snapshot();
        let prefix = target.hashes.prefix().filter(|_| consistent);
        let served = name::target_path(path, prefix.as_deref());
        self.fetch(&http::address(base, &served), &target, &file)
    }

    fn find(&mut self, path: &str) -> anyhow::Result<Target> {
        let mut search = Search::new(path, self.now_unix_s);
        loop {
            let need = match search.step(&self.trusted)? {
                Step::Found(target) => return Ok(target.clone()),
                Step::Absent => bail!("no role that may do so lists it"),
                Step::Need(need) => need,
            };
            let answer = self.source.answer(&need)?;
            let save = search.feed(&mut self.trusted, answer.as_deref().as_slice())?;
            if let Some(save) = save {
                self.source.directory.save(&save)?;
            }
        }
    }

    /// The file appears under its name only when all of it is what was promised.
    fn fetch(&self, url: &str, target: &Target, file: &Path) -> anyhow::Result<()> {
        let mut check = target.check()?;
        let folder = file.parent().context("a target lies in a folder")?;
        let mut part = NamedTempFile::new_in(folder)?;
        self.source.http.stream(url, |piece| {
            let refuse = |error: anyhow::Error| HttpError::Piece(error);
            check.take(piece).map_err(|error| refuse(error.into()))?;
            part.write_all(piece).map_err(|error| refuse(error.into()))
        })?;
        check.finish()?;
        part.persist(file)?;
        Ok(())
    }
}

impl Source {
    fn answer(&self, need: &Need) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(match need {
            Need::Stored(role) => self.directory.stored(role)?,
            Need::Fetch(fetch) => {
                let base = self.url.trim_end_matches('/');
                let url = format!("{base}/{}", fetch.file_name());
                self.http.get(&url, fetch.max_bytes)?
            }
        })
    }
}

/// Whether an earlier download left exactly this target.
fn holds(file: &Path, target: &Target) -> anyhow::Result<bool> {
    let Ok(mut file) = File::open(file) else {
        return Ok(false);
    };
    let mut check = target.check()?;
    let mut piece = vec![0; COPY_BYTES];
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            return Ok(check.finish().is_ok());
        }
        if check.take(&piece[..length]).is_err() {
            return Ok(false);
        }
    }
}
