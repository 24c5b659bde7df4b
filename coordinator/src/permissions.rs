//! The permission table: route by role, in one file, from which doors are hung and tokens are restricted.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use axum::http::Method;
use minicbor::{Decode, Encode};
use thiserror::Error;

/// The table as it is written; `docs/people.md` points here.
pub const TABLE: &str = include_str!("permissions.txt");

/// What a route belongs to, and what a token can be restricted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Area {
    /// Doors for people and programs that are not known yet.
    #[n(0)]
    Entrance,
    /// One's own account, sessions and tokens.
    #[n(1)]
    Own,
    #[n(2)]
    Overview,
    #[n(3)]
    Devices,
    #[n(4)]
    Alerts,
    #[n(5)]
    Findings,
    #[n(6)]
    Updates,
    #[n(7)]
    Mesh,
    #[n(8)]
    Audit,
    #[n(9)]
    People,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "no such area: use own, overview, devices, alerts, findings, updates, mesh, audit or people"
)]
pub struct AreaError;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub method: Method,
    pub path: &'static str,
    pub area: Area,
    /// One letter for each of [`COLUMNS`], or a dot.
    pub who: &'static str,
}

/// Roles in the order of the letters.
pub const COLUMNS: [&str; 6] = [
    "anonymous",
    "viewer",
    "operator",
    "admin",
    "auditor",
    "device",
];

impl Area {
    pub const ALL: [Self; 10] = [
        Self::Entrance,
        Self::Own,
        Self::Overview,
        Self::Devices,
        Self::Alerts,
        Self::Findings,
        Self::Updates,
        Self::Mesh,
        Self::Audit,
        Self::People,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Entrance => "entrance",
            Self::Own => "own",
            Self::Overview => "overview",
            Self::Devices => "devices",
            Self::Alerts => "alerts",
            Self::Findings => "findings",
            Self::Updates => "updates",
            Self::Mesh => "mesh",
            Self::Audit => "audit",
            Self::People => "people",
        }
    }
}

impl FromStr for Area {
    type Err = AreaError;

    fn from_str(word: &str) -> Result<Self, AreaError> {
        let found = Self::ALL.into_iter().find(|area| area.word() == word);
        found.ok_or(AreaError)
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

static ROWS: LazyLock<BTreeMap<(String, &'static str), Row>> = LazyLock::new(|| {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#')).map(row);
    rows.map(|row| ((row.method.to_string(), row.path), row))
        .collect()
});

fn row(line: &'static str) -> Row {
    let mut words = line.split_whitespace();
    let mut word = || {
        words
            .next()
            .expect("a line has four words: a test reads all")
    };
    let method = word().parse().expect("a method: a test reads all");
    let path = word();
    let area = word().parse().expect("an area: a test reads all");
    Row {
        method,
        path,
        area,
        who: word(),
    }
}

/// The line of a route.
pub fn of(method: &Method, path: &'static str) -> Option<&'static Row> {
    ROWS.get(&(method.to_string(), path))
}

/// Every line.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.values()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read_and_none_stands_twice() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(rows().count(), lines);
        for row in rows() {
            assert_eq!(row.who.len(), COLUMNS.len(), "{row:?}");
            let letters = row.who.chars().zip("nvoaud".chars());
            for (place, (letter, own)) in letters.enumerate() {
                let fits = letter == own || letter == '.' || (place == 0 && letter == 'l');
                assert!(fits, "{row:?}");
            }
        }
    }

    #[test]
    fn areas_are_read_as_they_are_written() {
        for area in Area::ALL {
            assert_eq!(area.word().parse(), Ok(area));
        }
        assert_eq!("everything".parse::<Area>(), Err(AreaError));
    }
}
