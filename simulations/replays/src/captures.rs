//! The captures below a folder, read whole and handed out as frames.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hearing::capture::{Capture, CaptureError, Packet};
use hearing::flow::Nets;
use hearing::frame::Frame;
use lookout::replay::Askers;
use thiserror::Error;

/// A larger file is refused: it is read into memory.
const FILE_BYTES: u64 = 512 * 1024 * 1024;
/// Folders within folders.
const DEPTH: usize = 8;

#[derive(Debug, Error)]
pub enum CapturesError {
    #[error("{0} cannot be read: {1}")]
    Read(PathBuf, io::Error),
    #[error("{0} holds more than 512 MiB: split it with `editcap -c`")]
    TooLarge(PathBuf),
    #[error("{0} is no capture: {1}")]
    Capture(PathBuf, CaptureError),
    #[error("no file to replay lies below {0}: name a folder laid out like the data folder")]
    None(PathBuf),
}

/// Every pcap and pcapng file below a folder, in the order of their paths.
pub fn find(folder: &Path) -> Result<Vec<PathBuf>, CapturesError> {
    let is_capture = |name: &str| {
        [".pcap", ".pcapng", ".cap"]
            .iter()
            .any(|ending| name.ends_with(ending))
    };
    find_named(folder, &is_capture)
}

/// Every file below a folder whose name is wanted.
pub fn find_named(
    folder: &Path,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<PathBuf>, CapturesError> {
    let mut found = Vec::new();
    gather(folder, DEPTH, is_wanted, &mut found)?;
    found.sort_unstable();
    if found.is_empty() {
        return Err(CapturesError::None(folder.to_owned()));
    }
    Ok(found)
}

fn gather(
    folder: &Path,
    depth: usize,
    is_wanted: &dyn Fn(&str) -> bool,
    found: &mut Vec<PathBuf>,
) -> Result<(), CapturesError> {
    let read = |error| CapturesError::Read(folder.to_owned(), error);
    for entry in fs::read_dir(folder).map_err(read)? {
        let path = entry.map_err(read)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && depth > 0 {
            gather(&path, depth - 1, is_wanted, found)?;
        } else if is_wanted(&name) {
            found.push(path);
        }
    }
    Ok(())
}

pub fn read(path: &Path) -> Result<Vec<u8>, CapturesError> {
    let read = |error| CapturesError::Read(path.to_owned(), error);
    if fs::metadata(path).map_err(read)?.len() > FILE_BYTES {
        return Err(CapturesError::TooLarge(path.to_owned()));
    }
    fs::read(path).map_err(read)
}

/// The folders that hold captures, with their type: a trailing number after a dash is a run of the same type.
pub fn by_type(folder: &Path) -> Result<Vec<(String, Vec<PathBuf>)>, CapturesError> {
    let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for path in find(folder)? {
        let parent = path.parent().unwrap_or(folder).to_owned();
        folders.entry(parent).or_default().push(path);
    }
    let named = |(folder, files): (PathBuf, Vec<PathBuf>)| {
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_run = |run: &str| !run.is_empty() && run.bytes().all(|byte| byte.is_ascii_digit());
        let stem = name
            .rsplit_once('-')
            .filter(|(_, run)| is_run(run))
            .map(|(stem, _)| stem.to_owned());
        (stem.unwrap_or(name), files)
    };
    Ok(folders.into_iter().map(named).collect())
}

/// The packets of one file in the order of their times, up to where it is damaged.
pub fn packets<'a>(path: &Path, file: &'a [u8]) -> Result<Vec<Packet<'a>>, CapturesError> {
    let capture =
        Capture::open(file).map_err(|error| CapturesError::Capture(path.to_owned(), error))?;
    let mut packets: Vec<_> = capture.map_while(Result::ok).collect();
    packets.sort_by_key(|packet| packet.at);
    Ok(packets)
}

/// The networks whose devices are looked at: the private ones, or where nobody is in those, that of whoever asks most.
pub fn networks(packets: &[Packet<'_>]) -> Nets {
    let mut askers = Askers::new(Nets::private());
    for packet in packets {
        if let Ok(frame) = Frame::of(packet) {
            askers.hear(&frame);
        }
    }
    askers
        .home()
        .map_or_else(Nets::private, |home| Nets::new([home]))
}
