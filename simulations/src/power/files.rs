//! Files on a disk whose power can fail at any operation: bytes that were not sealed are torn, names that were not
//! synced are there or not, in any mixture.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use node::install::disk::{Disk, Kind, Mode, Writing};
use protocol::dice::Dice;

use crate::disk::InstallFlaw;

const SECTOR: usize = 512;
const ROOT: usize = 0;

/// What lies on the disk while it has no power.
#[derive(Debug, Clone)]
pub struct Shelf(Vec<Object>);

/// A disk under power; clones are the same disk.
#[derive(Debug, Clone)]
pub struct FileDisk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    objects: Vec<Object>,
    operations: u64,
    cut_at: Option<u64>,
    flaw: InstallFlaw,
    dice: Dice,
}

#[derive(Debug, Clone)]
enum Object {
    File { durable: Vec<u8>, present: Vec<u8> },
    Link(String),
    Dir(Dir),
}

#[derive(Debug, Clone, Default)]
struct Dir {
    durable: BTreeMap<String, usize>,
    present: BTreeMap<String, usize>,
    pending: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Add(String, usize),
    Remove(String),
    Rename(String, String, usize),
}

impl Default for Shelf {
    fn default() -> Self {
        Self(vec![Object::Dir(Dir::default())])
    }
}

impl Dir {
    fn change(&mut self, change: Change) {
        apply(&mut self.present, &change);
        self.pending.push(change);
    }
}

fn apply(names: &mut BTreeMap<String, usize>, change: &Change) {
    match change {
        Change::Add(name, object) => {
            names.insert(name.clone(), *object);
        }
        Change::Remove(name) => {
            names.remove(name);
        }
        Change::Rename(from, to, object) => {
            names.remove(from);
            names.insert(to.clone(), *object);
        }
    }
}

impl FileDisk {
    /// Powers a disk up; the power fails at this operation, if ever.
    pub fn new(shelf: Shelf, cut_at: Option<u64>, flaw: InstallFlaw, seed: [u8; 32]) -> Self {
        Self(Arc::new(Mutex::new(State {
            objects: shelf.0,
            operations: 0,
            cut_at,
            flaw,
            dice: Dice::from_seed(seed),
        })))
    }

