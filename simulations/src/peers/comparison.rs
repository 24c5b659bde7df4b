//! Both sides of one schedule beside each other: keys for programs, and a table that says who is ahead.

use std::fmt;

use serde_json::{Map, Value, json};

use super::tally::Figures;
use crate::scenario::rounded;

/// What ours and a peer did with the same schedule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    pub peer: &'static str,
    pub ours: Figures,
    pub theirs: Figures,
}

/// One figure of both sides; less is better in all of them.
#[derive(Debug, Clone, Copy)]
struct Row {
    key: &'static str,
    about: &'static str,
    of: fn(&Figures) -> Figure,
}

#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Figure {
    Count(u64),
    Measured(f64),
}

const ROWS: [Row; 7] = [
    Row {
        key: "first_s",
        about: "from a death to the first word of it, median, s",
        of: |figures| Figure::Measured(figures.first_s),
    },
    Row {
        key: "first_s_max",
        about: "the same, slowest death, s",
        of: |figures| Figure::Measured(figures.first_s_max),
    },
    Row {
        key: "all_s",
        about: "from a death until a survivor knows, p99, s",
        of: |figures| Figure::Measured(figures.all_s),
    },
    Row {
        key: "missed",
        about: "deaths that a survivor did not learn of",
        of: |figures| Figure::Count(figures.missed),
    },
    Row {
        key: "false_down",
        about: "living nodes that somebody held for down",
        of: |figures| Figure::Count(figures.false_down),
    },
    Row {
        key: "false_declarations",
        about: "how often somebody did",
        of: |figures| Figure::Count(figures.false_declarations),
    },
    Row {
        key: "bytes_per_node_s",
        about: "bytes that a node sends, per second",
        of: |figures| Figure::Measured(figures.bytes_per_node_s),
    },
];

impl Comparison {
    pub fn metrics(&self) -> Map<String, Value> {
        let of = |side: &'static str, figures: Figures| {
            ROWS.iter()
                .map(move |row| (format!("{side}_{}", row.key), (row.of)(&figures).value()))
        };
        of("ours", self.ours)
            .chain(of(self.peer, self.theirs))
            .collect()
    }

    /// Ours accused nobody who lived and told everybody of everyone who died.
    pub fn passed(&self) -> bool {
        self.ours.false_down == 0 && self.ours.missed == 0
    }

    /// Where the peer is ahead.
    fn lost(&self) -> Vec<&'static str> {
        let lost = ROWS
            .iter()
            .filter(|row| (row.of)(&self.theirs) < (row.of)(&self.ours));
        lost.map(|row| row.about).collect()
    }

    fn ahead(&self, row: &Row) -> &'static str {
        let (ours, theirs) = ((row.of)(&self.ours), (row.of)(&self.theirs));
        if ours < theirs {
            "ours"
        } else if theirs < ours {
            self.peer
        } else {
            "-"
        }
    }
}

impl Figure {
    fn value(self) -> Value {
        match self {
            Self::Count(count) => json!(count),
            Self::Measured(figure) => rounded(figure),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => f.pad(&count.to_string()),
            Self::Measured(figure) => f.pad(&format!("{figure:.1}")),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<50}{:>10}{:>10}   ahead", "", "ours", self.peer)?;
        for row in &ROWS {
            let (ours, theirs) = ((row.of)(&self.ours), (row.of)(&self.theirs));
            let ahead = self.ahead(row);
            writeln!(f, "{:<50}{ours:>10}{theirs:>10}   {ahead}", row.about)?;
        }
        let lost = self.lost();
        if lost.is_empty() {
            writeln!(f, "{} is ahead in nothing here.", self.peer)
        } else {
            writeln!(f, "{} wins at: {}.", self.peer, lost.join("; "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Figures = Figures {
        first_s: 9.0,
        first_s_max: 12.0,
        all_s: 13.0,
        missed: 0,
        false_down: 0,
        false_declarations: 0,
        bytes_per_node_s: 480.0,
    };

    #[test]
    fn the_table_names_the_rows_that_the_peer_wins() {
        let comparison = Comparison {
            peer: "foca",
            ours: QUIET,
            theirs: Figures {
                false_down: 3,
                bytes_per_node_s: 130.0,
                ..QUIET
            },
        };
        let table = comparison.to_string();
        let ahead = |about: &str| {
            let line = table.lines().find(|line| line.starts_with(about));
            line.and_then(|line| line.split_whitespace().next_back())
        };
        assert_eq!(ahead("living nodes"), Some("ours"));
        assert_eq!(ahead("bytes that"), Some("foca"));
        assert_eq!(ahead("the same"), Some("-"));
        assert!(table.ends_with("foca wins at: bytes that a node sends, per second.\n"));
    }

    #[test]
    fn the_keys_are_those_of_the_contract() {
        let comparison = Comparison {
            peer: "foca",
            ours: QUIET,
            theirs: QUIET,
        };
        let metrics = comparison.metrics();
        for side in ["ours", "foca"] {
            for key in ["first_s", "all_s", "false_down", "bytes_per_node_s"] {
                assert!(
                    metrics.contains_key(&format!("{side}_{key}")),
                    "{side} {key}"
                );
            }
        }
    }

    #[test]
    fn one_wrong_word_of_ours_fails_the_run() {
        let wrong = Figures {
            false_down: 1,
            ..QUIET
        };
        let of = |ours| Comparison {
            peer: "foca",
            ours,
            theirs: QUIET,
        };
        assert!(of(QUIET).passed());
        assert!(!of(wrong).passed());
    }
}
