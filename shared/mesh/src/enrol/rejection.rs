//! The codes with which a coordinator turns a device away.

/// The code of an answer that is no rejection.
pub(super) const NONE: u8 = 0;

/// Why a device is turned away before the channel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    UnknownToken,
    ExpiredToken,
    UsedToken,
    WrongMesh,
    UnsupportedVersion,
    WrongSecret,
    /// Nobody has opened enrolment by compared code.
    CodeClosed,
    /// Too many devices are being enrolled.
    Busy,
}

impl Rejection {
    const ALL: [Self; 8] = [
        Self::UnknownToken,
        Self::ExpiredToken,
        Self::UsedToken,
        Self::WrongMesh,
        Self::UnsupportedVersion,
        Self::WrongSecret,
        Self::CodeClosed,
        Self::Busy,
    ];

    pub(super) const fn code(self) -> u8 {
        match self {
            Self::UnknownToken => 1,
            Self::ExpiredToken => 2,
            Self::UsedToken => 3,
            Self::WrongMesh => 4,
            Self::UnsupportedVersion => 5,
            Self::WrongSecret => 6,
            Self::CodeClosed => 7,
            Self::Busy => 8,
        }
    }

    pub(super) fn of(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|rejection| rejection.code() == code)
    }

    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnknownToken => "unknown_token",
            Self::ExpiredToken => "expired_token",
            Self::UsedToken => "used_token",
            Self::WrongMesh => "wrong_mesh",
            Self::UnsupportedVersion => "unsupported_version",
            Self::WrongSecret => "wrong_secret",
            Self::CodeClosed => "code_closed",
            Self::Busy => "busy",
        }
    }

    /// What the person at the device can do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::UnknownToken | Self::ExpiredToken | Self::UsedToken => {
                "make a new join string and use it once, within its time"
            }
            Self::WrongMesh => "use the join string of the mesh that this coordinator serves",
            Self::UnsupportedVersion => "run the same version on the device and the coordinator",
            Self::WrongSecret => "copy the whole join string",
            Self::CodeClosed => "open enrolment by code on the coordinator, or use a join string",
            Self::Busy => "try again in a minute",
        }
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
