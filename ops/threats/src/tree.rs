//! The files of the repository that the check looks into, read once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use crate::rust;

const MESSAGES: &str = "shared/protocol/src/message.rs";
const FUZZ_TARGETS: &str = "fuzz/fuzz_targets/";
const SCENARIOS: &str = "simulations/src/";
const MODELS: &str = "simulations/src/models/";
const FOLDERS_LEFT_OUT: [&str; 4] = ["target", "node_modules", "vendor", "corpus"];
/// Larger files are data, not code.
const LARGEST_FILE: u64 = 1 << 20;

/// Paths below the root, with `/` between their parts, and the text of each file.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    files: BTreeMap<String, String>,
    tests: BTreeSet<String>,
}

impl Tree {
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        read_folder(root, "", &mut files)?;
        Ok(Self::of(files))
    }

    pub fn of(files: BTreeMap<String, String>) -> Self {
        // This crate's own tests hold sources with tests in them.
        let rust_files = files
            .iter()
            .filter(|(path, _)| path.ends_with(".rs") && !path.starts_with("ops/threats/"));
        let tests = rust_files.flat_map(|(_, text)| rust::tests(text)).collect();
        Self { files, tests }
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether the file exists and holds the item: a definition in Rust, the word itself in anything else.
    pub fn has_item(&self, path: &str, item: &str) -> bool {
        self.text(path).is_some_and(|text| {
            if path.ends_with(".rs") {
                rust::defines(text, item)
            } else {
                text.contains(item)
            }
        })
    }

    pub fn has_test(&self, name: &str) -> bool {
        self.tests.contains(name)
    }

    pub fn has_fuzz_target(&self, name: &str) -> bool {
        self.files.contains_key(&format!("{FUZZ_TARGETS}{name}.rs"))
    }

    pub fn has_scenario(&self, name: &str) -> bool {
        let literal = format!("\"{name}\"");
        self.files
            .iter()
            .any(|(path, text)| path.starts_with(SCENARIOS) && text.contains(&literal))
    }

    /// Whether a small world of that name is explored.
    pub fn has_model(&self, name: &str) -> bool {
        let literal = format!("name: \"{name}\"");
        let file = self.text(&format!("{MODELS}{name}.rs"));
        file.is_some_and(|text| text.contains(&literal))
    }

    pub fn fuzz_targets(&self) -> impl Iterator<Item = &str> {
        self.files
            .keys()
            .filter_map(|path| path.strip_prefix(FUZZ_TARGETS)?.strip_suffix(".rs"))
    }

    /// The kinds of message on the wire; none when the enum is not where it belongs.
    pub fn messages(&self) -> Option<Vec<String>> {
        rust::variants(self.text(MESSAGES)?, "Message")
    }

    /// Shipped source files with a line outside their tests that holds one of the words.
    pub fn shipped_files_with<'a>(&'a self, words: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.files
            .iter()
            .filter(|(path, _)| is_shipped(path))
            .filter_map(|(path, text)| {
                let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
                words
                    .iter()
                    .any(|word| shipped.contains(word))
                    .then_some(path.as_str())
            })
    }
}

fn is_shipped(path: &str) -> bool {
    let shipped = ["shared/", "node/", "coordinator/", "ui/"]
        .iter()
        .any(|folder| path.starts_with(folder));
    shipped
        && path.ends_with(".rs")
        && path.contains("/src/")
        && !path.ends_with("tests.rs")
        && !path.contains("/tests/")
}

fn read_folder(root: &Path, below: &str, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() {
            name.clone()
        } else {
            format!("{below}/{name}")
        };
        let kind = entry.file_type()?;
        if kind.is_dir() && !name.starts_with('.') && !FOLDERS_LEFT_OUT.contains(&name.as_str()) {
            read_folder(root, &path, files)?;
        } else if kind.is_file() && entry.metadata()?.len() <= LARGEST_FILE {
            files.insert(
                path.clone(),
                String::from_utf8_lossy(&fs::read(root.join(&path))?).into_owned(),
            );
        }
    }
    Ok(())
}
