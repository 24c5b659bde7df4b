//! What is in an image that is an archive: its files with sizes and hashes, read in one pass and within bounds.

use std::collections::BTreeMap;
use std::io::{self, BufReader, ErrorKind, Read};
use std::ops::Range;

use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use tar::{Archive, Entry, EntryType};
use thiserror::Error;

/// Files of one archive that are looked at.
pub const FILES: usize = 20_000;
/// Bytes of an archive once it is unpacked: a few kilobytes can stand for very many.
pub const UNPACKED_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Bytes of the name of a file.
const NAME_BYTES: u64 = 4096;

/// Where a header names its format; those that came before it name none.
const MAGIC: Range<usize> = 257..262;
/// Read at once.
const PIECE: usize = 32 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// One file of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    pub length: u64,
    pub sha256: [u8; 32],
}

#[derive(Debug, Error)]
pub enum ContentsError {
    #[error("the image is no tar archive, so its files are not listed")]
    NotAnArchive,
    #[error("the archive holds more than {FILES} files")]
    TooManyFiles,
    #[error("the archive unpacks to more than {UNPACKED_BYTES} bytes")]
    TooLarge,
    #[error("the archive is damaged: {0}")]
    Damaged(&'static str),
    #[error("the image cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// The files of a tar archive, packed with gzip or not.
pub fn list(image: impl Read) -> Result<BTreeMap<String, File>, ContentsError> {
    list_within(image, UNPACKED_BYTES)
}

fn list_within(image: impl Read, bound: u64) -> Result<BTreeMap<String, File>, ContentsError> {
    let mut image = BufReader::new(image);
    let packed = io::BufRead::fill_buf(&mut image)?.starts_with(&GZIP);
    if packed {
        files(Bounded::new(MultiGzDecoder::new(image), bound))
    } else {
        files(Bounded::new(image, bound))
    }
}

fn files<R: Read>(image: Bounded<R>) -> Result<BTreeMap<String, File>, ContentsError> {
    let mut archive = Archive::new(image);
    let (mut files, mut long_name) = (BTreeMap::new(), None);
    let mut seen = 0;
    // Raw: names that go on in other entries are bounded here instead of gathered in memory.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry.map_err(|error| fault(error, seen))?;
        seen += 1;
        let header = entry.header();
        if header.as_bytes()[MAGIC] != *b"ustar" {
            return Err(unreadable(seen - 1));
        }
        match header.entry_type() {
            EntryType::GNULongName => long_name = Some(until_zero(&text(&mut entry)?)),
            EntryType::XHeader => long_name = pax_path(&text(&mut entry)?).or(long_name),
            EntryType::Regular => {
                let name = long_name.take().unwrap_or_else(|| own_name(&entry));
                files.insert(name, file(&mut entry)?);
            }
            EntryType::Link | EntryType::Symlink => {
                let name = long_name.take().unwrap_or_else(|| own_name(&entry));
                let target = header.link_name_bytes().unwrap_or_default();
                let sha256 = Sha256::digest(&target).into();
                files.insert(name, File { length: 0, sha256 });
            }
            _ => long_name = None,
        }
        if files.len() > FILES {
            return Err(ContentsError::TooManyFiles);
        }
    }
    match (seen, archive.into_inner().read) {
        (0, 0) => Err(ContentsError::NotAnArchive),
        _ => Ok(files),
    }
}

fn own_name<R: Read>(entry: &Entry<'_, R>) -> String {
    String::from_utf8_lossy(&entry.header().path_bytes()).into_owned()
}

fn file<R: Read>(entry: &mut Entry<'_, R>) -> Result<File, ContentsError> {
    let (mut hash, mut length) = (Sha256::new(), 0);
    let mut piece = vec![0; PIECE];
    loop {
        match entry.read(&mut piece).map_err(|error| fault(error, 1))? {
            0 => break,
            read => {
                hash.update(&piece[..read]);
                length += read as u64;
            }
        }
    }
    if length < entry.size() {
        return Err(ContentsError::Damaged("it ends in the middle of a file"));
    }
    let sha256 = hash.finalize().into();
    Ok(File { length, sha256 })
}

fn text<R: Read>(entry: &mut Entry<'_, R>) -> Result<Vec<u8>, ContentsError> {
    if entry.size() > NAME_BYTES {
        return Err(ContentsError::Damaged("a name is too long"));
    }
    let mut text = Vec::new();
    entry
        .read_to_end(&mut text)
        .map_err(|error| fault(error, 1))?;
    Ok(text)
}

/// What an error of the reader means behind so many entries.
fn fault(error: io::Error, seen: usize) -> ContentsError {
    match error.kind() {
        ErrorKind::FileTooLarge => ContentsError::TooLarge,
        ErrorKind::Other | ErrorKind::UnexpectedEof => unreadable(seen),
        _ => error.into(),
    }
}

const fn unreadable(seen: usize) -> ContentsError {
    match seen {
        0 => ContentsError::NotAnArchive,
        _ => ContentsError::Damaged("a header of a file does not check, or the end is missing"),
    }
}

fn until_zero(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0);
    let bytes = &bytes[..end.unwrap_or(bytes.len())];
    String::from_utf8_lossy(bytes).into_owned()
}

