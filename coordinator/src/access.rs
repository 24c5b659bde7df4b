//! First links and program tokens: made on this machine, shown once, kept as hashes.

use std::time::Duration;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use protocol::alert::Delivery;
use protocol::id::DeviceId;
use protocol::rollout::{Cause, RolloutId};
use protocol::text::{Line, Name, Path};
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::permissions::{Area, AreaError};
use crate::secrets::{SecretError, random};
use crate::store::Writer;
use crate::store::api_tokens::{ApiToken, Reach};
use crate::store::audit::Act;
use crate::store::fault::ChangeError;
use crate::store::operators::{Role, RoleError};
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

/// A token with which a program uses the API.
pub fn new_api_token(
    writer: &Writer,
    terms: &TokenTerms,
) -> Result<Zeroizing<String>, AccessError> {
    let token = api_secret()?;
    let granted = terms.granted(Name::new(ACTOR)?, mesh::wall());
    let noted = Act {
        after: Line::fitted(&terms.words()),
        ..act("api_token.create", terms.name.as_str())?
    };
    writer.write(|changes| {
        changes.add_api_token(&SecretHash::of_api_token(token.as_bytes()), &granted)?;
        changes.audit(noted)?;
        Ok::<_, AccessError>(())
    })?;
    Ok(token)
}

/// A fresh secret of a program's token.
pub fn api_secret() -> Result<Zeroizing<String>, AccessError> {
    secret(API_PREFIX)
}

/// What a token is to allow, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenTerms {
    pub name: Name,
    pub role: Role,
    pub reach: Option<Reach>,
    /// All where none is named.
    pub areas: Vec<Area>,
    pub life: Duration,
}

/// Why terms of a token are not taken.
#[derive(Debug, Error)]
pub enum TermsError {
    #[error("name: {0}")]
    Name(#[from] protocol::text::TextError),
    #[error("role: {0}")]
    Role(#[from] RoleError),
    #[error("role: a token allows no more than whoever makes it may do")]
    Beyond,
    #[error("areas: {0}")]
    Area(#[from] AreaError),
    #[error("days: choose 1 to {TOKEN_DAYS_AT_MOST}")]
    Days,
}

/// Days that a token may be good for.
pub const TOKEN_DAYS_AT_MOST: u64 = 400;

impl TokenTerms {
    /// Checks what was typed against what its maker may do.
    pub fn new(
        (name, role): (&str, &str),
        reach: Option<Reach>,
        areas: &[String],
        days: Option<u64>,
        maker: Role,
    ) -> Result<Self, TermsError> {
        let role: Role = role.parse()?;
        if !maker.includes(role) {
            return Err(TermsError::Beyond);
        }
        let mut areas = areas
            .iter()
            .map(|area| area.parse())
            .collect::<Result<Vec<Area>, _>>()?;
        areas.sort_unstable();
        areas.dedup();
        let life = match days {
            None => API,
            Some(days) if (1..=TOKEN_DAYS_AT_MOST).contains(&days) => {
                Duration::from_secs(days * 86_400)
            }
            Some(_) => return Err(TermsError::Days),
        };
        Ok(Self {
            name: Name::new(name.trim())?,
            role,
            reach,
            areas,
            life,
        })
    }

    pub fn granted(&self, operator: Name, now: Timestamp) -> ApiToken {
        ApiToken {
            name: self.name.clone(),
            role: self.role,
            operator,
            created: now,
            used: None,
            expires: Some(now.saturating_add(self.life)),
            reach: self.reach,
            areas: (!self.areas.is_empty()).then(|| self.areas.clone()),
        }
    }

    /// For the audit trail.
    pub fn words(&self) -> String {
        words(self.role, self.reach, &self.areas)
    }
}

/// A token as programs and the command line show it: never its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenDocument {
    pub id: String,
    pub name: String,
    pub role: String,
    /// `all` or `reading`.
    pub reach: String,
    /// All where none is named.
    pub areas: Vec<String>,
    pub made_by: String,
    pub created: String,
    pub last_used: Option<String>,
    pub expires: Option<String>,
}

impl TokenDocument {
    pub fn of(hash: &SecretHash, token: &ApiToken) -> Self {
        let text = |at: Timestamp| instant(at.as_millis());
        let areas = token.areas.as_deref().unwrap_or_default();
        Self {
            id: hash.shown(),
            name: token.name.to_string(),
            role: token.role.to_string(),
            reach: match token.reach {
                None => "all".to_owned(),
                Some(Reach::Reading) => "reading".to_owned(),
            },
            areas: areas.iter().map(ToString::to_string).collect(),
            made_by: token.operator.to_string(),
            created: text(token.created),
            last_used: token.used.map(text),
            expires: token.expires.map(text),
        }
    }
}

/// What a token allows, in words.
pub fn words(role: Role, reach: Option<Reach>, areas: &[Area]) -> String {
    let mut words = role.to_string();
    if reach == Some(Reach::Reading) {
        words.push_str(", reading only");
    }
    if !areas.is_empty() {
        let areas: Vec<_> = areas.iter().map(|area| area.word()).collect();
        words.push_str(", in ");
        words.push_str(&areas.join(" "));
    }
    words
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
