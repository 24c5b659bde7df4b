//! People with an account: who they are, how they are invited, and what an administrator orders about them.

pub mod names;

use language::say;
use std::collections::BTreeMap;
use std::time::Duration;

use protocol::text::{Line, Name};
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::access::{self, AccessError};
use crate::store::audit::Act;
use crate::store::barred::Barred;
use crate::store::fault::{ChangeError, ReadError};
use crate::store::invitations::Invitation;
use crate::store::operators::{Operator, Role};
use crate::store::second_factors::Forgotten;
use crate::store::secret_hash::SecretHash;
use crate::store::{Changes, Reader};
use crate::web::api::instant;
use names::{NameError, new_account_name};

/// How long an invitation can be used.
pub const INVITATION: Duration = Duration::from_secs(72 * 3600);
/// How long a link for another password can be used.
pub const RESET: Duration = Duration::from_secs(3600);
/// People whose accounts one file may bring.
pub const IMPORTED_AT_MOST: usize = 500;

/// One person, as pages, programs and the command line show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonDocument {
    pub name: String,
    pub role: String,
    /// `active`, `disabled`, or `invited`.
    pub state: String,
    pub since: String,
    pub since_ms: u64,
    /// Who has shut the account, or who has invited.
    pub by: Option<String>,
    /// Whether a code is asked for beside the password.
    pub second_factor: bool,
    pub passkeys: usize,
    /// Whether a password opens the account as well.
    pub password: bool,
    pub sessions: usize,
    pub last_seen: Option<String>,
    pub last_seen_ms: Option<u64>,
}

/// What is ordered about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Role(Role),
    Disable,
    Enable,
    /// Ends all sessions.
    LogOut,
    /// Asks for no code any more: the authenticator is lost.
    ForgetCode,
    /// Takes no passkey any more: the device with them is lost.
    ForgetPasskeys,
    /// Takes back an invitation.
    Uninvite,
    Remove,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OrderWordError {
    #[error(
        "no such order: use role, disable, enable, log-out, forget-code, forget-passkeys, uninvite or remove"
    )]
    Word,
    #[error("name a role: viewer, operator, admin or auditor")]
    Role,
}

impl Order {
    pub fn read(word: &str, role: Option<&str>) -> Result<Self, OrderWordError> {
        match word {
            "role" => role
                .and_then(|role| role.parse().ok())
                .map(Self::Role)
                .ok_or(OrderWordError::Role),
            "disable" => Ok(Self::Disable),
            "enable" => Ok(Self::Enable),
            "log-out" => Ok(Self::LogOut),
            "forget-code" => Ok(Self::ForgetCode),
            "forget-passkeys" => Ok(Self::ForgetPasskeys),
            "uninvite" => Ok(Self::Uninvite),
            "remove" => Ok(Self::Remove),
            _ => Err(OrderWordError::Word),
        }
    }

    /// Under which word the audit trail has it.
    pub const fn action(self) -> &'static str {
        match self {
            Self::Role(_) => "user.role",
            Self::Disable => "user.disable",
            Self::Enable => "user.enable",
            Self::LogOut => "user.end_sessions",
            Self::ForgetCode => "user.forget_code",
            Self::ForgetPasskeys => "user.forget_passkeys",
            Self::Uninvite => "user.uninvite",
            Self::Remove => "user.remove",
        }
    }

    /// What is done, in words for whoever ordered it.
    pub fn done(self) -> &'static str {
        match self {
            Self::Role(_) => say!("The role is changed; whoever has it logs in again."),
            Self::Disable => say!("The account is shut, and nobody is logged in with it any more."),
            Self::Enable => say!("The account is open again."),
            Self::LogOut => say!("Nobody is logged in with the account any more."),
            Self::ForgetCode => say!("No code is asked for any more."),
            Self::ForgetPasskeys => say!("Its passkeys open nothing any more."),
            Self::Uninvite => say!("The link works no more."),
            Self::Remove => say!("The account is gone."),
        }
    }

    /// Carries the order out together with its audit entry, or does neither.
    pub fn carry_out(
        self,
        changes: &mut Changes<'_>,
        name: &Name,
        before: Option<Role>,
        act: Act,
    ) -> Result<(), ChangeError> {
        let said = |role: Role| Line::fitted(role.word());
        let (mut act, now) = (act, act_time());
        act.before = before.and_then(said);
        match self {
            Self::Role(role) => {
                changes.set_role(name, role)?;
                act.after = said(role);
            }
            Self::Disable => {
                let by = act.actor.clone();
                changes.bar(name, &Barred { since: now, by })?;
            }
            Self::Enable => changes.unbar(name)?,
            Self::LogOut => {
                if changes.close_sessions_of(name)? == 0 {
                    return Err(ChangeError::Missing("session"));
                }
            }
            Self::ForgetCode => match changes.forget_second_factor(name)? {
                Forgotten::Now => {}
                Forgotten::Never => return Err(ChangeError::Missing("second factor")),
            },
            Self::ForgetPasskeys => {
                if changes.remove_passkeys(name)? == 0 {
                    return Err(ChangeError::Missing("passkey"));
                }
            }
            Self::Uninvite => {
                if changes.uninvite(name)? == 0 {
                    return Err(ChangeError::Missing("invitation"));
                }
            }
            Self::Remove => changes.remove_operator(name)?,
        }
        changes.audit(act).map(drop)
    }
}

