//! What is kept how long, and what becomes of it when a device or a person is erased: one line for every table.

pub mod export;

use language::{Word, say, word};
use protocol::class::DataClass;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One kind of thing that is kept.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pub what: Word,
    /// Names of docs/schema.md.
    pub tables: &'static [&'static str],
    /// The highest of what is in it.
    pub class: DataClass,
    pub kept: Word,
    pub erasure: Erasure,
}

/// What an erasure does to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// It stays as it was signed, and the key that opens it is destroyed.
    Key,
    /// Its rows go with the device.
    Device,
    /// Its rows go with the account.
    Account,
    /// It stays, for this reason.
    Stays(Word),
}

use DataClass::{HighlySensitive, Internal, Public, Sensitive};
use Erasure::{Account, Device, Key, Stays};

const NOT_PERSONAL: Erasure = Stays(word!("it is about the mesh, and about nobody"));

/// Everything that the store holds.
pub const KEPT: &[Kept] = &[
    Kept {
        what: word!(
            "Records as devices signed them: readings, lists of processes and ports, alerts"
        ),
        tables: &["records"],
        class: HighlySensitive,
        kept: word!("14 days, and while they are a device's newest word on a topic"),
        erasure: Key,
    },
    Kept {
        what: word!("Where each device's records are, and how they are chained"),
        tables: &["waypoints", "cursors"],
        class: Internal,
        kept: word!("as the records; the newest place for good"),
        erasure: Stays(word!(
            "numbers and digests alone: with them what is left still verifies"
        )),
    },
    Kept {
        what: word!("Figures every ten seconds"),
        tables: &["samples_10s"],
        class: Internal,
        kept: word!("2 days"),
        erasure: Device,
    },
    Kept {
        what: word!("Figures by five minutes"),
        tables: &["samples_5min"],
        class: Internal,
        kept: word!("40 days"),
        erasure: Device,
    },
    Kept {
        what: word!("Figures by the hour"),
        tables: &["samples_1h"],
        class: Internal,
        kept: word!("400 days"),
        erasure: Device,
    },
    Kept {
        what: word!("Log lines that devices send"),
        tables: &["log_lines", "log_keys"],
        class: HighlySensitive,
        kept: word!("the newest 2,000 of each device"),
        erasure: Device,
    },
    Kept {
        what: word!("What devices collected when they were commanded to"),
        tables: &["command_results"],
        class: HighlySensitive,
        kept: word!("with its command"),
        erasure: Key,
    },
    Kept {
        what: word!("Commands, and what devices answered"),
        tables: &["commands", "command_answers"],
        class: Internal,
        kept: word!("the newest 500"),
        erasure: Stays(word!(
            "whoever commands answers for it; an answer is a word and a digest"
        )),
    },
    Kept {
        what: word!("What a device usually does on the network"),
        tables: &["profiles", "habits", "habit_words"],
        class: Sensitive,
        kept: word!("as long as the member holds it"),
        erasure: Device,
    },
    Kept {
        what: word!("What members hear of devices without a node"),
        tables: &["neighbours", "ears", "happenings"],
        class: Sensitive,
        kept: word!("each member's newest word; the newest 32 events of each device"),
        erasure: Device,
    },
    Kept {
        what: word!("What scans, people and bills of materials say of a device"),
        tables: &["seen", "described", "bill_of", "scores"],
        class: Sensitive,
        kept: word!("the newest; scores 180 days"),
        erasure: Device,
    },
    Kept {
        what: word!("Scans as they were taken in, and jobs"),
        tables: &["scans", "scans_raw", "scan_jobs", "scan_schedules"],
        class: Sensitive,
        kept: word!("the newest 1,000, their text of 200; 500 jobs"),
        erasure: Stays(word!(
            "a file speaks of many devices: it goes with its number"
        )),
    },
    Kept {
        what: word!("Advisories, decisions and lists of parts"),
        tables: &["feed", "decisions", "bills", "views"],
        class: Public,
        kept: word!("the newest feed; decisions for good"),
        erasure: NOT_PERSONAL,
    },
    Kept {
        what: word!("The data keys of devices, and where they are reached"),
        tables: &["devices", "contacts", "obeyed"],
        class: HighlySensitive,
        kept: word!("until erased"),
        erasure: Device,
    },
    Kept {
        what: word!("Devices with a key, and what they said of themselves"),
        tables: &["keyed_devices", "device_keys", "keyed_readings", "ddi"],
        class: Sensitive,
        kept: word!("until removed; the newest 1,000 readings"),
        erasure: Stays(word!("removed by the order that removes such a device")),
    },
    Kept {
        what: word!("Who belongs to the mesh, and proofs that shut somebody out"),
        tables: &[
            "entries",
            "log_head",
            "evidence",
            "rulings",
            "votes",
            "observations",
        ],
        class: Internal,
        kept: word!("for good; observations the newest"),
        erasure: Stays(word!(
            "every member holds the same, and who is shut out has to stay so"
        )),
    },
    Kept {
        what: word!("Alerts, incidents, tuned rules and letters about them"),
        tables: &["alerts", "incidents", "tunings", "letters"],
        class: Sensitive,
        kept: word!("90 days after they are over; letters 14 days"),
        erasure: Stays(word!(
            "they are evidence of incidents, and go with their time"
        )),
    },
    Kept {
        what: word!("Who did what"),
        tables: &["audit", "audit_head", "countersigned"],
        class: Sensitive,
        kept: word!("for good"),
        erasure: Stays(word!(
            "whoever changes something answers for it; gateways countersign the log"
        )),
    },
    Kept {
        what: word!("Accounts, and how people log in"),
        tables: &[
            "operators",
            "second_factors",
            "passkeys",
            "federated",
            "barred",
            "languages",
            "invitations",
            "setup",
        ],
        class: HighlySensitive,
        kept: word!("until removed; invitations three days"),
        erasure: Account,
    },
    Kept {
        what: word!("Sessions and tokens"),
        tables: &["sessions", "grants", "api_tokens", "tokens"],
        class: HighlySensitive,
        kept: word!("sessions a day, grants 30 days, tokens until removed"),
        erasure: Account,
    },
    Kept {
        what: word!("Reports"),
        tables: &["reports", "report_files", "report_schedules"],
        class: Sensitive,
        kept: word!("the newest 100"),
        erasure: Stays(word!("a report is sealed: it goes with its number")),
    },
    Kept {
        what: word!("Firmware, settings and rollouts"),
        tables: &[
            "repository",
            "released",
            "drafts",
            "rollouts",
            "rollout_devices",
            "halts",
        ],
        class: Internal,
        kept: word!("the newest; 64 rollouts"),
        erasure: NOT_PERSONAL,
    },
    Kept {
        what: word!("What the store says of itself"),
        tables: &["meta"],
        class: HighlySensitive,
        kept: word!("for good"),
        erasure: NOT_PERSONAL,
    },
];

