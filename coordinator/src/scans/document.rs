//! Jobs as programs and the command line are told of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::store::jobs::{Job, Schedule, Spared, Stage};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobDocument {
    pub id: u64,
    pub asked: String,
    pub by: String,
    /// Nothing where everything that is known was meant.
    pub targets: Vec<String>,
    pub over: bool,
    pub nodes: Vec<ErrandDocument>,
    pub spared: Vec<Spared>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrandDocument {
    pub node: String,
    pub name: String,
    pub targets: Vec<String>,
    pub since: String,
    pub state: String,
    #[serde(flatten)]
    pub stage: Stage,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduleDocument {
    pub id: u64,
    pub targets: Vec<String>,
    pub every_s: u64,
    pub next: String,
    pub by: String,
    pub trouble: Option<String>,
}

impl JobDocument {
    pub fn of(job: &Job) -> Self {
        let errands = job.errands.iter().map(|errand| ErrandDocument {
            node: errand.node.clone(),
            name: errand.name.clone(),
            targets: errand.targets.clone(),
            since: errand.at.rfc3339(),
            state: errand.stage.word().to_owned(),
            stage: errand.stage.clone(),
        });
        Self {
            id: job.number,
            asked: job.asked.rfc3339(),
            by: job.by.clone(),
            targets: job.wish.targets.clone(),
            over: job.is_over(),
            nodes: errands.collect(),
            spared: job.spared.clone(),
        }
    }
}

impl ScheduleDocument {
    pub fn of(schedule: &Schedule) -> Self {
        Self {
            id: schedule.number,
            targets: schedule.wish.targets.clone(),
            every_s: schedule.every_s,
            next: schedule.next.rfc3339(),
            by: schedule.by.clone(),
            trouble: schedule.trouble.clone(),
        }
    }
}
