//! What the page of one's own passkeys shows, and the questions that it carries.

use protocol::time::Timestamp;
use ui::pages::account_passkeys::{Making, Opening, PasskeyRow, PasskeysView, Place};
use ui::pages::login_passkey::Asked;

use crate::passkeys::challenge::Act;
use crate::passkeys::{Octets, Site, user};
use crate::store::operators::Operator;
use crate::store::passkeys::{Passkey, PasskeyId};
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::{Web, wall};

/// The page as it is before anything is typed.
pub(super) fn view(
    web: &Web,
    caller: &Caller,
    site: Option<&Site>,
) -> Result<PasskeysView, WebError> {
    let own = web.reader.passkeys_of(&caller.account)?;
    let operator = web.reader.operator(&caller.account)?;
    let operator = operator.ok_or(WebError::NoSuch("operator"))?;
    let has_password = !operator.password.is_empty();
    let opening = match (has_password, own.is_empty()) {
        (true, _) => Opening::Password,
        (false, false) => Opening::PasskeysAlone,
        (false, true) => Opening::Provider,
    };
    let place = match (site, caller.session()) {
        (Some(site), Some(session)) => {
            Place::Here(making(web, (&operator, site, &session.shown()), &own)?)
        }
        _ => Place::Elsewhere(names(web)),
    };
    Ok(PasskeysView {
        opening,
        place,
        rows: own.iter().map(row).collect(),
        ..PasskeysView::default()
    })
}

/// Names at which passkeys work, as this coordinator knows them.
fn names(web: &Web) -> Vec<String> {
    let all = web.facts.names.iter();
    let named = all.filter(|name| Site::of(name, &web.facts.names).is_some());
    named.cloned().collect()
}

fn row((id, passkey): &(PasskeyId, Passkey)) -> PasskeyRow {
    PasskeyRow {
        id: id.to_string(),
        name: passkey.name.to_string(),
        site: passkey.site.clone(),
        created_ms: passkey.created.as_millis(),
        used_ms: passkey.used.map(Timestamp::as_millis),
    }
}

/// The questions that the page carries, for this session.
fn making(
    web: &Web,
    (operator, site, session): (&Operator, &Site, &str),
    own: &[(PasskeyId, Passkey)],
) -> Result<Making, WebError> {
    let ask = |act| {
        let asked = web.challenges.ask(act, session, wall());
        asked.map_err(|_| WebError::Broken)
    };
    let here = own.iter().filter(|(_, passkey)| passkey.site == site.name);
    let known = here.map(|(_, passkey)| Octets::from(passkey.credential.as_slice()).to_string());
    let user = user(&web.reader.token_seed(), &operator.name, operator.created);
    Ok(Making {
        challenge: ask(Act::Make)?,
        user: Octets::from(user.as_slice()).to_string(),
        account: operator.name.to_string(),
        prove: Asked {
            site: site.name.clone(),
            challenge: ask(Act::Prove)?,
            known: known.collect(),
        },
    })
}
