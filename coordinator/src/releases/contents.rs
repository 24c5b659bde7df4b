//! What is in an image that is an archive: its files with sizes and hashes, read in one pass and within bounds.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Files of one archive that are looked at.
pub const FILES: usize = 20_000;
/// Bytes of an archive once it is unpacked: a few kilobytes can stand for very many.
pub const UNPACKED_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Bytes of the name of a file.
const NAME_BYTES: u64 = 4096;

const BLOCK: usize = 512;
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
        Archive::new(MultiGzDecoder::new(image), bound).files()
    } else {
        Archive::new(image, bound).files()
    }
}

struct Archive<R> {
    from: R,
    left: u64,
}

/// What the header of an entry says.
struct Header {
    name: String,
    length: u64,
    kind: u8,
    target: String,
}

impl<R: Read> Archive<R> {
    fn new(from: R, bound: u64) -> Self {
        Self { from, left: bound }
    }

    fn files(mut self) -> Result<BTreeMap<String, File>, ContentsError> {
        let mut files = BTreeMap::new();
        let mut long_name = None;
        let mut is_first = true;
        while let Some(header) = self.header(is_first)? {
            is_first = false;
            match header.kind {
                b'L' => long_name = Some(self.text(header.length)?),
                b'x' => long_name = pax_path(&self.text(header.length)?).or(long_name),
                b'0' | 0 => {
                    let name = long_name.take().unwrap_or(header.name);
                    files.insert(name, self.file(header.length)?);
                }
                b'1' | b'2' => {
                    let name = long_name.take().unwrap_or(header.name);
                    let sha256 = Sha256::digest(header.target.as_bytes()).into();
                    files.insert(name, File { length: 0, sha256 });
                    self.file(header.length)?;
                }
                _ => {
                    long_name = None;
                    self.file(header.length)?;
                }
            }
            if files.len() > FILES {
                return Err(ContentsError::TooManyFiles);
            }
        }
        Ok(files)
    }

    /// The next header; nothing at the end, which is a block of zeros or the end of the image.
    fn header(&mut self, is_first: bool) -> Result<Option<Header>, ContentsError> {
        let mut block = [0; BLOCK];
        let read = self.read(&mut block)?;
        if read == 0 && !is_first || read == BLOCK && block.iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        let is_header = read == BLOCK && block[257..262] == *b"ustar" && sums_up(&block);
        match is_header {
            false if is_first => Err(ContentsError::NotAnArchive),
            false => Err(ContentsError::Damaged("a header of a file does not check")),
            true => header(&block).map(Some),
        }
    }

    fn file(&mut self, length: u64) -> Result<File, ContentsError> {
        let mut hash = Sha256::new();
        self.pieces(length, |piece| hash.update(piece))?;
        let sha256 = hash.finalize().into();
        Ok(File { length, sha256 })
    }

    fn text(&mut self, length: u64) -> Result<String, ContentsError> {
        if length > NAME_BYTES {
            return Err(ContentsError::Damaged("a name is too long"));
        }
        let mut text = Vec::new();
        self.pieces(length, |piece| text.extend_from_slice(piece))?;
        Ok(until_zero(&text))
    }

    /// The content of an entry, without what fills up its last block.
    fn pieces(&mut self, length: u64, mut take: impl FnMut(&[u8])) -> Result<(), ContentsError> {
        let mut piece = [0; 64 * BLOCK];
        let mut left = length;
        while left > 0 {
            let wanted = left.next_multiple_of(BLOCK as u64).min(piece.len() as u64) as usize;
            if self.read(&mut piece[..wanted])? < wanted {
                return Err(ContentsError::Damaged("it ends in the middle of a file"));
            }
            let own = left.min(wanted as u64);
            take(&piece[..own as usize]);
            left -= own;
        }
        Ok(())
    }

    fn read(&mut self, into: &mut [u8]) -> Result<usize, ContentsError> {
        let mut read = 0;
        while read < into.len() {
            match self.from.read(&mut into[read..])? {
                0 => break,
                some => read += some,
            }
        }
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or(ContentsError::TooLarge)?;
        Ok(read)
    }
}

fn header(block: &[u8; BLOCK]) -> Result<Header, ContentsError> {
    let (name, prefix) = (until_zero(&block[..100]), until_zero(&block[345..500]));
    let is_posix = block[262] == 0;
    let name = match prefix.as_str() {
        "" => name,
        _ if !is_posix => name,
        prefix => format!("{prefix}/{name}"),
    };
    Ok(Header {
        name,
        length: number(&block[124..136])?,
        kind: block[156],
        target: until_zero(&block[157..257]),
    })
}

/// Whether a header has the checksum that it names: the sum of its bytes, its own counted as blanks.
fn sums_up(block: &[u8; BLOCK]) -> bool {
    let own = block[148..156]
        .iter()
        .map(|&byte| u64::from(byte))
        .sum::<u64>();
    let all = block.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    number(&block[148..156]).is_ok_and(|named| named == all - own + 8 * u64::from(b' '))
}

/// A number in octal digits, or in base 256 where they are too few.
fn number(field: &[u8]) -> Result<u64, ContentsError> {
    let damaged = ContentsError::Damaged("a header holds no number");
    if field[0] & 0x80 != 0 {
        let high = field.len() - 8;
        if field[1..high].iter().any(|&byte| byte != 0) || field[0] != 0x80 {
            return Err(damaged);
        }
        return Ok(field[high..]
            .iter()
            .fold(0, |sum, &byte| sum << 8 | u64::from(byte)));
    }
    let text = until_zero(field);
    u64::from_str_radix(text.trim(), 8).map_err(|_| damaged)
}

fn until_zero(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0);
    let bytes = &bytes[..end.unwrap_or(bytes.len())];
    String::from_utf8_lossy(bytes).into_owned()
}

/// Records of POSIX: a length, a blank, a name, `=`, a value and a line feed.
fn pax_path(records: &str) -> Option<String> {
    let mut lines = records.lines();
    let path = lines.find_map(|line| line.split_once(' ')?.1.strip_prefix("path="));
    path.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

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