    pub fn is_cut(&self) -> bool {
        self.state().is_cut()
    }

    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Takes the power away and says what is left.
    pub fn survivors(&self) -> Shelf {
        let state = &mut *self.state();
        state.cut_at = Some(0);
        let keep = state.dice.below(101);
        for object in &mut state.objects {
            match object {
                Object::File { durable, present } => {
                    tear(durable, present, keep, &mut state.dice);
                    present.clone_from(durable);
                }
                Object::Dir(dir) => {
                    for change in dir.pending.drain(..) {
                        if state.dice.below(100) < keep {
                            apply(&mut dir.durable, &change);
                        }
                    }
                    dir.present.clone_from(&dir.durable);
                }
                Object::Link(_) => {}
            }
        }
        Shelf(state.objects.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every operation passes here once.
    fn powered(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.operations += 1;
        if state.is_cut() {
            Err(io::Error::other("the power is off"))
        } else {
            Ok(state)
        }
    }
}

impl State {
    fn is_cut(&self) -> bool {
        self.cut_at.is_some_and(|at| self.operations >= at)
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        let mut at = ROOT;
        for name in path {
            let name = name.to_string_lossy();
            let Object::Dir(dir) = &self.objects[at] else {
                return Err(io::ErrorKind::NotADirectory.into());
            };
            at = *dir.present.get(&*name).ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(at)
    }

    fn parent(&mut self, path: &Path) -> io::Result<(&mut Dir, String)> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let parent = self.find(path.parent().unwrap_or(Path::new("")))?;
        match &mut self.objects[parent] {
            Object::Dir(dir) => Ok((dir, name.to_string_lossy().into_owned())),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    fn add(&mut self, path: &Path, object: Object) -> io::Result<usize> {
        if self.find(path).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let number = self.objects.len();
        let (dir, name) = self.parent(path)?;
        dir.change(Change::Add(name, number));
        self.objects.push(object);
        Ok(number)
    }
}

impl Disk for FileDisk {
    fn create(&self, path: &Path, _mode: Mode) -> io::Result<Box<dyn Writing>> {
        let file = Object::File {
            durable: Vec::new(),
            present: Vec::new(),
        };
        let number = self.powered()?.add(path, file)?;
        let disk = self.clone();
        Ok(Box::new(OpenFile { disk, number }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        let state = self.powered()?;
        match &state.objects[state.find(path)?] {
            Object::File { present, .. } => Ok(Box::new(Cursor::new(present.clone()))),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn make_dir(&self, path: &Path) -> io::Result<()> {
        let dir = Object::Dir(Dir::default());
        self.powered()?.add(path, dir).map(drop)
    }

    fn link(&self, to: &str, path: &Path) -> io::Result<()> {
        let link = Object::Link(to.to_owned());
        self.powered()?.add(path, link).map(drop)
    }

    fn leads(&self, path: &Path) -> io::Result<Option<String>> {
        let state = self.powered()?;
        let found = state.find(path).ok().map(|number| &state.objects[number]);
        match found {
            None => Ok(None),
            Some(Object::Link(to)) => Ok(Some(to.clone())),
            Some(_) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.powered()?;
        let number = state.find(from)?;
        if from.parent() != to.parent() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let (_, new) = state.parent(to)?;
        let (dir, old) = state.parent(from)?;
        dir.change(Change::Rename(old, new, number));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.powered()?;
        let Ok(number) = state.find(path) else {
            return Ok(());
        };
        if matches!(&state.objects[number], Object::Dir(dir) if !dir.present.is_empty()) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        let (dir, name) = state.parent(path)?;
        dir.change(Change::Remove(name));
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<(String, Kind)>> {
        let state = self.powered()?;
        let Ok(number) = state.find(path) else {
            return Ok(Vec::new());
        };
        let Object::Dir(dir) = &state.objects[number] else {
            return Err(io::ErrorKind::NotADirectory.into());
        };
        let kind = |number: &usize| match state.objects[*number] {
            Object::Dir(_) => Kind::Dir,
            Object::File { .. } | Object::Link(_) => Kind::Leaf,
        };
        let names = dir.present.iter();
        Ok(names.map(|(name, at)| (name.clone(), kind(at))).collect())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.powered()?;
        let (number, flaw) = (state.find(path)?, state.flaw);
        if let Object::Dir(dir) = &mut state.objects[number]
            && flaw != InstallFlaw::NamesUnsynced
        {
            dir.durable.clone_from(&dir.present);
            dir.pending.clear();
        }
        Ok(())
    }
}

struct OpenFile {
    disk: FileDisk,
    number: usize,
}

impl Write for OpenFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.disk.powered()?;
        if let Object::File { present, .. } = &mut state.objects[self.number] {
            present.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Writing for OpenFile {
    fn seal(self: Box<Self>) -> io::Result<()> {
        let mut state = self.disk.powered()?;
        let flaw = state.flaw;
        if let Object::File { durable, present } = &mut state.objects[self.number]
            && flaw != InstallFlaw::FilesUnsynced
        {
            durable.clone_from(present);
        }
        Ok(())
    }
}

/// Of the bytes that were not sealed, some sectors are there, some are zero, and the end may be missing.
fn tear(durable: &mut Vec<u8>, present: &[u8], keep: u64, dice: &mut Dice) {
    if *durable == present {
        return;
    }
    for from in (0..present.len()).step_by(SECTOR) {
        if dice.below(100) >= keep {
            continue;
        }
        let to = present.len().min(from + SECTOR);
        if durable.len() < to {
            durable.resize(to, 0);
        }
        durable[from..to].copy_from_slice(&present[from..to]);
    }
}
