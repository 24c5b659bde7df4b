//! Adding a device: the form, the join line, and the page that waits for the device.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use data_encoding::BASE32_NOPAD;
use language::say;
use protocol::coordinator::save::TokenState;
use protocol::enrolment::TokenId;
use protocol::id::DeviceId;
use protocol::text::Name;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links;
use ui::pages::device_new::{self, DeviceNewView, JoinState, JoinView};
use zeroize::Zeroizing;

use super::{device_ref, html, offered};
use crate::live::State;
use crate::orders::{Issued, TokenTerms};
use crate::store::secret_hash::SecretHash;
use crate::web::acts::{self, TOKEN_LIFE, Terms};
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::forms::{Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;
use crate::web::{Web, known, wall};

/// Join lines that are waited for at once.
const SLIPS: usize = 256;
/// How long a line stays on the screen of whoever made it: a page without scripts reloads itself.
const SHOWN: Duration = Duration::from_secs(600);

/// Join lines made lately.
#[derive(Debug, Default)]
pub struct Slips(Mutex<BTreeMap<TokenId, Slip>>);

#[derive(Debug, Clone)]
struct Slip {
    join: Zeroizing<String>,
    terms: TokenTerms,
    made: Timestamp,
    expires: Timestamp,
    /// The only session that is shown the line.
    session: Option<SecretHash>,
}

impl Slips {
    fn put(&self, issued: &Issued, terms: TokenTerms, caller: &Caller) {
        let mut slips = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = slips
            .iter()
            .min_by_key(|(_, slip)| slip.made)
            .map(|(id, _)| *id);
        if let Some(oldest) = oldest.filter(|_| slips.len() >= SLIPS) {
            slips.remove(&oldest);
        }
        let slip = Slip {
            join: issued.join.clone(),
            terms,
            made: wall(),
            expires: issued.expires,
            session: caller.session(),
        };
        slips.insert(issued.id, slip);
    }

    fn find(&self, id: &TokenId) -> Option<Slip> {
        let slips = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slips.get(id).cloned()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewForm {
    name: String,
    class: String,
    cell: String,
}

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Response {
    html(&device_new::page(
        &web.shell(&frame),
        &view(&web, &Terms::default(), &[]),
    ))
}

pub async fn make(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<NewForm>,
) -> Result<Response, WebError> {
    let NewForm { name, class, cell } = form;
    let typed = Terms { name, class, cell };
    let terms = match typed
        .check(TOKEN_LIFE)
        .and_then(|terms| new_name(&web, terms))
    {
        Ok(terms) => terms,
        Err(flaws) => {
            let view = view(&web, &typed, &flaws);
            return Ok(again(&device_new::page(&web.shell(&frame), &view)));
        }
    };
    let issued = acts::make_token(&web, &trail, terms.clone()).await?;
    web.notes.slips.put(&issued, terms, &caller);
    Ok(Redirect::to(&links::join(&public(&issued.id))).into_response())
}

pub async fn join(
    Handle(web): Handle<Web>,
    caller: Caller,
    frame: Frame,
    Named(token): Named<String>,
) -> Result<Response, WebError> {
    let session = caller.session();
    let view = web.read(move |web| join_view(web, &token, session)).await?;
    Ok(html(&device_new::join_page(&web.shell(&frame), &view)))
}

/// The page's view; the line itself only for the session that made it, and only for a while.
pub fn join_view(
    web: &Web,
    token: &str,
    session: Option<SecretHash>,
) -> Result<JoinView, WebError> {
    let id = token_id(token).ok_or(WebError::NoSuch("join line"))?;
    let slip = web
        .notes
        .slips
        .find(&id)
        .ok_or(WebError::NoSuch("join line"))?;
    let state = state(web, &id, &slip)?;
    let waiting = matches!(state, JoinState::Waiting);
    let own = session.is_some() && session == slip.session;
    let shown = own && waiting && wall().since(slip.made) < SHOWN;
    Ok(JoinView {
        token: token.to_owned(),
        name: slip.terms.name.to_string(),
        class: slip.terms.class.to_string(),
        cell: slip.terms.cell.to_string(),
        join_string: shown.then(|| slip.join.to_string()),
        expires_ms: slip.expires.as_millis(),
        state,
    })
}

fn state(web: &Web, id: &TokenId, slip: &Slip) -> Result<JoinState, WebError> {
    match web.reader.token_state(id)? {
        Some(TokenState::Used { by, .. }) => came(web, &by),
        Some(TokenState::Open) if wall() < slip.expires => Ok(JoinState::Waiting),
        Some(TokenState::Open | TokenState::Withdrawn) | None => Ok(JoinState::Expired),
    }
}

fn came(web: &Web, device: &DeviceId) -> Result<JoinState, WebError> {
    let live = web.snapshot();
    match live.device(device) {
        Some(device) if device.state != State::Enrolled => Ok(JoinState::Online {
            device: device_ref(device),
        }),
        _ => {
            let address = known::address(&web.reader, device)?;
            let address =
                address.unwrap_or_else(|| say!("an address it has not told yet").to_owned());
            Ok(JoinState::Connected { address })
        }
    }
}

fn view(web: &Web, typed: &Terms, flaws: &[Flaw]) -> DeviceNewView {
    let (classes, cells) = offered(&web.snapshot());
    let [name, class, cell] = typed.fields(flaws);
    DeviceNewView {
        name,
        class,
        cell,
        classes,
        cells,
    }
}

/// Two devices of one name could not be told apart when one is retired.
pub fn new_name(web: &Web, terms: TokenTerms) -> Result<TokenTerms, Vec<Flaw>> {
    if is_taken(web, &terms.name) {
        return Err(vec![Flaw::new(
            "/name",
            say!("a device of this name exists"),
        )]);
    }
    Ok(terms)
}

fn is_taken(web: &Web, name: &Name) -> bool {
    let live = web.snapshot();
    live.devices
        .iter()
        .any(|device| device.name == *name && device.state != State::Retired)
}

/// A token's id in an address.
pub fn public(id: &TokenId) -> String {
    BASE32_NOPAD.encode(&id.0).to_lowercase()
}

fn token_id(text: &str) -> Option<TokenId> {
    let bytes = BASE32_NOPAD.decode(text.to_uppercase().as_bytes()).ok()?;
    bytes.try_into().ok().map(TokenId)
}
