//! Rollouts: listed, looked at while they go on, asked for, and told to stop.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use protocol::id::DeviceId;
use protocol::rollout::{Approval, Progress, Rollout, Stage, Tally, Word};
use protocol::text::Name;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links;
use ui::pages::rollouts::asked::{self, NewRolloutView};
use ui::pages::rollouts::one::{
    self as one_page, AwayRow, ExcludedRow, FailureRow, RingRow, RolloutView,
};
use ui::pages::rollouts::{self as page, RolloutRow, RolloutsView, State};
use ui::parts::form::Field;
use ui::parts::text::DeviceRef;

use super::html;
use crate::live::Live;
use crate::rollouts::document::{DeviceShown, RolloutDocument};
use crate::rollouts::wish::{Wish, published};
use crate::web::Web;
use crate::web::acts::rollouts::{self as acts, Begin};
use crate::web::acts::sentence;
use crate::web::api::rollouts::{rollout_id, word_of};
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::forms::{Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;

/// Letters of a wrong form that are shown again.
const TYPED: usize = 512;
/// Rows of a list that a page draws.
const ROWS: usize = 100;
/// What the form begins with.
const CANARY: &str = "2";
const SHARES: &str = "10, 50, 100";
const SUCCESS: &str = "90";
const SOAK_MIN: &str = "60";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WishForm {
    release: String,
    canary: String,
    shares: String,
    success: String,
    soak: String,
    /// A box that is not ticked sends nothing.
    second_person: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordForm {
    word: String,
}

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Response {
    html(&page::page(&web.shell(&frame), &view(&web)))
}

pub fn view(web: &Web) -> RolloutsView {
    let live = web.snapshot();
    RolloutsView {
        rollouts: live.rollouts.iter().map(|one| row(one)).collect(),
    }
}

fn row(rollout: &Rollout) -> RolloutRow {
    let (image, rings) = (&rollout.plan().image, rollout.plan().rings.len());
    let tallies: Vec<Tally> = (0..rings).map(|ring| rollout.tally(ring)).collect();
    let ring = match rollout.stage() {
        Stage::Planned => 0,
        _ => usize::from(rollout.course().ring) + 1,
    };
    RolloutRow {
        id: rollout.id().0,
        product: image.product.to_string(),
        version: image.version.to_string(),
        state: state(*rollout.stage()),
        made_ms: rollout.course().made.as_millis(),
        ring,
        rings,
        committed: tallies.iter().map(|tally| tally.committed).sum(),
        counted: tallies.iter().map(Tally::counted).sum(),
    }
}

const fn state(stage: Stage) -> State {
    match stage {
        Stage::Planned => State::Planned,
        Stage::Running => State::Running,
        Stage::Paused => State::Paused,
        Stage::Halted(_) => State::Halted,
        Stage::Aborted => State::Aborted,
        Stage::RolledBack => State::RolledBack,
        Stage::Finished => State::Finished,
    }
}

pub async fn one(
    Handle(web): Handle<Web>,
    caller: Caller,
    frame: Frame,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let view = one_view(&web, &id, &caller.account)?;
    Ok(html(&one_page::page(&web.shell(&frame), &view)))
}

pub fn one_view(web: &Web, id: &str, who: &Name) -> Result<RolloutView, WebError> {
    let live = web.snapshot();
    let rollout = live.rollout(rollout_id(id)?);
    let rollout = rollout.ok_or(WebError::NoSuch("rollout"))?;
    let document = RolloutDocument::of(rollout, &live);
    let approval = match (&rollout.course().approved, rollout.plan().approval) {
        (_, Approval::None) => one_page::Approval::NotAsked,
        (None, Approval::Second) => one_page::Approval::Missing,
        (Some(who), Approval::Second) => one_page::Approval::Given(who.to_string()),
    };
    let beyond = |rows: usize| rows.saturating_sub(ROWS);
    let more = beyond(document.excluded.len()) + beyond(document.away.len());
    let rings = document.rings.iter().enumerate();
    Ok(RolloutView {
        row: row(rollout),
        rings: rings
            .map(|(number, ring)| RingRow {
                reach: ring.reach.clone(),
                counted: ring.devices,
                waiting: ring.waiting,
                in_flight: ring.in_flight,
                committed: ring.committed,
                failed: ring.failed,
                away: ring.away,
                excluded: ring.excluded,
                halting: ring.halting,
                success_percent: ring.success_percent,
                soak_ms: ring.soak_s.saturating_mul(1000),
                settled_ms: rollout.course().settled(number).map(Timestamp::as_millis),
            })
            .collect(),
        failures: document.failures.into_iter().map(failure).collect(),
        excluded: document
            .excluded
            .into_iter()
            .take(ROWS)
            .map(|row| ExcludedRow {
                device: device_ref(row.device),
                says: row.says,
            })
            .collect(),
        away: away(rollout, &live),
        more,
        words: said(rollout, who),
        path: document.path,
        sha256: document.target,
        counter: document.counter,
        asked_by: document.asked_by,
        reason: document.reason,
        approval,
    })
}

/// Only what fits the moment is offered; the run loop judges again.
fn said(rollout: &Rollout, who: &Name) -> Vec<one_page::Word> {
    let fits = |word: &&one_page::Word| {
        let known = Word::ALL.into_iter().find(|one| one.word() == word.slug());
        known.is_some_and(|known| rollout.judge(known, who).is_ok())
    };
    one_page::Word::ALL.iter().filter(fits).copied().collect()
}

fn away(rollout: &Rollout, live: &Live) -> Vec<AwayRow> {
    let entries = rollout.entries().iter();
    let gone = entries.filter_map(|(device, entry)| match &entry.progress {
        Progress::Away { since, last } => Some((device, since, last)),
        _ => None,
    });
    gone.take(ROWS)
        .map(|(device, since, last)| AwayRow {
            device: named(device, live),
            since_ms: since.as_millis(),
            last: last.as_ref().map(|state| ended(state.word())),
        })
        .collect()
}

fn failure(row: crate::rollouts::document::FailureDocument) -> FailureRow {
    FailureRow {
        device: device_ref(row.device),
        state: ended(&row.state),
        says: row.says,
        witnesses: row.witnesses.into_iter().map(device_ref).collect(),
    }
}

/// How an update stands or has ended, by the words of the protocol.
fn ended(word: &str) -> String {
    match word {
        "announced" => say!("update|announced").to_owned(),
        "trusted" => say!("update|trusted").to_owned(),
        "fetched" => say!("update|fetched").to_owned(),
        "installed" => say!("update|installed").to_owned(),
        "probation" => say!("update|probation").to_owned(),
        "committed" => say!("update|committed").to_owned(),
        "rolled_back" => say!("update|rolled back").to_owned(),
        "refused" => say!("update|refused").to_owned(),
        "lost" => say!("update|lost").to_owned(),
        other => other.replace('_', " "),
    }
}

fn named(device: &DeviceId, live: &Live) -> DeviceRef {
    device_ref(DeviceShown::of(device, live))
}

fn device_ref(shown: DeviceShown) -> DeviceRef {
    DeviceRef {
        id: shown.id,
        name: shown.name,
    }
}

pub async fn tell(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
    PageForm(form): PageForm<WordForm>,
) -> Result<Response, WebError> {
    let (number, word) = (rollout_id(&id)?, word_of(&form.word)?);
    acts::tell(&web, (&caller, &trail), number, word).await?;
    let live = web.snapshot();
    let kept = live.rollout(number).map_or(0, |rollout| rollout.kept());
    let said = match word {
        Word::Approve => say!("You have agreed.").to_owned(),
        Word::Start => say!("It has started.").to_owned(),
        Word::Pause => say!("It is paused.").to_owned(),
        Word::Resume => say!("It goes on.").to_owned(),
        Word::Abort => say!("It is aborted.").to_owned(),
        Word::RollBack => say!(
            "Whoever has not committed goes back. {kept} devices have, and keep it: none falls below its release counter.",
            kept
        ),
    };
    web.notes.flashes.put(&caller, said);
    Ok(Redirect::to(&links::rollout(number.0)).into_response())
}

pub async fn begin(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let view = NewRolloutView {
        releases: releases(&web).await?,
        canary: Field::new(CANARY),
        shares: Field::new(SHARES),
        success: Field::new(SUCCESS),
        soak: Field::new(SOAK_MIN),
        ..NewRolloutView::default()
    };
    Ok(html(&asked::page(&web.shell(&frame), &view)))
}

async fn releases(web: &Web) -> Result<Vec<String>, WebError> {
    let all = web.read(|web| Ok(published(&web.releases)?)).await?;
    let words = all.iter().map(|one| {
        let release = &one.release;
        format!("{} {}", release.product, release.version)
    });
    Ok(words.collect())
}

pub async fn plan(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<WishForm>,
) -> Result<Response, WebError> {
    let flaws = match form.wish() {
        Ok(wish) => match acts::plan(&web, (&caller, &trail), wish, Begin::WhenTold).await {
            Ok(planned) => {
                let said = say!("It waits for its start.").to_owned();
                web.notes.flashes.put(&caller, said);
                return Ok(Redirect::to(&links::rollout(planned.id)).into_response());
            }
            Err(WebError::Invalid(flaws)) => flaws,
            Err(WebError::NotYet(why)) => vec![Flaw::new("/version", why)],
            Err(error) => return Err(error),
        },
        Err(flaws) => flaws,
    };
    let view = form.again(&flaws, releases(&web).await?);
    Ok(again(&asked::page(&web.shell(&frame), &view)))
}

impl WishForm {
    fn wish(&self) -> Result<Wish, Vec<Flaw>> {
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let shares = self.shares.split(',').map(|share| share.trim().parse());
        let shares: Result<Vec<u8>, _> = shares.collect();
        let (success, soak) = (self.success.trim().parse().ok(), number(&self.soak));
        let release = self.release.trim().split_once(' ');
        let mut flaws = Vec::new();
        let mut check = |good: bool, place: &str, what: &str| {
            if !good {
                flaws.push(Flaw::new(place, what));
            }
        };
        check(
            release.is_some(),
            "/version",
            say!("write a product, a space, and a version"),
        );
        check(
            !self.canary.trim().is_empty(),
            "/canary",
            say!("write a number, or names of devices"),
        );
        check(
            shares.is_ok(),
            "/shares",
            say!("write percents with commas between them"),
        );
        check(
            success.is_some(),
            "/success_percent",
            say!("write a percent"),
        );
        check(soak.is_some(), "/soak_s", say!("write a number of minutes"));
        let (Some((product, version)), Ok(shares), true) = (release, shares, flaws.is_empty())
        else {
            return Err(flaws);
        };
        let count = number(&self.canary);
        let named = self.canary.split(',').map(|one| one.trim().to_owned());
        Ok(Wish {
            product: product.to_owned(),
            version: version.trim().to_owned(),
            canary: if count.is_some() {
                Vec::new()
            } else {
                named.collect()
            },
            canary_count: count,
            shares: Some(shares),
            success_percent: success,
            soak_s: soak.map(|minutes| u64::from(minutes) * 60),
            second_person: self.second_person.is_some(),
            ..Wish::default()
        })
    }

    fn again(&self, flaws: &[Flaw], releases: Vec<String>) -> NewRolloutView {
        let field = |places: &[&str], value: &str| {
            let mut flaws = flaws.iter();
            let flaw = flaws.find(|flaw| places.contains(&flaw.place.as_str()));
            Field {
                value: value.chars().take(TYPED).collect(),
                error: flaw.map(|flaw| sentence(&flaw.what)),
            }
        };
        NewRolloutView {
            releases,
            release: field(&["", "/version"], &self.release),
            canary: field(&["/canary", "/canary_count"], &self.canary),
            shares: field(&["/shares"], &self.shares),
            success: field(&["/success_percent"], &self.success),
            soak: field(&["/soak_s"], &self.soak),
            second_person: self.second_person.is_some(),
        }
    }
}
