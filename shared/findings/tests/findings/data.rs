//! Where the data folder is; a test that does not find it says so and passes over.

use std::path::PathBuf;

/// A place in the data folder; none, and a printed line, when it is not there.
pub fn path(name: &str) -> Option<PathBuf> {
    let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let near = [
        std::env::var("PALISADE_DATA").ok().map(PathBuf::from),
        Some(PathBuf::from(workspace).join("../shared/data")),
        Some(PathBuf::from(workspace).join("../../shared/data")),
    ];
    let found = near
        .into_iter()
        .flatten()
        .map(|folder| folder.join(name))
        .find(|path| path.exists());
    if found.is_none() {
        println!("skipped: {name} is not in the data folder (set PALISADE_DATA)");
    }
    found
}

/// The files of a folder with that ending, by name.
pub fn files(folder: &str, ending: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let entries = std::fs::read_dir(path(folder)?).expect("the folder is there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .map(|path| {
            let name = path
                .file_name()
                .expect("it has a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(&path).expect("the file can be read"))
        })
        .collect();
    files.sort();
    Some(files)
}
