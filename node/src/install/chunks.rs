//! An image on its way in: its chunks at their places in one file, and beside it the hashes that prove each of them.
//!
//! A chunk counts as there if it leads to the signed root, which is tried when the place is opened. So nothing has to be
//! synced in any order, and a power cut costs at most the chunks that had not reached the disk.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::id::Digest;
use protocol::merkle::Hash;
use protocol::release::CHUNK_BYTES;
use protocol::spread::image::{Image, Piece};

/// Hashes that lead from a chunk to the root of the largest image.
const DEPTH: usize = 16;
/// The number of hashes, and room for all of them.
const ROW: usize = 1 + DEPTH * 32;

/// The place of one image, or of its index.
#[derive(Debug)]
pub struct Chunks {
    image: Image,
    path: PathBuf,
    data: File,
    paths: File,
}

/// Names below the folder of a target: a file of chunks, and what proves them.
type Names = [&'static str; 2];
const IMAGE: Names = ["image", "paths"];
const INDEX: Names = ["index", "index-paths"];

impl Chunks {
    /// Opens or makes the place of an image below `dir`, and says which chunks are there.
    pub fn open(dir: &Path, target: Digest, image: Image) -> io::Result<(Self, Vec<u32>)> {
        Self::open_file(&dir.join(target.to_string()), IMAGE, image)
    }

    /// The same for what lists the parts of that image.
    pub fn open_index(dir: &Path, target: Digest, index: Image) -> io::Result<(Self, Vec<u32>)> {
        Self::open_file(&dir.join(target.to_string()), INDEX, index)
    }

    fn open_file(own: &Path, names: Names, image: Image) -> io::Result<(Self, Vec<u32>)> {
        fs::create_dir_all(own)?;
        let [path, paths] = names.map(|name| own.join(name));
        let chunks = Self {
            image,
            data: file(&path)?,
            paths: file(&paths)?,
            path,
        };
        chunks.data.set_len(image.length())?;
        let there = (0..image.chunks()).filter(|chunk| matches!(chunks.read(*chunk), Ok(Some(_))));
        let there = there.collect();
        Ok((chunks, there))
    }

    pub const fn image(&self) -> &Image {
        &self.image
    }

    /// Where all of it lies when every chunk is there.
    pub fn file(&self) -> &Path {
        &self.path
    }

    /// Puts bytes to a place of the image, but leaves these chunks as they are. It makes no chunk count as there.
    pub fn put(&self, at: u64, mut bytes: &[u8], but: &BTreeSet<u32>) -> io::Result<()> {
        let mut at = at;
        while !bytes.is_empty() {
            let chunk = at / CHUNK_BYTES;
            let room = (chunk + 1) * CHUNK_BYTES - at;
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            if u32::try_from(chunk).is_ok_and(|chunk| !but.contains(&chunk)) {
                self.data.write_all_at(now, at)?;
            }
            at += now.len() as u64;
            bytes = later;
        }
        Ok(())
    }

    /// What lies at the place of a chunk, whatever it is.
    pub fn lies(&self, chunk: u32) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.image.bytes_of(chunk)).expect("a chunk is short");
        let mut data = vec![0; length];
        self.data.read_exact_at(&mut data, offset(chunk))?;
        Ok(data)
    }

    pub fn write(&self, chunk: u32, piece: &Piece) -> io::Result<()> {
        if piece.path.len() > DEPTH {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut row = [0; ROW];
        row[0] = u8::try_from(piece.path.len()).expect("the depth fits") + 1;
        let hashes = piece.path.as_flattened();
        row[1..][..hashes.len()].copy_from_slice(hashes);
        self.data.write_all_at(&piece.data, offset(chunk))?;
        self.paths.write_all_at(&row, u64::from(chunk) * ROW as u64)
    }

    /// A chunk with its path, if it is there and right.
    pub fn read(&self, chunk: u32) -> io::Result<Option<Piece>> {
        let mut row = [0; ROW];
        match self
            .paths
            .read_exact_at(&mut row, u64::from(chunk) * ROW as u64)
        {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let Some(depth) = usize::from(row[0])
            .checked_sub(1)
            .filter(|depth| *depth <= DEPTH)
        else {
            return Ok(None);
        };
        let data = self.lies(chunk)?;
        let (hashes, _): (&[Hash], _) = row[1..][..depth * 32].as_chunks();
        let piece = Piece {
            data: Arc::from(data),
            path: hashes.to_vec(),
        };
        Ok(self.image.check(chunk, &piece).is_ok().then_some(piece))
    }
}

/// Where the image of a target lies.
pub fn image_file(dir: &Path, target: Digest) -> PathBuf {
    let [image, _] = IMAGE;
    dir.join(target.to_string()).join(image)
}

/// Removes what lies there of all targets but these.
pub fn keep_only(dir: &Path, targets: &[Digest]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let kept: Vec<PathBuf> = targets
        .iter()
        .map(|kept| dir.join(kept.to_string()))
        .collect();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if !kept.contains(&path) {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

/// Removes what lies there of a target.
pub fn discard(dir: &Path, target: Digest) -> io::Result<()> {
    match fs::remove_dir_all(dir.join(target.to_string())) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn offset(chunk: u32) -> u64 {
    u64::from(chunk) * CHUNK_BYTES
}

fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use protocol::spread::image::Cut;

    use super::*;

    fn pieces() -> (Image, Vec<Piece>) {
        let bytes: Vec<u8> = (0..CHUNK_BYTES * 5 + 9)
            .map(|at| (at / 1000) as u8)
            .collect();
        let mut cut = Cut::default();
        let chunks = bytes.chunks(CHUNK_BYTES as usize);
        chunks.clone().for_each(|chunk| cut.push(chunk));
        let piece = |(at, data): (u32, &[u8])| Piece {
            data: Arc::from(data),
            path: cut.path(at).expect("it is a chunk"),
        };
        let pieces = (0..).zip(chunks).map(piece).collect();
        (cut.image().expect("it is not empty"), pieces)
    }

    fn target(seed: u8) -> Digest {
        Digest::from_bytes([seed; 32])
    }

    #[test]
    fn what_was_written_is_there_at_the_next_opening_and_nothing_else_is() {
        let dir = tempfile::tempdir().expect("a directory");
        let (image, pieces) = pieces();
        let (chunks, there) = Chunks::open(dir.path(), target(1), image).expect("it opens");
        assert!(there.is_empty());
        for at in [5, 0, 3] {
            chunks
                .write(at, &pieces[at as usize])
                .expect("there is room");
        }
        drop(chunks);
        let (chunks, there) = Chunks::open(dir.path(), target(1), image).expect("it opens");
        assert_eq!(there, [0, 3, 5]);
        assert_eq!(chunks.read(3).expect("it reads"), Some(pieces[3].clone()));
        assert_eq!(chunks.read(1).expect("it reads"), None);
    }

    #[test]
    fn a_chunk_that_did_not_reach_the_disk_whole_is_fetched_again() {
        let dir = tempfile::tempdir().expect("a directory");
        let (image, pieces) = pieces();
        let (chunks, _) = Chunks::open(dir.path(), target(1), image).expect("it opens");
        for (at, piece) in (0..).zip(&pieces) {
            chunks.write(at, piece).expect("there is room");
        }
        chunks
            .data
            .write_all_at(&[0xff; 100], offset(2) + 7)
            .expect("there is room");
        chunks
            .paths
            .write_all_at(&[0xff; 9], 4 * ROW as u64 + 3)
            .expect("there is room");
        let (_, there) = Chunks::open(dir.path(), target(1), image).expect("it opens");
        assert_eq!(there, [0, 1, 3, 5]);
    }

    #[test]
    fn another_target_takes_the_place_of_the_one_before() {
        let dir = tempfile::tempdir().expect("a directory");
        let (image, pieces) = pieces();
        let (chunks, _) = Chunks::open(dir.path(), target(1), image).expect("it opens");
        chunks.write(0, &pieces[0]).expect("there is room");
        keep_only(dir.path(), &[target(1), target(2)]).expect("it is ours");
        assert!(chunks.file().exists());
        keep_only(dir.path(), &[target(2)]).expect("it is ours");
        let (chunks, there) = Chunks::open(dir.path(), target(2), image).expect("it opens");
        assert!(there.is_empty());
        assert_eq!(fs::read_dir(dir.path()).expect("it is there").count(), 1);
        discard(dir.path(), target(2)).expect("it goes");
        discard(dir.path(), target(2)).expect("it is gone already");
        assert!(!chunks.file().exists());
    }
}
