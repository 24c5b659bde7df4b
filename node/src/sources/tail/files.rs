//! Plain files, followed by their names: over rotation by a new file, over one that is emptied in its place, and from where
//! they were left.
//!
//! A file that is emptied and has grown past the old place before it is looked at again cannot be told from one that
//! went on; whoever rotates by copying loses those lines elsewhere too.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use protocol::text;
use tracing::{debug, info};

use super::pace::Pace;
use super::places::{Place, Places, Spot};
use super::split::Split;
use super::{Said, Teller, word};

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Bytes that are read at once.
const PIECE: usize = 32 * 1024;
/// Bytes of a line that are kept.
const LINE: usize = 8 * 1024;

/// The files of one node.
#[derive(Debug)]
pub struct Files(Vec<Followed>);

#[derive(Debug)]
struct Followed {
    path: String,
    open: Option<Open>,
    /// Where it was left before this start, until it has been opened.
    left: Option<Spot>,
    /// Whether it was looked for: a file that comes later is read from its beginning.
    awaited: bool,
    pace: Pace,
}

#[derive(Debug)]
struct Open {
    file: File,
    /// Behind the last whole line.
    spot: Spot,
    split: Split,
}

/// Whether somebody still takes lines.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Yes,
    No,
}

impl Files {
    pub fn new(paths: &[text::Path], places: &Places) -> Self {
        let followed = paths.iter().map(|path| Followed {
            path: path.to_string(),
            open: None,
            left: places.spot(path.as_str()),
            awaited: false,
            pace: Pace::new(Instant::now()),
        });
        Self(followed.collect())
    }

    /// Looks at all of them again and again, until nobody takes lines any more.
    pub fn run(mut self, teller: &Teller) {
        while !teller.lines.is_closed() {
            for followed in &mut self.0 {
                match followed.look(teller) {
                    Ok(Heard::Yes) => {}
                    Ok(Heard::No) => return,
                    Err(error) => debug!(%error, path = followed.path, "a log cannot be read"),
                }
            }
            std::thread::sleep(LOOK);
        }
    }
}

impl Followed {
    /// Reads what there is: of the file that is open, and where another has taken its name, of that as well.
    fn look(&mut self, teller: &Teller) -> io::Result<Heard> {
        let found = match open(&self.path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.awaited = true;
                return Err(error);
            }
        };
        if self.open.is_none() {
            self.begin(found.is_some())?;
        }
        if self.read(teller)? == Heard::No {
            return Ok(Heard::No);
        }
        self.awaited = true;
        let Some(found) = found else {
            return Ok(Heard::Yes);
        };
        let now = identity(&found)?;
        let same = self
            .open
            .as_ref()
            .is_some_and(|open| (open.spot.device, open.spot.inode) == (now.device, now.inode));
        if same {
            return Ok(Heard::Yes);
        }
        // Whoever writes may have gone on in the old file until it was told of the new one.
        if self.open.is_some() {
            info!(path = self.path, "a log was rotated");
            if self.read(teller)? == Heard::No || self.finish(teller) == Heard::No {
                return Ok(Heard::No);
            }
        }
        self.open = Some(Open::at(found, Spot { offset: 0, ..now })?);
        self.read(teller)
    }

    /// Goes on where it was left, be it in the file that has another name since; at the end, where it was never read.
    fn begin(&mut self, exists: bool) -> io::Result<()> {
        let left = self.left.take();
        if let Some(left) = left {
            for path in [self.path.clone(), format!("{}.1", self.path)] {
                let Ok(file) = open(&path) else { continue };
                let spot = identity(&file)?;
                if (spot.device, spot.inode) == (left.device, left.inode) {
                    self.open = Some(Open::at(file, left)?);
                    return Ok(());
                }
            }
        } else if exists && !self.awaited {
            let file = open(&self.path)?;
            let spot = identity(&file)?;
            self.open = Some(Open::at(file, spot)?);
        }
        Ok(())
    }

    fn read(&mut self, teller: &Teller) -> io::Result<Heard> {
        let Some(open) = &mut self.open else {
            return Ok(Heard::Yes);
        };
        let length = open.file.metadata()?.len();
        if length < open.spot.offset + open.split.open() {
            info!(path = self.path, "a log was emptied");
            let spot = Spot {
                offset: 0,
                ..open.spot
            };
            let file = open.file.try_clone()?;
            *open = Open::at(file, spot)?;
        }
        let mut piece = [0; PIECE];
        loop {
            let count = open.file.read(&mut piece)?;
            if count == 0 {
                return Ok(Heard::Yes);
            }
            let (path, spot, pace) = (&self.path, &mut open.spot, &mut self.pace);
            let heard = open.split.feed(&piece[..count], |line, bytes| {
                spot.offset += bytes;
                tell(teller, pace, path, &line, *spot) == Heard::Yes
            });
            if !heard {
                return Ok(Heard::No);
            }
        }
    }

    /// A last line without an end is one, when its file is gone.
    fn finish(&mut self, teller: &Teller) -> Heard {
        let Some(open) = &mut self.open else {
            return Heard::Yes;
        };
        match open.split.rest() {
            Some(line) => tell(teller, &mut self.pace, &self.path, &line, open.spot),
            None => Heard::Yes,
        }
    }
}

impl Open {
    fn at(mut file: File, spot: Spot) -> io::Result<Self> {
        file.seek(SeekFrom::Start(spot.offset))?;
        let split = Split::new(LINE);
        Ok(Self { file, spot, split })
    }
}

/// Waits where the queue is full: what is not read stays in its file.
fn tell(teller: &Teller, pace: &mut Pace, path: &str, line: &str, spot: Spot) -> Heard {
    if line.trim().is_empty() {
        return Heard::Yes;
    }
    if !pace.may_go(Instant::now()) {
        teller.drop_one();
        return Heard::Yes;
    }
    let said = Said {
        json: word::of_file(path, line),
        place: Place::File {
            path: path.to_owned(),
            spot,
        },
    };
    match teller.lines.blocking_send(said) {
        Ok(()) => Heard::Yes,
        Err(_) => Heard::No,
    }
}

/// A pipe or a device would keep the thread for ever, so none is opened as a log.
fn open(path: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let flags = OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let file = options
        .read(true)
        .custom_flags(flags.bits())
        .open(PathBuf::from(path))?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "this is no plain file",
        )),
    }
}

/// Which file it is, and its end.
fn identity(file: &File) -> io::Result<Spot> {
    let found = file.metadata()?;
    Ok(Spot {
        device: found.dev(),
        inode: found.ino(),
        offset: found.len(),
    })
}
