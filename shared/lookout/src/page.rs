//! What a node tells of one device's traffic: its profile's stage, what was counted since the last page, and habits that
//! are new or stand otherwise than they were told.

use detect::profile::{Entry, Stage, Standing};
use detect::rules::Baseline;

use crate::whose::Whose;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub whose: Whose,
    pub stage: Stage,
    /// Since when, in seconds since the epoch.
    pub since_s: u64,
    /// The class whose baseline was lent to it.
    pub lent: Option<String>,
    /// The highest number of a person's word that was carried out.
    pub obeyed: u64,
    pub count: Count,
    /// Habits that it holds.
    pub habits: u64,
    /// Of them those that are told for the first time or anew; `None` where a person took one back.
    pub told: Vec<(Entry, Option<Standing>)>,
    /// What it usually sends out of its network in a minute.
    pub bytes: Option<Baseline>,
}

/// Since the last page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub flows: u64,
    /// Flows that no habit allowed.
    pub unusual: u64,
    pub sent: u64,
    pub received: u64,
}
