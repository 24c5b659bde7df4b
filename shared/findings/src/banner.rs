//! What a banner gives away: patterns in recog's form, read from files at run time and never built in.

use std::collections::BTreeMap;

use regex::bytes::Regex;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cpe::Cpe;
use crate::limits;
use crate::shown::line;
use crate::xml::{self, Element, Piece, XmlError};

mod examples;
mod expression;
mod patterns;

pub use examples::{Examples, Failure};
pub use patterns::{Added, Patterns};

/// The patterns of one file, in the order in which they are tried.
#[derive(Debug)]
pub struct PatternSet {
    /// What they are tried on: `ssh.banner`, `http_header.server`.
    pub matches: String,
    pub protocol: String,
    patterns: Vec<Pattern>,
    refused: Vec<Refused>,
}

#[derive(Debug)]
struct Pattern {
    expression: Regex,
    description: String,
    params: Vec<Param>,
    examples: Vec<examples::Example>,
}

/// A value that a match gives.
#[derive(Debug)]
struct Param {
    name: String,
    value: Worth,
}

#[derive(Debug)]
enum Worth {
    Text(String),
    /// The text of this group.
    Group(usize),
}

/// A pattern that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub description: String,
    pub reason: String,
}

/// What a banner told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    pub description: String,
    /// recog's own names: `service.vendor`, `os.product`, `hw.device`.
    pub values: BTreeMap<String, String>,
}

/// What the thing is that a fingerprint speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Subject {
    Service,
    OperatingSystem,
    Hardware,
}

/// Why a file has no patterns.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    #[error("{0}")]
    Xml(#[from] XmlError),
    #[error(
        "this is no file of banner patterns: it starts with <{0}> where <fingerprints> is expected"
    )]
    NotPatterns(String),
    #[error("the file has more than {} patterns", limits::PATTERNS)]
    Many,
    #[error("the file has {0} bytes, more than the {limit} that are read", limit = limits::PATTERN_FILE_BYTES)]
    Long(usize),
    #[error("the file is not written in UTF-8")]
    Encoding,
    #[error("the file does not say what its patterns are tried on: <fingerprints> lacks `matches`")]
    Unplaced,
    #[error("there are more than {} files of patterns", limits::PATTERN_FILES)]
    ManyFiles,
}

impl PatternSet {
    /// Reads and compiles one file; a pattern that cannot be compiled is left out, with its reason.
    pub fn read(bytes: &[u8]) -> Result<Self, PatternError> {
        let (pieces, _) = xml::items(bytes, |path, _| path.len() == 1)?;
        let mut set = Self {
            matches: String::new(),
            protocol: String::new(),
            patterns: Vec::new(),
            refused: Vec::new(),
        };
        for piece in &pieces {
            match piece {
                Piece::Opened(root) if root.name == "fingerprints" => {
                    set.matches = line(
                        root.attribute("matches").unwrap_or_default(),
                        limits::WORD_CHARS,
                    );
                    set.protocol = line(
                        root.attribute("protocol").unwrap_or_default(),
                        limits::WORD_CHARS,
                    );
                }
                Piece::Opened(root) => return Err(PatternError::NotPatterns(line(&root.name, 40))),
                Piece::Item(item) if item.name == "fingerprint" => set.add(item)?,
                Piece::Item(_) => {}
            }
        }
        Ok(set)
    }

    /// The first pattern that fits. A banner is looked at up to [`limits::BANNER_BYTES`].
    pub fn identify(&self, banner: &[u8]) -> Option<Fingerprint> {
        let banner = &banner[..banner.len().min(limits::BANNER_BYTES)];
        self.patterns.iter().find_map(|pattern| pattern.fit(banner))
    }

    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Tries each pattern on the examples that its file gives for it.
    pub fn check_examples(&self) -> Examples {
        let mut found = Examples::default();
        for pattern in &self.patterns {
            pattern.check(&mut found);
        }
        found
    }

    fn add(&mut self, item: &Element) -> Result<(), PatternError> {
        if self.patterns.len() + self.refused.len() == limits::PATTERNS {
            return Err(PatternError::Many);
        }
        let description = line(
            item.text_of("description").unwrap_or_default(),
            limits::LINE_CHARS,
        );
        let source = item.attribute("pattern").unwrap_or_default();
        match expression::compile(source, item.attribute("flags").unwrap_or_default()) {
            Ok(expression) => self.patterns.push(Pattern {
                expression,
                description,
                params: item
                    .all("param")
                    .take(limits::PATTERN_PARAMS)
                    .filter_map(param)
                    .collect(),
                examples: item.all("example").map(examples::Example::read).collect(),
            }),
            Err(reason) => self.refused.push(Refused {
                description,
                reason,
            }),
        }
        Ok(())
    }
}

impl Pattern {
    fn fit(&self, banner: &[u8]) -> Option<Fingerprint> {
        let groups = self.expression.captures(banner)?;
        let mut values = BTreeMap::new();
        for param in &self.params {
            let value = match &param.value {
                Worth::Text(text) => text.clone(),
                Worth::Group(at) => match groups.get(*at) {
                    Some(group) => String::from_utf8_lossy(group.as_bytes()).into_owned(),
                    None => continue,
                },
            };
            values.insert(param.name.clone(), value);
        }
        let filled = values
            .iter()
            .map(|(name, value)| (name.clone(), fill(name, value, &values)));
        let filled = filled.filter(|(name, _)| !name.starts_with("tmp."));
        Some(Fingerprint {
            description: self.description.clone(),
            values: filled
                .map(|(name, value)| (name, line(&value, limits::LINE_CHARS)))
                .collect(),
        })
    }
}

