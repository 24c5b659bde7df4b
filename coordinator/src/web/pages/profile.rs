//! The traffic of a device: its tab or its page, and what people say there.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::{count, say};
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links;
use ui::pages::device::profile::{
    self as page, GroundRow, HabitRow, ProfileView, VantageRow, WhyForm, WhyView, WordRow,
};
use ui::parts::form::Field;
use ui::parts::text::DeviceRef;

use super::html;
use crate::live::Live;
use crate::profiles::document::{WhyDocument, says};
use crate::profiles::speak::Wish;
use crate::profiles::why::{Answer, Question, why};
use crate::profiles::{Joint, Known, Vantage, Word};
use crate::risk::holder::Holder;
use crate::web::Web;
use crate::web::acts::sentence;
use crate::web::api::profiles::{destination, known, protocol_number, say, wanted, wish};
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{AskedFor, Named, PageForm};
use crate::web::frame::Frame;
use crate::web::trail::Trail;

/// Letters of what was asked that are shown again.
const TYPED: usize = 256;

/// What was asked in the box.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct WhyQuery {
    to: Option<String>,
    port: Option<String>,
    protocol: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WordForm {
    habit: Option<String>,
    stage: Option<String>,
    mud: Option<String>,
    /// The alert on whose page it was said.
    alert: Option<u64>,
}

/// Of a device without a node.
pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(mac): Named<String>,
    AskedFor(query): AskedFor<WhyQuery>,
) -> Result<Response, WebError> {
    let holder = wanted(&web, &mac)?;
    let view = web.read(move |web| {
        let live = web.snapshot();
        let neighbour = crate::web::neighbours::one(web, &live, &mac);
        let name = neighbour.map_or_else(
            |_| mac.clone(),
            |one| crate::census::name(&web.risk.index(), &one),
        );
        Ok((mac, view(web, holder, &name, &query)?))
    });
    let (mac, view) = view.await?;
    Ok(html(&page::page(&web.shell(&frame), &mac, &view)))
}

pub fn view(
    web: &Web,
    holder: Holder,
    name: &str,
    query: &WhyQuery,
) -> Result<ProfileView, WebError> {
    let (known, live) = (known(web, holder)?, web.snapshot());
    let of = known.vantages();
    let (ask, why) = asked(&known, query, &live);
    Ok(ProfileView {
        id: holder.to_string(),
        name: name.to_owned(),
        vantages: known
            .profiles
            .iter()
            .map(|one| vantage(one, &live))
            .collect(),
        habits: known
            .habits()
            .iter()
            .map(|one| habit(one, of, &live))
            .collect(),
        words: known
            .words
            .iter()
            .map(|one| word(&known, one, &live))
            .collect(),
        why,
        ask,
    })
}

fn member(device: &DeviceId, live: &Live) -> DeviceRef {
    DeviceRef {
        id: device.to_string(),
        name: live.name(device).unwrap_or_else(|| device.to_string()),
    }
}

fn vantage(one: &Vantage, live: &Live) -> VantageRow {
    let profile = &one.told.profile;
    VantageRow {
        member: member(&one.told.member, live),
        stage: profile.stage.word(),
        since_ms: profile.since.as_millis(),
        lent: profile.lent.as_ref().map(ToString::to_string),
        flows: profile.count.flows,
        unusual: profile.count.unusual,
        sent: profile.count.sent,
        usual: profile.usual.map(|usual| usual.median),
        dropped: profile.dropped,
        told_ms: profile.received.as_millis(),
    }
}

fn habit(one: &Joint, of: usize, live: &Live) -> HabitRow {
    HabitRow {
        words: one.words.to_string(),
        origin: one.standing.origin.word(),
        first_ms: one.standing.first.as_millis(),
        last_ms: one.standing.last.as_millis(),
        support: one.standing.support,
        seen_by: one.members.iter().map(|by| member(by, live)).collect(),
        of,
    }
}

fn word(known: &Known, one: &Word, live: &Live) -> WordRow {
    WordRow {
        at_ms: one.spoken.at.as_millis(),
        by: one.spoken.by.to_string(),
        says: says(known, one),
        member: member(&one.member, live),
        heard: one.heard,
    }
}

/// The box with what was typed, and the answer where there is a question.
fn asked(known: &Known, query: &WhyQuery, live: &Live) -> (WhyForm, Option<WhyView>) {
    let field = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        Field::new(text.chars().take(TYPED).collect::<String>())
    };
    let mut form = WhyForm {
        to: field(&query.to),
        port: field(&query.port),
        protocol: field(&query.protocol),
    };
    let Some(to) = query
        .to
        .as_deref()
        .map(str::trim)
        .filter(|to| !to.is_empty())
    else {
        return (form, None);
    };
    if destination(to).is_err() {
        let what = say!("Write an address, or a name such as api.maker.com.");
        form.to.error = Some(what.to_owned());
        return (form, None);
    }
    let port = query.port.as_deref().unwrap_or_default().trim().parse();
    let protocol = protocol_number(query.protocol.as_deref());
    let Ok(port) = port else {
        form.port.error = Some(say!("Write a number up to 65535.").to_owned());
        return (form, None);
    };
    let Some(protocol) = protocol else {
        form.protocol.error = Some(say!("Write tcp, udp or a number.").to_owned());
        return (form, None);
    };
    let question = Question {
        destination: to.to_owned(),
        port,
        protocol,
    };
    let found = why(known, &question);
    let document = WhyDocument::of(&found, live);
    let view = WhyView {
        says: sentence(&document.says),
        would_allow: (found.answer != Answer::Allowed).then_some(document.would_allow),
        grounds: found
            .grounds
            .iter()
            .map(|ground| GroundRow {
                member: member(&ground.member, live),
                answer: ground.answer.word(),
                habit: ground.habit.as_ref().map(|(words, _)| words.to_string()),
                origin: ground
                    .habit
                    .as_ref()
                    .map(|(_, standing)| standing.origin.word()),
                last_ms: ground
                    .habit
                    .as_ref()
                    .map(|(_, standing)| standing.last)
                    .map(Timestamp::as_millis),
            })
            .collect(),
    };
    (form, Some(view))
}

/// Takes a word and goes back to where it was said.
pub async fn tell(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named((id, word)): Named<(String, String)>,
    PageForm(form): PageForm<WordForm>,
) -> Result<Response, WebError> {
    let holder = wanted(&web, &id)?;
    let wish = match (word.as_str(), form.mud) {
        ("declare", Some(mud)) => Wish::Declare(mud.into_bytes()),
        _ => wish(&word, form.habit, form.stage.as_deref())?,
    };
    let said = match say(&web, &caller, &trail, holder, wish).await? {
        Ok(members) => count!(
            members,
            "One node is told; its log will say that it heard.",
            "{n} nodes are told; their logs will say that they heard."
        ),
        Err(error) => sentence(&error.to_string()),
    };
    web.notes.flashes.put(&caller, said);
    let back = match holder {
        _ if form.alert.is_some() => links::alert(form.alert.unwrap_or_default()),
        Holder::Member(device) => links::device_profile(&device.to_string()),
        Holder::Mac(mac) => links::neighbour_profile(&mac.to_string()),
        Holder::Address(_) => links::devices(&links::DeviceFilter::default()),
    };
    Ok(Redirect::to(&back).into_response())
}
