//! The few operations on files that slots are made of, so that a disk that loses its power can stand in for the real one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

/// Paths are below the disk's root. What is not synced may be lost or torn when the power goes: the bytes of a file
/// until it is sealed, the names in a directory until it is synced.
pub trait Disk: Send {
    /// A new file; one that is there is an error.
    fn create(&self, path: &Path, mode: Mode) -> io::Result<Box<dyn Writing>>;
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>>;
    fn make_dir(&self, path: &Path) -> io::Result<()>;
    /// A symbolic link to a name beside it.
    fn link(&self, to: &str, path: &Path) -> io::Result<()>;
    /// Where a link leads; nothing if there is none.
    fn leads(&self, path: &Path) -> io::Result<Option<String>>;
    /// Replaces what is there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file, a link or an empty directory, if it is there.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// The names in a directory; none if there is no such directory.
    fn list(&self, path: &Path) -> io::Result<Vec<(String, Kind)>>;
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
}

/// A file that is being written.
pub trait Writing: Write {
    /// Makes its bytes durable.
    fn seal(self: Box<Self>) -> io::Result<()>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Plain,
    Executable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Dir,
    /// A file or a link.
    Leaf,
}

/// A directory of the real file system.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the directory where there is none.
    pub fn new(root: &Path) -> io::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(root)?;
        Ok(Self(root.to_owned()))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    fn at(&self, path: &Path) -> PathBuf {
        self.0.join(path)
    }
}

impl Writing for File {
    fn seal(self: Box<Self>) -> io::Result<()> {
        self.sync_all()
    }
}

impl Disk for Folder {
    fn create(&self, path: &Path, mode: Mode) -> io::Result<Box<dyn Writing>> {
        let bits = match mode {
            Mode::Plain => 0o644,
            Mode::Executable => 0o755,
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(bits);
        options.custom_flags(OFlag::O_NOFOLLOW.bits());
        Ok(Box::new(options.open(self.at(path))?))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(File::open(self.at(path))?))
    }

    fn make_dir(&self, path: &Path) -> io::Result<()> {
        fs::DirBuilder::new().mode(0o755).create(self.at(path))
    }

    fn link(&self, to: &str, path: &Path) -> io::Result<()> {
        std::os::unix::fs::symlink(to, self.at(path))
    }

    fn leads(&self, path: &Path) -> io::Result<Option<String>> {
        match fs::read_link(self.at(path)) {
            Ok(to) => Ok(to.into_os_string().into_string().ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(self.at(from), self.at(to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let path = self.at(path);
        let removed = match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => fs::remove_dir(&path),
            Ok(_) => fs::remove_file(&path),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<(String, Kind)>> {
        let entries = match fs::read_dir(self.at(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().into_string();
            let name = name.map_err(|_| io::Error::other("a name that is no text"))?;
            let kind = if entry.file_type()?.is_dir() {
                Kind::Dir
            } else {
                Kind::Leaf
            };
            names.push((name, kind));
        }
        Ok(names)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(self.at(path))?.sync_all()
    }
}
