//! First links and program tokens: made on this machine, shown once, kept as hashes.

use std::time::Duration;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use protocol::alert::Delivery;
use protocol::id::DeviceId;
use protocol::rollout::{Cause, RolloutId};
use protocol::text::{Line, Name, Path};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::secrets::{SecretError, random};
use crate::store::Writer;
use crate::store::api_tokens::ApiToken;
use crate::store::audit::Act;
use crate::store::fault::ChangeError;
use crate::store::operators::Role;
use crate::store::secret_hash::SecretHash;
use crate::store::setup::SetupToken;
use crate::web::api::instant;

/// How long a setup link can be used.
const SETUP: Duration = Duration::from_secs(3600);
/// How long a program's token can be used.
const API: Duration = Duration::from_secs(90 * 86_400);
/// What program tokens begin with, so that scanners for leaked secrets find them.
const API_PREFIX: &str = "plsd_pat_";
/// Who acts when nobody has logged in.
pub(crate) const ACTOR: &str = "command line";

#[derive(Debug, Error)]
pub enum AccessError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error("the name does not fit: {0}")]
    Name(#[from] protocol::text::TextError),
}

/// A one-time token for the setup page; an earlier one is void.
pub fn new_setup_token(writer: &Writer) -> Result<Zeroizing<String>, AccessError> {
    let token = secret("")?;
    let created = mesh::wall();
    let kept = SetupToken {
        hash: SecretHash::of_setup_token(token.as_bytes()),
        created,
        expires: created.saturating_add(SETUP),
    };
    writer.write(|changes| {
        changes.set_setup_token(&kept)?;
        changes.audit(act("setup.link", "operators")?)?;
        Ok::<_, AccessError>(())
    })?;
    Ok(token)
}

/// A token with which a program uses the API as an operator.
pub fn new_api_token(writer: &Writer, name: &str) -> Result<Zeroizing<String>, AccessError> {
    let token = secret(API_PREFIX)?;
    let created = mesh::wall();
    let granted = ApiToken {
        name: Name::new(name)?,
        role: Role::Operator,
        operator: Name::new(ACTOR)?,
        created,
        used: None,
        expires: Some(created.saturating_add(API)),
    };
    writer.write(|changes| {
        changes.add_api_token(&SecretHash::of_api_token(token.as_bytes()), &granted)?;
        changes.audit(act("api_token.create", name)?)?;
        Ok::<_, AccessError>(())
    })?;
    Ok(token)
}

/// Notes something that was ordered on the command line.
pub fn note(writer: &Writer, action: &str, object: &str) -> Result<(), AccessError> {
    writer.write(|changes| {
        changes.audit(act(action, object)?)?;
        Ok(())
    })
}

/// Notes that something was ordered and not carried out.
pub fn note_refused(writer: &Writer, object: &str, why: &str) -> Result<(), AccessError> {
    let act = Act {
        after: Line::fitted(why),
        ..act("order.refused", object)?
    };
    writer.write(|changes| {
        changes.audit(act)?;
        Ok(())
    })
}

/// Notes that a deputy has used what it was given; once, however often its receipt comes.
pub fn note_told(writer: &Writer, delivery: &Delivery) -> Result<(), AccessError> {
    let act = Act {
        actor: Name::new(format!("deputy {}", delivery.deputy))?,
        after: Line::fitted(&format!(
            "told somebody outside at {}",
            instant(delivery.time.as_millis())
        )),
        ..act("alert.told", &HEXLOWER.encode(&delivery.alert.0))?
    };
    writer.write(|changes| {
        if changes.note_told(delivery)? {
            changes.audit(act)?;
        }
        Ok(())
    })
}

/// Notes that a rollout stopped by itself.
pub fn note_halted(writer: &Writer, rollout: RolloutId, cause: Cause) -> Result<(), AccessError> {
    let act = Act {
        actor: Name::new("coordinator")?,
        after: Line::fitted(cause.word()),
        ..act("rollout.halted", &format!("rollout {rollout}"))?
    };
    writer.write(|changes| {
        changes.audit(act)?;
        Ok(())
    })
}

/// Notes that a device has confirmed an administrator's order to wipe itself.
pub fn note_wiped(writer: &Writer, device: &DeviceId) -> Result<(), AccessError> {
    let act = Act {
        actor: Name::new(format!("device {device}"))?,
        after: Line::fitted("its last statement: it wipes its keys and its journal"),
        ..act("device.wiped", &device.to_string())?
    };
    writer.write(|changes| {
        changes.audit(act)?;
        Ok(())
    })
}

/// Notes what an administrator has ordered with a key that this coordinator never saw.
pub fn note_withdrawal(
    writer: &Writer,
    action: &str,
    device: &DeviceId,
    says: &str,
) -> Result<(), AccessError> {
    let act = Act {
        after: Line::fitted(says),
        ..act(action, &device.to_string())?
    };
    writer.write(|changes| {
        changes.audit(act)?;
        Ok(())
    })
}

/// Notes what somebody did on a gateway's console, which no login of this coordinator has seen.
pub fn note_ruling(
    writer: &Writer,
    gateway: &DeviceId,
    device: &DeviceId,
    decision: &str,
) -> Result<(), AccessError> {
    let act = Act {
        actor: Name::new(format!("console of gateway {gateway}"))?,
        ..act(&format!("device.{decision}"), &device.to_string())?
    };
    writer.write(|changes| {
        changes.audit(act)?;
        Ok(())
    })
}

/// An act of whoever owns this machine.
pub(crate) fn act(action: &str, object: &str) -> Result<Act, AccessError> {
    Ok(Act {
        time: mesh::wall(),
        actor: Name::new(ACTOR)?,
        action: Name::new(action)?,
        object: Path::fitted(object).unwrap_or(Path::new("none")?),
        before: None,
        after: None,
        address: None,
        request: None,
    })
}

pub(crate) fn secret(prefix: &str) -> Result<Zeroizing<String>, AccessError> {
    let bytes: Zeroizing<[u8; 20]> = Zeroizing::new(random()?);
    Ok(Zeroizing::new(format!(
        "{prefix}{}",
        BASE32_NOPAD.encode(bytes.as_slice()).to_lowercase()
    )))
}
