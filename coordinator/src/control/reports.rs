//! Reports and compliance over the control socket.

use data_encoding::BASE64;
use findings::time::Moment;
use serde::{Deserialize, Serialize};

use super::{Answer, Desk};
use crate::access::{self, ACTOR};
use crate::compliance::{self, Judged};
use crate::report::document::{ReportDocument, ReportScheduleDocument};
use crate::report::{Reporter, Wish};
use crate::store::audit::{Act, Detail};
use crate::store::reports::{Kind, Period, ReportFormat, ReportLanguage, ReportSchedule};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReportAsked {
    /// Made and kept; answered with its file.
    Make {
        kind: Kind,
        device: Option<String>,
        format: ReportFormat,
        #[serde(default)]
        language: ReportLanguage,
    },
    Show {
        id: u64,
    },
    List,
    Schedule {
        kind: Kind,
        format: ReportFormat,
        every: Period,
        #[serde(default)]
        language: ReportLanguage,
    },
    Unschedule {
        id: u64,
    },
    /// One framework, or all.
    Compliance {
        framework: Option<String>,
    },
}

impl Desk {
    pub(super) async fn report(&self, asked: ReportAsked) -> Result<Answer, String> {
        let reporter = self.service.reporter.clone();
        let done = tokio::task::spawn_blocking(move || answer(&reporter, asked)).await;
        done.map_err(|_| "the report was not made: look into the log".to_owned())?
    }
}

fn answer(reporter: &Reporter, asked: ReportAsked) -> Result<Answer, String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    match asked {
        ReportAsked::Make {
            kind,
            device,
            format,
            language,
        } => {
            let wish = Wish {
                kind,
                device: device
                    .map(|id| id.parse())
                    .transpose()
                    .map_err(|_| "this is no id of a device")?,
                format,
                language: language.into(),
            };
            let act = act(
                "report.make",
                &format!("{} report", kind.word()),
                format.word(),
            )?;
            let kept = reporter.keep(&wish, ACTOR, act, mesh::wall());
            let kept = kept.map_err(|error| words(&error))?;
            show(reporter, kept.number)
        }
        ReportAsked::Show { id } => show(reporter, id),
        ReportAsked::List => {
            let kept = reporter.reader.reports().map_err(|error| words(&error))?;
            let schedules = reporter.reader.report_schedules();
            let schedules = schedules.map_err(|error| words(&error))?;
            Ok(Answer::Reports {
                items: kept.iter().map(ReportDocument::of).collect(),
                schedules: schedules.iter().map(ReportScheduleDocument::of).collect(),
            })
        }
        ReportAsked::Schedule {
            kind,
            format,
            every,
            language,
        } => {
            let act = act(
                "report.schedule",
                &format!("{} report", kind.word()),
                every.word(),
            )?;
            let schedule = ReportSchedule {
                number: 0,
                kind,
                format,
                period: every,
                next: Moment(mesh::wall().as_millis() / 1000),
                by: ACTOR.to_owned(),
                language,
            };
            let done = reporter.schedule(schedule, act);
            done.map(|_| Answer::Done).map_err(|error| words(&error))
        }
        ReportAsked::Unschedule { id } => {
            let act = act("report.unschedule", &format!("schedule {id}"), "removed")?;
            let done = reporter.unschedule(id, act);
            done.map(|()| Answer::Done).map_err(|error| words(&error))
        }
        ReportAsked::Compliance { framework } => {
            let figures = reporter.figures().map_err(|error| words(&error))?;
            let chosen = compliance::ALL.iter();
            let chosen =
                chosen.filter(|known| framework.as_ref().is_none_or(|slug| slug == known.slug));
            let items: Vec<Judged> = chosen.flat_map(|known| known.judged(&figures)).collect();
            match items.is_empty() {
                true => Err("there is no such framework: write iso-27001, iec-62443, en-303-645, hipaa or gdpr".to_owned()),
                false => Ok(Answer::Compliance { items }),
            }
        }
    }
}

fn show(reporter: &Reporter, id: u64) -> Result<Answer, String> {
    let found = reporter
        .reader
        .report(id)
        .map_err(|error| error.to_string())?;
    let (kept, file) = found.ok_or("there is no such report")?;
    Ok(Answer::Report {
        report: ReportDocument::of(&kept),
        file: BASE64.encode(&file),
    })
}

fn act(action: &str, object: &str, after: &str) -> Result<Act, String> {
    let act = access::act(action, object).map_err(|error| error.to_string())?;
    Ok(Act {
        after: Detail::fitted(after),
        ..act
    })
}
