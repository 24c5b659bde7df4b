//! Logging in with an identity provider of one's own: OpenID Connect, authorization code with PKCE (RFC 7636, RFC 9700).
//!
//! The provider says who somebody is and to which groups they belong; `oidc.toml` says which groups have which role. Who is
//! in none of them gets nothing, and no account that was made here is ever taken over by a name of the provider's.

pub mod identity;
pub mod settings;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use protocol::time::Timestamp;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use webhook::address::{Address, AddressError};
use webhook::fetch::{Ask, FetchError, fetch};
use webhook::post::Roots;
use zeroize::Zeroizing;

use crate::secrets::{SecretError, random};
use identity::{Expected, Identity, IdentityError, Keys};
use settings::{OidcSettings, SettingsError};

/// Logins that are on their way to the provider at once.
const UNDER_WAY: usize = 256;
/// How long one may take there.
const PATIENCE: Duration = Duration::from_secs(600);
/// Letters of a code or a state that are looked at.
const PARAMETER: usize = 4096;

#[derive(Debug, Error)]
pub enum OidcError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{what} of the provider: {source}")]
    Fetch {
        what: &'static str,
        source: FetchError,
    },
    #[error("{what} of the provider cannot be read: {source}")]
    Document {
        what: &'static str,
        source: serde_json::Error,
    },
    #[error("{what} of the provider: {source}")]
    Address {
        what: &'static str,
        source: AddressError,
    },
    #[error("the provider's document names the issuer {found}, and oidc.toml another one")]
    Issuer { found: String },
    #[error("nobody in this browser has begun this login, or it took too long")]
    Unknown,
    #[error("the provider refuses: {0}")]
    Provider(String),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// What the provider publishes about itself (OpenID Connect Discovery, 3).
#[derive(Debug, Clone, Deserialize)]
struct Provider {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Answer {
    id_token: String,
}

/// One login that is under way.
#[derive(Clone)]
struct Pending {
    since: Timestamp,
    /// The browser that has begun it.
    browser: [u8; 32],
    nonce: String,
    verifier: Zeroizing<String>,
    provider: Provider,
    next: Option<String>,
}

/// Logins that are under way, by their state.
#[derive(Default)]
pub struct Logins(Mutex<BTreeMap<String, Pending>>);

impl std::fmt::Debug for Logins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Logins")
    }
}

/// Where a browser is sent, and what it keeps meanwhile.
#[derive(Debug)]
pub struct Begun {
    pub url: String,
    /// For the cookie that ties the login to the browser.
    pub browser: Zeroizing<String>,
}

/// What comes back from the provider through the browser.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Callback {
    pub code: Option<String>,
    pub state: Option<String>,
    pub error: Option<String>,
    /// RFC 9207.
    pub iss: Option<String>,
}

/// Begins a login: nothing is asked of the provider but what it publishes.
pub async fn begin(
    folder: &Path,
    logins: &Logins,
    next: Option<String>,
    now: Timestamp,
) -> Result<Begun, OidcError> {
    let settings = OidcSettings::load(folder)?;
    let provider = discover(&settings).await?;
    let (state, nonce, verifier, browser) = (token()?, token()?, token()?, token()?);
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()));
    let query = serde_urlencoded::to_string([
        ("response_type", "code"),
        ("client_id", &settings.client_id),
        ("redirect_uri", &settings.redirect),
        ("scope", &settings.scope),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let query = query.expect("pairs of text always have a form");
    let joint = if provider.authorization_endpoint.contains('?') {
        '&'
    } else {
        '?'
    };
    let url = format!("{}{joint}{query}", provider.authorization_endpoint);
    logins.put(
        state.to_string(),
        Pending {
            since: now,
            browser: digest(&browser),
            nonce: nonce.to_string(),
            verifier,
            provider,
            next,
        },
    );
    Ok(Begun { url, browser })
}

/// Ends a login: the code is exchanged for an identity, which is checked. Also where to go on to.
pub async fn finish(
    folder: &Path,
    logins: &Logins,
    (callback, browser): (&Callback, &str),
    now: Timestamp,
) -> Result<(Identity, OidcSettings, Option<String>), OidcError> {
    let settings = OidcSettings::load(folder)?;
    let state = callback.state.as_deref().ok_or(OidcError::Unknown)?;
    let pending = logins.take(state, &digest(browser), now);
    let pending = pending.ok_or(OidcError::Unknown)?;
    if let Some(error) = &callback.error {
        return Err(OidcError::Provider(error.chars().take(80).collect()));
    }
    let issuer = callback.iss.as_ref();
    if let Some(found) = issuer.filter(|found| **found != settings.issuer) {
        let found = found.chars().take(160).collect();
        return Err(OidcError::Issuer { found });
    }
    let code = callback.code.as_deref().unwrap_or_default();
    if code.is_empty() || code.len() > PARAMETER {
        return Err(OidcError::Unknown);
    }
    let id_token = exchange(&settings, &pending, code).await?;
    let keys: Keys = document(&settings, "the keys", &pending.provider.jwks_uri).await?;
    let expected = Expected {
        issuer: &settings.issuer,
        client: &settings.client_id,
        nonce: &pending.nonce,
        now,
    };
    let names = (settings.name_claim.as_str(), settings.groups_claim.as_str());
    let identity = identity::read(&id_token, &keys, &expected, names)?;
    Ok((identity, settings, pending.next))
}

async fn discover(settings: &OidcSettings) -> Result<Provider, OidcError> {
    let issuer = settings.issuer.trim_end_matches('/');
    let place = format!("{issuer}/.well-known/openid-configuration");
    let provider: Provider = document(settings, "the configuration", &place).await?;
    if provider.issuer != settings.issuer {
        return Err(OidcError::Issuer {
            found: provider.issuer,
        });
    }
    // Checked now, so that no browser is sent anywhere in clear.
    address("the login page", &provider.authorization_endpoint)?;
    Ok(provider)
}

async fn document<T: for<'d> Deserialize<'d>>(
    settings: &OidcSettings,
    what: &'static str,
    place: &str,
) -> Result<T, OidcError> {
    let address = address(what, place)?;
    let body = fetch(&address, Ask::Get, roots(settings)).await;
    let body = body.map_err(|source| OidcError::Fetch { what, source })?;
    serde_json::from_slice(&body).map_err(|source| OidcError::Document { what, source })
}

/// RFC 6749, 4.1.3, with the secret in the header (2.3.1) and never in the form.
async fn exchange(
    settings: &OidcSettings,
    pending: &Pending,
    code: &str,
) -> Result<String, OidcError> {
    const WHAT: &str = "the token answer";
    let body = serde_urlencoded::to_string([
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &settings.redirect),
        ("code_verifier", &pending.verifier),
    ]);
    let body = Zeroizing::new(body.expect("pairs of text always have a form"));
    let encoded = |text: &str| {
        let pair = serde_urlencoded::to_string([("", text)]);
        let pair = pair.expect("a pair of text always has a form");
        Zeroizing::new(pair.trim_start_matches('=').to_owned())
    };
    let shown = Zeroizing::new(format!(
        "{}:{}",
        encoded(&settings.client_id).as_str(),
        encoded(&settings.secret).as_str()
    ));
    let authorization = Zeroizing::new(format!("Basic {}", BASE64.encode(shown.as_bytes())));
    let address = address(WHAT, &pending.provider.token_endpoint)?;
    let ask = Ask::Form {
        body: &body,
        authorization: &authorization,
    };
    let answer = fetch(&address, ask, roots(settings)).await;
    let answer = answer.map_err(|source| OidcError::Fetch { what: WHAT, source })?;
    let answer: Answer = serde_json::from_slice(&answer)
        .map_err(|source| OidcError::Document { what: WHAT, source })?;
    Ok(answer.id_token)
}

