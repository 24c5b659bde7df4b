//! Files of patterns by what they are tried on, as a feed carries them.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::{Fingerprint, PatternError, PatternSet};
use crate::limits;
use crate::scan::greeting::Greeting;

/// One file for each place that a text can stand at. Copies share what was compiled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patterns(BTreeMap<String, Arc<File>>);

/// A file is compiled when something is first tried on it: most fleets meet few protocols, and patterns are large in memory.
#[derive(Debug)]
struct File {
    text: String,
    compiled: OnceLock<Option<PatternSet>>,
}

/// What a file was found to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    pub matches: String,
    pub patterns: usize,
    /// Patterns that cannot be compiled, and are never tried.
    pub refused: usize,
}

impl Patterns {
    /// Takes up a file in the place of the one before it that is tried on the same.
    pub fn add(&mut self, file: &[u8]) -> Result<Added, PatternError> {
        if file.len() > limits::PATTERN_FILE_BYTES {
            return Err(PatternError::Long(file.len()));
        }
        let text = std::str::from_utf8(file).map_err(|_| PatternError::Encoding)?;
        let set = PatternSet::read(file)?;
        if set.matches.is_empty() {
            return Err(PatternError::Unplaced);
        }
        self.put(set.matches.clone(), text.to_owned())?;
        Ok(Added {
            patterns: set.len(),
            refused: set.refused().len(),
            matches: set.matches,
        })
    }

    /// Takes up a file that was checked when the feed was made.
    pub(crate) fn put(&mut self, matches: String, text: String) -> Result<(), PatternError> {
        if self.0.len() >= limits::PATTERN_FILES && !self.0.contains_key(&matches) {
            return Err(PatternError::ManyFiles);
        }
        let compiled = OnceLock::new();
        self.0.insert(matches, Arc::new(File { text, compiled }));
        Ok(())
    }

    /// What the first pattern that fits says of a text.
    pub fn identify(&self, greeting: &Greeting) -> Option<Fingerprint> {
        let file = self.0.get(greeting.kind.word())?;
        let read = || PatternSet::read(file.text.as_bytes()).ok();
        let set = file.compiled.get_or_init(read).as_ref()?;
        set.identify(greeting.text.as_bytes())
    }

    /// What each file is tried on, and its text.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.0.iter();
        files.map(|(matches, file)| (matches.as_str(), file.text.as_str()))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for File {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::greeting::Kind;

    fn file(matches: &str, product: &str) -> String {
        format!(
            "<fingerprints {matches}><fingerprint pattern=\"^acme_([\\d.]+)$\"><description>d</description>\
            <param pos=\"0\" name=\"service.product\" value=\"{product}\"/></fingerprint>\
            <fingerprint pattern=\"(?&lt;!x)y\"/></fingerprints>"
        )
    }

    fn greeting(kind: Kind, text: &str) -> Greeting {
        let text = text.to_owned();
        Greeting { kind, text }
    }

    #[test]
    fn each_text_is_tried_on_the_patterns_of_its_place() {
        let mut patterns = Patterns::default();
        let added = patterns.add(file("matches=\"ssh.banner\"", "sshd").as_bytes());
        let matches = "ssh.banner".to_owned();
        assert_eq!(
            added,
            Ok(Added {
                matches,
                patterns: 1,
                refused: 1
            })
        );
        let product = |patterns: &Patterns, kind| {
            let found = patterns.identify(&greeting(kind, "acme_1.2"));
            found.and_then(|found| found.values.get("service.product").cloned())
        };
        assert_eq!(product(&patterns, Kind::Ssh).as_deref(), Some("sshd"));
        assert_eq!(product(&patterns, Kind::Ftp), None);
        assert_eq!(patterns.identify(&greeting(Kind::Ssh, "other")), None);
        let before = patterns.clone();
        let newer = file("matches=\"ssh.banner\"", "newer");
        patterns.add(newer.as_bytes()).unwrap();
        assert_eq!((patterns.len(), patterns == before), (1, false));
        assert_eq!(product(&patterns, Kind::Ssh).as_deref(), Some("newer"));
    }

    #[test]
    fn what_is_no_such_file_is_refused_with_the_reason() {
        let mut patterns = Patterns::default();
        let long = vec![b' '; limits::PATTERN_FILE_BYTES + 1];
        for (bytes, reason) in [
            (b"<nmaprun/>".to_vec(), "it starts with <nmaprun>"),
            (b"\xff".to_vec(), "UTF-8"),
            (long, "more than the"),
            (file("", "x").into_bytes(), "`matches`"),
        ] {
            let told = patterns.add(&bytes).unwrap_err().to_string();
            assert!(told.contains(reason), "{told}");
        }
        for number in 0..limits::PATTERN_FILES {
            patterns.put(number.to_string(), String::new()).unwrap();
        }
        let one_more = patterns.put("more".to_owned(), String::new());
        assert_eq!(one_more, Err(PatternError::ManyFiles));
        assert_eq!(patterns.put("0".to_owned(), String::new()), Ok(()));
    }
}
