//! A device is erased: only one that is shut out, and only by somebody who types its name.

use protocol::id::DeviceId;

use crate::store::fault::ChangeError;
use crate::web::Web;
use crate::web::error::{Flaw, WebError};
use crate::web::trail::{Change, Trail};

/// Letters of a reason.
const WHY: usize = 200;

/// Destroys its key and the rows that say in clear what it said, in one transaction with the entry of the audit log.
pub async fn erase(
    web: &Web,
    trail: &Trail,
    device: &DeviceId,
    name: &str,
    why: &str,
) -> Result<(), WebError> {
    let known = web.device(device)?;
    let why = why.trim();
    let mut flaws = Vec::new();
    if name.trim() != known.name.as_str() {
        flaws.push(Flaw::new(
            "/name",
            "type the name of the device, as its page shows it",
        ));
    }
    if why.is_empty() || why.chars().count() > WHY {
        flaws.push(Flaw::new("/why", "say why, in a line"));
    }
    if !flaws.is_empty() {
        return Err(WebError::Invalid(flaws));
    }
    if known.withdrawal.is_none() && known.proof.is_none() {
        return Err(WebError::AlreadySo(
            "the device still belongs to the mesh, and goes on speaking: retire it first",
        ));
    }
    let change = Change {
        before: None,
        after: Some(why),
    };
    let act = trail.act("device.erase", &device.to_string(), change);
    let device = *device;
    let erased = web.change(move |changes| {
        let erased = changes.erase_device(&device);
        if erased.is_ok() {
            changes.audit(act)?;
        }
        match erased {
            Err(ChangeError::Missing(_)) => Ok(false),
            erased => erased.map(|_| true),
        }
    });
    if !erased.await? {
        return Err(WebError::AlreadySo(
            "what the device said is erased already",
        ));
    }
    web.read(|web| Ok(web.risk.reread()?)).await
}