impl Fingerprint {
    pub fn vendor(&self, subject: Subject) -> Option<&str> {
        self.value(subject, "vendor")
    }

    pub fn product(&self, subject: Subject) -> Option<&str> {
        self.value(subject, "product")
    }

    pub fn version(&self, subject: Subject) -> Option<&str> {
        self.value(subject, "version")
    }

    /// The CPE names that it gives, for service, system and hardware.
    pub fn cpes(&self) -> Vec<(Subject, Cpe)> {
        let all = [
            Subject::Service,
            Subject::OperatingSystem,
            Subject::Hardware,
        ];
        let named = all
            .into_iter()
            .filter_map(|subject| Some((subject, Cpe::parse(self.value(subject, "cpe23")?).ok()?)));
        named.collect()
    }

    fn value(&self, subject: Subject, what: &str) -> Option<&str> {
        let whose = match subject {
            Subject::Service => "service",
            Subject::OperatingSystem => "os",
            Subject::Hardware => "hw",
        };
        self.values
            .get(&format!("{whose}.{what}"))
            .map(String::as_str)
    }
}

fn param(item: &Element) -> Option<Param> {
    let name = line(item.attribute("name")?, limits::WORD_CHARS);
    let value = match item.number("pos")? {
        0 => Worth::Text(item.attribute("value")?.to_owned()),
        at => Worth::Group(at),
    };
    Some(Param { name, value })
}

/// Replaces `{service.version}` by that value. In a CPE name it is quoted, and what is not known stays open.
fn fill(name: &str, value: &str, values: &BTreeMap<String, String>) -> String {
    let is_cpe = name.ends_with(".cpe23");
    let mut filled = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((wanted, behind)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        match values.get(wanted) {
            Some(known) if is_cpe => filled.push_str(&quoted(known)),
            Some(known) => filled.push_str(known),
            None => {}
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// A value inside the URI binding of a CPE name.
fn quoted(value: &str) -> String {
    let mut quoted = String::new();
    for letter in value
        .chars()
        .map(|letter| if letter == ' ' { '_' } else { letter })
    {
        match letter {
            '.' | '-' | '_' => quoted.push(letter),
            letter if letter.is_ascii_alphanumeric() => quoted.push(letter.to_ascii_lowercase()),
            letter if letter.is_ascii_graphic() => {
                quoted.push_str(&format!("%{:02x}", u32::from(letter)));
            }
            _ => {}
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Written by hand in recog's form.
    const FILE: &str = r#"<?xml version="1.0"?><fingerprints matches="ssh.banner" protocol="ssh">
<fingerprint pattern="^acme_([\d.]+)(?: build (\w+))?$" flags="REG_ICASE"><description>ACME &lt;b&gt;</description>
<example service.version="1.2" service.cpe23="cpe:/a:acme:sshd:1.2">acme_1.2</example>
<example _encoding="base64" service.version="1.3">QUNNRV8xLjM=</example>
<example service.version="9">acme_1.2</example>
<param pos="0" name="service.vendor" value="ACME"/><param pos="1" name="service.version"/><param pos="2" name="tmp.build"/>
<param pos="0" name="service.cpe23" value="cpe:/a:acme:sshd:{service.version}"/><param pos="0" name="os.cpe23" value="cpe:/o:acme:os:{os.version}"/></fingerprint>
<fingerprint pattern="(?&lt;!x)y"><description>behind</description></fingerprint>
</fingerprints>"#;

    #[test]
    fn a_banner_gives_vendor_version_and_names() {
        let set = PatternSet::read(FILE.as_bytes()).unwrap();
        let found = set.identify(b"x\nACME_1.2 build 7\ny").unwrap();
        assert_eq!(found.vendor(Subject::Service), Some("ACME"));
        assert_eq!(found.version(Subject::Service), Some("1.2"));
        assert!(!found.values.contains_key("tmp.build"));
        let names: Vec<String> = found.cpes().iter().map(|(_, cpe)| cpe.to_uri()).collect();
        assert_eq!(names, ["cpe:/a:acme:sshd:1.2", "cpe:/o:acme:os"]);
        assert_eq!(set.identify(b"other"), None);
    }

    #[test]
    fn what_cannot_be_compiled_is_left_out_and_examples_are_judged() {
        let set = PatternSet::read(FILE.as_bytes()).unwrap();
        assert_eq!((set.len(), set.refused().len()), (1, 1));
        assert_eq!(set.refused()[0].description, "behind");
        let examples = set.check_examples();
        assert_eq!(
            (examples.tried, examples.held, examples.failures.len()),
            (3, 2, 1)
        );
    }

    proptest! {
        #[test]
        fn no_banner_makes_it_panic(banner in proptest::collection::vec(any::<u8>(), 0..200)) {
            let set = PatternSet::read(FILE.as_bytes()).unwrap();
            let _ = set.identify(&banner);
        }

        #[test]
        fn no_pattern_makes_it_panic(pattern in any::<String>(), wild in "[(?)a-z|*+{}\\[\\]\\\\^$<,0-9]{0,20}") {
            for pattern in [pattern, wild] {
                if let Ok(expression) = expression::compile(&pattern, "REG_ICASE") {
                    let _ = expression.is_match(b"abc\n123");
                }
            }
        }
    }
}