/// One line, as programs and pages are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Kept")]
pub struct KeptDocument {
    pub what: String,
    pub tables: Vec<String>,
    /// `public`, `internal`, `sensitive` or `highly_sensitive`.
    pub class: String,
    pub kept: String,
    /// `key`, `device`, `account` or `stays`.
    pub erasure: String,
    /// Why it stays, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Erasure {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Device => "device",
            Self::Account => "account",
            Self::Stays(_) => "stays",
        }
    }

    /// As a sentence of a page.
    pub fn says(self) -> String {
        match self {
            Self::Key => {
                say!("stays as it was signed; the key that opens it is destroyed").to_owned()
            }
            Self::Device => say!("goes with the device").to_owned(),
            Self::Account => say!("goes with the account").to_owned(),
            Self::Stays(why) => say!("stays: {why}", why = why.now()),
        }
    }
}

impl KeptDocument {
    fn of(kept: &Kept) -> Self {
        Self {
            what: kept.what.now().to_owned(),
            tables: kept.tables.iter().map(|it| (*it).to_owned()).collect(),
            class: kept.class.word().to_owned(),
            kept: kept.kept.now().to_owned(),
            erasure: kept.erasure.word().to_owned(),
            why: match kept.erasure {
                Stays(why) => Some(why.now().to_owned()),
                _ => None,
            },
        }
    }
}

/// Every line.
pub fn document() -> Vec<KeptDocument> {
    KEPT.iter().map(KeptDocument::of).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::erasure::table_names;
    use crate::store::retention::Retention;

    #[test]
    fn every_table_of_the_store_has_exactly_one_line() {
        let mut told: BTreeMap<&str, usize> = BTreeMap::new();
        for table in KEPT.iter().flat_map(|kept| kept.tables) {
            *told.entry(table).or_default() += 1;
        }
        let twice: Vec<_> = told.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
        let untold: Vec<_> = table_names()
            .filter(|name| told.remove(name).is_none())
            .collect();
        assert!(
            untold.is_empty(),
            "nobody says how long these are kept: {untold:?}"
        );
        assert!(told.is_empty(), "there are no such tables: {told:?}");
    }

    #[test]
    fn what_is_said_is_what_is_done() {
        let kept = Retention::default();
        let days = |length: std::time::Duration| length.as_secs() / 86_400;
        for (table, length) in [
            ("records", kept.records),
            ("samples_10s", kept.raw),
            ("samples_5min", kept.five_minutes),
            ("samples_1h", kept.hours),
        ] {
            let line = KEPT.iter().find(|kept| kept.tables.contains(&table));
            let line = line.expect("a line");
            let said = format!("{} days", days(length));
            assert!(
                line.kept.now().starts_with(&said),
                "{table}: {} and {said}",
                line.kept.now()
            );
        }
    }
}
