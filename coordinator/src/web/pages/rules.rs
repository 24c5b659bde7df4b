//! Rules: those that watch, and what people have tuned.

use alerts::sources;
use alerts::tuning::Tuning;
use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use ui::links;
use ui::pages::alerts::rules::{self as page, RuleRow, RulesView, TuningRow};

use super::html;
use crate::bulletin::document::of_words;
use crate::web::Web;
use crate::web::acts::alerts as acts;
use crate::web::api::bulletin::number;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::Named;
use crate::web::frame::Frame;
use crate::web::trail::Trail;

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Response {
    html(&page::page(&web.shell(&frame), &view(&web)))
}

fn view(web: &Web) -> RulesView {
    let own = sources::RULES.iter().flat_map(|rules| rules.iter());
    let own = own.map(|rule| RuleRow {
        name: rule.name.to_owned(),
        title: rule.title.to_owned(),
        severity: rule.severity.to_string(),
        attack: rule.attack.map(str::to_owned),
        source: say!("the mesh"),
        warnings: Vec::new(),
    });
    let of_logs = web.logbook.rules(|rules| {
        let rows = rules.iter().map(|rule| RuleRow {
            name: rule.name.clone(),
            title: rule.title.clone(),
            severity: rule.level.clone(),
            attack: rule.attack.clone(),
            source: say!("source|logs"),
            warnings: rule.warnings.clone(),
        });
        rows.collect::<Vec<_>>()
    });
    let refused = web.logbook.refused().iter();
    RulesView {
        tunings: web
            .bulletin
            .look(|pages| pages.book.tunings().iter().map(tuning).collect()),
        rules: own.chain(of_logs).collect(),
        refused: refused
            .map(|it| (it.file.clone(), it.why.clone()))
            .collect(),
    }
}

fn tuning(tuning: &Tuning) -> TuningRow {
    TuningRow {
        number: tuning.number,
        rule: tuning.rule.to_string(),
        of: of_words(tuning.of),
        effect: tuning.effect.to_string(),
        why: tuning.why.to_string(),
        by: tuning.by.to_string(),
        until_ms: tuning.until.as_millis(),
    }
}

pub async fn untune(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let tuning = acts::untune(&web, &trail, number(&id)?).await?;
    let said = say!("The rule {rule} is as it was.", rule = tuning.rule);
    web.notes.flashes.put(&caller, said);
    Ok(Redirect::to(links::rules()).into_response())
}
