//! Who is told, and how that went, as programs, pages and the command line are told it.

use alerts::outbox::Entry;
use alerts::route::Route;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Delivery, state_word};
use crate::bulletin::document::time;

/// Letters that are listed.
const LETTERS: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryDocument {
    /// Why delivery.toml as it is now is not used.
    pub error: Option<String>,
    /// What is wrong, and obeyed all the same.
    pub warnings: Vec<String>,
    pub channels: Vec<ChannelDocument>,
    pub routes: Vec<RouteDocument>,
    /// The hours in which only what is grave enough is told, and what that is.
    pub quiet: Option<(String, String)>,
    /// The newest first.
    pub letters: Vec<LetterDocument>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChannelDocument {
    pub name: String,
    pub kind: String,
    pub to: String,
    /// When somebody took a letter last.
    pub last_delivery: Option<String>,
    /// Why the newest attempt failed, where it did.
    pub last_error: Option<String>,
    pub waiting: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RouteDocument {
    pub name: String,
    pub to: Vec<String>,
    pub severity: String,
    pub classes: Vec<String>,
    pub hours: Option<String>,
    pub after_min: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LetterDocument {
    pub id: String,
    pub channel: String,
    pub kind: String,
    pub subject: String,
    pub written: String,
    pub state: String,
    pub attempts: u32,
    pub error: Option<String>,
}

impl DeliveryDocument {
    pub fn of(delivery: &Delivery) -> Self {
        let settings = delivery.settings();
        let plan = &settings.plan;
        let warnings = if settings.channels.is_empty() && plan.routes.is_empty() {
            vec!["nothing is set: write delivery.toml, or nobody is told of any alert".to_owned()]
        } else {
            plan.warnings().iter().map(ToString::to_string).collect()
        };
        let quiet = plan
            .quiet
            .map(|quiet| (quiet.hours.to_string(), quiet.unless.to_string()));
        delivery.bulletin().look(|pages| Self {
            error: delivery.error(),
            warnings,
            channels: settings
                .channels
                .iter()
                .map(|(name, channel)| {
                    let standing = pages.outbox.standing(name);
                    ChannelDocument {
                        name: name.to_string(),
                        kind: channel.kind().to_owned(),
                        to: channel.to(),
                        last_delivery: standing.sent.map(time),
                        last_error: standing.error.map(ToString::to_string),
                        waiting: standing.waiting,
                    }
                })
                .collect(),
            routes: plan.routes.iter().map(RouteDocument::of).collect(),
            quiet,
            letters: pages
                .outbox
                .newest()
                .take(LETTERS)
                .map(LetterDocument::of)
                .collect(),
        })
    }
}

impl RouteDocument {
    fn of(route: &Route) -> Self {
        Self {
            name: route.name.to_string(),
            to: route.to.iter().map(ToString::to_string).collect(),
            severity: route.severity.to_string(),
            classes: route.classes.iter().map(ToString::to_string).collect(),
            hours: route.hours.map(|hours| hours.to_string()),
            after_min: route.after.as_secs() / 60,
        }
    }
}

impl LetterDocument {
    fn of(entry: &Entry) -> Self {
        let letter = &entry.letter;
        Self {
            id: letter.id.to_string(),
            channel: letter.channel.to_string(),
            kind: letter.kind.word().to_owned(),
            subject: letter.subject(),
            written: time(letter.at),
            state: state_word(entry.state).to_owned(),
            attempts: entry.attempts,
            error: entry.error.as_ref().map(ToString::to_string),
        }
    }
}
