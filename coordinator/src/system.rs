//! The coordinator's own health: figures, what to make of each, and what to do.

pub mod figures;
mod judge;

use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::web::api::instant;
use figures::Figures;

/// How the coordinator itself is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SystemDocument {
    pub at: String,
    /// The gravest of all items.
    pub judgement: Judgement,
    pub items: Vec<SystemItem>,
    pub figures: Figures,
}

/// What to make of something.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    Fine,
    /// Nothing is lost, and somebody should look at it in the next days.
    Look,
    /// Something does not work, or soon will not.
    Act,
}

/// One thing that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SystemItem {
    /// The stable name.
    pub id: String,
    pub title: String,
    pub judgement: Judgement,
    pub says: String,
    /// What to do, where something is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Judgement {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Look => "look",
            Self::Act => "act",
        }
    }
}

impl SystemDocument {
    pub fn of(figures: Figures, now: Timestamp) -> Self {
        let items = judge::items(&figures, now);
        let judgement = items.iter().map(|item| item.judgement).max();
        Self {
            at: instant(now.as_millis()),
            judgement: judgement.unwrap_or(Judgement::Fine),
            items,
            figures,
        }
    }
}
