//! One's own passkeys: made, named, removed; and whether they alone open the account.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use protocol::text::Name;
use serde::Deserialize;
use ui::links;
use ui::pages::account_passkeys::{self as page, orders};
use ui::parts::form::Field;

mod shown;

use shown::view;

use super::account::is_password;
use super::html;
use crate::passkeys::Site;
use crate::store::operators::Operator;
use crate::store::passkeys::PasskeyId;
use crate::web::acts::{passkeys as acts, sentence};
use crate::web::caller::Caller;
use crate::web::entrance::passkey::{self, AtSite};
use crate::web::error::{Flaw, WebError};
use crate::web::forms::{PageForm, again};
use crate::web::frame::Frame;
use crate::web::origin::Origin;
use crate::web::session::Fresh;
use crate::web::session::password::{Match, Typed, weakness};
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeysForm {
    order: String,
    passkey: Option<String>,
    name: Option<String>,
    password: Option<Typed>,
    chosen: Option<Typed>,
    /// What a passkey that is there has answered.
    answer: Option<String>,
    /// What the browser says of one that it has made.
    made: Option<String>,
}

/// Whoever asks, and everything that an order is judged by.
struct Asker {
    caller: Caller,
    trail: Trail,
    origin: Origin,
    site: Option<Site>,
    frame: Frame,
}

