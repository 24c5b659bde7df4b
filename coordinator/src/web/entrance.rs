//! Who somebody is that shows a name, a password and perhaps a code: for the login page and for programs alike.

pub mod passkey;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use protocol::text::Name;
use protocol::time::Timestamp;

use super::error::WebError;
use super::metrics::LoginOutcome;
use super::origin::Origin;
use super::session::limits::{Limit, neighbourhood};
use super::session::password::{Lane, Match, is_outdated};
use super::trail::{Change, Trail};
use super::{Web, wall};
use crate::factors::Strength;
use crate::store::operators::Operator;
use crate::store::second_factors::{Standing, Use};
use crate::totp;

/// Who may try how often. An address is paced; an account never is, because that would let a
/// stranger lock its owner out: where one account is tried from everywhere, each try takes longer, but for places
/// from which its owner has come in before.
#[derive(Debug)]
pub struct Attempts {
    by_address: Limit<u128>,
    by_name: Limit<String>,
    /// Failures that reach the audit trail, so that a stranger cannot make it grow at will.
    noted: Limit<()>,
    familiar: Mutex<BTreeMap<Name, VecDeque<u128>>>,
    clock: fn() -> Timestamp,
}

const BY_ADDRESS: u32 = 10;
const ADDRESS_REFILL: Duration = Duration::from_secs(6);
const BY_NAME: u32 = 20;
const NAME_REFILL: Duration = Duration::from_secs(30);
/// The longest that a try is held up: below the patience of whoever waits for the answer.
const SLOWED_BY: Duration = Duration::from_secs(10);
const NOTED: u32 = 60;
const NOTED_REFILL: Duration = Duration::from_secs(60);
/// Places that are remembered of one person, the newest.
const PLACES: usize = 8;

impl Attempts {
    /// Nobody has tried yet; tries come back with the time that this clock shows.
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self {
            by_address: Limit::new(BY_ADDRESS, ADDRESS_REFILL),
            by_name: Limit::new(BY_NAME, NAME_REFILL),
            noted: Limit::new(NOTED, NOTED_REFILL),
            familiar: Mutex::default(),
            clock,
        }
    }

    /// Takes one of an address's tries.
    pub fn pace(&self, origin: &Origin) -> Result<(), WebError> {
        let taken = (self.by_address).take(&neighbourhood(origin.address), (self.clock)());
        taken.map_err(|wait| WebError::TooMany { wait })
    }

    /// How long a try for a name has to wait: the same for a name that nobody has.
    fn hold_up(&self, name: &str) -> Duration {
        let key: String = name.chars().take(64).collect();
        let taken = self.by_name.take(&key, (self.clock)());
        taken
            .err()
            .map_or(Duration::ZERO, |wait| wait.min(SLOWED_BY))
    }

    fn may_be_noted(&self) -> bool {
        self.noted.take(&(), (self.clock)()).is_ok()
    }

    /// Only the name is forgiven: who has an account of his own must not buy guesses with it.
    fn welcome(&self, name: &Name, origin: &Origin) {
        self.by_name.forgive(&name.to_string());
        let mut familiar = self.familiar.lock().unwrap_or_else(PoisonError::into_inner);
        // Names here are names of accounts, of which there are a thousand at most.
        let places = familiar.entry(name.clone()).or_default();
        let place = neighbourhood(origin.address);
        places.retain(|known| *known != place);
        places.push_back(place);
        if places.len() > PLACES {
            places.pop_front();
        }
    }

    fn lane(&self, name: &str, origin: &Origin) -> Lane {
        let Ok(name) = Name::new(name) else {
            return Lane::Strangers;
        };
        let familiar = self.familiar.lock().unwrap_or_else(PoisonError::into_inner);
        let place = neighbourhood(origin.address);
        let known = familiar
            .get(&name)
            .is_some_and(|places| places.contains(&place));
        if known {
            Lane::Familiar
        } else {
            Lane::Strangers
        }
    }
}

/// What somebody shows.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    pub name: &'a str,
    pub password: &'a str,
    /// Empty where none was typed.
    pub code: &'a str,
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shown({})", self.name.len())
    }
}

