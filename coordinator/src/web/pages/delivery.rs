//! Who is told of alerts, and a button that tries it.

use alerts::severity::Severity;
use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use ui::links;
use ui::pages::delivery::{self as page, ChannelRow, DeliveryView, LetterRow, RouteRow};

use super::html;
use crate::delivery::TestError;
use crate::delivery::document::{ChannelDocument, DeliveryDocument, RouteDocument};
use crate::web::Web;
use crate::web::acts::{delivery as acts, sentence};
use crate::web::api::delivery::document;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::Named;
use crate::web::frame::Frame;
use crate::web::trail::Trail;

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let told = web.read(|web| Ok(document(&web.delivery))).await?;
    Ok(html(&page::page(&web.shell(&frame), &view(told))))
}

fn view(told: DeliveryDocument) -> DeliveryView {
    DeliveryView {
        error: told.error,
        warnings: told.warnings,
        channels: told.channels.into_iter().map(channel).collect(),
        routes: told.routes.iter().map(route).collect(),
        quiet: told
            .quiet
            .map(|(hours, unless)| (hours, severity(&unless).to_owned())),
        letters: told
            .letters
            .into_iter()
            .map(|letter| LetterRow {
                at_ms: at(&letter.written).unwrap_or_default(),
                channel: letter.channel,
                subject: letter.subject,
                state: state(&letter.state),
                error: letter.error,
            })
            .collect(),
    }
}

pub(super) fn channel(told: ChannelDocument) -> ChannelRow {
    ChannelRow {
        last_ms: told.last_delivery.as_deref().and_then(at),
        name: told.name,
        kind: told.kind,
        to: told.to,
        error: told.last_error,
        waiting: told.waiting,
    }
}

fn at(text: &str) -> Option<u64> {
    let at = text.parse::<jiff::Timestamp>().ok()?;
    Some(u64::try_from(at.as_millisecond()).unwrap_or_default())
}

/// How grave, by the word of settings.
fn severity(word: &str) -> &str {
    word.parse::<Severity>()
        .map_or(word, |severity| severity.shown())
}

/// How far a letter is, by the words of documents.
fn state(word: &str) -> String {
    match word {
        "waiting" => say!("letter|waiting").to_owned(),
        "sent" => say!("letter|sent").to_owned(),
        "given_up" => say!("letter|given up").to_owned(),
        other => other.to_owned(),
    }
}

fn route(route: &RouteDocument) -> RouteRow {
    let classes = match route.classes.is_empty() {
        true => String::new(),
        false => say!(", of {classes}", classes = route.classes.join(", ")),
    };
    let hours = route.hours.as_deref();
    let hours = hours.map_or(say!("at any time").to_owned(), |hours| {
        say!("at {hours}", hours)
    });
    let when = match route.after_min {
        0 => hours,
        minutes => say!(
            "{hours}, when nobody has acknowledged for {minutes} min",
            hours,
            minutes
        ),
    };
    RouteRow {
        name: route.name.clone(),
        takes: say!(
            "{severity} and above{classes}",
            severity = severity(&route.severity),
            classes
        ),
        when,
        to: route.to.join(", "),
    }
}

pub async fn test(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    tried(&web, &caller, &trail, &id, links::delivery()).await
}

/// Tries a channel, and tells the person on the page that they come back to what came of it.
pub(super) async fn tried(
    web: &Web,
    caller: &Caller,
    trail: &Trail,
    channel: &str,
    back: &str,
) -> Result<Response, WebError> {
    let said = match acts::test(web, trail, channel).await? {
        Ok(()) => say!("{name} took a test message.", name = channel),
        Err(error) => sentence(&TestError::from(error).to_string()),
    };
    web.notes.flashes.put(caller, said);
    Ok(Redirect::to(back).into_response())
}
