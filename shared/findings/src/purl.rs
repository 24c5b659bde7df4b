//! Package URLs: `pkg:deb/debian/openssl@3.0.11-1?arch=arm64` (the purl specification).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits;

/// A package URL in its canonical form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Purl {
    kind: String,
    namespace: Vec<String>,
    name: String,
    version: Option<String>,
    qualifiers: BTreeMap<String, String>,
    subpath: Vec<String>,
}

/// Why a text is no package URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PurlError {
    #[error("a package URL starts with pkg:")]
    Prefix,
    #[error("a package URL has at most {} bytes", limits::PURL_BYTES)]
    Long,
    #[error("the type of a package URL is letters, digits, . and -, and starts with a letter")]
    Kind,
    #[error("a package URL names a package: pkg:type/name")]
    Name,
    #[error(
        "qualifiers are key=value joined by &, keys of letters, digits, ., - and _, at most {} of them",
        limits::PURL_QUALIFIERS
    )]
    Qualifiers,
    #[error("after % two hexadecimal digits stand, and the whole is UTF-8")]
    Encoding,
}

impl Purl {
    /// A package without qualifiers.
    pub fn new(
        kind: &str,
        namespace: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Self, PurlError> {
        let namespace = match namespace.is_empty() {
            true => String::new(),
            false => format!("{}/", encode(namespace)),
        };
        let version = version.map_or(String::new(), |version| format!("@{}", encode(version)));
        format!("pkg:{kind}/{namespace}{}{version}", encode(name)).parse()
    }

    /// Adds a qualifier; an empty value adds nothing.
    pub(crate) fn qualify(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.qualifiers.insert(key.to_owned(), value.to_owned());
        }
    }

    pub fn kind(&self) -> &str {
        &self.kind
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.get(key).map(String::as_str)
    }

    pub fn qualifiers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.qualifiers
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The package whatever its version, by which advisories are looked up: `deb/debian/openssl`.
    pub fn package_key(&self) -> String {
        let mut parts = vec![self.kind.as_str()];
        parts.extend(self.namespace.iter().map(String::as_str));
        parts.push(&self.name);
        parts.join("/")
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        if text.len() > limits::PURL_BYTES {
            return Err(PurlError::Long);
        }
        let rest = text
            .strip_prefix("pkg:")
            .ok_or(PurlError::Prefix)?
            .trim_start_matches('/');
        let (rest, subpath) = rest.rsplit_once('#').unwrap_or((rest, ""));
        let (rest, qualifiers) = rest.rsplit_once('?').unwrap_or((rest, ""));
        let (kind, rest) = rest.split_once('/').ok_or(PurlError::Name)?;
        let rest = rest.trim_matches('/');
        // An @ before the last slash belongs to a namespace, as npm's scopes are written by many.
        let at = rest
            .rfind('@')
            .filter(|at| *at > 0 && !rest[*at..].contains('/'));
        let (path, version) = match at {
            Some(at) => (
                &rest[..at],
                Some(decode(&rest[at + 1..])?).filter(|version| !version.is_empty()),
            ),
            None => (rest, None),
        };
        let mut namespace = segments(path)?;
        let name = namespace.pop().ok_or(PurlError::Name)?;
        let mut purl = Self {
            kind: checked_kind(kind)?,
            namespace,
            name,
            version,
            qualifiers: read_qualifiers(qualifiers)?,
            subpath: segments(subpath)?
                .into_iter()
                .filter(|part| part != "." && part != "..")
                .collect(),
        };
        purl.normalise();
        // Quoting makes it longer, and what is written must be read again.
        match purl.to_string().len() <= limits::PURL_BYTES {
            true => Ok(purl),
            false => Err(PurlError::Long),
        }
    }
}

impl Purl {
    /// The rules of single types: names without capitals, and Python's dashes.
    fn normalise(&mut self) {
        let lowers = [
            "deb",
            "apk",
            "opkg",
            "github",
            "bitbucket",
            "pypi",
            "rpm",
            "composer",
            "hex",
            "oci",
            "pub",
        ];
        if !lowers.contains(&self.kind.as_str()) {
            return;
        }
        for part in &mut self.namespace {
            *part = part.to_lowercase();
        }
        if self.kind != "rpm" {
            self.name = self.name.to_lowercase();
        }
        if self.kind == "pypi" {
            self.name = self.name.replace('_', "-");
        }
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/", self.kind)?;
        for part in &self.namespace {
            write!(f, "{}/", encode(part))?;
        }
        f.write_str(&encode(&self.name))?;
        if let Some(version) = &self.version {
            write!(f, "@{}", encode(version))?;
        }
        for (at, (key, value)) in self.qualifiers.iter().enumerate() {
            write!(
                f,
                "{}{key}={}",
                if at == 0 { '?' } else { '&' },
                encode(value)
            )?;
        }
        for (at, part) in self.subpath.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { '#' } else { '/' }, encode(part))?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Purl {
    type Error = PurlError;

    fn try_from(text: String) -> Result<Self, PurlError> {
        text.parse()
    }
}

impl From<Purl> for String {
    fn from(purl: Purl) -> Self {
        purl.to_string()
    }
}

fn checked_kind(kind: &str) -> Result<String, PurlError> {
    let is_word = kind
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'));
    match is_word && kind.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        true => Ok(kind.to_ascii_lowercase()),
        false => Err(PurlError::Kind),
    }
}