fn act_time() -> Timestamp {
    mesh::wall()
}

/// A one-time link's secret, and what is kept of it.
pub struct Link {
    pub token: Zeroizing<String>,
    pub hash: SecretHash,
    pub invitation: Invitation,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Link({:?})", self.invitation)
    }
}

impl Link {
    /// Into an account that is to be made, or to another password where no role is named.
    pub fn new(name: Name, role: Option<Role>, by: Name) -> Result<Self, AccessError> {
        let token = access::secret("")?;
        let created = mesh::wall();
        let life = role.map_or(RESET, |_| INVITATION);
        Ok(Self {
            hash: SecretHash::of_invitation(token.as_bytes()),
            token,
            invitation: Invitation {
                name,
                role,
                by,
                created,
                expires: created.saturating_add(life),
            },
        })
    }

    /// Under which word the audit trail has it.
    pub const fn action(&self) -> &'static str {
        match self.invitation.role {
            Some(_) => "user.invite",
            None => "user.reset_password",
        }
    }

    /// Keeps the link; an account is not made twice, and none is opened that is not there.
    pub fn keep(
        &self,
        changes: &mut Changes<'_>,
        known: Known,
        act: Act,
    ) -> Result<(), ChangeError> {
        match (self.invitation.role, known) {
            (Some(_), Known::Yes) => return Err(ChangeError::Exists("an operator of this name")),
            (None, Known::No) => return Err(ChangeError::Missing("operator")),
            (Some(_), Known::No) | (None, Known::Yes) => {}
        }
        changes.invite(&self.hash, &self.invitation)?;
        let mut act = act;
        act.after = self
            .invitation
            .role
            .and_then(|role| Line::fitted(role.word()));
        changes.audit(act).map(drop)
    }
}

/// Whether somebody has an account of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Yes,
    No,
}

impl Known {
    pub fn of(reader: &Reader, name: &Name) -> Result<Self, ReadError> {
        Ok(match reader.operator(name)? {
            Some(_) => Self::Yes,
            None => Self::No,
        })
    }
}

/// Everybody with an account or an invitation, in the order of their names.
pub fn list(reader: &Reader, now: Timestamp) -> Result<Vec<PersonDocument>, ReadError> {
    let barred: BTreeMap<Name, Barred> = reader.all_barred()?.into_iter().collect();
    let asked = reader.with_second_factor()?;
    let sessions = reader.sessions()?;
    let passkeys = reader.passkeys()?;
    let mut all = Vec::new();
    for operator in reader.operators()? {
        let own = || {
            sessions
                .iter()
                .map(|(_, session)| session)
                .filter(|session| session.operator == operator.name)
        };
        let seen = own().map(|session| session.seen).max();
        let shut = barred.get(&operator.name);
        all.push(PersonDocument {
            name: operator.name.to_string(),
            role: operator.role.to_string(),
            state: if shut.is_some() { "disabled" } else { "active" }.to_owned(),
            since: instant(operator.created.as_millis()),
            since_ms: operator.created.as_millis(),
            by: shut.map(|shut| shut.by.to_string()),
            second_factor: asked.contains(&operator.name),
            passkeys: passkeys
                .iter()
                .filter(|(_, passkey)| passkey.operator == operator.name)
                .count(),
            password: !operator.password.is_empty(),
            sessions: own().filter(|session| now < session.expires).count(),
            last_seen: seen.map(|seen| instant(seen.as_millis())),
            last_seen_ms: seen.map(Timestamp::as_millis),
        });
    }
    let waiting = reader.invitations()?;
    let waiting = waiting.iter().filter(|waiting| now < waiting.expires);
    all.extend(waiting.filter_map(invited));
    all.sort_by(|one, other| (&one.name, &one.state).cmp(&(&other.name, &other.state)));
    Ok(all)
}

