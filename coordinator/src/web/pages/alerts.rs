//! Alerts: the list under its filter, one of them, and what people do about it.

use alerts::alert::{Alert, State};
use alerts::book::Cursor;
use alerts::filter::{Filter, Shown};
use alerts::origins::Origin;
use alerts::severity::Severity as Weight;
use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links::{self, AlertFilter};
use ui::pages::alerts::one::{
    self as one_page, ActForm, AlertView, DoneView, NormalView, OriginRow, TuneForm, ValueRow,
    WitnessRow,
};
use ui::pages::alerts::{self as page, AlertRow, AlertsView, StateView};
use ui::pages::overview::AlertsCard;
use ui::parts::form::Field;
use ui::parts::severity::Severity;

use super::device::named;
use super::html;
use crate::bulletin::sight::{Sight, watched};
use crate::bulletin::wish::{ActWish, TuneWish};
use crate::live::Live;
use crate::risk::holder::Holder;
use crate::web::acts::alerts as acts;
use crate::web::acts::sentence;
use crate::web::api::bulletin::{AlertsQuery, cursor, number};
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::forms::{AskedFor, Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;
use crate::web::{Web, wall};

/// Rows of a page of the list.
const ROWS: usize = 50;
/// Others of the same incident that are shown.
const BESIDE: usize = 20;
/// Alerts on the first page.
const NEWEST: usize = 6;
/// Letters of a wrong form that are shown again.
const TYPED: usize = 512;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct PageQuery {
    state: Option<String>,
    severity: Option<String>,
    device: Option<String>,
    rule: Option<String>,
    incident: Option<String>,
    after: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ActPosted {
    word: String,
    why: String,
    to: String,
    #[serde(rename = "for")]
    length: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TunePosted {
    of: String,
    effect: String,
    why: String,
    #[serde(rename = "for")]
    length: String,
}

impl PageQuery {
    pub fn filter(self) -> AlertFilter {
        AlertFilter {
            state: self.state,
            severity: self.severity,
            device: self.device,
            rule: self.rule,
            incident: self.incident,
            after: self.after,
        }
    }
}

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    AskedFor(query): AskedFor<PageQuery>,
) -> Result<Response, WebError> {
    let view = web.read(move |web| view(web, query.filter())).await?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

pub fn view(web: &Web, filter: AlertFilter) -> Result<AlertsView, WebError> {
    let asked = AlertsQuery {
        state: filter.state.clone(),
        severity: filter.severity.clone(),
        device: filter.device.clone(),
        rule: filter.rule.clone(),
        incident: filter.incident.clone(),
        ..AlertsQuery::default()
    };
    let asked = asked.filter()?;
    let after = filter.after.as_deref().map(cursor).transpose()?;
    let (live, now) = (web.snapshot(), wall());
    let settings = web.delivery.settings();
    Ok(web.bulletin.look(|pages| {
        let book = &pages.book;
        let found = book.page(&asked, after, ROWS + 1, now);
        let more = found.get(ROWS).and_then(|_| found.get(ROWS - 1));
        let all = Filter {
            states: Shown::All,
            ..Filter::default()
        };
        let newest = book.page(&all, None, 1, now);
        AlertsView {
            open: Severity::ALL.map(|severity| (severity, open(book, severity, now))),
            matching: book.count(&asked, now) as u64,
            rows: found
                .iter()
                .take(ROWS)
                .map(|alert| row(alert, &live, now))
                .collect(),
            next: more.map(|last| Cursor::of(last).to_string()),
            last_ms: newest.first().map(|alert| alert.last.as_millis()),
            told_to_nobody: settings.plan.routes.is_empty() && settings.plan.digest.is_none(),
            filter,
        }
    }))
}

fn open(book: &alerts::book::Book, severity: Severity, now: Timestamp) -> u64 {
    let of = book
        .open(now)
        .filter(|alert| shown(alert.severity) == severity);
    of.count() as u64
}

/// What waits for somebody, for the first page.
pub fn card(web: &Web) -> AlertsCard {
    let (live, now) = (web.snapshot(), wall());
    web.bulletin.look(|pages| {
        let mut open: Vec<&Alert> = pages.book.open(now).collect();
        open.sort_by_key(|alert| std::cmp::Reverse((alert.severity, Cursor::of(alert))));
        AlertsCard {
            open: open.len() as u64,
            rows: open
                .iter()
                .take(NEWEST)
                .map(|alert| row(alert, &live, now))
                .collect(),
        }
    })
}

pub const fn shown(severity: Weight) -> Severity {
    match severity {
        Weight::Info => Severity::Info,
        Weight::Low => Severity::Low,
        Weight::Medium => Severity::Medium,
        Weight::High => Severity::High,
        Weight::Critical => Severity::Critical,
    }
}

fn row(alert: &Alert, live: &Live, now: Timestamp) -> AlertRow {
    AlertRow {
        number: alert.number,
        severity: shown(alert.severity),
        title: alert.rule.title.to_string(),
        says: alert.says.to_string(),
        device: alert.device.as_ref().map(|device| named(live, device)),
        about: alert.about.as_ref().map(ToString::to_string),
        state: match alert.state_at(now) {
            State::Open => StateView::Open,
            State::Acknowledged => StateView::Acknowledged,
            State::Assigned(to) => StateView::Assigned(to.to_string()),
            State::Snoozed(until) => StateView::Snoozed {
                until_ms: until.as_millis(),
            },
            State::Closed => StateView::Closed,
            State::FalsePositive => StateView::FalsePositive,
        },
        count: alert.count,
        first_ms: alert.first.as_millis(),
        last_ms: alert.last.as_millis(),
        incident: alert.incident,
        seen_by: alert.witnesses.len(),
    }
}

pub async fn one(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let view = web.read(move |web| one_view(web, &id)).await?;
    Ok(html(&one_page::page(&web.shell(&frame), &view)))
}

pub fn one_view(web: &Web, id: &str) -> Result<AlertView, WebError> {
    let number = number(id)?;
    let (live, now) = (web.snapshot(), wall());
    let operators = web.reader.operators()?;
    let found = web.bulletin.look(|pages| {
        let alert = pages.book.alert(number)?;
        let others = pages.book.of_incident(alert.incident);
        let beside = others.filter(|other| other.number != number).take(BESIDE);
        Some(AlertView {
            row: row(alert, &live, now),
            rule: alert.rule.name.to_string(),
            attack: alert.rule.attack.as_ref().map(ToString::to_string),
            class: alert.class.map(|class| class.to_string()),
            stops: alert.rule.stops.to_string(),
            cause: alert.cause.as_ref().map(ToString::to_string),
            values: values(alert),
            witnesses: witnesses(alert, &live),
            origins: alert.origins.iter().map(origin).collect(),
            could_see: None,
            done: alert.done.as_ref().map(|done| DoneView {
                by: done.by.to_string(),
                at_ms: done.at.as_millis(),
                why: done.why.as_ref().map(ToString::to_string),
            }),
            before: alert.before,
            beside: beside.map(|other| row(other, &live, now)).collect(),
            is_off: pages.book.is_off(alert, now),
            normal: None,
            form: ActForm::default(),
            tune: TuneForm::default(),
            people: operators.iter().map(|one| one.name.to_string()).collect(),
        })
    });
    let mut view = found.ok_or(WebError::NoSuch("alert"))?;
    let device = view.row.device.as_ref().map(|device| device.id.as_str());
    if let Some(holder) = watched(&view.rule, device.or(view.row.about.as_deref())) {
        view.normal = normal(&view, holder);
        let saw = view.witnesses.len();
        view.could_see = Some(Sight::new(&web.reader).could_see(holder, saw)?);
    }
    Ok(view)
}

/// The habit that the alert itself names.
fn normal(view: &AlertView, holder: Holder) -> Option<NormalView> {
    let named = view
        .values
        .iter()
        .find(|value| value.what == alerts::sources::HABIT)?;
    Some(NormalView {
        holder: holder.to_string(),
        habit: named.seen.clone(),
    })
}

/// What has become of an alert, for whoever did it.
fn said(number: u64, state: &State) -> String {
    match state {
        State::Open => say!("Alert {number} is open.", number),
        State::Acknowledged => say!("Alert {number} is acknowledged.", number),
        State::Assigned(_) => say!("Alert {number} is assigned.", number),
        State::Snoozed(_) => say!("Alert {number} is snoozed.", number),
        State::Closed => say!("Alert {number} is closed.", number),
        State::FalsePositive => say!("Alert {number} is a false positive.", number),
    }
}

fn values(alert: &Alert) -> Vec<ValueRow> {
    let rows = alert.values.iter().map(|value| ValueRow {
        what: value.what.to_string(),
        usual: value.usual.as_ref().map(ToString::to_string),
        seen: value.seen.to_string(),
    });
    rows.collect()
}

fn origin(origin: &Origin) -> OriginRow {
    OriginRow {
        from: origin.from.to_string(),
        first_ms: origin.first.as_millis(),
        last_ms: origin.last.as_millis(),
        count: origin.count,
        said: origin.said.as_ref().map(ToString::to_string),
    }
}

fn witnesses(alert: &Alert, live: &Live) -> Vec<WitnessRow> {
    let rows = alert.witnesses.iter().rev().map(|witness| WitnessRow {
        device: named(live, &witness.device),
        at_ms: witness.at.as_millis(),
        record: witness
            .position
            .map(|position| format!("{}/{}", position.incarnation.0, position.sequence)),
    });
    rows.collect()
}

/// What was typed, and beside each field what is wrong with it.
fn typed(flaws: &[Flaw], place: &str, value: &str) -> Field {
    let flaw = flaws.iter().find(|flaw| flaw.place == place);
    Field {
        value: value.chars().take(TYPED).collect(),
        error: flaw.map(|flaw| sentence(&flaw.what)),
    }
}

pub async fn act(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    Named(id): Named<String>,
    PageForm(form): PageForm<ActPosted>,
) -> Result<Response, WebError> {
    let number = number(&id)?;
    let wish = ActWish {
        why: form.why,
        to: form.to,
        length: form.length,
    };
    let done = acts::act(&web, &trail, (number, &form.word), &wish, &caller.name).await;
    match done {
        Ok(alert) => {
            let said = said(number, &alert.state);
            web.notes.flashes.put(&caller, said);
            Ok(Redirect::to(&links::alert(number)).into_response())
        }
        Err(WebError::Invalid(flaws)) => {
            let mut view = web.read(move |web| one_view(web, &id)).await?;
            view.form = ActForm {
                why: typed(&flaws, "/why", &wish.why),
                to: typed(&flaws, "/to", &wish.to),
                length: typed(&flaws, "/for", &wish.length),
            };
            Ok(again(&one_page::page(&web.shell(&frame), &view)))
        }
        Err(error) => Err(error),
    }
}

pub async fn tune(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    Named(id): Named<String>,
    PageForm(form): PageForm<TunePosted>,
) -> Result<Response, WebError> {
    let number = number(&id)?;
    let rule = web.bulletin.look(|pages| {
        let alert = pages.book.alert(number);
        alert.map(|alert| alert.rule.name.to_string())
    });
    let wish = TuneWish {
        rule: rule.ok_or(WebError::NoSuch("alert"))?,
        of: form.of,
        effect: form.effect,
        why: form.why,
        length: form.length,
    };
    match acts::tune(&web, &trail, &wish, &caller.name).await {
        Ok(tuning) => {
            let said = say!("The rule {rule} is tuned.", rule = tuning.rule);
            web.notes.flashes.put(&caller, said);
            Ok(Redirect::to(&links::alert(number)).into_response())
        }
        Err(WebError::Invalid(flaws)) => {
            let mut view = web.read(move |web| one_view(web, &id)).await?;
            view.tune = TuneForm {
                of: typed(&flaws, "/of", &wish.of),
                effect: typed(&flaws, "/effect", &wish.effect),
                why: typed(&flaws, "/why", &wish.why),
                length: typed(&flaws, "/for", &wish.length),
            };
            Ok(again(&one_page::page(&web.shell(&frame), &view)))
        }
        Err(error) => Err(error),
    }
}
