//! What can be done on pages can be done at the terminal: the table of both is held against both.

use std::collections::BTreeSet;

use clap::CommandFactory as _;

use super::Arguments;
use crate::web::api::openapi::operations;
use crate::web::api::serves;
use crate::web::doors;

const TABLE: &str = include_str!("parity.txt");

/// Doors that only a browser has a use for: entrances, what pages load, and what is for programs anyway.
const BROWSERS: [&str; 15] = [
    "/.well-known/security.txt",
    "/account/language",
    "/assets/{file}",
    "/events",
    "/healthz",
    "/interface/try",
    "/invited/{token}",
    "/login",
    "/login/oidc",
    "/login/oidc/callback",
    "/login/passkey",
    "/logout",
    "/metrics",
    "/setup/{token}",
    "/theme",
];

struct Row {
    door: String,
    words: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.split_whitespace();
            let mut door = || words.next().expect("a method and an address");
            Row {
                door: format!("{} {}", door(), door()),
                words: words.collect(),
            }
        })
        .collect()
}

#[test]
fn every_page_has_a_command_and_no_line_is_about_nothing() {
    let pages: BTreeSet<String> = doors::all()
        .into_iter()
        .filter(|door| !serves(door.path) && !BROWSERS.contains(&door.path))
        .filter(|door| !door.path.starts_with("/tuf/") && door.path != "/ws")
        .map(|door| format!("{} {}", door.method, door.path))
        .collect();
    let told: BTreeSet<String> = rows().into_iter().map(|row| row.door).collect();
    let gaps: Vec<_> = pages.difference(&told).collect();
    let surplus: Vec<_> = told.difference(&pages).collect();
    assert!(gaps.is_empty(), "no command for {gaps:?}");
    assert!(surplus.is_empty(), "no page for {surplus:?}");
    println!("{} pages, each with a command", told.len());
}

#[test]
fn every_command_of_the_table_is_there() {
    let program = Arguments::command();
    let addresses: BTreeSet<_> = operations().iter().map(|one| one.path).collect();
    let raw = rows()
        .into_iter()
        .filter(|row| row.words.first() == Some(&"api"));
    let raw: Vec<String> = raw.map(|row| row.door).collect();
    assert_eq!(
        raw,
        ["GET /interface"],
        "these have no command of their own"
    );
    for row in rows() {
        if let ["api", path] = row.words[..] {
            let whole = if path.starts_with('/') {
                path.to_owned()
            } else {
                format!("/api/v1/{path}")
            };
            assert!(addresses.contains(whole.as_str()), "{}: {whole}", row.door);
            continue;
        }
        let mut command = &program;
        for word in &row.words {
            let found = command.find_subcommand(word);
            command = found.unwrap_or_else(|| panic!("{}: no command {:?}", row.door, row.words));
        }
        assert!(!row.words.is_empty(), "{}", row.door);
    }
}
