//! Devices without a node over the control socket: register, assign, take back, remove, list.

use protocol::text::Name;
use protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Answer, Desk};
use crate::ddi::DdiError;
use crate::store::ddi::{State, Target};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum DdiAsked {
    Add {
        name: String,
        product: String,
        model: String,
    },
    List,
    Assign {
        name: String,
        version: String,
    },
    Cancel {
        name: String,
    },
    Remove {
        name: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DdiDevice {
    pub name: String,
    pub product: String,
    pub model: String,
    /// To ten minutes.
    pub asked_ms: Option<u64>,
    /// The highest of what it says it has installed.
    pub installed_counter: Option<u64>,
    pub action: Option<DdiAction>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DdiAction {
    pub number: u32,
    pub version: String,
    pub state: String,
    pub since_ms: u64,
    /// The device's last words about it.
    pub said: Option<String>,
}

impl DdiDevice {
    fn of(name: &Name, target: &Target) -> Self {
        let action = target.action.as_ref().map(|action| DdiAction {
            number: action.number,
            version: action.version.to_string(),
            state: State::word(action.state).to_owned(),
            since_ms: action.since.as_millis(),
            said: action.said.as_ref().map(ToString::to_string),
        });
        Self {
            name: name.to_string(),
            product: target.product.to_string(),
            model: target.model.to_string(),
            asked_ms: target.asked.map(Timestamp::as_millis),
            installed_counter: target.floor.map(|counter| counter.0),
            action,
        }
    }
}

impl Desk {
    pub(super) async fn ddi(&self, asked: DdiAsked) -> Result<Answer, String> {
        let ddi = self.service.ddi();
        let work = move || match asked {
            DdiAsked::Add {
                name,
                product,
                model,
            } => ddi
                .add(&name, &product, &model)
                .map(|token| Answer::DdiToken {
                    token: token.to_string(),
                }),
            DdiAsked::List => ddi.list().map(|all| Answer::DdiDevices {
                items: all
                    .iter()
                    .map(|(name, target)| DdiDevice::of(name, target))
                    .collect(),
            }),
            DdiAsked::Assign { name, version } => done(ddi.assign(&name, &version)),
            DdiAsked::Cancel { name } => done(ddi.cancel(&name)),
            DdiAsked::Remove { name } => done(ddi.remove(&name)),
        };
        let answered = tokio::task::spawn_blocking(work).await;
        answered
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())
    }
}

fn done(outcome: Result<(), DdiError>) -> Result<Answer, DdiError> {
    outcome.map(|()| Answer::Done)
}
