//! One's own account: the password, and where one is logged in.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links;
use ui::pages::account::{
    self as page, AccountView, CodeState, Lacking, NewToken, SessionKind, SessionRow, TokenRow,
};
use ui::pages::people::role_word;
use ui::parts::form::Field;

use super::html;
use crate::store::api_tokens::{ApiToken, Reach};
use crate::store::operators::Role;
use crate::store::second_factors::Standing;
use crate::store::secret_hash::SecretHash;
use crate::web::acts::accounts as acts;
use crate::web::caller::{Caller, Credential};
use crate::web::error::WebError;
use crate::web::forms::{PageForm, again};
use crate::web::frame::Frame;
use crate::web::origin::Origin;
use crate::web::session::Fresh;
use crate::web::session::password::{Lane, Match, Typed, weakness};
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordForm {
    current: Typed,
    password: Typed,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionForm {
    session: String,
}

pub async fn show(
    Handle(web): Handle<Web>,
    caller: Caller,
    frame: Frame,
) -> Result<Response, WebError> {
    let view = view(&web, &caller)?;
    Ok(html(&page::page(&web.shell(&frame), &view)))
}

/// The page as it is before anything is typed.
pub fn view(web: &Web, caller: &Caller) -> Result<AccountView, WebError> {
    let factor = web.reader.second_factor(&caller.account)?;
    let code = match factor.filter(|factor| factor.standing == Standing::Asked) {
        Some(factor) => CodeState::Asked {
            recovery_left: factor.recovery.len(),
        },
        None => CodeState::NotAsked,
    };
    let roles = Role::ALL.into_iter();
    let roles = roles.filter(|role| caller.role.includes(*role));
    let operator = web.reader.operator(&caller.account)?;
    let unmet = match &operator {
        Some(operator) => web.facts.second_factor.is_unmet(&web.reader, operator)?,
        None => false,
    };
    Ok(AccountView {
        lacking: if unmet {
            Lacking::SecondFactor
        } else {
            Lacking::Nothing
        },
        code,
        passkeys: web.reader.passkeys_of(&caller.account)?.len(),
        language: web.reader.language(&caller.account)?,
        sessions: sessions(web, caller)?,
        tokens: tokens(web, caller)?,
        roles: roles.map(|role| role.to_string()).collect(),
        new_token: NewToken::default(),
        ..AccountView::default()
    })
}

/// Browsers and programs, the one that was used last in front.
fn sessions(web: &Web, caller: &Caller) -> Result<Vec<SessionRow>, WebError> {
    let now = wall();
    let this = match caller.credential {
        Credential::Session(hash) | Credential::Token(hash) | Credential::Grant(hash) => Some(hash),
        Credential::Console => None,
    };
    let own = web.reader.sessions()?.into_iter();
    let own = own.filter(|(_, it)| it.operator == caller.account && now < it.expires);
    let browsers = own.map(|(hash, session)| SessionRow {
        id: hash.shown(),
        kind: if Some(hash) == this {
            SessionKind::This
        } else {
            SessionKind::Browser
        },
        address: session.address.map(|address| address.to_string()),
        agent: session.agent.map(|agent| agent.to_string()),
        began_ms: session.created.as_millis(),
        seen_ms: session.seen.as_millis(),
    });
    let grants = web.reader.grants()?.into_iter();
    let grants = grants.filter(|(_, it)| it.operator == caller.account && now < it.expires);
    let programs = grants.map(|(hash, grant)| SessionRow {
        id: hash.shown(),
        kind: SessionKind::Program,
        address: grant.address.map(|address| address.to_string()),
        agent: grant.agent.map(|agent| agent.to_string()),
        began_ms: grant.created.as_millis(),
        seen_ms: grant.seen.as_millis(),
    });
    let mut rows: Vec<_> = browsers.chain(programs).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.seen_ms));
    Ok(rows)
}

fn tokens(web: &Web, caller: &Caller) -> Result<Vec<TokenRow>, WebError> {
    let all = web.reader.api_tokens()?.into_iter();
    let own = all.filter(|(_, token)| acts::is_for(caller, token));
    Ok(own.map(|(hash, token)| token_row(hash, &token)).collect())
}

/// What a token allows, for whoever owns it.
pub fn allows(token: &ApiToken) -> String {
    let role = role_word(token.role.word());
    let what = match token.reach {
        None => role.to_owned(),
        Some(Reach::Reading) => say!("{role}, reading only", role),
    };
    match token.areas.as_deref().unwrap_or_default() {
        [] => what,
        areas => {
            let areas: Vec<_> = areas
                .iter()
                .map(|area| page::area_word(area.word()))
                .collect();
            say!("{what}, in {areas}", what, areas = areas.join(" "))
        }
    }
}

fn token_row(hash: SecretHash, token: &ApiToken) -> TokenRow {
    TokenRow {
        id: hash.shown(),
        name: token.name.to_string(),
        by: token.operator.to_string(),
        allows: allows(token),
        used_ms: token.used.map(Timestamp::as_millis),
        expires_ms: token.expires.map(Timestamp::as_millis),
    }
}

/// Every session ends, and this browser gets a fresh one.
pub async fn password(
    Handle(web): Handle<Web>,
    caller: Caller,
    origin: Origin,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<PasswordForm>,
) -> Result<Response, WebError> {
    let weak = weakness(form.password.as_str(), caller.account.as_str());
    let known = is_password(&web, &caller, &origin, &form.current).await?;
    if known == Match::Different || weak.is_some() {
        let mut view = view(&web, &caller)?;
        if known == Match::Different {
            view.current = Field::wrong("", say!("This is not your password."));
        }
        view.password.error = weak.map(str::to_owned);
        return Ok(again(&page::page(&web.shell(&frame), &view)));
    }
    let hash = web.guards.passwords.hash(form.password.as_str()).await?;
    let fresh = Fresh::new(&caller.account, &origin, wall())?;
    let (id, session) = (fresh.hash, fresh.session.clone());
    let name = caller.account.clone();
    let act = trail.act("user.new_password", name.as_str(), Change::default());
    web.change(move |changes| {
        changes.set_password(&name, &hash)?;
        changes.open_session(&id, &session)?;
        changes.audit(act)
    })
    .await?;
    Ok(fresh.enter(links::account()))
}

/// Whether somebody who is logged in knows the password; paced as a login is.
pub async fn is_password(
    web: &Web,
    caller: &Caller,
    origin: &Origin,
    typed: &Typed,
) -> Result<Match, WebError> {
    web.guards.logins.pace(origin)?;
    let operator = web.reader.operator(&caller.account)?;
    let kept = operator.map(|operator| operator.password);
    let kept = kept.filter(|kept| !kept.is_empty());
    let passwords = &web.guards.passwords;
    passwords
        .matches(typed.as_str(), kept, Lane::Familiar)
        .await
}

pub async fn end_sessions(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    PageForm(form): PageForm<SessionForm>,
) -> Result<Response, WebError> {
    let by = (&caller, &trail);
    let said = if form.session == page::fields::OTHERS {
        acts::end_others(&web, by).await?;
        say!("All other sessions have ended.")
    } else {
        acts::end_session(&web, by, &form.session).await?;
        say!("The session has ended.")
    };
    web.notes.flashes.put(&caller, said);
    Ok(Redirect::to(links::account()).into_response())
}
