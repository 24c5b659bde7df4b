//! Passwords: what makes one good enough, and argon2id with a bound on how many are hashed at once.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Deserializer};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::web::error::WebError;

pub const MIN_LENGTH: usize = ui::pages::setup::MIN_PASSWORD_LENGTH;
pub const MAX_LENGTH: usize = 128;
/// Hashes at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// How long a login waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// A password with fewer different letters is a pattern.
const DIFFERENT_LETTERS: usize = 5;

/// What people choose when fifteen characters are asked for, without signs and in small letters.
const COMMON: [&str; 16] = [
    "1234567890123456",
    "abcdefghijklmnop",
    "administratoradministrator",
    "changemechangeme",
    "correcthorsebatterystaple",
    "iloveyouiloveyou",
    "letmeinletmeinletmein",
    "loremipsumdolorsitamet",
    "mypasswordispassword",
    "palisadepalisade",
    "passwordpassword",
    "passwordpasswordpassword",
    "qwertyuiopasdfgh",
    "qwertyuiopasdfghjklzxcvbnm",
    "thequickbrownfox",
    "thisismypassword",
];

/// A password as it was typed; it is wiped when it is dropped, and never printed.
pub struct Typed(Zeroizing<String>);

impl Typed {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(hidden)")
    }
}

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

/// The place where passwords are hashed and compared.
#[derive(Debug, Clone)]
pub struct PasswordDesk {
    turns: Arc<Semaphore>,
    /// For people who come from where they came in before, so that a flood of strangers does not hold them up.
    kept_free: Arc<Semaphore>,
}

/// Which turns a comparison waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Strangers,
    Familiar,
}

impl Default for PasswordDesk {
    fn default() -> Self {
        // Not at the first login of somebody unknown, who would then wait longer than others.
        LazyLock::force(&NOBODY);
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            kept_free: Arc::new(Semaphore::new(1)),
        }
    }
}

/// Why a password is not taken, in a sentence; nothing if it is.
pub fn weakness(password: &str, name: &str) -> Option<&'static str> {
    let normal = normal(password);
    let length = normal.chars().count();
    if length < MIN_LENGTH {
        return Some("Use at least 15 characters; a few unrelated words work well.");
    }
    if length > MAX_LENGTH {
        return Some("Use at most 128 characters.");
    }
    let mut letters: Vec<char> = normal.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let plain = plain(&normal);
    let own = plain_name_repeated(&plain, name);
    if letters.len() < DIFFERENT_LETTERS || own || is_common(&plain) {
        return Some("This one is among the first that anybody tries. Choose another.");
    }
    None
}

fn is_common(plain: &str) -> bool {
    COMMON.iter().any(|common| {
        let longer = common.len().max(plain.len());
        let repeated: String = common.chars().cycle().take(longer).collect();
        *common == plain || repeated == plain
    })
}

fn plain_name_repeated(password: &str, name: &str) -> bool {
    let name = plain(name);
    !name.is_empty() && password.replace(&name, "").is_empty()
}

fn plain(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// One form for what looks the same, whatever the keyboard sends.
fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfc().collect())
}

/// The form in which a password is kept, for tools that make accounts in a store of their own.
pub fn kept_form(password: &str) -> Result<Zeroizing<String>, WebError> {
    phc(normal(password).as_bytes())
}

impl PasswordDesk {
    /// The PHC string under which a password is kept.
    pub async fn hash(&self, password: &str) -> Result<Zeroizing<String>, WebError> {
        let password = normal(password);
        let turns = &self.turns;
        in_turn(turns, move || phc(password.as_bytes())).await?
    }

    /// Compares; without a hash it takes as long and fails.
    pub async fn matches(
        &self,
        password: &str,
        kept: Option<Zeroizing<String>>,
        lane: Lane,
    ) -> Result<Match, WebError> {
        // A longer one was never taken, and must not buy more work.
        let fits = password.len() <= MAX_LENGTH * 4;
        let password = normal(if fits { password } else { "" });
        let compare = move || {
            let hash = kept.as_deref().unwrap_or(&NOBODY);
            let same = fits_hash(&password, hash);
            if same && kept.is_some() && fits {
                Match::Same
            } else {
                Match::Different
            }
        };
        let turns = match lane {
            Lane::Strangers => &self.turns,
            Lane::Familiar => &self.kept_free,
        };
        in_turn(turns, compare).await
    }
}

async fn in_turn<T: Send + 'static>(
    turns: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, WebError> {
    let turn = tokio::time::timeout(PATIENCE, Arc::clone(turns).acquire_owned()).await;
    let turn = turn
        .map_err(|_| WebError::Busy)?
        .map_err(|_| WebError::Stopping)?;
    let done = tokio::task::spawn_blocking(move || {
        let result = work();
        drop(turn);
        result
    });
    done.await.map_err(|_| WebError::Broken)
}

/// Whether accounts may be taken over with this hash: bcrypt of cost 4 to 14, or argon2id with no more memory and passes
/// than a login can spare.
pub fn takes_hash(hash: &str) -> bool {
    if let Some(cost) = bcrypt_cost(hash) {
        return (4..=14).contains(&cost) && hash.parse::<bcrypt::HashParts>().is_ok();
    }
    PasswordHash::new(hash).is_ok_and(|hash| {
        let cost = |name: &str| {
            let value = hash.params.get(name);
            value.and_then(|value| value.decimal().ok())
        };
        hash.algorithm.as_str() == "argon2id"
            && cost("m").is_some_and(|memory| memory <= 4 * MEMORY_KIB)
            && cost("t").is_some_and(|passes| passes <= 2 * PASSES)
            && cost("p").is_some_and(|lanes| lanes <= 4)
    })
}

