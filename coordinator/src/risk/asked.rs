//! What the command line asks about findings, and what it is told.

use serde::{Deserialize, Serialize};

use super::decide::Asked as Decision;
use super::document::{
    FeedDocument, FindingDocument, LibraryDocument, OccurrenceDocument, ScoreDocument,
};
use super::intake::{Brought, FeedKind};
use super::said::Words;

/// Files lie in the coordinator's intake folder under these names, and are gone when the answer comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum RiskAsked {
    ImportFeed {
        file: String,
        kind: Option<FeedKind>,
    },
    Feed,
    /// Writes the feed as one file into the intake folder.
    ExportFeed {
        file: String,
    },
    ImportScan {
        file: String,
        device: Option<String>,
    },
    ImportSbom {
        file: String,
        owner: String,
    },
    Libraries {
        text: String,
    },
    Vex,
    Findings {
        filter: String,
        after: Option<String>,
        limit: usize,
    },
    Finding {
        id: String,
    },
    Decide {
        id: String,
        decision: Decision,
    },
    /// Of a device, or of the fleet.
    Score {
        device: Option<String>,
    },
    Describe {
        device: String,
        words: Words,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum RiskTold {
    Brought(Brought),
    Feed(FeedDocument),
    Libraries {
        items: Vec<LibraryDocument>,
    },
    Vex {
        document: String,
    },
    Findings {
        items: Vec<FindingDocument>,
        matching: usize,
        next: Option<String>,
    },
    Finding {
        finding: Box<FindingDocument>,
        devices: Vec<OccurrenceDocument>,
    },
    Score(ScoreDocument),
    Done,
}
