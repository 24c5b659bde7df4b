//! What people do with their passkeys: each act once, with its entry in the audit trail.

use protocol::text::{Line, Name};

use crate::passkeys::challenge::Act;
use crate::passkeys::{Made, PasskeyError, Site, user};
use crate::store::operators::Operator;
use crate::store::passkeys::{Passkey, PasskeyId};
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

/// A passkey as the browser has made it, for an account.
pub fn made(
    web: &Web,
    (owner, session): (&Operator, &str),
    site: &Site,
    (name, text): (Name, &str),
) -> Result<(PasskeyId, Passkey), PasskeyError> {
    let made = Made::read(text)?.verify(site)?;
    let by = (Act::Make, session);
    web.challenges.use_up(&made.proof.challenge, by, wall())?;
    let passkey = Passkey {
        operator: owner.name.clone(),
        name,
        key: made.key,
        count: made.proof.count,
        site: site.name.clone(),
        user: user(&web.reader.token_seed(), &owner.name, owner.created),
        created: wall(),
        used: None,
        credential: made.id,
    };
    Ok((PasskeyId::of(&passkey.credential), passkey))
}

pub async fn add(
    web: &Web,
    trail: &Trail,
    (id, passkey): (PasskeyId, Passkey),
) -> Result<(), WebError> {
    let change = Change {
        before: None,
        after: Some(passkey.name.as_str()),
    };
    let act = trail.act("user.add_passkey", passkey.operator.as_str(), change);
    web.change(move |changes| {
        changes.add_passkey(&id, &passkey)?;
        changes.audit(act).map(drop)
    })
    .await
}

pub async fn rename(
    web: &Web,
    (caller, trail): (&Caller, &Trail),
    id: PasskeyId,
    name: Name,
) -> Result<(), WebError> {
    let owner = caller.account.clone();
    let mut act = trail.act("user.rename_passkey", owner.as_str(), Change::default());
    web.change(move |changes| {
        let before = changes.rename_passkey((&owner, &id), &name)?;
        act.before = Line::fitted(before.as_str());
        act.after = Line::fitted(name.as_str());
        changes.audit(act).map(drop)
    })
    .await
}

pub async fn remove(
    web: &Web,
    (caller, trail): (&Caller, &Trail),
    id: PasskeyId,
) -> Result<(), WebError> {
    let owner = caller.account.clone();
    let mut act = trail.act("user.remove_passkey", owner.as_str(), Change::default());
    web.change(move |changes| {
        let before = changes.remove_passkey(&owner, &id)?;
        act.before = Line::fitted(before.as_str());
        changes.audit(act).map(drop)
    })
    .await
}