/// Why nothing was done.
enum Refusal {
    /// In a sentence of the page.
    Said(String),
    Name(String),
    Chosen(&'static str),
    Failed(WebError),
}

impl From<WebError> for Refusal {
    fn from(error: WebError) -> Self {
        match error {
            WebError::AlreadySo(why) => Self::Said(sentence(why)),
            error => Self::Failed(error),
        }
    }
}

pub async fn show(
    Handle(web): Handle<Web>,
    caller: Caller,
    AtSite(site): AtSite,
    frame: Frame,
) -> Result<Response, WebError> {
    let view = view(&web, &caller, site.as_ref())?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

pub async fn tell(
    Handle(web): Handle<Web>,
    (caller, trail): (Caller, Trail),
    (origin, AtSite(site)): (Origin, AtSite),
    frame: Frame,
    PageForm(form): PageForm<PasskeysForm>,
) -> Result<Response, WebError> {
    let asker = Asker {
        caller,
        trail,
        origin,
        site,
        frame,
    };
    let done = match form.order.as_str() {
        orders::ADD => add(&web, &asker, &form).await,
        orders::RENAME => rename(&web, &asker, &form).await,
        orders::REMOVE => remove(&web, &asker, &form).await,
        orders::ALONE => alone(&web, &asker, &form).await,
        orders::PASSWORD => password(&web, &asker, &form).await,
        _ => Err(Refusal::Failed(WebError::Invalid(vec![Flaw::new(
            "order",
            say!("use add, rename, remove, alone or password"),
        )]))),
    };
    match done {
        Ok(done) => Ok(done),
        Err(refusal) => refused(&web, &asker, &form, refusal),
    }
}

fn refused(
    web: &Web,
    asker: &Asker,
    form: &PasskeysForm,
    refusal: Refusal,
) -> Result<Response, WebError> {
    let mut view = view(web, &asker.caller, asker.site.as_ref())?;
    let typed: String = form
        .name
        .iter()
        .flat_map(|name| name.chars())
        .take(64)
        .collect();
    match refusal {
        Refusal::Said(why) => view.error = Some(why),
        Refusal::Name(why) if form.order == orders::RENAME => {
            view.called = Field::wrong(typed, why);
        }
        Refusal::Name(why) => view.name = Field::wrong(typed, why),
        Refusal::Chosen(why) => view.chosen = Field::wrong("", why),
        Refusal::Failed(error) => return Err(error),
    }
    Ok(again(&page::page(&web.shell(&asker.frame), &view)))
}

/// Whoever changes how an account is opened shows once more that they may: by its password, or by a passkey where it has none.
async fn prove(web: &Web, asker: &Asker, form: &PasskeysForm) -> Result<(), Refusal> {
    if operator(web, asker)?.password.is_empty() {
        return by_passkey(web, asker, form).await;
    }
    let known = match &form.password {
        Some(typed) => is_password(web, &asker.caller, &asker.origin, typed).await?,
        None => Match::Different,
    };
    match known {
        Match::Same => Ok(()),
        Match::Different => Err(Refusal::Said(say!("This is not your password.").to_owned())),
    }
}

async fn by_passkey(web: &Web, asker: &Asker, form: &PasskeysForm) -> Result<(), Refusal> {
    let (site, session) = at_site(asker)?;
    let who = (&asker.caller.account, session.as_str());
    let answer = form.answer.as_deref().unwrap_or_default();
    if passkey::is_shown(web, (&asker.origin, site), who, answer).await? {
        return Ok(());
    }
    let said = say!("No passkey of this account was shown, or its answer came too late.");
    Err(Refusal::Said(said.to_owned()))
}

fn at_site(asker: &Asker) -> Result<(&Site, String), Refusal> {
    let elsewhere = || Refusal::Said(say!("Passkeys do not work at this address.").to_owned());
    let site = asker.site.as_ref().ok_or_else(elsewhere)?;
    let session = asker.caller.session().ok_or_else(elsewhere)?;
    Ok((site, session.shown()))
}

fn operator(web: &Web, asker: &Asker) -> Result<Operator, WebError> {
    let operator = web.reader.operator(&asker.caller.account)?;
    operator.ok_or(WebError::NoSuch("operator"))
}

fn called(form: &PasskeysForm) -> Result<Name, Refusal> {
    let name = Name::new(form.name.as_deref().unwrap_or_default().trim());
    name.map_err(|error| Refusal::Name(sentence(&error.to_string())))
}

fn named(form: &PasskeysForm) -> Result<PasskeyId, Refusal> {
    let id = form.passkey.as_deref().and_then(PasskeyId::from_shown);
    id.ok_or(Refusal::Failed(WebError::NoSuch("passkey")))
}

fn leads_back(web: &Web, asker: &Asker, said: &str) -> Response {
    web.notes.flashes.put(&asker.caller, said);
    Redirect::to(links::account_passkeys()).into_response()
}

async fn add(web: &Web, asker: &Asker, form: &PasskeysForm) -> Result<Response, Refusal> {
    let name = called(form)?;
    prove(web, asker, form).await?;
    let (site, session) = at_site(asker)?;
    let text = form.made.as_deref().unwrap_or_default();
    let owner = operator(web, asker)?;
    let made = acts::made(web, (&owner, &session), site, (name, text));
    let made = made.map_err(|error| {
        let why = error.to_string();
        Refusal::Said(say!("The passkey was not taken: {why}.", why))
    })?;
    acts::add(web, &asker.trail, made).await?;
    Ok(leads_back(
        web,
        asker,
        say!("The passkey opens your account from now on."),
    ))
}

async fn rename(web: &Web, asker: &Asker, form: &PasskeysForm) -> Result<Response, Refusal> {
    let (id, name) = (named(form)?, called(form)?);
    acts::rename(web, (&asker.caller, &asker.trail), id, name).await?;
    Ok(leads_back(
        web,
        asker,
        say!("The passkey has another name."),
    ))
}

async fn remove(web: &Web, asker: &Asker, form: &PasskeysForm) -> Result<Response, Refusal> {
    let id = named(form)?;
    prove(web, asker, form).await?;
    acts::remove(web, (&asker.caller, &asker.trail), id).await?;
    Ok(leads_back(
        web,
        asker,
        say!("The passkey opens nothing here any more."),
    ))
}

/// Whoever gives the password up shows that a passkey works.
async fn alone(web: &Web, asker: &Asker, form: &PasskeysForm) -> Result<Response, Refusal> {
    by_passkey(web, asker, form).await?;
    let fresh = Fresh::new(&asker.caller.account, &asker.origin, wall())?;
    let (id, session) = (fresh.hash, fresh.session.clone());
    let name = asker.caller.account.clone();
    let act = asker
        .trail
        .act("user.drop_password", name.as_str(), Change::default());
    web.change(move |changes| {
        changes.drop_password(&name)?;
        changes.open_session(&id, &session)?;
        changes.audit(act).map(drop)
    })
    .await?;
    Ok(fresh.enter(links::account_passkeys()))
}

async fn password(web: &Web, asker: &Asker, form: &PasskeysForm) -> Result<Response, Refusal> {
    let typed = form.chosen.as_ref().map_or("", Typed::as_str);
    if let Some(weak) = weakness(typed, asker.caller.account.as_str()) {
        return Err(Refusal::Chosen(weak));
    }
    by_passkey(web, asker, form).await?;
    let hash = web.guards.passwords.hash(typed).await?;
    let fresh = Fresh::new(&asker.caller.account, &asker.origin, wall())?;
    let (id, session) = (fresh.hash, fresh.session.clone());
    let name = asker.caller.account.clone();
    let act = asker
        .trail
        .act("user.new_password", name.as_str(), Change::default());
    web.change(move |changes| {
        changes.set_password(&name, &hash)?;
        changes.open_session(&id, &session)?;
        changes.audit(act).map(drop)
    })
    .await?;
    Ok(fresh.enter(links::account_passkeys()))
}
