//! The examples that a file of patterns gives for itself.

use super::Pattern;
use crate::xml::Element;

/// How a set's own examples went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examples {
    pub tried: usize,
    /// The pattern fits, and gives every value that the example claims.
    pub held: usize,
    pub failures: Vec<Failure>,
}

/// An example that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub description: String,
    pub reason: String,
}

#[derive(Debug)]
pub(super) struct Example {
    /// None when it lies in a file of its own, or in an encoding that is not known.
    text: Option<Vec<u8>>,
    claims: Vec<(String, String)>,
}

impl Example {
    pub(super) fn read(item: &Element) -> Self {
        let text = match (item.attribute("_encoding"), item.attribute("_filename")) {
            (None, None) => Some(item.text.as_bytes().to_vec()),
            (Some("base64"), None) => {
                let packed: Vec<u8> = item
                    .text
                    .bytes()
                    .filter(|byte| !byte.is_ascii_whitespace())
                    .collect();
                data_encoding::BASE64.decode(&packed).ok()
            }
            _ => None,
        };
        let claims = item
            .attributes()
            .iter()
            .filter(|(name, _)| !name.starts_with('_'));
        Self {
            text,
            claims: claims.cloned().collect(),
        }
    }
}

impl Pattern {
    pub(super) fn check(&self, found: &mut Examples) {
        for example in &self.examples {
            let Some(text) = &example.text else { continue };
            found.tried += 1;
            match self.judge(text, &example.claims) {
                Ok(()) => found.held += 1,
                Err(reason) => found.failures.push(Failure {
                    description: self.description.clone(),
                    reason,
                }),
            }
        }
    }

    fn judge(&self, text: &[u8], claims: &[(String, String)]) -> Result<(), String> {
        let fingerprint = self.fit(text).ok_or("the pattern does not fit")?;
        for (name, claimed) in claims {
            let given = fingerprint.values.get(name).map_or("", String::as_str);
            if given != claimed {
                return Err(format!("{name} is {given:?} where {claimed:?} is claimed"));
            }
        }
        Ok(())
    }
}
