//! The last section of every report: how whoever holds the file checks it.

use data_encoding::HEXLOWER;
use language::say;
use protocol::key::PublicKey;
use reports::report::{Block, Section};

pub(super) fn section(key: &PublicKey) -> Section {
    let key = HEXLOWER.encode(key.as_bytes());
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let facts = vec![
        fact(say!("Says to be signed by the key"), key.clone()),
        fact(
            say!("Checks hash and signature"),
            format!("palisade-coordinator report verify FILE --key {key}"),
        ),
        fact(
            say!("Shows the hash, with ordinary tools"),
            "head -n -1 FILE | sha256sum; tail -n 1 FILE".to_owned(),
        ),
    ];
    Section {
        title: say!("How to check this report").to_owned(),
        blocks: vec![
            Block::Text(say!("The last line of this file holds the SHA-256 of everything before it, the key of the coordinator that made it, and that key’s signature over the hash. The check needs neither a network nor the coordinator.").to_owned()),
            Block::Facts(facts),
            Block::Text(say!("Take the key from the coordinator’s page of reports or from whoever runs it, and compare: whoever forges a report can print another key here.").to_owned()),
        ],
    }
}
