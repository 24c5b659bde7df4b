//! Challenges: made out of dice, time, and a key of this run, so that asking for them fills no memory; only those that
//! somebody has answered are remembered, and until they end.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use protocol::time::Timestamp;
use thiserror::Error;

use crate::secrets::{SecretError, random};

/// How long one can be answered.
pub const LIFE: Duration = Duration::from_secs(600);
/// Answered ones that are remembered at once; beyond, nobody is let in for a while.
const ANSWERED_AT_MOST: usize = 4_096;
const DICE: usize = 16;
const MARK: usize = 32;

/// What an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// To log in, from the browser that has a cookie.
    Enter,
    /// To show once more, in a session, who is there.
    Prove,
    /// To make a passkey, in a session.
    Make,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ChallengeError {
    #[error("nobody here has asked this, or of somebody else")]
    Foreign,
    #[error("it was answered too late")]
    Late,
    #[error("it was answered before")]
    Answered,
    #[error("too many were answered at once")]
    TooMany,
}

/// The challenges of one run of the coordinator.
pub struct Challenges {
    key: [u8; 32],
    answered: Mutex<BTreeMap<[u8; DICE], Timestamp>>,
}

impl Challenges {
    /// Those of a run that begins now; none of another run is good.
    pub fn begun(secret: &[u8], at: Timestamp) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("palisade 2026 passkey challenges");
        hasher.update(&at.as_millis().to_be_bytes());
        hasher.update(secret);
        Self {
            key: *hasher.finalize().as_bytes(),
            answered: Mutex::default(),
        }
    }

    /// A challenge for whoever is bound: a session, or a browser by its cookie.
    pub fn ask(&self, act: Act, bound: &str, now: Timestamp) -> Result<String, SecretError> {
        let dice: [u8; DICE] = random()?;
        let until = now.saturating_add(LIFE);
        let mut bytes = dice.to_vec();
        bytes.extend_from_slice(&until.as_millis().to_be_bytes());
        bytes.extend_from_slice(self.mark(&bytes, act, bound).as_bytes());
        Ok(BASE64URL_NOPAD.encode(&bytes))
    }

    /// Uses up a challenge that was answered well.
    pub fn use_up(
        &self,
        challenge: &[u8],
        (act, bound): (Act, &str),
        now: Timestamp,
    ) -> Result<(), ChallengeError> {
        let (said, mark) = challenge
            .split_last_chunk::<MARK>()
            .ok_or(ChallengeError::Foreign)?;
        // In constant time: the comparison of the hash's own type is.
        if self.mark(said, act, bound) != blake3::Hash::from_bytes(*mark) {
            return Err(ChallengeError::Foreign);
        }
        let (dice, until) = said
            .split_first_chunk::<DICE>()
            .ok_or(ChallengeError::Foreign)?;
        let until = until.try_into().map_err(|_| ChallengeError::Foreign)?;
        let until = Timestamp::from_millis(u64::from_be_bytes(until));
        if until <= now {
            return Err(ChallengeError::Late);
        }
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.retain(|_, until| now < *until);
        if answered.contains_key(dice) {
            return Err(ChallengeError::Answered);
        }
        if answered.len() >= ANSWERED_AT_MOST {
            return Err(ChallengeError::TooMany);
        }
        answered.insert(*dice, until);
        Ok(())
    }

    fn mark(&self, said: &[u8], act: Act, bound: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&(said.len() as u64).to_be_bytes());
        hasher.update(said);
        hasher.update(&[act as u8]);
        hasher.update(bound.as_bytes());
        hasher.finalize()
    }
}

impl std::fmt::Debug for Challenges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Challenges")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + second * 1000)
    }

    fn asked(all: &Challenges, act: Act, bound: &str) -> Vec<u8> {
        let text = all.ask(act, bound, at(0)).expect("there are dice");
        BASE64URL_NOPAD
            .decode(text.as_bytes())
            .expect("our own text")
    }

    #[test]
    fn a_challenge_is_answered_once_in_time_and_by_whom_it_was_asked() {
        let all = Challenges::begun(b"seed", at(0));
        let challenge = asked(&all, Act::Prove, "session one");
        for (act, bound) in [
            (Act::Enter, "session one"),
            (Act::Make, "session one"),
            (Act::Prove, "session two"),
        ] {
            let refused = all.use_up(&challenge, (act, bound), at(1));
            assert_eq!(refused, Err(ChallengeError::Foreign), "{act:?} {bound}");
        }
        let by = (Act::Prove, "session one");
        assert_eq!(
            all.use_up(&challenge, by, at(600)),
            Err(ChallengeError::Late)
        );
        assert_eq!(all.use_up(&challenge, by, at(599)), Ok(()));
        assert_eq!(
            all.use_up(&challenge, by, at(599)),
            Err(ChallengeError::Answered)
        );
    }

    #[test]
    fn what_was_changed_cut_or_asked_by_another_run_is_foreign() {
        let all = Challenges::begun(b"seed", at(0));
        let by = (Act::Enter, "browser");
        let challenge = asked(&all, by.0, by.1);
        for place in 0..challenge.len() {
            let mut changed = challenge.clone();
            changed[place] ^= 1;
            assert_eq!(
                all.use_up(&changed, by, at(1)),
                Err(ChallengeError::Foreign),
                "{place}"
            );
            assert_eq!(
                all.use_up(&challenge[..place], by, at(1)),
                Err(ChallengeError::Foreign)
            );
        }
        let later = Challenges::begun(b"seed", at(1));
        assert_eq!(
            later.use_up(&challenge, by, at(1)),
            Err(ChallengeError::Foreign)
        );
        assert_eq!(all.use_up(&challenge, by, at(1)), Ok(()));
    }

    #[test]
    fn answered_ones_are_forgotten_when_they_end_and_never_before() {
        let all = Challenges::begun(b"seed", at(0));
        let by = (Act::Enter, "browser");
        for _ in 0..ANSWERED_AT_MOST {
            let challenge = asked(&all, by.0, by.1);
            assert_eq!(all.use_up(&challenge, by, at(1)), Ok(()));
        }
        let full = asked(&all, by.0, by.1);
        assert_eq!(all.use_up(&full, by, at(1)), Err(ChallengeError::TooMany));
        let text = all.ask(by.0, by.1, at(700)).expect("there are dice");
        let later = BASE64URL_NOPAD
            .decode(text.as_bytes())
            .expect("our own text");
        assert_eq!(all.use_up(&later, by, at(700)), Ok(()));
    }
}
