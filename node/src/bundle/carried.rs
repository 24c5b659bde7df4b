//! What lies in the file of a bundle, read within bounds before anything of it is believed.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek};

use protocol::limits;
use tar::{Archive, EntryType};
use thiserror::Error;

/// Documents in one bundle: roles, and the roots from the first one on.
pub const DOCUMENTS: usize = 256;
/// Bytes of all of them: they are held in memory at once.
pub const BYTES: usize = 16 * 1024 * 1024;
/// The name of the image.
pub const IMAGE: &str = "image";

#[derive(Debug, Error)]
pub enum CarriedError {
    #[error("it cannot be read")]
    Read(#[from] io::Error),
    #[error("{0}")]
    Form(&'static str),
}

/// All but the image, and where that lies.
#[derive(Debug, Default)]
pub struct Carried {
    pub documents: BTreeMap<String, Vec<u8>>,
    /// From which byte of the file on, and how many.
    pub image: Option<(u64, u64)>,
}

/// Reads an archive of plain files, each name once.
pub fn read<R: Read + Seek>(file: R) -> Result<Carried, CarriedError> {
    read_within(file, BYTES)
}

fn read_within<R: Read + Seek>(file: R, mut left: usize) -> Result<Carried, CarriedError> {
    let mut carried = Carried::default();
    let mut archive = Archive::new(file);
    // Raw: names that go on in other entries are refused instead of gathered in memory.
    for entry in archive.entries_with_seek()?.raw(true) {
        let mut entry = entry?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(CarriedError::Form("it holds more than plain files"));
        }
        let name = String::from_utf8(entry.path_bytes().into_owned());
        let name = name.map_err(|_| CarriedError::Form("a name in it is no text"))?;
        let twice = match name.as_str() {
            IMAGE => carried.image.is_some(),
            name => carried.documents.contains_key(name),
        };
        if twice {
            return Err(CarriedError::Form("a file is in it twice"));
        }
        if name == IMAGE {
            carried.image = Some((entry.raw_file_position(), entry.size()));
            continue;
        }
        if carried.documents.len() == DOCUMENTS {
            return Err(CarriedError::Form("it holds too many documents"));
        }
        let bound = left.min(limits::METADATA_BYTES);
        let mut bytes = Vec::new();
        (&mut entry)
            .take(bound as u64 + 1)
            .read_to_end(&mut bytes)?;
        if bytes.len() > bound {
            return Err(CarriedError::Form("a document in it is too long"));
        }
        left -= bytes.len();
        carried.documents.insert(name, bytes);
    }
    Ok(carried)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tar::{Builder, Header};

    use super::*;

    fn archive(files: &[(&str, usize)]) -> Cursor<Vec<u8>> {
        let mut builder = Builder::new(Vec::new());
        for (name, length) in files {
            let mut header = Header::new_ustar();
            header.set_size(*length as u64);
            header.set_mode(0o644);
            let bytes = vec![b'x'; *length];
            builder
                .append_data(&mut header, name, bytes.as_slice())
                .expect("memory takes it");
        }
        Cursor::new(builder.into_inner().expect("memory takes it"))
    }

    fn refused(files: &[(&str, usize)]) -> String {
        read(archive(files)).expect_err("it is refused").to_string()
    }

    #[test]
    fn documents_are_held_to_their_bounds_and_the_image_is_only_found() {
        let most = limits::METADATA_BYTES;
        let carried = read(archive(&[("1.root.json", most), ("image", 3000)])).expect("it fits");
        assert_eq!(carried.documents["1.root.json"].len(), most);
        let (from, length) = carried.image.expect("it is there");
        assert!(from > most as u64 && length == 3000);
        assert!(refused(&[("a.json", most + 1)]).contains("too long"));
        let names: Vec<String> = (0..=DOCUMENTS).map(|at| format!("{at}.json")).collect();
        let many: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 1)).collect();
        assert!(refused(&many).contains("too many"));
        assert!(read(archive(&many[..DOCUMENTS])).is_ok());
    }

    #[test]
    fn all_documents_together_are_held_to_a_bound() {
        let two = [("a.json", 600), ("b.json", 400)];
        assert!(read_within(archive(&two), 1000).is_ok());
        let refused = read_within(archive(&two), 999).expect_err("one byte too many");
        assert!(refused.to_string().contains("too long"), "{refused}");
        assert_eq!(BYTES, 16 * limits::METADATA_BYTES);
    }

    #[test]
    fn no_file_is_there_twice() {
        for name in ["image", "a.json"] {
            assert!(refused(&[(name, 1), (name, 2)]).contains("twice"), "{name}");
        }
    }
}
