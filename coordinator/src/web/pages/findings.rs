//! Findings: the list, one with its devices and decisions, what is found on one device, and where a library is.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use findings::advisory::vex::Justification;
use findings::filter::{FINDING_FIELDS, Filter};
use findings::finding::Subject;
use findings::time::Moment;
use language::say;
use serde::Deserialize;
use ui::links;
use ui::pages::findings::device::{self as device_page, DeviceFindingRow, DeviceFindingsView};
use ui::pages::findings::libraries::{self as libraries_page, LibrariesView, LibraryRow};
use ui::pages::findings::one::{self, AffectedRow, DecisionRow, FindingView};
use ui::pages::findings::{self as page, DecisionForm, FindingsView};
use ui::parts::form::Field;
use ui::parts::text::DeviceRef;

use super::html;
use crate::risk::decide::{self, Asked, DecideError};
use crate::risk::document::place_word;
use crate::risk::index::{Index, next_step, state_word};
use crate::store::advice::Shelf;
use crate::web::Web;
use crate::web::acts::sentence;
use crate::web::acts::views;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{AskedFor, Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::origin::Hx;
use crate::web::risk as words;
use crate::web::trail::{Change, Trail};

/// Rows of one page.
const ROWS: usize = 50;
/// Findings of one device that are shown.
const OF_DEVICE: usize = 200;
/// Characters of a filter, an id or a search.
const TYPED: usize = 2048;
/// Owners of a library that are named.
const OWNERS: usize = 12;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: Option<String>,
    after: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideForm {
    verdict: String,
    #[serde(default)]
    justification: String,
    reason: String,
    scope: String,
    #[serde(default)]
    until: String,
}

pub async fn show(
    Handle(web): Handle<Web>,
    hx: Hx,
    frame: Frame,
    AskedFor(query): AskedFor<ListQuery>,
) -> Result<Response, WebError> {
    let view = web.read(move |web| view(web, &query)).await?;
    Ok(html(&match hx {
        Hx::Partial => page::list(&view),
        Hx::Full => page::page(&web.shell(&frame), &view),
    }))
}

fn view(web: &Web, query: &ListQuery) -> Result<FindingsView, WebError> {
    let index = web.risk.index();
    let typed: String = query.q.iter().flat_map(|q| q.chars()).take(TYPED).collect();
    let filter = Filter::parse(&typed, FINDING_FIELDS);
    let mut view = FindingsView {
        filter: Field::new(typed),
        rows: Vec::new(),
        matching: 0,
        after: query.after.clone(),
        next: None,
        feed: words::feed(&index),
        fleet: words::fleet(web, &index)?,
        saved: web.reader.views(Shelf::Findings)?.into_iter().collect(),
    };
    match filter {
        Err(error) => view.filter.error = Some(error.to_string()),
        Ok(filter) => {
            let page = index.page(&filter, query.after.as_deref(), ROWS);
            view.matching = page.matching as u64;
            view.next = page
                .items
                .last()
                .filter(|_| page.more)
                .map(|(_, row)| row.id.clone());
            view.rows = page
                .items
                .iter()
                .map(|(finding, row)| words::row(finding, row))
                .collect();
        }
    }
    Ok(view)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewForm {
    name: String,
    filter: String,
}

/// Keeps a filter under a name, or takes the name away.
pub async fn keep(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    PageForm(form): PageForm<ViewForm>,
) -> Result<Response, WebError> {
    let name = views::keep(&web, &trail, Shelf::Findings, &form.name, &form.filter).await?;
    web.notes
        .flashes
        .put(&caller, say!("{name} is kept.", name));
    Ok(Redirect::to(&links::findings(&form.filter, None)).into_response())
}

pub async fn one(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<ListQuery>,
) -> Result<Response, WebError> {
    let form = DecisionForm {
        scope: Field::new("fleet"),
        ..DecisionForm::default()
    };
    let view = one_view(&web.risk.index(), &id, query.after.as_deref(), form)?;
    Ok(html(&one::page(&web.shell(&frame), &view)))
}

fn one_view(
    index: &Index,
    id: &str,
    after: Option<&str>,
    form: DecisionForm,
) -> Result<FindingView, WebError> {
    let (finding, row) = index.find(id).ok_or(WebError::NoSuch("finding"))?;
    let advisory = match &finding.subject {
        Subject::Vulnerability(id) => index.feed.catalogue.find(id),
        _ => None,
    };
    let summary = match &finding.subject {
        Subject::Weakness(rule) => rule.advice().reason.to_owned(),
        _ => advisory
            .map(|advisory| advisory.summary.clone())
            .unwrap_or_default(),
    };
    let start: usize = after.and_then(|after| after.parse().ok()).unwrap_or(0);
    let rows = finding.occurrences.iter().skip(start).take(ROWS);
    let end = start + ROWS;
    let first = finding
        .occurrences
        .iter()
        .find(|(_, state)| state.is_open());
    Ok(FindingView {
        row: words::row(finding, row),
        summary,
        aliases: advisory
            .iter()
            .flat_map(|advisory| advisory.aliases.iter().cloned())
            .collect(),
        references: advisory
            .iter()
            .flat_map(|advisory| advisory.references.iter().cloned())
            .collect(),
        next_step: next_step(&finding.subject, first.map(|(found, _)| found)),
        devices: rows
            .map(|(found, state)| {
                let known = index.devices.get(&found.device);
                AffectedRow {
                    device: found.device.clone(),
                    name: known.map_or_else(|| found.device.clone(), |known| known.name.clone()),
                    class: known.map(|known| known.class.clone()).unwrap_or_default(),
                    place: place_word(&found.place),
                    evidence: found.evidence.clone(),
                    confidence: words::confidence(found.confidence),
                    fixed_in: found.fixed_in.clone(),
                    state: state_word(state),
                    why: words::why(index, state),
                }
            })
            .collect(),
        after: after.filter(|_| start > 0).map(str::to_owned),
        next: (end < finding.occurrences.len()).then(|| end.to_string()),
        decisions: decisions(index, &finding.subject),
        form,
        justifications: Justification::ALL
            .map(|word| word.word().to_owned())
            .to_vec(),
    })
}

fn decisions(index: &Index, subject: &Subject) -> Vec<DecisionRow> {
    let all = (0..).map_while(|place| index.ledger.get(place));
    let about = all.filter(|decision| decision.subject == *subject);
    let mut rows: Vec<DecisionRow> = about
        .map(|decision| DecisionRow {
            verdict: decide::verdict_word(decision.verdict),
            scope: decide::scope_word(&decision.scope),
            reason: decision.reason.clone(),
            by: decision.by.clone(),
            at_ms: decision.at.0 * 1000,
            until: decision.expires.map(words::date),
            holds: decision.holds(index.at),
        })
        .collect();
    rows.reverse();
    rows
}

pub async fn decide(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    Named(id): Named<String>,
    PageForm(form): PageForm<DecideForm>,
) -> Result<Response, WebError> {
    let asked = Asked {
        verdict: form.verdict,
        justification: form.justification,
        reason: form.reason,
        scope: form.scope,
        until: form.until,
    };
    let done = decided(&web, &trail, &caller, id.clone(), asked.clone()).await?;
    match done {
        Ok(()) => {
            web.notes
                .flashes
                .put(&caller, say!("Decided about {id}.", id));
            Ok(Redirect::to(&links::finding(&id)).into_response())
        }
        Err(error) => refused(&web, &frame, &id, &asked, &error),
    }
}

/// The same for pages and programs: the outer error is ours, the inner one is of what was typed.
pub async fn decided(
    web: &Web,
    trail: &Trail,
    caller: &Caller,
    id: String,
    asked: Asked,
) -> Result<Result<(), DecideError>, WebError> {
    let after = format!("{} for {}: {}", asked.verdict, asked.scope, asked.reason);
    let change = Change {
        after: Some(&after),
        ..Change::default()
    };
    let act = trail.act("finding.decide", &id, change);
    let by = caller.name.to_string();
    web.read(move |web| match web.risk.decide(&id, &asked, &by, act) {
        Err(DecideError::NoFinding) => Err(WebError::NoSuch("finding")),
        Err(DecideError::Read(error)) => Err(error.into()),
        Err(DecideError::Change(error)) => Err(error.into()),
        other => Ok(other),
    })
    .await
}

fn refused(
    web: &Web,
    frame: &Frame,
    id: &str,
    asked: &Asked,
    error: &DecideError,
) -> Result<Response, WebError> {
    let field = |name: &str, typed: &str| {
        let typed: String = typed.chars().take(TYPED).collect();
        match error.place() == name || (error.place().is_empty() && name == "verdict") {
            true => Field::wrong(typed, sentence(&error.to_string())),
            false => Field::new(typed),
        }
    };
    let form = DecisionForm {
        verdict: field("verdict", &asked.verdict),
        justification: field("justification", &asked.justification),
        reason: field("reason", &asked.reason),
        scope: field("scope", &asked.scope),
        until: field("until", &asked.until),
    };
    let view = one_view(&web.risk.index(), id, None, form)?;
    Ok(again(&one::page(&web.shell(frame), &view)))
}

pub async fn on_device(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let view = web.read(move |web| device_view(web, &id)).await?;
    Ok(html(&device_page::page(&web.shell(&frame), &view)))
}

fn device_view(web: &Web, id: &str) -> Result<DeviceFindingsView, WebError> {
    let index = web.risk.index();
    let known = index.devices.get(id).ok_or(WebError::NoSuch("device"))?;
    let score = index.scores.get(id).ok_or(WebError::NoSuch("device"))?;
    let found: Vec<_> = index.on_device(id).collect();
    let rows = found.iter().take(OF_DEVICE).map(|(finding, place)| {
        let (occurrence, state) = &finding.occurrences[*place];
        DeviceFindingRow {
            id: finding.subject.to_string(),
            title: finding.title.clone(),
            level: finding.subject.level(&index.feed.catalogue).word(),
            exploited: finding.priority.exploited.is_some(),
            place: place_word(&occurrence.place),
            evidence: occurrence.evidence.clone(),
            state: state_word(state),
            next_step: next_step(&finding.subject, Some(occurrence)),
        }
    });
    Ok(DeviceFindingsView {
        id: id.to_owned(),
        name: known.name.clone(),
        class: known.class.clone(),
        cell: known.cell.clone(),
        vendor: known.vendor.clone(),
        groups: super::groups(known),
        addresses: known.addresses.iter().map(ToString::to_string).collect(),
        exposure: words::exposure(known.exposure),
        has_node: known.has_node,
        last_scan_ms: known.last_scan.map(|Moment(second)| second * 1000),
        has_sbom: known.has_sbom,
        score: words::score(web, id, score)?,
        feed: words::feed(&index),
        rows: rows.collect(),
        more: found.len().saturating_sub(OF_DEVICE) as u64,
        undecided: index
            .undecided
            .get(id)
            .map(|ids| ids.iter().take(OF_DEVICE).cloned().collect())
            .unwrap_or_default(),
    })
}

pub async fn libraries(
    Handle(web): Handle<Web>,
    frame: Frame,
    AskedFor(query): AskedFor<ListQuery>,
) -> Result<Response, WebError> {
    let text: String = query
        .q
        .iter()
        .flat_map(|q| q.trim().chars())
        .take(256)
        .collect();
    let view = web.read(move |web| Ok(libraries_view(web, text))).await?;
    Ok(html(&libraries_page::page(&web.shell(&frame), &view)))
}

fn libraries_view(web: &Web, text: String) -> LibrariesView {
    let index = web.risk.index();
    if text.is_empty() {
        return LibrariesView::default();
    }
    let hits = index.libraries.find(&text).into_iter().take(OF_DEVICE);
    let rows = hits.map(|hit| LibraryRow {
        component: hit.component.to_owned(),
        version: hit.version.to_owned(),
        owners: hit.devices.len() as u64,
        first: hit
            .devices
            .iter()
            .take(OWNERS)
            .map(|owner| named(&index, owner))
            .collect(),
    });
    LibrariesView {
        rows: rows.collect(),
        text,
    }
}

fn named(index: &Index, owner: &str) -> DeviceRef {
    let known = index.devices.get(owner);
    DeviceRef {
        id: owner.to_owned(),
        name: known.map_or_else(|| owner.to_owned(), |known| known.name.clone()),
    }
}