/// Whether a hash is weaker than those that are made here, so that a login replaces it.
pub fn is_outdated(hash: &str) -> bool {
    !hash.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$"))
}

fn bcrypt_cost(hash: &str) -> Option<u32> {
    let rest = ["$2a$", "$2b$", "$2y$"]
        .iter()
        .find_map(|prefix| hash.strip_prefix(prefix))?;
    rest.split_once('$')?.0.parse().ok()
}

fn fits_hash(password: &str, hash: &str) -> bool {
    if bcrypt_cost(hash).is_some() {
        return bcrypt::verify(password, hash).unwrap_or(false);
    }
    PasswordHash::new(hash)
        .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    Same,
    Different,
}

/// Stands in for the hash of people who do not exist.
static NOBODY: LazyLock<Zeroizing<String>> =
    LazyLock::new(|| phc(b"nobody has this password").expect("a fixed password can be hashed"));

fn phc(password: &[u8]) -> Result<Zeroizing<String>, WebError> {
    let hash = argon2()
        .hash_password(password)
        .map_err(|_| WebError::Broken)?;
    Ok(Zeroizing::new(hash.to_string()))
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None);
    let params = params.expect("the costs are within the bounds of argon2");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters_and_nothing_else_is_prescribed() {
        assert!(weakness("kurz", "amina").is_some());
        assert_eq!(weakness("lauter kleine wörter", "amina"), None);
        assert_eq!(
            weakness("これは本当に長い合言葉です、たぶん", "amina"),
            None
        );
        assert_eq!(weakness(&"abcdefgh ijklmno".repeat(8), "amina"), None);
        assert!(weakness(&"abcdefgh ijklmno".repeat(9), "amina").is_some());
    }

    #[test]
    fn patterns_names_and_the_best_known_are_refused() {
        for weak in [
            "aaaaaaaaaaaaaaaaaa",
            "Password-Password",
            "correct horse battery staple",
            "1234567890123456",
            "amina Amina AMINA amina",
            "qwertyuiopasdfgh",
        ] {
            assert!(weakness(weak, "amina").is_some(), "{weak}");
        }
        assert_eq!(weakness("correct horse battery staple 7", "amina"), None);
    }

    #[tokio::test]
    async fn a_password_matches_its_hash_however_it_was_composed() {
        let desk = PasswordDesk::default();
        let kept = desk
            .hash("caf\u{e9} und croissants")
            .await
            .expect("it is hashed");
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            *kept
        );
        let same = desk
            .matches(
                "cafe\u{301} und croissants",
                Some(kept.clone()),
                Lane::Strangers,
            )
            .await;
        assert_eq!(same, Ok(Match::Same));
        let other = desk
            .matches("tee und croissants", Some(kept), Lane::Strangers)
            .await;
        assert_eq!(other, Ok(Match::Different));
        let nobody = desk
            .matches("nobody has this password", None, Lane::Familiar)
            .await;
        assert_eq!(nobody, Ok(Match::Different));
    }

    /// A name that nobody has costs the same comparison: without it the answer comes a hundred times sooner. How
    /// alike both are to a clock that is better than this is for a machine with nothing else to do.
    #[tokio::test]
    async fn an_unknown_name_takes_as_long_as_a_known_one() {
        const ROUNDS: usize = 24;
        let desk = PasswordDesk::default();
        let kept = desk.hash("eight small wet stones").await;
        let kept = kept.expect("it is hashed");
        let time = async |kept: Option<Zeroizing<String>>| {
            let begun = std::time::Instant::now();
            let compared = desk.matches("nine large dry pebbles", kept, Lane::Strangers);
            assert_eq!(compared.await, Ok(Match::Different));
            begun.elapsed()
        };
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            // In turns, and each in front as often, so that what else runs weighs on both.
            if round % 2 == 0 {
                known.push(time(Some(kept.clone())).await);
                unknown.push(time(None).await);
            } else {
                unknown.push(time(None).await);
                known.push(time(Some(kept.clone())).await);
            }
        }
        known.sort_unstable();
        unknown.sort_unstable();
        let ratio = unknown[ROUNDS / 2].as_secs_f64() / known[ROUNDS / 2].as_secs_f64();
        println!("an unknown name takes {ratio:.2} times as long as a known one");
        assert!((0.5..2.0).contains(&ratio), "{ratio:.2}");
    }

    #[test]
    fn only_hashes_that_a_login_can_spare_are_taken_over() {
        let bcrypt = "$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe";
        assert!(takes_hash(bcrypt) && is_outdated(bcrypt));
        for costly in ["$2y$15$", "$2y$31$", "$2y$03$", "$2x$05$"] {
            assert!(!takes_hash(&bcrypt.replace("$2y$05$", costly)), "{costly}");
        }
        let own = phc(b"eight small wet stones").expect("it is hashed");
        assert!(takes_hash(&own) && !is_outdated(&own));
        for (from, to) in [
            ("m=19456", "m=2000000"),
            ("t=2", "t=900"),
            ("argon2id", "argon2d"),
        ] {
            assert!(!takes_hash(&own.replace(from, to)), "{to}");
        }
        for other in ["", "plain", "$apr1$salt$hash", "$5$rounds=1$salt$hash"] {
            assert!(!takes_hash(other), "{other}");
        }
    }
}
