//! Scans that nodes make, over the control socket.

use serde::{Deserialize, Serialize};

use super::{Answer, Desk};
use crate::access::{self, ACTOR};
use crate::scans::document::{JobDocument, ScheduleDocument};
use crate::store::jobs::ScanWish;

/// Jobs that one answer lists.
const LISTED: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scan", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScanAsked {
    /// Once, or every so many seconds.
    Ask {
        wish: ScanWish,
        every_s: Option<u64>,
    },
    /// One job, or the newest.
    Show {
        id: Option<u64>,
    },
    Cancel {
        id: u64,
    },
    Unschedule {
        id: u64,
    },
}

impl Desk {
    pub(super) async fn scan(&self, asked: ScanAsked) -> Result<Answer, String> {
        let scans = self.service.scans.clone();
        let reader = self.service.reader.clone();
        let act = |action: &str, object: String| {
            access::act(action, &object).map_err(|error| error.to_string())
        };
        let answered = |jobs: &[_]| -> Result<Answer, String> {
            let schedules = reader.schedules().map_err(|error| error.to_string())?;
            Ok(Answer::Scans {
                items: jobs.iter().map(JobDocument::of).collect(),
                schedules: schedules.iter().map(ScheduleDocument::of).collect(),
            })
        };
        match asked {
            ScanAsked::Ask {
                wish,
                every_s: None,
            } => {
                let act = act("scan.ask", wish.targets.join(" "))?;
                let job = scans.ask(&wish, ACTOR, act);
                answered(&[job.map_err(|error| error.to_string())?])
            }
            ScanAsked::Ask {
                wish,
                every_s: Some(every_s),
            } => {
                let act = act("scan.schedule", wish.targets.join(" "))?;
                let done = scans.schedule(wish, every_s, ACTOR, act);
                done.map_err(|error| error.to_string())?;
                answered(&[])
            }
            ScanAsked::Show { id: Some(id) } => {
                let job = reader.job(id).map_err(|error| error.to_string())?;
                answered(&[job.ok_or("there is no such scan")?])
            }
            ScanAsked::Show { id: None } => {
                answered(&reader.jobs(LISTED).map_err(|error| error.to_string())?)
            }
            ScanAsked::Cancel { id } => {
                let done = scans.cancel(id, act("scan.cancel", format!("scan {id}"))?);
                done.map(|()| Answer::Done)
                    .map_err(|error| error.to_string())
            }
            ScanAsked::Unschedule { id } => {
                let act = act("scan.unschedule", format!("schedule {id}"))?;
                let done = scans.unschedule(id, act);
                done.map(|()| Answer::Done)
                    .map_err(|error| error.to_string())
            }
        }
    }
}
