//! Who asks, and what that role may do.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use protocol::id::DeviceId;
use protocol::text::Name;

use super::error::WebError;
use crate::access::ACTOR;
use crate::store::operators::Role;
use crate::store::secret_hash::SecretHash;

/// Somebody who has shown a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The operator, or the name of the token.
    pub name: Name,
    /// The person who answers for it: the operator, or who made the token.
    pub account: Name,
    pub role: Role,
    pub credential: Credential,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    Session(SecretHash),
    Token(SecretHash),
    /// An access token, by the grant that it belongs to.
    Grant(SecretHash),
    /// None: who owns this machine asks over its control socket.
    Console,
}

/// Put into a request by the control socket and by nobody else: nothing that is sent becomes one.
#[derive(Debug, Clone, Copy)]
pub struct AtTheConsole;

/// What a door asks of whoever passes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: the door is there for people who are not known yet.
    Nothing,
    /// To see the mesh.
    See,
    /// To see the mesh, unless asked from this very machine.
    SeeOrLocal,
    /// To act on devices.
    Act,
    /// To speak for a device: its own key, or whoever may act on devices.
    Report,
    /// To be a device with a key of its own.
    Device,
    /// To read who did what.
    Audit,
    /// To change what the whole mesh rests on.
    Govern,
}

impl Need {
    /// As the documents call it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::See => "see",
            Self::SeeOrLocal => "see, or this very machine",
            Self::Act => "act",
            Self::Report => "report",
            Self::Device => "a device's own key",
            Self::Audit => "audit",
            Self::Govern => "govern",
        }
    }

    /// The letters under which the table of [`crate::permissions`] has it.
    pub const fn letters(self) -> &'static str {
        match self {
            Self::Nothing => "nvoaud",
            Self::See => ".voau.",
            Self::SeeOrLocal => "lvoau.",
            Self::Act => "..oa..",
            Self::Report => "..oa.d",
            Self::Device => ".....d",
            Self::Audit => "...au.",
            Self::Govern => "...a..",
        }
    }

    /// Which roles of people pass.
    pub const fn allows(self, role: Role) -> bool {
        match (self, role) {
            (
                Self::Nothing | Self::See | Self::SeeOrLocal,
                Role::Viewer | Role::Operator | Role::Admin | Role::Auditor,
            )
            | (Self::Act | Self::Report, Role::Operator | Role::Admin)
            | (Self::Audit, Role::Admin | Role::Auditor)
            | (Self::Govern, Role::Admin) => true,
            (Self::Act | Self::Report, Role::Viewer | Role::Auditor)
            | (Self::Audit, Role::Viewer | Role::Operator)
            | (Self::Govern, Role::Viewer | Role::Operator | Role::Auditor)
            | (Self::Device, Role::Viewer | Role::Operator | Role::Admin | Role::Auditor) => false,
        }
    }
}

/// The device for whose key a request was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reporter {
    /// A member, by the key with which it sends log lines.
    Member(DeviceId),
    /// A device that runs no node, by its own key.
    Keyed(DeviceId),
}

impl Caller {
    pub fn at_the_console() -> Self {
        let name = Name::new(ACTOR).expect("a short word of ours");
        Self {
            account: name.clone(),
            name,
            role: Role::Admin,
            credential: Credential::Console,
        }
    }

    /// The session behind the request, where flashes and join lines are kept.
    pub fn session(&self) -> Option<SecretHash> {
        match self.credential {
            Credential::Session(id) => Some(id),
            Credential::Token(_) | Credential::Grant(_) | Credential::Console => None,
        }
    }

    pub fn shown(&self) -> ui::layout::User {
        let role = match self.role {
            Role::Viewer => ui::layout::Role::Viewer,
            Role::Operator => ui::layout::Role::Operator,
            Role::Admin => ui::layout::Role::Admin,
            Role::Auditor => ui::layout::Role::Auditor,
        };
        ui::layout::User {
            name: self.name.to_string(),
            role,
        }
    }
}

/// The gate has put the caller there; a handler behind an open door finds nobody.
impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebError> {
        let caller = parts.extensions.get::<Self>();
        caller.cloned().ok_or(WebError::SignedOut)
    }
}
