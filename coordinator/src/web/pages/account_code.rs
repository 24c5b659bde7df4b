//! One's own authenticator: set up, confirmed with a code, and given up.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use serde::Deserialize;
use ui::links;
use ui::pages::account_code::{self as page, CodeView};
use ui::parts::form::Field;

use super::account::is_password;
use super::html;
use crate::store::second_factors::{SecondFactor, Standing};
use crate::totp;
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::forms::{PageForm, again};
use crate::web::frame::Frame;
use crate::web::origin::Origin;
use crate::web::session::password::{Match, Typed};
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeForm {
    order: String,
    password: Option<Typed>,
    code: Option<Typed>,
}

pub async fn show(
    Handle(web): Handle<Web>,
    caller: Caller,
    frame: Frame,
) -> Result<Response, WebError> {
    let view = begin(&web, &caller, Field::default())?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

fn begin(web: &Web, caller: &Caller, password: Field) -> Result<CodeView, WebError> {
    let asked = asked(web, caller)?.map(|factor| factor.recovery.len());
    Ok(CodeView::Begin { asked, password })
}

fn asked(web: &Web, caller: &Caller) -> Result<Option<SecondFactor>, WebError> {
    let factor = web.reader.second_factor(&caller.account)?;
    Ok(factor.filter(|factor| factor.standing == Standing::Asked))
}

pub async fn tell(
    Handle(web): Handle<Web>,
    caller: Caller,
    origin: Origin,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<CodeForm>,
) -> Result<Response, WebError> {
    if form.order == "confirm" {
        return confirm(&web, (&caller, &trail), (&origin, &frame), form.code).await;
    }
    let known = match &form.password {
        Some(typed) => is_password(&web, &caller, &origin, typed).await?,
        None => Match::Different,
    };
    if known == Match::Different {
        let wrong = Field::wrong("", say!("This is not your password."));
        let view = begin(&web, &caller, wrong)?;
        return Ok(again(&page::page(&web.shell(&frame), &view)));
    }
    match form.order.as_str() {
        "begin" => offer(&web, &caller, &frame),
        "forget" => forget(&web, &caller, &trail).await,
        _ => Err(WebError::Invalid(vec![Flaw::new(
            "order",
            say!("use begin, confirm or forget"),
        )])),
    }
}

/// What is asked for stays as it is until a code of the new secret is typed: until then the new one waits beside it in
/// memory alone.
fn offer(web: &Web, caller: &Caller, frame: &Frame) -> Result<Response, WebError> {
    let offer = totp::offer(&caller.account, wall()).map_err(|_| WebError::Broken)?;
    let view = CodeView::Offer {
        uri: totp::uri(
            &web.facts.name.shown(),
            &caller.account,
            &offer.factor.secret,
        )
        .to_string(),
        secret: totp::spelled(&offer.factor.secret).to_string(),
        recovery: offer.recovery.iter().map(|code| code.to_string()).collect(),
        code: Field::default(),
    };
    web.notes.offers.put(caller, offer.factor);
    Ok(html(&page::page(&web.shell(frame), &view)))
}

async fn confirm(
    web: &Web,
    (caller, trail): (&Caller, &Trail),
    (origin, frame): (&Origin, &Frame),
    code: Option<Typed>,
) -> Result<Response, WebError> {
    web.guards.logins.pace(origin)?;
    let Some(mut factor) = web.notes.offers.waiting(caller) else {
        return Ok(Redirect::to(links::account_code()).into_response());
    };
    let typed = code.as_ref().map_or("", Typed::as_str);
    let read = totp::read(&factor, &caller.account, typed, wall());
    let totp::Typed::Step(step) = read else {
        let view = CodeView::Confirm {
            code: Field::wrong(
                "",
                say!("This is not the code of now. Look at the clock of your phone."),
            ),
        };
        return Ok(again(&page::page(&web.shell(frame), &view)));
    };
    (factor.standing, factor.last_step) = (Standing::Asked, step);
    let name = caller.account.clone();
    let act = trail.act("user.ask_code", name.as_str(), Change::default());
    web.change(move |changes| {
        changes.set_second_factor(&name, &factor)?;
        changes.audit(act)
    })
    .await?;
    web.notes.offers.forget(caller);
    let said = say!("From now on a code is asked for at each login.");
    web.notes.flashes.put(caller, said);
    Ok(Redirect::to(links::account()).into_response())
}

async fn forget(web: &Web, caller: &Caller, trail: &Trail) -> Result<Response, WebError> {
    let name = caller.account.clone();
    let act = trail.act("user.forget_code", name.as_str(), Change::default());
    web.change(move |changes| {
        changes.forget_second_factor(&name)?;
        changes.audit(act)
    })
    .await?;
    web.notes
        .flashes
        .put(caller, say!("No code is asked for any more."));
    Ok(Redirect::to(links::account()).into_response())
}