fn address(what: &'static str, text: &str) -> Result<Address, OidcError> {
    text.parse()
        .map_err(|source| OidcError::Address { what, source })
}

fn roots(settings: &OidcSettings) -> Roots<'_> {
    match &settings.authorities {
        Some(known) => Roots::These(known),
        None => Roots::System,
    }
}

fn token() -> Result<Zeroizing<String>, SecretError> {
    let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(random()?);
    Ok(Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice())))
}

fn digest(text: &str) -> [u8; 32] {
    blake3::derive_key("palisade 2026 login at a provider", text.as_bytes())
}

impl Logins {
    fn put(&self, state: String, pending: Pending) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, other| pending.since.since(other.since) < PATIENCE);
        if waiting.len() >= UNDER_WAY {
            let oldest = waiting.iter().min_by_key(|(_, other)| other.since);
            if let Some(state) = oldest.map(|(state, _)| state.clone()) {
                waiting.remove(&state);
            }
        }
        waiting.insert(state, pending);
    }

    /// Once, and for the browser that has begun it.
    fn take(&self, state: &str, browser: &[u8; 32], now: Timestamp) -> Option<Pending> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = waiting.get(state)?;
        if pending.browser != *browser {
            return None;
        }
        let pending = waiting.remove(state)?;
        (now.since(pending.since) < PATIENCE).then_some(pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(since: u64, browser: &str) -> Pending {
        Pending {
            since: Timestamp::from_millis(since),
            browser: digest(browser),
            nonce: String::new(),
            verifier: Zeroizing::default(),
            provider: Provider {
                issuer: String::new(),
                authorization_endpoint: String::new(),
                token_endpoint: String::new(),
                jwks_uri: String::new(),
            },
            next: None,
        }
    }

    #[test]
    fn a_login_is_ended_once_in_time_and_by_the_browser_that_began_it() {
        let logins = Logins::default();
        let at = Timestamp::from_millis;
        logins.put("one".into(), pending(0, "mine"));
        assert!(logins.take("one", &digest("other"), at(5)).is_none());
        assert!(logins.take("two", &digest("mine"), at(5)).is_none());
        assert!(logins.take("one", &digest("mine"), at(5)).is_some());
        assert!(logins.take("one", &digest("mine"), at(5)).is_none());
        logins.put("late".into(), pending(0, "mine"));
        assert!(logins.take("late", &digest("mine"), at(600_000)).is_none());
    }

    #[test]
    fn strangers_who_begin_logins_do_not_make_the_memory_grow() {
        let logins = Logins::default();
        for number in 0..UNDER_WAY as u64 + 40 {
            logins.put(number.to_string(), pending(number, "any"));
        }
        let kept = logins.0.lock().expect("nobody panicked").len();
        assert_eq!(kept, UNDER_WAY);
    }
}
