//! Who has an account: invited, given another role, shut out, or removed.

use axum::extract::State as Handle;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use serde::Deserialize;
use ui::links;
use ui::pages::people::{self as page, InviteView, LinkView, PeopleView, PersonRow, PersonState};
use ui::parts::form::Field;

use super::html;
use crate::accounts::names::{account_name, new_account_name};
use crate::accounts::{self, Link, Order, PersonDocument};
use crate::store::operators::Role;
use crate::web::acts::accounts as acts;
use crate::web::acts::sentence;
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::forms::{Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;
use crate::web::{Web, wall};

/// The order that makes a link for another password.
const RESET: &str = "reset";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InviteForm {
    name: String,
    role: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderForm {
    order: String,
    role: Option<String>,
}

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let people = web
        .read(|web| Ok(accounts::list(&web.reader, wall())?))
        .await?;
    let view = PeopleView {
        people: people.into_iter().map(row).collect(),
    };
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

fn row(person: PersonDocument) -> PersonRow {
    PersonRow {
        name: person.name,
        role: person.role,
        state: match person.state.as_str() {
            "disabled" => PersonState::Disabled,
            "invited" => PersonState::Invited,
            _ => PersonState::Active,
        },
        second_factor: person.second_factor,
        passkeys: person.passkeys,
        sessions: person.sessions,
        last_seen_ms: person.last_seen_ms,
    }
}

pub async fn begin(Handle(web): Handle<Web>, frame: Frame) -> Response {
    html(&page::invite_page(
        &web.shell(&frame),
        &InviteView::default(),
    ))
}

pub async fn invite(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    headers: HeaderMap,
    frame: Frame,
    PageForm(form): PageForm<InviteForm>,
) -> Result<Response, WebError> {
    let shell = web.shell(&frame);
    let mut view = InviteView {
        name: Field::new(form.name.chars().take(64).collect::<String>()),
        role: Field::new(form.role.chars().take(16).collect::<String>()),
    };
    let (name, role) = (new_account_name(&form.name), form.role.parse::<Role>());
    let (Ok(name), Ok(role)) = (&name, &role) else {
        view.name.error = name.err().map(|error| sentence(&error.to_string()));
        view.role.error = role.err().map(|error| sentence(&error.to_string()));
        return Ok(again(&page::invite_page(&shell, &view)));
    };
    match acts::invite(&web, (&caller, &trail), name.clone(), Some(*role)).await {
        Ok(link) => Ok(html(&page::link_page(&shell, &shown(&headers, &link)))),
        Err(WebError::AlreadySo(_)) => {
            view.name.error = Some(say!("Somebody has this name already.").to_owned());
            Ok(again(&page::invite_page(&shell, &view)))
        }
        Err(WebError::Invalid(flaws)) => {
            view.name.error = flaws.first().map(|flaw| sentence(&flaw.what));
            Ok(again(&page::invite_page(&shell, &view)))
        }
        Err(error) => Err(error),
    }
}

fn shown(headers: &HeaderMap, link: &Link) -> LinkView {
    let invitation = &link.invitation;
    LinkView {
        name: invitation.name.to_string(),
        role: invitation.role.map(|role| role.to_string()),
        url: acts::url(headers, &links::invited(&link.token)),
        expires_ms: invitation.expires.as_millis(),
    }
}

pub async fn order(
    Handle(web): Handle<Web>,
    (caller, trail): (Caller, Trail),
    Named(name): Named<String>,
    headers: HeaderMap,
    frame: Frame,
    PageForm(form): PageForm<OrderForm>,
) -> Result<Response, WebError> {
    let name = account_name(&name).map_err(|_| WebError::NoSuch("operator"))?;
    if form.order == RESET {
        let link = acts::invite(&web, (&caller, &trail), name, None).await?;
        let view = shown(&headers, &link);
        return Ok(html(&page::link_page(&web.shell(&frame), &view)));
    }
    let order = Order::read(&form.order, form.role.as_deref())
        .map_err(|error| WebError::Invalid(vec![Flaw::new("order", error)]))?;
    acts::order(&web, &trail, name, order).await?;
    web.notes.flashes.put(&caller, order.done());
    Ok(Redirect::to(links::people()).into_response())
}
