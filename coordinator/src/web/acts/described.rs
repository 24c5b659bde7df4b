//! What people say of a device: its tags and its site, and what one without a node is called.

use findings::scan::Mac;

use crate::risk::holder::Holder;
use crate::risk::intake::IntakeError;
use crate::risk::said::{SaidError, Words};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::trail::{Change, Trail};

/// Who is meant, and what people call it: a member's id, a hardware address, `mac:…` or `ip:…`.
pub fn meant(web: &Web, text: &str) -> Result<(Holder, String), WebError> {
    let holder = text.parse().ok();
    let holder = holder.or_else(|| Mac::parse(text).map(Holder::Mac));
    let holder: Holder = holder.ok_or(WebError::NoSuch("device"))?;
    if let Holder::Member(device) = holder {
        return Ok((holder, web.device(&device)?.name.to_string()));
    }
    if let Some(known) = web.risk.index().devices.get(&holder.to_string()) {
        return Ok((holder, known.name.clone()));
    }
    match holder {
        Holder::Mac(mac) => {
            let heard = crate::web::neighbours::one(web, &web.snapshot(), &mac.to_string())?;
            Ok((holder, heard.name()))
        }
        _ => Err(WebError::NoSuch("device")),
    }
}

/// The outer error is ours, the inner one is of what was typed.
pub async fn describe(
    web: &Web,
    trail: &Trail,
    id: String,
    words: Words,
) -> Result<Result<(), SaidError>, WebError> {
    let trail = trail.clone();
    web.read(move |web| {
        let (holder, name) = meant(web, &id)?;
        let said = match words.checked(&holder) {
            Ok(said) => said,
            Err(error) => return Ok(Err(error)),
        };
        let object = format!("{name} ({holder})");
        let act = trail.act("device.describe", &object, Change::default());
        match web.risk.describe(holder, &said, act) {
            Ok(()) => Ok(Ok(())),
            Err(IntakeError::NoDevice(_)) => Err(WebError::NoSuch("device")),
            Err(IntakeError::Change(error)) => Err(error.into()),
            Err(IntakeError::Read(error)) => Err(error.into()),
            Err(_) => Err(WebError::Broken),
        }
    })
    .await
}