fn segments(path: &str) -> Result<Vec<String>, PurlError> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts
        .map(decode)
        .filter(|part| part.as_ref().map_or(true, |part| !part.is_empty()))
        .collect()
}

fn read_qualifiers(text: &str) -> Result<BTreeMap<String, String>, PurlError> {
    let mut qualifiers = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').ok_or(PurlError::Qualifiers)?;
        let is_key = key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        if key.is_empty() || !is_key || qualifiers.len() == limits::PURL_QUALIFIERS {
            return Err(PurlError::Qualifiers);
        }
        let value = decode(value)?;
        if !value.is_empty() {
            qualifiers.insert(key.to_ascii_lowercase(), value);
        }
    }
    Ok(qualifiers)
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'.' | b'-' | b'_' | b'~' | b':' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn decode(text: &str) -> Result<String, PurlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        let (high, low) = (digit(), digit());
        let (high, low) = high.zip(low).ok_or(PurlError::Encoding)?;
        bytes.push(u8::try_from(high * 16 + low).expect("two digits are one byte"));
    }
    String::from_utf8(bytes).map_err(|_| PurlError::Encoding)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn package_urls_of_the_specification_are_read_and_written() {
        for (text, canonical, key) in [
            (
                "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
                "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
                "deb/debian/curl",
            ),
            (
                "pkg:npm/%40angular/animation@12.3.1",
                "pkg:npm/%40angular/animation@12.3.1",
                "npm/@angular/animation",
            ),
            (
                "pkg:npm/@angular/animation@12.3.1",
                "pkg:npm/%40angular/animation@12.3.1",
                "npm/@angular/animation",
            ),
            (
                "pkg:PYPI/Django_package@1.11.1.dev1",
                "pkg:pypi/django-package@1.11.1.dev1",
                "pypi/django-package",
            ),
            (
                "pkg://golang/google.golang.org/genproto@abcdedf#/googleapis/../api/",
                "pkg:golang/google.golang.org/genproto@abcdedf#googleapis/api",
                "golang/google.golang.org/genproto",
            ),
            (
                "pkg:generic/openssl@1.1.0%2Bfips",
                "pkg:generic/openssl@1.1.0%2Bfips",
                "generic/openssl",
            ),
        ] {
            let purl: Purl = text.parse().unwrap();
            assert_eq!(purl.to_string(), canonical);
            assert_eq!(purl.package_key(), key);
        }
    }

    #[test]
    fn what_is_no_package_url_is_refused_with_the_reason() {
        for (text, error) in [
            ("cpe:/a:b", PurlError::Prefix),
            ("pkg:npm", PurlError::Name),
            ("pkg:npm/", PurlError::Name),
            ("pkg:n&m/x", PurlError::Kind),
            ("pkg:npm/x?a", PurlError::Qualifiers),
            ("pkg:npm/x%2", PurlError::Encoding),
            ("pkg:npm/x%ff", PurlError::Encoding),
        ] {
            assert_eq!(text.parse::<Purl>(), Err(error), "{text}");
        }
        let quoted = format!("pkg:npm/{}", "é".repeat(500));
        assert_eq!(quoted.parse::<Purl>(), Err(PurlError::Long));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_alike(text in "pkg:(npm|deb|pypi|generic)(/[a-zA-Z0-9%@._é -]{1,6}){1,3}(@[a-z0-9.:+]{0,5})?(\\?[a-z]=[a-z%/]{0,3})?(#[a-z./]{0,5})?") {
            if let Ok(purl) = text.parse::<Purl>() {
                prop_assert_eq!(purl.to_string().parse::<Purl>().unwrap(), purl);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = text.parse::<Purl>();
            let _ = format!("pkg:{text}").parse::<Purl>();
        }
    }
}
