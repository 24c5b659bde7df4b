//! What people and programs do about alerts and rules; each is audited in the transaction that does it.

use alerts::alert::Alert;
use alerts::text::Name;
use alerts::tuning::Tuning;
use protocol::text::Line;

use crate::bulletin::BulletinError;
use crate::bulletin::there;
use crate::bulletin::wish::{self, ActWish, TuneWish};
use crate::store::audit;
use crate::web::error::{Flaw, WebError};
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

/// Does what a word asks about an alert.
pub async fn act(
    web: &Web,
    trail: &Trail,
    (number, word): (u64, &str),
    asked: &ActWish,
    by: &Name,
) -> Result<Alert, WebError> {
    let (act, why) = asked
        .act(word)
        .ok_or(WebError::NoSuch("act"))?
        .map_err(|flaw| WebError::Invalid(vec![told(&flaw)]))?;
    let entry = trail.act(act.action(), &format!("alert {number}"), Change::default());
    let by = by.clone();
    web.read(move |web| {
        if let Some(flaw) = there::assignee(&web.reader, &act)? {
            return Err(WebError::Invalid(vec![told(&flaw)]));
        }
        let noted = |before: &Alert, after: &Alert| wish::noted(entry, before, after);
        let done = web.bulletin.act(number, &act, (&by, why), noted);
        done.map_err(refused)
    })
    .await
}

pub async fn tune(
    web: &Web,
    trail: &Trail,
    asked: &TuneWish,
    by: &Name,
) -> Result<Tuning, WebError> {
    let tuning = asked
        .tuning(by, wall())
        .map_err(|flaws| WebError::Invalid(flaws.iter().map(told).collect()))?;
    if let Some(flaw) = there::rule(&web.logbook, tuning.rule.as_str()) {
        return Err(WebError::Invalid(vec![told(&flaw)]));
    }
    let entry = trail.act("rule.tune", tuning.rule.as_str(), Change::default());
    web.read(move |web| {
        let done = web.bulletin.tune(tuning, |tuning| audit::Act {
            after: Line::fitted(&wish::tuned(tuning)),
            ..entry
        });
        done.map_err(refused)
    })
    .await
}

pub async fn untune(web: &Web, trail: &Trail, number: u64) -> Result<Tuning, WebError> {
    let entry = trail.act(
        "rule.untune",
        &format!("tuning {number}"),
        Change::default(),
    );
    web.read(move |web| {
        let done = web.bulletin.untune(number, |tuning| audit::Act {
            before: Line::fitted(&wish::tuned(tuning)),
            ..entry
        });
        done.map_err(refused)
    })
    .await
}

fn told(flaw: &wish::Flaw) -> Flaw {
    Flaw::new(&format!("/{}", flaw.field), &flaw.what)
}

fn refused(error: BulletinError) -> WebError {
    use alerts::act::ActError;
    use alerts::book::TuneError;
    match error {
        BulletinError::Act(ActError::NoSuchAlert) => WebError::NoSuch("alert"),
        BulletinError::Act(error @ ActError::WhyMissing) => flaw("/why", error),
        BulletinError::Act(error @ ActError::Length) => flaw("/for", error),
        BulletinError::Act(ActError::Over) => {
            WebError::AlreadySo("the alert is over: open it again first")
        }
        BulletinError::Act(ActError::OpenAlready) => {
            WebError::AlreadySo("the alert is open already")
        }
        BulletinError::Tune(TuneError::NoSuchTuning) => WebError::NoSuch("tuning"),
        BulletinError::Tune(error @ TuneError::Until) => flaw("/for", error),
        BulletinError::Tune(TuneError::TooMany) => {
            WebError::AlreadySo("there are too many tunings: remove some first")
        }
        BulletinError::Change(error) => error.into(),
    }
}

fn flaw(place: &str, what: impl std::fmt::Display) -> WebError {
    WebError::Invalid(vec![Flaw::new(place, what)])
}
