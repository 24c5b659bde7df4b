//! The name of what a slot holds, written last: a slot without a label holds nothing whole.

use std::io::{self, Read as _};
use std::path::Path;

use protocol::cbor;
use protocol::install::Image;

use super::SlotError;
use super::disk::{Disk, Mode};

const BYTES: u64 = 256;

pub fn read(disk: &dyn Disk, path: &Path) -> Result<Option<Image>, SlotError> {
    let file = match disk.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(SlotError::io("cannot open a label"))?,
    };
    let mut bytes = Vec::new();
    let read = file.take(BYTES + 1).read_to_end(&mut bytes);
    read.map_err(SlotError::io("cannot read a label"))?;
    let image = cbor::decode("label", BYTES as usize, &bytes);
    image
        .map(Some)
        .map_err(|_| SlotError::Label(path.display().to_string()))
}

/// Replaces the label; the directory that holds it is synced.
pub fn write(disk: &dyn Disk, path: &Path, image: &Image) -> Result<(), SlotError> {
    let written = || -> io::Result<()> {
        let fresh = path.with_extension("new");
        disk.remove(&fresh)?;
        let mut file = disk.create(&fresh, Mode::Plain)?;
        file.write_all(&cbor::encode(image))?;
        file.seal()?;
        disk.rename(&fresh, path)?;
        disk.sync_dir(path.parent().unwrap_or(Path::new("")))
    };
    written().map_err(SlotError::io("cannot write a label"))
}
