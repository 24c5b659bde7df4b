//! The file that carries a release to a device by hand: a tar archive of metadata, and the image behind it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context as _;
use data_encoding::{BASE64, HEXLOWER};
use serde_json::json;
use tar::{Builder, Header};
use ui::parts::time::format;

use super::say;
use crate::control::releases::BundleDocument;
use crate::offices::Paths;
use crate::releases::blobs::Blobs;

/// Which target it is for; devices read it first.
const ABOUT: &str = "bundle.json";
const IMAGE: &str = "image";

/// Writes it beside its place first, so that what lies there is always whole.
pub(super) fn write(
    dir: &Path,
    bundle: &BundleDocument,
    out: &Path,
    as_json: bool,
) -> anyhow::Result<()> {
    let partial = out.with_extension("part");
    let named = || partial.display().to_string();
    let file = File::create(&partial).with_context(named)?;
    fill(file, dir, bundle).with_context(named)?;
    fs::rename(&partial, out).with_context(|| out.display().to_string())?;
    let until = format(bundle.until_ms, "%Y-%m-%d %H:%M UTC");
    let shown = out.display();
    match as_json {
        true => say(format_args!(
            "{}",
            json!({ "file": shown.to_string(), "path": bundle.path, "until_ms": bundle.until_ms })
        ))?,
        false => say(format_args!(
            "{shown} holds {}; devices take it until {until}",
            bundle.path
        ))?,
    }
    Ok(())
}

fn fill(file: File, dir: &Path, bundle: &BundleDocument) -> anyhow::Result<()> {
    let mut archive = Builder::new(io::BufWriter::new(file));
    let about = json!({ "path": bundle.path }).to_string();
    append(&mut archive, ABOUT, about.as_bytes())?;
    for (name, document) in &bundle.documents {
        append(&mut archive, name, &BASE64.decode(document.as_bytes())?)?;
    }
    let sha256 = HEXLOWER.decode(bundle.sha256.as_bytes())?;
    let sha256 = sha256
        .try_into()
        .ok()
        .context("the answer names no image")?;
    let image = Blobs::open(&Paths::new(dir).targets())?.path(&sha256);
    let image = File::open(&image).with_context(|| image.display().to_string())?;
    archive.append_data(&mut header(bundle.length), IMAGE, image)?;
    let file = archive.into_inner()?.into_inner();
    Ok(file.map_err(io::IntoInnerError::into_error)?.sync_all()?)
}

fn append(archive: &mut Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    archive.append_data(&mut header(bytes.len() as u64), name, bytes)
}

fn header(length: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_size(length);
    header.set_mode(0o644);
    header.set_cksum();
    header
}
