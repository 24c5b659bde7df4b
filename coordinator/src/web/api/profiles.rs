//! Profiles of traffic for programs: what a device usually does, words about it, its MUD file, and why.

use axum::body::Bytes;
use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Json, Response};
use protocol::flows::Stage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flaw;
use super::operation::Operation;
use crate::profiles::document::{ProfileDocument, WhyDocument};
use crate::profiles::speak::{SpeakError, Wish, speak};
use crate::profiles::why::{Question, why};
use crate::profiles::{Known, called};
use crate::risk::holder::Holder;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{ApiJson, AskedFor, Named};
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WhyQuery")]
pub struct WhyQuery {
    to: String,
    port: u16,
    protocol: Option<String>,
}

/// `habit` for allow and undo, `stage` for stage.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ProfileWord")]
pub struct WordPosted {
    habit: Option<String>,
    stage: Option<String>,
}

/// To how many members it goes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProfileSpoken")]
struct Spoken {
    members: usize,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/devices/{id}/profile",
            "What a device usually does on the network, and who saw it.",
        )
        .gives::<ProfileDocument>(),
        Operation::get(
            "/api/v1/devices/{id}/why",
            "Whether a device may speak with somebody, by which habit, and who saw it.",
        )
        .query::<WhyQuery>()
        .gives::<WhyDocument>(),
        Operation::get(
            "/api/v1/devices/{id}/profile/mud",
            "The profile as a MUD file (RFC 8520).",
        )
        .file(&["application/mud+json"]),
        Operation::post(
            "/api/v1/devices/{id}/profile/mud",
            "Adds what a maker's MUD file allows.",
        )
        .takes_text(&["application/mud+json", "application/json"])
        .gives_as::<Spoken>(StatusCode::ACCEPTED),
        Operation::post(
            "/api/v1/devices/{id}/profile/words/{word}",
            "This is normal (allow), it is not (undo), or another stage.",
        )
        .takes::<WordPosted>()
        .gives_as::<Spoken>(StatusCode::ACCEPTED),
    ]
}

pub async fn show(
    Handle(web): Handle<Web>,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let holder = wanted(&web, &id)?;
    let document = web.read(move |web| {
        let known = known(web, holder)?;
        Ok(ProfileDocument::of(&known, &web.snapshot()))
    });
    Ok(Json(document.await?).into_response())
}

pub async fn ask(
    Handle(web): Handle<Web>,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<WhyQuery>,
) -> Result<Response, WebError> {
    let holder = wanted(&web, &id)?;
    let question = Question {
        destination: destination(&query.to).map_err(|error| flaw("/to", error))?,
        port: query.port,
        protocol: protocol_number(query.protocol.as_deref())
            .ok_or_else(|| flaw("/protocol", "write tcp, udp or a number"))?,
    };
    let document = web.read(move |web| {
        let known = known(web, holder)?;
        Ok(WhyDocument::of(&why(&known, &question), &web.snapshot()))
    });
    Ok(Json(document.await?).into_response())
}

pub async fn mud(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    let holder = wanted(&web, &id)?;
    let text = web.read(move |web| {
        let known = known(web, holder)?;
        Ok(known.mud(&known.holder.to_string(), wall()))
    });
    let headers = [
        (CONTENT_TYPE, "application/mud+json"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"profile.mud.json\"",
        ),
    ];
    Ok((headers, text.await?).into_response())
}

pub async fn declare(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
    file: Bytes,
) -> Result<Response, WebError> {
    let wish = Wish::Declare(file.to_vec());
    told(&web, &caller, &trail, &id, wish).await
}

pub async fn tell(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named((id, word)): Named<(String, String)>,
    ApiJson(posted): ApiJson<WordPosted>,
) -> Result<Response, WebError> {
    let wish = wish(&word, posted.habit, posted.stage.as_deref())?;
    told(&web, &caller, &trail, &id, wish).await
}

async fn told(
    web: &Web,
    caller: &Caller,
    trail: &Trail,
    id: &str,
    wish: Wish,
) -> Result<Response, WebError> {
    let members = say(web, caller, trail, wanted(web, id)?, wish).await?;
    let members = members.map_err(|error| flaw("/habit", error))?;
    Ok((StatusCode::ACCEPTED, Json(Spoken { members })).into_response())
}

/// Stores a word with its entry in the audit log; why it is none is for whoever said it.
pub async fn say(
    web: &Web,
    caller: &Caller,
    trail: &Trail,
    holder: Holder,
    wish: Wish,
) -> Result<Result<usize, SpeakError>, WebError> {
    let (action, after) = match &wish {
        Wish::Allow(habit) => ("profile.allow", habit.clone()),
        Wish::Undo(habit) => ("profile.undo", habit.clone()),
        Wish::Enter(stage) => ("profile.stage", stage.word().to_owned()),
        Wish::Declare(file) => ("profile.declare", format!("{} bytes of MUD", file.len())),
    };
    let change = Change {
        after: Some(&after),
        ..Change::default()
    };
    let act = trail.act(action, &format!("profile {holder}"), change);
    let by = caller.name.clone();
    let done = web.read(move |web| {
        let said = speak(&web.reader, &web.writer, (holder, &wish), &by, wall(), act);
        match said {
            Err(SpeakError::Read(error)) => Err(error.into()),
            Err(SpeakError::Change(error)) => Err(error.into()),
            said => Ok(said),
        }
    });
    done.await
}

pub fn wish(word: &str, habit: Option<String>, stage: Option<&str>) -> Result<Wish, WebError> {
    let named = habit.ok_or_else(|| flaw("/habit", "name a habit, such as out tcp maker.com 443"));
    match word {
        "allow" => Ok(Wish::Allow(named?)),
        "undo" => Ok(Wish::Undo(named?)),
        "stage" => {
            let stage = self::stage(stage.unwrap_or_default());
            let stage = stage.ok_or_else(|| flaw("/stage", "write learning, trial or enforcing"));
            Ok(Wish::Enter(stage?))
        }
        _ => Err(WebError::NoSuch("word: say allow, undo or stage")),
    }
}

/// A device by its id, its hardware, or the name of a member that only one has.
pub fn wanted(web: &Web, id: &str) -> Result<Holder, WebError> {
    called(&web.snapshot(), id).ok_or(WebError::NoSuch("device"))
}

/// Somebody to speak with: an address, or a name as DNS has them.
pub fn destination(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_name = detect::profile::Suffix::of(text).is_ok();
    if text.parse::<std::net::IpAddr>().is_ok() || is_name {
        Ok(text.to_owned())
    } else {
        Err("write an address, or a name such as api.maker.com")
    }
}

pub fn known(web: &Web, holder: Holder) -> Result<Known, WebError> {
    Ok(Known::of(&web.reader, holder)?)
}

pub fn protocol_number(word: Option<&str>) -> Option<u8> {
    match word.map(str::trim) {
        None | Some("" | "tcp") => Some(6),
        Some("udp") => Some(17),
        Some(number) => number.parse().ok(),
    }
}

pub fn stage(word: &str) -> Option<Stage> {
    Stage::ALL.into_iter().find(|stage| stage.word() == word)
}
