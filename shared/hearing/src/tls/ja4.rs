//! The JA4 word of a hello (github.com/FoxIO-LLC/ja4, technical details of JA4; the TLS client part is BSD licensed).

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{Hello, extension};

/// `t13d1516h2_8daaf6152771_e5627efa2ab1`: counts, then the sorted ciphers, then the sorted extensions and signatures.
pub(super) fn of(hello: &Hello) -> String {
    let mut word = format!(
        "t{}{}{:02}{:02}{}_",
        version(hello.version),
        if hello.server_name.is_some() {
            'd'
        } else {
            'i'
        },
        hello.ciphers.len().min(99),
        hello.extensions.len().min(99),
        protocol(hello)
    );
    word.push_str(&digest(&sorted(&hello.ciphers)));
    word.push('_');
    let hidden = [extension::SERVER_NAME, extension::PROTOCOLS];
    let shown: Vec<_> = hello
        .extensions
        .iter()
        .copied()
        .filter(|kind| !hidden.contains(kind))
        .collect();
    let mut built = sorted(&shown);
    if !hello.signatures.is_empty() {
        built.push('_');
        built.push_str(&listed(&hello.signatures));
    }
    word.push_str(&digest(&built));
    word
}

const fn version(version: u16) -> &'static str {
    match version {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    }
}

/// The first and the last character of the first protocol.
fn protocol(hello: &Hello) -> String {
    let first = hello.protocols.first().map_or("", String::as_str);
    match (first.chars().next(), first.chars().next_back()) {
        (Some(first), Some(last))
            if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() =>
        {
            [first, last].iter().collect()
        }
        (Some(first), Some(last)) => {
            format!("{:x}{:x}", first as u32 >> 4 & 0xf, last as u32 & 0xf)
        }
        _ => "00".to_owned(),
    }
}

fn sorted(numbers: &[u16]) -> String {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    listed(&numbers)
}

fn listed(numbers: &[u16]) -> String {
    let words: Vec<_> = numbers
        .iter()
        .map(|number| format!("{number:04x}"))
        .collect();
    words.join(",")
}

fn digest(text: &str) -> String {
    if text.is_empty() {
        return "0".repeat(12);
    }
    let mut word = String::new();
    for byte in &Sha256::digest(text.as_bytes())[..6] {
        write!(word, "{byte:02x}").expect("a string takes all that is written");
    }
    word
}