/// The operator whose name, password and code these are. A name that nobody has, a wrong password, a wrong code, one that
/// was used before, and an account that is shut look the same from outside.
pub async fn identify(
    web: &Web,
    origin: &Origin,
    shown: &Shown<'_>,
) -> Result<Option<(Operator, With)>, WebError> {
    let name = shown.name.trim();
    let attempts = &web.guards.logins;
    attempts
        .pace(origin)
        .inspect_err(|_| web.metrics.login(LoginOutcome::Paced))?;
    let lane = attempts.lane(name, origin);
    let held_up = attempts.hold_up(name);
    if lane == Lane::Strangers && !held_up.is_zero() {
        tokio::time::sleep(held_up).await;
    }
    let operator = match Name::new(name) {
        Ok(name) => web.reader.operator(&name)?,
        Err(_) => None,
    };
    let kept = operator.as_ref().map(|operator| operator.password.clone());
    // Whom a provider vouches for has no password here: that takes as long as a wrong one.
    let kept = kept.filter(|kept| !kept.is_empty());
    let passwords = &web.guards.passwords;
    let compared = passwords.matches(shown.password, kept, lane).await?;
    let entered = match (compared, &operator) {
        (Match::Same, Some(operator)) => may_enter(web, operator, shown.code).await?,
        _ => May::NotEnter,
    };
    match (entered, operator) {
        (May::Enter(with), Some(operator)) => {
            attempts.welcome(&operator.name, origin);
            renew_hash(web, &operator, shown.password).await?;
            Ok(Some((operator, with)))
        }
        (_, operator) => {
            note_refusal(web, origin, operator.as_ref()).await?;
            Ok(None)
        }
    }
}

/// What somebody came in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    Password,
    Code,
    RecoveryCode,
    Passkey,
}

impl With {
    /// For the audit trail.
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::Password => None,
            Self::Code => Some("with a code"),
            Self::RecoveryCode => Some("with a recovery code"),
            Self::Passkey => Some("with a passkey"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    Enter(With),
    NotEnter,
}

/// The password is right: is the account open, and the code right where one is asked for?
async fn may_enter(web: &Web, operator: &Operator, code: &str) -> Result<May, WebError> {
    if web.reader.barred(&operator.name)?.is_some() {
        return Ok(May::NotEnter);
    }
    let factor = web.reader.second_factor(&operator.name)?;
    let Some(factor) = factor.filter(|factor| factor.standing == Standing::Asked) else {
        // Whoever has a passkey shows it where a password alone is not enough.
        let demanded = web.facts.second_factor.concerns(operator.role);
        let stronger = demanded && Strength::of(&web.reader, operator)? == Strength::Passkey;
        return Ok(if stronger {
            May::NotEnter
        } else {
            May::Enter(With::Password)
        });
    };
    let name = operator.name.clone();
    let (used, with) = match totp::read(&factor, &name, code, wall()) {
        totp::Typed::Wrong => (Use::Before, With::Code),
        totp::Typed::Step(step) => {
            let used = web.change(move |changes| changes.use_step(&name, step));
            (used.await?, With::Code)
        }
        totp::Typed::Recovery(hash) => {
            let used = web.change(move |changes| changes.use_recovery_code(&name, &hash));
            (used.await?, With::RecoveryCode)
        }
    };
    Ok(match used {
        Use::Now => May::Enter(with),
        Use::Before => May::NotEnter,
    })
}

/// A hash that came from elsewhere is replaced while the password is at hand.
async fn renew_hash(web: &Web, operator: &Operator, password: &str) -> Result<(), WebError> {
    if !is_outdated(&operator.password) {
        return Ok(());
    }
    let fresh = web.guards.passwords.hash(password).await?;
    let name = operator.name.clone();
    web.change(move |changes| changes.rehash(&name, &fresh))
        .await
}

/// A name that nobody has is not written down: it may be a password in the wrong field.
async fn note_refusal(
    web: &Web,
    origin: &Origin,
    operator: Option<&Operator>,
) -> Result<(), WebError> {
    web.metrics.login(LoginOutcome::Refused);
    if !web.guards.logins.may_be_noted() {
        return Ok(());
    }
    let stranger = Name::new("nobody").expect("a short word is a name");
    let trail = Trail::of(&stranger, origin);
    let object = operator.map_or("an unknown name", |operator| operator.name.as_str());
    trail
        .note(web, "user.log_in_refused", object, Change::default())
        .await
}

/// Somebody whom a provider vouches for, and who has no business here.
pub async fn note_refused_provider(
    web: &Web,
    origin: &Origin,
    why: &'static str,
) -> Result<(), WebError> {
    if !web.guards.logins.may_be_noted() {
        return Ok(());
    }
    let stranger = Name::new("nobody").expect("a short word is a name");
    let change = Change {
        before: None,
        after: Some(why),
    };
    Trail::of(&stranger, origin)
        .note(web, "user.log_in_refused", "identity provider", change)
        .await
}