/// Records of POSIX: a length, a blank, a name, `=`, a value and a line feed.
fn pax_path(records: &[u8]) -> Option<String> {
    let mut records = tar::PaxExtensions::new(records).filter_map(Result::ok);
    let path = records.find(|record| record.key_bytes() == b"path")?;
    Some(String::from_utf8_lossy(path.value_bytes()).into_owned())
}

/// What is read from, of which no more than so many bytes are taken.
struct Bounded<R> {
    from: R,
    read: u64,
    bound: u64,
}

impl<R> Bounded<R> {
    fn new(from: R, bound: u64) -> Self {
        let read = 0;
        Self { from, read, bound }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.read += read as u64;
        if self.read > self.bound {
            return Err(ErrorKind::FileTooLarge.into());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const BLOCK: usize = 512;

    fn entry(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut block = [0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        block[148..156].copy_from_slice(b"        ");
        block[156] = kind;
        block[257..263].copy_from_slice(b"ustar\0");
        let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let mut all = block.to_vec();
        all.extend_from_slice(content);
        all.resize(all.len().next_multiple_of(BLOCK), 0);
        all
    }

    fn archive() -> Vec<u8> {
        let long = format!("{}/end", "deep".repeat(40));
        let mut all = entry("bin/agent", b'0', &[7; 1300]);
        all.extend(entry("etc", b'5', b""));
        all.extend(entry("long", b'L', long.as_bytes()));
        all.extend(entry("cut", b'0', b"x"));
        all.resize(all.len() + 2 * BLOCK, 0);
        all
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(bytes).expect("it is packed");
        packer.finish().expect("it is packed")
    }

    #[test]
    fn files_are_listed_with_their_hashes_packed_or_not() {
        let files = list(archive().as_slice()).expect("it is an archive");
        let names: Vec<_> = files.keys().map(String::len).collect();
        assert_eq!(names, ["bin/agent".len(), 164]);
        let agent = files["bin/agent"];
        assert_eq!(agent.length, 1300);
        assert_eq!(agent.sha256, <[u8; 32]>::from(Sha256::digest([7; 1300])));
        let unpacked = list(packed(&archive()).as_slice()).expect("it is an archive");
        assert_eq!(unpacked, files);
    }

    #[test]
    fn what_unpacks_to_very_much_is_given_up() {
        let bomb = packed(&entry("zeros", b'0', &vec![0; 4 * 1024 * 1024]));
        assert!(bomb.len() < 16 * 1024);
        let refused = list_within(bomb.as_slice(), 1024 * 1024);
        assert!(
            matches!(refused, Err(ContentsError::TooLarge)),
            "{refused:?}"
        );
        let many: Vec<u8> = (0..=FILES)
            .flat_map(|number| entry(&number.to_string(), b'0', b""))
            .collect();
        let refused = list(packed(&many).as_slice());
        assert!(
            matches!(refused, Err(ContentsError::TooManyFiles)),
            "{refused:?}"
        );
    }

    #[test]
    fn what_is_no_archive_or_a_damaged_one_is_called_so() {
        for image in [&b""[..], b"\x7fELF", &[0xff; 4096]] {
            let refused = list(image);
            assert!(
                matches!(refused, Err(ContentsError::NotAnArchive)),
                "{refused:?}"
            );
        }
        let whole = archive();
        for length in (600..1900).step_by(100) {
            assert!(list(&whole[..length]).is_err(), "{length}");
        }
        let mut changed = whole.clone();
        changed[2048] ^= 1;
        assert!(list(changed.as_slice()).is_err());
    }
}