fn invited(invitation: &Invitation) -> Option<PersonDocument> {
    Some(PersonDocument {
        name: invitation.name.to_string(),
        role: invitation.role?.to_string(),
        state: "invited".to_owned(),
        since: instant(invitation.created.as_millis()),
        since_ms: invitation.created.as_millis(),
        by: Some(invitation.by.to_string()),
        second_factor: false,
        passkeys: 0,
        password: false,
        sessions: 0,
        last_seen: None,
        last_seen_ms: None,
    })
}

/// Why an account is not taken over from a file.
#[derive(Debug, Error)]
pub enum ImportError {
    #[error("line {line}: write NAME:HASH, as htpasswd does")]
    Form { line: usize },
    #[error("line {line}: {source}")]
    Name { line: usize, source: NameError },
    #[error(
        "line {line}: the hash is neither bcrypt of cost 4 to 14 nor argon2id: other kinds are not taken"
    )]
    Hash { line: usize },
    #[error("the file names more than {IMPORTED_AT_MOST} people: split it")]
    TooMany,
}

/// Accounts that a file brings: lines of `NAME:HASH`, with bcrypt as `htpasswd -B` writes it or argon2id.
pub fn import(text: &str, role: Role, now: Timestamp) -> Result<Vec<Operator>, ImportError> {
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let mut operators = Vec::new();
    for (at, line) in lines {
        let line_number = at + 1;
        let (name, hash) = line
            .trim()
            .split_once(':')
            .ok_or(ImportError::Form { line: line_number })?;
        let name = new_account_name(name).map_err(|source| ImportError::Name {
            line: line_number,
            source,
        })?;
        if !crate::web::takes_hash(hash) {
            return Err(ImportError::Hash { line: line_number });
        }
        if operators.len() == IMPORTED_AT_MOST {
            return Err(ImportError::TooMany);
        }
        operators.push(Operator {
            name,
            role,
            created: now,
            password: Zeroizing::new(hash.to_owned()),
        });
    }
    Ok(operators)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BCRYPT: &str = "$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe";

    fn at() -> Timestamp {
        Timestamp::from_millis(1)
    }

    #[test]
    fn accounts_come_from_a_file_as_htpasswd_writes_it() {
        let text = format!("# staff\nada:{BCRYPT}\n\nbob:{BCRYPT}\n");
        let taken = import(&text, Role::Viewer, at()).expect("both are in order");
        let names: Vec<_> = taken.iter().map(|taken| taken.name.as_str()).collect();
        assert_eq!(names, ["ada", "bob"]);
    }

    #[test]
    fn what_is_no_account_is_refused_with_its_line() {
        for (text, line) in [
            ("ada", "line 1"),
            ("ada:$apr1$x$y", "line 1"),
            ("ada:plain", "line 1"),
            (
                "command line:$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe",
                "line 1",
            ),
            (
                "\nada:$2y$31$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe",
                "line 2",
            ),
        ] {
            let refused = import(text, Role::Viewer, at())
                .expect_err(text)
                .to_string();
            assert!(refused.starts_with(line), "{refused}");
        }
    }

    #[test]
    fn orders_are_read_from_their_words() {
        assert_eq!(
            Order::read("role", Some("admin")),
            Ok(Order::Role(Role::Admin))
        );
        assert_eq!(Order::read("role", Some("root")), Err(OrderWordError::Role));
        assert_eq!(Order::read("role", None), Err(OrderWordError::Role));
        assert_eq!(Order::read("remove", None), Ok(Order::Remove));
        assert_eq!(Order::read("promote", None), Err(OrderWordError::Word));
    }
}
